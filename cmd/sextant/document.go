// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/access"
	"sextant/document"
	"sextant/evidence"
	"sextant/monitor"
	"sextant/register"
)

func (p *program) documentCommand() *cobra.Command {
	c := &cobra.Command{Use: "document", Short: "Controlled documents: begin, write, review, approve, read"}
	for _, sub := range []*cobra.Command{
		p.documentList(), p.documentShow(), p.documentAsked(), p.documentTemplates(), p.documentNew(), p.documentDraft(), p.documentPDF(),
		p.documentMove("submit", "Submit the edition that is being written for approval"),
		p.documentMove("review", "Sign that you reviewed the edition in review"),
		p.documentMove("return", "Return the edition in review to its author, with --why"),
		p.documentMove("approve", "Approve the edition in review, by signing"),
		p.documentMove("publish", "Put an approved edition in force whose day has come"),
		p.documentMove("withdraw", "Withdraw the edition in force, with --why"),
	} {
		c.AddCommand(sub)
	}
	return c
}

func withPast(c *cobra.Command, asOf *string) *cobra.Command {
	c.Flags().StringVar(asOf, "as-of", "", "read a past moment, RFC 3339 or a date")
	return c
}

// documentRow is a document, as printed.
type documentRow struct {
	Key        string `json:"key"`
	Reference  string `json:"reference"`
	Title      string `json:"title"`
	Kind       string `json:"kind"`
	State      string `json:"state"`
	InForce    string `json:"edition_in_force,omitempty"`
	Way        string `json:"edition_on_its_way,omitempty"`
	WayState   string `json:"its_state,omitempty"`
	Owner      string `json:"owner"`
	Approver   string `json:"approver"`
	NextReview string `json:"next_review_on,omitempty"`
}

func documentRowOf(v *register.View, d register.Of[document.Document]) (documentRow, error) {
	f := d.Fields
	row := documentRow{Key: d.Key, Reference: f.Reference, Title: f.Title, Kind: f.Kind, State: d.State, InForce: f.Edition, Owner: title(v, f.Owner), Approver: title(v, f.Approver), NextReview: f.NextReviewOn}
	way, err := document.OnItsWay(v, d.Key)
	if err == nil {
		row.Way, row.WayState = way.Fields.Edition, way.State
	} else if sextant.CodeOf(err) == sextant.NotFound {
		err = nil
	}
	return row, err
}

func (p *program) documentList() *cobra.Command {
	var asOf string
	return withPast(&cobra.Command{Use: "list", Short: "The documents with the edition in force and the one on its way", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		rows := []documentRow{}
		if err := p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
			all, err := document.Documents.All(v)
			for _, d := range all {
				row, err := documentRowOf(v, d)
				if err != nil {
					return err
				}
				rows = append(rows, row)
			}
			return err
		}); err != nil {
			return err
		}
		if p.json {
			return p.printJSON(rows)
		}
		var table [][]string
		for _, r := range rows {
			table = append(table, []string{r.Key, r.Reference, r.Title, r.State, r.InForce, strings.TrimSpace(r.Way + " " + r.WayState), r.Owner, r.NextReview})
		}
		return p.table([]string{"KEY", "REFERENCE", "TITLE", "STATE", "IN FORCE", "ON ITS WAY", "OWNER", "NEXT REVIEW"}, table)
	}}, &asOf)
}

// editionRow is an edition, as printed.
type editionRow struct {
	Key           string   `json:"key"`
	Edition       string   `json:"edition"`
	State         string   `json:"state"`
	Author        string   `json:"author"`
	Approver      string   `json:"approver,omitempty"`
	ApprovedAt    string   `json:"approved_at,omitempty"`
	EffectiveFrom string   `json:"effective_from,omitempty"`
	Change        string   `json:"change_summary,omitempty"`
	Open          []string `json:"not_filled_in,omitempty"` // variables
	Text          string   `json:"text,omitempty"`          // of the one that is shown
}

func editionRowOf(v *register.View, e register.Of[document.Version]) editionRow {
	f := e.Fields
	return editionRow{Key: e.Key, Edition: f.Edition, State: e.State, Author: title(v, f.Author), Approver: title(v, f.Approver), ApprovedAt: f.ApprovedAt, EffectiveFrom: f.EffectiveFrom, Change: f.ChangeSummary, Open: document.Unresolved(f.Body)}
}

// shownDocument is what show prints.
type shownDocument struct {
	documentRow
	Editions []editionRow `json:"editions"`
}

func (p *program) documentShow() *cobra.Command {
	var asOf, edition string
	c := withPast(&cobra.Command{Use: "show DOCUMENT", Short: "A document with its editions, and the words of one of them", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		var shown shownDocument
		var text string
		if err := p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) (err error) {
			shown, text, err = showDocument(v, args[0], edition)
			return err
		}); err != nil {
			return err
		}
		if p.json {
			return p.printJSON(shown)
		}
		fmt.Fprintf(p.stdout, "%s %s · %s · owner %s, approver %s\n\n", shown.Reference, shown.Title, shown.State, shown.Owner, shown.Approver)
		var table [][]string
		for _, e := range shown.Editions {
			table = append(table, []string{e.Edition, e.Key, e.State, e.Author, e.Approver, day(e.ApprovedAt), e.EffectiveFrom, e.Change})
		}
		if err := p.table([]string{"EDITION", "KEY", "STATE", "AUTHOR", "APPROVER", "APPROVED", "IN FORCE FROM", "WHAT CHANGED"}, table); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "\n%s", text)
		return nil
	}}, &asOf)
	c.Flags().StringVar(&edition, "edition", "", "the edition whose words are shown; the one in force, else the newest, if none")
	return c
}

func showDocument(v *register.View, name, edition string) (shown shownDocument, text string, err error) {
	d, err := document.Find(v, name)
	if err != nil {
		return shown, "", err
	}
	if shown.documentRow, err = documentRowOf(v, d); err != nil {
		return shown, "", err
	}
	all, err := document.Editions(v, d.Key)
	if err != nil {
		return shown, "", err
	}
	chosen, err := editionNamed(d, all, edition)
	if err != nil && edition != "" {
		return shown, "", err
	}
	for _, e := range all {
		row := editionRowOf(v, e)
		if e.Key == chosen.Key {
			row.Text, text = e.Fields.Body, e.Fields.Body
		}
		shown.Editions = append(shown.Editions, row)
	}
	return shown, text, nil
}

// editionNamed gives the edition of a number or key; "" is the one in force,
// else the newest.
func editionNamed(d register.Of[document.Document], all []register.Of[document.Version], name string) (register.Of[document.Version], error) {
	for _, e := range all {
		if name != "" && (e.Key == name || e.Fields.Edition == name) || name == "" && e.Key == d.Fields.CurrentVersion {
			return e, nil
		}
	}
	if name == "" && len(all) > 0 {
		return all[0], nil
	}
	return register.Of[document.Version]{}, sextant.Errorf(sextant.NotFound, "%s has no edition %q", d.Key, name).WithHint("sextant document show %s lists them", d.Key)
}

// askedRow is documented information that is asked for, as printed.
type askedRow struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Grade     string   `json:"grade"`
	Kept      string   `json:"kept"`
	Documents []string `json:"documents,omitempty"`
	Register  string   `json:"register,omitempty"`
	Entries   int      `json:"entries,omitempty"`
}

func (p *program) documentAsked() *cobra.Command {
	var asOf string
	return withPast(&cobra.Command{Use: "asked", Short: "What is asked to be documented, and where it is kept; exit 1 if something mandatory is missing", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		rows, missing := []askedRow{}, 0
		if err := p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error {
			all, err := document.AskedAll(v)
			for _, a := range all {
				row := askedRow{ID: a.ID, Name: a.Name, Grade: string(a.Grade), Kept: string(a.Kept()), Register: a.Carrier, Entries: a.Entries}
				for _, d := range a.Documents {
					row.Documents = append(row.Documents, d.Fields.Reference)
				}
				if a.Kept() == document.Missing && row.Grade == "mandatory" {
					missing++
				}
				rows = append(rows, row)
			}
			return err
		}); err != nil {
			return err
		}
		if p.json {
			if err := p.printJSON(rows); err != nil {
				return err
			}
		} else if err := p.printAsked(rows, missing); err != nil {
			return err
		}
		if missing > 0 {
			return errFindings
		}
		return nil
	}}, &asOf)
}

func (p *program) printAsked(rows []askedRow, missing int) error {
	var table [][]string
	for _, r := range rows {
		where := strings.Join(r.Documents, ", ")
		if r.Entries > 0 && where == "" {
			where = strconv.Itoa(r.Entries) + " in " + r.Register
		}
		table = append(table, []string{r.ID, r.Name, r.Grade, r.Kept, where})
	}
	if err := p.table([]string{"", "WHAT", "GRADE", "KEPT", "WHERE"}, table); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "\n%d are asked for; %d mandatory ones are missing. That something is kept says nothing of what it is worth.\n", len(rows), missing)
	return nil
}

// templateRow is a template, as printed.
type templateRow struct {
	ID        string   `json:"id"`
	Version   int      `json:"version"`
	Reference string   `json:"reference"`
	Title     string   `json:"title"`
	Kind      string   `json:"kind"`
	Fulfils   []string `json:"fulfils,omitempty"`
	Controls  []string `json:"controls,omitempty"`
	Purpose   string   `json:"purpose"`
}

func (p *program) documentTemplates() *cobra.Command {
	return &cobra.Command{Use: "templates", Short: "The texts a document can be begun with", Args: cobra.NoArgs, RunE: func(*cobra.Command, []string) error {
		var rows []templateRow
		var table [][]string
		for _, t := range document.Templates() {
			rows = append(rows, templateRow{t.ID, t.Version, t.Reference, t.Title, t.Kind, t.Fulfils, t.Controls, t.Purpose})
			table = append(table, []string{t.ID, t.Reference, t.Title, strings.Join(append(t.Fulfils, t.Controls...), ", "), t.Purpose})
		}
		if p.json {
			return p.printJSON(rows)
		}
		return p.table([]string{"TEMPLATE", "REFERENCE", "TITLE", "FOR", "PURPOSE"}, table)
	}}
}

func (p *program) documentNew() *cobra.Command {
	var by document.People
	c := &cobra.Command{Use: "new TEMPLATE", Short: "Begin a document from a template, with what is known of the organisation filled in", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		t, err := document.FindTemplate(args[0])
		if err != nil {
			return err
		}
		return p.writeAsOperator(c.Context(), func(tx *register.Tx) (edition register.Entry, err error) {
			facts, err := monitor.DocumentFacts(&tx.View)
			if err != nil {
				return edition, err
			}
			_, edition, err = document.Begin(tx, t, facts, by, register.Note{})
			return edition, err
		})
	}}
	c.Flags().StringVar(&by.Owner, "owner", "", "key of the person who answers for it")
	c.Flags().StringVar(&by.Approver, "approver", "", "key of the person who approves its editions, not the author")
	c.Flags().StringVar(&by.Author, "author", "", "key of the person who writes it; the owner if none")
	return c
}

// writeAsOperator writes as the operator and prints the edition that came of it.
func (p *program) writeAsOperator(ctx context.Context, write func(*register.Tx) (register.Entry, error)) error {
	actor, err := p.opened(ctx)
	if err != nil {
		return err
	}
	return p.writeEdition(ctx, actor, write)
}

func (p *program) writeEdition(ctx context.Context, actor access.Actor, write func(*register.Tx) (register.Entry, error)) error {
	var row editionRow
	var of string
	if err := p.kernel.Write(ctx, actor, func(tx *register.Tx) error {
		e, err := write(tx)
		if err != nil {
			return err
		}
		edition, err := document.Versions.Get(tx, e.Key) // what follows a move may have moved it on
		if err == nil {
			row, of = editionRowOf(&tx.View, edition), edition.Fields.Document
		}
		return err
	}); err != nil {
		return err
	}
	if p.json {
		return p.printJSON(row)
	}
	fmt.Fprintf(p.stdout, "%s: edition %s of %s is %s\n", row.Key, row.Edition, of, row.State)
	if len(row.Open) > 0 {
		fmt.Fprintf(p.stdout, "not filled in yet: %s\n", strings.Join(row.Open, ", "))
	}
	return nil
}

// mostText is how long the text of an edition may be.
const mostText = 4 << 20

func (p *program) documentDraft() *cobra.Command {
	var file, author string
	c := &cobra.Command{Use: "draft DOCUMENT", Short: "Write the edition on its way; the first words begin the one after the edition in force", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		values := map[string]any{}
		for flag, field := range map[string]string{"change": "change_summary", "from": "effective_from", "edition": "edition", "author": "author"} {
			if given := c.Flags().Lookup(flag); given.Changed {
				values[field] = given.Value.String()
			}
		}
		if file != "" {
			text, err := p.readText(file)
			if err != nil {
				return err
			}
			values["body"] = text
		}
		return p.writeAsOperator(c.Context(), func(tx *register.Tx) (register.Entry, error) { return keepDraft(tx, args[0], author, values) })
	}}
	c.Flags().StringVar(&file, "text", "", "file with the text in Markdown, - for standard input")
	c.Flags().String("change", "", "what changed since the edition before, and why")
	c.Flags().String("from", "", "the day it is to be in force from; the day of its approval if none")
	c.Flags().String("edition", "", "what it is called, such as 2.0; the next number if none")
	c.Flags().StringVar(&author, "author", "", "key of the person who writes it; the owner of the document if none")
	return c
}

// keepDraft writes the edition on its way, and begins one where there is none.
func keepDraft(tx *register.Tx, name, author string, values map[string]any) (register.Entry, error) {
	d, err := document.Find(tx, name)
	if err != nil {
		return register.Entry{}, err
	}
	way, err := document.OnItsWay(tx, d.Key)
	e := way.Entry
	if sextant.CodeOf(err) == sextant.NotFound {
		e, err = document.Next(tx, d.Key, author, register.Note{})
	}
	if err != nil || len(values) == 0 {
		return e, err
	}
	return tx.Edit(document.Versions.Name, e.Key, e.Version, values, register.Note{})
}

func (p *program) readText(name string) (string, error) {
	in := io.Reader(p.stdin)
	if name != "-" {
		file, err := p.shell.Open(name)
		if err != nil {
			return "", err
		}
		defer file.Close()
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, mostText+1))
	if err == nil && len(data) > mostText {
		err = sextant.Errorf(sextant.TooLarge, "%s is longer than %d MB", name, mostText>>20)
	}
	return string(data), err
}

// documentMove makes a move of the edition it is about. Moves belong to people:
// whoever makes one proves who they are, also where nothing is signed.
func (p *program) documentMove(name, short string) *cobra.Command {
	var who signer
	var why, from string
	c := &cobra.Command{Use: name + " DOCUMENT", Short: short, Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		move := func(tx *register.Tx) (register.Entry, error) {
			e, err := editionToMove(tx, args[0], name)
			if err != nil {
				return e, err
			}
			var input map[string]any
			if from != "" {
				input = map[string]any{"effective_from": from}
			}
			return tx.Transition(e.Register.Name, e.Key, e.Version, name, input, register.Note{Why: why})
		}
		return p.signed(c.Context(), who, func(actor access.Actor) error { return p.writeEdition(c.Context(), actor, move) })
	}}
	c.Flags().StringVar(&why, "why", "", "the reason, kept with the move")
	who.flags(c)
	if name == "submit" || name == "approve" {
		c.Flags().StringVar(&from, "from", "", "the day it is in force from; the day of its approval if none")
	}
	return c
}

// editionToMove gives the edition in force for what ends it, else the one on its
// way.
func editionToMove(tx *register.Tx, name, move string) (register.Entry, error) {
	d, err := document.Find(tx, name)
	if err != nil {
		return register.Entry{}, err
	}
	if move != "withdraw" {
		way, err := document.OnItsWay(tx, d.Key)
		return way.Entry, err
	}
	if d.Fields.CurrentVersion == "" {
		return register.Entry{}, sextant.Errorf(sextant.Conflict, "no edition of %s is in force", d.Key)
	}
	return tx.Entry(document.Versions.Name, d.Fields.CurrentVersion)
}

func (p *program) documentPDF() *cobra.Command {
	var asOf, edition, out string
	c := withPast(&cobra.Command{Use: "pdf DOCUMENT", Short: "The PDF that was kept when an edition was approved, the very bytes that were signed", Args: cobra.ExactArgs(1), RunE: func(c *cobra.Command, args []string) error {
		write := func(w io.Writer) error {
			return p.look(c.Context(), asOf, func(v *register.View, _ evidence.Reader) error { return p.copyRendering(w, v, args[0], edition) })
		}
		if out == "" || out == "-" {
			return write(p.stdout)
		}
		return p.writeFile(out, write)
	}}, &asOf)
	c.Flags().StringVar(&edition, "edition", "", "number of the edition; the one in force if none")
	c.Flags().StringVarP(&out, "output", "o", "", "file to write; standard output if none")
	return c
}

func (p *program) copyRendering(w io.Writer, v *register.View, name, edition string) error {
	d, err := document.Find(v, name)
	if err != nil {
		return err
	}
	all, err := document.Editions(v, d.Key)
	if err != nil {
		return err
	}
	e, err := editionNamed(d, all, edition)
	if err != nil {
		return err
	}
	files, err := v.Renderings(e.Entry)
	if err != nil {
		return err
	}
	if len(files) == 0 || p.kernel.Blobs() == nil {
		return sextant.Errorf(sextant.NotFound, "edition %s of %s is %s: no PDF is kept of it", e.Fields.Edition, d.Key, e.State).WithHint("a PDF is kept when an edition is approved")
	}
	content, err := p.kernel.Blobs().Open(v.Context(), v.Actor().Organisation, files[len(files)-1].SHA256)
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(w, content)
	return err
}
