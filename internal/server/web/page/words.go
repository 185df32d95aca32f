// SPDX-License-Identifier: Apache-2.0

package page

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"sextant"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// Initials stand in an avatar.
func Initials(name string) string {
	out := ""
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == ' ' || r == '@' || r == ':' || r == '-' }) {
		if len(out) < 2 {
			out += strings.ToUpper(string([]rune(part)[0]))
		}
	}
	return out
}

// Hue spreads people over the nine avatar colours, always the same for one name.
func Hue(name string) string {
	sum := 0
	for _, r := range name {
		sum += int(r)
	}
	return string(rune('0' + sum%9))
}

// Age says how long ago something was, short; the exact instant belongs into
// the title beside it.
func Age(ctx context.Context, at, now sextant.Instant) string {
	d := now.Time().Sub(at.Time())
	switch {
	case d < time.Minute:
		return message.T(ctx, "age.now")
	case d < time.Hour:
		return message.T(ctx, "age.minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return message.T(ctx, "age.hours", int(d.Hours()))
	case d < 60*24*time.Hour:
		return message.T(ctx, "age.days", int(d.Hours()/24))
	}
	return DayOf(ctx, at)
}

// Until says how far a date is away: "today", "in 4 d", "overdue 7 d".
func Until(ctx context.Context, date string, now sextant.Instant) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	today, _ := time.Parse(time.DateOnly, now.Time().Format(time.DateOnly))
	switch days := int(t.Sub(today).Hours() / 24); {
	case days < 0:
		return message.T(ctx, "until.overdue", -days)
	case days == 0:
		return message.T(ctx, "until.today")
	case days < 60:
		return message.T(ctx, "until.days", days)
	}
	return DateOf(t)
}

// Overdue says whether a date lies before today.
func Overdue(date string, now sextant.Instant) bool {
	return date != "" && date < now.Time().Format(time.DateOnly)
}

// Count writes a count that is exact up to the kernel's limit.
func Count(n int) string {
	if n > register.CountLimit {
		return "1,000+"
	}
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return "1,000"
}

// StateLabel names a state of a register's lifecycle.
func StateLabel(def *register.Definition, name string) string {
	if state, ok := def.Lifecycle.State(name); ok && state.Label != "" {
		return state.Label
	}
	return name
}

// Path is the page of an entry.
func Path(e register.Entry) string { return "/" + e.Register.Plural + "/" + e.Key }

// recordOf marks the page every entry has where its register has another one, too.
const recordOf = "record"

// RecordPath is the page of an entry with all its fields, which every entry has.
func RecordPath(e register.Entry) string { return Path(e) + "?" + recordOf + "=1" }

// IsRecord says whether a request asks for that page.
func IsRecord(r *http.Request) bool { return r.URL.Query().Has(recordOf) }

// ContentPath is the page of a piece of content (a control, a check); "" where
// no section shows that kind. Of a reference to anything, the part before the
// slash says the kind.
func (s *Site) ContentPath(kind, reference string) string {
	named, id, _ := strings.Cut(reference, "/")
	for _, section := range s.Sections {
		for _, shown := range section.Content {
			of, at, elsewhere := strings.Cut(shown, " ")
			switch {
			case of != kind && (kind != "any" || of != named):
				continue
			case of == "control":
				return "/controls/" + framework.IDOf(reference)
			case elsewhere:
				return at + "/" + id
			}
			return "/" + of + "s/" + id
		}
	}
	return ""
}

// Within writes a name as it stands inside a sentence: "Asset" as "asset", "AWS
// account" as it is.
func Within(name string) string {
	letters := []rune(name)
	if len(letters) > 1 && unicode.IsUpper(letters[0]) && !unicode.IsUpper(letters[1]) {
		letters[0] = unicode.ToLower(letters[0])
	}
	return string(letters)
}

var durationPart = regexp.MustCompile(`(\d+)([YMWDH])`)

// Duration writes an ISO 8601 period as people say it; what is none comes back
// as it is.
func Duration(ctx context.Context, period string) string {
	days, hours, _ := strings.Cut(period, "T")
	var words []string
	for _, part := range durationPart.FindAllStringSubmatch(days, -1) {
		n, _ := strconv.Atoi(part[1])
		words = append(words, message.N(ctx, "duration."+strings.ToLower(part[2]), n))
	}
	for _, part := range durationPart.FindAllStringSubmatch(hours, -1) {
		n, _ := strconv.Atoi(part[1])
		words = append(words, message.N(ctx, "duration.t"+strings.ToLower(part[2]), n))
	}
	if len(words) == 0 {
		return period
	}
	return strings.Join(words, " ")
}

// symbols stand before amounts; other currencies are named by their code.
var symbols = map[string]string{"EUR": "€", "USD": "$", "GBP": "£"}

// Money writes an amount as it is read at a glance: €840, €12.4k, €1.9M.
func Money(value float64, currency string) string {
	if currency == "" {
		return ""
	}
	sign := ""
	if value < 0 {
		sign, value = "−", -value
	}
	text := strconv.FormatFloat(value, 'f', 0, 64)
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e9, "bn"}, {1e6, "M"}, {1e3, "k"}} {
		if part := value / unit.of; part >= 0.9995 {
			digits := 1
			if part >= 99.95 {
				digits = 0
			}
			text = strings.TrimSuffix(strconv.FormatFloat(part, 'f', digits, 64), ".0") + unit.name
			break
		}
	}
	if symbol := symbols[currency]; symbol != "" {
		return sign + symbol + text
	}
	return sign + text + " " + currency
}

// Names resolves keys while a view is open: a component is drawn after it has
// ended, and must not look anything up.
func Names(keys []string, name func(key string) string) []string {
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = name(key)
	}
	return names
}

// FrameworkWord says a standard of controls by its id; the organisation's own
// controls are of none.
func FrameworkWord(ctx context.Context) func(string) string {
	return func(standard string) string {
		if s, ok := framework.StandardByID(standard); ok {
			return s.Title
		}
		return message.T(ctx, "controls.framework.own")
	}
}
