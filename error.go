// SPDX-License-Identifier: Apache-2.0

package sextant

import (
	"errors"
	"fmt"
)

// Code says what kind of thing went wrong. It maps to an HTTP status and to an
// exit code in one table each (internal/server, cmd/sextant).
type Code string

// The codes. An error without one is Internal: its text is for the log, never
// for a stranger.
const (
	Internal        Code = "internal"        // a defect or a broken machine
	Invalid         Code = "invalid"         // the input cannot be accepted as it is
	NotFound        Code = "not_found"       // no such thing, or not in your organisation: the same answer
	Denied          Code = "denied"          // known, but not allowed
	Unauthenticated Code = "unauthenticated" // who are you?
	Conflict        Code = "conflict"        // somebody was faster, or a rule across entries forbids it
	Frozen          Code = "frozen"          // approved or closed: a correction is a new entry
	TooLarge        Code = "too_large"       // over a stated limit
	Throttled       Code = "throttled"       // too many attempts
	Unavailable     Code = "unavailable"     // try again later
)

// Error is the only error a user reads. Message says what is wrong and where;
// Hint says what to do about it.
type Error struct {
	Code    Code    `json:"code"`
	Message string  `json:"message"`
	Field   string  `json:"field,omitempty"` // stable key of the field concerned
	Hint    string  `json:"hint,omitempty"`
	Parts   []Error `json:"parts,omitempty"` // one per field or row where several were refused
	Err     error   `json:"-"`               // the cause, for the log
}

// Errorf makes an Error. A %w operand becomes its cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Message: err.Error(), Err: errors.Unwrap(err)}
}

// At names the field an error concerns and returns the error.
func (e *Error) At(field string) *Error { e.Field = field; return e }

// WithHint adds what to do about it and returns the error.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

func (e *Error) Error() string {
	text := e.Message
	if e.Field != "" {
		text = e.Field + ": " + text
	}
	for _, p := range e.Parts {
		text += "\n  " + p.Error()
	}
	if e.Hint != "" {
		text += " (" + e.Hint + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// CodeOf gives the code of the first Error in the chain, Internal where there
// is none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}
