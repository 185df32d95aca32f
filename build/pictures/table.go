// SPDX-License-Identifier: Apache-2.0

package main

// nobody is not signed in.
const nobody = "nobody"

// view is one page to photograph.
type view struct {
	name, path string
	as         string // role of demo.Logins; "" = manager
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
	{name: "tasks-drawer", path: "/tasks?in=TSK-37"},
	{name: "task", path: "/tasks/TSK-37"},
	{name: "task-edit", path: "/tasks/TSK-37/edit"},
	{name: "task-new", path: "/tasks/new"},
	{name: "task-finish", path: "/tasks/TSK-37/transitions/finish", as: "owner"},
	{name: "assets", path: "/assets"},
	{name: "assets-import", path: "/assets/import"},
	{name: "asset", path: "/assets/AST-15"},
	{name: "implementations", path: "/implementations"},
	{name: "implementation", path: "/implementations/IMP-76"},
	{name: "soa-rows", path: "/soa-rows"},
	{name: "attestations", path: "/attestations"},
	{name: "attestation", path: "/attestations/ATT-2"},
	{name: "exceptions", path: "/exceptions"},
	{name: "exception", path: "/exceptions/EXC-3"},
	{name: "sources", path: "/sources"},
	{name: "source", path: "/sources/SRC-3"},
	{name: "expected-sources", path: "/expected-sources"},
	{name: "persons", path: "/persons"},
	{name: "person", path: "/persons/PER-16"},
	{name: "scope-units", path: "/scope-units"},
	{name: "management-system", path: "/management-systems/MS-1"},
	{name: "organisation", path: "/organisation/ORG-1"},

	{name: "account", path: "/account"},
	{name: "account-security", path: "/account/security"},
	{name: "account-tokens", path: "/account/tokens", as: "admin"},
	{name: "account-appearance", path: "/account/appearance"},
}
