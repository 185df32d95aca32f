// SPDX-License-Identifier: Apache-2.0

package risks_test

import (
	"fmt"
	"html"
	"maps"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// desk is a house with criteria in force, one asset, and an owner of risks.
type desk struct {
	*producttest.House
	*testing.T
	system, asset  string
	manager, owner string
}

func newDesk(t *testing.T, h *producttest.House) *desk {
	t.Helper()
	d := &desk{House: h, T: t, system: h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."}).Key, manager: h.People[access.ISMSManager], owner: h.People[access.Owner]}
	d.asset = h.Create(t, "asset", map[string]any{"title": "Orders", "type": "database", "scope_units": []any{"SU-1"}}).Key
	return d
}

func (d *desk) as(person string, fn func(*register.Tx) error) error {
	actor := access.Actor{Organisation: d.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.ISMSManager}, Proof: access.Proof{Method: access.Password, At: d.Clock()}}
	return d.Kernel.Write(d.Context(), actor, fn)
}

func (d *desk) move(person, name, key, transition string, input map[string]any) {
	d.Helper()
	if err := d.as(person, func(tx *register.Tx) error {
		_, err := tx.Transition(name, key, 0, transition, input, register.Note{Why: "tested"})
		return err
	}); err != nil {
		d.Fatal(err)
	}
}

// approve puts criteria in force.
func (d *desk) approve(c risk.Criteria) string {
	d.Helper()
	c.ManagementSystem, c.Author, c.Approver = d.system, d.manager, "PER-1"
	var key string
	d.Write(d.T, func(tx *register.Tx) error {
		e, err := risk.CriteriaEditions.Create(tx, c, register.Note{})
		key = e.Key
		return err
	})
	d.move(d.manager, "risk_criteria", key, "submit", nil)
	d.move("PER-1", "risk_criteria", key, "approve", nil)
	return key
}

func (d *desk) risk(title string, values map[string]any) string {
	d.Helper()
	all := map[string]any{"title": title, "approach": "asset", "assets": []any{d.asset}, "properties": []any{"availability"}, "category": "continuity", "scope_units": []any{"SU-1"}, "owner": d.owner}
	maps.Copy(all, values)
	return d.Create(d.T, "risk", all).Key
}

func (d *desk) judge(key, stage string, likelihood, consequence int) string {
	d.Helper()
	return d.Create(d.T, "risk_evaluation", map[string]any{"risk": key, "stage": stage, "likelihood": float64(likelihood), "rationale": "Two incidents.", "evaluated_by": d.manager,
		"consequences": []any{map[string]any{"type": "availability", "level": float64(consequence)}}}).Key
}

func (d *desk) get(role access.Role, path string) string {
	d.Helper()
	status, body := d.Get(d.T, role, path)
	if status != http.StatusOK {
		d.Fatalf("%s as %s: %d %.300s", path, role, status, body)
	}
	return body
}

func (d *desk) of(key string) (r register.Of[risk.Risk]) {
	d.Helper()
	d.Look(d.T, 0, func(v *register.View, _ evidence.Reader) (err error) { r, err = risk.Risks.Get(v, key); return err })
	return r
}

var (
	rowPattern = regexp.MustCompile(`<tr class="stackrow[^"]*" id="row-(RSK-\d+)"`)
	numbered   = regexp.MustCompile(`href="(/risks[^"]*)"[^>]*data-number="(\d+)"`)
	tabbed     = regexp.MustCompile(`<a href="(/risks[^"]*)"[^>]*>\s*([^<]+?)\s*<span class="n">(\d+)</span>`)
)

func rowsOf(body string) (keys []string) {
	for _, m := range rowPattern.FindAllStringSubmatch(body, -1) {
		keys = append(keys, m[1])
	}
	return keys
}

// counts holds every number of a page against the list it leads to.
func (d *desk) counts(path string) (n int) {
	d.Helper()
	body := d.get(access.Reader, path)
	for _, m := range append(numbered.FindAllStringSubmatch(body, -1), tabs(body)...) {
		list := d.get(access.Reader, html.UnescapeString(m[1]))
		if got := fmt.Sprint(len(rowsOf(list))); got != m[2] {
			d.Errorf("%s: the number %s leads to %s with %s risks", path, m[2], m[1], got)
		}
		n++
	}
	return n
}

func tabs(body string) (list [][]string) {
	for _, m := range tabbed.FindAllStringSubmatch(body, -1) {
		list = append(list, []string{m[0], m[1], m[3]})
	}
	return list
}

func TestWithoutCriteriaTheRegisterLeadsToThem(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		if body := d.get(access.ISMSManager, "/risks"); !strings.Contains(body, "No risk criteria are in force yet") || !strings.Contains(body, `href="/risks/criteria"`) || strings.Contains(body, "riskmatrix") {
			t.Error("nothing leads to the criteria")
		}
		d.risk("Orders are lost", nil)
		if body := d.get(access.Reader, "/risks"); !strings.Contains(body, "Orders are lost") || strings.Contains(body, "riskmatrix") {
			t.Error("a risk that cannot be measured yet is not listed")
		}
		d.approve(risk.Template(3, "EUR", 0))
		if body := d.get(access.Reader, "/risks"); !strings.Contains(body, "riskmatrix") || !strings.Contains(body, "1 has no level yet") {
			t.Error("it does not stand apart from the matrix")
		}
	})
}

// TestARiskThatIsOverOffersNoChange: what is frozen has no form that would be
// refused.
func TestARiskThatIsOverOffersNoChange(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(3, "EUR", 0))
		key := d.risk("Orders are lost", nil)
		change := []string{"/risks/effects/" + key, "/edit?field=owner", "/risks/evaluate/" + key}
		body := d.get(access.ISMSManager, "/risks/"+key)
		d.holds(body, change...)
		d.move(d.manager, "risk", key, "reject", nil)
		body = d.get(access.ISMSManager, "/risks/"+key)
		for _, offer := range change {
			if strings.Contains(body, offer) {
				t.Errorf("a risk that was rejected offers %s", offer)
			}
		}
	})
}

func TestTheMatrixCountsWhatItsListsHold(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(5, "EUR", 0))
		high, low, moved, none := d.risk("High", nil), d.risk("Low", nil), d.risk("Moved", map[string]any{"category": "cyber"}), d.risk("None", nil)
		d.judge(high, risk.Current, 4, 4)
		d.judge(low, risk.Current, 1, 1)
		d.judge(moved, risk.Inherent, 5, 5)
		d.judge(moved, risk.Current, 4, 4)
		d.judge(moved, risk.Target, 1, 2)
		gone := d.risk("Gone", nil)
		d.judge(gone, risk.Current, 5, 5)
		d.move(d.owner, "risk", gone, "close", nil)
		for _, page := range []string{"/risks", "/risks?stage=inherent", "/risks?stage=target", "/risks?stage=residual"} {
			if n := d.counts(page); n < 10 {
				t.Errorf("%s has %d numbers", page, n)
			}
		}
		body := d.get(access.Reader, "/risks?filter=likelihood%3D4&filter=consequence%3D4&filter=place%3Din_matrix")
		if got := strings.Join(rowsOf(body), " "); got != high+" "+moved && got != moved+" "+high {
			t.Errorf("the cell lists %s", got)
		}
		if strings.Contains(d.get(access.Reader, "/risks"), "row-"+gone) || !strings.Contains(d.get(access.Reader, "/risks?filter=state%3Dclosed"), "row-"+gone) {
			t.Error("a closed risk is listed with open ones, or nowhere")
		}
		_ = none
		next := risk.Template(5, "EUR", 0)
		*next.AcceptUpTo = 3
		d.approve(next)
		if body := d.get(access.Reader, "/risks"); !strings.Contains(body, "3 were judged by earlier criteria") || strings.Contains(body, `aria-label="Very likely, Critical`) {
			t.Error("risks judged by earlier criteria stand in the matrix of the new ones")
		}
		d.counts("/risks")
	})
}

func TestAMatrixOfAnySizeIsDrawn(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	c := risk.Template(3, "EUR", 0)
	c.Matrix, c.Levels, c.Likelihoods, c.Consequences = nil, nil, nil, nil
	for n := 1; n <= 12; n++ {
		c.Likelihoods = append(c.Likelihoods, risk.Likelihood{Level: level(n), Name: fmt.Sprintf("Chance %d", n), Definition: "d"})
		c.Consequences = append(c.Consequences, risk.Consequence{Level: level(n), Name: fmt.Sprintf("Harm %d", n), Definition: "d"})
		c.Levels = append(c.Levels, risk.Level{Level: level(n), Name: fmt.Sprintf("Rung %d", n), Meaning: "m", MayAccept: "owner", AcceptedFor: "P12M", ReviewEvery: "P12M"})
		for k := 1; k <= 12; k++ {
			c.Matrix = append(c.Matrix, risk.Cell{Likelihood: level(n), Consequence: level(k), Level: level((n + k) / 2)})
		}
	}
	d.approve(c)
	d.judge(d.risk("Far", nil), risk.Current, 12, 11)
	body := d.get(access.Reader, "/risks")
	if strings.Count(body, "<td data-h=") != 144 || !strings.Contains(body, "Chance 12, Harm 11: Rung 11, 1 risks") {
		t.Errorf("%d cells", strings.Count(body, "<td data-h="))
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(`<td data-h="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		seen[m[1]] = true
	}
	if len(seen) != 12 {
		t.Errorf("twelve levels have %d colours", len(seen))
	}
	d.counts("/risks")
}

func TestTheExportHoldsWhatTheListShows(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	d.approve(risk.Template(5, "EUR", 0))
	d.judge(d.risk("Very bad", nil), risk.Current, 5, 5)
	d.risk("Unknown", nil)
	if body := d.get(access.Reader, "/risks/export?format=csv&filter=appetite%3Dabove"); !strings.Contains(body, "Very bad") || strings.Contains(body, "Unknown") || !strings.Contains(body, "Very high") {
		t.Errorf("the file: %s", body)
	}
}
