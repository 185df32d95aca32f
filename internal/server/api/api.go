// SPDX-License-Identifier: Apache-2.0

// Package api serves every register as a REST resource, from its declaration:
// lists, entries, history, transitions, bulk edit, import and export. It holds
// no rule: the kernel decides, this package reads requests and writes answers
// (JSON, problem+json after RFC 9457, ETag and If-Match after RFC 9110).
package api

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Config is what the API needs.
type Config struct {
	Kernel *register.Kernel
	// Authenticate tells who is asking. Its error is answered as it is.
	Authenticate func(*http.Request) (access.Actor, error)
	Version      string
}

// maxBody caps a JSON request.
const maxBody = 4 << 20

// maxFile caps an uploaded file or spreadsheet.
const maxFile = 64 << 20

// Handler serves /api/.
func Handler(config Config) http.Handler {
	a := &api{config}
	mux := http.NewServeMux()
	for pattern, serve := range a.routes() {
		mux.Handle(pattern, a.authenticated(serve))
	}
	mux.HandleFunc("GET /api/openapi.json", a.openAPI)
	mux.HandleFunc("/api/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, sextant.Errorf(sextant.NotFound, "there is no %s %s", r.Method, r.URL.Path).WithHint("see /api/openapi.json"))
	})
	return mux
}

// Routes gives the pattern of every request the API answers, for a test that
// walks them all.
func Routes() []string {
	return append(slices.Collect(maps.Keys((&api{}).routes())), "GET /api/openapi.json")
}

type api struct{ Config }

// serve answers one request of a known actor.
type serve func(w http.ResponseWriter, r *http.Request, actor access.Actor) error

// routes is every resource path there is.
func (a *api) routes() map[string]serve {
	return map[string]serve{
		"GET /api/v1/search":                               a.search,
		"POST /api/v1/batches/{batch}/undo":                a.undoBatch,
		"GET /api/v1/{register}":                           a.list,
		"POST /api/v1/{register}":                          a.create,
		"GET /api/v1/{register}/groups":                    a.groups,
		"GET /api/v1/{register}/export":                    a.export,
		"POST /api/v1/{register}/import":                   a.importFile,
		"POST /api/v1/{register}/bulk":                     a.bulk,
		"GET /api/v1/{register}/{key}":                     a.get,
		"PATCH /api/v1/{register}/{key}":                   a.edit,
		"DELETE /api/v1/{register}/{key}":                  a.remove,
		"GET /api/v1/{register}/{key}/history":             a.history,
		"GET /api/v1/{register}/{key}/versions/{version}":  a.version,
		"GET /api/v1/{register}/{key}/links":               a.links,
		"POST /api/v1/{register}/{key}/undo":               a.undo,
		"POST /api/v1/{register}/{key}/transitions/{name}": a.transition,
		"POST /api/v1/{register}/{key}/files":              a.attach,
		"GET /api/v1/attachments/{key}/file":               a.file,
	}
}

func (a *api) authenticated(next serve) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		actor, err := a.Authenticate(r)
		if err == nil {
			err = next(w, r, actor)
		}
		if err != nil {
			writeError(w, err)
		}
	})
}

// statuses maps error codes to HTTP, in this one place.
var statuses = map[sextant.Code]int{
	sextant.Invalid: http.StatusUnprocessableEntity, sextant.NotFound: http.StatusNotFound, sextant.Denied: http.StatusForbidden,
	sextant.Unauthenticated: http.StatusUnauthorized, sextant.Conflict: http.StatusConflict, sextant.Frozen: http.StatusConflict,
	sextant.TooLarge: http.StatusRequestEntityTooLarge, sextant.Throttled: http.StatusTooManyRequests, sextant.Unavailable: http.StatusServiceUnavailable,
}

// Status gives the HTTP status of an error.
func Status(err error) int {
	if status, ok := statuses[sextant.CodeOf(err)]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// problem is RFC 9457 with the fields concerned.
type problem struct {
	Type   string          `json:"type"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail"`
	Code   sextant.Code    `json:"code"`
	Field  string          `json:"field,omitempty"`
	Hint   string          `json:"hint,omitempty"`
	Errors []sextant.Error `json:"errors,omitempty"`
}

func writeError(w http.ResponseWriter, err error) {
	status := Status(err)
	p := problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: sextant.CodeOf(err)}
	if e, ok := asError(err); ok {
		p.Detail, p.Field, p.Hint, p.Errors = e.Message, e.Field, e.Hint, e.Parts
	} else {
		p.Detail = "something went wrong here; the log of the server has the cause"
		logInternal(err)
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(p) // the client is gone if this fails
}

func writeJSON(w http.ResponseWriter, status int, body any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(true)
	return enc.Encode(body)
}

func readJSON(w http.ResponseWriter, r *http.Request, into any) error {
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return badBody(err)
	}
	if dec.More() {
		return sextant.Errorf(sextant.Invalid, "the body holds more than one JSON value")
	}
	return nil
}

// ifMatch reads the version the client saw; 0 if it sent none.
func ifMatch(r *http.Request) (int, error) {
	tag := r.Header.Get("If-Match")
	if tag == "" || tag == "*" {
		return 0, nil
	}
	n, err := strconv.Atoi(strings.Trim(tag, `"`))
	if err != nil || n < 1 {
		return 0, sextant.Errorf(sextant.Invalid, "If-Match %s is no version", tag).WithHint(`send the ETag you got, such as "3"`)
	}
	return n, nil
}

// moment reads ?as_of=.
func moment(r *http.Request) (sextant.Instant, error) {
	text := r.URL.Query().Get("as_of")
	if text == "" {
		return 0, nil
	}
	at, err := sextant.ParseAsOf(text)
	return at, err
}
