// SPDX-License-Identifier: Apache-2.0

package page

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/organisation"
	"sextant/register"
)

// Moments are stored in UTC and drawn in the zone of whoever reads: their own
// where they chose one, else the organisation's. Everything that draws one goes
// through this file; a test refuses a layout of its own anywhere else in the
// pages. Dates that were entered are days and have no zone.

type zoneKey struct{}

// InZone has moments drawn in a zone.
func InZone(ctx context.Context, zone *time.Location) context.Context {
	return context.WithValue(ctx, zoneKey{}, zone)
}

// Zone is the zone moments are drawn in, UTC where none was set.
func Zone(ctx context.Context) *time.Location {
	zone, _ := ctx.Value(zoneKey{}).(*time.Location)
	return cmp.Or(zone, time.UTC)
}

func local(ctx context.Context, at sextant.Instant) time.Time { return at.Time().In(Zone(ctx)) }

// Moment writes an instant as people read it: 2 Jan 2006 15:04.
func Moment(ctx context.Context, at sextant.Instant) string {
	return local(ctx, at).Format("2 Jan 2006 15:04")
}

// Exact writes an instant for `title` and `datetime`: to the second, with the
// distance of its zone from UTC (RFC 3339).
func Exact(ctx context.Context, at sextant.Instant) string {
	return local(ctx, at).Format(time.RFC3339)
}

// ShortMoment is Moment without the year.
func ShortMoment(ctx context.Context, at sextant.Instant) string {
	return local(ctx, at).Format("2 Jan 15:04")
}

// TimeOfDay writes hours and minutes of an instant.
func TimeOfDay(ctx context.Context, at sextant.Instant) string {
	return local(ctx, at).Format("15:04")
}

// DayOf writes the day an instant falls on: 2 Jan 2006.
func DayOf(ctx context.Context, at sextant.Instant) string { return local(ctx, at).Format(dayLayout) }

// Weekday writes the day an instant falls on in full.
func Weekday(ctx context.Context, at sextant.Instant) string {
	return local(ctx, at).Format("Monday 2 January 2006")
}

// DateIn gives the date an instant falls on, as dates are stored.
func DateIn(ctx context.Context, at sextant.Instant) string {
	return local(ctx, at).Format(time.DateOnly)
}

const dayLayout = "2 Jan 2006"

// DayLabel, MonthLabel, MonthOfYear and MonthInFull write days and months that
// were counted or entered as such, which have no zone.
func DayLabel(t time.Time) string { return t.Format("2 Jan") }

// MonthLabel writes a month on an axis.
func MonthLabel(t time.Time) string { return t.Format("Jan") }

// MonthOfYear writes a month: Jan 2006.
func MonthOfYear(t time.Time) string { return t.Format("Jan 2006") }

// MonthInFull writes a month: January 2006.
func MonthInFull(t time.Time) string { return t.Format("January 2006") }

// DateOf writes a day that was counted: 2 Jan 2006.
func DateOf(t time.Time) string { return t.Format(dayLayout) }

// Day writes a date as people read it; what is no date comes back as it is.
func Day(date string) string {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return DateOf(t)
}

// ZoneCookie keeps the zone of this browser: it belongs to where somebody sits.
const ZoneCookie = "sextant_zone"

// OwnZone gives the zone this browser chose, "" for the organisation's.
func OwnZone(r *http.Request) string {
	if zone, err := ParseZone(cookieOf(r, ZoneCookie)); err == nil && zone != nil {
		return zone.String()
	}
	return ""
}

// ParseZone reads the name of a zone; nil for "".
func ParseZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil //nolint:nilnil // none was chosen
	}
	if err := organisation.CheckZone(name); err != nil {
		return nil, err
	}
	return time.LoadLocation(name)
}

// zoneOf gives the zone a request is answered in.
func (s *Site) zoneOf(r *http.Request, actor access.Actor) (zone *time.Location) {
	if own, err := ParseZone(cookieOf(r, ZoneCookie)); err == nil && own != nil {
		return own
	}
	zone = time.UTC
	_ = s.Kernel.Read(r.Context(), actor, 0, func(v *register.View) error { // UTC is right everywhere
		zone = organisation.Zone(v)
		return nil
	})
	return zone
}

// withMoment gives the address of a request whose moment came from the form of
// the frame, in the reader's zone and without saying so: with the moment in UTC,
// which means the same to everybody the address is sent to. "" for any other.
func withMoment(r *http.Request) string {
	q := r.URL.Query()
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		at, err := time.ParseInLocation(layout, q.Get("as_of"), Zone(r.Context()))
		if err == nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) {
			q.Set("as_of", at.UTC().Format(time.RFC3339))
			return r.URL.EscapedPath() + "?" + q.Encode()
		}
	}
	return ""
}

// asOfInput is the moment of the page as a field of the browser takes it: in the
// reader's zone, without naming it.
func (p Page) asOfInput(ctx context.Context) string {
	if p.Moment == 0 {
		return ""
	}
	return local(ctx, p.Moment).Format("2006-01-02T15:04:05")
}
