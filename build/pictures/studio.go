// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"sextant/demo"
)

// light is how a page is taken.
type light struct {
	width, height int64
	theme         string
}

var lights = []light{{1440, 900, "light"}, {1440, 900, "dark"}, {390, 844, "light"}, {390, 844, "dark"}}

// mostHeight is how tall a tall picture gets.
const mostHeight = 8000

// studio is a browser with one signed-in tab for each role.
type studio struct {
	settings
	ctx        context.Context //nolint:containedctx // the browser lives as long as the studio
	close      func()
	tabs       map[string]context.Context
	complaints *complaints
}

func open(ctx context.Context, s settings) (*studio, error) {
	profile, err := os.MkdirTemp("", "sextant-browser-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(s.browser), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(profile),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true),
		chromedp.Flag("hide-scrollbars", true))
	allocator, stop := chromedp.NewExecAllocator(ctx, options...)
	browser, cancel := chromedp.NewContext(allocator)
	t := &studio{settings: s, ctx: browser, tabs: map[string]context.Context{}, complaints: &complaints{}}
	t.close = func() { cancel(); stop(); _ = os.RemoveAll(profile) }
	if err := chromedp.Do(browser); err != nil { // the browser lives as long as the context of its first use
		t.close()
		return nil, fmt.Errorf("%s does not start: %w", s.browser, err)
	}
	return t, nil
}

// tab gives the tab in which a role is signed in.
func (t *studio) tab(role string) (context.Context, error) {
	if role == "" {
		role = "manager"
	}
	if tab, ok := t.tabs[role]; ok {
		return tab, nil
	}
	tab, _ := chromedp.NewContext(t.ctx, chromedp.WithNewBrowserContext()) // ends with the browser
	if err := t.complaints.listen(tab); err != nil {
		return nil, err
	}
	t.tabs[role] = tab
	if role == nobody {
		return tab, nil
	}
	return tab, t.signIn(tab, role)
}

func (t *studio) signIn(tab context.Context, role string) error {
	for _, l := range demo.Logins() {
		if l.Role != role {
			continue
		}
		return within(tab, chromedp.Navigate(t.at+"/sign-in"),
			chromedp.SendKeys(`input[name=email]`, l.Email), chromedp.SendKeys(`input[name=password]`, demo.Password),
			chromedp.Click(`form button`), chromedp.WaitReady(`a[href="/account"], [data-account], nav`))
	}
	return fmt.Errorf("there is no role %q: manager, owner, auditor, reader, admin", role)
}

// within gives the browser a limited time.
func within(ctx context.Context, actions ...chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return chromedp.Do(ctx, actions...)
}

// take photographs one page in every light.
func (t *studio) take(p view) error {
	tab, err := t.tab(p.as)
	if err != nil {
		return err
	}
	if p, err = t.find(tab, p); err != nil {
		return err
	}
	for _, l := range lights {
		t.complaints.page = fmt.Sprintf("%s (%s) at %d, %s", p.name, p.path, l.width, l.theme)
		if err := within(tab, emulate(l), chromedp.Navigate(t.at+p.path), chromedp.WaitReady("body")); err != nil {
			return err
		}
		if p.do != "" {
			if _, err := chromedp.Run(tab, chromedp.Evaluate[string](p.do+`; ""`)); err != nil {
				return err
			}
		}
		if err := t.expose(tab, p, l); err != nil {
			return err
		}
	}
	return nil
}

// find replaces the path of a view by that of the link it names: keys are given
// out in the order of the story and move when the story grows.
func (t *studio) find(tab context.Context, p view) (view, error) {
	if p.find == "" {
		return p, nil
	}
	t.complaints.page = p.name + " (" + p.path + ")"
	if err := within(tab, emulate(lights[0]), chromedp.Navigate(t.at+p.path), chromedp.WaitReady("main")); err != nil {
		return p, err
	}
	href, err := chromedp.Run(tab, chromedp.Evaluate[string](fmt.Sprintf(`[...document.querySelectorAll("main a")].find(a => a.innerText.includes(%q))?.getAttribute("href") || ""`, p.find)))
	if err == nil && href == "" {
		err = fmt.Errorf("no link on %s says %q", p.path, p.find)
	}
	path, _, _ := strings.Cut(href, "?")
	p.path = path + p.then
	return p, err
}

func (t *studio) expose(tab context.Context, p view, l light) error {
	if t.tall {
		if err := grow(tab, l); err != nil {
			return err
		}
	}
	time.Sleep(t.wait) // fonts and the script's first work
	picture, err := chromedp.Run(tab, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	file := t.file(p, l)
	fmt.Println(file)
	return os.WriteFile(file, picture, 0o644)
}

// emulate sets width and theme; a narrow screen is a telephone.
func emulate(l light) chromedp.Action[chromedp.Void] {
	size := chromedp.EmulateViewport(l.width, l.height)
	if l.width < 600 {
		size = chromedp.EmulateViewport(l.width, l.height, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	return chromedp.Steps(size, chromedp.Func(func(ctx context.Context, tab *chromedp.Target) error {
		_, err := cdp.Call(ctx, tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.theme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
		return err
	}))
}

// grow makes the screen as tall as what scrolls most on the page.
func grow(tab context.Context, l light) error {
	height, err := chromedp.Run(tab, chromedp.Evaluate[int64](`Math.max(...[...document.querySelectorAll("html, body, body *")].map(e => ["auto", "scroll"].includes(getComputedStyle(e).overflowY) || e === document.documentElement ? e.scrollHeight + e.getBoundingClientRect().top + window.scrollY : 0).map(Math.ceil))`))
	if err != nil {
		return err
	}
	l.height = min(max(l.height, height+24), mostHeight)
	return within(tab, emulate(l))
}
