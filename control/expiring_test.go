// SPDX-License-Identifier: Apache-2.0

package control_test

import (
	"strings"
	"testing"
	"time"

	"sextant/control"
)

func TestWhatStopsCountingBeforeAMoment(t *testing.T) {
	said := func(state control.State, days int) *control.Node {
		return &control.Node{Kind: control.AttestationNode, State: state, Until: now.Add(time.Duration(days) * 24 * time.Hour)}
	}
	tree := &control.Node{Kind: control.ControlNode, Children: []*control.Node{
		unit("IMP-1", planned("A.5.1/later", control.Pass, said(control.Pass, 40)), planned("A.5.1/soon", control.Pass, said(control.Pass, 9)), planned("A.5.1/gone", control.Stale, said(control.Stale, 0))),
		unit("IMP-2", planned("A.5.1/sooner", control.Pass, said(control.Pass, 3)), planned("A.5.1/wrong", control.Fail, said(control.Fail, 3)), planned("A.5.1/none", control.NotAssessed)),
	}}
	var got []string
	for _, e := range control.Expiring(tree, now.Add(14*24*time.Hour)) {
		got = append(got, e.Implementation+" "+strings.TrimPrefix(e.Line, "A.5.1/"))
	}
	if want := "IMP-1 gone; IMP-2 sooner; IMP-1 soon"; strings.Join(got, "; ") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "; "), want)
	}
}
