// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/monitor"
	"sextant/register"
	"sextant/soa"
)

// unitView is the evidence plan of one scope unit.
type unitView struct {
	Title, Owner string
	Key          string // of the implementation, "" where none is declared
	Path         string // its page
	How          string // sanitised HTML
	Declared     string
	When, Exact  string // of the declaration
	Planned      string
	MayEdit      bool
	Passed       int
	Lines        []lineView
}

// lineView is one line of an evidence plan.
type lineView struct {
	ID, Shows, Mode string
	Unit            string // its title, where a list mixes units
	State           control.State
	Says            string // what it is shown with
	Reason          string // why it stands as it does
	Age, Exact      string
	Short           string // the figure in a short list
	Checks          []checkView
	Statement       *statementView
	DoesNotShow     []string
	ByPeople        bool
	Form            framework.Form
	Independent     bool
}

// checkView is a check of a line with what keeps it from passing.
type checkView struct {
	ID, Title, Path, Says, Reason string
	DoesNotShow, Remediation      string
	Age, Exact                    string
	State                         control.State
	Severity                      check.Severity
	Causes                        []causeView
	More                          int // offenders that are not named
}

// causeView is a resource or a source that stands in the way.
type causeView struct {
	Title, Path, Reason string
	State               control.State
	Type, Key           string // of a resource
	Place               string // region and account
	Since, Exact        string // when this version of it was first seen
	Moves               []check.Move
	Raw                 string // what was observed
}

type statementView struct{ Title, Path, Reason string }

// layout draws explanation trees with what is known beside them.
type layout struct {
	v      *register.View
	m      evidence.Reader // nil where no resource is looked up
	checks []*check.Compiled
	p      page.Page
}

// units lays out the plan of a control over its units.
func (l layout) units(k soa.Known) (units []unitView, err error) {
	for _, n := range k.Evidence.Children {
		u := unitView{Title: n.Title, Key: keyOf(n)}
		for _, imp := range k.Implementations {
			if imp.Key == u.Key {
				u.Title, u.How, u.Path, u.Declared = l.v.TitleOf("scope_unit", imp.Fields.ScopeUnit), page.Markdown(imp.Fields.How), page.Path(imp.Entry), control.DeclarationLabel(imp.Fields.Implementation)
				u.When, u.Exact, u.MayEdit = page.DayOf(l.v.Context(), imp.At), page.Exact(l.v.Context(), imp.At), l.v.MayEdit(imp.Entry)
				if imp.Fields.Implementation != "implemented" {
					u.Planned = imp.Fields.PlannedOn
				}
				if imp.Fields.Owner != "" {
					u.Owner = l.v.TitleOf("person", imp.Fields.Owner)
				}
			}
		}
		for _, line := range n.Children {
			x, err := l.line(line)
			if err != nil {
				return nil, err
			}
			if x.State == control.Pass {
				u.Passed++
			}
			u.Lines = append(u.Lines, x)
		}
		units = append(units, u)
	}
	return units, nil
}

func keyOf(n *control.Node) string {
	key := strings.TrimPrefix(n.ID, "implementation:")
	if key == "none" {
		return ""
	}
	return key
}

func (y layout) line(n *control.Node) (lineView, error) {
	ctx, now := y.v.Context(), y.v.Now()
	l := lineView{ID: strings.TrimPrefix(n.ID, "line:"), Shows: n.Title, Mode: n.Mode, State: n.State, Reason: n.Reason}
	planned, known := framework.LineByID(l.ID)
	l.Form, l.Independent = planned.Form, planned.Independent
	if !known {
		l.Form = framework.Attested
	}
	l.ByPeople = l.Form != framework.Checks
	for _, child := range n.Children {
		if child.Kind == control.CheckNode {
			c, err := y.check(child)
			if err != nil {
				return l, err
			}
			l.Checks = append(l.Checks, c)
			if c.DoesNotShow != "" {
				l.DoesNotShow = append(l.DoesNotShow, c.DoesNotShow)
			}
			continue
		}
		l.Statement = &statementView{child.Title, child.Link, child.Reason}
	}
	l.Says, l.Short = says(ctx, l, planned)
	if at := n.Oldest(); at != 0 {
		l.Age, l.Exact = page.Age(ctx, at, now), page.Exact(ctx, at)
	}
	if l.ByPeople && n.State == control.Pass && n.Until != 0 {
		l.Age, l.Exact = message.T(ctx, "control.until", page.DayOf(ctx, n.Until.Add(-time.Second))), page.Exact(ctx, n.Until)
	}
	return l, nil
}

// says tells what a line is shown with, in a sentence and as a short figure.
func says(ctx context.Context, l lineView, planned framework.Line) (text, short string) {
	switch {
	case l.Statement != nil:
		return l.Statement.Title + " · " + l.Statement.Reason, ""
	case l.ByPeople:
		text = message.T(ctx, "control.says."+string(l.Form))
		if planned.Period != "" {
			text += ", " + message.T(ctx, "control.says.every", planned.Period)
		}
		if planned.Independent {
			text += ", " + message.T(ctx, "control.says.independent")
		}
		return text + " · " + message.T(ctx, "control.says.none"), ""
	case len(l.Checks) == 0:
		return message.T(ctx, "control.says.nocheck"), ""
	case len(l.Checks) == 1:
		return l.Checks[0].Says, l.Checks[0].Says
	}
	return message.T(ctx, "control.says.checks", len(l.Checks)), ""
}

func (y layout) check(n *control.Node) (checkView, error) {
	c := checkView{ID: strings.TrimPrefix(n.ID, "check:"), Title: n.Title, Path: n.Link, State: n.State, Reason: n.Reason, Says: n.Reason}
	i := slices.IndexFunc(y.checks, func(x *check.Compiled) bool { return x.ID == c.ID })
	var full *check.Compiled
	if i >= 0 {
		full = y.checks[i]
		c.Severity, c.DoesNotShow, c.Remediation = full.Severity, full.DoesNotShow, full.Remediation
	}
	counts, counted := n.Counts()
	if counted && counts.Population > 0 && full != nil && tellsCounts(n.State) {
		c.Says = message.T(y.v.Context(), "control.says.counts", counts.Population-counts.NotApplicable, resourceWords(full), counts.Passed)
	}
	if at := n.Oldest(); at != 0 {
		c.Age, c.Exact = page.Age(y.v.Context(), at, y.v.Now()), page.Exact(y.v.Context(), at)
	}
	named := 0
	for _, child := range n.Children {
		cause := causeView{Title: child.Title, Path: y.p.Link(child.Link), Reason: child.Reason, State: child.State}
		if child.Kind == control.ResourceNode && full != nil {
			named++
			if err := y.resource(&cause, full, strings.TrimPrefix(child.ID, "resource:"), named <= observedShown); err != nil {
				return c, err
			}
		}
		c.Causes = append(c.Causes, cause)
	}
	c.More = max(0, counts.Failed+counts.Errors-named)
	return c, nil
}

// tellsCounts: where a check could not look, or too long ago, why says more than
// what it counted then.
func tellsCounts(s control.State) bool {
	return s != control.Error && s != control.Stale && s != control.NotAssessed
}

// observedShown is how many failing resources of a check are shown with what
// was observed of them.
const observedShown = 3

// resource names a failing resource, what of it the check reads and changed
// last, and what was observed.
func (y layout) resource(cause *causeView, c *check.Compiled, key string, observed bool) error {
	cause.Type, cause.Key, cause.Title = c.Resource, key, monitor.ShortKey(key)
	cause.Path = y.p.Link(ResourcePath(cause.Type, key))
	if y.m == nil || !observed {
		return nil
	}
	versions, err := y.m.ResourceHistory(c.Resource, key, 20)
	if err != nil {
		return err
	}
	versions = slices.DeleteFunc(versions, func(r evidence.Resource) bool { return r.From > y.v.At() })
	if len(versions) == 0 {
		return nil
	}
	now := versions[0]
	cause.Place = strings.Trim(now.Region+" · "+now.Account, " ·")
	cause.Since, cause.Exact = page.Age(y.v.Context(), now.At, y.v.Now()), page.Exact(y.v.Context(), now.At)
	cause.Raw = readable(monitor.Attributes(now))
	if len(versions) > 1 {
		cause.Moves = c.Moves(monitor.Attributes(versions[1]), monitor.Attributes(now))
	}
	return nil
}

// longestRaw is how much of an observation a page carries; the resource's own
// page has all of it.
const longestRaw = 4000

func readable(attributes map[string]any) string {
	data, err := json.MarshalIndent(attributes, "", "  ")
	if err != nil {
		return ""
	}
	if len(data) > longestRaw {
		return string(data[:longestRaw]) + "\n…"
	}
	return string(data)
}

// ResourcePath is the page of an observed resource.
func ResourcePath(kind, key string) string { return "/resources/" + kind + "/" + key }

// resourceWords names a resource type as people say it: aws:rds_instance is rds
// instances.
func resourceWords(c *check.Compiled) string {
	if c == nil {
		return ""
	}
	_, name, _ := strings.Cut(c.Resource, ":")
	return strings.ReplaceAll(name, "_", " ")
}

// proofView is a missing proof with the task that brings it.
type proofView struct {
	control.Proof
	Text, Why string
	Icon      string
	Task      *taskView
	State     string // address that begins the statement, "" where none is wanted
}

// taskView is a task in a short list.
type taskView struct {
	Key, Title, Path, Who, Due, Date, State string
	Late                                    bool
}

var wantIcons = map[control.Want]string{control.Connect: "i-plug", control.Hear: "i-plug", control.MakeRecord: "i-assist", control.MakeClaim: "i-user", control.HoldAgain: "i-user"}

// wording says what is missing and what it would prove.
func wording(ctx context.Context, p control.Proof) proofView {
	v := proofView{Proof: p, Icon: wantIcons[p.Want], Text: message.T(ctx, "proof.want."+string(p.Want), p.Title)}
	if v.Icon == "" {
		v.Icon = "i-auto"
	}
	switch {
	case p.Want == control.Mend:
		v.Text = mending(ctx, p)
		fallthrough
	case !p.IsByPeople():
		v.Why = proves(ctx, p.Lines)
	case p.Independent:
		v.Why = message.T(ctx, "proof.independent")
	default:
		v.Why = message.T(ctx, "proof.people")
	}
	if p.Unit != "" && p.Want != control.Hear {
		v.Why += " · " + p.Unit
	}
	return v
}

// proves says which lines a proof is for, or how many.
func proves(ctx context.Context, lines []string) string {
	const most = 2
	if len(lines) > most {
		return message.T(ctx, "proof.lines", len(lines))
	}
	words := make([]string, len(lines))
	for i, line := range lines {
		words[i] = strings.TrimSuffix(message.Mark(ctx, line), ".")
	}
	return message.T(ctx, "proof.proves", strings.Join(words, "; "))
}

// mending names the resources that fail, as far as one line takes.
func mending(ctx context.Context, p control.Proof) string {
	const most = 2
	var names []string
	for _, o := range p.Offenders[:min(len(p.Offenders), most)] {
		names = append(names, monitor.ShortKey(o.Title))
	}
	if len(names) == 0 {
		return p.Title
	}
	if more := p.Failing - len(names); more > 0 {
		names = append(names, fmt.Sprintf("+%d", more))
	}
	return message.T(ctx, "proof.mend", p.Title, strings.Join(names, ", "))
}
