// SPDX-License-Identifier: Apache-2.0

package monitor_test

import (
	"context"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/connector/aws"
	"sextant/connector/aws/mototest"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/store"
	"sextant/monitor"
	"sextant/product"
	"sextant/register"
)

// way is the whole way through the house, over a seeded stand-in for AWS.
type way struct {
	world  *mototest.World
	store  *store.Store
	kernel *register.Kernel
	org    sextant.Organisation
}

func newWay(t *testing.T, users int) *way {
	t.Helper()
	w := &way{world: mototest.StartWorld(t, users)}
	var err error
	if w.store, err = store.Open(context.Background(), store.Config{Folder: t.TempDir()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.store.Close() })
	made, err := w.store.CreateOrganisation(context.Background(), "Tests")
	if err != nil {
		t.Fatal(err)
	}
	w.org = made.Number
	w.kernel = register.New(w.store, product.Registers(), register.Config{})
	return w
}

func (w *way) collect(t *testing.T) connector.Manifest {
	t.Helper()
	conn, err := aws.New(aws.Config{Accounts: []aws.Account{{AccessKeyID: "test", SecretAccessKey: "test"}}, Endpoint: w.world.Endpoint, Regions: []string{mototest.Region}, Attempts: 1, RequestsPerSecond: 1000},
		connector.Options{Source: "aws", Operator: true})
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := monitor.Collect(t.Context(), &monitor.Recorder{Store: w.store, Organisation: w.org, Source: "aws"}, conn)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (&monitor.Way{Kernel: w.kernel, Store: w.store}).Evaluate(t.Context(), w.org); err != nil {
		t.Fatal(err)
	}
	return manifest
}

// status draws every control at a moment, 0 = now.
func (w *way) status(t *testing.T, at sextant.Instant) map[string]*control.Node {
	t.Helper()
	byID := map[string]*control.Node{}
	actor := access.Actor{Organisation: w.org, Name: "operator:test", Roles: []access.Role{access.Operator}}
	err := w.kernel.Read(t.Context(), actor, at, func(v *register.View) error {
		return w.store.Machine(t.Context(), w.org, func(r evidence.Reader) error {
			nodes, err := monitor.Status(v, r)
			for _, n := range nodes {
				byID[strings.TrimPrefix(n.ID, "control:")] = n
			}
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return byID
}

func outcome(n *control.Node, id string) (found *control.Node) {
	n.Walk(func(x *control.Node) {
		if x.ID == "check:"+id {
			found = x
		}
	})
	return found
}

func TestFromAnAccountToAnExplainedStateOnMoto(t *testing.T) {
	w := newWay(t, 20)
	before := w.status(t, 0)
	if n := len(before); n != 93 {
		t.Fatalf("%d controls", n)
	}
	for id, n := range before {
		if n.State != control.NotAssessed {
			t.Errorf("%s is %s before anything was collected", id, n.State)
		}
	}
	w.collect(t)
	after := w.status(t, 0)
	for _, id := range []string{"A.5.5", "A.5.12", "A.5.26", "A.5.30"} {
		if after[id].State == control.Pass {
			t.Errorf("%s passes by one AWS account", id)
		}
	}
	for id, n := range after {
		plan, _ := framework.PlanFor(id)
		if n.State == control.Pass && plan.Mode() != framework.Automatic {
			t.Errorf("%s passes by checks alone, its plan is %s", id, plan.Mode())
		}
	}
	if n := outcome(after["A.8.3"], "aws.s3-public"); n == nil || n.State != control.Fail || len(n.Children) == 0 {
		t.Errorf("the public bucket does not show: %+v", n)
	}
}

func TestFixingOneResourceChangesItsNodesOnlyOnMoto(t *testing.T) {
	w := newWay(t, 5)
	w.collect(t)
	then := sextant.SystemClock()
	before := w.status(t, 0)
	_, key, err := mototest.FixOne(t.Context(), w.world.Endpoint, "aws-sg-admin-ports")
	if err != nil {
		t.Fatal(err)
	}
	w.collect(t)
	after := w.status(t, 0)
	const id = "aws.sg-admin-ports"
	was, is := outcome(before["A.8.20"], id), outcome(after["A.8.20"], id)
	if !names(was, key) || names(is, key) {
		t.Errorf("%s: named before %v, after %v", key, names(was, key), names(is, key))
	}
	for control, n := range before {
		n.Walk(func(x *node) {
			other := strings.TrimPrefix(x.ID, "check:")
			if y := outcome(after[control], other); other != x.ID && other != id && y.State != x.State {
				t.Errorf("%s of %s went from %s to %s", x.ID, control, x.State, y.State)
			}
		})
	}
	if again := outcome(w.status(t, then)["A.8.20"], id); !names(again, key) {
		t.Error("as of before the repair the resource is not named any more")
	}
}

type node = control.Node

// names says whether an explanation leads down to a resource.
func names(n *node, key string) (found bool) {
	n.Walk(func(x *node) { found = found || x.ID == "resource:"+key })
	return found
}

func TestWhatIsDeniedPassesNothingOnMoto(t *testing.T) {
	w := newWay(t, 5)
	w.world.Break("s3:ListBuckets", mototest.Denied)
	if w.collect(t).Complete() {
		t.Fatal("the run says it is complete")
	}
	if n := outcome(w.status(t, 0)["A.8.3"], "aws.s3-public"); n.State != control.Error || !strings.Contains(n.Reason, "s3:ListBuckets") {
		t.Errorf("the check is %s: %s", n.State, n.Reason)
	}
}
