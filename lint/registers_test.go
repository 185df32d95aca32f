// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/evidence"
	"sextant/lint"
	"sextant/product"
	"sextant/product/producttest"
	"sextant/register"
)

// room is a house, and what the rules of the whole product say of it.
type room struct {
	*testing.T
	*producttest.House
	soon bool // rules that wait for some days wait for none
}

func (r room) findings(rule string, at sextant.Instant) (list []lint.Finding) {
	r.Helper()
	of, known := lint.Named(rule)
	if !known {
		r.Fatalf("there is no rule %s", rule)
	}
	if r.soon {
		of.Params = map[string]float64{"days": 0}
	}
	r.Look(r.T, at, func(v *register.View, m evidence.Reader) error {
		verdicts, err := lint.Run(lint.Look{View: v, Evidence: m}, product.Rules(), []lint.Rule{of})
		if err == nil {
			list = verdicts[0].Findings
		}
		return err
	})
	return list
}

// expect asks whether a rule finds something about an entry, and where it is
// dated, whether it was there then and not a second before.
func (r room) expect(rule, about string, want bool) {
	r.Helper()
	found := r.findings(rule, 0)
	i := slices.IndexFunc(found, func(f lint.Finding) bool {
		return slices.Contains(f.Entries, about) || about == "" && len(f.Entries) == 0
	})
	if (i >= 0) != want {
		r.Errorf("%s about %q: found %v, want %v: %+v", rule, about, i >= 0, want, found)
	}
	if i < 0 || found[i].Since == 0 {
		return
	}
	there := func(at sextant.Instant) bool { return slices.ContainsFunc(r.findings(rule, at), found[i].Is) }
	if since := found[i].Since; !there(since) || there(since.Add(-time.Second)) {
		r.Errorf("%s about %q is dated %s: there %v, a second before %v", rule, about, since, there(since), there(since.Add(-time.Second)))
	}
}

func (r room) day(days int) string { return day(r.House, days) }

func (r room) manager() access.Actor {
	person := r.People[access.ISMSManager]
	return access.Actor{Organisation: r.Org, Name: "person:" + person, Person: person, Roles: []access.Role{access.ISMSManager}, Proof: access.Proof{Method: access.Password, At: r.Clock()}}
}

// move moves an entry as the ISMS manager, or as a person.
func (r room) move(e register.Entry, transition string, values map[string]any, by ...string) {
	r.Helper()
	actor := r.manager()
	if len(by) > 0 {
		actor.Person, actor.Name = by[0], "person:"+by[0]
	}
	if err := r.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		_, err := tx.Transition(e.Register.Name, e.Key, 0, transition, values, register.Note{Why: "test"})
		return err
	}); err != nil {
		r.Fatal(err)
	}
}

func (r room) edit(name, key string, values map[string]any) {
	r.Helper()
	r.Write(r.T, func(tx *register.Tx) error {
		_, err := tx.Edit(name, key, 0, values, register.Note{Why: "test"})
		return err
	})
}

func (r room) entry(name string, values, more map[string]any) register.Entry {
	r.Helper()
	all := maps.Clone(values)
	maps.Copy(all, more)
	return r.Create(r.T, name, all)
}

func TestRulesAboutPeopleAndAssetsFireAndFallSilent(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		r := room{T: t, House: h}
		r.expect("role-mandatory-vacant", "ORG-1", false)
		r.edit("organisation", "ORG-1", map[string]any{"isms_manager": nil})
		r.expect("role-mandatory-vacant", "ORG-1", true)
		r.edit("organisation", "ORG-1", map[string]any{"isms_manager": r.People[access.ISMSManager]})
		r.expect("role-mandatory-vacant", "ORG-1", false)

		ben := h.Create(t, "person", map[string]any{"name": "Ben", "kind": "employee", "starts_on": r.day(-3)})
		r.expect("screening-after-start", ben.Key, true)
		r.edit("person", ben.Key, map[string]any{"terms_signed_on": r.day(-3), "nda_signed_on": r.day(-2)})
		r.expect("screening-after-start", ben.Key, true)
		r.edit("person", ben.Key, map[string]any{"nda_signed_on": r.day(-3)})
		r.expect("screening-after-start", ben.Key, false)

		asset := h.Create(t, "asset", map[string]any{"title": "Till", "scope_units": []string{"SU-1"}})
		r.expect("asset-without-owner", asset.Key, false)
		h.Later(31 * 24 * time.Hour)
		r.expect("asset-without-owner", asset.Key, true)
		r.edit("asset", asset.Key, map[string]any{"owner": ben.Key})
		r.expect("asset-without-owner", asset.Key, false)

		task := h.Create(t, "task", map[string]any{"title": "Count the till", "assignee": ben.Key, "due_on": r.day(2)})
		r.expect("task-overdue", task.Key, false)
		r.expect("owner-has-left", asset.Key, false)
		r.edit("person", ben.Key, map[string]any{"ends_on": r.day(1)})
		h.Later(3 * 24 * time.Hour)
		r.expect("owner-has-left", asset.Key, true)
		r.expect("owner-has-left", task.Key, true)
		r.edit("asset", asset.Key, map[string]any{"owner": r.People[access.Owner]})
		r.expect("owner-has-left", asset.Key, false)
		h.Later(33 * 24 * time.Hour)
		r.expect("task-overdue", task.Key, true)
		r.edit("task", task.Key, map[string]any{"due_on": r.day(5)})
		r.expect("task-overdue", task.Key, false)
	})
}

func TestRulesAboutDutiesAndContractsFireAndFallSilent(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		r := room{T: t, House: h}
		r.edit("organisation", "ORG-1", map[string]any{"country": "DE"})
		r.expect("obligation-unreviewed", "", true)
		r.expect("obligation-country-missing", "ORG-1", true)
		duty := h.Create(t, "obligation", map[string]any{"title": "Tell the authority", "kind": "law", "citation": "GDPR Art. 33", "jurisdictions": []string{"EU"}, "summary": "Within 72 hours.", "owner": "PER-1", "applicability_reason": "Orders.",
			"controls": []string{"iso27001:2022/A.5.24"}, "review_on": r.day(40)})
		r.expect("obligation-unreviewed", "", false)
		r.expect("obligation-country-missing", "ORG-1", false)
		r.expect("obligation-unreviewed", duty.Key, false)
		h.Later(41 * 24 * time.Hour)
		r.expect("obligation-unreviewed", duty.Key, true)
		r.move(duty, "review", map[string]any{"review_on": r.day(800)})
		r.expect("obligation-unreviewed", duty.Key, false)
		h.Later(367 * 24 * time.Hour)
		r.expect("obligation-unreviewed", duty.Key, true)

		values := map[string]any{"title": "Payroll", "kind": "data_processing", "counterparty": "Lohnhaus", "reference": "P-1", "owner": "PER-1", "effective_from": r.day(-5), "signed_on": r.day(-5), "security_terms": []string{"confidentiality"}}
		contract := r.entry("contract", values, map[string]any{"ends_on": r.day(10), "data_location": []string{"US"}})
		r.expect("contract-terms-missing", contract.Key, false)
		r.move(contract, "sign", nil)
		r.expect("obligation-country-missing", contract.Key, true)
		r.move(contract, "start", nil)
		r.expect("contract-terms-missing", contract.Key, true)
		r.edit("contract", contract.Key, map[string]any{"missing_terms_reason": "Renewed next year."})
		r.expect("contract-terms-missing", contract.Key, false)
		r.expect("contract-ran-out", contract.Key, false)
		h.Later(26 * 24 * time.Hour)
		r.expect("contract-ran-out", contract.Key, true)
		r.edit("contract", contract.Key, map[string]any{"is_auto_renewed": true})
		r.expect("contract-ran-out", contract.Key, false)
		late := r.entry("contract", values, map[string]any{"effective_from": r.day(-20), "security_terms": []string{"confidentiality", "incident_notice"}, "signed_on": r.day(-20)})
		r.move(late, "sign", nil)
		r.expect("contract-ran-out", late.Key, true)
		r.move(late, "start", nil)
		r.expect("contract-ran-out", late.Key, false)
		r.expect("contract-terms-missing", late.Key, false)
		h.Create(t, "obligation", map[string]any{"title": "Privacy in the US", "kind": "law", "citation": "State laws", "jurisdictions": []string{"us"}, "summary": "Looked at.", "owner": "PER-1", "applicability_reason": "Payroll.", "no_control_reason": "None apply.", "review_on": r.day(40)})
		r.expect("obligation-country-missing", contract.Key, false)
	})
}

// excepted asks for an exception and has it approved.
func (r room) excepted(values map[string]any) register.Entry {
	r.Helper()
	e := r.entry("exception", map[string]any{"title": "Known", "reason": "Known.", "requested_by": r.People[access.Owner], "approver": r.People[access.ISMSManager]}, values)
	r.move(e, "request", nil)
	r.move(e, "approve", nil)
	return e
}

func TestRulesAboutEvidenceFireAndFallSilent(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		r := room{T: t, House: h}
		source := h.Create(t, "source", map[string]any{"title": "AWS"})
		h.Move(t, source, "connect", nil, "")
		r.expect("source-failing", source.Key, false)
		h.Later(28 * time.Hour)
		r.expect("source-failing", source.Key, true)

		expected := h.Create(t, "expected_source", map[string]any{"title": "Sandbox", "identifier": "111"})
		r.expect("source-missing-for-declared-system", expected.Key, false)
		h.Later(15 * 24 * time.Hour)
		r.expect("source-missing-for-declared-system", expected.Key, true)
		r.move(expected, "waive", map[string]any{"waiver_reason": "Not ours.", "waived_until": r.day(100)})
		r.expect("source-missing-for-declared-system", expected.Key, false)

		short := r.excepted(map[string]any{"check": "check/aws.rds-backup", "starts_on": r.day(-30), "expires_on": r.day(-8)})
		r.expect("exception-expired", short.Key, false)
		good := r.excepted(map[string]any{"check": "check/aws.root-mfa", "compensation": "The vault is locked.", "starts_on": r.day(0), "expires_on": r.day(9)})
		r.expect("exception-without-risk", good.Key, false)
		h.Observe(t, "SRC-1", "aws:rds_instance", map[string]map[string]any{"db:orders": producttest.Database("orders", 0)})
		h.Later(25 * time.Hour)
		r.expect("exception-expired", short.Key, true)
		r.expect("failure-known-no-task", "check/aws.rds-backup", false)
		r.soon = true
		r.expect("failure-known-no-task", "check/aws.rds-backup", true)
		h.Create(t, "task", map[string]any{"title": "Turn backups on", "subject": "check/aws.rds-backup", "assignee": "PER-1", "due_on": r.day(5)})
		r.expect("failure-known-no-task", "check/aws.rds-backup", false)
		r.soon = false
		r.statements()
		long := r.excepted(map[string]any{"check": "check/aws.rds-backup", "starts_on": r.day(0), "expires_on": r.day(9)})
		r.expect("exception-expired", short.Key, false)
		r.expect("exception-without-risk", long.Key, true)
		r.chain()
		r.leaver()
		r.stated()
		r.twins()
		r.absent()
		r.tomorrow()
	})
}

// statements: what somebody signs against what the check saw, and when.
func (r room) statements() {
	r.Helper()
	owner := r.People[access.Owner]
	imp := r.Create(r.T, "implementation", map[string]any{"control": "iso27001:2022/A.8.13", "scope_unit": "SU-1", "implementation": "implemented", "how": "Daily.", "owner": owner})
	state := func(from, to int, more map[string]any) register.Entry {
		e := r.entry("attestation", map[string]any{"implementation": imp.Key, "line": "A.8.13/restore-tested", "form": "record", "looked_at": "A restore", "period_from": r.day(from), "period_to": r.day(to),
			"population": "One database.", "result": "holds", "attested_by": owner, "expires_on": r.day(300)}, more)
		r.move(e, "attest", nil, owner)
		return e
	}
	early := state(-60, -40, nil)
	r.expect("backdated", early.Key, true)
	r.expect("attestation-contradicts-check", early.Key, false)
	late := state(0, 0, nil)
	r.expect("backdated", early.Key, false)
	r.expect("backdated", late.Key, false)
	r.expect("attestation-contradicts-check", late.Key, true)
	r.move(late, "void", nil, owner)
	r.expect("attestation-contradicts-check", late.Key, false)
}

// chain: exceptions for one thing that follow each other.
func (r room) chain() {
	r.Helper()
	of := map[string]any{"control": "iso27001:2022/A.8.5", "compensation": "Watched."}
	except := func(from, until int) register.Entry {
		more := maps.Clone(of)
		more["starts_on"], more["expires_on"] = r.day(from), r.day(until)
		return r.excepted(more)
	}
	except(-400, -230)
	except(-229, -60)
	last := except(-59, -1)
	r.expect("exception-too-long", last.Key, false)
	last = except(0, 30)
	r.expect("exception-too-long", last.Key, true)
}

// leaver: an account that outlives the person.
func (r room) leaver() {
	r.Helper()
	gone := r.Create(r.T, "person", map[string]any{"name": "Lima", "email": "lima@example.org", "ends_on": r.day(-3)})
	see := func(enabled bool) {
		r.Observe(r.T, "SRC-1", "aws:iam_user", map[string]map[string]any{"user/lima": {"name": "Lima@example.org", "password_enabled": enabled}})
	}
	see(false)
	r.expect("leaver-access", gone.Key, false)
	see(true)
	r.expect("leaver-access", gone.Key, true)
	see(false)
	r.expect("leaver-access", gone.Key, false)
}

// stated: the record says that access was removed, and the system says no.
func (r room) stated() {
	r.Helper()
	gone := r.Create(r.T, "person", map[string]any{"name": "Mike", "email": "mike@example.org", "ends_on": r.day(-3), "access_removed_on": r.day(-3)})
	see := func(enabled bool) {
		r.Observe(r.T, "SRC-1", "aws:iam_user", map[string]map[string]any{"user/mike": {"name": "mike@example.org", "password_enabled": enabled}})
	}
	see(false)
	r.expect("leaver-statement-false", gone.Key, false)
	see(true)
	r.expect("leaver-statement-false", gone.Key, true)
	see(false)
	r.expect("leaver-statement-false", gone.Key, true)
	r.edit("person", gone.Key, map[string]any{"access_removed_on": r.day(0)})
	r.expect("leaver-statement-false", gone.Key, false)
}

// twins: two entries of one human being ask for and approve an exception.
func (r room) twins() {
	r.Helper()
	first := r.Create(r.T, "person", map[string]any{"name": "N. Ovember", "email": "november@example.org"})
	second := r.Create(r.T, "person", map[string]any{"name": "Nova November", "email": "nova@example.org"})
	e := r.Create(r.T, "exception", map[string]any{"title": "Later", "reason": "Later.", "control": "iso27001:2022/A.8.6", "starts_on": r.day(0), "expires_on": r.day(20), "requested_by": first.Key, "approver": second.Key})
	r.move(e, "request", nil)
	r.move(e, "approve", nil, second.Key)
	r.expect("four-eyes-one-person", e.Key, false)
	r.edit("person", second.Key, map[string]any{"other_emails": []string{"November@example.org"}})
	r.expect("four-eyes-one-person", e.Key, true)
	r.edit("person", second.Key, map[string]any{"other_emails": nil})
	r.expect("four-eyes-one-person", e.Key, false)
}

// absent: somebody signs who was not there.
func (r room) absent() {
	r.Helper()
	author := r.People[access.Owner]
	approver := r.Create(r.T, "person", map[string]any{"name": "Oscar", "email": "oscar@example.org"})
	of := r.Create(r.T, "document", map[string]any{"title": "Signed", "reference": "POL signed", "kind": "procedure", "owner": author, "approver": approver.Key})
	v := r.Create(r.T, "document_version", map[string]any{"document": of.Key, "edition": "1.0", "body": "As agreed.", "author": author, "change_summary": "First."})
	r.move(v, "submit", nil)
	r.move(approver, "take_leave", nil)
	r.move(v, "approve", nil, approver.Key)
	r.expect("signed-while-absent", approver.Key, true)
	r.Later(time.Minute)
	r.move(approver, "return", nil)
	r.expect("signed-while-absent", approver.Key, true)

	late := r.Create(r.T, "person", map[string]any{"name": "Papa", "email": "papa@example.org"})
	r.edit("document", of.Key, map[string]any{"approver": late.Key})
	v = r.Create(r.T, "document_version", map[string]any{"document": of.Key, "edition": "2.0", "body": "As agreed.", "author": author, "change_summary": "Second."})
	r.move(v, "submit", nil)
	r.move(v, "approve", nil, late.Key)
	r.expect("signed-while-absent", late.Key, false)
	r.Later(time.Minute)
	r.edit("person", late.Key, map[string]any{"ends_on": r.day(-2)})
	r.expect("signed-while-absent", late.Key, true)
	r.edit("person", late.Key, map[string]any{"ends_on": r.day(2)})
	r.expect("signed-while-absent", late.Key, false)
}

// tomorrow: done on a day that had not begun when it was entered.
func (r room) tomorrow() {
	r.Helper()
	person := r.Create(r.T, "person", map[string]any{"name": "Quebec", "email": "quebec@example.org"})
	r.edit("person", person.Key, map[string]any{"terms_signed_on": r.day(1)})
	r.expect("dated-in-the-future", person.Key, false) // somewhere it is tomorrow already
	r.Later(time.Minute)
	r.edit("person", person.Key, map[string]any{"terms_signed_on": r.day(3)})
	r.expect("dated-in-the-future", person.Key, true)
	r.Later(7 * 24 * time.Hour)
	r.edit("person", person.Key, map[string]any{"job_title": "Tester"})
	r.expect("dated-in-the-future", person.Key, true)
	r.edit("person", person.Key, map[string]any{"terms_signed_on": r.day(-5)})
	r.expect("dated-in-the-future", person.Key, false)
}
