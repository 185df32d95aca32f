// SPDX-License-Identifier: Apache-2.0

package oscal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/google/go-cmp/cmp"

	"sextant"
	"sextant/interchange/oscal"
)

var update = flag.Bool("update", false, "write golden files")

// accepted holds a document against NIST's own schemas of 1.1.
func accepted(t *testing.T, document []byte) {
	t.Helper()
	for _, version := range []string{"1.1.2", oscal.Version} {
		v, err := validation.NewValidatorDesiredVersion(document, version)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Validate(); err != nil {
			result, _ := v.GetValidationResult()
			told, _ := json.MarshalIndent(result.Errors, "", " ")
			t.Errorf("NIST's schema of %s: %v\n%s", version, err, told)
		}
	}
}

var moment = sextant.InstantOf(time.Date(2026, 11, 28, 9, 30, 0, 123456000, time.UTC))

func sheet() oscal.Sheet {
	return oscal.Sheet{Organisation: "Northquay", Key: "MS-1", System: "Order platform", Scope: "Orders,\nfrom cart to door.", Version: "2.0", State: "approved", ApprovedBy: "Mara Lindqvist", ApprovedAt: moment, At: moment,
		Rows: []oscal.Row{
			{Reference: "iso27001:2022/A.5.15", ID: "A.5.15", Title: "Access control", Applicability: "applicable", Reasons: []string{"risk_assessment", "legal"}, Justification: "Orders hold *addresses*.", Implementation: "partly", Owner: "Otto Berg", Evidence: "Pass", Fresh: "2026-12-24",
				Risks: []string{"R-4"}, Documents: []string{"DOC-2"},
				Units: []oscal.Unit{{Key: "SU-2", Title: "Warehouse", Implementation: "planned", PlannedOn: "2027-03-01"}, {Key: "SU-1", Title: "Head office", Implementation: "implemented", How: "Through one directory.\n\nReviewed each quarter."}}},
			{Reference: "iso27001:2022/A.7.4", ID: "A.7.4", Title: "Physical security monitoring", Applicability: "not_applicable", Justification: "No rooms of our own."},
			{Reference: "own/CST-3", ID: "CST 3/é", Title: " A control\nof our own ", Applicability: "undecided"},
		}}
}

func written(t *testing.T, s oscal.Sheet) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := oscal.Statement(&out, s); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAStatementIsAPlanNISTAccepts(t *testing.T) {
	document := written(t, sheet())
	accepted(t, document)
	golden(t, "statement.json", document)
	var file oscal.Document
	if err := json.Unmarshal(document, &file); err != nil {
		t.Fatal(err)
	}
	profile, err := base64.StdEncoding.DecodeString(file.Plan.BackMatter.Resources[0].Base64.Value)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, profile)
	golden(t, "profile.json", profile)
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}

func TestTheSameStatementGivesTheSameBytes(t *testing.T) {
	once := written(t, sheet())
	if !bytes.Equal(once, written(t, sheet())) {
		t.Error("the second writing differs")
	}
	other := sheet()
	other.Rows[0].Owner = "Nobody Else"
	if bytes.Equal(once, written(t, other)) {
		t.Error("another owner changes nothing")
	}
}

// A statement of which little is known yet is written too.
func TestAStatementWithGapsIsAccepted(t *testing.T) {
	accepted(t, written(t, oscal.Sheet{At: moment, Rows: []oscal.Row{{ID: "A.5.1"}}}))
	if err := oscal.Statement(&bytes.Buffer{}, oscal.Sheet{At: moment}); sextant.CodeOf(err) != sextant.Invalid {
		t.Errorf("an empty one: %v", err)
	}
}

func TestAnIdBecomesATokenOSCALTakes(t *testing.T) {
	for id, want := range map[string]string{"A.5.15": "A.5.15", "6.1.3 d)": "_6.1.3-d-", "": "_", "own/CST-3": "own-CST-3", "é/1": "é-1", " x ": "x"} {
		if got := oscal.Token(id); got != want {
			t.Errorf("%q becomes %q, want %q", id, got, want)
		}
	}
}

func TestAProfileNeedsAControl(t *testing.T) {
	s := sheet()
	s.Rows = s.Rows[1:]
	if err := oscal.WriteProfile(&bytes.Buffer{}, s); err == nil || !strings.Contains(err.Error(), "no control") {
		t.Errorf("without one that applies: %v", err)
	}
}

// What NIST's schemas refuse is refused here: the check above can fail.
func TestTheSchemasRefuseWhatIsNoPlan(t *testing.T) {
	document := bytes.Replace(written(t, sheet()), []byte(`"control-id": "A.5.15"`), []byte(`"control-id": "A 5/15"`), 1)
	v, err := validation.NewValidatorDesiredVersion(document, oscal.Version)
	if err != nil {
		t.Fatal(err)
	}
	if v.Validate() == nil {
		t.Error("an id with a space is accepted")
	}
}
