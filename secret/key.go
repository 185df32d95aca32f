// SPDX-License-Identifier: Apache-2.0

// Package secret seals what must never be read at rest: credentials of sources,
// signing keys, second factors. Everything is bound to its organisation and its
// handle, so sealed bytes moved elsewhere do not open. Losing the master key
// loses secrets, never records.
package secret

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"

	"sextant"
)

// Key is the master key of an installation.
type Key struct {
	aead        cipher.AEAD
	fingerprint string
}

// Fingerprint tells one key from another and nothing about the key: the first
// 80 bits of a hash over it, in groups people can compare.
func (k *Key) Fingerprint() string { return k.fingerprint }

func fingerprint(raw []byte) string {
	sum := sha256.Sum256(append([]byte("sextant master key\n"), raw...))
	text := base.EncodeToString(sum[:10])
	return text[:4] + "-" + text[4:8] + "-" + text[8:12] + "-" + text[12:]
}

// New makes a key from 32 bytes.
func New(raw []byte) (*Key, error) {
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "a master key has 32 bytes, not %d", len(raw))
	}
	return &Key{aead, fingerprint(raw)}, nil
}

// DefaultPath is where the key is kept if nothing is said: beside the person's
// settings, never in the data folder, so that no backup of the data holds it.
func DefaultPath(home string) string { return filepath.Join(home, ".config", "sextant", "master.key") }

// Open reads the key file, or makes it on first use. recovery is the printable
// form of a new key, to be shown once; "" when the file was there.
func Open(path string) (key *Key, recovery string, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return create(path)
	}
	if err != nil {
		return nil, "", sextant.Errorf(sextant.Unavailable, "the master key %s cannot be read: %w", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, "", sextant.Errorf(sextant.Unavailable, "others can read the master key %s (mode %o)", path, info.Mode().Perm()).WithHint("chmod 600 %s", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, "", sextant.Errorf(sextant.Unavailable, "the master key %s cannot be read: %w", path, err)
	}
	key, err = Parse(string(data))
	return key, "", err
}

func create(path string) (*Key, string, error) {
	raw := make([]byte, chacha20poly1305.KeySize)
	if _, err := rand.Read(raw); err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, "", sextant.Errorf(sextant.Unavailable, "the master key cannot be kept in %s: %w", path, err).WithHint("choose another place with --key-file")
	}
	text := Print(raw)
	if err := keep(path, text+"\n"); err != nil {
		return nil, "", sextant.Errorf(sextant.Unavailable, "the master key cannot be kept in %s: %w", path, err).WithHint("choose another place with --key-file")
	}
	key, err := New(raw)
	return key, text, err
}

// keep writes a key beside its place and links it there whole, so that half a
// key never lies there; it never replaces one.
func keep(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name())
	_, err = file.WriteString(text)
	if syncing := file.Sync(); err == nil {
		err = syncing
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	return os.Link(file.Name(), path)
}

var base = base32.StdEncoding.WithPadding(base32.NoPadding)

// Print gives a key in groups people can copy by hand, with a checksum.
func Print(raw []byte) string {
	text := base.EncodeToString(binary.BigEndian.AppendUint32(append([]byte{}, raw...), crc32.ChecksumIEEE(raw)))
	var groups []string
	for len(text) > 0 {
		n := min(5, len(text))
		groups, text = append(groups, text[:n]), text[n:]
	}
	return strings.Join(groups, "-")
}

// Parse reads a printed key, or 64 hex digits.
func Parse(text string) (*Key, error) {
	text = strings.ToUpper(strings.NewReplacer("-", "", " ", "", "\n", "", "\r", "", "\t", "").Replace(text))
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == chacha20poly1305.KeySize {
		return New(raw)
	}
	data, err := base.DecodeString(text)
	if err != nil || len(data) != chacha20poly1305.KeySize+4 {
		return nil, sextant.Errorf(sextant.Invalid, "this is no master key").WithHint("it has 58 letters and digits in groups of five")
	}
	raw := data[:chacha20poly1305.KeySize]
	if binary.BigEndian.Uint32(data[chacha20poly1305.KeySize:]) != crc32.ChecksumIEEE(raw) {
		return nil, sextant.Errorf(sextant.Invalid, "the master key is mistyped: its checksum does not fit")
	}
	return New(raw)
}

func bound(org sextant.Organisation, handle string) []byte {
	return fmt.Appendf(nil, "sextant/1/%d/%s", int64(org), handle)
}

// Seal encrypts, bound to the organisation and the handle.
func (k *Key) Seal(org sextant.Organisation, handle string, plain []byte) ([]byte, error) {
	nonce := make([]byte, k.aead.NonceSize(), k.aead.NonceSize()+len(plain)+k.aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return k.aead.Seal(nonce, nonce, plain, bound(org, handle)), nil
}

// Open decrypts what Seal gave for the same organisation and handle.
func (k *Key) Open(org sextant.Organisation, handle string, sealed []byte) ([]byte, error) {
	if len(sealed) < k.aead.NonceSize() {
		return nil, sextant.Errorf(sextant.Unavailable, "a secret is damaged")
	}
	plain, err := k.aead.Open(nil, sealed[:k.aead.NonceSize()], sealed[k.aead.NonceSize():], bound(org, handle))
	if err != nil {
		return nil, sextant.Errorf(sextant.Unavailable, "a secret does not open with this master key").WithHint("start with the key the data was made with, or set the secret again")
	}
	return plain, nil
}
