// SPDX-License-Identifier: Apache-2.0

package custom

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"sextant"
	"sextant/check"
	"sextant/framework"
	"sextant/register"
)

// Limits of what is written into one check.
const (
	longestSamples = 64_000 // characters
	mostSamples    = 100
	longestParams  = 4_000 // characters
)

var ownID = regexp.MustCompile(`^own\.[a-z0-9]+(-[a-z0-9]+)*$`)

func fieldsOf(doc register.Doc) (f Check, err error) {
	data, err := json.Marshal(doc)
	if err == nil {
		err = json.Unmarshal(data, &f)
	}
	return f, err
}

// Compile makes a check that can run out of what is written, saved or not, by
// the rules of the library. Errors are Invalid and name the field. Samples are
// not tried: see Try.
func Compile(f Check) (*check.Compiled, error) {
	file := map[string]any{"id": f.Reference, "title": f.Title, "intent": f.Intent, "resource": f.Resource, "where": f.Where, "pass": f.Pass, "reason": f.Reason, "aggregate": f.Aggregate,
		"severity": f.Severity, "grace": f.Grace, "freshness": f.Freshness, "supports": f.Supports, "does_not_show": f.DoesNotShow, "remediation": f.Remediation}
	for name, bound := range map[string]*float64{"threshold": f.Threshold, "min": f.Min, "max": f.Max} {
		if bound != nil {
			file[name] = *bound
		}
	}
	var err error
	if file["params"], err = readParams(f.Params); err != nil {
		return nil, err
	}
	if file["samples"], err = readSamples(f.Samples); err != nil {
		return nil, err
	}
	for _, line := range f.Supports {
		if known, ok := framework.LineByID(line); !ok || known.Form != framework.Checks {
			return nil, sextant.Errorf(sextant.Invalid, "%s is no plan line that is shown by checks", line).At("supports").WithHint("take one of an evidence plan, such as A.8.13/databases-backed-up")
		}
	}
	text, err := yaml.Marshal(file)
	if err != nil {
		return nil, err
	}
	c, err := check.Parse(f.Reference, text)
	return c, atField(f.Reference, err)
}

// fields of a check in the order their names are looked for in an error.
var fields = []string{"where", "pass", "reason", "aggregate", "threshold", "min", "max", "grace", "severity", "freshness", "samples", "intent", "title", "does_not_show", "remediation", "resource", "supports", "params"}

// atField names the field an error of the library's reader is about.
func atField(file string, err error) error {
	if err == nil {
		return nil
	}
	text := strings.TrimPrefix(err.Error(), file+": ")
	for _, name := range fields {
		if rest, ok := strings.CutPrefix(text, name+": "); ok {
			return sextant.Errorf(sextant.Invalid, "%s", rest).At(name)
		}
		if strings.HasPrefix(text, name+" ") {
			return sextant.Errorf(sextant.Invalid, "%s", text).At(name)
		}
	}
	return sextant.Errorf(sextant.Invalid, "%s", text)
}

func readParams(text string) (params map[string]any, err error) {
	if len(text) > longestParams {
		return nil, sextant.Errorf(sextant.TooLarge, "%d characters; %d is the most", len(text), longestParams).At("params")
	}
	if err := yaml.Unmarshal([]byte(text), &params); err != nil {
		return nil, sextant.Errorf(sextant.Invalid, "the parameters are no YAML: %s", oneLine(err)).At("params").WithHint("write a name, a colon and a value on each line: days: 90")
	}
	return params, nil
}

func readSamples(text string) (samples check.Samples, err error) {
	if len(text) > longestSamples {
		return samples, sextant.Errorf(sextant.TooLarge, "%d characters; %d is the most", len(text), longestSamples).At("samples")
	}
	dec := yaml.NewDecoder(strings.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&samples); err != nil && strings.TrimSpace(text) != "" {
		return samples, sextant.Errorf(sextant.Invalid, "the samples are no YAML as it is wanted: %s", oneLine(err)).At("samples").WithHint("write lists named pass, fail, error and not_applicable, each item the attributes of one resource")
	}
	if n := len(samples.Pass) + len(samples.Fail) + len(samples.Error) + len(samples.None); n > mostSamples {
		return samples, sextant.Errorf(sextant.TooLarge, "%d samples; %d is the most", n, mostSamples).At("samples")
	}
	return samples, nil
}

func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

// Problems says what keeps a check from being activated, nil if nothing.
func Problems(f Check) error {
	c, err := Compile(f)
	if err != nil {
		return err
	}
	for _, s := range Try(c) {
		if !s.AsWanted() {
			return sextant.Errorf(sextant.Invalid, "sample %d of %s gives %s: %s", s.Number, s.Wanted, s.Got.Status, s.Got.Reason).At("samples").WithHint("mend the expression or the sample")
		}
	}
	return nil
}

// kept are compiled checks by what they were made of, so that an evaluation of
// what did not change compiles nothing.
var kept sync.Map // of string to *check.Compiled

// InForce gives the active checks of an organisation, compiled, by id. One that
// an older version let pass and this one cannot compile is an error that names
// it: it must not silently stop counting.
func InForce(tx register.Reader) ([]*check.Compiled, error) {
	active, err := Checks.All(tx, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return nil, err
	}
	var all []*check.Compiled
	for _, own := range active {
		text, err := json.Marshal(own.Fields)
		if err != nil {
			return nil, err
		}
		if known, ok := kept.Load(string(text)); ok {
			all = append(all, known.(*check.Compiled))
			continue
		}
		c, err := Compile(own.Fields)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", own.Key, err)
		}
		kept.Store(string(text), c)
		all = append(all, c)
	}
	return all, nil
}

// Named gives the title of an own check by its id, in any state.
func Named(tx register.Reader, id string) (title string, ok bool, err error) {
	if !ownID.MatchString(id) {
		return "", false, nil
	}
	list, err := tx.Select("custom_check", register.Filter{Field: "reference", Op: register.Is, Values: []string{id}})
	if err != nil || len(list) == 0 {
		return "", false, err
	}
	return list[0].Title(), true, nil
}
