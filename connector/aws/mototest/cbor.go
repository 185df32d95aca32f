// SPDX-License-Identifier: Apache-2.0

package mototest

import (
	"encoding/json"
	"math"
	"net/http"
	"strings"

	"github.com/aws/smithy-go/encoding/cbor"
)

// The SDK speaks CBOR to CloudWatch, moto JSON: the proxy translates.

func isCBOR(q *request) bool { return strings.Contains(q.URL.Path, "/operation/") }

func (p *Proxy) viaJSON(q *request) *answer {
	in, err := cbor.Decode(q.body)
	if err != nil {
		return failure(q, http.StatusBadRequest, "SerializationException")
	}
	plain := fromCBOR(in)
	if m, ok := plain.(object); ok && m["NextToken"] == "again" { // a fault's token, which moto would refuse
		delete(m, "NextToken")
	}
	body, err := json.Marshal(plain)
	if err != nil {
		return failure(q, http.StatusBadRequest, "SerializationException")
	}
	service, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/service/"), "/")
	header := q.Header.Clone()
	header.Del("Content-Length")
	header.Set("Content-Type", "application/x-amz-json-1.0")
	header.Set("X-Amz-Target", service+"."+q.op)
	got := p.forward(q, header, "/", body)
	var out any
	if got.status != http.StatusOK || json.Unmarshal(got.body, &out) != nil {
		return failure(q, got.status, "ValidationError")
	}
	return &answer{status: http.StatusOK, header: cborHeader(), body: cbor.Encode(toCBOR(out, ""))}
}

func cborHeader() http.Header {
	return http.Header{"Content-Type": {"application/cbor"}, "Smithy-Protocol": {"rpc-v2-cbor"}}
}

func fromCBOR(v cbor.Value) any {
	switch v := v.(type) {
	case cbor.Map:
		m := map[string]any{}
		for k, e := range v {
			m[k] = fromCBOR(e)
		}
		return m
	case cbor.List:
		l := []any{}
		for _, e := range v {
			l = append(l, fromCBOR(e))
		}
		return l
	case cbor.String:
		return string(v)
	case cbor.Bool:
		return bool(v)
	case cbor.Uint:
		return uint64(v)
	case cbor.NegInt:
		return -int64(v)
	case cbor.Float32:
		return float64(v)
	case cbor.Float64:
		return float64(v)
	case *cbor.Tag:
		return fromCBOR(v.Value)
	}
	return nil
}

func toCBOR(v any, name string) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		m := cbor.Map{}
		for k, e := range v {
			if e != nil {
				m[k] = toCBOR(e, k)
			}
		}
		return m
	case []any:
		l := cbor.List{}
		for _, e := range v {
			l = append(l, toCBOR(e, name))
		}
		return l
	case string:
		return cbor.String(v)
	case bool:
		return cbor.Bool(v)
	case float64:
		if strings.HasSuffix(name, "Timestamp") {
			return &cbor.Tag{ID: 1, Value: cbor.Float64(v)}
		}
		if v == math.Trunc(v) && v >= 0 && name != "Threshold" {
			return cbor.Uint(v)
		}
		return cbor.Float64(v)
	}
	return &cbor.Nil{}
}
