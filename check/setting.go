// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/register"
)

// Setting is how an organisation runs a check of the library otherwise than it
// comes: with other parameters, another severity, grace or freshness, or not at
// all. Everything that is not said stays as it comes.
type Setting struct {
	Title     string       `json:"title" is:"text derived title" label:"Check"`
	Check     string       `json:"check" is:"ref required unique" to:"check" label:"Check"`
	IsOn      bool         `json:"is_on" is:"bool required" default:"true" label:"Switched on" help:"A check that is off shows no data, never a pass."`
	OffUntil  string       `json:"off_until" is:"date due" label:"Off until"`
	Params    []ParamValue `json:"params" is:"rows" label:"Parameters"`
	Severity  string       `json:"severity" is:"enum" values:"critical=Critical,high=High,medium=Medium,low=Low" label:"Severity"`
	Grace     string       `json:"grace" is:"duration" label:"Grace" help:"How long a failure may count as in grace: at most a day for critical, three for high, seven for medium, fourteen for low."`
	Freshness string       `json:"freshness" is:"duration" label:"Freshness" help:"How long an observation counts: at most a week for critical and high, a month for medium and low."`
	Reason    string       `json:"reason" is:"markdown required" label:"Why" help:"Shown wherever the check is."`
	Owner     string       `json:"owner" is:"person owner" label:"Owner"`
}

// ParamValue gives a parameter another value than the check's own.
type ParamValue struct {
	Name  string `json:"name" is:"text required" label:"Parameter"`
	Value string `json:"value" is:"text required" label:"Value" help:"Several are separated by commas."`
}

// longestFreshness caps how long an observation may count, where the check
// itself does not allow more.
var longestFreshness = map[Severity]time.Duration{Critical: 7 * 24 * time.Hour, High: 7 * 24 * time.Hour, Medium: 31 * 24 * time.Hour, Low: 31 * 24 * time.Hour}

// Settings is the register of check settings.
var Settings = register.Declare(register.Definition{
	Name: "check_setting", Plural: "check-settings", Prefix: "CS", Title: "Check setting",
	Purpose: "Checks of the library that run here with other parameters, or not at all, and why.", Clauses: []string{"9.1"}, Retention: "cycle", Group: "monitoring",
	Lists:     []register.Shape{{Filter: []string{"state"}, Order: "title"}},
	Derive:    nameSetting,
	Lifecycle: register.Living(nil, "isms_manager"),
}, checkSetting)

func nameSetting(_ register.Reader, doc register.Doc) error {
	doc["title"] = strings.TrimPrefix(doc.Text("check"), Prefix)
	if c, ok := Named(doc.Text("check")); ok {
		doc["title"] = c.Title
	}
	return nil
}

func checkSetting(_ register.Reader, now register.Of[Setting], _ *register.Of[Setting]) error {
	c, ok := Named(now.Fields.Check)
	if !ok {
		return sextant.Errorf(sextant.Invalid, "%s is no check of the library", now.Fields.Check).At("check").WithHint("change a check of your own in its own entry")
	}
	_, err := c.With(now.Fields, sextant.Forever)
	return err
}

// InForce gives the checks as the organisation runs them, by id: those of the
// library and its own, its settings applied. One that is switched off is among
// them and says why (Off).
func InForce(tx register.Reader, own ...*Compiled) ([]*Compiled, error) {
	settings, err := Settings.All(tx, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return nil, err
	}
	byID := map[string]register.Of[Setting]{}
	for _, s := range settings {
		byID[strings.TrimPrefix(s.Fields.Check, Prefix)] = s
	}
	all := append(Library(), own...)
	slices.SortFunc(all, func(a, b *Compiled) int { return strings.Compare(a.ID, b.ID) })
	for i, c := range all {
		if s, ok := byID[c.ID]; ok {
			if all[i], err = c.With(s.Fields, tx.Now()); err != nil {
				return nil, fmt.Errorf("setting of %s: %w", c.ID, err)
			}
			if all[i].Off != "" {
				all[i].Off = s.Key
			}
		}
	}
	return all, nil
}

// With gives the check under a setting, at a moment. Errors name the field.
func (c *Compiled) With(s Setting, now sextant.Instant) (*Compiled, error) {
	changed := *c
	if err := changed.setParams(s.Params); err != nil {
		return nil, err
	}
	if s.Severity != "" {
		changed.Severity = Severity(s.Severity)
	}
	if s.Grace != "" {
		changed.Grace = s.Grace
	}
	if s.Freshness != "" {
		changed.Freshness = s.Freshness
	}
	most := max(longestFreshness[changed.Severity], c.FreshFor())
	switch {
	case changed.GraceFor() > longestGrace[changed.Severity]:
		return nil, sextant.Errorf(sextant.Invalid, "%s is the longest grace for severity %s", longestGrace[changed.Severity], changed.Severity).At("grace")
	case changed.FreshFor() > most || changed.FreshFor() <= 0:
		return nil, sextant.Errorf(sextant.Invalid, "%s is the longest freshness for severity %s", most, changed.Severity).At("freshness")
	}
	if !s.IsOn && (s.OffUntil == "" || now < endOf(s.OffUntil)) {
		changed.Off = "setting"
	}
	return &changed, nil
}

// endOf is the first moment after a date, in UTC.
func endOf(date string) sextant.Instant {
	t, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return 0
	}
	return sextant.InstantOf(t.AddDate(0, 0, 1))
}

// setParams puts values over the check's own. The version tells both apart:
// that of the check, and that of the values.
func (c *Compiled) setParams(values []ParamValue) (err error) {
	if len(values) == 0 {
		return nil
	}
	own := c.Params
	c.Params = maps.Clone(own)
	for _, v := range values {
		if c.Params[v.Name], err = parseParam(own[v.Name], v.Value); err != nil {
			return sextant.Errorf(sextant.Invalid, "%s: %w", v.Name, err).At("params")
		}
	}
	print, err := fingerprint(c.Params)
	base, _, _ := strings.Cut(c.Version, "+")
	c.Version = base + "+" + print
	return err
}

// parseParam reads a value as the kind the check's own value has.
func parseParam(own any, text string) (any, error) {
	switch own.(type) {
	case nil:
		return nil, fmt.Errorf("the check has no such parameter")
	case bool:
		return strconv.ParseBool(text)
	case int, int64, uint64, float64:
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, fmt.Errorf("%q is no number", text)
		}
		return n, nil
	case []any:
		var list []any
		for part := range strings.SplitSeq(text, ",") {
			list = append(list, strings.TrimSpace(part))
		}
		return list, nil
	}
	return text, nil
}
