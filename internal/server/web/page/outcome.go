// SPDX-License-Identifier: Apache-2.0

package page

import (
	"context"
	"strings"

	"sextant/interchange/heading"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// OutcomeWords are how a page speaks of rows of a file.
type OutcomeWords struct {
	What  string                                      // what a row is about
	Keyed bool                                        // show the key of its entry too
	Label func(context.Context, register.Fate) string // nil = created, changed, unchanged, refused
}

func (w OutcomeWords) label(ctx context.Context, f register.Fate) string {
	if w.Label != nil {
		return w.Label(ctx, f)
	}
	return message.T(ctx, "intake.fate."+string(f))
}

// MatchedColumn is a column of a sheet and what it may hold.
type MatchedColumn struct {
	Letter, Name, Example string
	None                  string // of the choice that leaves it out
	Groups                []MatchedGroup
	Chosen                string
}

// MatchedGroup is a part of what a column may hold.
type MatchedGroup struct {
	Label  string
	Fields []MatchedField
}

// MatchedField is one thing a column may hold.
type MatchedField struct{ Name, Label string }

// MatchedColumns are the columns of a matching, each with the same choices.
func MatchedColumns[F ~string](columns []heading.Column[F], none string, groups []MatchedGroup) []MatchedColumn {
	list := make([]MatchedColumn, len(columns))
	for i, c := range columns {
		list[i] = MatchedColumn{c.Letter, c.Name(), strings.Join(c.Examples[:min(2, len(c.Examples))], " · "), none, groups, string(c.Field)}
	}
	return list
}

// mostNoticed is how many notes on a file are listed.
const mostNoticed = 30

// shortened is a value of a change, short enough for a line.
func shortened(value any) string {
	text := register.Doc{"v": value}.Text("v")
	if r := []rune(text); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return text
}
