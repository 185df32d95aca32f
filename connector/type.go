// SPDX-License-Identifier: Apache-2.0

package connector

// Type is a resource type a connector observes.
type Type struct {
	Name       string      `json:"name"` // connector:noun, for example aws:iam_user
	Title      string      `json:"title"`
	Says       string      `json:"says"`  // how many there are and what is left out
	Scope      string      `json:"scope"` // Global or "region"
	Calls      []string    `json:"calls"` // what is called to read it
	Attributes []Attribute `json:"attributes"`
}

// Attribute of a resource type.
type Attribute struct {
	Name     string        `json:"name"`
	Type     AttributeType `json:"type"`
	Optional bool          `json:"optional"` // absent where it does not apply or is not set
	Says     string        `json:"says,omitempty"`
}

// AttributeType is the JSON type of an attribute. Time is an RFC 3339 string.
type AttributeType string

// The attribute types.
const (
	Text    AttributeType = "string"
	Bool    AttributeType = "bool"
	Int     AttributeType = "int"
	Number  AttributeType = "number"
	Time    AttributeType = "time"
	Texts   AttributeType = "[]string"
	Ints    AttributeType = "[]int"
	Objects AttributeType = "[]object"
	Object  AttributeType = "object"
)

// Known reports whether t is one of the attribute types.
func (t AttributeType) Known() bool {
	switch t {
	case Text, Bool, Int, Number, Time, Texts, Ints, Objects, Object:
		return true
	}
	return false
}
