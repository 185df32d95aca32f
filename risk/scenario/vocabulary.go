// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"fmt"
	"slices"
)

// The vocabulary is that of the registers of threats, vulnerabilities, scenarios
// and risks, word for word, so that an entry of the library can become one of
// theirs.
type (
	Approach              string // how a risk is found (ISO/IEC 27005:2022, 7.2): from events, or from assets
	Level                 string // strategic: the whole story; operational: how it comes about, step by step
	Property              string // of information
	ConsequenceType       string
	Category              string // of a risk
	Origin                string // of a threat
	ThreatCategory        string
	VulnerabilityCategory string
	AssetType             string // what kind of thing an asset is; without "other", which says nothing
)

// The approaches and levels.
const (
	Event       Approach = "event"
	Asset       Approach = "asset"
	Strategic   Level    = "strategic"
	Operational Level    = "operational"
)

// Approaches and the functions that follow give the values of each word list.
func Approaches() []Approach { return []Approach{Event, Asset} }

// Levels: see Approaches.
func Levels() []Level { return []Level{Strategic, Operational} }

// Properties: see Approaches.
func Properties() []Property { return []Property{"confidentiality", "integrity", "availability"} }

// ConsequenceTypes: see Approaches.
func ConsequenceTypes() []ConsequenceType {
	return []ConsequenceType{"confidentiality", "integrity", "availability", "legal", "financial", "reputation", "safety", "privacy", "operations", "environment"}
}

// Categories: see Approaches.
func Categories() []Category {
	return []Category{"cyber", "people", "physical", "supplier", "legal", "privacy", "continuity", "fraud", "project", "management_system", "climate"}
}

// Origins: see Approaches.
func Origins() []Origin { return []Origin{"deliberate", "accidental", "environmental"} }

// ThreatCategories: see Approaches.
func ThreatCategories() []ThreatCategory {
	return []ThreatCategory{"physical", "natural", "infrastructure", "technical", "human", "compromise", "organisational"}
}

// VulnerabilityCategories: see Approaches.
func VulnerabilityCategories() []VulnerabilityCategory {
	return []VulnerabilityCategory{"hardware", "software", "network", "personnel", "site", "organisation"}
}

// AssetTypes: see Approaches.
func AssetTypes() []AssetType {
	return []AssetType{"process", "information", "service", "application", "database", "cloud_account", "server", "device", "network",
		"repository", "site", "person_group", "supplier_service", "media", "document_set", "key_material"}
}

// UnmarshalText refuses a word the list does not have.
func (v *Approach) UnmarshalText(b []byte) error { return oneOf(v, b, Approaches()) }

// UnmarshalText refuses a word the list does not have.
func (v *Level) UnmarshalText(b []byte) error { return oneOf(v, b, Levels()) }

// UnmarshalText refuses a word the list does not have.
func (v *Property) UnmarshalText(b []byte) error { return oneOf(v, b, Properties()) }

// UnmarshalText refuses a word the list does not have.
func (v *ConsequenceType) UnmarshalText(b []byte) error { return oneOf(v, b, ConsequenceTypes()) }

// UnmarshalText refuses a word the list does not have.
func (v *Category) UnmarshalText(b []byte) error { return oneOf(v, b, Categories()) }

// UnmarshalText refuses a word the list does not have.
func (v *Origin) UnmarshalText(b []byte) error { return oneOf(v, b, Origins()) }

// UnmarshalText refuses a word the list does not have.
func (v *ThreatCategory) UnmarshalText(b []byte) error { return oneOf(v, b, ThreatCategories()) }

// UnmarshalText refuses a word the list does not have.
func (v *VulnerabilityCategory) UnmarshalText(b []byte) error {
	return oneOf(v, b, VulnerabilityCategories())
}

// UnmarshalText refuses a word the list does not have.
func (v *AssetType) UnmarshalText(b []byte) error { return oneOf(v, b, AssetTypes()) }

func oneOf[T ~string](v *T, text []byte, known []T) error {
	if !slices.Contains(known, T(text)) {
		return fmt.Errorf("%.40q is none of %v", text, known)
	}
	*v = T(text)
	return nil
}
