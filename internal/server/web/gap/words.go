// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"context"
	"strconv"

	"sextant/gap"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
)

func effectText(ctx context.Context, value string) string { return orUnknown(ctx, "effect", value) }

func effortText(ctx context.Context, value string) string { return orUnknown(ctx, "effort", value) }

func orUnknown(ctx context.Context, field, value string) string {
	if value == "" {
		return message.T(ctx, "gap.unknown")
	}
	return message.Mark(ctx, gap.Label(field, value))
}

// stateText names a kept evidence state as people read it.
func stateText(ctx context.Context, name string) string {
	for _, s := range page.States {
		if s.String() == name {
			return message.Mark(ctx, s.Label())
		}
	}
	return message.T(ctx, "gap.unknown")
}

// groupLabel names the rows of a group.
func groupLabel(ctx context.Context, field, name string, labels map[string]string) string {
	if label := labels[name]; label != "" {
		return label
	}
	return message.Mark(ctx, gap.Label(field, name))
}

// partOf names the clause, theme or chapter of a question.
func partOf(v *register.View, a gap.Answer) string {
	if a.Part != "" {
		return message.Mark(v.Context(), gap.Label("part", a.Part))
	}
	of, title := gap.ChapterTitle(v, a.Chapter)
	if of == title {
		return of
	}
	return of + ", " + title
}

// medianText writes the level in the middle, or that there is none.
func medianText(t gap.Tally) string {
	level, ok := t.Median()
	if !ok {
		return "–"
	}
	return string(rune('0' + level))
}

// answerPart is one stretch of a bar of answers.
type answerPart struct {
	Answer   string
	X, Width float64
}

// answerParts shares 100 units out over the answers that occur, in the order
// they are offered in, what is open last.
func answerParts(t gap.Tally) (parts []answerPart) {
	x := 0.0
	add := func(answer string, n int) {
		if n > 0 {
			width := 100 * part(n, t.All)
			parts = append(parts, answerPart{answer, x, max(width-0.6, 0.4)})
			x += width
		}
	}
	for _, answer := range gap.Choices() {
		add(answer, t.By[answer])
	}
	add("open", t.Open)
	return parts
}

// tallyText tells a bar in words.
func tallyText(ctx context.Context, t gap.Tally) string {
	text := message.T(ctx, "gap.answered", t.Answered(), t.All)
	for _, answer := range gap.Choices() {
		if n := t.By[answer]; n > 0 {
			text += ", " + message.Mark(ctx, gap.Label("answer", answer)) + " " + strconv.Itoa(n)
		}
	}
	return text
}

func metText(ctx context.Context, t gap.Tally) string {
	met, asked := t.Ready()
	return message.T(ctx, "gap.of", met, asked)
}

type tab struct{ Key, Path string }

func tabsOf(key string) []tab {
	base := path + "/" + key
	return []tab{{"result", base}, {"table", ListOf(key) + "&cols=title,answer,maturity,target_maturity,observation,assignee,due_on"}, {"plan", base + "/plan"}, {"compare", base + "/compare"}}
}
