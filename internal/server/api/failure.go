// SPDX-License-Identifier: Apache-2.0

package api

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"

	"sextant"
)

func asError(err error) (*sextant.Error, bool) {
	e, ok := errors.AsType[*sextant.Error](err)
	return e, ok && e.Code != sextant.Internal
}

func logInternal(err error) { slog.Error("api request failed", "error", err) }

// badBody says what is wrong with a JSON body, and where.
func badBody(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return sextant.Errorf(sextant.TooLarge, "the body is larger than %d bytes", large.Limit)
	case errors.As(err, &syntax):
		return sextant.Errorf(sextant.Invalid, "the body is no JSON: %s at byte %d", syntax.Error(), syntax.Offset)
	case errors.As(err, &kind):
		return sextant.Errorf(sextant.Invalid, "%s expects %s, not %s", kind.Field, kind.Type, kind.Value).At(kind.Field)
	case errors.Is(err, io.EOF):
		return sextant.Errorf(sextant.Invalid, "the body is empty").WithHint(`send JSON such as {"fields": {…}}`)
	}
	return sextant.Errorf(sextant.Invalid, "the body cannot be read: %s", err)
}
