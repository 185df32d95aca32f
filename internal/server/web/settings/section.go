// SPDX-License-Identifier: Apache-2.0

// Package settings is how the management system is set up: members and their
// roles, tokens, sources, retention, keys, backups, and the path a new
// organisation takes until it sees its first state. What an organisation is made
// of are registers; this section leads to them and draws none.
package settings

import (
	"context"
	"io"
	"maps"
	"net/http"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/internal/custody"
	"sextant/internal/job"
	"sextant/internal/proof"
	"sextant/internal/server/web/page"
)

// Accounts is what these pages need of accounts. Errors may be shown.
type Accounts interface {
	page.Accounts
	Members(ctx context.Context, actor access.Actor) ([]access.Membership, error)
	Member(ctx context.Context, actor access.Actor, email string) (access.Membership, error)
	Admit(ctx context.Context, actor access.Actor, email string, roles []access.Role, person string, until sextant.Instant) error
	Dismiss(ctx context.Context, actor access.Actor, email string) error
	Invite(ctx context.Context, actor access.Actor, email, person string, roles []access.Role, until sextant.Instant) (link string, err error)
	Invitations(ctx context.Context, actor access.Actor) ([]access.Link, error)
	Withdraw(ctx context.Context, actor access.Actor, id string) error
	Tokens(ctx context.Context, actor access.Actor) ([]access.APIToken, error)
	RevokeToken(ctx context.Context, actor access.Actor, id string) error
}

// Sources reaches the outside systems; nil = this installation reaches none.
type Sources interface {
	// Test tries a source and keeps nothing.
	Test(ctx context.Context, actor access.Actor, key string) (connector.Trial, error)
	// CollectNow asks for a collection; Queue tells how far it is.
	CollectNow(ctx context.Context, actor access.Actor, key string) (job.Job, error)
	Queue() *job.Queue
	// Ambient says whether sources may use this machine's own credentials.
	Ambient() bool
}

// Log tells and shows what stands for the record; nil = nothing can be shown.
type Log interface {
	PublicKey(ctx context.Context, org sextant.Organisation) (string, error)
	LastCheckpoint(ctx context.Context, org sextant.Organisation) (lines int64, at sextant.Instant, err error)
	LastAnchored(ctx context.Context, org sextant.Organisation) (proof.Anchor, error)
	Anchor(ctx context.Context, actor access.Actor, to string, deliver func(signed []byte) error) (proof.Anchor, error)
	Package(ctx context.Context, org sextant.Organisation, w io.Writer) error
}

// Custody takes backups and erases; nil = neither is possible here.
type Custody interface {
	MayBackUp(ctx context.Context, actor access.Actor) error
	Backup(ctx context.Context, actor access.Actor, w io.Writer) error
	LastBackup(ctx context.Context, org sextant.Organisation) (custody.Taken, error)
	EraseDue(ctx context.Context, actor access.Actor) (int, error)
}

// Config is what these pages are made with beside the site.
type Config struct {
	Accounts    Accounts
	Sources     Sources
	Log         Log
	Custody     Custody
	Fingerprint string // of the master key
	Mail        Mail
}

// Mail says how mail leaves the installation. The zero value: not at all.
type Mail struct {
	Server string // host and port, "" = mail is not set up
	From   string
	Public string // what links in mails begin with, "" = they carry none
}

type section struct {
	*page.Site
	Config
	Accounts Accounts // those of the settings, not the fewer of the site
}

// Section gives the settings.
func Section(site *page.Site, config Config) page.Section {
	s := &section{site, config, config.Accounts}
	routes := map[string]page.Serve{
		"GET /settings":                 s.overview,
		"GET /settings/mail":            s.mail,
		"GET /settings/members":         s.members,
		"GET /settings/member":          s.member,
		"POST /settings/member":         s.admit,
		"POST /settings/dismiss":        s.dismiss,
		"GET /settings/invite":          s.inviteForm,
		"POST /settings/invite":         s.invite,
		"POST /settings/withdraw":       s.withdraw,
		"GET /settings/tokens":          s.tokens,
		"POST /settings/revoke-token":   s.revokeToken,
		"GET /settings/retention":       s.retention,
		"POST /settings/erase-due":      s.eraseDue,
		"GET /settings/sources":         s.sources,
		"GET /settings/aws-policy":      s.policy,
		"POST /settings/test-source":    s.testSource,
		"POST /settings/collect-source": s.collectSource,
	}
	if site.Has("organisation") && site.Has("source") {
		maps.Copy(routes, s.beginning())
	}
	if config.Log != nil {
		routes["GET /settings/keys"] = s.keys
		routes["POST /settings/checkpoint"] = s.checkpoint
		routes["POST /settings/package"] = s.pack
	}
	if config.Custody != nil {
		routes["GET /settings/backups"] = s.backups
		routes["POST /settings/backup"] = s.backup
	}
	return page.Section{
		Items:    []page.Item{{Key: "nav.settings", Path: "/settings", Icon: "i-settings", Apart: true, Groups: []string{"settings"}, Needs: access.Inspect}},
		Commands: commands,
		Routes:   routes,
	}
}

// beginning are the screens that lead to a first state.
func (s *section) beginning() map[string]page.Serve {
	return map[string]page.Serve{
		"GET /get-started":               s.getStarted,
		"POST /get-started/hide":         s.hideStarted,
		"GET /get-started/organisation":  s.beginOrganisation,
		"POST /get-started/organisation": s.saveOrganisation,
		"GET /get-started/units":         s.beginUnits,
		"POST /get-started/units":        s.saveUnits,
		"GET /get-started/scope":         s.beginScope,
		"POST /get-started/scope":        s.saveScope,
		"GET /get-started/connect":       s.beginConnect,
		"POST /get-started/connect":      s.saveConnect,
		"GET /get-started/collect":       s.beginCollect,
		"POST /get-started/collect":      s.saveCollect,
	}
}

var commands = []page.Command{
	{Key: "settings.command.invite", Path: "/settings/invite", Icon: "i-user", Needs: access.Admit},
	{Key: "settings.command.token", Path: "/account/tokens", Icon: "i-key"},
	{Key: "settings.command.sources", Path: "/settings/sources", Icon: "i-plug", Needs: access.Inspect},
}

// may asks whether the actor may do something of these pages.
func (s *section) may(actor access.Actor, verb access.Verb) error {
	return access.May(actor, verb, access.Subject{}, s.Kernel.Now())
}

// allows is may for what a page shows.
func (s *section) allows(actor access.Actor, verb access.Verb) bool { return s.may(actor, verb) == nil }

// proved renews the proof of identity that a download of everything asks for.
func (s *section) proved(r *http.Request) error {
	return s.Accounts.Reauthenticate(r.Context(), page.SessionOf(r), r.PostFormValue("password"), r.PostFormValue("code"))
}
