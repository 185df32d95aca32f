// SPDX-License-Identifier: Apache-2.0

package scenario

import (
	"slices"

	"sextant/framework"
)

// Threat is one of the threats of ISO/IEC 27005:2022. Number and name are the
// catalogue's; what it hits, where it comes from and the sentence are ours.
type Threat struct {
	ID          string         `yaml:"id" json:"id"`   // TH08
	Name        string         `yaml:"-" json:"title"` // as package framework has it
	Category    ThreatCategory `yaml:"category" json:"category"`
	Properties  []Property     `yaml:"properties" json:"properties"`
	Origins     []Origin       `yaml:"origins" json:"origins"`
	Description string         `yaml:"description" json:"description"`
}

// Vulnerability is a kind of weakness a threat can use. What was detected on one
// machine is none.
type Vulnerability struct {
	ID          string                `yaml:"id" json:"id"`      // V-SO-13; the ids are ours
	Name        string                `yaml:"name" json:"title"` // shortened by us
	Category    VulnerabilityCategory `yaml:"category" json:"category"`
	AssetTypes  []AssetType           `yaml:"asset_types" json:"asset_types"`
	Threats     []string              `yaml:"threats" json:"threats"`   // that use it, by id
	Controls    []string              `yaml:"controls" json:"controls"` // that usually answer it: A.8.5
	Description string                `yaml:"description" json:"description"`
}

// Source is who or what a risk comes from; EndState is what they are after.
type Source struct {
	ID          string `yaml:"id" json:"id"`
	Name        string `yaml:"name" json:"name"`
	Ours        bool   `yaml:"ours,omitempty" json:"ours"` // not among the examples of ISO/IEC 27005:2022
	Description string `yaml:"description" json:"description"`
}

// EndState: see Source.
type EndState Source

// Scenario is the story of how harm comes about. It is told for no organisation
// in particular and rates nothing.
type Scenario struct {
	ID               string            `yaml:"id" json:"id"` // public-bucket
	Title            string            `yaml:"title" json:"title"`
	Category         Category          `yaml:"-" json:"category"` // of its file
	Approach         Approach          `yaml:"approach" json:"approach"`
	Level            Level             `yaml:"level" json:"level"`
	Parent           string            `yaml:"parent,omitempty" json:"parent,omitempty"` // the strategic scenario an operational one details
	AssetTypes       []AssetType       `yaml:"asset_types" json:"asset_types"`
	Event            string            `yaml:"event" json:"event"`             // how it happens
	Consequence      string            `yaml:"consequence" json:"consequence"` // what it costs, in kind
	Steps            []string          `yaml:"steps,omitempty" json:"steps,omitempty"`
	Properties       []Property        `yaml:"properties" json:"properties"`
	ConsequenceTypes []ConsequenceType `yaml:"consequence_types" json:"consequence_types"`
	Threats          []string          `yaml:"threats" json:"threats"`
	Vulnerabilities  []string          `yaml:"vulnerabilities" json:"vulnerabilities"`
	Source           string            `yaml:"risk_source,omitempty" json:"risk_source,omitempty"` // id of a Source; with approach event
	EndState         string            `yaml:"desired_end_state,omitempty" json:"desired_end_state,omitempty"`
	Parties          []string          `yaml:"interested_parties,omitempty" json:"interested_parties,omitempty"` // on the path, by what they are
	Controls         []Suggestion      `yaml:"suggested_controls" json:"suggested_controls"`
	Notice           Notice            `yaml:"noticed_by" json:"noticed_by"`
	Ask              Questions         `yaml:"ask" json:"ask"`
}

// Suggestion is a control that usually treats the risk. It decides nothing.
type Suggestion struct {
	Control string `yaml:"control" json:"control"` // A.8.13
	Why     string `yaml:"why" json:"why"`         // a clause: what it does here
}

// Reference is how the control is stored elsewhere.
func (s Suggestion) Reference() string { return framework.ReferenceOf(s.Control) }

// Notice is what would notice that the scenario is open or under way: checks of
// the library, where some truly fit, or a record or observation, in words.
type Notice struct {
	Checks []string `yaml:"checks,omitempty" json:"checks,omitempty"` // ids: aws.s3-public
	Record string   `yaml:"record,omitempty" json:"record,omitempty"`
}

// Questions help an owner to judge. They stand in place of figures.
type Questions struct {
	Likelihood  []string `yaml:"likelihood" json:"likelihood"`
	Consequence []string `yaml:"consequence" json:"consequence"`
}

func (t Threat) key() string        { return t.ID }
func (v Vulnerability) key() string { return v.ID }
func (s Source) key() string        { return s.ID }
func (e EndState) key() string      { return e.ID }
func (s Scenario) key() string      { return s.ID }

func (s Source) clone() Source     { return s }
func (e EndState) clone() EndState { return e }

func (t Threat) clone() Threat {
	t.Properties, t.Origins = slices.Clone(t.Properties), slices.Clone(t.Origins)
	return t
}

func (v Vulnerability) clone() Vulnerability {
	v.AssetTypes, v.Threats, v.Controls = slices.Clone(v.AssetTypes), slices.Clone(v.Threats), slices.Clone(v.Controls)
	return v
}

func (s Scenario) clone() Scenario {
	s.AssetTypes, s.Properties, s.ConsequenceTypes = slices.Clone(s.AssetTypes), slices.Clone(s.Properties), slices.Clone(s.ConsequenceTypes)
	s.Threats, s.Vulnerabilities = slices.Clone(s.Threats), slices.Clone(s.Vulnerabilities)
	s.Steps, s.Parties, s.Controls = slices.Clone(s.Steps), slices.Clone(s.Parties), slices.Clone(s.Controls)
	s.Notice.Checks = slices.Clone(s.Notice.Checks)
	s.Ask.Likelihood, s.Ask.Consequence = slices.Clone(s.Ask.Likelihood), slices.Clone(s.Ask.Consequence)
	return s
}
