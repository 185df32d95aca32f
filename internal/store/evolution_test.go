// SPDX-License-Identifier: Apache-2.0

package store_test

import (
	"context"
	"strings"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/internal/store"
	"sextant/register"
)

// The same register in three schemas, as three releases would have it.
type valveV1 struct {
	Title  string `json:"title" is:"text required title" label:"Title"`
	Bore   string `json:"bore" is:"text" label:"Bore"`
	Colour string `json:"colour" is:"enum" values:"red,green,teal" label:"Colour"`
}

type valveV3 struct {
	Title    string   `json:"title" is:"text required title" label:"Title"`
	BoreMM   *float64 `json:"bore_mm" is:"number" label:"Bore in mm"`
	BoreNote string   `json:"bore_note" is:"text" label:"Bore, as noted"`
	Colour   string   `json:"colour" is:"enum" values:"red,green,blue" label:"Colour"`
}

func valve(schema int, upcasters ...register.Upcaster) register.Definition {
	return register.Definition{Name: "valve", Plural: "valves", Prefix: "VLV", Title: "Valve", Group: "programme", Schema: schema, Upcasters: upcasters, Lifecycle: register.Living(nil)}
}

// rename, then retype with what cannot be converted kept, and a value removed:
// three of the recipes in ARCHITECTURE.md.
func boreToMM(d register.Doc) register.Doc {
	text := d.Text("bore")
	delete(d, "bore")
	var mm float64
	for _, r := range strings.TrimSuffix(text, " mm") {
		if r < '0' || r > '9' {
			d["bore_note"] = text
			return d
		}
		mm = mm*10 + float64(r-'0')
	}
	if text != "" {
		d["bore_mm"] = mm
	}
	return d
}

func tealIsBlue(d register.Doc) register.Doc {
	if d["colour"] == "teal" {
		d["colour"] = "blue"
	}
	return d
}

type anybody struct {
	Name string `json:"name" is:"text required title" label:"Name"`
}

func person() *register.Definition {
	return register.Declare[anybody](register.Definition{Name: "person", Plural: "persons", Prefix: "PER", Title: "Person", Lifecycle: register.Living(nil)}, nil).Definition
}

func TestOldDocumentsAreReadByTodaysSchemaAndNeverRewritten(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	made, err := s.CreateOrganisation(ctx, "Evolves")
	if err != nil {
		t.Fatal(err)
	}
	actor := access.SystemActor(made.Number, "test")
	v1 := register.New(s, register.NewSet(nil, register.Declare[valveV1](valve(1), nil).Definition, person()), register.Config{})
	if err := v1.Write(ctx, actor, func(tx *register.Tx) error {
		for _, values := range []map[string]any{{"title": "a", "bore": "80 mm", "colour": "teal"}, {"title": "b", "bore": "three inch", "colour": "red"}, {"title": "c"}} {
			if _, err := tx.Create("valve", values, register.Note{}); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	v3 := register.New(s, register.NewSet(nil, register.Declare[valveV3](valve(3, boreToMM, tealIsBlue), nil).Definition, person()), register.Config{})
	want := map[string]string{"a": "80||blue", "b": "|three inch|red", "c": "||"}
	check := func(v *register.View) error {
		return v.Each(register.List{Register: "valve"}, func(e register.Entry) error {
			if got := e.Doc.Text("bore_mm") + "|" + e.Doc.Text("bore_note") + "|" + e.Doc.Text("colour"); got != want[e.Title()] {
				t.Errorf("%s reads %s, want %s", e.Title(), got, want[e.Title()])
			}
			return nil
		})
	}
	if err := v3.Read(ctx, actor, 0, check); err != nil {
		t.Fatal(err)
	}
	if err := v3.Write(ctx, actor, func(tx *register.Tx) error {
		_, err := tx.Edit("valve", "VLV-1", 0, map[string]any{"colour": "green"}, register.Note{})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	err = s.View(ctx, made.Number, func(tx register.ReadTx) error {
		rows, err := tx.Versions("valve", "VLV-1", 0, 5)
		if err == nil && (len(rows) != 2 || rows[0].Schema != 3 || rows[1].Schema != 1 || !strings.Contains(string(rows[1].Data), "80 mm")) {
			t.Errorf("stored versions %+v", rows)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = v1.Read(ctx, actor, 0, func(v *register.View) error { _, err := v.Entry("valve", "VLV-1"); return err })
	if sextant.CodeOf(err) != sextant.Unavailable || !strings.Contains(err.Error(), "newer version") {
		t.Errorf("an older program reads a newer document: %v", err)
	}
}

type plainValve struct {
	Title string `json:"title" is:"text required title" label:"Title"`
}

type fuller struct {
	Title    string `json:"title" is:"text required title" label:"Title"`
	Material string `json:"material" is:"enum" values:"brass,steel" label:"Material"`
	TestedOn string `json:"tested_on" is:"date" label:"Tested on"`
}

// A field that is added later has no rows by which lists would find the entries
// of before: the kernel makes them when it meets the new declaration, for the
// past too.
func TestAnAddedFieldFindsTheEntriesOfBefore(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Folder: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	made, err := s.CreateOrganisation(ctx, "Grows")
	if err != nil {
		t.Fatal(err)
	}
	actor := access.SystemActor(made.Number, "test")
	create := func(k *register.Kernel, values map[string]any) {
		t.Helper()
		if err := k.Write(ctx, actor, func(tx *register.Tx) error { _, err := tx.Create("valve", values, register.Note{}); return err }); err != nil {
			t.Fatal(err)
		}
	}
	create(register.New(s, register.NewSet(nil, register.Declare[plainValve](valve(1), nil).Definition, person()), register.Config{}), map[string]any{"title": "old"})
	then := sextant.SystemClock()
	now := register.New(s, register.NewSet(nil, register.Declare[fuller](valve(1), nil).Definition, person()), register.Config{})
	create(now, map[string]any{"title": "new", "material": "brass", "tested_on": "2026-01-01"})
	for _, c := range []struct {
		l    register.List
		at   sextant.Instant
		want string
	}{
		{register.List{Order: "tested_on"}, 0, "old new"}, {register.List{Order: "-material"}, 0, "new old"},
		{register.List{Filters: []register.Filter{{Field: "material", Op: register.Empty}}}, 0, "old"}, {register.List{Order: "material"}, then, "old"},
	} {
		c.l.Register = "valve"
		var got []string
		if err := now.Read(ctx, actor, c.at, func(v *register.View) error {
			return v.Each(c.l, func(e register.Entry) error { got = append(got, e.Title()); return nil })
		}); err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v at %d lists %v, want %s", c.l, c.at, got, c.want)
		}
	}
}
