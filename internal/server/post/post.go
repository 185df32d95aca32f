// SPDX-License-Identifier: Apache-2.0

// Package post words the mails of notices, with the texts of the pages, and
// hands them over. It decides neither who is told nor when it is tried again.
package post

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/mail"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/notice"
	"sextant/register"
)

// Post sends the mails of notices.
type Post struct {
	Kernel *register.Kernel
	Sender *mail.Sender
	Public string // where people reach the pages, as https://isms.example.org; "" = mails carry no links
}

// Deliver sends a notice's mail and records that the server took it: at least
// once, with the same Message-ID each time. A notice that was read meanwhile, or
// sent already, needs none. last says that a failure will not be tried again.
// Errors: as mail.Sender.Send.
func (p *Post) Deliver(ctx context.Context, org sextant.Organisation, key string, last bool) error {
	letter, needed, err := p.letter(ctx, org, key)
	switch {
	case sextant.CodeOf(err) == sextant.NotFound, sextant.CodeOf(err) == sextant.Invalid:
		return p.record(ctx, org, func(tx *register.Tx) error { return notice.GivenUp(tx, key, err.Error()) })
	case err != nil:
		return err
	case !needed:
		return p.record(ctx, org, func(tx *register.Tx) error { return notice.Needless(tx, key) })
	}
	err = p.Sender.Send(ctx, letter)
	if err == nil {
		return p.record(ctx, org, func(tx *register.Tx) error { return notice.Handed(tx, key) })
	}
	if last || sextant.CodeOf(err) == sextant.Invalid {
		if problem := p.record(ctx, org, func(tx *register.Tx) error { return notice.GivenUp(tx, key, err.Error()) }); problem != nil {
			return problem
		}
	}
	return err
}

func (p *Post) record(ctx context.Context, org sextant.Organisation, fn func(*register.Tx) error) error {
	return p.Kernel.Write(ctx, access.SystemActor(org, "mail"), fn)
}

// newsFor is how long a notice is news: what waited longer, because mail was
// not set up for a time, is not sent any more.
const newsFor = 7 * 24 * time.Hour

// letter words a notice. NotFound: the person is gone, or has no address.
// Invalid: it is no news any more.
func (p *Post) letter(ctx context.Context, org sextant.Organisation, key string) (l mail.Letter, needed bool, err error) {
	err = p.Kernel.Read(ctx, access.SystemActor(org, "mail"), 0, func(v *register.View) error {
		n, err := notice.Notices.Get(v, key)
		if err != nil || n.State == notice.Read || n.Fields.Mail == notice.Sent || n.Fields.Mail == notice.None {
			return err
		}
		if v.Now() > n.Created.Add(newsFor) {
			return sextant.Errorf(sextant.Invalid, "it waited longer than seven days")
		}
		needed = true
		person, err := v.Entry("person", n.Fields.Person)
		if err == nil && (person.State == "left" || person.Doc.Text("email") == "") {
			err = sextant.Errorf(sextant.NotFound, "%s has no address any more", n.Fields.Person)
		}
		if err != nil {
			return err
		}
		l = mail.Letter{To: person.Doc.Text("email"), At: n.Created.Time(), ID: fmt.Sprintf("%s.%s.%d", strings.ToLower(key), org, int64(n.Created))}
		l.Subject, l.Body = p.words(ctx, v, n)
		return nil
	})
	return l, needed, err
}

// words of a mail: what happened, what to do, where. The subject carries the
// sentence alone.
func (p *Post) words(ctx context.Context, v *register.View, n register.Of[notice.Notice]) (subject, body string) {
	said := page.NoticeOf(v, n)
	where := message.T(ctx, "post.where", said.Key)
	if p.Public != "" && said.Path != "" {
		where = strings.TrimSuffix(p.Public, "/") + said.Path
	}
	parts := []string{said.Sentence, said.Body, where, message.T(ctx, "post.why", organisationOf(v))}
	kept := parts[:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return oneLine(said.Sentence), strings.Join(kept, "\n\n") + "\n"
}

func organisationOf(v *register.View) string {
	all, err := v.Select("organisation")
	if err != nil || len(all) == 0 {
		return "" // a help, never a rule
	}
	return cmp.Or(all[0].Title(), all[0].Key)
}

// oneLine folds what would end a line of the head: titles may hold it, and the
// sender refuses it.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
