// SPDX-License-Identifier: Apache-2.0

// Package risks shows the register of risks as a matrix and a table, and each
// risk with its story: what was judged, what the controls that treat it do about
// it now, what is planned, and what its owner signed. Its rules are those of
// package risk.
package risks

import (
	"sextant/access"
	"sextant/internal/server/web/page"
	"sextant/risk"
)

type section struct{ *page.Site }

const (
	path            = "/risks"
	newPath         = "/risks/new"
	libraryPath     = "/risks/library"
	suggestionsPath = "/risks/suggestions"
	criteriaPath    = "/risks/criteria"
	treatmentPath   = "/risks/treatment"
	signPath        = "/risks/sign"
	importPath      = "/risks/import"
	workbookPath    = "/risks/workbook"

	// scenarioPrefix begins references to scenarios of the library.
	scenarioPrefix = "scenario/"
)

// Section gives the pages of the register of risks. It exists with it.
func Section(site *page.Site) page.Section {
	s := &section{site}
	if !site.Has(risk.Risks.Name) {
		return page.Section{}
	}
	return page.Section{
		Items:    []page.Item{{Key: "nav.risks", Path: path, Icon: "i-risk", Groups: []string{"risks"}}},
		Content:  []string{"scenario " + libraryPath, "threat " + libraryPath, "vulnerability " + libraryPath},
		Commands: []page.Command{{Key: "command.risks.new", Path: libraryPath, Icon: "i-risk", Needs: access.Create}, {Key: "command.risks.import", Path: importPath, Icon: "i-upload", Needs: access.Import}},
		Routes: map[string]page.Serve{
			"GET " + path:             s.list,
			"GET " + path + "/export": s.export,
			"GET " + path + "/{key}":  s.one,

			"GET " + importPath:   s.importForm,
			"POST " + importPath:  s.importFile,
			"GET " + workbookPath: s.workbook,

			"GET " + libraryPath:           s.library,
			"POST " + libraryPath:          s.take,
			"GET " + libraryPath + "/{id}": s.piece,
			"GET " + newPath:               s.blankForm,
			"POST " + suggestionsPath:      s.suggested,

			"GET " + path + "/evaluate/{risk}":  s.evaluateForm,
			"POST " + path + "/evaluate/{risk}": s.evaluate,

			"POST " + path + "/effects/{risk}":           s.effects,
			"POST " + path + "/sign/{risk}":              s.sign,
			"POST " + path + "/acceptances/{acceptance}": s.decide,
		},
	}
}
