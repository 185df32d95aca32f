// SPDX-License-Identifier: Apache-2.0

// Package library keeps what others wrote: frameworks, mappings between them,
// suggested controls, threats and risk matrices, imported from files. An import
// is one entry and one file, kept by its digest; the file is read when somebody
// looks (ADR 19).
//
// What a library says is never the organisation's own word: nothing of it is a
// decision, a state or evidence. How a format is read is not known here.
package library

import (
	"sextant"
	"sextant/access"
	"sextant/register"
)

// Library is one version of one imported library.
type Library struct {
	Title        string         `json:"title" is:"text required title" label:"Name"`
	URN          string         `json:"urn" is:"text required" label:"URN" help:"Names the library through its versions."`
	Edition      string         `json:"edition" is:"text" label:"Version"`
	Format       string         `json:"format" is:"enum required" values:"ciso_assistant=CISO Assistant,oscal_catalog=OSCAL catalog,oscal_profile=OSCAL profile" label:"Format"`
	Contains     []string       `json:"contains" is:"enum" values:"framework=Framework,mapping_set=Mapping set,reference_control=Reference controls,threat=Threats,risk_matrix=Risk matrix" label:"Contains"`
	Provider     string         `json:"provider" is:"text" label:"Provider" help:"Who wrote the text."`
	Packager     string         `json:"packager" is:"text" label:"Packager" help:"Who made the file."`
	Locale       string         `json:"locale" is:"text" label:"Language"`
	Published    string         `json:"published" is:"text" label:"Published"`
	Licence      string         `json:"licence" is:"markdown" label:"Licence" help:"As the file has it. It binds whoever shows or passes on the text."`
	Frameworks   int            `json:"frameworks" is:"number" label:"Frameworks"`
	Nodes        int            `json:"nodes" is:"number" label:"Nodes" help:"Headings and requirements."`
	Assessable   int            `json:"assessable" is:"number" label:"Requirements" help:"Nodes that can be answered."`
	Questions    int            `json:"questions" is:"number" label:"Questions"`
	MappingSets  int            `json:"mapping_sets" is:"number" label:"Mapping sets"`
	Mappings     int            `json:"mappings" is:"number" label:"Mappings"`
	Controls     int            `json:"reference_controls" is:"number" label:"Reference controls"`
	Threats      int            `json:"threats" is:"number" label:"Threats"`
	RiskMatrices int            `json:"risk_matrices" is:"number" label:"Risk matrices"`
	URNs         []string       `json:"framework_urns" is:"text" label:"URNs of its frameworks"`
	Remarks      []RemarkRow    `json:"remarks" is:"rows" label:"Left out or mended"`
	SourceName   string         `json:"source_name" is:"text" label:"File"`
	SourceSHA256 string         `json:"source_sha256" is:"text required" label:"SHA-256 of the file" help:"Of the bytes as they came."`
	File         map[string]any `json:"file" is:"file required" label:"Kept as"`
	Supersedes   string         `json:"supersedes" is:"ref keep" to:"library" label:"Supersedes"`
}

// RemarkRow is a remark of the import as it is kept.
type RemarkRow struct {
	What     string `json:"what" is:"text required" label:"What"`
	Count    int    `json:"count" is:"number" label:"Count"`
	LeftOut  bool   `json:"left_out" is:"bool" label:"Left out"`
	Examples string `json:"examples" is:"markdown" label:"Examples"`
}

// Libraries is the register of imported libraries. An import writes it, in the
// name of whoever imports; nobody types one.
var Libraries = register.Declare[Library](register.Definition{
	Name: name, Plural: "libraries", Prefix: "LIB", Title: "Library", Titles: "Libraries",
	Question: "Which standards and lists of others do we work with?",
	Purpose:  "Frameworks, mappings, suggested controls, threats and risk matrices that others wrote. Import a file to have one.",
	Clauses:  []string{"4.2", "7.5.3"}, Retention: "permanent", WrittenBy: access.System,
	Lists: []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Lifecycle: register.Lifecycle{
		Initial: "active",
		States: []register.State{{Name: "active", Label: "Active", Freeze: &register.Freeze{}},
			{Name: "superseded", Label: "Superseded", Closed: true, Freeze: &register.Freeze{}},
			{Name: "retired", Label: "Retired", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "supersede", Label: "Supersede", From: []string{"active"}, To: "superseded", Who: []string{"system"}},
			{Name: "retire", Label: "Retire", From: []string{"active"}, To: "retired", Who: []string{string(access.ISMSManager)}, NeedsReason: true},
			{Name: "reactivate", Label: "Use again", From: []string{"retired"}, To: "active", Who: []string{string(access.ISMSManager)}, NeedsReason: true, Guard: onlyOne},
		},
	},
}, nil)

// name of the register; the guard below cannot name Libraries, which holds it.
const name = "library"

var active = register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}}

// onlyOne: of the versions of a library one is in use.
func onlyOne(g register.Guarding) error {
	key, err := inUse(g.Tx, g.Entry.Doc.Text("urn"))
	if err == nil && key != "" && key != g.Entry.Key {
		return sextant.Errorf(sextant.Conflict, "%s is in use, of the same library", key).WithHint("retire it first")
	}
	return err
}

// inUse gives the key of the active version of a library, "" where there is none.
func inUse(tx register.Reader, urn string) (string, error) {
	all, err := tx.Select(name, active)
	for _, e := range all {
		if e.Doc.Text("urn") == urn {
			return e.Key, err
		}
	}
	return "", err
}

// Active gives the libraries in use, by key.
func Active(tx register.Reader) ([]register.Of[Library], error) { return Libraries.All(tx, active) }
