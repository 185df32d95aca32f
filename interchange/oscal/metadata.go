// SPDX-License-Identifier: Apache-2.0

package oscal

// Metadata is about the document itself.
type Metadata struct {
	Title              Markup             `json:"title" xml:"title"`
	Published          string             `json:"published,omitempty" xml:"published"`
	LastModified       string             `json:"last-modified" xml:"last-modified"`
	Version            string             `json:"version" xml:"version"`
	OSCALVersion       string             `json:"oscal-version" xml:"oscal-version"`
	Props              []Prop             `json:"props,omitempty" xml:"prop"`
	Links              []Link             `json:"links,omitempty" xml:"link"`
	Roles              []Role             `json:"roles,omitempty" xml:"role"`
	Parties            []Party            `json:"parties,omitempty" xml:"party"`
	ResponsibleParties []ResponsibleParty `json:"responsible-parties,omitempty" xml:"responsible-party"`
	Remarks            Markup             `json:"remarks,omitempty" xml:"remarks"`
}

// Role is a function somebody has.
type Role struct {
	ID    string `json:"id" xml:"id,attr"`
	Title Markup `json:"title" xml:"title"`
}

// Party is a person or an organisation.
type Party struct {
	UUID string `json:"uuid" xml:"uuid,attr"`
	Type string `json:"type" xml:"type,attr"`
	Name string `json:"name,omitempty" xml:"name"`
}

// ResponsibleParty says who has a role in the document.
type ResponsibleParty struct {
	RoleID  string   `json:"role-id" xml:"role-id,attr"`
	Parties []string `json:"party-uuids" xml:"party-uuid"`
}

// Prop is a named value.
type Prop struct {
	Name    string `json:"name" xml:"name,attr"`
	NS      string `json:"ns,omitempty" xml:"ns,attr"`
	Value   string `json:"value" xml:"value,attr"`
	Class   string `json:"class,omitempty" xml:"class,attr"`
	Remarks Markup `json:"remarks,omitempty" xml:"remarks"`
}

// Link points somewhere.
type Link struct {
	Href string `json:"href" xml:"href,attr"`
	Rel  string `json:"rel,omitempty" xml:"rel,attr"`
	Text Markup `json:"text,omitempty" xml:"text"`
}

// BackMatter holds what a document refers to.
type BackMatter struct {
	Resources []Resource `json:"resources,omitempty" xml:"resource"`
}

// Resource is one such thing.
type Resource struct {
	UUID        string  `json:"uuid" xml:"uuid,attr"`
	Title       Markup  `json:"title,omitempty" xml:"title"`
	Description Markup  `json:"description,omitempty" xml:"description"`
	RLinks      []RLink `json:"rlinks,omitempty" xml:"rlink"`
	Base64      *Base64 `json:"base64,omitempty" xml:"base64"`
}

// RLink says where a resource can be had.
type RLink struct {
	Href      string `json:"href" xml:"href,attr"`
	MediaType string `json:"media-type,omitempty" xml:"media-type,attr"`
}

// Base64 is a resource that stands in the document.
type Base64 struct {
	Filename  string `json:"filename,omitempty" xml:"filename,attr"`
	MediaType string `json:"media-type,omitempty" xml:"media-type,attr"`
	Value     string `json:"value" xml:",chardata"`
}

// own is a property in our namespace; what has no value is left out.
func own(props []Prop, name, value string) []Prop {
	if value = line(value, ""); value == "" {
		return props
	}
	return append(props, Prop{Name: name, NS: namespace, Value: value})
}
