// SPDX-License-Identifier: Apache-2.0

// Package riskplan shows what stands around the register of risks: the criteria
// risks are measured by and what a change of them would move, the treatment plan
// and who signs it, assessments, the portfolio in money, and what would follow if
// a control failed. Its rules are those of package risk.
package riskplan

import (
	"sextant/crosswalk"
	"sextant/internal/server/web/page"
	"sextant/risk"
)

type section struct{ *page.Site }

// Addresses of the pages.
const (
	criteriaPath  = "/risks/criteria"
	treatmentPath = "/risks/treatment"
	signaturePath = "/risks/signatures"
	signPath      = "/risks/sign"
	roundPath     = "/risks/assessments"
	portfolioPath = "/risks/portfolio"
	whatIfPath    = "/risks/what-if"
	reportPath    = "/risks/reports"
	changesPath   = "/risks/changes"
)

// Section gives the pages; they exist with the registers of risks. board is what
// evidence is compared with in what would follow; nil Standing = no frameworks.
func Section(site *page.Site, board crosswalk.Board) page.Section {
	s := &section{site}
	if !site.Has(risk.CriteriaEditions.Name) || !site.Has(risk.Treatments.Name) {
		return page.Section{}
	}
	return page.Section{
		Homes:  map[string]string{risk.CriteriaEditions.Name: criteriaPath, risk.Treatments.Name: treatmentPath, risk.Assessments.Name: roundPath},
		Panels: map[string]page.Panel{risk.Acceptances.Name: {Draw: acceptancePanel}},
		Routes: map[string]page.Serve{
			"GET " + criteriaPath:                         s.criteria,
			"POST " + criteriaPath + "/begin":             s.begin,
			"GET " + criteriaPath + "/{criteria}":         s.edition,
			"POST " + criteriaPath + "/{criteria}":        s.moveEdition,
			"GET " + criteriaPath + "/{criteria}/edit":    s.draft,
			"POST " + criteriaPath + "/{criteria}/edit":   s.saveDraft,
			"GET " + criteriaPath + "/{criteria}/preview": s.preview,

			"GET " + treatmentPath:                            s.plan,
			"GET " + treatmentPath + "/export":                s.exportPlan,
			"GET " + treatmentPath + "/new":                   s.newTreatment,
			"POST " + treatmentPath + "/new":                  s.createTreatment,
			"GET " + treatmentPath + "/{treatment}":           s.treatment,
			"POST " + treatmentPath + "/{treatment}":          s.moveTreatment,
			"GET " + treatmentPath + "/{treatment}/edit":      s.editTreatment,
			"POST " + treatmentPath + "/{treatment}/edit":     s.changeTreatment,
			"POST " + treatmentPath + "/{treatment}/measures": s.saveMeasures,
			"POST " + treatmentPath + "/{treatment}/compare":  s.decide,
			"POST " + treatmentPath + "/{treatment}/tasks":    s.makeTasks,
			"POST " + treatmentPath + "/{treatment}/residual": s.judgeResidual,

			"GET " + signPath:                         s.signForm,
			"POST " + signPath:                        s.signSeveral,
			"GET " + signaturePath:                    s.signatureList,
			"GET " + signaturePath + "/export":        s.exportSignatures,
			"POST " + signaturePath + "/{acceptance}": s.signResidual,

			"GET " + roundPath:                    s.rounds,
			"GET " + roundPath + "/{assessment}":  s.round,
			"POST " + roundPath + "/{assessment}": s.moveRound,

			"GET " + portfolioPath: s.portfolio,
			"GET " + whatIfPath:    s.whatIf(board),

			"GET " + reportPath:                    s.reports,
			"GET " + reportPath + "/{report}":      s.download,
			"GET " + reportPath + "/asset":         s.assetReport,
			"GET " + reportPath + "/asset/{asset}": s.assetReport,
			"GET " + changesPath:                   s.changes,
		},
	}
}
