// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// pages are looked at by the accessibility engine and, in build/pictures, by
// people. An entry is found by its list.
var pages = []string{
	"/", "/my-work", "/controls", "/controls/A.8.13", "/controls/A.5.1", "/monitoring", "/checks", "/checks/aws.rds-backup", "/drift", "/resources", "/resources?type=aws:rds_instance", "/resources/40", "/checks?in=aws.rds-backup", "/checks/new?resource=aws:rds_instance", "/sources", "/sources?in=SRC-3", "/sources/SRC-3/health", "/runs", "/jobs", "/unseen",
	"/evidence", "/evidence?in=aws.rds-backup", "/evidence/asked", "/evidence/new?line=A.8.13%2Frestore-tested",
	"/gap", "/gap/GAP-1", "/gap/GAP-2", "/gap/GAP-2/focus", "/gap/GAP-2/plan", "/gap/GAP-2/compare", "/statement", "/assets", "/assets?edit=owner", "/assets?group=environment", "/assets/new", "/assets/import", "/assets/bulk?filter=environment%3Dproduction", "/tasks",
	"/risks/criteria", "/risks/treatment", "/risks/treatment/new", "/risks/signatures", "/risks/assessments", "/risks/portfolio", "/risks/what-if", "/risks/reports", "/risks/changes",
	"/programme", "/settings", "/settings/members", "/settings/tokens", "/account", "/help", "/help/states", "/search?q=backup", "/menu",
	"/?as_of=2026-06-01T12:00:00Z", "/controls?as_of=2026-06-01T12:00:00Z",
}

// violation is what the engine found.
type violation struct {
	ID     string   `json:"id"`
	Impact string   `json:"impact"`
	Help   string   `json:"help"`
	Nodes  []string `json:"nodes"`
}

// No page has a serious finding of axe-core (WCAG 2.2 A and AA), in light and
// dark, wide and on a phone.
func TestBrowserPagesAreAccessible(t *testing.T) {
	engine, err := os.ReadFile("../../node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatalf("%v: run make assets", err)
	}
	t.Parallel()
	h := ofDemo(t)
	for _, width := range []int{1440, 390} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			t.Parallel()
			h.accessible(t, width, string(engine))
		})
	}
}

func (h *house) accessible(t *testing.T, width int, engine string) {
	b := h.open(t, manager, width)
	for i, path := range pages {
		theme := []string{"light", "dark"}[i%2]
		t.Run(theme+" "+path, func(t *testing.T) {
			b.t = t
			b.theme(theme)
			b.goTo(path)
			for _, v := range b.violations(engine) {
				t.Errorf("%s (%s): %s\n  %v", v.ID, v.Impact, v.Help, v.Nodes)
			}
		})
	}
	b.t = t
	b.quiet()
}

// theme makes the server draw the next pages light or dark.
func (b *tab) theme(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: "sextant_theme", Value: name, URL: b.base}); err != nil {
		b.t.Fatal(err)
	}
}

// violations runs the engine in the page.
func (b *tab) violations(engine string) []violation {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](engine+`; ""`)); err != nil {
		b.t.Fatal(err)
	}
	start := `window.found = null; axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"]})
		.then(r => window.found = r.violations.filter(v => v.impact === "serious" || v.impact === "critical").map(v => ({id: v.id, impact: v.impact, help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.target.join(" ") + " " + (n.any[0]?.message ?? n.html))}))); ""`
	if _, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](start)); err != nil {
		b.t.Fatal(err)
	}
	b.wait("window.found !== null")
	return read[[]violation](b, "window.found")
}
