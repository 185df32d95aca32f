// SPDX-License-Identifier: Apache-2.0

package main

// nobody is not signed in.
const nobody = "nobody"

// view is one page to photograph.
type view struct {
	name, path string
	as         string // role of demo.Logins; "" = manager
	find, then string // the page is that of the first link on path that says find, with then after it
	do         string // script run before, such as opening a menu
}

// table is every page there is. A section adds its own.
var table = []view{
	{name: "sign-in", path: "/sign-in", as: nobody},
	{name: "home", path: "/"},
	{name: "home-as-of", path: "/?as_of=2026-06-01"},
	{name: "my-work", path: "/my-work", as: "owner"},
	{name: "programme", path: "/programme"},
	{name: "search", path: "/search?q=backup"},

	{name: "tasks", path: "/tasks"},
	{name: "tasks-drawer", path: "/tasks", do: `document.querySelector("main tbody a").click()`},
	{name: "task", path: "/search?q=orders-prod-2", find: "Set backup retention"},
	{name: "task-edit", path: "/search?q=orders-prod-2", find: "Set backup retention", then: "/edit"},
	{name: "task-new", path: "/tasks/new"},
	{name: "task-finish", path: "/search?q=orders-prod-2", find: "Set backup retention", then: "/transitions/finish", as: "owner"},
	{name: "assets", path: "/assets"},
	{name: "assets-import", path: "/assets/import"},
	{name: "asset", path: "/assets", find: "orders-prod-2"},
	{name: "implementations", path: "/implementations"},
	{name: "implementation", path: "/search?q=A.8.13+in+Platform", find: "A.8.13 in Platform"},
	{name: "soa-rows", path: "/soa-rows"},
	{name: "attestations", path: "/attestations"},
	{name: "attestation", path: "/attestations", find: "Course of November"},
	{name: "exceptions", path: "/exceptions"},
	{name: "exception", path: "/exceptions", find: "build-runner-1"},
	{name: "sources", path: "/sources"},
	{name: "source", path: "/sources", find: "AWS analytics"},
	{name: "expected-sources", path: "/expected-sources"},
	{name: "persons", path: "/persons"},
	{name: "person", path: "/persons", find: "Rui Lima"},
	{name: "scope-units", path: "/scope-units"},
	{name: "management-system", path: "/management-systems/MS-1"},
	{name: "organisation", path: "/organisation/ORG-1"},

	{name: "account", path: "/account"},
	{name: "account-security", path: "/account/security"},
	{name: "account-tokens", path: "/account/tokens", as: "admin"},
	{name: "account-appearance", path: "/account/appearance"},
}
