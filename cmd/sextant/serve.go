// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sextant"
	"sextant/internal/server"
	"sextant/internal/server/live"
	"sextant/internal/server/web/page"
	"sextant/internal/server/web/settings"
	"sextant/product"
)

func (p *program) serveCommand() *cobra.Command {
	var listen string
	var secure, anywhere bool
	c := &cobra.Command{Use: "serve", Short: "Serve pages and API", Args: cobra.NoArgs, RunE: func(c *cobra.Command, _ []string) error {
		ctx := c.Context()
		if err := p.open(ctx); err != nil {
			return err
		}
		listener, err := net.Listen("tcp", listen)
		if err != nil {
			return sextant.Errorf(sextant.Unavailable, "cannot listen on %s: %w", listen, err).WithHint("choose another address with --listen")
		}
		if err := p.greet(ctx, listener.Addr(), anywhere); err != nil {
			return err
		}
		done, err := p.serveShell(ctx)
		if err != nil {
			return err
		}
		defer done()
		news := live.New(live.Config{Source: p.store, Present: p.accounts.Present, Cookie: page.CookieName})
		config := p.served()
		config.Secure, config.News = secure, news
		handler := server.Handler(config)
		var beside sync.WaitGroup
		defer beside.Wait()
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		beside.Go(func() { news.Run(ctx) })
		beside.Go(func() { p.schedule.Run(ctx) })
		beside.Go(func() { giveBack(ctx) })
		return server.Serve(ctx, listener, handler)
	}}
	c.Flags().StringVar(&listen, "listen", env(p.getenv, "SEXTANT_LISTEN", "127.0.0.1:8080"), "address to listen on")
	c.Flags().BoolVar(&p.ambient, "allow-ambient-credentials", p.getenv("SEXTANT_ALLOW_AMBIENT_CREDENTIALS") != "", "sources may use this machine's credentials, profiles, custom and local endpoints")
	c.Flags().BoolVar(&secure, "behind-tls", false, "browsers reach this server over TLS: secure cookies, HSTS")
	c.Flags().BoolVar(&anywhere, "set-up-from-anywhere", false, "print the set-up link although the address is not a loopback one")
	return c
}

// giveBack returns to the system what starting and the first page took and
// nobody holds. The collector by itself would keep room for twice as much, which
// a server that idles from then on never gives up.
func giveBack(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(2 * time.Second):
		debug.FreeOSMemory()
	}
}

// served is what pages and API are made of.
func (p *program) served() server.Config {
	return server.Config{Kernel: p.kernel, Accounts: p.accounts, Uploads: p.blobs.Tray(), Version: version, Ready: p.ready, Pseudo: p.getenv("SEXTANT_PSEUDO_LOCALE") != "", Way: p.way, Work: p.schedule, Types: product.Types(), Frameworks: product.Frameworks(), Rules: product.Rules(), Proposers: product.Proposers(), Settings: p.settings()}
}

// settings are the parts the pages of the settings work with.
func (p *program) settings() settings.Config {
	config := settings.Config{Sources: p.schedule, Log: p.prover, Custody: p.custody, Fingerprint: p.key.Fingerprint()}
	if p.post != nil {
		config.Mail = settings.Mail{Server: p.post.Sender.Server(), From: p.post.Sender.From(), Public: p.publicURL}
	}
	return config
}

// greet says where to go; while there is no account, with a one-time link.
func (p *program) greet(ctx context.Context, address net.Addr, anywhere bool) error {
	base := "http://" + address.String()
	fmt.Fprintf(p.stderr, "Sextant %s on %s, data in %s\n", version, base, p.data)
	all, err := p.store.Organisations(ctx)
	if err != nil || len(all) > 0 {
		return err
	}
	if tcp, ok := address.(*net.TCPAddr); ok && !tcp.IP.IsLoopback() && !anywhere {
		fmt.Fprintln(p.stderr, "Nothing is set up. Run sextant init, or listen on a loopback address for a set-up link.")
		return nil
	}
	link, err := p.accounts.SetUpLink(ctx)
	fmt.Fprintf(p.stderr, "\nSet up here, within 30 minutes, once:\n\n  %s/set-up?link=%s\n\n", base, link)
	return err
}

func (p *program) ready(ctx context.Context) error {
	_, err := p.store.Organisations(ctx)
	return err
}
