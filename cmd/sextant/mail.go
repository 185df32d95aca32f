// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/internal/mail"
	"sextant/internal/server/web/message"
)

func (p *program) mailCommand() *cobra.Command {
	c := &cobra.Command{Use: "mail", Short: "Look at how mail leaves this installation"}
	var to string
	test := &cobra.Command{Use: "test --to ADDRESS", Short: "Send one letter now, by the mail server the flags name or else the running server's", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		sender, err := p.testSender(c)
		if err != nil {
			return err
		}
		ctx, now := c.Context(), time.Now()
		letter := mail.Letter{To: to, Subject: message.T(ctx, "post.test.subject"), Body: message.T(ctx, "post.test.body") + "\n", ID: fmt.Sprintf("test.%d", now.UnixMicro()), At: now}
		if err := sender.Send(ctx, letter); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "%s took a letter from %s to %s. Look whether it arrives.\n", sender.Server(), sender.From(), to)
		return nil
	}}
	test.Flags().StringVar(&to, "to", "", "address to send to")
	if err := test.MarkFlagRequired("to"); err != nil {
		panic(err) // the flag was declared a line above
	}
	c.AddCommand(test)
	return c
}

// testSender takes what the command line says, and else what the data's own
// process was started with.
func (p *program) testSender(c *cobra.Command) (*mail.Sender, error) {
	if sender, err := p.mailSender(); sender != nil || err != nil {
		return sender, err
	}
	if p.refuseNoData() == nil {
		if err := p.open(c.Context()); err != nil {
			return nil, err
		}
	}
	if p.post == nil {
		return nil, sextant.Errorf(sextant.Invalid, "mail is not set up").WithHint("say which server with --smtp-url smtp://user:password@host:587 and who sends with --mail-from, or set SEXTANT_SMTP_URL and SEXTANT_MAIL_FROM")
	}
	return p.post.Sender, nil
}

// mailSender makes what the settings ask for; nil where mail is not set up.
func (p *program) mailSender() (*mail.Sender, error) {
	if p.publicURL != "" {
		if u, err := url.Parse(p.publicURL); err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.ContainsAny(p.publicURL, "?# ") {
			return nil, sextant.Errorf(sextant.Invalid, "%q is no address of pages", p.publicURL).At("public-url").WithHint("write it as https://isms.example.org")
		}
	}
	if p.smtpURL == "" {
		return nil, nil
	}
	return mail.New(mail.Config{URL: p.smtpURL, From: p.mailFrom})
}
