// SPDX-License-Identifier: Apache-2.0

package monitoring

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
)

// driftView is what the feed of changes draws.
type driftView struct {
	Drifts []monitor.Drift
	Only   string // worse, better or "" for both
	Next   string // address of the changes before these
	Now    sextant.Instant
}

// driftPage is how many changes a page looks at.
const driftPageSize = 40

func (s *section) drift(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "monitoring.drift.title"))
	view := driftView{Only: p.Query.Get("only")}
	after, err := readMark(p.Query.Get("after"))
	if err != nil {
		return err
	}
	err = s.look(r, actor, func(v *seen) error {
		view.Now = v.Now()
		drifts, last, err := monitor.Drifts(v.View, v.machine, v.checks, after, driftPageSize)
		if last != nil {
			view.Next = p.With("after", fmt.Sprintf("%d.%s", last.Seq, last.Subject))
		}
		for _, d := range drifts {
			if (view.Only == "worse" && !d.Worse()) || (view.Only == "better" && d.Worse()) || (view.Only != "" && d.First()) {
				continue
			}
			view.Drifts = append(view.Drifts, d)
		}
		return err
	})
	if err != nil {
		return err
	}
	s.Draw(w, r, driftPage(p, view))
	return nil
}

// readMark reads the mark of the last change of a page: 812.check/aws.root-mfa.
func readMark(text string) (*monitor.Change, error) {
	if text == "" {
		return nil, nil
	}
	number, subject, _ := strings.Cut(text, ".")
	seq, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "the page mark does not belong to this list").WithHint("start from the first page").At("after")
	}
	return &monitor.Change{Seq: sextant.Seq(seq), Subject: subject}, nil
}

// saysOf says in words what became of a resource of which no attribute changed.
func saysOf(ctx context.Context, m monitor.Moved) string {
	switch {
	case m.Gone:
		return message.T(ctx, "monitoring.drift.gone")
	case m.Fails:
		return message.Mark(ctx, m.Reason)
	}
	return message.T(ctx, "monitoring.drift.mended")
}

// moveText writes a value of an attribute short.
func moveText(ctx context.Context, value any) string {
	switch v := value.(type) {
	case nil:
		return "–"
	case []any:
		parts := make([]string, len(v))
		for i, part := range v {
			parts[i] = moveText(ctx, part)
		}
		return cut(cmp.Or(strings.Join(parts, ", "), message.T(ctx, "monitoring.move.none")))
	case string:
		if t, err := time.Parse(time.RFC3339, v); err == nil {
			return page.DateOf(t)
		}
		return cut(v)
	case bool:
		return message.T(ctx, "monitoring.move."+strconv.FormatBool(v))
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	data, err := json.Marshal(value)
	if err != nil {
		return "…"
	}
	return cut(string(data))
}

const longestMove = 40

func cut(text string) string {
	if runes := []rune(text); len(runes) > longestMove {
		return string(runes[:longestMove]) + "…"
	}
	return text
}

// attributeName is an attribute as people read it: backup retention days.
func attributeName(m check.Move) string { return strings.ReplaceAll(m.Attribute, "_", " ") }

// dayOf heads the changes of one day in the feed.
func dayOf(ctx context.Context, d monitor.Drift) string { return page.Weekday(ctx, d.At) }

func when(ctx context.Context, at, now sextant.Instant) string {
	if page.DateIn(ctx, at) == page.DateIn(ctx, now) {
		return page.TimeOfDay(ctx, at)
	}
	return page.ShortMoment(ctx, at)
}

func resourcePath(p page.Page, id int64) string { return p.Link(fmt.Sprintf("/resources/%d", id)) }
