// SPDX-License-Identifier: Apache-2.0

package connector_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/connector"
	"sextant/connector/connectortest"
)

func observation(attributes map[string]any) connector.Observation {
	return connector.Observation{Slice: connector.Slice{Type: "x:y", Account: "a", Region: "r"}, Key: "k", Kind: connector.Configuration, Attributes: attributes}
}

func TestEqualObservationsHaveEqualBytes(t *testing.T) {
	a, err := observation(map[string]any{"b": int64(1), "a": []string{"<&>"}, "c": map[string]any{"z": true, "y": nil}}).Canonical()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"account":"a","attributes":{"a":["<&>"],"b":1,"c":{"y":null,"z":true}},"key":"k","kind":"configuration","region":"r","type":"x:y"}`
	if string(a) != want {
		t.Errorf("got %s\nwant %s", a, want)
	}
	one, _ := observation(map[string]any{"a": int64(1)}).Hash()
	two, _ := observation(map[string]any{"a": int64(2)}).Hash()
	if one == two {
		t.Error("different observations have one hash")
	}
}

func TestValuesJSONCannotHoldAreRefused(t *testing.T) {
	nan := 0.0
	nan /= nan
	for says, v := range map[string]any{"no number": nan, "a time": time.Now(), "a function deep inside": []any{map[string]any{"f": func() {}}}} {
		if _, err := observation(map[string]any{"v": v}).Canonical(); err == nil {
			t.Errorf("%s: no error", says)
		}
	}
}

func TestSecretsAreReplacedAndNoted(t *testing.T) {
	has := map[string]any{
		"environment": map[string]any{"DB_PASSWORD": "x", "nested": map[string]any{"api_key": []any{"y"}}, "STAGE": "prod"},
		"description": "user=app password=hunter22", "url": "postgres://app:hunter22@db/x", "pem": "-----BEGIN RSA PRIVATE KEY-----\nMII",
		"arn": "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCd", "password_last_used_at": "2026-01-01T00:00:00Z", "tags": map[string]any{"token": ""},
		"http_tokens": "required", connector.ErrorsKey: map[string]any{"password": "denied: x:y"},
	}
	connector.Redact(has)
	want := []string{"description", "environment.DB_PASSWORD", "environment.nested.api_key", "pem", "url"}
	if diff := cmp.Diff(want, has[connector.RedactedKey]); diff != "" {
		t.Error(diff)
	}
	if has["arn"] != "arn:aws:secretsmanager:eu-central-1:1:secret:db-AbCd" || has["environment"].(map[string]any)["STAGE"] != "prod" {
		t.Errorf("more than secrets was replaced: %v", has)
	}
}

func TestTheRegistryPanicsOnAClash(t *testing.T) {
	f := connector.Factory{Name: "twice", Open: func([]byte, connector.Options) (connector.Connector, error) { return nil, nil }}
	connector.Register(f)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	connector.Register(f)
}

func TestAnUnknownConnectorIsNamed(t *testing.T) {
	_, err := connector.Open("nothing", nil, connector.Options{})
	if sextant.CodeOf(err) != sextant.Invalid {
		t.Errorf("got %v", err)
	}
}

// list is a connector with two populations of n resources, made of the contract
// alone.
type list struct {
	options connector.Options
	n       int
	broken  error // of the second population, after its first resource
}

func (l *list) Name() string    { return "list" }
func (l *list) Version() string { return "1" }
func (l *list) Types() []connector.Type {
	return []connector.Type{
		{Name: "list:a", Scope: connector.Global, Attributes: []connector.Attribute{{Name: "i", Type: connector.Int}}},
		{Name: "list:b", Scope: connector.Global, Attributes: []connector.Attribute{{Name: "i", Type: connector.Int}}},
	}
}

func (l *list) Collect(ctx context.Context, sink connector.Sink) (connector.Manifest, error) {
	run := connector.Begin(sink, l.Name(), l.Version(), l.options, func() int64 { return 1 })
	run.SignedIn(connector.Principal{Account: "acc", Identity: "me"})
	var jobs []connector.Job
	for _, kind := range l.Types() {
		jobs = append(jobs, connector.Job{Slice: connector.Slice{Type: kind.Name, Account: "acc", Region: connector.Global}, Read: func(ctx context.Context, r *connector.Reading) error {
			return l.read(ctx, r, kind.Name)
		}})
	}
	run.Read(ctx, 1, jobs)
	return run.Finish(ctx)
}

func (l *list) read(ctx context.Context, r *connector.Reading, kind string) error {
	for i := range l.n {
		if err := r.Observe(ctx, fmt.Sprint(kind, i%(l.n-1)), connector.Configuration, map[string]any{"i": int64(i % (l.n - 1))}); err != nil {
			return err
		}
		if kind == "list:b" && l.broken != nil {
			return l.broken
		}
	}
	r.Page()
	return nil
}

func TestTheContractIsEnoughToPassTheSuite(t *testing.T) {
	connectortest.Run(t, connectortest.Spec{Open: func(_ testing.TB, o connector.Options, _ ...string) connector.Connector {
		return &list{options: o, n: 10}
	}})
}

func TestStatesOfAPopulation(t *testing.T) {
	for _, c := range []struct {
		says  string
		err   error
		state connector.State
		cause connector.Cause
	}{
		{"nothing failed", nil, connector.Complete, ""},
		{"a failure after the first resource", connector.Failure{Call: "x:y", Cause: connector.Denied}, connector.Partial, connector.Denied},
		{"a defect", errors.New("boom"), connector.Partial, connector.Unclear},
		{"a cancellation", context.Canceled, connector.Partial, connector.Cancelled},
	} {
		r, m, err := connectortest.Collect(t.Context(), &list{n: 5, broken: c.err})
		if err != nil {
			t.Fatal(err)
		}
		p := m.Populations[1]
		if p.State != c.state || m.Complete() != (c.err == nil) || c.err != nil && (p.Errors[0].Cause != c.cause || p.Errors[0].Times != 1) {
			t.Errorf("%s: got %+v", c.says, p)
		}
		if len(r.Observations) != p.Count+m.Populations[0].Count {
			t.Errorf("%s: counted %d, handed over %d", c.says, p.Count+m.Populations[0].Count, len(r.Observations))
		}
	}
}

func TestARunWithoutPopulationsIsNotComplete(t *testing.T) {
	if (connector.Manifest{}).Complete() {
		t.Error("nothing was seen, and all of it")
	}
	all := connector.Manifest{Errors: []connector.Failure{{Call: "a:b"}}, Populations: []connector.Population{{State: connector.Complete, Errors: []connector.Failure{{Call: "c:d"}}}}}
	if all.Complete() || !slices.ContainsFunc(all.Failures(), func(f connector.Failure) bool { return f.Call == "c:d" }) || len(all.Failures()) != 2 {
		t.Error("a failure is lost")
	}
}
