// SPDX-License-Identifier: Apache-2.0

package check

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
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
}

// Compile turns the expressions of a check into programs.
func Compile(c Check) (*Compiled, error) {
	compiled := &Compiled{Check: c}
	for _, e := range []struct {
		name, text string
		kind       *cel.Type
		into       *cel.Program
		decides    bool
	}{{"where", c.Where, cel.BoolType, &compiled.where, true}, {"pass", c.Pass, cel.BoolType, &compiled.pass, true}, {"reason", c.Reason, cel.StringType, &compiled.reason, false}} {
		if e.text == "" {
			continue
		}
		program, reads, err := compile(e.text, e.kind)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.name, err)
		}
		*e.into = program
		if e.decides {
			compiled.reads = append(compiled.reads, reads...)
		}
	}
	slices.Sort(compiled.reads)
	compiled.reads = slices.Compact(compiled.reads)
	text, err := json.Marshal([]any{c.Resource, c.Where, c.Pass, c.Reason, c.Aggregate, c.Params})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	compiled.Version = hex.EncodeToString(sum[:6])
	return compiled, nil
}

func compile(text string, kind *cel.Type) (cel.Program, []string, error) {
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
	return program, attributes(parsed.NativeRep().Expr()), err
}

// attributes finds every resource.NAME an expression looks at, has() included.
func attributes(root ast.Expr) []string {
	var names []string
	ast.PostOrderVisit(root, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.SelectKind {
			return
		}
		s := e.AsSelect()
		if s.Operand().Kind() == ast.IdentKind && s.Operand().AsIdent() == "resource" {
			names = append(names, s.FieldName())
		}
	}))
	return names
}

// Reads gives the attributes that decide a result.
func (c *Compiled) Reads() []string { return slices.Clone(c.reads) }

// Evaluate says what the check says about one resource, by its attributes. An
// attribute it reads that could not be observed gives an Error with the cause:
// never a pass, never a fail.
func (c *Compiled) Evaluate(attributes map[string]any, params map[string]any, now time.Time) Result {
	if unread, ok := attributes[errorsKey].(map[string]any); ok {
		for _, name := range c.reads {
			if cause, failed := unread[name]; failed {
				return Result{Error, fmt.Sprintf("%s could not be read: %v", name, cause)}
			}
		}
	}
	merged := c.Params
	if len(params) > 0 {
		merged = map[string]any{}
		for k, v := range c.Params {
			merged[k] = v
		}
		for k, v := range params {
			merged[k] = v
		}
	}
	if merged == nil {
		merged = map[string]any{}
	}
	given := map[string]any{"resource": attributes, "params": merged, "now": now}
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
	case passes:
		return Result{Pass, ""}
	}
	return Result{Fail, c.because(given)}
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
