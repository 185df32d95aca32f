// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
)

// Proxy stands before a moto server. It gives model-valid answers for the calls
// moto lacks, and breaks the calls it is told to break.
type Proxy struct {
	Endpoint string
	Models   *Models

	moto   string
	server *httptest.Server

	mu     sync.Mutex // guards what follows
	faults map[string]Fault
	seen   map[string]int
	wrong  []string
	State  State
}

// NewProxy starts a proxy before moto; "" leaves only the proxy's own answers.
func NewProxy(moto string) (*Proxy, error) {
	models, err := FindModels()
	if err != nil {
		return nil, err
	}
	p := &Proxy{Models: models, moto: moto, faults: map[string]Fault{}, seen: map[string]int{}}
	p.server = httptest.NewServer(p)
	p.Endpoint = p.server.URL
	return p, nil
}

// Close ends the proxy.
func (p *Proxy) Close() { p.server.Close() }

// Break makes every call of service:operation fail from now on. NoFault mends
// it.
func (p *Proxy) Break(call string, f Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults[call] = f
}

// Mend takes all faults away.
func (p *Proxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.faults)
}

// Calls lists the operations that were called, and how often.
func (p *Proxy) Calls() map[string]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.seen)
}

// Wrong lists what the service models say is wrong with the requests that came
// and with the proxy's own answers.
func (p *Proxy) Wrong() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Compact(slices.Sorted(slices.Values(p.wrong)))
}

func (p *Proxy) note(wrong ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.wrong = append(p.wrong, wrong...)
}

// request is a call of AWS on its way through the proxy.
type request struct {
	*http.Request
	body              []byte
	key, region       string
	service, op, call string
	model             *Model
}

func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	q := &request{Request: r, body: body}
	q.key, q.region, q.service = caller(r)
	if q.service != "" {
		if q.model, err = p.Models.Of(q.service); err == nil {
			q.op, err = p.Models.Operation(q.service, r, body)
		}
		if err != nil {
			p.note(err.Error())
		}
		q.call = q.service + ":" + q.op
		p.inspect(q)
	}
	p.mu.Lock()
	p.seen[q.call]++
	fault := p.faults[q.call]
	p.mu.Unlock()
	if fault.before(w, q) {
		return
	}
	fault.unaware(q)
	a := p.answer(q)
	fault.after(a, q)
	a.write(w, fault == Cut)
}

// answer of a call.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) write(w http.ResponseWriter, cut bool) {
	for k, v := range a.header {
		if k != "Content-Length" && k != "Connection" {
			w.Header()[k] = v
		}
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	if !cut {
		w.Write(a.body)
		return
	}
	w.Write(a.body[:len(a.body)/2])
	panic(http.ErrAbortHandler)
}

// answer gives the proxy's own answer, else moto's.
func (p *Proxy) answer(q *request) *answer {
	if own := p.own(q); own != nil {
		return own
	}
	if p.moto == "" {
		return failure(q, http.StatusNotImplemented, "NotImplemented")
	}
	if isCBOR(q) {
		return p.viaJSON(q)
	}
	return p.forward(q, q.Header, q.URL.RequestURI(), q.body)
}

func (p *Proxy) forward(q *request, header http.Header, path string, body []byte) *answer {
	r, err := http.NewRequestWithContext(q.Context(), q.Method, p.moto+path, bytes.NewReader(body))
	if err != nil {
		return failure(q, http.StatusInternalServerError, "InternalFailure")
	}
	r.Header = header.Clone()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return failure(q, http.StatusServiceUnavailable, "ServiceUnavailable")
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		return failure(q, http.StatusServiceUnavailable, "ServiceUnavailable")
	}
	return &answer{status: resp.StatusCode, header: resp.Header, body: got}
}
