// SPDX-License-Identifier: Apache-2.0

package registertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Files keeps blobs in memory.
type Files struct {
	mutex sync.Mutex
	kept  map[string][]byte
}

// Put implements register.Blobs.
func (f *Files) Put(_ context.Context, _ sextant.Organisation, r io.Reader) (string, int64, error) {
	data, err := io.ReadAll(r)
	sum := sha256.Sum256(data)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if f.kept == nil {
		f.kept = map[string][]byte{}
	}
	f.kept[hex.EncodeToString(sum[:])] = data
	return hex.EncodeToString(sum[:]), int64(len(data)), err
}

// Open implements register.Blobs.
func (f *Files) Open(_ context.Context, _ sextant.Organisation, sum string) (io.ReadCloser, error) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	data, ok := f.kept[sum]
	if !ok {
		return nil, sextant.Errorf(sextant.NotFound, "there is no file %s", sum)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

// Remove implements register.Blobs.
func (f *Files) Remove(_ context.Context, _ sextant.Organisation, sum string) error {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	delete(f.kept, sum)
	return nil
}

// certificate renders a pump; a rocket cannot be certified.
func certificate(v *register.View, e register.Entry) ([]register.Rendered, error) {
	if e.Title() == "rocket" {
		return nil, errors.New("rockets are not certified")
	}
	text := fmt.Sprintf("%s is %s in version %d and kept by %s\n", e.Title(), e.State, e.Version, v.TitleOf("person", e.Owner()))
	return []register.Rendered{{Name: "certificate.txt", MediaType: "text/plain", Content: []byte(text)},
		{Name: "serials.csv", MediaType: "text/csv", Content: []byte(e.Doc.Text("serial") + "\n")}}, nil
}

// certified makes a pump that Ada keeps and Ben certifies.
func certified(t *testing.T, b *Bench, name string) register.Entry {
	t.Helper()
	e := b.Pump(t, map[string]any{"name": name, "keeper": b.Ada, "approver": b.Ben, "notes": "dry"})
	e, err := move(b, b.As("ben", b.Ben, access.Owner), e.Key, "certify", "")
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func renderings(t *testing.T, b *Bench, e register.Entry) (list []register.Rendering) {
	t.Helper()
	b.View(t, b.Manager(), 0, func(v *register.View) (err error) {
		list, err = v.Renderings(e)
		return err
	})
	return list
}

func content(t *testing.T, b *Bench, sum string) string {
	t.Helper()
	r, err := b.Files.Open(t.Context(), b.Org, sum)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func rendering(t *testing.T, b *Bench) {
	e := certified(t, b, "P1")
	files := renderings(t, b, e)
	if len(files) != 2 || files[0].Name != "certificate.txt" || files[0].MediaType != "text/plain" || files[0].Version != e.Version || files[1].MediaType != "text/csv" {
		t.Fatalf("kept %+v of version %d", files, e.Version)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Edit("person", b.Ada, 0, map[string]any{"name": "Adele"}, register.Note{})
		return err
	})
	renewed, err := move(b, b.As("ben", b.Ben, access.Owner), e.Key, "renew", "")
	if err != nil {
		t.Fatal(err)
	}
	if again := renderings(t, b, renewed); !slices.Equal(files, again) {
		t.Errorf("a later version has other files: %+v", again)
	}
	if got, want := content(t, b, files[0].SHA256), "P1 is certified in version 2 and kept by Ada\n"; got != want || int64(len(want)) != files[0].Size {
		t.Errorf("the file says %q, want %q", got, want)
	}
	for _, signOff := range signed(t, b, e.Key) {
		for _, file := range files {
			if !strings.Contains(signOff, file.SHA256) {
				t.Errorf("a signature does not bind %s: %s", file.Name, signOff)
			}
		}
	}
	untouchable(t, b, e, files[0])
}

// signed gives what every sign-off of an entry was made on.
func signed(t *testing.T, b *Bench, key string) (frozen []string) {
	t.Helper()
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		all, err := register.SignOffs.All(v, register.Filter{Field: "subject", Op: register.Is, Values: []string{key}})
		for _, s := range all {
			text, err := v.SignedRendering(s.Key)
			if err != nil {
				return err
			}
			frozen = append(frozen, string(text))
		}
		if len(all) != 2 {
			t.Errorf("%d sign-offs", len(all))
		}
		return err
	})
	return frozen
}

// untouchable: nobody changes what was rendered, nor makes what looks like it.
func untouchable(t *testing.T, b *Bench, e register.Entry, file register.Rendering) {
	t.Helper()
	other := map[string]any{"name": "other.txt", "type": "text/plain", "size": 5.0, "sha256": file.SHA256}
	for _, actor := range []access.Actor{b.Manager(), b.As("ben", b.Ben, access.Owner), access.SystemActor(b.Org, "test")} {
		for what, fn := range map[string]func(*register.Tx) error{
			"replaced": func(tx *register.Tx) error {
				_, err := tx.Edit("attachment", file.Key, 0, map[string]any{"file": other}, register.Note{})
				return err
			},
			"renamed": func(tx *register.Tx) error {
				_, err := tx.Edit("attachment", file.Key, 0, map[string]any{"title": "draft"}, register.Note{})
				return err
			},
			"deleted": func(tx *register.Tx) error { return tx.Delete("attachment", file.Key, 0, register.Note{}) },
			"voided": func(tx *register.Tx) error {
				_, err := tx.Transition("attachment", file.Key, 0, "void", nil, register.Note{Why: "wrong"})
				return err
			},
		} {
			if b.Try(actor, fn) == nil {
				t.Errorf("%s: a rendering was %s", actor.Name, what)
			}
		}
	}
	wantCode(t, b.Try(b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Create("attachment", map[string]any{"subject": e.Key, "title": "certificate.txt", "file": other, "rendering": 2}, register.Note{})
		return err
	}), sextant.Invalid)
	if _, err := b.Attach(t.Context(), b.Manager(), "pump", e.Key, "certificate.txt", "text/plain", strings.NewReader("ours")); err != nil {
		t.Fatal(err)
	}
	if again := renderings(t, b, e); len(again) != 2 || again[0] != file {
		t.Errorf("an upload stands among the renderings: %+v", again)
	}
}

func renderingRefused(t *testing.T, b *Bench) {
	ben := b.As("ben", b.Ben, access.Owner)
	rocket := b.Pump(t, map[string]any{"name": "rocket", "keeper": b.Ada, "approver": b.Ben})
	if _, err := move(b, ben, rocket.Key, "certify", ""); err == nil {
		t.Error("what cannot be rendered was certified")
	}
	pump := b.Pump(t, map[string]any{"name": "P1", "keeper": b.Ada, "approver": b.Ben})
	later := errors.New("something later fails")
	if err := b.Try(ben, func(tx *register.Tx) error {
		if _, err := tx.Transition("pump", pump.Key, 0, "certify", nil, register.Note{}); err != nil {
			return err
		}
		return later
	}); !errors.Is(err, later) {
		t.Errorf("got %v", err)
	}
	without := register.New(b.store, Set(), register.Config{Clock: b.Clock.Now})
	wantCode(t, without.Write(t.Context(), ben, func(tx *register.Tx) error {
		_, err := tx.Transition("pump", pump.Key, 0, "certify", nil, register.Note{})
		return err
	}), sextant.Unavailable)
	b.View(t, b.Manager(), 0, func(v *register.View) error {
		for _, name := range []string{"attachment", "sign_off"} {
			if n, err := v.Count(register.List{Register: name}); n != 0 || err != nil {
				t.Errorf("%d of %s were left, %v", n, name, err)
			}
		}
		for _, key := range []string{rocket.Key, pump.Key} {
			if e, err := v.Entry("pump", key); err != nil || e.State != "draft" || e.Version != 1 {
				t.Errorf("%s is %s in version %d, %v", key, e.State, e.Version, err)
			}
		}
		return nil
	})
}

func renderingErased(t *testing.T, b *Bench) {
	first, second := certified(t, b, "P1"), certified(t, b, "P2")
	own, shared := renderings(t, b, first)[0].SHA256, renderings(t, b, first)[1].SHA256
	if renderings(t, b, second)[1].SHA256 != shared {
		t.Fatal("the two should share a file")
	}
	erase := func(key string) (report register.ErasureReport) {
		t.Helper()
		b.Write(t, b.Manager(), func(tx *register.Tx) (err error) {
			report, err = tx.Erase(register.Erasure{Register: "pump", Key: key, Whole: true, Rule: "retention-cycle"})
			return err
		})
		return report
	}
	if got := erase(first.Key).Files; !slices.Equal(got, []string{own}) {
		t.Errorf("the erasure frees %v, want %s: the other file is cited by %s", got, own, second.Key)
	}
	if files := renderings(t, b, first); len(files) != 0 {
		t.Errorf("still listed: %+v", files)
	}
	if got := erase(second.Key).Files; len(got) != 2 {
		t.Errorf("the last citation gone, %v are free", got)
	}
}

func renderingRetained(t *testing.T, b *Bench) {
	kernel := register.New(b.store, Set(), register.Config{Clock: b.Clock.Now, Retention: func(register.Reader) (register.RetentionPolicy, error) {
		return register.RetentionPolicy{Periods: map[string]string{register.Cycle: "P3Y"}}, nil
	}})
	e := certified(t, b, "P1")
	upload, err := b.Attach(t.Context(), b.Manager(), "pump", e.Key, "photo.txt", "text/plain", strings.NewReader("a photo"))
	if err != nil {
		t.Fatal(err)
	}
	b.Write(t, b.Manager(), func(tx *register.Tx) error {
		_, err := tx.Transition("attachment", upload.Key, 0, "void", nil, register.Note{Why: "blurred"})
		return err
	})
	const fourYears = 4 * 366 * 24 * 3600 * 1_000_000
	b.Clock.Move(fourYears)
	defer b.Clock.Move(-fourYears)
	if err := kernel.Read(t.Context(), b.Manager(), 0, func(v *register.View) error {
		due, err := v.DueErasures()
		if len(due) != 1 || due[0].Key != upload.Key {
			t.Errorf("due are %+v, want only %s", due, upload.Key)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
