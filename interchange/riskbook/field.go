// SPDX-License-Identifier: Apache-2.0

package riskbook

import (
	"slices"
	"strings"

	"sextant"
	"sextant/register"
	"sextant/risk"
)

// Field is what a column of another tool's sheet may hold: a field of a risk by
// its key, a judgement such as inherent.likelihood or
// current.consequence.legal, something of its treatment, or a text that is kept
// as it is. "" leaves the column out.
type Field string

// What is judged at a stage.
const (
	Likelihood  = "likelihood"
	Consequence = "consequence" // of one type where the field names it, else of those the risk touches
	Score       = "score"       // a product or level of another scale: kept as text
)

// The fields beside those of a risk and its judgements.
const (
	Status         Field = "status"
	Rationale      Field = "rationale" // of the judgements of the row
	Option         Field = "treatment.option"
	Plan           Field = "treatment.plan"
	TreatmentOwner Field = "treatment.owner"
	Due            Field = "treatment.due"
	Text           Field = "text" // beside the risk, under its header; any number of columns
)

// Stages gives those a column may be judged at.
func Stages() []string { return []string{risk.Inherent, risk.Current, risk.Target, risk.Residual} }

// Judged gives the field of a judgement; kind is the type of a consequence, ""
// for a column that has one for all.
func Judged(stage, measure, kind string) Field {
	f := stage + "." + measure
	if kind != "" {
		f += "." + kind
	}
	return Field(f)
}

// stage of a judgement, "" for what is none.
func (f Field) stage() string {
	stage, _, _ := strings.Cut(string(f), ".")
	if slices.Contains(Stages(), stage) {
		return stage
	}
	return ""
}

// measure of a judgement, and the type of a consequence.
func (f Field) measure() (measure, kind string) {
	_, rest, _ := strings.Cut(string(f), ".")
	measure, kind, _ = strings.Cut(rest, ".")
	return measure, kind
}

// RiskFields gives the fields of a risk a column may hold, in the order people
// read them.
func RiskFields() (list []register.Field) {
	for _, f := range risk.Risks.Definition.Fields {
		if !f.Derived {
			list = append(list, f)
		}
	}
	return list
}

// types of consequence there are.
func types() (names []string) {
	f, _ := risk.CriteriaEditions.Definition.Field("consequence_types")
	for _, v := range f.Values {
		names = append(names, v.Name)
	}
	return names
}

// ParseField reads a field as a person names it: likelihood stands for
// current.likelihood.
func ParseField(name string) (Field, error) {
	f := Field(name)
	if measure, _, _ := strings.Cut(name, "."); slices.Contains([]string{Likelihood, Consequence, Score}, measure) {
		f = Field(risk.Current + "." + name)
	}
	measure, kind := f.measure()
	switch of, known := risk.Risks.Definition.Field(name); {
	case name == "", slices.Contains([]Field{Status, Rationale, Option, Plan, TreatmentOwner, Due, Text}, f), known && !of.Derived:
		return f, nil
	case f.stage() != "" && kind == "" && slices.Contains([]string{Likelihood, Consequence, Score}, measure), f.stage() != "" && measure == Consequence && slices.Contains(types(), kind):
		return f, nil
	}
	return "", sextant.Errorf(sextant.Invalid, "%q is no field of a risk that can be imported", name).At("map").
		WithHint("name a field of a risk such as title, a judgement such as current.likelihood, inherent.consequence.legal or residual.score, treatment.option, treatment.plan, treatment.owner, treatment.due, status, rationale or text")
}
