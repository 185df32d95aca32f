// SPDX-License-Identifier: Apache-2.0

package page

import (
	"net/http"
	"strings"
	"time"
)

// How much a request to a page may send. Files have a limit of their own where
// they are read.
const (
	mostOfStranger = 64 << 10 // bytes, of a form of somebody not signed in
	mostOfForm     = 4 << 20
	mostOfFiles    = 65 << 20         // a form with a file: the largest file, and what is around it
	slowest        = 30 * time.Second // for a stranger's form to arrive
)

// Stranger bounds what somebody not signed in can make the server read and wait
// for: without it a form of many parts is written to disk whole.
func Stranger(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(slowest)) // a writer without deadlines is a test's
		r.Body = http.MaxBytesReader(w, r.Body, mostOfStranger)
		next(w, r)
	}
}

// bounded gives a request whose body ends early with an error where it is
// longer than any form of ours.
func bounded(w http.ResponseWriter, r *http.Request) *http.Request {
	most := int64(mostOfForm)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		most = mostOfFiles
	}
	r.Body = http.MaxBytesReader(w, r.Body, most)
	return r
}
