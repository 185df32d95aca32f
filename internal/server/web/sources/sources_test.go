// SPDX-License-Identifier: Apache-2.0

package sources_test

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/monitor"
	"sextant/product/producttest"
	"sextant/register"
)

// scripted is a connector that says what a test wrote.
type scripted struct{ populations []connector.Population }

func (scripted) Name() string            { return "aws" }
func (scripted) Version() string         { return "9" }
func (scripted) Types() []connector.Type { return nil }

func (c scripted) Collect(ctx context.Context, sink connector.Sink) (connector.Manifest, error) {
	m := connector.Manifest{Connector: "aws", Version: "9", Started: 1, Finished: 2_000_001, Requests: 7, Principals: []connector.Principal{{Account: "111122223333", Identity: "role/SextantReadOnly"}}, Populations: c.populations}
	for _, p := range c.populations {
		for i := range p.Count {
			if err := sink.Observe(ctx, connector.Observation{Slice: p.Slice, Key: p.Type + "/" + string(rune('a'+i)), Kind: connector.Configuration, Attributes: producttest.Database("orders", 7)}); err != nil {
				return m, err
			}
		}
		if err := sink.Complete(ctx, p); err != nil {
			return m, err
		}
	}
	return m, nil
}

// run lets the source see these populations.
func run(t *testing.T, h *producttest.House, source string, populations ...connector.Population) {
	t.Helper()
	if _, err := monitor.Collect(t.Context(), &monitor.Recorder{Store: h.Store, Organisation: h.Org, Source: source}, scripted{populations}); err != nil {
		t.Fatal(err)
	}
	h.Evaluate(t)
}

func place(kind string) connector.Slice {
	return connector.Slice{Type: kind, Account: "111122223333", Region: "eu-central-1"}
}

var denial = connector.Failure{Call: "kms:ListKeys", Account: "111122223333", Region: "eu-central-1", Cause: connector.Denied, Message: "explicit deny", Hint: "Give the role the policy.", Times: 1}

// told connects a source whose second run is denied the keys. It gives the
// moment between the two.
func told(t *testing.T, h *producttest.House) (between sextant.Instant) {
	t.Helper()
	source := h.Create(t, "source", map[string]any{"title": "Production", "connector": "aws", "account": "111122223333", "schedule": "PT1H", "owner": h.People[access.Owner]})
	h.Move(t, source, "connect", nil, "answers")
	h.Create(t, "expected_source", map[string]any{"title": "Sandbox account", "identifier": "999988887777"})
	left := h.Create(t, "expected_source", map[string]any{"title": "Training account", "identifier": "555566667777", "waiver_reason": "No data in it.", "waived_until": "2099-01-01"})
	if err := h.Kernel.Write(t.Context(), access.Actor{Organisation: h.Org, Name: "test", Person: h.People[access.ISMSManager], Roles: []access.Role{access.ISMSManager}}, func(tx *register.Tx) error {
		_, err := tx.Transition("expected_source", left.Key, 0, "waive", map[string]any{"waived_by": h.People[access.ISMSManager]}, register.Note{Why: "decided"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	run(t, h, source.Key, connector.Population{Slice: place("aws:rds_instance"), State: connector.Complete, Count: 2, Pages: 1}, connector.Population{Slice: place("aws:kms_key"), State: connector.Complete, Count: 1, Pages: 1})
	between = h.Clock()
	h.Later(time.Hour)
	run(t, h, source.Key, connector.Population{Slice: place("aws:rds_instance"), State: connector.Complete, Count: 2, Pages: 1}, connector.Population{Slice: place("aws:kms_key"), State: connector.Refused, Errors: []connector.Failure{denial}})
	return between
}

func shows(t *testing.T, h *producttest.House, role access.Role, path string, want ...string) string {
	t.Helper()
	status, body := h.Get(t, role, path)
	if status != http.StatusOK {
		t.Fatalf("%s as %s: %d %.300s", path, role, status, body)
	}
	text := html.UnescapeString(body)
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%s as %s does not show %q", path, role, w)
		}
	}
	return text
}

func lacks(t *testing.T, body string, what ...string) {
	t.Helper()
	for _, w := range what {
		if strings.Contains(body, w) {
			t.Errorf("the page shows %q", w)
		}
	}
}

func TestSourcesRunsAndGapsAreShownToEveryRole(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		between := told(t, h)
		run := regexp.MustCompile(`/runs/\d+`).FindString(shows(t, h, access.Reader, "/runs", "Production", "Incomplete", "Complete"))
		for _, role := range producttest.Roles {
			shows(t, h, role, "/sources", "Do we hear from every system?", "Production", "Incomplete", "1 / 2", "Sandbox account", "1 of 2 runs complete")
			shows(t, h, role, "/sources?in=SRC-1", `id="drawer"`, "explicit deny")
			shows(t, h, role, "/sources/SRC-1/health", "1 of 2 populations seen whole", "explicit deny", "Give the role the policy.", "PT1H")
			shows(t, h, role, run, "kms:ListKeys", "Denied", "aws:rds_instance", "role/SextantReadOnly", "7 requests", "Nothing was closed")
			shows(t, h, role, "/unseen", "2 gaps", "Sandbox account", "kms:ListKeys was denied", "Training account", "No data in it.", "1 / 2", "Our keys are renewed by themselves", "A.8.24")
			shows(t, h, role, "/jobs", "Nothing was asked for yet")
			shows(t, h, role, "/sources/SRC-1", "Production") // the entry of the register
			shows(t, h, role, "/source", "Production")        // its list
		}
		then := "?as_of=" + url.QueryEscape(between.String())
		past := shows(t, h, access.ISMSManager, "/sources/SRC-1/health"+then, "2 of 2 populations seen whole", "Complete")
		lacks(t, past, "explicit deny", "Collect now", "Pause")
		lacks(t, shows(t, h, access.ISMSManager, "/unseen"+then, "One gap"), "kms:ListKeys")
		if status, _ := h.Get(t, access.ISMSManager, run+then); status != http.StatusNotFound {
			t.Errorf("a run that was not yet: %d", status)
		}
		_, csv := h.Get(t, access.Reader, "/unseen/export?format=csv")
		if strings.Count(csv, "\n") != 3 || !strings.Contains(csv, "aws.kms-rotation") {
			t.Errorf("exported %q", csv)
		}
	})
}

func TestACollectionIsAskedForSeenAndCancelled(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		told(t, h)
		for _, role := range []access.Role{access.Reader, access.ExternalAuditor, access.Owner} {
			lacks(t, shows(t, h, role, "/sources/SRC-1/health"), "Collect now")
			for _, path := range []string{"/sources/SRC-1/collect", "/sources/SRC-1/test"} {
				if status, _, _ := h.Post(t, role, path, ""); status != http.StatusForbidden {
					t.Errorf("%s as %s: %d", path, role, status)
				}
			}
		}
		shows(t, h, access.ISMSManager, "/sources/SRC-1/health", "Collect now", "Test the connection", "Pause")
		status, to, body := h.Post(t, access.ISMSManager, "/sources/SRC-1/collect", "back=%2Fsources%3Fin%3DSRC-1")
		if status != http.StatusSeeOther || to != "/sources?in=SRC-1" {
			t.Fatalf("collect: %d %s %.200s", status, to, body)
		}
		lacks(t, shows(t, h, access.ISMSManager, "/sources/SRC-1/health", "Waiting", "Cancel"), "Collect now")
		lacks(t, shows(t, h, access.Reader, "/jobs", "Production", "Waiting"), `action="/jobs/1/cancel"`)
		if status, _, _ := h.Post(t, access.Reader, "/jobs/1/cancel", ""); status != http.StatusForbidden {
			t.Errorf("a reader cancels: %d", status)
		}
		if status, _, body := h.Post(t, access.ISMSManager, "/jobs/1/cancel", ""); status != http.StatusSeeOther {
			t.Errorf("cancel: %d %.200s", status, body)
		}
		shows(t, h, access.Reader, "/jobs/1", "Collect", "Cancelled")
		if status, _, body := h.Post(t, access.ISMSManager, "/sources/SRC-9/collect", ""); status != http.StatusNotFound {
			t.Errorf("a source there is not: %d %.200s", status, body)
		}
		if _, to, _ := h.Post(t, access.ISMSManager, "/jobs/1/retry", "back=%2F%2Fevil.example"); to != "/" {
			t.Errorf("a redirect leaves the site: %s", to)
		}
	})
}

func TestWhatIsNoRunOrJobIsNotFound(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	for path, want := range map[string]int{"/runs/1": 404, "/runs/x": 404, "/jobs/9": 404, "/jobs/x": 404, "/sources/SRC-9/health": 404, "/runs?before=x": 422, "/sources?filter=x%3D1": 422} {
		if status, body := h.Get(t, access.Reader, path); status != want {
			t.Errorf("%s: %d, want %d: %.200s", path, status, want, body)
		}
	}
	shows(t, h, access.ISMSManager, "/sources", "No system is connected")
	shows(t, h, access.Reader, "/unseen", "Nothing is hidden that we know of")
}
