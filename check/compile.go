// SPDX-License-Identifier: Apache-2.0

package check

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	celref "cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// costLimit stops an expression that runs away; the most expensive check of the
// library costs less than a hundredth of it.
const costLimit = 100_000

// maxExpression is the longest expression that is read.
const maxExpression = 4_000

// errorsKey names the attributes of an observation that could not be read.
const errorsKey = "_errors"

var environment = sync.OnceValues(func() (*cel.Env, error) {
	return cel.NewEnv(
		cel.Variable("resource", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("params", cel.MapType(cel.StringType, cel.DynType)),
		cel.Variable("now", cel.TimestampType),
		cel.CrossTypeNumericComparisons(true),
		ext.Strings(),
		cel.Function("days_since", cel.Overload("days_since_string", []*cel.Type{cel.StringType, cel.TimestampType}, cel.IntType,
			cel.BinaryBinding(daysSince))),
		cel.Function("hours_since", cel.Overload("hours_since_string", []*cel.Type{cel.StringType, cel.TimestampType}, cel.IntType,
			cel.BinaryBinding(hoursSince))),
	)
})

// daysSince counts whole days from an RFC 3339 text to a moment.
func daysSince(at, now celref.Val) celref.Val { return since(at, now, 24*time.Hour) }

func hoursSince(at, now celref.Val) celref.Val { return since(at, now, time.Hour) }

func since(at, now celref.Val, unit time.Duration) celref.Val {
	t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(at.Value()))
	if err != nil {
		return types.NewErr("%v is no moment", at.Value())
	}
	return types.Int(now.Value().(time.Time).Sub(t) / unit)
}

// Compiled is a check ready to run. It is safe for concurrent use.
type Compiled struct {
	Check
	Version             string // changes with everything that could change a result
	where, pass, reason cel.Program
	reads               []string // attributes where and pass look at
	clock               bool     // an expression looks at now
	Off                 string   // the key of the setting that switches it off, "" while it is on
}

// Compile turns the expressions of a check into programs.
func Compile(c Check) (compiled *Compiled, err error) {
	compiled = &Compiled{Check: c}
	for _, e := range []struct {
		name, text string
		kind       *cel.Type
		into       *cel.Program
		decides    bool
	}{{"where", c.Where, cel.BoolType, &compiled.where, true}, {"pass", c.Pass, cel.BoolType, &compiled.pass, true}, {"reason", c.Reason, cel.StringType, &compiled.reason, false}} {
		if e.text == "" {
			continue
		}
		program, root, err := compile(e.text, e.kind)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		reads, clock := looksAt(root)
		compiled.clock = compiled.clock || clock
		*e.into = program
		if e.decides {
			compiled.reads = append(compiled.reads, reads...)
		}
	}
	slices.Sort(compiled.reads)
	compiled.reads = slices.Compact(compiled.reads)
	compiled.Version, err = fingerprint(c.Resource, c.Where, c.Pass, c.Reason, c.Aggregate, c.Threshold, c.Min, c.Max, c.Params)
	return compiled, err
}

// fingerprint is twelve digits that change with what they are made of.
func fingerprint(parts ...any) (string, error) {
	text, err := json.Marshal(parts)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6]), nil
}

func compile(text string, kind *cel.Type) (cel.Program, ast.Expr, error) {
	if len(text) > maxExpression {
		return nil, nil, fmt.Errorf("%d characters; %d is the most", len(text), maxExpression)
	}
	env, err := environment()
	if err != nil {
		return nil, nil, err
	}
	parsed, issues := env.Compile(text)
	if issues != nil && issues.Err() != nil {
		return nil, nil, issues.Err()
	}
	if out := parsed.OutputType(); !out.IsExactType(kind) && !out.IsExactType(cel.DynType) {
		return nil, nil, fmt.Errorf("it gives %s, not %s", out, kind)
	}
	program, err := env.Program(parsed, cel.CostLimit(costLimit), cel.EvalOptions(cel.OptOptimize))
	return program, parsed.NativeRep().Expr(), err
}

// looksAt finds every resource.NAME an expression looks at, has() included, and
// whether it looks at now.
func looksAt(root ast.Expr) (names []string, clock bool) {
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		switch e.Kind() {
		case ast.IdentKind:
			clock = clock || e.AsIdent() == "now"
		case ast.SelectKind:
			s := e.AsSelect()
			if s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "resource" {
				names = append(names, s.FieldName())
			}
		}
	}))
	return names, clock
}

// Reads gives the attributes that decide a result.
func (c *Compiled) Reads() []string { return slices.Clone(c.reads) }

// ReadsClock says whether a result may change by time alone.
func (c *Compiled) ReadsClock() bool { return c.clock }

// Evaluate says what the check says about one resource, by its attributes. An
// attribute it reads that could not be observed gives an Error with the cause:
// never a pass, never a fail. params stand over those of the check.
func (c *Compiled) Evaluate(attributes map[string]any, params map[string]any, now time.Time) Result {
	if unread, ok := attributes[errorsKey].(map[string]any); ok {
		for _, name := range c.reads {
			if cause, failed := unread[name]; failed {
				return Result{Error, fmt.Sprintf("%s could not be read: %v", name, cause)}
			}
		}
	}
	given := map[string]any{"resource": attributes, "params": c.merged(params), "now": now}
	if c.where != nil {
		applies, err := truth(c.where, given)
		if err != nil {
			return broken(err)
		}
		if !applies {
			return Result{NotApplicable, "it does not apply"}
		}
	}
	passes, err := truth(c.pass, given)
	switch {
	case err != nil:
		return broken(err)
	case passes != (c.Aggregate == None):
		return Result{Pass, ""}
	}
	return Result{Fail, c.because(given)}
}

var noParams = map[string]any{}

func (c *Compiled) merged(params map[string]any) map[string]any {
	switch {
	case len(params) > 0:
		merged := maps.Clone(c.Params)
		if merged == nil {
			merged = map[string]any{}
		}
		maps.Copy(merged, params)
		return merged
	case c.Params == nil:
		return noParams
	}
	return c.Params
}

func truth(program cel.Program, given map[string]any) (bool, error) {
	out, _, err := program.Eval(given)
	if err != nil {
		return false, err
	}
	value, ok := out.Value().(bool)
	if !ok {
		return false, fmt.Errorf("it gives %T, not true or false", out.Value())
	}
	return value, nil
}

func broken(err error) Result {
	text := err.Error()
	if name, ok := strings.CutPrefix(text, "no such key: "); ok {
		return Result{Error, name + " was not observed"}
	}
	return Result{Error, text}
}

func (c *Compiled) because(given map[string]any) string {
	out, _, err := c.reason.Eval(given)
	if err != nil {
		return c.Title + ": not so"
	}
	text := fmt.Sprint(out.Value())
	const longest = 300
	if runes := []rune(text); len(runes) > longest {
		return string(runes[:longest]) + "…"
	}
	return text
}
