// SPDX-License-Identifier: Apache-2.0

package schedule

import (
	"context"

	"sextant"
	"sextant/access"
	"sextant/internal/job"
	"sextant/notice"
	"sextant/register"
)

// Post sends the mail of a notice. It records what became of it under the
// fence in ctx; last says that a failure will not be tried again.
type Post interface {
	Deliver(ctx context.Context, org sextant.Organisation, notice string, last bool) error
}

// mailAttempts with the queue's waits, which double up to an hour, try for some
// sixteen hours: a night without a mail server loses no letter.
const mailAttempts = 24

// mailsAtOnce is how many notices one look asks to be sent.
const mailsAtOnce = 200

// dueMail asks for the mails that wait. The notice is the idempotency key: its
// mail is asked for once, however many replicas look. One whose work ended
// without a word of it (cancelled, or the program died over it again and again)
// is given up.
func (s *Schedule) dueMail(ctx context.Context, org sextant.Organisation) error {
	if s.config.Post == nil {
		return nil
	}
	actor := access.SystemActor(org, "schedule")
	var waiting []string
	if err := s.config.Kernel.Read(ctx, actor, 0, func(v *register.View) (err error) {
		waiting, err = notice.Waiting(v, mailsAtOnce)
		return err
	}); err != nil {
		return err
	}
	for _, key := range waiting {
		j, made, err := s.queue.Enqueue(ctx, actor, job.Request{Kind: Mail, Subject: key, Once: "mail/" + key})
		if err != nil {
			return err
		}
		if made || (j.State != job.Failed && j.State != job.Cancelled) {
			continue
		}
		if err := s.config.Kernel.Write(ctx, actor, func(tx *register.Tx) error {
			return notice.GivenUp(tx, key, string(j.State)+": "+j.Error)
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Schedule) mail(ctx context.Context, w *job.Work) error {
	return s.config.Post.Deliver(ctx, w.Job.Organisation, w.Job.Subject, w.Job.Attempt >= mailAttempts)
}
