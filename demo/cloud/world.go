// SPDX-License-Identifier: Apache-2.0

package cloud

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/connector"
	"sextant/connector/aws"
)

//go:embed kinds.yaml
var kindsText []byte

//go:embed world.yaml
var worldText []byte

// World is the three accounts, told from one present backwards.
type World struct {
	Accounts []*Account
	Present  sextant.Instant // the moment it is told from; it goes on unchanged after that
	kinds    map[string]kind
	types    map[string]connector.Type
}

// kind says what resources of a type have in common.
type kind struct {
	Key       string         // of the resource; {account}, {region} and {name} are filled in
	Named     string         // attribute that holds the name
	ARN       bool           // the key is repeated as attribute arn
	Singleton bool           // exactly one per account and region, listed or not
	Set       map[string]any // attributes unless the resource says otherwise
}

// resource is one thing of the world with its story.
type resource struct {
	Type    string
	In      string // region; empty: the account's first, or global
	Name    string
	Since   ago // made; zero = before the world began
	Gone    ago // removed; zero = still there
	Set     map[string]any
	Changes []change
	first   string
}

// change is what somebody did to a resource; it holds from then on.
type change struct {
	Ago ago
	Set map[string]any
}

// New reads the world and lets it end at a present.
func New(present sextant.Instant) (*World, error) {
	w := &World{Present: present, kinds: map[string]kind{}, types: map[string]connector.Type{}}
	for _, t := range aws.Types() {
		w.types[t.Name] = t
	}
	kinds := map[string]kind{}
	if err := strictly(kindsText, &kinds); err != nil {
		return nil, fmt.Errorf("kinds.yaml: %w", err)
	}
	for name, k := range kinds {
		w.kinds["aws:"+name] = k
	}
	return w, w.read()
}

// Open gives an account as a source reads it. It is the factory of the demo's
// sources.
func (w *World) Open(account string, o connector.Options) (connector.Connector, error) {
	clock := o.Clock
	if clock == nil {
		clock = sextant.SystemClock
	}
	for _, a := range w.Accounts {
		if a.ID == account {
			return a.At(o.Source, clock), nil
		}
	}
	return nil, sextant.Errorf(sextant.Invalid, "the demo has no AWS account %q", account).At("account").WithHint("connect a real one with sextant serve, in a folder of its own")
}

func strictly(text []byte, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	return dec.Decode(into)
}

func (w *World) read() error {
	var told []struct {
		Account, Title string
		Regions        []string
		Connected      ago
		Denials        []denial
		Skips          []skip
		Resources      []resource
	}
	if err := strictly(worldText, &told); err != nil {
		return fmt.Errorf("world.yaml: %w", err)
	}
	for _, t := range told {
		a := &Account{ID: t.Account, Title: t.Title, Regions: t.Regions, Since: t.Connected.Duration, world: w, denials: t.Denials, skips: t.Skips}
		for _, d := range a.denials {
			qualify(d.Types)
		}
		for _, k := range a.skips {
			qualify(k.Types)
		}
		if err := w.fill(a, t.Resources); err != nil {
			return err
		}
		w.Accounts = append(w.Accounts, a)
	}
	return nil
}

func qualify(types []string) {
	for i := range types {
		types[i] = "aws:" + types[i]
	}
}

// fill takes the listed resources and adds the singletons nobody listed.
func (w *World) fill(a *Account, listed []resource) error {
	told := map[string]bool{}
	for _, r := range listed {
		r.Type, r.first = "aws:"+r.Type, a.Regions[0]
		t, known := w.types[r.Type]
		if _, described := w.kinds[r.Type]; !known || !described {
			return fmt.Errorf("world.yaml: %s %s: no such type", r.Type, r.Name)
		}
		told[r.Type+" "+r.region(t)] = true
		a.resources = append(a.resources, r)
	}
	for _, t := range aws.Types() {
		regions := a.Regions
		if t.Scope == connector.Global {
			regions = []string{connector.Global}
		}
		for _, region := range regions {
			if w.kinds[t.Name].Singleton && !told[t.Name+" "+region] {
				a.resources = append(a.resources, resource{Type: t.Name, In: region, first: a.Regions[0]})
			}
		}
	}
	return nil
}

func (r resource) region(t connector.Type) string {
	switch {
	case t.Scope == connector.Global:
		return connector.Global
	case r.In == "":
		return r.first
	}
	return r.In
}

// stands says whether the resource was there when the world was that old.
func (r resource) stands(age time.Duration) bool {
	return (r.Since.Duration == 0 || age <= r.Since.Duration) && (r.Gone.Duration == 0 || age > r.Gone.Duration)
}

// age is how long before the present a moment lies.
func (w *World) age(at sextant.Instant) time.Duration { return w.Present.Time().Sub(at.Time()) }

// observe puts a resource's attributes together as they were.
func (a *Account) observe(r resource, t connector.Type, k kind, s connector.Slice) (string, map[string]any, error) {
	fill := strings.NewReplacer("{account}", s.Account, "{region}", s.Region, "{name}", r.Name)
	key := fill.Replace(k.Key)
	raw := maps.Clone(k.Set)
	if raw == nil {
		raw = map[string]any{}
	}
	maps.Copy(raw, r.Set)
	for _, c := range r.Changes {
		if a.world.age(a.now) <= c.Ago.Duration {
			maps.Copy(raw, c.Set)
		}
	}
	if k.Named != "" {
		raw[k.Named] = r.Name
	}
	if k.ARN {
		raw["arn"] = key
	}
	attributes, err := a.world.attributes(t, raw, a.now, fill)
	if err != nil {
		return "", nil, fmt.Errorf("%s %s: %w", t.Name, r.Name, err)
	}
	if follow := derived[t.Name]; follow != nil {
		follow(attributes)
	}
	return key, attributes, nil
}
