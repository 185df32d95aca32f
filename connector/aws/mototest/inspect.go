// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// inspect checks a request against the service's model: the operation exists,
// and so does every field it sends.
func (p *Proxy) inspect(q *request) {
	if q.model == nil {
		return
	}
	op, known := q.model.Operations[q.op]
	if !known {
		p.note(q.call + ": the model has no such operation")
		return
	}
	switch {
	case isCBOR(q):
		if v, err := cbor.Decode(q.body); err == nil {
			p.note(q.model.CheckInput(q.op, fromCBOR(v))...)
		}
	case len(q.body) > 0 && q.body[0] == '{' && strings.Contains(q.model.Metadata.Protocol, "json"):
		var v any
		if json.Unmarshal(q.body, &v) == nil {
			p.note(q.model.CheckInput(q.op, v)...)
		}
	case strings.Contains(q.Header.Get("Content-Type"), "x-www-form-urlencoded"):
		p.inspectForm(q, op)
	}
}

func (p *Proxy) inspectForm(q *request, op Operation) {
	form, err := url.ParseQuery(string(q.body))
	if err != nil {
		p.note(q.call + ": " + err.Error())
		return
	}
	var names []string
	for name, ref := range q.model.Shapes[op.Input.Shape].Members {
		names = append(names, name, ref.LocationName, ref.QueryName, title(ref.LocationName))
	}
	for field := range form {
		name, _, _ := strings.Cut(field, ".")
		if name != "Action" && name != "Version" && !slices.Contains(names, name) {
			p.note(q.call + ": the model has no input field " + name)
		}
	}
}

func title(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
