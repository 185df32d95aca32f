// SPDX-License-Identifier: Apache-2.0

package check

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"sextant"
	"sextant/framework"
	"sextant/register"
)

//go:embed library
var embedded embed.FS

var library = sync.OnceValue(func() []*Compiled {
	all, err := Load(embedded)
	if err != nil {
		panic(err) // the library is part of the program
	}
	return all
})

// Library gives the checks that come with the program, by id.
func Library() []*Compiled { return slices.Clone(library()) }

// Prefix begins a reference to a check: check/aws.root-mfa.
const Prefix = "check/"

// Named finds a check of the library by id, or by its reference check/id.
func Named(id string) (*Compiled, bool) {
	id = strings.TrimPrefix(id, Prefix)
	i := slices.IndexFunc(library(), func(c *Compiled) bool { return c.ID == id })
	if i < 0 {
		return nil, false
	}
	return library()[i], true
}

// Load reads and compiles every .yaml file of a folder.
func Load(files fs.FS) ([]*Compiled, error) {
	var all []*Compiled
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") {
			return err
		}
		data, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}
		c, err := Parse(path, data)
		if err != nil {
			return err
		}
		all = append(all, c)
		return nil
	})
	slices.SortFunc(all, func(a, b *Compiled) int { return strings.Compare(a.ID, b.ID) })
	for i := 1; i < len(all); i++ {
		if all[i].ID == all[i-1].ID {
			return nil, sextant.Errorf(sextant.Conflict, "two checks have the id %s", all[i].ID)
		}
	}
	return all, err
}

// Parse reads one check from YAML and compiles it. Errors name the file and say
// what is wrong.
func Parse(file string, data []byte) (*Compiled, error) {
	var c Check
	if err := framework.Decode(file, data, &c); err != nil {
		return nil, err
	}
	if c.Aggregate == "" {
		c.Aggregate = All
	}
	if problem := c.problem(); problem != "" {
		return nil, sextant.Errorf(sextant.Invalid, "%s: %s", file, problem)
	}
	compiled, err := Compile(c)
	if err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "%s: %s", file, err)
	}
	return compiled, nil
}

var idForm = regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9]+(-[a-z0-9]+)*$`)

func (c *Check) problem() string {
	need := []struct{ what, text string }{{"title", c.Title}, {"intent", c.Intent}, {"resource", c.Resource}, {"pass", c.Pass}, {"reason", c.Reason},
		{"freshness", c.Freshness}, {"does_not_show", c.DoesNotShow}, {"remediation", c.Remediation}}
	for _, n := range need {
		if n.text == "" {
			return n.what + " is needed"
		}
	}
	switch {
	case !idForm.MatchString(c.ID):
		return fmt.Sprintf("%q is no id; write system.what-it-tests", c.ID)
	case longestGrace[c.Severity] == 0:
		return fmt.Sprintf("%q is no severity", c.Severity)
	case c.aggregateProblem() != "":
		return c.aggregateProblem()
	case c.GraceFor() > longestGrace[c.Severity]:
		return fmt.Sprintf("grace %s; %s is the most for severity %s", c.Grace, longestGrace[c.Severity], c.Severity)
	case len(c.Samples.Pass) == 0 || len(c.Samples.Fail) == 0 || len(c.Samples.Error) == 0:
		return "samples for pass, fail and error are needed"
	}
	for _, id := range c.Supports {
		line, ok := framework.LineByID(id)
		if !ok || line.Form != framework.Checks {
			return fmt.Sprintf("supports %s, which is no plan line shown by checks", id)
		}
	}
	return ""
}

// GraceFor is how long a failure is in grace.
func (c *Check) GraceFor() time.Duration { return period(c.Grace) }

// FreshFor is how long an outcome counts.
func (c *Check) FreshFor() time.Duration { return period(c.Freshness) }

// period turns an ISO 8601 duration into hours, a month being 30 days: check
// files use days and hours.
func period(text string) time.Duration {
	if text == "" {
		return 0
	}
	start := time.Date(2001, 1, 1, 0, 0, 0, 0, time.UTC)
	return register.AddPeriod(start, text).Sub(start)
}
