// SPDX-License-Identifier: Apache-2.0

// Command pictures takes pictures of the pages of a demo: it starts the real
// binary, signs in, and photographs each page of its table at 1440 and 390
// pixels, light and dark, into pictures/. It fails where a page answers with an
// error, or where the browser complains about script, style or content security.
//
//	go run ./build/pictures                        everything, from a fresh demo
//	go run ./build/pictures -only task -tall       pages whose name begins so, in full height
//	go run ./build/pictures -as reader -only home  as somebody else
//	go run ./build/pictures -at http://127.0.0.1:8080   from a demo that runs already
//	go run ./build/pictures -path '/tasks?view=mine' -only mine   a page that is not in the table
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

type settings struct {
	only, as, at, into, binary, browser, path string
	tall                                      bool
	wait                                      time.Duration
}

func main() {
	var s settings
	flag.StringVar(&s.only, "only", "", "only pages whose name begins so")
	flag.StringVar(&s.as, "as", "", "sign in as manager, owner, auditor, reader or admin instead of what the table says")
	flag.StringVar(&s.at, "at", "", "address of a demo that runs already")
	flag.StringVar(&s.into, "into", "pictures", "folder for the pictures")
	flag.StringVar(&s.binary, "binary", "bin/sextant", "the program, as make build leaves it")
	flag.StringVar(&s.browser, "browser", cmp.Or(os.Getenv("SEXTANT_TEST_BROWSER"), "chromium"), "Chromium")
	flag.StringVar(&s.path, "path", "", "a page that is not in the table; -only names its picture")
	flag.BoolVar(&s.tall, "tall", false, "as high as the page is, instead of one screen")
	flag.DurationVar(&s.wait, "wait", 150*time.Millisecond, "how long a page may settle before it is taken")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, s settings) error {
	wanted := s.pages()
	if len(wanted) == 0 {
		return fmt.Errorf("no page's name begins with %q", s.only)
	}
	if err := os.MkdirAll(s.into, 0o755); err != nil {
		return err
	}
	if s.at == "" {
		server, err := start(ctx, s.binary)
		if err != nil {
			return err
		}
		defer server.stop()
		s.at = server.address
	}
	studio, err := open(ctx, s)
	if err != nil {
		return err
	}
	defer studio.close()
	for _, p := range wanted {
		if err := studio.take(p); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	return studio.verdict()
}

// pages are those of the table that are wanted.
func (s settings) pages() []view {
	if s.path != "" {
		return []view{{name: cmp.Or(s.only, "page"), path: s.path, as: s.as}}
	}
	list := slices.DeleteFunc(slices.Clone(table), func(p view) bool { return !strings.HasPrefix(p.name, s.only) })
	for i := range list {
		if s.as != "" && list[i].as != nobody {
			list[i].as = s.as
		}
	}
	return list
}

// file names a picture.
func (s settings) file(p view, l light) string {
	name := fmt.Sprintf("%s-%d-%s.png", p.name, l.width, l.theme)
	if s.as != "" {
		name = s.as + "-" + name
	}
	return filepath.Join(s.into, name)
}
