// SPDX-License-Identifier: Apache-2.0

package lint

import (
	"cmp"
	"slices"
	"strings"

	"sextant"
	"sextant/organisation"
	"sextant/register"
)

// standing are the states in which a certificate has to be kept alive.
var standing = []string{organisation.CertificateValid, organisation.CertificateSuspended}

// certificateCycle holds the agreed audits of a certificate against its days
// (a reading of ISO/IEC 17021-1; the certification body's dates go before it).
func certificateCycle(l Look) (a Answer, err error) {
	all, err := organisation.Certificates.All(l.View, state(standing...))
	for _, c := range all {
		a.Looked++
		f := Finding{Entries: []string{c.Key}, Owner: c.Fields.Owner, Place: "/certificates/" + c.Key}
		var says []string
		for _, d := range cycleOf(c.Fields, l.Params) {
			since, err := d.since(l, c.Entry)
			if err != nil {
				return a, err
			}
			if since != 0 {
				says = append(says, d.says())
				f.Since = min(cmp.Or(f.Since, since), since)
			}
		}
		if f.Facts = "certificate " + c.Title() + ": " + strings.Join(says, "; "); len(says) > 0 {
			a.Findings = append(a.Findings, f)
		}
	}
	return a, err
}

// agreedDay is an audit that has to be agreed by a day, some days ahead.
type agreedDay struct {
	name          string
	by, limit     string // the day, and the field that has it
	agreed, field string // what was agreed, and the field that has it
	ahead         float64
}

func cycleOf(c organisation.Certificate, params map[string]float64) []agreedDay {
	return []agreedDay{
		{"surveillance audit", c.SurveillanceBy, "surveillance_by", c.NextSurveillance, "next_surveillance", params["days2"]},
		{"recertification audit", c.ValidTo, "valid_to", c.Recertification, "recertification", params["days"]},
	}
}

// since says from when on the day is at risk, 0 where it is not.
func (d agreedDay) since(l Look, c register.Entry) (sextant.Instant, error) {
	begins := After(d.by, -d.ahead-1)
	if d.by == "" || l.View.Now() < begins || d.agreed != "" && d.agreed <= d.by && d.agreed >= today(l) {
		return 0, nil
	}
	stood, err := Held(l.View, c.Register.Name, c.Key, func(e register.Entry) bool {
		return slices.Contains(standing, e.State) && e.Doc.Text(d.field) == d.agreed && e.Doc.Text(d.limit) == d.by
	})
	lapsed := After(d.agreed, 0) // what was agreed in time was fine until its day passed
	if d.agreed > d.by {
		lapsed = 0
	}
	return max(begins, stood, lapsed), err
}

func (d agreedDay) says() string {
	switch {
	case d.agreed == "":
		return "the " + d.name + " is needed by " + d.by + ", and none is agreed"
	case d.agreed > d.by:
		return "the " + d.name + " is agreed for " + d.agreed + ", after " + d.by
	}
	return "the " + d.name + " agreed for " + d.agreed + " is not entered as held"
}
