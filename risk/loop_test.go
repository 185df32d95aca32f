// SPDX-License-Identifier: Apache-2.0

package risk_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/notice"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

// bucket is a desk whose evidence is read from an account with one bucket.
type bucket struct {
	*desk
	account *mototest.OneBucket
}

// closed closes the bucket, or opens it to everybody, and has the account read
// again.
func (b *bucket) closed(t *testing.T, yes bool) {
	t.Helper()
	if err := b.account.Public(t.Context(), !yes); err != nil {
		t.Fatal(err)
	}
	conn, err := aws.New(aws.Config{Accounts: []aws.Account{{AccessKeyID: "test", SecretAccessKey: "test"}}, Endpoint: b.account.Endpoint, Regions: []string{"us-east-1"}, Attempts: 1, RequestsPerSecond: 1000}, connector.Options{Source: "SRC-1", Operator: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := monitor.Collect(context.Background(), &monitor.Recorder{Store: b.Store, Organisation: b.Org, Source: "SRC-1"}, conn); err != nil {
		t.Fatal(err)
	}
	b.Evaluate(t)
}

// told gives what somebody was told of a kind.
func (b *bucket) told(t *testing.T, person, kind string) (list []register.Of[notice.Notice]) {
	t.Helper()
	b.Look(t, 0, func(v *register.View, _ evidence.Reader) (err error) {
		list, err = notice.Notices.All(v, register.Filter{Field: "person", Op: register.Is, Values: []string{person}})
		return err
	})
	return slices.DeleteFunc(list, func(n register.Of[notice.Notice]) bool { return n.Fields.Kind != kind })
}

// TestABucketMadePublicBreaksWhatItsOwnerSignedOnMoto walks the loop: a bucket is
// opened, the risk it bears on rises, the acceptance is broken and its owner told
// once, the bucket is closed, the risk comes down, and the owner decides again.
func TestABucketMadePublicBreaksWhatItsOwnerSignedOnMoto(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		b := &bucket{d, mototest.StartOneBucket(t, "orders-exports")}
		h.Create(t, "own_control", map[string]any{"reference": "NQ-2", "title": "Stores are closed", "objective": "o", "description": "d", "owner": d.owner.Person})
		imp := h.Create(t, "implementation", map[string]any{"control": "own/NQ-2", "scope_unit": "SU-1", "implementation": "implemented", "how": "Block Public Access.", "owner": d.owner.Person})
		h.Create(t, "plan_line", map[string]any{"implementation": imp.Key, "shows": "Buckets are closed", "mode": "automatic", "form": "checks", "checks": []any{"check/aws.s3-public"}})
		d.approved(t, risk.Template(5, "EUR", 6e6))
		key := d.risk(t, map[string]any{"title": "Exports are read by strangers", "scenarios": []any{"scenario/public-bucket"}, "properties": []any{"confidentiality"}, "category": "cyber",
			"treating": []any{map[string]any{"control": "own/NQ-2", "lowers_likelihood": 3.0}}})
		b.closed(t, true)
		d.evaluate(t, key, "current", 1, 4)
		if r := d.of(t, key); n(r.Fields.BestLevel) != n(r.Fields.CurrentLevel) || n(r.Fields.CurrentLevel) != 2 {
			t.Fatalf("closed: %d to %d, %q", n(r.Fields.BestLevel), n(r.Fields.CurrentLevel), r.Fields.Because)
		}
		accepted := h.Create(t, "acceptance", map[string]any{"risk": key, "reason": "One exporter, watched.", "valid_until": later(d, 200)}).Key
		must(t, d.move(t, d.owner, "acceptance", accepted, "accept", nil, ""))
		for range 2 {
			b.closed(t, false)
		}
		if r := d.of(t, key); n(r.Fields.CurrentLevel) != 4 || r.Fields.Acceptance != risk.Broken || !strings.Contains(r.Fields.Because, "NQ-2 does not work") {
			t.Fatalf("opened: level %d, acceptance %s, because %q", n(r.Fields.CurrentLevel), r.Fields.Acceptance, r.Fields.Because)
		}
		if told := b.told(t, d.owner.Person, "acceptance_broken"); len(told) != 1 || told[0].Fields.About != key || !strings.Contains(told[0].Fields.Values, "NQ-2 does not work") {
			t.Fatalf("the owner was told %+v, want once, of %s", told, key)
		}
		again := h.Create(t, "acceptance", map[string]any{"risk": key, "reason": "Closed, and a tag keeps it so.", "valid_until": later(d, 200)}).Key
		if err := d.move(t, d.owner, "acceptance", again, "accept", nil, ""); sextant.CodeOf(err) != sextant.Conflict || !strings.Contains(err.Error(), "is High by the evidence, and was judged Low") {
			t.Fatalf("signed for less than there is: %v", err)
		}
		b.closed(t, true)
		if r := d.of(t, key); n(r.Fields.CurrentLevel) != 2 || r.Fields.Acceptance != risk.Requested {
			t.Fatalf("closed again: level %d, acceptance %s: its owner decides again", n(r.Fields.CurrentLevel), r.Fields.Acceptance)
		}
		must(t, d.move(t, d.owner, "acceptance", again, "accept", nil, ""))
		if r := d.of(t, key); r.Fields.Acceptance != risk.Accepted || r.State != risk.Monitored {
			t.Errorf("decided again: %s, %s", r.Fields.Acceptance, r.State)
		}
	})
}

// TestAJudgementSeesWhatItsOwnTransactionWrote: evidence is read once for many
// risks, and again where something was written it follows from.
func TestAJudgementSeesWhatItsOwnTransactionWrote(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approved(t, risk.Template(5, "EUR", 1e7))
		key := d.risk(t, nil)
		judge := func(tx *register.Tx) string {
			e, err := tx.Create("risk_evaluation", map[string]any{"risk": key, "stage": "current", "likelihood": 2.0, "rationale": "As it is.", "evaluated_by": d.owner.Person,
				"consequences": []any{map[string]any{"type": "availability", "level": 3.0}}}, register.Note{})
			must(t, err)
			judged, err := risk.Evaluations.Get(tx, e.Key)
			must(t, err)
			return judged.Fields.Considered[0].State
		}
		all := d.manager
		all.Roles = append(all.Roles, access.System)
		must(t, d.as(all, func(tx *register.Tx) error {
			before, again := judge(tx), judge(tx)
			if _, err := tx.Transition("implementation", "IMP-1", 0, "retire", nil, register.Note{Why: "given up"}); err != nil {
				return err
			}
			if after := judge(tx); before == after || before != again {
				t.Errorf("%s, then %s; without the implementation %s", before, again, after)
			}
			return nil
		}))
	})
}
