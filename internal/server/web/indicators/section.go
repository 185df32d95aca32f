// SPDX-License-Identifier: Apache-2.0

// Package indicators shows key risk indicators: questions to the registers of
// risk, each with its count now and at the end of each month before. The first
// few come with the program; every shared view of one of those lists is another.
// It keeps nothing: the past is read from the log.
package indicators

import (
	"net/http"

	"sextant/access"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/risks/tabs"
	"sextant/register"
	"sextant/risk"
)

type section struct{ *page.Site }

const path = "/risks/indicators"

// Section gives the page of indicators. It exists with the register of risks.
func Section(site *page.Site) page.Section {
	if !site.Has(risk.Risks.Name) {
		return page.Section{}
	}
	s := &section{site}
	return page.Section{Routes: map[string]page.Serve{"GET " + path: s.show}}
}

func (s *section) show(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "indicators.title"))
	var list []indicator
	var bar []tabs.Tab
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if bar, err = tabs.Of(v); err != nil {
			return err
		}
		list, err = indicatorsOf(v)
		return err
	}); err != nil {
		return err
	}
	s.Draw(w, r, show(p, bar, list))
	return nil
}
