// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"sextant/internal/testserver"
)

// tab is one browser tab of one person.
type tab struct {
	t    testing.TB
	ctx  context.Context //nolint:containedctx // a tab lives as long as its test
	base string

	actions int // clicks, choices and boxes filled

	mu       sync.Mutex // guards what follows
	problems []string   // what the console complained about
}

// open opens a browser of its own and signs somebody in by the form.
func (h *house) open(t testing.TB, email string, width int) *tab {
	t.Helper()
	b := &tab{t: t, ctx: testserver.Browser(t, width, 1000), base: h.base}
	if err := chromedp.Listen(b.ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(b.ctx, log.Enable, cdp.Empty{}); err != nil {
		t.Fatal(err)
	}
	if email != "" {
		b.signIn(email)
	}
	return b
}

// hear keeps what a page's script or the content policy complains about.
func (b *tab) hear(event any) {
	said := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		said = e.ExceptionDetails.Text
		if e.ExceptionDetails.Exception != nil {
			said += " " + e.ExceptionDetails.Exception.Description
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError && !strings.Contains(e.Entry.Text, "status of 4") { // refusals are what a journey asks for
			said = e.Entry.Text
		}
	}
	if said != "" {
		b.mu.Lock()
		b.problems = append(b.problems, said)
		b.mu.Unlock()
	}
}

func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the console says: %s", p)
	}
}

func (b *tab) signIn(email string) {
	b.t.Helper()
	b.goTo("/sign-in")
	b.fill("#email", email)
	b.fill("#password", password)
	b.press("#password", "\r")
	b.wait(`document.querySelector("nav.nav")`)
}

// withoutScript makes the tab a browser that runs none.
func (b *tab) withoutScript() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *tab) goTo(path string) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, chromedp.Navigate(b.base+path)); err != nil {
		b.t.Fatalf("%s: %v", path, err)
	}
}

// read evaluates an expression in the page.
func read[T any](b *tab, script string) T {
	b.t.Helper()
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("JSON.stringify(("+script+") ?? null)"))
	if err != nil {
		b.t.Fatalf("%s: %v", script, err)
	}
	var value T
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		b.t.Fatalf("%s gave %s: %v", script, text, err)
	}
	return value
}

// wait waits until an expression is true. It fails with what the page shows.
func (b *tab) wait(script string) {
	b.t.Helper()
	for deadline := time.Now().Add(45 * time.Second); time.Now().Before(deadline); time.Sleep(40 * time.Millisecond) {
		text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string]("String(!!("+script+"))")) // a page on its way gives an error: asked again
		if err == nil && text == "true" {
			return
		}
	}
	b.t.Fatalf("waited in vain for %s on %s:\n%s", script, read[string](b, "location.href"), read[string](b, "document.body.innerText.slice(0, 1500)"))
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	return read[string](b, fmt.Sprintf("document.querySelector(%q)?.innerText ?? ''", selector))
}

// click clicks the first element that matches, as a person would: it must be
// there and be seen.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.actions++
	b.wait(fmt.Sprintf("(e => e && e.getClientRects().length > 0)(document.querySelector(%q))", selector))
	if err := chromedp.Do(b.ctx, chromedp.Click(selector)); err != nil {
		b.t.Fatalf("click %s: %v", selector, err)
	}
}

// clickText clicks the link or button with exactly this text.
func (b *tab) clickText(text string) {
	b.t.Helper()
	b.actions++
	find := fmt.Sprintf(`[...document.querySelectorAll("a,button,summary")].find(e => e.innerText.trim() === %q && e.getClientRects().length > 0)`, text)
	b.wait(find)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](find+`.click(); ""`)); err != nil {
		b.t.Fatalf("click %q: %v", text, err)
	}
}

// turns does what leads to another page, and waits until that is there: it may
// look like the one that goes.
func (b *tab) turns(do func()) {
	b.t.Helper()
	read[bool](b, `window.before = true`)
	do()
	b.wait(`!window.before && document.readyState === "complete"`)
}

// fill replaces what stands in a box.
func (b *tab) fill(selector, value string) {
	b.t.Helper()
	b.actions++
	b.wait(fmt.Sprintf("document.querySelector(%q)", selector))
	script := fmt.Sprintf(`(e => { e.focus(); e.value = %q; e.dispatchEvent(new Event("input", {bubbles: true})); e.dispatchEvent(new Event("change", {bubbles: true})); })(document.querySelector(%q)); ""`, value, selector)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script)); err != nil {
		b.t.Fatalf("fill %s: %v", selector, err)
	}
}

// choose selects options of a list of many, one by one.
func (b *tab) choose(selector string, values ...string) {
	b.t.Helper()
	b.actions += max(1, len(values))
	b.wait(fmt.Sprintf("document.querySelector(%q)", selector))
	chosen, _ := json.Marshal(values)
	script := fmt.Sprintf(`(e => { for (const o of e.options) o.selected = %s.includes(o.value); e.dispatchEvent(new Event("change", {bubbles: true})); })(document.querySelector(%q)); ""`, chosen, selector)
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](script)); err != nil {
		b.t.Fatalf("choose %s: %v", selector, err)
	}
}

// check chooses a radio button or ticks a box, as its label does where it is drawn
// without a box.
func (b *tab) check(selector string) {
	b.t.Helper()
	b.actions++
	b.wait(fmt.Sprintf("document.querySelector(%q)", selector))
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).click(); ""`, selector))); err != nil {
		b.t.Fatalf("check %s: %v", selector, err)
	}
}

// tick chooses values of a field, whether it is drawn as boxes or as a list.
func (b *tab) tick(field string, values ...string) {
	b.t.Helper()
	if read[bool](b, fmt.Sprintf(`!!document.querySelector("select[name=%s]")`, field)) {
		b.choose("select[name="+field+"]", values...)
		return
	}
	for _, value := range values {
		b.click(fmt.Sprintf(`[name=%q][value=%q]`, field, value))
	}
}

// later opens the part of a form that is folded away, where the field is in it.
func (b *tab) later(selector string) {
	b.t.Helper()
	if read[bool](b, fmt.Sprintf(`!!document.querySelector(%q).closest("details:not([open])")`, selector)) {
		b.click("details.later summary")
	}
}

// save sends the form of an entry and waits until what follows is there.
func (b *tab) save(until string) {
	b.t.Helper()
	b.click("form.form button.pri")
	b.wait(until + ` && document.readyState === "complete"`)
}

// saved waits until what was answered is kept.
func (b *tab) saved() {
	b.t.Helper()
	b.wait(`document.querySelector("[data-saved]").innerText.startsWith("Saved")`)
}

// press sends keys to an element, "" for wherever the focus is.
func (b *tab) press(selector, keys string) {
	b.t.Helper()
	if selector != "" {
		if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q).focus(); ""`, selector))); err != nil {
			b.t.Fatalf("focus %s: %v", selector, err)
		}
	}
	if err := chromedp.Do(b.ctx, chromedp.KeyEvent(keys)); err != nil {
		b.t.Fatalf("keys %q: %v", keys, err)
	}
}

func (b *tab) path() string {
	b.t.Helper()
	return read[string](b, "location.pathname + location.search")
}

// picture keeps what the tab shows where SEXTANT_TEST_KEEP names a folder, for
// whoever wants to look at a journey.
func (b *tab) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("SEXTANT_TEST_KEEP")
	if folder == "" {
		return
	}
	png, err := chromedp.Run(b.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		folder = filepath.Join(folder, b.t.Name())
		if err = os.MkdirAll(folder, 0o700); err == nil {
			err = os.WriteFile(filepath.Join(folder, name+".png"), png, 0o600)
		}
	}
	if err != nil {
		b.t.Fatal(err)
	}
}
