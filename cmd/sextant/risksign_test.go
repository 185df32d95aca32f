// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/testserver"
	"sextant/register"
	"sextant/risk"
)

func TestRisksAreSignedByCommandOnSQLite(t *testing.T) { signByCommand(newTown(t, prepared(t))) }

func TestRisksAreSignedByCommandOnPostgreSQL(t *testing.T) {
	database := testserver.PostgreSQL(t)
	signByCommand(newTown(t, prepared(t, database.App, database.Owner)))
}

// signByCommand: what is listed first is what is signed with --yes; what another
// person owns is named and left out.
func signByCommand(w *town) {
	ctx := context.Background()
	w.p.getenv = func(name string) string { return map[string]string{"SEXTANT_PASSWORD": walkPassword}[name] }
	w.p.organisation, w.p.json = w.org.String(), true
	var mine string
	w.must(w.p.kernel.Write(ctx, access.SystemActor(w.org, "walk"), func(tx *register.Tx) error {
		e, err := tx.Create(risk.Risks.Name, map[string]any{"title": "Mine", "approach": "event", "risk_source": "A thief", "properties": []any{"integrity"}, "scope_units": []any{"SU-1"}, "owner": "PER-1", "management_system": "MS-71"}, register.Note{})
		if err != nil {
			return err
		}
		mine = e.Key
		_, err = tx.Create(risk.Evaluations.Name, map[string]any{"risk": mine, "stage": "current", "likelihood": 1.0, "consequences": []any{map[string]any{"type": "legal", "level": 1.0}}, "rationale": "x", "evaluated_by": "PER-1"}, register.Note{})
		return err
	}))
	sign := func(yes bool, keys ...string) (out decided, err error) {
		var printed bytes.Buffer
		w.p.stdout = &printed
		s := signing{signer: signer{email: "owner@example.org"}, write: yes, each: map[string]string{}}
		s.Reason, s.ValidUntil = "Within appetite.", sextant.SystemClock().Time().AddDate(0, 1, 0).Format(time.DateOnly)
		err = w.p.signed(ctx, s.signer, func(actor access.Actor) error { return w.p.signRisks(ctx, actor, keys, s) })
		if printed.Len() > 0 {
			w.must(json.Unmarshal(printed.Bytes(), &out))
		}
		return out, err
	}
	out, err := sign(false)
	if err != nil || out.Written || len(out.Signed) != 1 || out.Signed[0].Key != mine || out.Signed[0].Level != "Low" || out.Signed[0].Record != "" {
		w.Fatalf("listed: %+v, %v", out, err)
	}
	if out, err = sign(true, mine, "RSK-71"); !errors.Is(err, errFindings) || !out.Written || len(out.Signed) != 1 || out.Signed[0].Record == "" || len(out.Left) != 1 || out.Left[0].Key != "RSK-71" || out.Left[0].Why == "" {
		w.Fatalf("signed: %+v, %v", out, err)
	}
	if out, err = sign(false); err != nil || len(out.Signed) != 0 {
		w.Errorf("nothing is left, but: %+v, %v", out, err)
	}
	for _, keys := range [][]string{nil, {"RSK-999"}, {"AST-71"}} {
		if _, err := sign(true, keys...); sextant.CodeOf(err) != sextant.Invalid && sextant.CodeOf(err) != sextant.NotFound {
			w.Errorf("%v: %v", keys, err)
		}
	}
}
