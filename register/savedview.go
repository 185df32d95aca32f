// SPDX-License-Identifier: Apache-2.0

package register

import (
	"sextant"
	"sextant/access"
)

// SavedView is a page as somebody likes to see it: which filters, order,
// columns and groups, or how the widgets of the first page stand. It belongs to
// one person; shared, it is offered to everybody in the organisation.
type SavedView struct {
	Title  string `json:"title" is:"text required title" label:"Name"`
	Page   string `json:"page" is:"text required" label:"Page" help:"Path of the page, such as /assets"`
	Query  string `json:"query" is:"text" label:"As it is seen" help:"The part of the address behind the question mark"`
	Shared bool   `json:"shared" is:"bool" default:"false" label:"For everybody"`
	Owner  string `json:"owner" is:"person required owner" label:"Of"`
}

// SavedViews is the register of saved views. Everybody keeps their own.
var SavedViews = Declare[SavedView](Definition{
	Name: "saved_view", Plural: "saved-views", Prefix: "VIW", Title: "Saved view",
	Purpose: "Lists and pages as people like to see them.", Retention: "cycle", Own: true,
	Lists:     []Shape{{Filter: []string{"owner"}, Order: "title"}},
	Lifecycle: Lifecycle{Initial: "active", States: []State{{Name: "active", Label: "Active"}}},
}, func(tx Reader, now Of[SavedView], _ *Of[SavedView]) error {
	if now.Fields.Shared && now.Fields.Page == firstPage && !tx.Actor().Holds(access.ISMSManager, access.System, access.Operator) {
		return sextant.Errorf(sextant.Denied, "only %s may say how everybody's first page stands", access.ISMSManager).At("shared").WithHint("keep it for yourself")
	}
	return nil
})

// firstPage is what everybody sees as the shared view of it has it: other pages
// only offer theirs.
const firstPage = "/"
