// SPDX-License-Identifier: Apache-2.0

package intake_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"sextant/interchange/intake"
)

var update = flag.Bool("update", false, "write the golden files anew")

const first = "Sheet1"

// workbook makes a workbook with another program's library.
func workbook(t testing.TB, fill func(*excelize.File), rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	put(f, first, rows...)
	if fill != nil {
		fill(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(f *excelize.File, sheet string, rows ...[]any) {
	for i, row := range rows {
		cell, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := f.SetSheetRow(sheet, cell, &row); err != nil {
			panic(err)
		}
	}
}

// ground knows three people and two units.
func ground() intake.Ground {
	g := intake.Annexes()
	g.People["mara lindqvist"], g.People["mara northquay example"] = "PER-1", "PER-1"
	g.Units["whole organisation"], g.Units["berlin"] = "SU-1", "SU-2"
	return g
}

func proposed(t testing.TB, data []byte) (*intake.File, intake.Matching) {
	t.Helper()
	f, err := intake.Open(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	m, err := f.Propose()
	if err != nil {
		t.Fatal(err)
	}
	return f, m
}

func taken(t testing.TB, data []byte, matches ...string) intake.Result {
	t.Helper()
	f, m := proposed(t, data)
	for _, match := range matches {
		column, field, _ := strings.Cut(match, "=")
		if err := m.Match(column, intake.Field(field)); err != nil {
			t.Fatal(err)
		}
	}
	result, err := f.Take(m, ground())
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// told writes a result the way a person would want to read it.
func told(r intake.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sheet %q, header in row %d, edition %s\n", r.Sheet, r.Header, r.Edition)
	for _, c := range r.Columns {
		fmt.Fprintf(&b, "  %-2s %-40q %s\n", c.Letter, c.Header, orDash(string(c.Field)))
	}
	for _, row := range r.Rows {
		fmt.Fprintf(&b, "row %d: %s", row.Row, row.ID)
		for _, part := range []struct{ name, text string }{{"", row.Applicability}, {"because", strings.Join(row.Reasons, "+")}, {"justified", row.Justification}, {"in", row.Inclusion}, {"out", row.Exclusion},
			{"is", row.Implementation}, {"how", row.How}, {"by", row.PlannedOn}, {"owner", row.Owner}, {"written", row.OwnerText}, {"unit", row.Unit}, {"remarks", row.Remarks}} {
			if part.text != "" {
				fmt.Fprintf(&b, " | %s %q", part.name, part.text)
			}
		}
		for _, d := range row.Declared {
			fmt.Fprintf(&b, " | declared %+v", d)
		}
		b.WriteByte('\n')
	}
	for _, refused := range r.Refused {
		fmt.Fprintf(&b, "refused row %d: %s\n", refused.Row, refused.Err())
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", note)
	}
	return b.String()
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// awful are sheets as they come from consultants, colleagues and other
// programs, each with something of its own that is wrong.
func awful(t testing.TB) map[string][]byte {
	t.Helper()
	day := time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC)
	german := []any{"Nr.", "Maßnahme", "Anwendbar?", "Gründe für die Auswahl", "Begründung", "Umsetzungsstatus", "Verantwortlich", "Geplant bis", "Bemerkungen"}
	return map[string][]byte{
		"titles-and-two-header-rows": workbook(t, func(f *excelize.File) {
			for _, m := range [][2]string{{"A1", "I1"}, {"D4", "G4"}, {"A6", "I6"}} {
				must(t, f.MergeCell(first, m[0], m[1]))
			}
		},
			[]any{"STATEMENT OF APPLICABILITY"}, []any{"Owner: CISO", nil, "Version 1.3", nil, "Date", day}, nil,
			[]any{"ISO/IEC 27001:2013 Annex A controls", nil, "Selected?", "Selected controls and reasons for selection", nil, nil, nil, "Justification for exclusion", "Remarks (overview of implementation)"},
			[]any{"Clause", "Control", nil, "LR", "CO", "BR/BP", "RRA"},
			[]any{"5 Security policies"}, []any{"5.1", "Management direction for information security"},
			[]any{"5.1.1", "Policies for information security", "Yes", "x", "", "x", "", "", "Policy v3"},
			[]any{"5.1.2", "Review of the policies for information security", "Yes – annually", "", "", "", "✓", "", ""},
			[]any{"6 Organization"},
			[]any{"6.2.2", "Teleworking", "No", "", "", "", "", "Nobody works from home"},
			[]any{"6.2.2", "Teleworking", "No", "", "", "", "", "Nobody works from home"},
			[]any{"6.2.9", "There is no such control", "Yes", "x"},
			[]any{"6.2", "Mobile devices", "Yes", "x"},
			[]any{"", "", "No", "", "", "", "", "lost its id"},
			[]any{"Clause", "Control", nil, "LR", "CO", "BR/BP", "RRA"},
			[]any{"12.6.1", "Technical vulnerabilities", "perhaps", "x"},
			[]any{"18.2.3", "Technical compliance review", "yes", "", "", "", "x", "but out of scope for labs", ""},
			[]any{"Legend: LR = legal requirements, CO = contractual obligations"}),
		"german-with-dates-and-section-rows": workbook(t, func(f *excelize.File) {
			must(t, f.SetRowVisible(first, 6, false))
			must(t, f.SetCellRichText(first, "E4", []excelize.RichTextRun{{Text: "Gesetz "}, {Text: "und Vertrag", Font: &excelize.Font{Bold: true}}}))
			must(t, f.MergeCell(first, "G4", "G5"))
		},
			[]any{"Erklärung zur Anwendbarkeit"}, german, []any{"A.5", "Organisatorische Maßnahmen"},
			[]any{"A.5.1", "Informationssicherheitspolitik", "ja", "gesetzlich, vertraglich", "", "umgesetzt", "Mara Lindqvist", nil, "R-01"},
			[]any{"A.5.2 Rollen", "", "Ja", "Risikobeurteilung", "Risiko R-4", "teilweise umgesetzt", nil, day, nil},
			[]any{"A.5.3: Aufgabentrennung", "", "JA", "DSGVO Art. 32 verlangt es", "", "geplant", "mara@northquay.example", 46_380, ""},
			[]any{"A.7.6", "Sichere Bereiche", "nein", "", "Es gibt keine.", "entfällt", "", "", ""},
			[]any{"A.8.1", "Endgeräte", "ja", "Stand der Technik", "", "geplant", "H. Vos", "24.12.2026", ""},
			[]any{"A.8.2", "Privilegien", "ja", "Risikobeurteilung", "", "zu 80 Prozent", "Mara Lindqvist", "Q4", ""},
			[]any{"A.8.3", "Zugriff", "vielleicht", "Kundenwunsch Nr 7", "", "100 %", "", "", ""},
			[]any{"4.1", "Kontext", "ja", "", "", "umgesetzt", "", "", ""}),
		"numbers-that-lost-their-zero": workbook(t, func(f *excelize.File) {
			style, err := f.NewStyle(&excelize.Style{NumFmt: 2})
			must(t, err)
			must(t, f.SetCellStyle(first, "A2", "A9", style))
		},
			[]any{"Control", "Control name", "Applicable", "Reason for inclusion/exclusion"},
			[]any{5.9, "Inventory of information and other associated assets", true, "Risk"}, []any{5.1, "Acceptable use of information and other associated assets", true, "Risk"},
			[]any{5.11, "Return of assets", "TRUE", "Risk"}, []any{5.1, "Policies for information security", true, "Law"},
			[]any{8.3, "", false, "Nothing is outsourced."}, []any{8.29, "", true, "x"}, []any{8.3, "", true, "Outsourced to Acme."},
			[]any{time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), "", true, "a date"}),
		"formulas-and-errors": workbook(t, func(f *excelize.File) {
			must(t, f.SetCellFormula(first, "C2", `IF(D2="",0,"Yes")`))
			must(t, f.SetCellFormula(first, "C3", `VLOOKUP(A3,Other!A:B,2,0)`))
		},
			[]any{"Control ID", "Title", "Applicable", "Reasons", "Status"},
			[]any{"A.5.1", "Policies", nil, "Legal", "Implemented"}, []any{"A.5.2", "Roles", nil, "Legal", "Implemented"}, []any{"A.5.3", "Duties", "#REF!", "Legal; Business requirement", "Done"}),
		"several-sheets": workbook(t, func(f *excelize.File) {
			for _, name := range []string{"Cover", "Changes", "SoA 2026", "old"} {
				_, err := f.NewSheet(name)
				must(t, err)
			}
			must(t, f.DeleteSheet(first))
			put(f, "Cover", []any{"Statement of Applicability"}, []any{"Version", "4.1", "see chapter", "A.5.1"})
			put(f, "Changes", []any{"Version", "Date", "What"}, []any{"4.1", day, "A.5.23 added"})
			put(f, "SoA 2026", []any{"Ref", "Beheersmaatregel", "Van toepassing", "Reden", "Onderbouwing", "Status", "Eigenaar"},
				[]any{"5.1", "Beleidsregels", "Ja", "Wettelijk", "AVG", "Geïmplementeerd", "Mara Lindqvist"}, []any{"5.2", "Rollen", "Ja", "Risicobeoordeling, contractueel", "", "Deels", "Mara Lindqvist"},
				[]any{"7.13", "Onderhoud", "N.v.t.", "", "Alles is gehuurd.", "", ""}, []any{"8.34", "Audit", "nee", "wettelijk", "toch niet", "", ""})
			put(f, "old", []any{"Ref", "Van toepassing"}, []any{"5.1", "Ja"}, []any{"5.2", "Ja"}, []any{"5.3", "Ja"}, []any{"5.4", "Ja"}, []any{"5.5", "Ja"})
			must(t, f.SetSheetVisible("old", false))
		}),
		"merged-over-rows": workbook(t, func(f *excelize.File) {
			for _, m := range [][2]string{{"A2", "A3"}, {"D2", "D4"}, {"C5", "D5"}, {"E2", "E5"}} {
				must(t, f.MergeCell(first, m[0], m[1]))
			}
		},
			[]any{"Control", "Unit", "Applicable", "Justification", "Reasons", "Implementation"},
			[]any{"A.5.1", "Whole organisation", "yes", "One for three", "legal", "implemented"}, []any{nil, "Berlin", "yes", nil, nil, "planned"}, []any{"A.5.2", "Atlantis", "yes", nil, nil, "implemented"}, []any{"A.5.4", "Berlin", "yes"}),
		"french-latin-1.csv": latin1(t, "Référence;Intitulé;Retenue;Motif;Justification de l'exclusion;État de mise en œuvre;Pilote;Échéance\r\n"+
			"A.5.1;Politiques;Oui;Exigence légale;;Mis en œuvre;Mara Lindqvist;\r\nA.5.7;\"Renseignement\r\nsur les menaces\";oui;Analyse de risque;;En cours;;24/12/2026\r\nA.7.4;Surveillance;Non;;Aucun site propre;Sans objet;;\r\nA.8.23;Filtrage;Oui;;;Prévu;;03/04/2026\r\n"),
		"spanish-utf-16.csv": utf16(t, "Código\tControl\tAplicable\tRazón\tJustificación\tEstado\nA.5.1\tPolíticas\tSí\tRequisito legal\t\tImplementado\nA.5.8\tProyectos\tno\t\tSin proyectos\t\nA.6.7\tTeletrabajo\tSí\t¿?\t\tParcialmente\n"),
		"italian.csv":        []byte("Controllo,Descrizione,Applicabile,Motivazione,Stato di attuazione,Responsabile\nA.5.1,Politiche,Sì,legge,Attuato,\nA.5.2,Ruoli,Non applicabile,,\"\",\n"),
		"portuguese.csv":     []byte("sep=;\nControle;Título;Aplicável;Razões;Justificação;Estado de implementação\nA.5.1;Políticas;Sim;Requisito legal;;Em curso\nA.8.1;Dispositivos;Não;;Não há;\n"),
		"swedish.csv":        []byte("Referens;Säkerhetsåtgärd;Tillämplig;Skäl;Motivering;Införandestatus;Ansvarig\nA.5.1;Policyer;Ja;Lagkrav;;Införd;\nA.5.4;Ledningens ansvar;Ja;Riskbedömning;;Delvis;\nA.7.1;Skalskydd;Ej tillämplig;;Vi hyr;;\n"),
		"no-header-at-all":   workbook(t, nil, []any{"A.5.1", "Policies", "Yes", "Legal"}, []any{"A.5.2", "Roles", "No", "Nobody"}),
		"status-holds-yes-and-no": workbook(t, nil, []any{"Annex A Control Reference", "Control Title", "Status", "Rationale"},
			[]any{"Annex A 5.1", "Policies", "Applicable", "Law"}, []any{"ISO 27001:2022 A.5.2", "Roles", "Not Applicable", "None"}, []any{"A-5-3", "Duties", "Applicable", ""}, []any{"A 5.04", "Management", "Excluded", "x"}),
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func latin1(t testing.TB, s string) []byte {
	out, err := charmap.Windows1252.NewEncoder().String(s)
	must(t, err)
	return []byte(out)
}

func utf16(t testing.TB, s string) []byte {
	out, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(s)
	must(t, err)
	return []byte(out)
}

func TestAwfulSheetsAreReadAsAgreed(t *testing.T) {
	for name, data := range awful(t) {
		t.Run(name, func(t *testing.T) {
			got := told(taken(t, data))
			path := filepath.Join("testdata", strings.TrimSuffix(name, ".csv")+".golden")
			if *update {
				must(t, os.WriteFile(path, []byte(got), 0o644))
			}
			want, err := os.ReadFile(path)
			must(t, err)
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got); if that is meant, run with -update\n%s", path, diff)
			}
		})
	}
}

// Whatever a sheet holds: a row that names a control or decides something is
// taken, or refused by number, or said to be passed over; never two of them.
func TestEveryRowHasOneFate(t *testing.T) {
	for name, data := range awful(t) {
		r := taken(t, data)
		fates := map[int]string{}
		for _, row := range r.Rows {
			fates[row.Row] += "taken"
		}
		refused := map[int]bool{}
		for _, refusal := range r.Refused {
			refused[refusal.Row] = true
			if refusal.Reason == "" || refusal.Fix == "" {
				t.Errorf("%s: %+v says not why, or not what to do", name, refusal)
			}
		}
		for row := range refused {
			fates[row] += "refused"
		}
		for _, row := range r.Passed {
			fates[row] += "passed"
		}
		for row, fate := range fates {
			if !slices.Contains([]string{"taken", "refused", "passed"}, fate) {
				t.Errorf("%s: row %d is %s", name, row, fate)
			}
		}
	}
}
