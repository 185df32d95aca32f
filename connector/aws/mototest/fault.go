// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// Fault is a way a call fails.
type Fault int

// The faults.
const (
	NoFault Fault = iota
	Denied
	Throttled
	Broken
	Cut
	RepeatedToken
	Expired
	Empty // status 200 and no body
	Wrong // status 200 and the answer to something else
	Web   // status 200 and a web page
)

func (f Fault) String() string {
	return [...]string{"none", "403", "429", "500", "cut body", "repeated token", "expired", "empty body", "another answer", "a web page"}[f]
}

func (f Fault) before(w http.ResponseWriter, q *request) bool {
	status, code := 0, ""
	switch f {
	case Denied:
		status, code = http.StatusForbidden, "AccessDenied"
	case Throttled:
		status, code = http.StatusTooManyRequests, "ThrottlingException"
	case Broken:
		status, code = http.StatusInternalServerError, "InternalFailure"
	case Expired:
		status, code = http.StatusForbidden, "ExpiredToken"
	case Empty:
		status = http.StatusOK
		w.WriteHeader(status)
		return true
	case Wrong:
		w.Write([]byte(`<?xml version="1.0"?><SomethingElse xmlns="x"><item/></SomethingElse>`))
		return true
	case Web:
		w.Write([]byte("\n<!DOCTYPE html><html><body>Sign in to the network</body></html>"))
		return true
	default:
		return false
	}
	failure(q, status, code).write(w, false)
	return true
}

// tokens are the fields that carry a page token in answers.
var tokens = []string{"NextToken", "nextToken", "NextMarker", "Marker", "ContinuationToken"}

// Paged reports whether an operation's answers carry a page token.
func (m *Model) Paged(op string) bool { return m.token(op) != "" }

func (m *Model) token(op string) string {
	for name, ref := range m.Shapes[m.Operations[op].Output.Shape].Members {
		if slices.Contains(tokens, name) || slices.Contains(tokens, ref.LocationName) {
			return cmp.Or(ref.LocationName, name)
		}
	}
	return ""
}

// sent matches the proxy's own token where a request brings it back.
var sent = regexp.MustCompile(`&?\b(NextToken|nextToken|Marker|continuation-token)=again\b|"(NextToken|nextToken|Marker)":"again",?`)

// unaware takes the token out of a request, for moto would refuse it.
func (f Fault) unaware(q *request) {
	if f != RepeatedToken || isCBOR(q) {
		return
	}
	q.body = []byte(strings.ReplaceAll(sent.ReplaceAllString(string(q.body), ""), ",}", "}"))
	q.URL.RawQuery = sent.ReplaceAllString(q.URL.RawQuery, "")
	q.Header.Del("Content-Length")
}

var truncated = regexp.MustCompile(`<IsTruncated>false</IsTruncated>`)

// after puts the same page token into every answer.
func (f Fault) after(a *answer, q *request) {
	if f != RepeatedToken || a.status != http.StatusOK {
		return
	}
	token := q.model.token(q.op)
	switch {
	case isCBOR(q):
		v, err := cbor.Decode(a.body)
		if m, ok := v.(cbor.Map); ok && err == nil {
			m[token] = cbor.String("again")
			a.body = cbor.Encode(m)
		}
	case bytes.HasPrefix(bytes.TrimSpace(a.body), []byte("{")):
		var m map[string]any
		if json.Unmarshal(a.body, &m) == nil {
			m[token], m["Truncated"] = "again", true
			if q.call != "kms:ListKeys" {
				delete(m, "Truncated")
			}
			a.body, _ = json.Marshal(m)
		}
	default:
		text := strings.TrimSpace(string(truncated.ReplaceAll(a.body, []byte("<IsTruncated>true</IsTruncated>"))))
		end := "</" + q.op + "Result>"
		if !strings.Contains(text, end) {
			end = text[strings.LastIndex(text, "</"):]
		}
		at := strings.LastIndex(text, end)
		a.body = []byte(text[:at] + "<" + token + ">again</" + token + ">" + text[at:])
	}
}

// failure writes an error in the service's own protocol.
func failure(q *request, status int, code string) *answer {
	a := &answer{status: status, header: http.Header{}}
	protocol := ""
	if q.model != nil {
		protocol = q.model.Metadata.Protocol
	}
	switch {
	case isCBOR(q):
		a.header.Set("Content-Type", "application/cbor")
		a.header.Set("Smithy-Protocol", "rpc-v2-cbor")
		a.body = cbor.Encode(cbor.Map{"__type": cbor.String(code), "message": cbor.String("injected")})
	case q.Header.Get("X-Amz-Target") != "" || protocol == "rest-json":
		a.header.Set("Content-Type", "application/json")
		a.header.Set("X-Amzn-Errortype", code)
		a.body = fmt.Appendf(nil, `{"__type":%q,"message":"injected"}`, code)
	case q.service == "ec2":
		a.body = fmt.Appendf(nil, `<?xml version="1.0"?><Response><Errors><Error><Code>%s</Code><Message>injected</Message></Error></Errors><RequestID>r</RequestID></Response>`, code)
	case q.service == "s3" || q.service == "s3control":
		a.body = fmt.Appendf(nil, `<?xml version="1.0"?><Error><Code>%s</Code><Message>injected</Message><RequestId>r</RequestId></Error>`, code)
		if q.service == "s3control" {
			a.body = fmt.Appendf(nil, `<?xml version="1.0"?><ErrorResponse><Error><Code>%s</Code><Message>injected</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code)
		}
	default:
		a.body = fmt.Appendf(nil, `<?xml version="1.0"?><ErrorResponse><Error><Code>%s</Code><Message>injected</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code)
	}
	return a
}
