// SPDX-License-Identifier: Apache-2.0

package control

import (
	"strings"

	"sextant"
	"sextant/register"
)

// OwnAttribute is a word an organisation sorts its controls by, beside the five
// attributes of ISO/IEC 27002: a name with the values it may have.
type OwnAttribute struct {
	Name   string   `json:"name" is:"text required unique title" label:"Name" help:"Such as Crown jewels, or Wave of the roll-out."`
	Values []string `json:"values" is:"text required" label:"Values" help:"One a line, in the order lists show them."`
	Help   string   `json:"help" is:"text" label:"What it says"`
}

// OwnAttributes is the register of the organisation's attributes of controls.
var OwnAttributes = register.Declare(register.Definition{
	Name: "own_attribute", Plural: "own-attributes", Prefix: "OAT", Title: "Own attribute",
	Question: "By what else do we sort our controls?",
	Purpose:  "Names with values that controls are filtered, grouped and shown by.", Clauses: []string{"6.1.3"}, Retention: "cycle", Group: "settings",
	Lifecycle: register.Living(nil),
}, func(_ register.Reader, now register.Of[OwnAttribute], _ *register.Of[OwnAttribute]) error {
	for _, text := range append([]string{now.Fields.Name}, now.Fields.Values...) {
		if strings.Contains(text, "=") {
			return sextant.Errorf(sextant.Invalid, "%q: names and values have no equals sign", text).At("name")
		}
	}
	return nil
})
