// SPDX-License-Identifier: Apache-2.0

package libraries_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"sextant/access"
	"sextant/interchange/cisoassistant"
	"sextant/library"
	"sextant/library/librarytest"
	"sextant/product/producttest"
	"sextant/register"
)

const everything = `
urn: urn:q:library:everything
name: Everything
version: 1
copyright: CC BY 4.0
objects:
  reference_controls: [{urn: 'urn:q:function:log', ref_id: LOG, name: A logbook, description: Who came.}]
  threats: [{urn: 'urn:q:threat:fog', name: Fog}]
  risk_matrix:
  - {name: Two by two, probability: [{name: Rare}, {name: Often}], impact: [{name: Small}, {name: Great}], risk: [{name: Bearable}, {name: Grave}], grid: [[0, 0], [0, 1]]}
  framework:
    urn: urn:q:framework:everything
    name: Rules
    requirement_nodes:
    - {urn: 'urn:q:req:1', ref_id: '1', name: Coming in, assessable: false, depth: 1}
    - {urn: 'urn:q:req:1.1', ref_id: '1.1', name: Speed, description: 'Slow down. <script>x</script>', assessable: true, depth: 2, parent_urn: 'urn:q:req:1', reference_controls: ['urn:q:function:log'], threats: ['urn:q:threat:fog'], typical_evidence: A log}
  requirement_mapping_sets:
  - {urn: urn:q:set, name: Onto others, source_framework_urn: 'urn:q:framework:everything', target_framework_urn: 'urn:q:framework:absent', requirement_mappings: [{source_requirement_urn: 'urn:q:req:1.1', target_requirement_urn: 'urn:q:other:1', relationship: superset, strength_of_relationship: 8}, {source_requirement_urn: 'urn:q:req:9', target_requirement_urn: 'urn:q:other:2', relationship: equal}]}
`

func take(t *testing.T, h *producttest.House, text []byte) string {
	t.Helper()
	c, r, err := cisoassistant.Read("rules.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	key, _, err := library.Take(context.Background(), h.Kernel, h.System(), library.Came("rules.yaml", text, c, r), register.Note{})
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func has(t *testing.T, h *producttest.House, path string, texts ...string) string {
	t.Helper()
	status, body := h.Get(t, access.Reader, path)
	if status != http.StatusOK {
		t.Fatalf("%s: %d", path, status)
	}
	for _, text := range texts {
		if !strings.Contains(body, text) {
			t.Errorf("%s does not say %q", path, text)
		}
	}
	return body
}

func TestALibraryIsReadPartByPart(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		has(t, h, "/libraries", "No library is imported yet")
		key := take(t, h, []byte(everything))
		has(t, h, "/libraries", "Everything", key, "CC BY 4.0", `data-total="1"`)
		at := "/libraries/" + key + "/browse"
		has(t, h, at, "Coming in", "Heading")
		body := has(t, h, at+"?show=framework&n=0&at=1.1", "1.1 Speed", "Slow down.", "A logbook", "Fog", "A log", "library/"+key+"/1.1", "1 Coming in")
		if strings.Contains(body, "<script>x") {
			t.Error("a script of the file is on the page")
		}
		has(t, h, at+"?show=framework&n=0&q=SLOW+down", "One is found.", "Speed")
		has(t, h, at+"?show=mappings&n=0", "1.1 Speed", "Asks more", "8", "Not imported", "Not in the framework", `data-total="2"`)
		has(t, h, at+"?show=mappings&n=0&kind=equal", `data-total="1"`)
		has(t, h, at+"?show=controls&n=0", "A logbook", "Who came.", `data-total="1"`)
		has(t, h, at+"?show=threats&n=0", "Fog")
		has(t, h, at+"?show=matrix&n=0", "Bearable", "Grave", "Often", "Great")
		has(t, h, at+"?show=about&n=0", "urn:q:library:everything", "rules.yaml")
		if status, _ := h.Get(t, access.Reader, at+"?show=framework&n=0&at=nowhere"); status != http.StatusNotFound {
			t.Errorf("a node that is not there: %d", status)
		}
		has(t, h, at+"?show=framework&n=17&page=99", "Coming in") // an address that names no part shows the first
		newer := take(t, h, []byte(strings.Replace(strings.Replace(everything, "version: 1", "version: 2", 1), "name: Speed", "name: Speed at night", 1)))
		has(t, h, "/libraries/"+newer+"/browse?show=about&n=0", "0 added, 0 removed, 1 changed", "1.1 Speed at night", key)
		has(t, h, "/libraries?state=all", "Superseded")
	})
}

func TestALongFrameworkIsReadByPages(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	key := take(t, h, librarytest.Generated(6_000))
	at := "/libraries/" + key + "/browse?show=framework&n=0&q=rule"
	rows := regexp.MustCompile(`<td class="id num">`)
	if body := has(t, h, at, "6000 are found", "1 to 100 of 6000"); len(rows.FindAllString(body, -1)) != 100 {
		t.Error("the first page has not a hundred rows")
	}
	has(t, h, at+"&page=60", "5901 to 6000 of 6000")
	has(t, h, "/libraries/"+key+"/browse?show=framework&n=0&at=3.2.4", "3.2.4 Rule 3.2.4", "3.2 Rule 3.2")
}

// send posts files as a browser does.
func send(t *testing.T, h *producttest.House, files map[string]string) (int, string) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, text := range files {
		name := map[string]string{"file": "rules.yaml", "beside": "catalog.json"}[field]
		part, err := form.CreateFormFile(field, name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return h.Send(t, access.ISMSManager, "/libraries/import", form.FormDataContentType(), body.String())
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([a-z_]+)" value="([^"]*)"`)

func TestAnImportIsTriedAndThenConfirmed(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		status, body := send(t, h, map[string]string{"file": everything})
		if status != http.StatusOK || !strings.Contains(body, "It would bring") || !strings.Contains(body, "mapping sets whose framework is not here") {
			t.Fatalf("the dry run: %d", status)
		}
		has(t, h, "/libraries", "No library is imported yet")
		form := url.Values{"reason": {"the customer asks"}}
		for _, m := range hidden.FindAllStringSubmatch(body, -1) {
			form.Set(m[1], m[2])
		}
		status, to, _ := h.Post(t, access.ISMSManager, "/libraries/import/write", form.Encode())
		if status != http.StatusSeeOther || to != "/libraries/LIB-1/browse" {
			t.Fatalf("confirmed: %d %s", status, to)
		}
		if _, body := send(t, h, map[string]string{"file": everything}); !strings.Contains(body, "This very file is here already") {
			t.Error("the same file again does not say so")
		}
		if status, body := send(t, h, map[string]string{"file": "- a\n- b"}); status < 400 || !strings.Contains(body, "no library of CISO Assistant") {
			t.Errorf("what is no library: %d", status)
		}
		profile := "profile: {uuid: 0f6dcbd5-5f4b-4b0e-9b3f-0a2f7a4d9b11, metadata: {title: Chosen, version: 1}, imports: [{href: catalog.json, include-controls: [{with-ids: [r-2]}]}]}"
		if _, body := send(t, h, map[string]string{"file": profile}); !strings.Contains(body, "choose the catalog as the second file") {
			t.Error("a profile without a catalog does not say what it needs")
		}
		catalog := `{"catalog": {"uuid": "7b2d3f4a-1c5e-4f6a-8b9c-0d1e2f3a4b5c", "metadata": {"title": "River rules", "version": "1"}, "controls": [{"id": "r-1", "title": "Up"}, {"id": "r-2", "title": "Down"}]}}`
		if status, body := send(t, h, map[string]string{"file": profile, "beside": catalog}); status != http.StatusOK || !strings.Contains(body, "Chosen") {
			t.Errorf("a profile with its catalog: %d", status)
		}
		if status, _, _ := h.Post(t, access.Reader, "/libraries/import/write", form.Encode()); status != http.StatusForbidden {
			t.Errorf("a reader imports: %d", status)
		}
	})
}

// A matrix becomes a draft of criteria by one click, with what it does not say in
// words; who may not make criteria is not offered it.
func TestAMatrixBecomesADraftOfCriteria(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		key := take(t, h, []byte(strings.Replace(everything, "  framework:", "  - {name: Falling, probability: [{name: Rare}, {name: Often}], impact: [{name: Small}, {name: Great}], risk: [{name: Bearable}, {name: Grave}], grid: [[1, 1], [0, 1]]}\n  framework:", 1)))
		at, form := "/libraries/"+key, url.Values{"n": {"0"}}
		manager := func(n string) string {
			_, body := h.Get(t, access.ISMSManager, at+"/browse?show=matrix&n="+n)
			return body
		}
		if body := manager("0"); !strings.Contains(body, "there is none yet") || strings.Contains(body, "Make criteria from it") {
			t.Error("criteria are offered without a management system")
		}
		h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."})
		if body := manager("0"); !strings.Contains(body, "Make criteria from it") || !strings.Contains(body, "who may accept which level") || !strings.Contains(body, "6 levels are not described") {
			t.Error("the offer does not say what is left open")
		}
		if body := manager("1"); !strings.Contains(body, "the level falls at likelihood 2 with consequence 1") || strings.Contains(body, "Make criteria from it") {
			t.Error("a matrix nobody can measure by is offered")
		}
		if body := has(t, h, at+"/browse?show=matrix&n=0", "Bearable"); strings.Contains(body, "Make criteria from it") {
			t.Error("a reader is offered to make criteria")
		}
		if status, _, _ := h.Post(t, access.Reader, at+"/criteria", form.Encode()); status != http.StatusForbidden {
			t.Errorf("a reader makes criteria: %d", status)
		}
		if status, _, body := h.Post(t, access.ISMSManager, at+"/criteria", "n=1"); status != http.StatusUnprocessableEntity || !strings.Contains(body, "the level falls at") {
			t.Errorf("a falling matrix: %d", status)
		}
		if status, to, _ := h.Post(t, access.ISMSManager, at+"/criteria", form.Encode()); status != http.StatusSeeOther || to != "/risks/criteria/RC-1" {
			t.Fatalf("made: %d %s", status, to)
		}
		has(t, h, "/risks/criteria/RC-1", "Made of the risk matrix Two by two of "+key, "Often", "Grave", "types of consequence")
		if body := manager("0"); !strings.Contains(body, "RC-1") || strings.Contains(body, "Make criteria from it") {
			t.Error("a second draft is offered while one is on its way")
		}
		if status, _, body := h.Post(t, access.ISMSManager, at+"/criteria", form.Encode()); status != http.StatusConflict || !strings.Contains(body, "is on its way already") {
			t.Errorf("a second draft: %d", status)
		}
	})
}
