// SPDX-License-Identifier: Apache-2.0

// Package message holds every text a page shows. A page names a message by key;
// the catalogue of the reader's language gives the words. The pseudo-locale
// marks every message, so that a test can see a text that is none.
package message

import (
	"context"
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

//go:embed en.yaml
var english []byte

var catalogue = sync.OnceValue(func() map[string]string {
	texts := map[string]string{}
	if err := yaml.Unmarshal(english, &texts); err != nil {
		panic("message: en.yaml: " + err.Error())
	}
	return texts
})

// Keys gives every key of the catalogue, for tests.
func Keys() map[string]string { return catalogue() }

type localeKey struct{}

// Pseudo is the locale that marks messages instead of translating them.
const Pseudo = "qps"

// WithLocale chooses the language of a request.
func WithLocale(ctx context.Context, locale string) context.Context {
	return context.WithValue(ctx, localeKey{}, locale)
}

// T gives a message with its arguments filled in. An unknown key shows itself,
// and fails the test that reads the templates.
func T(ctx context.Context, key string, args ...any) string {
	text, ok := catalogue()[key]
	if !ok {
		text = "?" + key
	}
	if len(args) > 0 {
		text = fmt.Sprintf(text, args...)
	}
	return Mark(ctx, text)
}

// Mark passes a text that comes from a declaration (labels, help) through the
// reader's language: its English is the catalogue's source text.
func Mark(ctx context.Context, text string) string {
	if locale, _ := ctx.Value(localeKey{}).(string); locale != Pseudo || text == "" {
		return text
	}
	return "⟦" + strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ö", "u", "ü").Replace(text) + "⟧"
}
