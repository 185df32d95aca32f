// SPDX-License-Identifier: Apache-2.0

package access

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/mail"
	"runtime"
	"strings"

	"golang.org/x/crypto/argon2"

	"sextant"
)

// Parameters of argon2id, after OWASP's recommendation for it: 19 MiB, two
// passes. They stand in every hash, so that they can be raised.
const (
	argonMemory = 19 * 1024 // KiB
	argonPasses = 2
	argonLanes  = 1
)

// hashing bounds the memory that sign-ins at once may take.
var hashing = make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))

func argon(password string, salt []byte, memory, passes uint32, lanes uint8) []byte {
	hashing <- struct{}{}
	defer func() { <-hashing }()
	return argon2.IDKey([]byte(password), salt, passes, memory, lanes, 32)
}

func hashPassword(password string) string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails since Go 1.24
	return encodeHash(salt, argon(password, salt, argonMemory, argonPasses, argonLanes))
}

func encodeHash(salt, sum []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", argonMemory, argonPasses, argonLanes, b.EncodeToString(salt), b.EncodeToString(sum))
}

// matches compares in constant time. A hash that cannot be read matches nothing.
func matches(hash, password string) bool {
	parts := strings.Split(hash, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || memory > 1<<20 || passes > 100 || passes == 0 || lanes == 0 {
		return false
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	want, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(want) != 32 {
		return false
	}
	return subtle.ConstantTimeCompare(argon(password, salt, memory, passes, lanes), want) == 1
}

// nobody is compared with when there is no such account, so that the answer
// takes as long. It is no password's hash: no command waits for one at its start.
var nobody = encodeHash(make([]byte, 16), make([]byte, 32))

// common are passwords people choose first; long enough ones only, the rest is
// refused by length.
var common = []string{"password1234", "passwordpassword", "123456789012", "1234567890123", "qwertyuiop12", "qwertyqwerty", "adminadminadmin", "letmeinletmein",
	"welcome12345", "iloveyou1234", "administrator", "changeme1234", "sextantsextant", "correcthorsebatterystaple", "password12345", "qwerty123456", "aaaaaaaaaaaa", "111111111111"}

func checkPassword(password, email string) error {
	lower := strings.ToLower(password)
	switch {
	case len([]rune(password)) < 12:
		return sextant.Errorf(sextant.Invalid, "a password has at least 12 characters").At("password")
	case len(password) > 1024:
		return sextant.Errorf(sextant.Invalid, "a password has at most 1,024 bytes").At("password")
	case lower == email || strings.Contains(lower, strings.Split(email, "@")[0]) && len(password) < 16:
		return sextant.Errorf(sextant.Invalid, "the password is too close to the address").At("password")
	}
	for _, c := range common {
		if lower == c {
			return sextant.Errorf(sextant.Invalid, "that is one of the first passwords anybody would try").At("password")
		}
	}
	return nil
}

// normalise gives an address in the one form accounts are kept by.
func normalise(email string) (string, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return "", sextant.Errorf(sextant.Invalid, "%q is no e-mail address", email).At("email")
	}
	return email, nil
}

// newToken draws a token and gives the hash that is kept of it.
func newToken(prefix string) (token, hash string) {
	token = prefix + rand.Text() + rand.Text()
	return token, hashToken(token)
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}
