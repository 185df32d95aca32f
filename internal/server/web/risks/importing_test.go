// SPDX-License-Identifier: Apache-2.0

package risks_test

import (
	"bytes"
	"html"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sextant/access"
	"sextant/evidence"
	"sextant/interchange/riskbook"
	"sextant/product/producttest"
	"sextant/register"
	"sextant/risk"
)

type sent struct{ name, content string }

// upload sends files as a browser does.
func (d *desk) upload(role access.Role, files ...sent) (int, string) {
	d.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for _, f := range files {
		part, err := form.CreateFormFile("file", f.name)
		if err == nil {
			_, err = part.Write([]byte(f.content))
		}
		if err != nil {
			d.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		d.Fatal(err)
	}
	status, answer := d.Send(d.T, role, "/risks/import", form.FormDataContentType(), body.String())
	return status, html.UnescapeString(answer)
}

var (
	hiddenInput = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	selectBox   = regexp.MustCompile(`(?s)<select class="input[^"]*" id="[^"]*" name="([^"]+)"[^>]*>(.*?)</select>`)
	typedInput  = regexp.MustCompile(`<input class="input[^"]*" id="[^"]*" name="([^"]+)"[^>]* value="([^"]*)"`)
	chosenValue = regexp.MustCompile(`<option value="([^"]*)" selected`)
	batchPath   = regexp.MustCompile(`/batches/[^/]+/undo`)
)

// formOf gives what the form on the page would send as it stands.
func formOf(body string) url.Values {
	form := url.Values{}
	for _, m := range hiddenInput.FindAllStringSubmatch(body, -1) {
		form.Add(m[1], m[2])
	}
	for _, m := range typedInput.FindAllStringSubmatch(body, -1) {
		form.Set(m[1], m[2])
	}
	for _, m := range selectBox.FindAllStringSubmatch(body, -1) {
		form.Set(m[1], "")
		if c := chosenValue.FindStringSubmatch(m[2]); c != nil {
			form.Set(m[1], c[1])
		}
	}
	return form
}

// again sends the form with something changed, by pairs.
func (d *desk) again(body, do string, changes ...string) string {
	d.Helper()
	form := formOf(body)
	form.Set("do", do)
	for i := 0; i+1 < len(changes); i += 2 {
		form.Set(changes[i], changes[i+1])
	}
	_, _, answer := d.Post(d.T, access.ISMSManager, "/risks/import", form.Encode())
	return html.UnescapeString(answer)
}

func (d *desk) holds(body string, texts ...string) {
	d.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			d.Errorf("the page does not say %q", text)
		}
	}
}

func (d *desk) evaluations() (list []register.Of[risk.Evaluation]) {
	d.Helper()
	d.Look(d.T, 0, func(v *register.View, _ evidence.Reader) (err error) { list, err = risk.Evaluations.All(v); return err })
	return list
}

const list = `Nr.,Was kann passieren,Spalte X,Eintrittswahrscheinlichkeit,Auswirkung,Risikowert,Risikoeigner
R-1,Das Lager brennt,Am Kai,3,Critical,12,Mara Lindqvist
R-2,Der Strom fällt aus,Im Haus,immer mal,2,8,mara@example.org
`

// A list of another tool: its columns are guessed and corrected, its values read
// by the criteria in force, the refused row stands first, one click writes and one
// takes it all back; the next list begins with what was corrected.
func TestAListOfAnotherToolComesInByThePage(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(5, "EUR", 0))
		d.holds(d.get(access.ISMSManager, "/risks/import"), "An analysis of MONARC", `name="file" required multiple`, "/risks/workbook")

		status, body := d.upload(access.ISMSManager, sent{"liste.csv", list})
		if status != http.StatusUnprocessableEntity {
			t.Errorf("without a column that says what the risk is: %d", status)
		}
		d.holds(body, "liste.csv is a sheet of another tool", "no column says what the risk is", "Das Lager brennt", "Am Kai", `value="inherent.likelihood"`)

		body = d.again(body, "again", "col-B", "title", "col-C", "text")
		d.holds(body, "What becomes of the rows", `"immer mal" is no likelihood of RC-1`, "its levels are 1 Unlikely", "What the values mean", "4 Critical", "Likelihood (1)", "scores of another scale are no levels here")
		if strings.Index(body, "immer mal") > strings.Index(body, "Each row") || len(d.evaluations()) > 0 {
			t.Error("what is refused does not stand first, or something was written")
		}
		said := ""
		for name, value := range formOf(body) {
			if value[0] == "immer mal" {
				said = strings.Replace(name, "said-", "level-", 1)
			}
		}
		body = d.again(body, "again", said, "2")
		d.holds(body, "2 Rather unlikely", "Every row can be written", "Write 4 entries")
		if report := d.again(body, "report"); !strings.HasPrefix(report, "PK") {
			t.Error("the report is no workbook")
		}

		body = d.again(body, "write")
		d.holds(body, "4 rows were written", "Undo all of it", `href="/risks"`)
		made := d.evaluations()
		if len(made) != 2 || made[1].Fields.Likelihood == nil || *made[1].Fields.Likelihood != 2 || !strings.Contains(made[1].Fields.Rationale, `"immer mal"`) {
			t.Fatalf("%+v", made)
		}
		d.holds(d.get(access.Reader, "/risks/RSK-1"), "Das Lager brennt", "Spalte X: Am Kai")

		_, body = d.upload(access.ISMSManager, sent{"naechste.csv", strings.ReplaceAll(list, "R-", "N-")})
		d.holds(body, "Write 4 entries") // nothing had to be said again
		undo := batchPath.FindString(d.again(body, "write"))
		if status, _, answer := h.Post(t, access.ISMSManager, undo, "register=risk"); status != http.StatusOK || strings.Contains(answer, "was changed again") {
			t.Errorf("undone: %d %.300s", status, answer)
		}
		if n := len(d.evaluations()); n != 2 {
			t.Errorf("after the undo there are %d evaluations", n)
		}
		if body := d.again(body, "again", "col-A", "title"); !strings.Contains(body, "are both matched to title") {
			t.Error("two columns hold the same")
		}
	})
}

func TestAWorkbookAndAnAnalysisComeInByThePage(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		d.approve(risk.Template(5, "EUR", 0))
		key := d.risk("Orders are lost", nil)
		d.judge(key, risk.Current, 4, 4)
		_, book := h.Get(t, access.ISMSManager, "/risks/workbook")
		if !strings.HasPrefix(book, "PK") {
			t.Fatalf("the workbook is %.40q", book)
		}
		_, body := d.upload(access.ISMSManager, sent{"risks.xlsx", book})
		d.holds(body, "is a register as this program writes it", "Risk evaluations", "Nothing would change", "2 rows in all")

		data, err := os.ReadFile("../../../../interchange/monarc/testdata/analysis-2.13.json")
		if err != nil {
			t.Fatal(err)
		}
		_, body = d.upload(access.ISMSManager, sent{"analysis.json", string(data)})
		d.holds(body, "is a risk analysis of MONARC", "Information risks", "Judged there", "judged risks are not evaluated", "Write ")
		body = d.again(body, "write", "owner", d.owner)
		d.holds(body, "rows were written")
		undo := batchPath.FindString(body)
		if status, _, answer := h.Post(t, access.ISMSManager, undo, "register=risk"); status != http.StatusOK || strings.Contains(answer, `class="fate no"`) {
			t.Errorf("undone: %d %.2000s", status, answer)
		}
		d.Look(t, 0, func(v *register.View, _ evidence.Reader) error {
			for _, name := range []string{"threat", "vulnerability", "risk"} {
				if n, err := v.CountOf(name); err != nil || n > 1 {
					t.Errorf("%d entries of %s are left: %v", n, name, err)
				}
			}
			return nil
		})
	})
}

const (
	lockpick = `{"uuid": "t-1", "code": "T1", "label": "Lock is picked", "description": "", "theme": "Physical damage", "language": "EN", "c": true, "i": false, "a": false}`
	schloss  = `[{"uuid": "t-1", "code": "T1", "label": "Schloss wird geöffnet", "description": "", "theme": "Physisch", "language": "DE", "c": true, "i": false, "a": false}]`
	weakness = `{"data": [{"licenses": [{"license_id": "CC-BY-4.0"}], "json_object": {"uuid": "v-1", "code": "V1", "label": "Lock is old", "description": "", "language": "EN", "mode": 0, "status": 1}}]}`
)

func TestObjectsComeInSeveralFilesAtOnceByLanguage(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		d := newDesk(t, h)
		_, body := d.upload(access.ISMSManager, sent{"one.json", lockpick}, sent{"two.json", schloss}, sent{"three.json", weakness})
		d.holds(body, "one.json and 2 more holds objects of MOSP", "CC-BY-4.0 (1)", "not stated (1)", "DE (1)", "EN (2)", "1 objects in DE are left", "Write 2 entries")
		body = d.again(body, "write", "licence", "CC0-1.0")
		d.holds(body, "2 rows were written", `href="/threats"`)
		d.holds(d.get(access.Reader, "/threats/THR-1"), "Lock is picked", "CC0-1.0", "MOSP")
		_, body = d.upload(access.ISMSManager, sent{"one.json", lockpick}, sent{"two.json", schloss})
		d.holds(d.again(body, "again", "language", "DE"), "Schloss wird geöffnet", "Write 1 entry")
	})
}

func TestWhatCannotBeImportedSaysWhatItIs(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	for _, c := range []struct {
		files []sent
		want  string
	}{
		{[]sent{{"a.pdf", "%PDF-1.7"}}, "a PDF document"},
		{[]sent{{"a.json", "{"}}, "a.json is no JSON"},
		{[]sent{{"a.json", `{"type": "anr", "instances": []}`}}, "holds no asset and no knowledge base"},
		{[]sent{{"a.csv", "Risk\nFire\n"}, {"b.json", lockpick}}, "a.csv is no object of MOSP"},
		{[]sent{{"a.csv", ""}}, "the file is empty"},
		{nil, "no file was sent"},
	} {
		if status, body := d.upload(access.ISMSManager, c.files...); status != http.StatusUnprocessableEntity || !strings.Contains(body, c.want) {
			t.Errorf("%v: %d, does not say %q", c.files, status, c.want)
		}
	}
	if _, _, body := h.Post(t, access.ISMSManager, "/risks/import", "stored=0000&name=x"); !strings.Contains(body, "the file is no longer here") {
		t.Error("a file that does not wait")
	}
	if status, body := d.upload(access.ISMSManager, sent{"a.csv", "Risk\nFire\n"}); status != http.StatusOK || !strings.Contains(body, "Write 1 entry") {
		t.Errorf("without criteria: %d", status)
	}
}

// Who may not import sees no link, no page, and leaves no file.
func TestWhoMayNotImportKeepsNoFile(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	d := newDesk(t, h)
	for _, role := range []access.Role{access.Reader, access.ExternalAuditor, access.Owner} {
		may := access.May(access.Actor{Roles: []access.Role{role}}, access.Import, access.Subject{Register: risk.Risks.Name}, d.Clock()) == nil
		status, _ := h.Get(t, role, "/risks/import")
		sentTo, _ := d.upload(role, sent{"a.csv", "Risk\nFire\n"})
		linked := strings.Contains(d.get(role, "/risks"), "/risks/import") || strings.Contains(d.get(role, "/risks/library"), "/risks/import")
		if (status == http.StatusOK) != may || (sentTo == http.StatusOK) != may || linked != may {
			t.Errorf("%s: may %v, the page %d, a file %d, linked %v", role, may, status, sentTo, linked)
		}
	}
	if _, err := riskbook.ParseField("current.likelihood"); err != nil || !slices.Contains(riskbook.Stages(), risk.Residual) {
		t.Error("the fields the page offers are none")
	}
}
