// SPDX-License-Identifier: Apache-2.0

// Package message holds every text a page shows. A page names a message by key;
// the catalogue of the reader's language gives the words. The pseudo-locale
// marks every message, so that a test can see a text that is none.
package message

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// english has one file for each section of the pages.
//
//go:embed en
var english embed.FS

var catalogue = sync.OnceValue(func() map[string]string {
	texts := map[string]string{}
	files, err := fs.Glob(english, "en/*.yaml")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range files {
		if err := add(texts, name); err != nil {
			panic("message: " + name + ": " + err.Error())
		}
	}
	return texts
})

func add(texts map[string]string, name string) error {
	data, err := english.ReadFile(name)
	if err != nil {
		return err
	}
	more := map[string]string{}
	if err := yaml.Unmarshal(data, &more); err != nil {
		return err
	}
	for key, text := range more {
		if _, twice := texts[key]; twice {
			return fmt.Errorf("%s stands in another file too", key)
		}
		texts[key] = text
	}
	return nil
}

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

// Filled is T for a text that need not use every argument: each stands by its
// place, as %[2]s. An unknown key gives "": a later version of the program may
// have written it.
func Filled(ctx context.Context, key string, args ...any) string {
	text, ok := catalogue()[key]
	if !ok {
		return ""
	}
	var places []string
	for i, arg := range args {
		places = append(places, fmt.Sprintf("%%[%d]s", i+1), fmt.Sprint(arg))
	}
	return Mark(ctx, strings.NewReplacer(places...).Replace(text))
}

// N gives the message key.one for one of something and key for any other
// number, with the number as its argument.
func N(ctx context.Context, key string, n int) string {
	if n == 1 {
		return T(ctx, key+".one")
	}
	return T(ctx, key, n)
}

// Mark passes a text that comes from a declaration (labels, help) through the
// reader's language: its English is the catalogue's source text.
func Mark(ctx context.Context, text string) string {
	if locale, _ := ctx.Value(localeKey{}).(string); locale != Pseudo || text == "" {
		return text
	}
	return "⟦" + strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ö", "u", "ü").Replace(text) + "⟧"
}
