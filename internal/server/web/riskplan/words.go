// SPDX-License-Identifier: Apache-2.0

package riskplan

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"sextant"
	"sextant/internal/server/web/message"
	"sextant/register"
	"sextant/risk"
)

func partsOf(err error) []sextant.Error {
	if e, ok := errors.AsType[*sextant.Error](err); ok {
		return e.Parts
	}
	return nil
}

// levelView is a level of risk with its shade: its name is always written too.
type levelView struct {
	N    int
	Name string
	Heat string
}

// heat spreads the levels of a scale over the five shades there are.
func heat(level, of int) string {
	if level < 1 || of < 2 {
		return ""
	}
	return strconv.Itoa(1 + (level-1)*4/(of-1))
}

func levelOf(c risk.Criteria, n int) levelView {
	if n < 1 || n > len(c.Levels) {
		return levelView{}
	}
	return levelView{n, c.Levels[n-1].Name, heat(n, len(c.Levels))}
}

// labels are the values of a field of criteria, or of its rows.
func labels(field, of string) []register.Value {
	f, _ := risk.CriteriaEditions.Definition.Field(field)
	for _, inner := range f.Fields {
		if inner.Key == of {
			return inner.Values
		}
	}
	return f.Values
}

func label(ctx context.Context, values []register.Value, name string) string {
	for _, v := range values {
		if v.Name == name {
			return message.Mark(ctx, v.Label)
		}
	}
	return name
}

func number(f *float64) string {
	if f == nil {
		return ""
	}
	return strconv.FormatFloat(*f, 'f', -1, 64)
}

// previewSays tells in one line what another edition would move.
func previewSays(ctx context.Context, p risk.Preview) string {
	counts := p.Counts()
	var said []string
	for _, c := range risk.Changes() {
		if counts[c] > 0 {
			said = append(said, message.N(ctx, "riskplan.moved."+string(c), counts[c]))
		}
	}
	if len(said) == 0 {
		return message.T(ctx, "riskplan.moved.none")
	}
	text := strings.Join(said, ", ") + "."
	if refused := p.Refused(); refused > 0 {
		text += " " + message.N(ctx, "riskplan.moved.refused", refused)
	}
	return text
}

func shiftText(ctx context.Context, s risk.Shift) string {
	switch s.Change {
	case risk.NotComparable:
		if s.Gone == "" {
			return message.T(ctx, "riskplan.shift.notypes")
		}
		return message.T(ctx, "riskplan.shift.gone", s.Gone)
	case risk.Higher:
		return "↑ " + s.After.Name
	case risk.Lower:
		return "↓ " + s.After.Name
	case risk.Unmoved:
		return s.After.Name
	}
	return message.T(ctx, "riskplan.shift."+string(s.Change))
}

func appetiteShift(ctx context.Context, s risk.Shift) string {
	f, _ := risk.Risks.Field("appetite")
	was, is := label(ctx, f.Values, s.Before.Appetite), label(ctx, f.Values, s.After.Appetite)
	if was == is {
		return is
	}
	return was + " → " + is
}

func typeNames(ctx context.Context, names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = label(ctx, labels("consequence_types", ""), name)
	}
	return out
}

func orDash(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// timesText says how often a year, "" where nobody said.
func timesText(ctx context.Context, l risk.Likelihood) string {
	if l.From == nil || l.To == nil {
		return ""
	}
	return message.T(ctx, "riskplan.times", number(l.From), number(l.To))
}

func lossText(ctx context.Context, l risk.Consequence) string {
	if l.From == "" {
		return ""
	}
	_, currency, _ := strings.Cut(l.To, " ")
	return message.T(ctx, "riskplan.losses", spaced(amount(l.From)), spaced(amount(l.To)), currency)
}

// spaced sets thin spaces between thousands.
func spaced(number string) string {
	digits, rest, fraction := strings.Cut(number, ".")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "\u202f" + digits[i:]
	}
	if fraction {
		return digits + "." + rest
	}
	return digits
}

// durations are offered in a form; one that was typed elsewhere stays.
func durationsWith(value string) []string {
	list := []string{"P1M", "P3M", "P6M", "P12M", "P24M", "P36M"}
	if value == "" || has(list, value) {
		return list
	}
	return append([]string{value}, list...)
}

func count(n int) string { return strconv.Itoa(n) }

// moneyText writes an amount as people read it, "" for none.
func moneyText(text string) string {
	value, currency, ok := strings.Cut(text, " ")
	if !ok {
		return ""
	}
	return spaced(strings.TrimSuffix(value, ".00")) + " " + currency
}

func fieldLabel(ctx context.Context, key string) string {
	f, _ := risk.Treatments.Field(key)
	return message.Mark(ctx, f.Label)
}

// stepsText says what a measure takes off.
func stepsText(ctx context.Context, m risk.Measure) string {
	if m.LowersLikelihood == nil && m.LowersConsequence == nil {
		return message.T(ctx, "riskplan.lowers.unsaid")
	}
	var said []string
	if n := risk.Whole(m.LowersLikelihood); n > 0 {
		said = append(said, message.T(ctx, "riskplan.steps.likelihood", message.N(ctx, "riskplan.lowers", n)))
	}
	if n := risk.Whole(m.LowersConsequence); n > 0 {
		said = append(said, message.T(ctx, "riskplan.steps.consequence", message.N(ctx, "riskplan.lowers", n)))
	}
	if len(said) == 0 {
		return message.N(ctx, "riskplan.lowers", 0)
	}
	return strings.Join(said, ", ")
}

// movedText tells in a sentence how a risk stands in two assessments.
func movedText(ctx context.Context, m risk.Moved) string {
	is, was := unjudged(ctx, m.Is), unjudged(ctx, m.Was)
	switch m.Change {
	case risk.RoundNew:
		return message.T(ctx, "riskplan.round.says.new", m.Title, is)
	case risk.RoundGone:
		return message.T(ctx, "riskplan.round.says.gone", m.Title, was)
	}
	return message.T(ctx, "riskplan.round.says."+string(m.Change), m.Title, was, is)
}

func unjudged(ctx context.Context, level string) string {
	if level == "" {
		return message.T(ctx, "riskplan.round.nolevel")
	}
	return level
}

// changed counts the risks of one change.
func changed(list []risk.Moved, change risk.RoundChange) (n int) {
	for _, m := range list {
		if m.Change == change {
			n++
		}
	}
	return n
}

// at writes a place in a chart.
func at(v float64) string { return strconv.FormatFloat(v, 'f', 1, 64) }

// anchor keeps the first and last label of an axis inside the chart.
func anchor(i, of int) string {
	switch i {
	case 0:
		return "start"
	case of - 1:
		return "end"
	}
	return "middle"
}

// outcomeSays counts what would follow.
func outcomeSays(ctx context.Context, v whatIfView) string {
	breaks := 0
	for _, r := range v.Outcome.Risks {
		if r.Breaks != "" {
			breaks++
		}
	}
	o := v.Outcome
	if len(o.Risks)+len(o.Controls)+len(o.Statement)+len(o.Requirements) == 0 {
		return message.T(ctx, "riskplan.whatif.nochange")
	}
	points := 0
	for _, f := range o.Requirements {
		points += len(f.Points)
	}
	said := []string{message.N(ctx, "riskplan.whatif.count.risks", len(o.Risks))}
	if v.Kind != risk.TreatmentDone {
		said = append(said, message.N(ctx, "riskplan.whatif.count.breaks", breaks), message.N(ctx, "riskplan.whatif.count.controls", len(o.Controls)))
	}
	said = append(said, message.N(ctx, "riskplan.whatif.count.rows", len(o.Statement)), message.N(ctx, "riskplan.whatif.count.requirements", points))
	return strings.Join(said, ", ") + "."
}

// formatOf names the format of a file by its ending.
func formatOf(name string) string {
	_, ending, _ := strings.Cut(name, ".")
	return strings.ToUpper(ending)
}
