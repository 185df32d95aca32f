// SPDX-License-Identifier: Apache-2.0

package table

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// dayLayouts are dates with one reading only. A point between numbers means
// day, month, year wherever people write dates that way.
var dayLayouts = []string{
	time.DateOnly, "2006/1/2", "2006.1.2", "20060102", "2006-1-2", "2.1.2006",
	"2 January 2006", "2 Jan 2006", "2-Jan-2006", "2. January 2006", "January 2, 2006", "Jan 2, 2006", "January 2 2006", "Jan 2 2006",
}

// momentLayouts without a zone are in UTC.
var momentLayouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05Z07:00", "2006-01-02 15:04",
	"2006-01-02 15:04:05 UTC", "2006-01-02 15:04 UTC", "2.1.2006 15:04", "2.1.2006 15:04:05",
}

var slashed = regexp.MustCompile(`^(\d{1,2})[/-](\d{1,2})[/-](\d{4})$`)

const dateFix = "write 2026-11-24, or format the cell as a date"

func (c Column) momentValue(in cell) (any, *problem) {
	switch in.shape {
	case moment:
		return c.inRange(in.at)
	case number:
		return nil, refused("format the cell as a date", "%s is a number, not a date", plainNumber(in.number))
	case text:
		s := strings.Join(strings.Fields(in.text), " ")
		if s == "" {
			return nil, nil
		}
		at, p := parseMoment(s)
		if p != nil {
			return nil, p
		}
		return c.inRange(at)
	}
	return nil, refused(dateFix, "%s is not a date", in.describe())
}

func (c Column) inRange(at time.Time) (any, *problem) {
	if y := at.UTC().Year(); y < 1 || y > 9998 {
		return nil, refused(dateFix, "the year %d is out of range", y)
	}
	return c.written(at), nil
}

func parseMoment(s string) (time.Time, *problem) {
	for _, layouts := range [][]string{dayLayouts, momentLayouts} {
		for _, layout := range layouts {
			if at, err := time.Parse(layout, s); err == nil {
				return at, nil
			}
		}
	}
	if parts := slashed.FindStringSubmatch(s); parts != nil {
		return slashedDay(s, parts)
	}
	return time.Time{}, refused(dateFix, "%q is not a date", clip(s, 60))
}

// slashedDay reads 24/11/2026 and 11/24/2026, and refuses 03/04/2026, which is
// two days to two readers.
func slashedDay(s string, parts []string) (time.Time, *problem) {
	a, _ := strconv.Atoi(parts[1])
	b, _ := strconv.Atoi(parts[2])
	day, month := a, b
	switch {
	case a <= 12 && b <= 12 && a != b:
		return time.Time{}, refused("write it as year-month-day: "+parts[3]+"-"+two(b)+"-"+two(a)+" or "+parts[3]+"-"+two(a)+"-"+two(b),
			"%q can be read as day/month and as month/day", s)
	case b > 12:
		day, month = b, a
	}
	at, err := time.Parse(time.DateOnly, parts[3]+"-"+two(month)+"-"+two(day))
	if err != nil {
		return time.Time{}, refused(dateFix, "%q is not a date", s)
	}
	return at, nil
}

func two(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}
