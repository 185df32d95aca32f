// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"sextant/ledger"
)

func TestACheckpointLeavesTheMachineAndOnlyThenIsItRecorded(t *testing.T) {
	p, ctx := prepared(t), context.Background()
	operator := settled(t, p)
	status, got := http.StatusOK, ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = string(body)
		w.WriteHeader(status)
	}))
	defer server.Close()
	to := server.URL + "/safe?token=sesame"
	take := func() error {
		_, err := p.prover.Anchor(ctx, operator, recordable(to), func(signed []byte) error { return p.deliver(ctx, to, signed) })
		return err
	}
	status = http.StatusInternalServerError
	if err := take(); err == nil || !strings.Contains(err.Error(), "not recorded") {
		t.Errorf("an answer of 500: %v", err)
	}
	if last, err := p.prover.LastAnchored(ctx, operator.Organisation); err != nil || last.Lines != 0 || last.Since == 0 {
		t.Errorf("recorded although it did not arrive: %+v, %v", last, err)
	}
	status = http.StatusNoContent
	if err := take(); err != nil {
		t.Fatal(err)
	}
	last, err := p.prover.LastAnchored(ctx, operator.Organisation)
	if err != nil || last.To != server.URL+"/safe" || last.Lines == 0 || last.Since != 1 {
		t.Errorf("last anchored %+v, %v", last, err)
	}
	report, err := p.prover.VerifyHere(ctx, operator.Organisation, ledger.Trust{Checkpoints: [][]byte{[]byte(got)}})
	if err != nil || !report.OK() || report.Anchors != 1 {
		t.Errorf("what was sent pins nothing: %v %+v", err, report)
	}
	for name, data := range spread(t, p, operator) {
		if strings.Contains(string(data), "sesame") {
			t.Errorf("%s holds the address's secret", name)
		}
	}
}
