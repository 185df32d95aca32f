// SPDX-License-Identifier: Apache-2.0

package demo

import (
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"sextant/framework"
	"sextant/register"
)

// spread gives a number below n that depends on the text alone, so that a year
// does not happen on one day and is the same each time.
func spread(text string, n int) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(text)) // a hash never fails
	return int(h.Sum32() % uint32(n))
}

// looked is what somebody looked at: what, out of how many, which of them.
var looked = sync.OnceValues(func() (map[string][3]string, error) {
	all := map[string][3]string{}
	return all, read("statements.yaml", &all)
})

// attestations lets the people of an implementation sign each line that only
// people can show, again and again as its period asks.
func (s *story) attestations(c framework.Control, imp *implementation, d decision) {
	if d.Shown == "none" {
		return
	}
	plan, _ := framework.PlanFor(c.ID)
	first := true
	for _, line := range plan.Lines {
		if line.Form == framework.Checks || (d.Shown == "part" && !first) {
			continue
		}
		s.attestLine(line, imp, d.Shown == "late" && first)
		first = false
	}
}

// attestLine signs from when the implementation stood until today. Late leaves
// out the newest one that would still count.
func (s *story) attestLine(line framework.Line, imp *implementation, late bool) {
	every := line.Period
	if line.Form == framework.Attested {
		every = line.Expires
	}
	today := s.present.Time()
	days := int(register.AddPeriod(today, every).Sub(today).Hours() / 24)
	ended := imp.Since - 6 - spread(line.ID+imp.Unit, 14)
	if imp.Ended > 0 && days >= 365 {
		ended = imp.Ended
	}
	if late {
		ended = max(ended, days+9+spread(line.ID, 20))
	}
	for ended > 2 && !(late && ended < days) {
		s.attest(line, imp, ended, days)
		ended -= days - 12 + spread(line.ID+fmt.Sprint(ended), 9) // people are early by a week
	}
}

// attest drafts and signs one statement about a period that ended so many days
// ago.
func (s *story) attest(line framework.Line, imp *implementation, ended, days int) {
	by := imp.By
	if line.Independent && (imp.Operator == by || spread(line.ID, 2) == 0) {
		by = "anke"
	}
	s.write(s.at(paperDay(by, min(ended-1, 318))), by, "attest "+line.ID, func(tx *register.Tx) error {
		texts, err := looked()
		if err != nil {
			return err
		}
		text, told := texts[line.ID]
		if !told {
			return fmt.Errorf("statements.yaml has no words for it")
		}
		return s.sign(tx, line, imp, by, text, ended, days)
	})
}

// paperDay is when somebody next sits down to sign: everybody has a day of the
// week for it and a time of day.
func paperDay(by string, ago int) when {
	ago -= (ago + spread(by, 7)) % 7
	return when(fmt.Sprintf("%dd %02d:%02d", max(ago, 1), 9+spread(by, 7), spread(by+"m", 60)))
}

func (s *story) sign(tx *register.Tx, line framework.Line, imp *implementation, by string, text [3]string, ended, days int) error {
	form := "record"
	if line.Form == framework.Attested {
		form = "statement"
	}
	to := s.present.Time().AddDate(0, 0, -ended)
	e, err := tx.Create("attestation", map[string]any{
		"implementation": imp.key, "line": line.ID, "form": form, "looked_at": text[0], "population": text[1], "sample": text[2], "result": "holds", "attested_by": s.people[by].key,
		"period_from": to.AddDate(0, 0, 1-min(days, 366)).Format(time.DateOnly), "period_to": to.Format(time.DateOnly), "expires_on": to.AddDate(0, 0, days).Format(time.DateOnly),
		"remarks": remark(line, ended),
	}, register.Note{})
	if err != nil {
		return err
	}
	_, err = tx.Transition("attestation", e.Key, 0, "attest", nil, register.Note{Why: "looked at it myself"})
	return err
}

// remark tells, for some, where the papers lie.
func remark(line framework.Line, ended int) string {
	if line.Form != framework.Record || spread(line.ID+fmt.Sprint(ended), 3) != 0 {
		return ""
	}
	_, name, _ := strings.Cut(line.ID, "/")
	return "Papers: shared drive, ISMS/records/" + line.Control + "/" + name + "."
}
