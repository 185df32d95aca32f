// SPDX-License-Identifier: Apache-2.0

package page

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"strings"
)

// StaticPath is where the pages' own files are; no register's path has a dot.
const StaticPath = "/.static/"

// Assets are the pages' own files: style, script, icons, font. Each is
// addressed by its content, so that browsers keep it for ever and a new version
// is fetched at once.
type Assets struct {
	files fs.FS
	sums  map[string]string
}

// NewAssets reads the files once.
func NewAssets(files fs.FS) (Assets, error) {
	a := Assets{files: files, sums: map[string]string{}}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		sum := sha256.Sum256(data)
		a.sums[path] = hex.EncodeToString(sum[:6])
		return err
	})
	return a, err
}

// URL is the address of a file; one that was not built gives its plain address.
func (a Assets) URL(name string) string {
	if sum := a.sums[name]; sum != "" {
		return StaticPath + name + "?v=" + sum
	}
	return StaticPath + name
}

// Has says whether a file was built.
func (a Assets) Has(name string) bool { return a.sums[name] != "" }

// Handler serves the files below StaticPath.
func (a Assets) Handler() http.Handler {
	files := http.StripPrefix(StaticPath, http.FileServerFS(a.files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/") {
			http.NotFound(w, r)
			return
		}
		keep := "public, max-age=300"
		if r.URL.Query().Get("v") != "" {
			keep = "public, max-age=31536000, immutable"
		}
		w.Header().Set("Cache-Control", keep)
		files.ServeHTTP(w, r)
	})
}
