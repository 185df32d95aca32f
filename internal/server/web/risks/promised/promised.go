// SPDX-License-Identifier: Apache-2.0

// Package promised shows what an acceptance of a risk is given on: controls that
// work and tasks that are done in time, each as it stands.
package promised

import (
	"context"
	"strings"

	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/risk"
)

// Row is one of them.
type Row struct {
	Name, Path, Says string
	State            control.State // what was proven is a pass, what was broken a failure; what is open is neither
}

// Of gives those of an acceptance that waits or is in force; of one that ended
// none, for what broke it stands in its reason.
func Of(v *register.View, p page.Page, a register.Of[risk.Acceptance]) (rows []Row, err error) {
	if a.State != risk.Requested && a.State != risk.Accepted {
		return nil, nil
	}
	list, err := risk.Promised(v, a)
	for _, promise := range list {
		rows = append(rows, rowOf(v.Context(), p, promise))
	}
	return rows, err
}

func rowOf(ctx context.Context, p page.Page, promise risk.Promise) Row {
	row := Row{Name: promise.Name, State: control.NotAssessed}
	switch promise.Verdict {
	case risk.Holds:
		row.State = control.Pass
	case risk.GivenBack:
		row.State = control.Fail
	}
	if promise.IsTask() {
		row.Path, row.Says = p.Link("/tasks/"+promise.Of), strings.TrimPrefix(promise.Says, promise.Of+" ")
		return row
	}
	row.Path = p.Link("/controls/" + framework.IDOf(promise.Of))
	row.Says = message.T(ctx, "risk.promised."+string(promise.Verdict))
	return row
}
