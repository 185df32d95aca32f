// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"cmp"
	"slices"
	"strings"

	"sextant"
	"sextant/control"
	"sextant/evidence"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
	"sextant/soa"
)

// eventView is one thing that happened to the control.
type eventView struct {
	At                sextant.Instant
	Mark, Icon        string // of the state it came to, or an icon
	Who, Text, Detail string
	Path              string
	Age, Exact        string
}

const eventsShown = 14

// fillTimeline puts changes of the state and of the entries in one order, the
// newest first.
func (view *controlView) fillTimeline(v *register.View, m evidence.Reader, _ page.Page) error {
	subject := monitor.ControlSubject + view.Control.ID
	changes, err := m.StatusHistory(subject, sextant.LatestSeq, 4*eventsShown)
	if err != nil {
		return err
	}
	for _, s := range changes {
		if s.At > v.Now() || v.Moment() != 0 && s.From > v.At() || s.State == s.Before {
			continue
		}
		after := control.State(s.State)
		view.Timeline = append(view.Timeline, eventView{At: s.At, Mark: page.StateMark(after), Icon: "i-st-" + page.StateMark(after), Detail: clipped(causeText(monitor.Words(v, s.Reason)), 140),
			Text: message.T(v.Context(), "control.event.state", message.Mark(v.Context(), control.State(s.Before).Label()), message.Mark(v.Context(), after.Label()))})
	}
	if err := view.entryEvents(v); err != nil {
		return err
	}
	slices.SortStableFunc(view.Timeline, func(a, b eventView) int { return cmp.Compare(b.At, a.At) })
	view.Timeline = view.Timeline[:min(len(view.Timeline), eventsShown)]
	for i := range view.Timeline {
		e := &view.Timeline[i]
		e.Age, e.Exact = page.Age(v.Context(), e.At, v.Now()), page.Exact(v.Context(), e.At)
	}
	return nil
}

// entryEvents are the newest versions of the entries the control is made of.
func (view *controlView) entryEvents(v *register.View) error {
	for _, d := range view.Decisions {
		if err := view.history(v, soa.Rows.Definition.Name, lastOf(d.Path), "i-soa", 3); err != nil {
			return err
		}
	}
	for _, key := range view.implementationKeys() {
		if err := view.history(v, control.Implementations.Definition.Name, key, "i-edit", 3); err != nil {
			return err
		}
	}
	for _, a := range view.Evidenced[:min(len(view.Evidenced), eventsShown)] {
		if err := view.history(v, control.Attestations.Definition.Name, lastOf(a.Path), "i-seal", 1); err != nil {
			return err
		}
	}
	return nil
}

func (view *controlView) history(v *register.View, name, key, icon string, most int) error {
	revisions, err := v.History(name, key, 0, most)
	if err != nil {
		return err
	}
	for _, r := range revisions {
		e := eventView{At: r.At, Icon: icon, Who: page.Who(v, r.Actor), Text: r.Title(), Path: page.Path(r.Entry), Detail: r.Why}
		switch {
		case r.StateFrom != "":
			e.Detail = message.T(v.Context(), "control.event.moved", message.Mark(v.Context(), page.StateLabel(r.Register, r.State)))
		case r.Version == 1:
			e.Detail = message.T(v.Context(), "control.event.new")
		case e.Detail == "":
			for i, c := range r.Changes {
				if i > 0 {
					e.Detail += ", "
				}
				e.Detail += message.Mark(v.Context(), c.Label)
			}
		}
		view.Timeline = append(view.Timeline, e)
	}
	return nil
}

// causeText is the last part of a reason that leads down a tree: what decided.
func causeText(reason string) string {
	if i := strings.LastIndex(reason, "; "); i >= 0 {
		return reason[i+2:]
	}
	return reason
}

// lastOf is the last part of a path: the key of an entry.
func lastOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }
