// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// complaints are what the browser said against a page. Listeners run beside the
// one who takes the pictures.
type complaints struct {
	page string // which is taken; written between pages only
	mu   sync.Mutex
	list []string // guarded by mu
}

func (c *complaints) listen(tab context.Context) error {
	return chromedp.Listen(tab, func(ev any) {
		switch e := ev.(type) {
		case *runtime.EventExceptionThrown:
			c.add(e.ExceptionDetails.Text)
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" {
				c.add("console.error")
			}
		case *log.EventEntryAdded:
			if e.Entry.Level == "error" {
				c.add(e.Entry.Text + " " + e.Entry.URL)
			}
		case *network.EventResponseReceived:
			if e.Response.Status >= 400 {
				c.add(fmt.Sprintf("%d for %s", e.Response.Status, e.Response.URL))
			}
		}
	})
}

func (c *complaints) add(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = append(c.list, c.page+": "+text)
}

// verdict fails where there was any complaint.
func (t *studio) verdict() error {
	t.complaints.mu.Lock()
	defer t.complaints.mu.Unlock()
	for _, text := range t.complaints.list {
		fmt.Fprintln(os.Stderr, "  "+text)
	}
	if n := len(t.complaints.list); n > 0 {
		return fmt.Errorf("the browser complained %d times", n)
	}
	return nil
}
