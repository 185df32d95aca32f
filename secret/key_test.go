// SPDX-License-Identifier: Apache-2.0

package secret_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"sextant"
	"sextant/secret"
)

func TestTheKeyIsMadeOnceAndItsPrintedFormOpensWhatItSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "config", "master.key")
	key, recovery, err := secret.Open(path)
	if err != nil || recovery == "" {
		t.Fatalf("first use: %v, recovery %q", err, recovery)
	}
	sealed, err := key.Seal(1, "SRC-1/key", []byte("AKIA-plain"))
	if err != nil || bytes.Contains(sealed, []byte("plain")) {
		t.Fatalf("sealed %q, %v", sealed, err)
	}
	again, second, err := secret.Open(path)
	if err != nil || second != "" {
		t.Fatalf("second use: %v, recovery %q", err, second)
	}
	recovered, err := secret.Parse(recovery)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []*secret.Key{again, recovered} {
		if plain, err := k.Open(1, "SRC-1/key", sealed); err != nil || string(plain) != "AKIA-plain" {
			t.Errorf("opened %q, %v", plain, err)
		}
	}
	for name, open := range map[string]func() error{
		"another organisation": func() error { _, err := key.Open(2, "SRC-1/key", sealed); return err },
		"another handle":       func() error { _, err := key.Open(1, "SRC-2/key", sealed); return err },
		"a flipped bit":        func() error { sealed[30] ^= 1; _, err := key.Open(1, "SRC-1/key", sealed); return err },
	} {
		if sextant.CodeOf(open()) != sextant.Unavailable {
			t.Errorf("%s opened it", name)
		}
	}
}

func TestAKeyOthersCanReadIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, _, err := secret.Open(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if _, _, err := secret.Open(path); sextant.CodeOf(err) != sextant.Unavailable {
		t.Errorf("got %v", err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(secret.Print(make([]byte, 32)))
	f.Add("not a key")
	f.Fuzz(func(t *testing.T, text string) {
		if key, err := secret.Parse(text); (key == nil) == (err == nil) {
			t.Errorf("key %v, error %v", key, err)
		}
	})
}
func TestAFingerprintTellsKeysApartAndNotWhatTheyAre(t *testing.T) {
	one, err := secret.New(bytes.Repeat([]byte{1}, 32))
	if err != nil {
		t.Fatal(err)
	}
	again, _ := secret.Parse(secret.Print(bytes.Repeat([]byte{1}, 32)))
	two, _ := secret.New(bytes.Repeat([]byte{2}, 32))
	if one.Fingerprint() != again.Fingerprint() || one.Fingerprint() == two.Fingerprint() || len(one.Fingerprint()) != 19 {
		t.Errorf("%s %s %s", one.Fingerprint(), again.Fingerprint(), two.Fingerprint())
	}
}
