// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"strings"
	"testing"

	"sextant/control"
)

// unit is an implementation with lines over the plan of A.8.13.
func unit(key string, lines ...*control.Node) *control.Node {
	return &control.Node{ID: "implementation:" + key, Kind: control.ImplementationNode, Title: "Unit " + key, Children: lines}
}

func planned(id string, state control.State, children ...*control.Node) *control.Node {
	return &control.Node{ID: "line:" + id, Kind: control.LineNode, Title: id, State: state, Children: children}
}

func found(id string, state control.State, children ...*control.Node) *control.Node {
	return &control.Node{ID: "check:" + id, Kind: control.CheckNode, Title: id, State: state, Children: children, Inputs: map[string]any{"counts": control.Counts{Failed: len(children)}}}
}

func TestWhatWouldMakeAControlGreen(t *testing.T) {
	backup := found("aws.rds-backup", control.Fail, &control.Node{ID: "resource:orders", Kind: control.ResourceNode, State: control.Fail, Title: "orders"}, &control.Node{ID: "resource:users", Kind: control.ResourceNode, State: control.Fail})
	tree := &control.Node{ID: "control:A.8.13", Kind: control.ControlNode, Children: []*control.Node{
		unit("IMP-1", planned("A.8.13/databases-backed-up", control.Fail, backup), planned("A.8.13/objects-versioned", control.Pass, found("aws.s3-versioning", control.Pass)),
			planned("A.8.13/restore-tested", control.NotAssessed)),
		unit("IMP-2", planned("A.8.13/databases-backed-up", control.Fail, backup), planned("A.8.13/restores-run", control.Stale, found("aws.backup-restore-test", control.Stale)),
			planned("A.8.13/restore-tested", control.Stale, &control.Node{ID: "attestation:ATT-1", Kind: control.AttestationNode, State: control.Stale})),
	}}
	want := []struct {
		id      string
		want    control.Want
		lines   int
		failing int
	}{
		{"check/aws.rds-backup", control.Mend, 1, 2}, {"IMP-1/A.8.13/restore-tested", control.MakeRecord, 1, 0},
		{"check/aws.backup-restore-test", control.Collect, 1, 0}, {"IMP-2/A.8.13/restore-tested", control.MakeRecord, 1, 0},
	}
	got := control.Proofs(tree)
	if len(got) != len(want) {
		t.Fatalf("%d proofs, want %d: %+v", len(got), len(want), got)
	}
	for i, w := range want {
		if p := got[i]; p.ID != w.id || p.Want != w.want || len(p.Lines) != w.lines || p.Failing != w.failing {
			t.Errorf("proof %d is %s %s with %d lines and %d failing, want %+v", i, p.ID, p.Want, len(p.Lines), p.Failing, w)
		}
	}
	if got[0].IsByPeople() || !got[1].IsByPeople() {
		t.Error("a check passes by mending, a record is made by people")
	}
}

func TestAMissingSourceIsOneProofForEverythingItHides(t *testing.T) {
	missing := &control.Node{ID: "source:XS-1", Kind: control.SourceNode, Title: "sandbox", State: control.NotAssessed}
	tree := &control.Node{Kind: control.ControlNode, Children: []*control.Node{
		unit("IMP-1", planned("A.8.13/databases-backed-up", control.Fail, found("aws.rds-backup", control.Fail, &control.Node{Kind: control.ResourceNode, State: control.Fail}, missing)),
			planned("A.8.13/objects-versioned", control.Partial, found("aws.s3-versioning", control.Partial, missing))),
		unit("IMP-2", planned("A.8.13/databases-backed-up", control.NotAssessed, found("aws.rds-backup", control.NotAssessed)), planned("A.8.13/objects-versioned", control.NotAssessed, found("aws.s3-versioning", control.NotAssessed))),
	}}
	var ids []string
	for _, p := range control.Proofs(tree) {
		ids = append(ids, p.ID+" "+string(p.Want))
	}
	if got, want := strings.Join(ids, "; "), "check/aws.rds-backup mend; source/XS-1 connect; IMP-2/source/aws hear"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEveryStateThatIsNotPassWantsSomething(t *testing.T) {
	for _, state := range control.WorstFirst {
		p := control.Proofs(unit("IMP-1", planned("A.8.13/restores-run", state, found("aws.backup-restore-test", state, &control.Node{ID: "source:XS-1", Kind: control.SourceNode, State: control.Pass}))))
		if state == control.Partial {
			continue // the missing source speaks for it
		}
		if len(p) != 1 || p[0].Want == "" {
			t.Errorf("%s: %+v", state, p)
		}
	}
	if p := control.Proofs(unit("IMP-1", planned("A.8.13/restores-run", control.Pass))); len(p) != 0 {
		t.Errorf("what passes wants %+v", p)
	}
	if p := control.Proofs(unit("none", planned("A.8.13/restores-run", control.NotAssessed))); len(p) != 1 || p[0].Want != control.Write || p[0].Implementation != "" {
		t.Errorf("a line without a check: %+v", p)
	}
	if p := control.Proofs(unit("IMP-1", planned("A.8.13/restore-tested", control.Fail, &control.Node{Kind: control.AttestationNode, State: control.Fail}))); len(p) != 1 || p[0].Want != control.HoldAgain {
		t.Errorf("a statement that it does not hold: %+v", p)
	}
}
