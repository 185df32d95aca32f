// SPDX-License-Identifier: Apache-2.0

package risks_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"sextant/access"
	"sextant/product/producttest"
	"sextant/risk"
)

func TestScenariosAreTakenSeveralAtOnce(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		body := d.get(access.Owner, "/risks/library?search=bucket")
		if !strings.Contains(body, `value="scenario/public-bucket"`) || strings.Contains(body, `value="scenario/leaver-takes-customers"`) {
			t.Fatal("the search does not find what it says")
		}
		form := url.Values{"scenario": {"scenario/public-bucket", "scenario/leaver-takes-customers"}, "owner": {d.owner}, "unit": {"SU-1"}}
		if _, body := d.post(access.Owner, "/risks/library", form, http.StatusUnprocessableEntity); !strings.Contains(body, "the register has none of its kinds") || !strings.Contains(body, `value="scenario/public-bucket" checked`) {
			t.Error("a scenario without an asset is taken, or what was ticked is lost")
		}
		if body := d.get(access.Reader, "/risks"); len(rowsOf(body)) != 0 {
			t.Error("half of what was refused stayed")
		}
		form.Set("asset", d.asset)
		if to, _ := d.post(access.Owner, "/risks/library", form, http.StatusSeeOther); to != "/risks?filter=state%3Didentified" {
			t.Errorf("leads to %s", to)
		}
		f := d.of("RSK-1").Fields
		if f.Title == "" || f.Description == "" || f.Scenarios[0] != "scenario/public-bucket" || len(f.Threats) == 0 || len(f.Treating) < 2 || f.Treating[0].LowersLikelihood != nil || f.Treating[0].Why == "" || f.Owner != d.owner || f.Origin != "library" {
			t.Errorf("%+v", f)
		}
		if f := d.of("RSK-2").Fields; f.Approach != "event" || f.RiskSource == "" {
			t.Errorf("%+v", f)
		}
		if body := d.get(access.Reader, "/risks/library"); !strings.Contains(body, "Risks were made of 2.") || strings.Contains(body, `type="checkbox"`) {
			t.Error("the library does not say what was taken, or lets a reader take")
		}
		for _, want := range []string{`href="/risks/library/public-bucket"`, `href="/risks/library/TH`} {
			if body := d.get(access.Reader, "/risks/RSK-1"); !strings.Contains(body, want) {
				t.Errorf("the page of the risk has no %s", want)
			}
		}
		d.post(access.Reader, "/risks/library", form, http.StatusForbidden)
	})
}

func TestEachPieceOfTheLibraryHasAPage(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	for path, want := range map[string]string{"public-bucket": "What would notice it", "TH08": "Scenarios that name it", "V-SO-13": "Controls that usually answer it"} {
		if body := d.get(access.Reader, "/risks/library/"+path); !strings.Contains(body, want) {
			t.Errorf("%s does not tell %q", path, want)
		}
	}
	if status, _ := h.Get(t, access.Reader, "/risks/library/nothing"); status != http.StatusNotFound {
		t.Errorf("nothing: %d", status)
	}
	if status, _ := h.Get(t, access.Reader, "/risks/new"); status != http.StatusForbidden {
		t.Errorf("a reader writes a risk down: %d", status)
	}
	if body := d.get(access.Owner, "/risks/new"); !strings.Contains(body, `action="/risks"`) {
		t.Error("no blank form")
	}
}

func TestAFailingCheckSuggestsARiskUntilSomebodyDecides(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		h.Create(t, "source", map[string]any{"title": "AWS", "connector": "aws", "schedule": "P1D"})
		seen := func(databases map[string]map[string]any) {
			h.Observe(t, "SRC-1", "aws:rds_instance", databases)
			h.Later(200 * 3600 * 1e9) // beyond every grace
			h.Observe(t, "SRC-1", "aws:rds_instance", databases)
		}
		seen(map[string]map[string]any{"db:orders": producttest.Database("orders", 1)})
		const suggested = `name="check" value="aws.rds-backup"`
		body := d.get(access.Owner, "/risks/library")
		if !strings.Contains(body, suggested) || !strings.Contains(body, "fails: orders") {
			t.Fatal("no scenario of the library names the check of backups")
		}
		at := strings.Index(body, suggested)
		scenario := body[strings.LastIndex(body[:at], `value="scenario/`)+7:]
		scenario = scenario[:strings.Index(scenario, `"`)]
		form := url.Values{"scenario": {scenario}, "check": {"aws.rds-backup"}, "do": {"decline"}, "unit": {"SU-1"}}
		d.post(access.Owner, "/risks/suggestions", form, http.StatusUnprocessableEntity)
		form.Set("reason", "A copy is elsewhere.")
		d.post(access.Reader, "/risks/suggestions", form, http.StatusForbidden)
		d.post(access.Owner, "/risks/suggestions", form, http.StatusSeeOther)
		if strings.Contains(d.get(access.Owner, "/risks/library"), `name="scenario" value="`+scenario+`"> <input type="hidden" name="check" value="aws.rds-backup"`) {
			t.Error("what was declined is suggested again")
		}
		again := `name="scenario" value="` + scenario + `"> <input type="hidden" name="check" value="aws.rds-backup"`
		seen(map[string]map[string]any{"db:orders": producttest.Database("orders", 30), "db:users": producttest.Database("users", 1)})
		if body := d.get(access.Owner, "/risks/library"); !strings.Contains(body, again) || !strings.Contains(body, "fails: users") || !strings.Contains(body, "Declined for something else before: A copy is elsewhere.") {
			t.Error("something else fails, and it is not suggested with what was said before")
		}
		form.Set("reason", "Nothing is kept there.")
		d.post(access.Owner, "/risks/suggestions", form, http.StatusSeeOther)
		seen(map[string]map[string]any{"db:orders": producttest.Database("orders", 1), "db:users": producttest.Database("users", 1)})
		if body := d.get(access.Owner, "/risks/library"); strings.Contains(body, again) {
			t.Error("two resources, each declined, suggest it together")
		}
		unit := h.Create(t, "scope_unit", map[string]any{"title": "Shipping", "owner": h.People[access.ISMSManager]}).Key
		ledger := h.Create(t, "asset", map[string]any{"title": "Ledger", "type": "database", "identifiers": []any{"arn:aws:test:eu-central-1:111122223333:db:ledger"}, "scope_units": []any{unit}}).Key
		seen(map[string]map[string]any{"db:orders": producttest.Database("orders", 1), "db:ledger": producttest.Database("ledger", 1)})
		body = d.get(access.Owner, "/risks/library")
		body = body[strings.Index(body, again):]
		body = body[:strings.Index(body, "</form>")]
		for _, want := range []string{`value="` + h.People[access.ISMSManager] + `" selected`, `value="` + unit + `" selected`, `name="asset" value="` + ledger + `" checked`} {
			if !strings.Contains(body, want) {
				t.Errorf("it is not offered %s: %s", want, body)
			}
		}
		form = url.Values{"scenario": {scenario}, "check": {"aws.rds-backup"}, "do": {"take"}, "owner": {d.owner}, "unit": {unit}, "asset": {ledger}}
		to, _ := d.post(access.Owner, "/risks/suggestions", form, http.StatusSeeOther)
		if f := d.of(strings.TrimPrefix(to, "/risks/")).Fields; f.Origin != "suggestion" || f.Scenarios[0] != scenario || f.Owner != d.owner || f.ScopeUnits[0] != unit || len(f.Assets) != 1 || f.Assets[0] != ledger {
			t.Errorf("%+v", f)
		}
		form.Set("do", "take")
		d.post(access.Owner, "/risks/suggestions", form, http.StatusConflict)
	})
}

// TestARiskHasTheCategoryOfItsScenario: of the organisation's own, too.
func TestARiskHasTheCategoryOfItsScenario(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		own := func(category string) string {
			values := map[string]any{"title": "Labels are printed twice", "approach": "event", "risk_source": "A tired clerk", "desired_end_state": "Rest"}
			if category != "" {
				values["category"] = category
			}
			return h.Create(t, "risk_scenario", values).Key
		}
		fraud, without := own("fraud"), own("")
		if body := d.get(access.Owner, "/risks/library?category=fraud"); !strings.Contains(body, `value="`+fraud+`"`) || strings.Contains(body, `value="`+without+`"`) {
			t.Error("the library does not list it under its category")
		}
		d.post(access.Owner, "/risks/library", url.Values{"scenario": {fraud, without, "scenario/leaver-takes-customers"}, "owner": {d.owner}, "unit": {"SU-1"}, "asset": {d.asset}}, http.StatusSeeOther)
		for key, want := range map[string]string{"RSK-1": "fraud", "RSK-2": "cyber", "RSK-3": "people"} {
			if f := d.of(key).Fields; f.Category != want {
				t.Errorf("%s from %v is %s, want %s", key, f.Scenarios, f.Category, want)
			}
		}
	})
}

func TestHomeAndControlsLeadToRisks(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	d.approve(risk.Template(5, "EUR", 0))
	key := d.risk("Orders are lost", map[string]any{"treating": []any{map[string]any{"control": "iso27001:2022/A.8.13", "lowers_likelihood": 1.0}}})
	d.judge(key, risk.Current, 5, 5)
	d.judge(d.risk("Small", nil), risk.Current, 1, 1)
	for page, want := range map[string]string{"/": "Risks above appetite", "/controls/A.8.13": "Risks it treats"} {
		body := d.get(access.Reader, page)
		if !strings.Contains(body, want) || !strings.Contains(body, `href="/risks/`+key+`"`) {
			t.Errorf("%s does not lead to the risk", page)
		}
		if d.counts(page) == 0 {
			t.Errorf("%s has no number of risks", page)
		}
	}
}
