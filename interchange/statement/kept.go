// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"io"
	"strconv"

	"sextant"
	"sextant/evidence"
	"sextant/register"
	"sextant/soa"
)

// Kept gives the files of a version by format, those of its last review; none
// where it was never reviewed.
func Kept(v *register.View, e register.Of[soa.Edition]) (map[Format]register.Rendering, error) {
	list, err := v.Renderings(e.Entry)
	files := map[Format]register.Rendering{}
	for _, file := range list {
		for _, f := range Formats() {
			if file.Name == f.FileName(soa.Captured{Version: &soa.Version{Number: e.Fields.No()}}) {
				files[f] = file
			}
		}
	}
	return files, err
}

// Stated gives a statement as plain values: of a version that was reviewed what
// was captured then, of a draft, of "draft" and of "" what stands.
func Stated(v *register.View, r evidence.Reader, blobs register.Blobs, system, version string) (soa.Captured, error) {
	if version == "" || version == soa.Draft {
		return Current(v, r, system)
	}
	e, err := numberedIn(v, system, version)
	if err != nil {
		return soa.Captured{}, err
	}
	return StatedIn(v, r, blobs, e)
}

// StatedIn is Stated for a version that is at hand.
func StatedIn(v *register.View, r evidence.Reader, blobs register.Blobs, e register.Of[soa.Edition]) (soa.Captured, error) {
	if e.State == soa.Draft {
		return soa.Capture(v, r, e.Fields.ManagementSystem, &e)
	}
	data, err := bytesOf(v, blobs, e, JSON)
	if err != nil {
		return soa.Captured{}, err
	}
	return soa.ReadCaptured(data)
}

func numberedIn(v *register.View, system, version string) (register.Of[soa.Edition], error) {
	n, err := strconv.Atoi(version)
	if err != nil {
		return register.Of[soa.Edition]{}, sextant.Errorf(sextant.Invalid, "%q is no version; write its number, or draft", version)
	}
	return soa.EditionNumbered(v, system, n)
}

// Export writes a statement: of a version that was reviewed the very file that
// was kept, of a draft and of "" what stands.
func Export(w io.Writer, v *register.View, r evidence.Reader, blobs register.Blobs, system, version string, f Format) error {
	if version != "" && version != soa.Draft {
		e, err := numberedIn(v, system, version)
		if err != nil {
			return err
		}
		if e.State != soa.Draft {
			data, err := bytesOf(v, blobs, e, f)
			if err == nil {
				_, err = w.Write(data)
			}
			return err
		}
	}
	c, err := Current(v, r, system)
	if err != nil {
		return err
	}
	return Write(w, c, f)
}

// bytesOf reads a kept file.
func bytesOf(v *register.View, blobs register.Blobs, e register.Of[soa.Edition], f Format) ([]byte, error) {
	files, err := Kept(v, e)
	if err != nil {
		return nil, err
	}
	file, ok := files[f]
	if !ok || blobs == nil {
		return nil, sextant.Errorf(sextant.NotFound, "%s has no %s", e.Title(), f.Label()).WithHint("it was erased, or the version was never reviewed")
	}
	content, err := blobs.Open(v.Context(), v.Actor().Organisation, file.SHA256)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	return io.ReadAll(content)
}
