// SPDX-License-Identifier: Apache-2.0

package oscal

// SecurityPlan is a system security plan: of all models the one that says, of
// one system with its boundary, for each control whether and how it is met.
type SecurityPlan struct {
	UUID            string                `json:"uuid"`
	Metadata        Metadata              `json:"metadata"`
	ImportProfile   ImportProfile         `json:"import-profile"`
	Characteristics SystemCharacteristics `json:"system-characteristics"`
	System          SystemImplementation  `json:"system-implementation"`
	Controls        ControlImplementation `json:"control-implementation"`
	BackMatter      *BackMatter           `json:"back-matter,omitempty"`
}

// ImportProfile names the profile whose controls the plan answers.
type ImportProfile struct {
	Href    string `json:"href"`
	Remarks Markup `json:"remarks,omitempty"`
}

// SystemCharacteristics say what the system is and where it ends.
type SystemCharacteristics struct {
	IDs         []SystemID        `json:"system-ids"`
	Name        string            `json:"system-name"`
	Description Markup            `json:"description"`
	Props       []Prop            `json:"props,omitempty"`
	Information SystemInformation `json:"system-information"`
	Status      Status            `json:"status"`
	Boundary    Boundary          `json:"authorization-boundary"`
}

// SystemID is a name of the system by which it is known somewhere.
type SystemID struct {
	ID string `json:"id"`
}

// SystemInformation lists what kinds of information the system has.
type SystemInformation struct {
	Types []InformationType `json:"information-types"`
}

// InformationType is one kind.
type InformationType struct {
	UUID        string `json:"uuid"`
	Title       Markup `json:"title"`
	Description Markup `json:"description"`
}

// Status says whether something is in use.
type Status struct {
	State   string `json:"state"`
	Remarks Markup `json:"remarks,omitempty"`
}

// Boundary says what belongs to the system.
type Boundary struct {
	Description Markup `json:"description"`
	Remarks     Markup `json:"remarks,omitempty"`
}

// SystemImplementation says who uses the system and what it consists of.
type SystemImplementation struct {
	Users      []SystemUser `json:"users"`
	Components []Component  `json:"components"`
}

// SystemUser is a kind of user.
type SystemUser struct {
	UUID    string   `json:"uuid"`
	Title   Markup   `json:"title,omitempty"`
	RoleIDs []string `json:"role-ids,omitempty"`
}

// Component is a part of the system that answers for itself.
type Component struct {
	UUID        string `json:"uuid"`
	Type        string `json:"type"`
	Title       Markup `json:"title"`
	Description Markup `json:"description"`
	Props       []Prop `json:"props,omitempty"`
	Status      Status `json:"status"`
}

// ControlImplementation answers the controls.
type ControlImplementation struct {
	Description  Markup                   `json:"description"`
	Requirements []ImplementedRequirement `json:"implemented-requirements"`
}

// ImplementedRequirement is the answer to one control.
type ImplementedRequirement struct {
	UUID        string            `json:"uuid"`
	ControlID   string            `json:"control-id"`
	Props       []Prop            `json:"props,omitempty"`
	Links       []Link            `json:"links,omitempty"`
	Roles       []ResponsibleRole `json:"responsible-roles,omitempty"`
	ByComponent []ByComponent     `json:"by-components,omitempty"`
	Remarks     Markup            `json:"remarks,omitempty"`
}

// ResponsibleRole says who answers for it.
type ResponsibleRole struct {
	RoleID  string   `json:"role-id"`
	Parties []string `json:"party-uuids,omitempty"`
}

// ByComponent is the answer of one component.
type ByComponent struct {
	ComponentUUID string `json:"component-uuid"`
	UUID          string `json:"uuid"`
	Description   Markup `json:"description"`
	Props         []Prop `json:"props,omitempty"`
	Status        Status `json:"implementation-status"`
}
