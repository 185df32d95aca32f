// SPDX-License-Identifier: Apache-2.0

package risks_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"sextant/access"
	"sextant/product/producttest"
	"sextant/risk"
)

// post sends a form and wants a status; it gives where it leads, or the page.
func (d *desk) post(role access.Role, path string, form url.Values, want int) (to, body string) {
	d.Helper()
	status, to, body := d.Post(d.T, role, path, form.Encode())
	if status != want {
		i := max(strings.Index(body, `role="alert"`), 0)
		d.Fatalf("POST %s as %s: %d, want %d: %.400s", path, role, status, want, body[i:])
	}
	return to, body
}

func TestARiskIsJudgedByAPlainForm(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		key, other := d.risk("Orders are lost", nil), d.risk("Orders are read", nil)
		if status, body := h.Get(t, access.Owner, "/risks/evaluate/"+key); status != http.StatusConflict || !strings.Contains(body, "no risk criteria are in force") {
			t.Errorf("judged without a scale: %d", status)
		}
		c := risk.Template(5, "EUR", 1e7)
		c.Definitions = []risk.Definition{{Type: "availability", Level: c.Levels[2].Level, Meaning: "Down for a working day."}}
		d.approve(c)
		at := "/risks/evaluate/" + key
		body := d.get(access.Owner, at)
		for _, want := range []string{"Almost certain", "10 to 365 a year", "Down for a working day.", "€50k – €300k", "no level yet", "Record, and judge the next"} {
			if !strings.Contains(body, want) {
				t.Errorf("the form lacks %q", want)
			}
		}
		form := url.Values{"stage": {"current"}, "do": {"look"}, "likelihood": {"4"}, "consequence.availability": {"4"}, "consequence.legal": {"2"}}
		if _, body = d.post(access.Owner, at, form, http.StatusOK); !strings.Contains(body, `data-h="4">High</i>`) || !strings.Contains(body, `value="4" checked`) {
			t.Error("the level is not looked up without a script")
		}
		form.Set("do", "save")
		if _, body = d.post(access.Owner, at, form, http.StatusUnprocessableEntity); !strings.Contains(body, `id="rationale-err"`) || strings.Count(body, "checked") < 3 {
			t.Error("a missing reason is not said at its field, or what was chosen is lost")
		}
		form.Set("rationale", "Two outages in a year.")
		form.Set("likelihood", "9")
		if _, body = d.post(access.Owner, at, form, http.StatusUnprocessableEntity); !strings.Contains(body, "there is no likelihood of level 9") {
			t.Error("a value off the scale")
		}
		form.Set("likelihood", "4")
		form.Set("frequency_shape", "lognormal")
		form.Set("frequency_low", "3")
		form.Set("frequency_high", "1")
		form.Set("loss_shape", "lognormal")
		form.Set("loss_low", "10")
		form.Set("loss_high", "20")
		form.Set("currency", "eur")
		if _, body = d.post(access.Owner, at, form, http.StatusUnprocessableEntity); !strings.Contains(body, `id="frequency_low-err"`) || !strings.Contains(body, "<details class=\"quantities\" open") {
			t.Error("an inverted range is not said at its field")
		}
		form.Set("frequency_high", "5")
		form.Set("do", "next")
		if to, _ := d.post(access.Owner, at, form, http.StatusSeeOther); to != "/risks/evaluate/"+other+"?stage=current" {
			t.Errorf("leads to %s", to)
		}
		if f := d.of(key).Fields; *f.CurrentLevel != 4 || f.ExpectedLoss == "" || d.of(key).State != risk.Evaluated {
			t.Errorf("kept: %+v", f)
		}
		d.post(access.Reader, at, form, http.StatusForbidden)
		if body = d.get(access.Reader, "/risks/"+key); !strings.Contains(body, "Chance of losing more than a sum in one year") || !strings.Contains(body, "Very likely, Critical") {
			t.Error("the page does not tell what was judged")
		}
	})
}

// TestNoFormIsShownThatWouldBeRefused: to who may not judge, nor of a risk that
// nobody owns.
func TestNoFormIsShownThatWouldBeRefused(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(3, "EUR", 0))
		key := d.risk("Orders are lost", nil)
		if status, _ := h.Get(t, access.Reader, "/risks/evaluate/"+key); status != http.StatusForbidden {
			t.Errorf("a reader is asked how high it is: %d", status)
		}
		if status, _ := h.Get(t, access.Reader, "/risks/treatment/new?risk="+key); status != http.StatusForbidden {
			t.Errorf("a reader is asked to plan a treatment: %d", status)
		}
		orphan := d.risk("Orders are read", map[string]any{"owner": nil})
		if status, head := h.Headers(t, access.ISMSManager, "/risks/evaluate/"+orphan); status != http.StatusSeeOther || head.Get("Location") != "/risks/"+orphan {
			t.Errorf("a risk without an owner: %d to %q", status, head.Get("Location"))
		}
		if body := d.get(access.ISMSManager, "/risks/"+orphan); strings.Contains(body, "/risks/evaluate/"+orphan) || !strings.Contains(body, "Name the risk owner first") {
			t.Error("a risk without an owner offers to be evaluated")
		}
	})
}

func TestTheOwnerSignsAndNobodyForThem(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(5, "EUR", 0))
		key := d.risk("Orders are lost", nil)
		if body := d.get(access.ISMSManager, "/risks/"+key); !strings.Contains(body, "It can be accepted once it has a level.") {
			t.Error("it does not say what is missing before it can be signed")
		}
		d.judge(key, risk.Current, 3, 3)
		form := url.Values{"reason": {"Cheaper than the cure."}, "valid_until": {h.Clock().Time().AddDate(0, 6, 0).Format("2006-01-02")}, "do": {"accept"}, "password": {producttest.Password}}
		d.post(access.Admin, "/risks/sign/"+key, form, http.StatusForbidden)
		if d.of(key).Fields.Acceptance != "none" {
			t.Fatal("half of a refused signature stayed")
		}
		form.Set("do", "ask")
		d.post(access.ISMSManager, "/risks/sign/"+key, form, http.StatusSeeOther)
		if body := d.get(access.Owner, "/risks/"+key); !strings.Contains(body, `action="/risks/acceptances/ACC-1"`) {
			t.Fatal("the owner is not asked")
		}
		if body := d.get(access.ISMSManager, "/risks/"+key); strings.Contains(body, `action="/risks/acceptances/ACC-1"`) {
			t.Error("somebody else is offered the signature")
		}
		if _, body := d.post(access.Owner, "/risks/acceptances/ACC-1", url.Values{"do": {"accept"}, "version": {"1"}, "password": {"wrong"}}, http.StatusForbidden); !strings.Contains(body, "Orders are lost") {
			t.Error("a wrong password leads off the page")
		}
		d.post(access.Owner, "/risks/acceptances/ACC-1", url.Values{"do": {"accept"}, "version": {"1"}, "password": {producttest.Password}}, http.StatusSeeOther)
		if f := d.of(key).Fields; f.Acceptance != risk.Accepted || *f.AcceptedLevel != 3 {
			t.Errorf("kept: %+v", f)
		}
		if body := d.get(access.Reader, "/risks/"+key); !strings.Contains(body, "in force; it never moves") || !strings.Contains(body, "The owner") {
			t.Error("the page does not tell what was signed")
		}
		d.judge(key, risk.Current, 5, 5)
		body := d.get(access.Owner, "/risks/"+key)
		for _, want := range []string{"Acceptance broken on", "Decide again", "top management may"} {
			if !strings.Contains(body, want) {
				t.Errorf("a broken acceptance: no %q", want)
			}
		}
		if body := d.get(access.Reader, "/risks?filter=acceptance%3Dbroken"); strings.Join(rowsOf(body), " ") != key {
			t.Error("it is not in the list of broken ones")
		}
		if _, body := d.post(access.Owner, "/risks/sign/"+key, form, http.StatusSeeOther); body != "" && strings.Contains(body, "alert") {
			t.Error("asked again")
		}
		if _, body := d.post(access.Owner, "/risks/acceptances/ACC-2", url.Values{"do": {"accept"}, "version": {"1"}, "password": {producttest.Password}}, http.StatusForbidden); !strings.Contains(body, "Very high is more than the risk owner may accept") {
			t.Error("a level beyond the owner's authority")
		}
	})
}

func TestEffectsAreDeclaredInPlace(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	d.approve(risk.Template(5, "EUR", 0))
	key := d.risk("Orders are lost", map[string]any{"treating": []any{map[string]any{"control": "iso27001:2022/A.8.13"}, map[string]any{"control": "iso27001:2022/A.8.14"}}})
	form := url.Values{"control": {"iso27001:2022/A.8.13", "iso27001:2022/A.8.14", "iso27001:2022/A.5.30"}, "lowers_likelihood": {"2", "remove", ""}, "lowers_consequence": {"", "", "1"}, "why": {"", "", ""}, "version": {""}}
	d.post(access.Owner, "/risks/effects/"+key, form, http.StatusSeeOther)
	f := d.of(key).Fields
	if len(f.Treating) != 2 || *f.Treating[0].LowersLikelihood != 2 || f.Treating[0].LowersConsequence != nil || f.Treating[1].Control != "iso27001:2022/A.5.30" || *f.Treating[1].LowersConsequence != 1 {
		t.Errorf("%+v", f.Treating)
	}
	d.post(access.Reader, "/risks/effects/"+key, form, http.StatusForbidden)
	if body := d.get(access.Owner, "/risks/"+key); !strings.Contains(body, "lowers likelihood by 2 levels") || !strings.Contains(body, "lowers consequence by 1 level") {
		t.Error("the effects are not told")
	}
}

// TestAnAcceptanceIsGivenOnWhatTheFormNames: a control and a task are picked, shown
// as they stand to the one who signs, and a task that is late keeps it unsigned.
func TestAnAcceptanceIsGivenOnWhatTheFormNames(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(5, "EUR", 0))
		key := d.risk("Orders are lost", nil)
		d.judge(key, risk.Current, 3, 3)
		task := h.Create(t, "task", map[string]any{"title": "Second copy", "subject": key, "assignee": h.People[access.Owner], "due_on": h.Clock().Time().AddDate(0, 0, 5).Format("2006-01-02")}).Key
		body := d.get(access.ISMSManager, "/risks/"+key)
		if !strings.Contains(body, `name="provided" value="`+task+`"`) || !strings.Contains(body, `<select class="select" name="holds_while"`) {
			t.Fatal("the form offers neither the task about the risk nor other controls")
		}
		form := url.Values{"reason": {"Cheaper."}, "valid_until": {h.Clock().Time().AddDate(0, 6, 0).Format("2006-01-02")}, "do": {"ask"}, "provided": {task}, "holds_while": {"", "iso27001:2022/A.8.13"}}
		d.post(access.ISMSManager, "/risks/sign/"+key, form, http.StatusSeeOther)
		for _, place := range []string{"/risks/" + key, "/risks/signatures", "/risks/sign?key=" + key} {
			body := d.get(access.Owner, place)
			if !strings.Contains(body, "Only as long as") || !strings.Contains(body, `href="/tasks/`+task+`"`) || !strings.Contains(body, "is not known to work") {
				t.Errorf("%s does not tell what it is given on", place)
			}
		}
		h.Later(6 * 24 * time.Hour)
		sign := url.Values{"do": {"accept"}, "version": {"1"}, "password": {producttest.Password}}
		if _, body := d.post(access.Owner, "/risks/acceptances/ACC-1", sign, http.StatusConflict); !strings.Contains(body, "is not done") {
			t.Error("what keeps it unsigned is not said")
		}
	})
}
