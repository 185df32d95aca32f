// SPDX-License-Identifier: Apache-2.0

// Package notice tells a person, once, that something has happened that they
// should know or decide: in the program, and by mail where it is set up. The
// notice is an entry, written in the transaction of what it tells, so neither is
// there without the other; it is its own outbox.
//
// It sends nothing and words nothing: the pages and the mail take the words from
// the message catalogue by the notice's kind.
package notice

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Notice is one thing one person is told.
type Notice struct {
	Title    string `json:"title" is:"text derived title" label:"Notice"`
	Person   string `json:"person" is:"person required keep" label:"Told"`
	About    string `json:"about" is:"ref required keep" to:"any" label:"About"`
	Kind     string `json:"kind" is:"text required" label:"Kind"`
	Occasion string `json:"occasion" is:"text required" label:"Occasion" help:"A person is told once of an occasion."`
	Values   string `json:"values" is:"markdown personal" label:"Values" help:"What the sentence is filled with, one a line."`
	Mail     string `json:"mail" is:"enum required derived" values:"none=In the program only,queued=Waiting to be sent,sent=Sent,failed=Could not be sent" default:"none" label:"Mail"`
	MailedAt string `json:"mailed_at" is:"datetime derived" label:"Mail handed over at" help:"When the mail server took it."`
	Problem  string `json:"problem" is:"text derived" label:"Why it could not be sent"`
}

// States of a notice.
const (
	Unread = "unread"
	Read   = "read"
)

// Values of Notice.Mail.
const (
	None   = "none"
	Queued = "queued"
	Sent   = "sent"
	Failed = "failed"
)

// fixed: what somebody was told stays as it was told; what becomes of its mail
// only the program knows.
var fixed = &register.Freeze{Except: []string{"mail", "mailed_at", "problem"}}

// Notices is the register of what people were told. Only the program writes it.
// Everybody may read it: who was told what, and when, is evidence.
var Notices = register.Declare[Notice](register.Definition{
	Name: "notice", Plural: "notices", Prefix: "NTC", Title: "Notice",
	Question: "Who was told what?",
	Purpose:  "What the program told people: once each, in the program and by mail.", Retention: register.Short,
	WrittenBy: access.System, Unique: [][]string{{"person", "occasion"}},
	Lists: []register.Shape{{Filter: []string{"state", "person"}}},
	Derive: func(_ register.Reader, doc register.Doc) error {
		doc["title"] = strings.ReplaceAll(doc.Text("kind"), "_", " ") + " · " + doc.Text("about")
		return nil
	},
	Lifecycle: register.Lifecycle{
		Initial: Unread,
		States:  []register.State{{Name: Unread, Label: "Unread", Freeze: fixed}, {Name: Read, Label: "Read", Closed: true, Freeze: fixed}},
		Transitions: []register.Transition{
			{Name: "read", Label: "Mark as read", From: []string{Unread}, To: Read, Who: []string{"person"}},
			{Name: "keep", Label: "Mark as unread", From: []string{Read}, To: Unread, Who: []string{"person"}},
		},
	},
}, nil)

// Filling gives what the sentence is filled with, in order.
func (n Notice) Filling() []string {
	if n.Values == "" {
		return nil
	}
	return strings.Split(n.Values, "\n")
}

// Kind is a sort of notice, such as "acceptance_broken". Its words stand in the
// message catalogue: notice.NAME is the sentence, notice.NAME.body what to do
// about it. Both are given the title of the entry it is about as %[1]s, its key
// as %[2]s, and the values from %[3]s on.
type Kind struct {
	name   string
	values int
}

var kinds []Kind

// Declare makes a kind whose notices carry so many values. At the start of the
// program; twice the same name is a defect of it.
func Declare(name string, values int) Kind {
	if slices.ContainsFunc(kinds, func(k Kind) bool { return k.name == name }) {
		panic("notice: kind " + name + " is declared twice")
	}
	k := Kind{name, values}
	kinds = append(kinds, k)
	return k
}

// Kinds gives the names of all kinds with how many values each carries, for the
// test that reads the catalogue.
func Kinds() map[string]int {
	all := map[string]int{}
	for _, k := range kinds {
		all[k.name] = k.values
	}
	return all
}

// Tell tells a person of an occasion that concerns an entry, within the
// transaction of what happened: once. Told again of the same occasion, by
// whomever and whenever, it writes nothing. An occasion names what happened, not
// when somebody noticed: "acceptance ACC-3, broken after version 4". Values are
// short words for the sentence; names of people do not belong in them.
//
// Any code in a transaction may call it, whatever the actor's role. Errors: those
// of a person or an entry that is not there.
func (k Kind) Tell(tx *register.Tx, person, about, occasion string, values ...string) error {
	if len(values) != k.values {
		return fmt.Errorf("notice %s carries %d values, not %d", k.name, k.values, len(values))
	}
	told, err := tx.CountOf(Notices.Name, register.Filter{Field: "person", Op: register.Is, Values: []string{person}}, register.Filter{Field: "occasion", Op: register.Is, Values: []string{k.occasion(occasion)}})
	if err != nil || told > 0 {
		return err
	}
	mail, err := mailFor(tx, person)
	if err != nil {
		return err
	}
	_, err = Notices.Create(tx.Program(), Notice{Person: person, About: about, Kind: k.name, Occasion: k.occasion(occasion), Values: strings.Join(cleaned(values), "\n"), Mail: mail}, register.Note{})
	return err
}

// longestValue in characters; the entry says the whole.
const longestValue = 200

// cleaned folds values into short lines, each of which stands for something: a
// long reason is no ground to take back what happened.
func cleaned(values []string) []string {
	list := make([]string, len(values))
	for i, value := range values {
		line := []rune(strings.Join(strings.FieldsFunc(value, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " "))
		if len(line) > longestValue {
			line = append(line[:longestValue-1], '…')
		}
		list[i] = cmp.Or(string(line), "–")
	}
	return list
}

func (k Kind) occasion(of string) string { return k.name + "/" + of }

// mailFor says whether a notice is mailed: where mail is set up and the person
// is here and has an address.
func mailFor(tx *register.Tx, person string) (string, error) {
	e, err := tx.Lookup("person", person)
	if sextant.CodeOf(err) == sextant.NotFound {
		return "", sextant.Errorf(sextant.NotFound, "there is no person %q to be told", person)
	}
	if err != nil || !tx.Mails() || e.Doc.Text("email") == "" || e.State == "left" {
		return None, err
	}
	return Queued, nil
}

// Mine is the list of what a person was told and has not read, the newest last.
func Mine(person string, states ...string) register.List {
	return register.List{Register: Notices.Name, Filters: []register.Filter{
		{Field: "person", Op: register.Is, Values: []string{person}},
		{Field: "state", Op: register.Is, Values: states},
	}}
}

// Waiting gives the keys of notices whose mail is to be sent, oldest first, at
// most limit.
func Waiting(v *register.View, limit int) (keys []string, err error) {
	page, err := v.List(register.List{Register: Notices.Name, Limit: limit, Filters: []register.Filter{{Field: "mail", Op: register.Is, Values: []string{Queued}}}})
	for _, e := range page.Entries {
		keys = append(keys, e.Key)
	}
	return keys, err
}

// Handed records that the mail server took a notice's mail.
func Handed(tx *register.Tx, key string) error {
	return settle(tx, key, map[string]any{"mail": Sent, "mailed_at": tx.Now().String(), "problem": nil})
}

// GivenUp records that a notice's mail is not sent, and why.
func GivenUp(tx *register.Tx, key, problem string) error {
	return settle(tx, key, map[string]any{"mail": Failed, "problem": problem})
}

// Needless records that a notice's mail is not sent because it was read.
func Needless(tx *register.Tx, key string) error {
	return settle(tx, key, map[string]any{"mail": None})
}

func settle(tx *register.Tx, key string, values map[string]any) error {
	_, err := tx.Program().Edit(Notices.Name, key, 0, values, register.Note{})
	return err
}
