// SPDX-License-Identifier: Apache-2.0

// Package registertest holds the kernel to its contract on any store: a small
// set of registers declared here, nowhere else, gets everything a real one
// gets. internal/store runs it on SQLite and on PostgreSQL.
package registertest

import (
	"context"
	"sync/atomic"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Pump is a register no domain package knows.
type Pump struct {
	Name       string   `json:"name" is:"text required unique title" label:"Name"`
	Serial     []string `json:"serial" is:"text unique" label:"Serial numbers"`
	Kind       string   `json:"kind" is:"enum required" values:"fire=Fire pump,bilge=Bilge pump,feed=Feed pump" default:"bilge" label:"Kind"`
	Uses       []string `json:"uses" is:"enum" values:"deck,engine,cargo" label:"Uses"`
	Keeper     string   `json:"keeper" is:"person owner keep" label:"Keeper"`
	Approver   string   `json:"approver" is:"person keep" label:"Approver"`
	ServiceOn  string   `json:"service_on" is:"date due" label:"Service on"`
	Litres     *float64 `json:"litres" is:"number score" label:"Litres a minute"`
	Critical   *bool    `json:"critical" is:"bool" label:"Critical"`
	Price      string   `json:"price" is:"money" readers:"isms_manager" label:"Price"`
	Key        any      `json:"maker_key" is:"secret" label:"Maker's key"`
	Backup     string   `json:"backup" is:"ref" to:"pump" label:"Backup"`
	Twin       string   `json:"twin" is:"ref detach" to:"pump" label:"Twin"`
	Notes      string   `json:"notes" is:"markdown personal" label:"Notes"`
	Every      string   `json:"every" is:"duration" label:"Service every"`
	PlannedOn  string   `json:"planned_on" is:"date" label:"Planned on"`
	Inspection string   `json:"inspection" is:"text derived" label:"Inspection"`
}

// Pumps is the register of pumps.
var Pumps = register.Declare[Pump](register.Definition{
	Name: "pump", Plural: "pumps", Prefix: "PMP", Title: "Pump", Group: "programme", Purpose: "For tests.",
	Unique:     [][]string{{"kind", "service_on", "name"}},
	Lists:      []register.Shape{{Filter: []string{"state", "keeper"}, Order: "service_on"}, {Filter: []string{"state"}, Order: "name"}, {Order: "service_on"}},
	Recurrence: &register.Recurrence{Every: "every", Planned: "planned_on", Due: "service_on", When: []string{"scrapped"}, Copies: []string{"kind", "keeper"}},
	Derive: func(_ register.Reader, doc register.Doc) error {
		doc["inspection"] = "inspect " + doc.Text("name")
		if doc.Text("name") == "" {
			doc["name"] = "successor"
		}
		return nil
	},
	Lifecycle: register.Lifecycle{
		Initial: "draft",
		States: []register.State{{Name: "draft", Label: "Draft"}, {Name: "approved", Label: "Approved", Freeze: &register.Freeze{Except: []string{"service_on"}}},
			{Name: "certified", Label: "Certified", Freeze: &register.Freeze{}}, {Name: "scrapped", Label: "Scrapped", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "approve", Label: "Approve", From: []string{"draft"}, To: "approved", Who: []string{"approver"}, Sign: register.Approve, Needs: []string{"keeper"}},
			{Name: "certify", Label: "Certify", From: []string{"draft"}, To: "certified", Who: []string{"approver"}, Sign: register.Review, Renders: true, Needs: []string{"keeper"}},
			{Name: "renew", Label: "Renew", From: []string{"certified"}, To: "certified", Who: []string{"approver"}, Sign: register.Approve},
			{Name: "scrap", Label: "Scrap", From: []string{"draft", "approved"}, To: "scrapped", Who: []string{"keeper", "isms_manager"}, NeedsReason: true},
		},
	},
}, atMostThreeFire)

// atMostThreeFire is a rule across entries: writers at once must not break it.
func atMostThreeFire(tx register.Reader, now register.Of[Pump], before *register.Of[Pump]) error {
	if now.Fields.Kind != "fire" || (before != nil && before.Fields.Kind == "fire") {
		return nil
	}
	n, err := tx.CountOf("pump", register.Filter{Field: "kind", Op: register.Is, Values: []string{"fire"}})
	if err == nil && n >= 3 {
		return sextant.Errorf(sextant.Conflict, "three fire pumps are the most").At("kind")
	}
	return err
}

// Part is a child of a pump.
type Part struct {
	Pump  string `json:"pump" is:"ref required" to:"pump" label:"Pump"`
	Title string `json:"title" is:"text required title" label:"Part"`
}

// Parts is the register of parts.
var Parts = register.Declare[Part](register.Definition{
	Name: "part", Plural: "parts", Prefix: "PRT", Title: "Part", Parent: "pump", Purpose: "For tests.",
	Unique:    [][]string{{"pump", "title"}},
	Lifecycle: register.Living(nil),
}, nil)

// Bridge is a register of one entry.
type Bridge struct {
	Name string `json:"name" is:"text required title" label:"Name"`
}

// Bridges is the register of the one bridge.
var Bridges = register.Declare[Bridge](register.Definition{
	Name: "bridge", Plural: "bridges", Prefix: "BRG", Title: "Bridge", Group: "programme", Purpose: "For tests.", Singleton: true,
	Lifecycle: register.Living(nil),
}, nil)

// Sailor stands in for the person register.
type Sailor struct {
	Name string `json:"name" is:"text required title personal" label:"Name"`
}

// Sailors is the person register of the tests.
var Sailors = register.Declare[Sailor](register.Definition{
	Name: "person", Plural: "persons", Prefix: "PER", Title: "Person", Group: "programme", Purpose: "For tests.",
	Lifecycle: register.Living(nil),
}, nil)

// Deck says how many barrels stand on it, which follows from the barrels.
type Deck struct {
	Name    string   `json:"name" is:"text required title" label:"Name"`
	Barrels *float64 `json:"barrels" is:"number derived" label:"Barrels"`
}

// Barrel stands on a deck.
type Barrel struct {
	Deck string `json:"deck" is:"ref required" to:"deck" label:"Deck"`
	Name string `json:"name" is:"text required title" label:"Name"`
}

// mostBarrels is how many a deck bears.
const mostBarrels = 3

// Decks is the register of decks.
var Decks = register.Declare[Deck](register.Definition{Name: "deck", Plural: "decks", Prefix: "DCK", Title: "Deck", Purpose: "For tests.", Lifecycle: register.Living(nil)}, nil)

// Barrels is the register of barrels.
var Barrels = register.Declare[Barrel](register.Definition{
	Name: "barrel", Plural: "barrels", Prefix: "BRL", Title: "Barrel", Purpose: "For tests.", Lifecycle: register.Living(nil), Follows: countBarrels,
}, nil)

func countBarrels(tx *register.Tx, written register.Entry) error {
	deck := written.Doc.Text("deck")
	n, err := tx.CountOf("barrel", register.Filter{Field: "deck", Op: register.Is, Values: []string{deck}}, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err == nil && n > mostBarrels {
		err = sextant.Errorf(sextant.Conflict, "the deck bears %d barrels", mostBarrels)
	}
	if err == nil {
		_, err = tx.Edit("deck", deck, 0, map[string]any{"barrels": float64(n)}, register.Note{Why: "counted"})
	}
	return err
}

// Set gives the registers of the tests.
func Set() *register.Set {
	return register.NewSet(nil, Pumps.Definition, Parts.Definition, Bridges.Definition, Sailors.Definition, Decks.Definition, Barrels.Definition)
}

// Clock is a clock that tests move. It moves a little at each look.
type Clock struct{ now atomic.Int64 }

// NewClock starts on a fixed day.
func NewClock() *Clock {
	c := &Clock{}
	c.now.Store(int64(mustInstant("2026-01-05T09:00:00Z")))
	return c
}

// Now is the moment, one millisecond later at each call.
func (c *Clock) Now() sextant.Instant { return sextant.Instant(c.now.Add(1000)) }

// Move sets the clock on (or back) by microseconds.
func (c *Clock) Move(micros int64) { c.now.Add(micros) }

func mustInstant(text string) sextant.Instant {
	at, err := sextant.ParseInstant(text)
	if err != nil {
		panic(err)
	}
	return at
}

// sealer is a stand-in that is visibly not the plain text.
type sealer struct{}

func (sealer) Seal(_ sextant.Organisation, handle string, plain []byte) ([]byte, error) {
	return xor(handle, plain), nil
}

func (sealer) Open(_ sextant.Organisation, handle string, sealed []byte) ([]byte, error) {
	return xor(handle, sealed), nil
}

func xor(key string, data []byte) []byte {
	out := make([]byte, len(data))
	for i := range data {
		out[i] = data[i] ^ key[i%len(key)] ^ 0x5a
	}
	return out
}

// Bench is a kernel over a fresh organisation with three people in it.
type Bench struct {
	*register.Kernel
	Clock *Clock
	Org   sextant.Organisation
	Ada   string // keys of three persons
	Ben   string
	Cleo  string
	Files Files
	store register.Store
}

// Opened is what a store's test gives: the store and a maker of organisations.
type Opened struct {
	Store           register.Store
	NewOrganisation func(name string) sextant.Organisation
	Clock           *Clock
}

// NewBench makes an organisation with people.
func NewBench(t testing.TB, o Opened, name string) *Bench {
	t.Helper()
	b := &Bench{store: o.Store, Clock: o.Clock, Org: o.NewOrganisation(name)}
	b.Kernel = register.New(o.Store, Set(), register.Config{Clock: o.Clock.Now, Sealer: sealer{}, Blobs: &b.Files, Renderers: map[string]register.Renderer{"pump": certificate}})
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		for i, who := range []*string{&b.Ada, &b.Ben, &b.Cleo} {
			e, err := Sailors.Create(tx, Sailor{Name: []string{"Ada", "Ben", "Cleo"}[i]}, register.Note{})
			if err != nil {
				return err
			}
			*who = e.Key
		}
		return nil
	})
	return b
}

// Manager is an ISMS manager who signed in a moment ago.
func (b *Bench) Manager() access.Actor { return b.As("manager", "", access.ISMSManager) }

// As is somebody with a name, a person and roles.
func (b *Bench) As(name, person string, roles ...access.Role) access.Actor {
	return access.Actor{Organisation: b.Org, Name: "account:" + name, Person: person, Roles: roles,
		Proof: access.Proof{Method: access.Password, At: b.Clock.Now()}}
}

// Write runs fn in a transaction that must succeed.
func (b *Bench) Write(t testing.TB, actor access.Actor, fn func(*register.Tx) error) {
	t.Helper()
	if err := b.Kernel.Write(context.Background(), actor, fn); err != nil {
		t.Fatalf("write: %v", err)
	}
}

// Try runs fn in a transaction and gives its error.
func (b *Bench) Try(actor access.Actor, fn func(*register.Tx) error) error {
	return b.Kernel.Write(context.Background(), actor, fn)
}

// View reads now.
func (b *Bench) View(t testing.TB, actor access.Actor, at sextant.Instant, fn func(*register.View) error) {
	t.Helper()
	if err := b.Kernel.Read(context.Background(), actor, at, fn); err != nil {
		t.Fatalf("read: %v", err)
	}
}

// Pump makes a pump and gives it.
func (b *Bench) Pump(t testing.TB, values map[string]any) (e register.Entry) {
	t.Helper()
	b.Write(t, b.Manager(), func(tx *register.Tx) (err error) {
		e, err = tx.Create("pump", values, register.Note{})
		return err
	})
	return e
}

func wantCode(t testing.TB, err error, want sextant.Code) {
	t.Helper()
	if got := sextant.CodeOf(err); got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
