// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/connector/outbound"
)

func (p *program) checkpointCommand() *cobra.Command {
	var to string
	var last bool
	c := &cobra.Command{Use: "checkpoint", Short: "Sign the log as it stands, and take the checkpoint elsewhere", Args: cobra.NoArgs,
		Long: "Sign the log as it stands. A checkpoint pins every line before it, once it lies where whoever runs this machine cannot change it:\n" +
			"a file on another system (--to /mnt/safe/northquay.checkpoint) or an address that keeps what it is sent (--to https://…).\n" +
			"Without --to it is printed, and nothing is recorded as taken elsewhere.",
		RunE: func(c *cobra.Command, _ []string) error {
			actor, err := p.opened(c.Context())
			if err != nil {
				return err
			}
			if to == "" && !last {
				signed, err := p.prover.Checkpoint(c.Context(), actor.Organisation)
				if err == nil {
					_, err = p.stdout.Write(signed)
				}
				return err
			}
			anchor, err := p.prover.LastAnchored(c.Context(), actor.Organisation)
			if to != "" {
				anchor, err = p.prover.Anchor(c.Context(), actor, recordable(to), func(signed []byte) error { return p.deliver(c.Context(), to, signed) })
			}
			if err != nil {
				return err
			}
			if p.json {
				return p.printJSON(anchor)
			}
			if anchor.Lines == 0 {
				fmt.Fprintln(p.stdout, "last anchored outside: never")
				return nil
			}
			fmt.Fprintf(p.stdout, "last anchored outside: %s, %d lines, at %s; %d lines since\n", anchor.At, anchor.Lines, anchor.To, anchor.Since)
			return nil
		}}
	c.Flags().StringVar(&to, "to", "", "file or address (https://…) to take it to")
	c.Flags().BoolVar(&last, "last", false, "tell when one was last taken elsewhere, and make none")
	return c
}

// recordable is an address without what opens it: user, password and query.
func recordable(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Host == "" {
		return to
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// deliver takes a checkpoint off this machine.
func (p *program) deliver(ctx context.Context, to string, signed []byte) error {
	if !strings.HasPrefix(to, "https://") && !strings.HasPrefix(to, "http://") {
		return p.writeFile(to, func(w io.Writer) error { _, err := w.Write(signed); return err })
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(signed))
	if err != nil {
		return sextant.Errorf(sextant.Invalid, "%q is no address: %w", to, err)
	}
	request.Header.Set("Content-Type", "text/plain; charset=utf-8")
	answer, err := outbound.Client(outbound.Policy{AllowLocal: true, MaxBody: 1 << 20, Proxy: http.ProxyFromEnvironment}).Do(request) // the operator chose the address
	if err != nil {
		return sextant.Errorf(sextant.Unavailable, "the checkpoint did not arrive: %w", err).WithHint("it is not recorded as taken elsewhere; try again")
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return sextant.Errorf(sextant.Unavailable, "%s answered %s; the checkpoint is not recorded as taken elsewhere", to, answer.Status)
	}
	return nil
}
