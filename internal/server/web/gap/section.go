// SPDX-License-Identifier: Apache-2.0

// Package gap shows gap analyses: the campaigns, one question at a time in focus
// mode, where the organisation stands, what to do next, and what changed since an
// earlier campaign. The table of all answers is the register's own list. Its
// rules are those of package gap.
package gap

import (
	"net/url"

	"sextant/gap"
	"sextant/internal/server/web/page"
	"sextant/register"
)

type section struct{ *page.Site }

const path = "/gap"

// Section gives the pages of gap analyses.
func Section(site *page.Site) page.Section {
	s := &section{site}
	if !site.Has(gap.Campaigns.Name) || !site.Has(gap.Answers.Name) || !site.Has("task") {
		return page.Section{}
	}
	return page.Section{
		Items: []page.Item{{Key: "nav.gap", Path: path, Icon: "i-gap", Groups: []string{"gap"}, Prefix: []string{"/gap-campaigns", "/gap-answers"}}},
		Homes: map[string]string{gap.Campaigns.Name: path},
		Routes: map[string]page.Serve{
			"GET " + path:                                        s.list,
			"GET " + path + "/{campaign}":                        s.campaign,
			"POST " + path + "/{campaign}/start":                 s.start,
			"POST " + path + "/{campaign}/close":                 s.close,
			"POST " + path + "/{campaign}/take":                  s.takeTyped,
			"GET " + path + "/{campaign}/import":                 s.importForm,
			"POST " + path + "/{campaign}/import":                s.importSheet,
			"GET " + path + "/{campaign}/plan":                   s.plan,
			"GET " + path + "/{campaign}/compare":                s.compare,
			"GET " + path + "/{campaign}/focus":                  s.enter,
			"GET " + path + "/{campaign}/focus/{answer}":         s.focus,
			"POST " + path + "/{campaign}/focus/{answer}":        s.save,
			"POST " + path + "/{campaign}/focus/{answer}/action": s.act,
		},
	}
}

// ListOf is the address of the register's list of exactly the answers that meet
// the filters.
func ListOf(campaign string, filters ...string) string {
	q := url.Values{"filter": append([]string{"campaign=" + campaign}, filters...)}
	return "/" + gap.Answers.Plural + "?" + q.Encode()
}

// Given are filters of rows that were answered.
const Given = "state=answered,reviewed"

func person(v *register.View, key string) string {
	if key == "" {
		return ""
	}
	return v.TitleOf("person", key)
}
