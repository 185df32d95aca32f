// SPDX-License-Identifier: Apache-2.0

package framework

import "fmt"

// The five attributes of ISO/IEC 27002:2022, 4.2. Values are written as the
// standard writes them, without the leading #. The zero value is no value.
type (
	ControlType string // when the control acts on a risk
	Property    string // what it preserves
	Concept     string // the cybersecurity concept it serves
	Capability  string // the practitioner's view
	Domain      string // the security domain
)

// Control types.
const (
	Preventive ControlType = "Preventive"
	Detective  ControlType = "Detective"
	Corrective ControlType = "Corrective"
)

// Information security properties.
const (
	Confidentiality Property = "Confidentiality"
	Integrity       Property = "Integrity"
	Availability    Property = "Availability"
)

// Cybersecurity concepts.
const (
	Identify Concept = "Identify"
	Protect  Concept = "Protect"
	Detect   Concept = "Detect"
	Respond  Concept = "Respond"
	Recover  Concept = "Recover"
)

// Security domains.
const (
	GovernanceAndEcosystem Domain = "Governance_and_Ecosystem"
	Protection             Domain = "Protection"
	Defence                Domain = "Defence"
	Resilience             Domain = "Resilience"
)

// Operational capabilities.
const (
	Governance             Capability = "Governance"
	AssetManagement        Capability = "Asset_management"
	InformationProtection  Capability = "Information_protection"
	HumanResourceSecurity  Capability = "Human_resource_security"
	PhysicalSecurity       Capability = "Physical_security"
	SystemAndNetwork       Capability = "System_and_network_security"
	ApplicationSecurity    Capability = "Application_security"
	SecureConfiguration    Capability = "Secure_configuration"
	IdentityAndAccess      Capability = "Identity_and_access_management"
	ThreatAndVulnerability Capability = "Threat_and_vulnerability_management"
	Continuity             Capability = "Continuity"
	SupplierRelationships  Capability = "Supplier_relationships_security"
	LegalAndCompliance     Capability = "Legal_and_compliance"
	EventManagement        Capability = "Information_security_event_management"
	Assurance              Capability = "Information_security_assurance"
)

// ControlTypes, Properties, Concepts, Capabilities and Domains give every value
// of an attribute, in the standard's order.
func ControlTypes() []ControlType { return []ControlType{Preventive, Detective, Corrective} }

// Properties: see ControlTypes.
func Properties() []Property { return []Property{Confidentiality, Integrity, Availability} }

// Concepts: see ControlTypes.
func Concepts() []Concept { return []Concept{Identify, Protect, Detect, Respond, Recover} }

// Domains: see ControlTypes.
func Domains() []Domain {
	return []Domain{GovernanceAndEcosystem, Protection, Defence, Resilience}
}

// Capabilities: see ControlTypes.
func Capabilities() []Capability {
	return []Capability{Governance, AssetManagement, InformationProtection, HumanResourceSecurity, PhysicalSecurity,
		SystemAndNetwork, ApplicationSecurity, SecureConfiguration, IdentityAndAccess, ThreatAndVulnerability, Continuity,
		SupplierRelationships, LegalAndCompliance, EventManagement, Assurance}
}

// UnmarshalText refuses values the standard does not have.
func (v *ControlType) UnmarshalText(b []byte) error { return oneOf(v, b, ControlTypes()) }

// UnmarshalText refuses values the standard does not have.
func (v *Property) UnmarshalText(b []byte) error { return oneOf(v, b, Properties()) }

// UnmarshalText refuses values the standard does not have.
func (v *Concept) UnmarshalText(b []byte) error { return oneOf(v, b, Concepts()) }

// UnmarshalText refuses values the standard does not have.
func (v *Capability) UnmarshalText(b []byte) error { return oneOf(v, b, Capabilities()) }

// UnmarshalText refuses values the standard does not have.
func (v *Domain) UnmarshalText(b []byte) error { return oneOf(v, b, Domains()) }

// oneOf sets v to a text that is one of the known values.
func oneOf[T ~string](v *T, text []byte, known []T) error {
	for _, k := range known {
		if string(k) == string(text) {
			*v = k
			return nil
		}
	}
	return fmt.Errorf("%.40q is none of %v", text, known)
}
