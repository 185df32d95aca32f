// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"context"
	"fmt"
	"strings"
	"time"

	"sextant"
	"sextant/check"
	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/register"
	"sextant/soa"
)

// unitView is the evidence plan of one scope unit.
type unitView struct {
	Title, Owner string
	Key          string // of the implementation, "" where none is declared
	Passed       int
	Lines        []lineView
}

// lineView is one line of an evidence plan.
type lineView struct {
	ID, Shows, Mode string
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
}

type statementView struct{ Title, Path, Reason string }

// unitsOf lays out the plan of a control over its units.
func unitsOf(v *register.View, k soa.Known) []unitView {
	var units []unitView
	for _, n := range k.Evidence.Children {
		u := unitView{Title: n.Title, Key: keyOf(n)}
		for _, imp := range k.Implementations {
			if imp.Key == u.Key {
				u.Title = v.TitleOf("scope_unit", imp.Fields.ScopeUnit)
				if imp.Fields.Owner != "" {
					u.Owner = v.TitleOf("person", imp.Fields.Owner)
				}
			}
		}
		for _, line := range n.Children {
			l := lineOf(v.Context(), v.Now(), line)
			if l.State == control.Pass {
				u.Passed++
			}
			u.Lines = append(u.Lines, l)
		}
		units = append(units, u)
	}
	return units
}

func keyOf(n *control.Node) string {
	key := strings.TrimPrefix(n.ID, "implementation:")
	if key == "none" {
		return ""
	}
	return key
}

func lineOf(ctx context.Context, now sextant.Instant, n *control.Node) lineView {
	l := lineView{ID: strings.TrimPrefix(n.ID, "line:"), Shows: n.Title, Mode: n.Mode, State: n.State, Reason: n.Reason}
	planned, known := framework.LineByID(l.ID)
	l.Form, l.Independent = planned.Form, planned.Independent
	if !known {
		l.Form = framework.Attested
	}
	l.ByPeople = l.Form != framework.Checks
	for _, child := range n.Children {
		if child.Kind == control.CheckNode {
			c := checkOf(ctx, child)
			l.Checks = append(l.Checks, c)
			if full, ok := check.Named(c.ID); ok && full.DoesNotShow != "" {
				l.DoesNotShow = append(l.DoesNotShow, full.DoesNotShow)
			}
			continue
		}
		l.Statement = &statementView{child.Title, child.Link, child.Reason}
	}
	l.Says, l.Short = says(ctx, l, planned)
	if at := n.Oldest(); at != 0 {
		l.Age, l.Exact = page.Age(ctx, at, now), page.Exact(at)
	}
	if l.ByPeople && n.State == control.Pass && n.Until != 0 {
		l.Age, l.Exact = message.T(ctx, "control.until", n.Until.Time().Add(-time.Second).Format("2 Jan 2006")), page.Exact(n.Until)
	}
	return l
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

func checkOf(ctx context.Context, n *control.Node) checkView {
	c := checkView{ID: strings.TrimPrefix(n.ID, "check:"), Title: n.Title, Path: n.Link, State: n.State, Reason: n.Reason, Says: n.Reason}
	full, ok := check.Named(c.ID)
	if ok {
		c.Severity = full.Severity
	}
	counts, counted := n.Counts()
	if counted && counts.Population > 0 {
		c.Says = message.T(ctx, "control.says.counts", counts.Population, resourceWords(full), counts.Passed)
	}
	named := 0
	for _, child := range n.Children {
		cause := causeView{Title: child.Title, Path: child.Link, Reason: child.Reason, State: child.State}
		if child.Kind == control.ResourceNode && ok {
			named++
			cause.Type, cause.Key = full.Resource, strings.TrimPrefix(child.ID, "resource:")
			cause.Path = ResourcePath(cause.Type, cause.Key)
		}
		c.Causes = append(c.Causes, cause)
	}
	c.More = max(0, counts.Failed+counts.Errors-named)
	return c
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
	Make      string // address that makes the task, "" where one may not
}

// taskView is a task in a short list.
type taskView struct{ Key, Title, Path, Who, Due, Date, State string }

var wantIcons = map[control.Want]string{control.MakeRecord: "i-assist", control.MakeClaim: "i-user", control.HoldAgain: "i-user"}

// wording says what is missing and what it would prove.
func wording(ctx context.Context, p control.Proof) proofView {
	v := proofView{Proof: p, Icon: wantIcons[p.Want], Text: message.T(ctx, "proof."+string(p.Want), p.Title)}
	if v.Icon == "" {
		v.Icon = "i-auto"
	}
	switch {
	case p.IsByPeople() && p.Independent:
		v.Why = message.T(ctx, "proof.independent")
	case p.IsByPeople():
		v.Why = message.T(ctx, "proof.people")
	default:
		v.Why = message.T(ctx, "proof.proves", strings.Join(p.Lines, "; "))
	}
	if p.Want == control.Mend {
		v.Text = mending(ctx, p)
	}
	if p.Unit != "" {
		v.Why += " · " + p.Unit
	}
	return v
}

// mending names the resources that fail, as far as one line takes.
func mending(ctx context.Context, p control.Proof) string {
	const most = 2
	var names []string
	for _, o := range p.Offenders[:min(len(p.Offenders), most)] {
		names = append(names, shortName(o.Title))
	}
	if more := p.Failing - len(names); more > 0 && len(names) > 0 {
		names = append(names, fmt.Sprintf("+%d", more))
	}
	return message.T(ctx, "proof.mend", p.Title) + ": " + strings.Join(names, ", ")
}

// shortName is the last part of a long resource name; the whole stands where
// there is room.
func shortName(key string) string {
	if i := strings.LastIndexAny(key, "/:"); i >= 0 && i+1 < len(key) && len(key) > 40 {
		return key[i+1:]
	}
	return key
}
