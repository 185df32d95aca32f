// SPDX-License-Identifier: Apache-2.0

// Package riskplan shows what stands around the register of risks: the criteria
// risks are measured by and what a change of them would move, the treatment plan
// and who signs it, assessments, the portfolio in money, and what would follow if
// a control failed. Its rules are those of package risk.
package riskplan

import (
	"sextant/internal/server/web/page"
	"sextant/risk"
)

type section struct{ *page.Site }

// Addresses of the pages.
const (
	criteriaPath = "/risks/criteria"
)

// Section gives the pages; they exist with the registers of risks.
func Section(site *page.Site) page.Section {
	s := &section{site}
	if !site.Has(risk.CriteriaEditions.Name) || !site.Has(risk.Treatments.Name) {
		return page.Section{}
	}
	return page.Section{
		Routes: map[string]page.Serve{
			"GET " + criteriaPath:                         s.criteria,
			"POST " + criteriaPath + "/begin":             s.begin,
			"GET " + criteriaPath + "/{criteria}":         s.edition,
			"POST " + criteriaPath + "/{criteria}":        s.moveEdition,
			"GET " + criteriaPath + "/{criteria}/edit":    s.draft,
			"POST " + criteriaPath + "/{criteria}/edit":   s.saveDraft,
			"GET " + criteriaPath + "/{criteria}/preview": s.preview,
		},
	}
}
