// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"golang.org/x/time/rate"
)

// wire sends the SDK's requests. It keeps the request rate, counts, and reads
// every answer to its end before the SDK sees it, because the SDK takes an
// empty answer for an empty list.
type wire struct {
	client *http.Client
	limit  *rate.Limiter // nil: no limit
	count  *atomic.Int64
	// host is where a custom endpoint lies, whatever name the SDK writes before
	// it; the signed Host header stays.
	host string
}

// cut is the error of an answer that ended too early. The SDK asks again.
type cut struct{ reason string }

func (c *cut) Error() string        { return c.reason }
func (c *cut) RetryableError() bool { return true }

// foreign is the error of an answer that came from no AWS service, for example the
// sign-in page of a network.
type foreign struct{ kind string }

func (f *foreign) Error() string {
	return "the answer is " + f.kind + ", which no AWS service sends"
}

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	if w.limit != nil {
		if err := w.limit.Wait(r.Context()); err != nil { // also where the deadline would come first
			return nil, cmp.Or(r.Context().Err(), context.DeadlineExceeded)
		}
	}
	w.count.Add(1)
	if w.host != "" && r.URL.Host != w.host {
		if r.Host == "" {
			r.Host = r.URL.Host
		}
		r.URL.Host = w.host
	}
	resp, err := w.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, w.readError(r, err, len(body))
	}
	if err := whole(resp, body); err != nil {
		return nil, err
	}
	if resp.StatusCode < 300 {
		if err := checkRoot(r.Context(), body); err != nil {
			return nil, err
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	return resp, nil
}

func (w *wire) readError(r *http.Request, err error, n int) error {
	if r.Context().Err() != nil {
		return r.Context().Err()
	}
	if err == io.ErrUnexpectedEOF || strings.Contains(err.Error(), "connection reset") {
		return &cut{fmt.Sprintf("the connection ended after %d bytes of the answer", n)}
	}
	return err
}

// whole refuses a good answer that is empty, ends in the middle, or is a web
// page. An error answer may be empty.
func whole(resp *http.Response, body []byte) error {
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		return nil
	}
	body = bytes.TrimSpace(body)
	if len(body) == 0 {
		return &cut{"the answer is empty"}
	}
	if start := bytes.ToLower(bytes.TrimSpace(body[:min(len(body), 64)])); bytes.HasPrefix(start, []byte("<html")) || bytes.HasPrefix(start, []byte("<!doctype html")) {
		return &foreign{"HTML"}
	}
	if strings.Contains(resp.Header.Get("Content-Type"), "cbor") {
		return nil // binary: its reader notices a cut
	}
	if last := body[len(body)-1]; last != '>' && last != '}' && last != ']' {
		return &cut{fmt.Sprintf("the answer ends in the middle, after %d bytes", len(body))}
	}
	return nil
}
