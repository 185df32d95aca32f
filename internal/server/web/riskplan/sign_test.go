// SPDX-License-Identifier: Apache-2.0

package riskplan_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

var seenAt = regexp.MustCompile(`name="seen" value="(\d+)"`)

func TestSeveralAreSignedOnOnePage(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		o := newOffice(t, h)
		o.inForce(t, o.begin(t, "from=template&size=5"))
		one, two := o.judged(t, map[string]any{"title": "Orders are late"}, 1, 2), o.judged(t, nil, 1, 3)
		high := o.judged(t, map[string]any{"title": "Orders are stolen"}, 5, 5)
		other := o.judged(t, map[string]any{"title": "Nobody answers", "owner": h.People[access.Admin]}, 1, 1)
		asked := h.Create(t, "acceptance", map[string]any{"risk": two, "reason": "As **insured**.", "valid_until": o.later(300)}).Key

		status, body := h.Get(t, access.Owner, "/risks/sign?key="+one+"&key="+other)
		if status != http.StatusOK {
			t.Fatalf("%d %s", status, alert(body))
		}
		may, not, _ := strings.Cut(body, `id="not"`)
		for _, want := range []string{`value="` + one + `" checked`, `value="` + two + `"`, "<strong>insured</strong>", "Low</i>", "The risk owner may accept this level."} {
			if !strings.Contains(may, want) {
				t.Errorf("what can be signed lacks %s", want)
			}
		}
		for _, want := range []string{"Very high is more than the risk owner may accept", "A risk owner of top management may accept this level.", other + " has another risk owner"} {
			if !strings.Contains(not, want) || strings.Contains(may, want) {
				t.Errorf("what cannot be signed lacks %s", want)
			}
		}
		if _, body := h.Get(t, access.Owner, "/acceptances/"+asked); !strings.Contains(body, `href="/risks/`+two+`#signatures"`) || !strings.Contains(body, `href="/risks/sign?key=`+two+`"`) {
			t.Error("the record of an acceptance leads neither to its risk nor to the decision")
		}
		form := url.Values{"seen": {seenAt.FindStringSubmatch(body)[1]}, "pick": {one, two, high, other}, "reason": {"Within appetite."}, "reason." + one: {"Late is not lost."}, "valid_until": {o.later(300)}, "password": {"wrong"}}
		if status, _, body := h.Post(t, access.Owner, "/risks/sign", form.Encode()); status < 400 || !strings.Contains(body, "Late is not lost.") || !strings.Contains(body, "Within appetite.") || o.accepted(t) != 0 {
			t.Errorf("a wrong password: %d, %d accepted; what was typed stays", status, o.accepted(t))
		}
		form.Set("password", producttest.Password)
		for _, role := range []access.Role{access.Reader, access.ISMSManager} {
			if _, _, body := h.Post(t, role, "/risks/sign", form.Encode()); o.accepted(t) != 0 || !strings.Contains(body, "4 left out") {
				t.Errorf("%s: %d accepted", role, o.accepted(t))
			}
		}
		status, _, body = h.Post(t, access.Owner, "/risks/sign", form.Encode())
		for _, want := range []string{"2 signatures given", "/acceptances/" + asked, "/acceptances/ACC-2", "2 left out, nothing of them was done"} {
			if status != http.StatusOK || !strings.Contains(body, want) {
				t.Errorf("%d: the answer lacks %q: %s", status, want, alert(body))
			}
		}
		if n := o.accepted(t); n != 2 {
			t.Errorf("%d are accepted", n)
		}
		o.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			a, err := risk.Acceptances.Get(v, "ACC-2")
			if a.Fields.Reason != "Late is not lost." || a.Fields.Risk != one {
				t.Errorf("%+v", a.Fields)
			}
			return err
		})
		if _, _, body := h.Post(t, access.Owner, "/risks/sign", "seen=1&password="+url.QueryEscape(producttest.Password)); !strings.Contains(alert(body), "nothing was chosen") {
			t.Errorf("nothing chosen: %s", alert(body))
		}
		if _, body := h.Get(t, access.Owner, "/risks"); !strings.Contains(body, `name="key" value="`+high+`"`) || !strings.Contains(body, `action="/risks/sign"`) {
			t.Error("rows of the register cannot be chosen to be signed")
		}
		if _, body := h.Get(t, access.Reader, "/risks"); strings.Contains(body, `action="/risks/sign"`) {
			t.Error("who owns no risk is offered to sign")
		}
	})
}

func (o *office) accepted(t *testing.T) (n int) {
	t.Helper()
	o.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		n, err = v.CountOf("acceptance", register.Filter{Field: "state", Op: register.Is, Values: []string{risk.Accepted}})
		return err
	})
	return n
}
