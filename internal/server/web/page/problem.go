// SPDX-License-Identifier: Apache-2.0

package page

import (
	"errors"

	"sextant"
)

// Problem is why a form was not accepted, for the form to show. Field names the
// input it is about, "" for the form as a whole.
type Problem struct {
	Status              int
	Field, Detail, Hint string
}

// ProblemOf turns an error into what a form shows. ok is false for errors that
// need a page of their own (StatusOf).
func ProblemOf(err error) (p Problem, ok bool) {
	status, ok := StatusOf(err)
	e, ours := errors.AsType[*sextant.Error](err)
	if !ok || !ours {
		return Problem{}, false
	}
	return Problem{Status: status, Field: e.Field, Detail: e.Message, Hint: e.Hint}, true
}

// At says whether the problem is about an input.
func (p Problem) At(field string) bool { return p.Detail != "" && p.Field == field }

// Invalid is the value of aria-invalid of an input.
func (p Problem) Invalid(field string) string {
	if p.At(field) {
		return "true"
	}
	return "false"
}

// Whole says whether the problem is about none of the inputs the form has.
func (p Problem) Whole(fields ...string) bool {
	for _, f := range fields {
		if p.Field == f {
			return false
		}
	}
	return p.Detail != ""
}
