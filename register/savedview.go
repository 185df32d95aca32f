// SPDX-License-Identifier: Apache-2.0

package register

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
}, nil)
