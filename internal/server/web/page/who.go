// SPDX-License-Identifier: Apache-2.0

package page

import (
	"strings"

	"sextant/internal/server/web/message"
	"sextant/register"
)

// Who names a recorded actor in a sentence: a person by name, the program as
// itself, an operator by the name of their account on the machine. Others stand
// as recorded.
func Who(v *register.View, actor string) string {
	kind, name, _ := strings.Cut(actor, ":")
	switch kind {
	case "system":
		return message.T(v.Context(), "page.who.program")
	case "operator":
		return message.T(v.Context(), "page.who.operator", name)
	}
	return v.Who(actor)
}
