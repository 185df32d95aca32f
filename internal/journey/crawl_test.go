// SPDX-License-Identifier: Apache-2.0

package journey

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// crawler visits every link somebody can reach, a few of each kind.
type crawler struct {
	t      *testing.T
	h      *house
	client *http.Client
	who    string
	seen   map[string]bool
	kinds  map[string]int // visits by kind of page
	queue  []visit
	most   int // how many parameters that arrange may come together
}

type visit struct{ path, from string }

// ofAKind is how many pages of one kind are looked at: the tenth asset shows
// what the first does.
const ofAKind = 2

// arranging parameters make another view of what somebody may read: rights do not
// depend on them.
var arranging = []string{"after", "as_of", "before", "cols", "edit", "filter", "group", "order", "search"}

// arranged is how many of them an address has.
func arranged(path string) (n int) {
	_, query, _ := strings.Cut(path, "?")
	for _, pair := range strings.Split(query, "&") {
		if key, _, _ := strings.Cut(pair, "="); slices.Contains(arranging, key) {
			n++
		}
	}
	return n
}

// varying parts of an address: keys, ids of controls and checks, moments.
var varying = regexp.MustCompile(`[A-Z]{1,6}-\d+|A\.\d+\.\d+|aws[.:][a-z0-9_-]+|\d{4}-\d\d-\d\d[^&]*|[0-9]+`)

func kindOf(path string) string {
	u, err := url.Parse(path)
	if err != nil {
		return path
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) > 3 {
		parts = parts[:3]
	}
	if len(parts) == 3 && parts[0] == "risks" && parts[1] == "library" {
		parts[2] = "…" // scenarios are called by words
	}
	var keys []string
	for key := range u.Query() {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return varying.ReplaceAllString(strings.Join(parts, "/"), "…") + "?" + strings.Join(keys, "&")
}

// Every role visits every link of the demo: no dead end, no error, and every
// number that names a list is what the list counts. Who sees all looks at every
// arrangement of a list, the others at one thing at a time.
func TestEveryLinkOfTheDemoLeadsSomewhereForEveryRole(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		crawlAs(t, ofDemo(t), map[string]string{"manager": manager, "owner": owner, "auditor": auditor, "reader": reader, "administrator": admin})
	})
	t.Run("PostgreSQL", func(t *testing.T) { // rights do not depend on the store: one who sees all is enough
		t.Parallel()
		crawlAs(t, movedToPostgreSQL(t), map[string]string{"manager": manager})
	})
}

func crawlAs(t *testing.T, h *house, people map[string]string) {
	for who, email := range people {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			h := h.seenBy(t)
			c := &crawler{t: t, h: h, client: h.client(email), who: who, seen: map[string]bool{}, kinds: map[string]int{}, most: 1}
			if email == manager {
				c.most = len(arranging)
			}
			for _, start := range []string{"/", "/menu", "/?as_of=2026-06-01T12:00:00Z"} {
				c.add(start, "the start")
			}
			for len(c.queue) > 0 {
				next := c.queue[0]
				c.queue = c.queue[1:]
				c.visit(next)
			}
			if len(c.seen) < 40 {
				t.Errorf("only %d pages were found", len(c.seen))
			}
		})
	}
}

func (c *crawler) add(path, from string) {
	path, _, _ = strings.Cut(path, "#")
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/.static/") || c.seen[path] {
		return
	}
	c.seen[path] = true
	if kind := kindOf(path); c.kinds[kind] < ofAKind && arranged(path) <= c.most {
		c.kinds[kind]++
		c.queue = append(c.queue, visit{path, from})
	}
}

func (c *crawler) visit(v visit) {
	answer, err := c.client.Get(c.h.base + v.path)
	if err != nil {
		c.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		c.t.Errorf("%s on %s leads to %d", v.path, v.from, answer.StatusCode)
		return
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") {
		return
	}
	page, err := html.Parse(answer.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	for link := range links(page) {
		href := attribute(link, "href")
		c.add(resolve(v.path, href), v.path)
		if n := countOn(link); n != "" {
			c.countsAsItsList(resolve(v.path, href), n, v.path)
		}
	}
}

// countsAsItsList follows a number to its list.
func (c *crawler) countsAsItsList(path, n, from string) {
	path, _, _ = strings.Cut(path, "#")
	kind := "count " + kindOf(path)
	if c.kinds[kind] >= 2*ofAKind {
		return
	}
	c.kinds[kind]++
	status, body := c.h.page(c.client, path)
	if status != http.StatusOK {
		c.t.Errorf("the number %s on %s leads to %d at %s", n, from, status, path)
		return
	}
	page, err := html.Parse(strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if total, ok := totalOf(page); ok && total != n {
		c.t.Errorf("%s says %s, its list %s counts %s", from, n, path, total)
	}
}

func resolve(from, href string) string {
	base, err := url.Parse(from)
	if err != nil {
		return href
	}
	to, err := base.Parse(href)
	if err != nil || to.Host != "" {
		return ""
	}
	return to.RequestURI()
}

// links gives the links of a page that a person would follow; downloads and
// what ends the session are left out.
func links(page *html.Node) func(func(*html.Node) bool) {
	return func(yield func(*html.Node) bool) {
		for n := range page.Descendants() {
			if n.Type == html.ElementNode && n.Data == "a" && attribute(n, "href") != "" && !has(n, "download") && !yield(n) {
				return
			}
		}
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// countOn is the number a link carries: said with data-number, or behind the name
// of a tab.
func countOn(link *html.Node) string {
	if n := attribute(link, "data-number"); n != "" {
		return n
	}
	for n := range link.Descendants() {
		if n.Type == html.ElementNode && attribute(n, "class") == "n" {
			return strings.TrimSpace(textOf(n))
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var text strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			text.WriteString(d.Data)
		}
	}
	return text.String()
}

// totalOf is what a list says it counts; ok is false for a page that is none.
func totalOf(page *html.Node) (total string, ok bool) {
	for n := range page.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		class := attribute(n, "class")
		if has(n, "data-total") {
			return attribute(n, "data-total"), true
		}
		if n.Data == "nav" && class == "pager" {
			first, _, _ := strings.Cut(strings.TrimSpace(textOf(n)), " ")
			return first, first != ""
		}
		if class == "empty" {
			return "0", true
		}
	}
	return "", false
}

func TestKindsOfPagesAreToldApart(t *testing.T) {
	for path, want := range map[string]string{"/assets/AST-3": "assets/…?", "/assets?filter=a%3Db&order=x": "assets?filter&order", "/controls/A.8.13": "controls/…?"} {
		if got := kindOf(path); got != want {
			t.Errorf("%s is of kind %q, want %q", path, got, want)
		}
	}
	for path, want := range map[string]int{"/assets": 0, "/assets?in=AST-3": 0, "/assets?filter=a%3Db&in=AST-3&order=x": 2} {
		if got := arranged(path); got != want {
			t.Errorf("%s is arranged by %d, want %d", path, got, want)
		}
	}
	if fmt.Sprint(resolve("/assets?x=1", "?y=2"), resolve("/a/b", "//evil/x")) != "/assets?y=2" {
		t.Errorf("addresses are resolved wrongly: %q %q", resolve("/assets?x=1", "?y=2"), resolve("/a/b", "//evil/x"))
	}
}
