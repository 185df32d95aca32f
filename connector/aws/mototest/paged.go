// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Paged starts a server that signs anybody in to Home, knows one region, and
// answers every call of a JSON service with pages: answers of page 0, 1 and so
// on, the last one without its token. An answer that is an error is sent as
// status 500.
func Paged(t testing.TB, service string, pages int, answer func(page int) any) string {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch _, _, called := caller(r); called {
		case "sts":
			w.Write([]byte(`<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::` + Home + `:user/u</Arn><Account>` + Home + `</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`))
		case "ec2":
			w.Write([]byte(`<DescribeRegionsResponse><regionInfo><item><regionName>` + Region + `</regionName></item></regionInfo></DescribeRegionsResponse>`))
		case service:
			v := answer(n)
			if err, failed := v.(error); failed {
				http.Error(w, `{"__type":"InternalFailure","message":"`+err.Error()+`"}`, http.StatusInternalServerError)
				return
			}
			if n++; n == pages {
				if m, ok := v.(object); ok {
					delete(m, "nextToken")
				}
			}
			w.Header().Set("Content-Type", "application/x-amz-json-1.1")
			json.NewEncoder(w).Encode(v)
		default:
			http.Error(w, "{}", http.StatusNotImplemented)
		}
	}))
	t.Cleanup(server.Close)
	return server.URL
}
