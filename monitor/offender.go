// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"slices"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/register"
)

// offendersShown is how many failing resources an explanation names; the counts
// say how many there are.
const offendersShown = 20

// offendersWeighed is how many failing resources are held against exceptions
// that name resources. Where more fail, only an exception of the whole check
// covers them.
const offendersWeighed = 5000

// offending is what keeps a check from passing, over the same sources.
type offending struct {
	shown     []control.Offender
	permitted control.Periods
}

// addOffenders names failing resources and finds when all of them are excepted.
func (f *facts) addOffenders(o *control.CheckOutcome, not []string) error {
	if o.Counts.Failed+o.Counts.Errors == 0 {
		return nil
	}
	key := o.Check + "\n" + strings.Join(not, "\n")
	if f.offenders[key] == nil {
		found, err := f.findOffenders(o, not)
		if err != nil {
			return err
		}
		f.offenders[key] = found
	}
	o.Offenders, o.Permitted = f.offenders[key].shown, f.offenders[key].permitted
	return nil
}

func (f *facts) findOffenders(o *control.CheckOutcome, not []string) (*offending, error) {
	exceptions := slices.DeleteFunc(slices.Clone(f.exceptions), func(e register.Of[control.Exception]) bool { return e.Fields.Check != check.Prefix+o.Check })
	limit := offendersShown
	if len(exceptions) > 0 {
		limit = offendersWeighed + 1
	}
	list, err := f.reader.Offenders(evidence.ResultList{Check: o.Check, At: f.at, Limit: limit, Sources: f.spoken(o.Check, not), Statuses: []int{int(check.Fail), int(check.Error)}})
	if err != nil {
		return nil, err
	}
	found := &offending{permitted: wholeCheck(exceptions)}
	if len(list) <= offendersWeighed && len(exceptions) > 0 {
		found.permitted = everyOne(list, exceptions)
	}
	for _, r := range list[:min(len(list), offendersShown)] {
		state := control.Fail
		if r.Status == int(check.Error) {
			state = control.Error
		}
		found.shown = append(found.shown, control.Offender{Key: r.Of.Key, Title: foreign(r.Of.Key), Reason: foreign(r.Reason), State: state, Permitted: permittedFor(r.Of.Key, exceptions), Resource: r.Resource})
	}
	return found, nil
}

// spoken gives the sources of a check's outcome that are not left out; none
// where none is.
func (f *facts) spoken(id string, not []string) []string {
	if len(not) == 0 {
		return nil
	}
	return slices.DeleteFunc(keys(f.bodies[id].Sources), func(s string) bool { return slices.Contains(not, s) })
}

func everyOne(list []evidence.Offender, exceptions []register.Of[control.Exception]) control.Periods {
	if len(list) == 0 {
		return nil
	}
	all := control.NewPeriods(control.Period{From: 0, Until: sextant.Forever})
	for _, r := range list {
		all = all.Both(permittedFor(r.Of.Key, exceptions))
	}
	return all
}

func permittedFor(resource string, exceptions []register.Of[control.Exception]) control.Periods {
	var all []control.Period
	for _, e := range exceptions {
		if len(e.Fields.Resources) == 0 || slices.Contains(e.Fields.Resources, resource) {
			all = append(all, periodOf(e.Fields))
		}
	}
	return control.NewPeriods(all...)
}

func wholeCheck(exceptions []register.Of[control.Exception]) control.Periods {
	return permittedFor("", slices.DeleteFunc(slices.Clone(exceptions), func(e register.Of[control.Exception]) bool { return len(e.Fields.Resources) > 0 }))
}

// permittedOf is when what fails of a control as a whole is excepted.
func (f *facts) permittedOf(reference string) control.Periods {
	var all []control.Period
	for _, e := range f.exceptions {
		if e.Fields.Check == "" && e.Fields.Control == reference {
			all = append(all, periodOf(e.Fields))
		}
	}
	return control.NewPeriods(all...)
}

// periodOf: both days are in it, in UTC.
func periodOf(e control.Exception) control.Period {
	return control.Period{From: midnight(e.StartsOn, 0), Until: midnight(e.ExpiresOn, 1)}
}

func midnight(date string, later int) sextant.Instant {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return sextant.InstantOf(t.AddDate(0, 0, later))
}
