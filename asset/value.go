// SPDX-License-Identifier: Apache-2.0

package asset

import (
	"slices"

	"sextant"
	"sextant/register"
)

// Value is how much an asset matters, by property: its own value, what it
// inherits from the assets that stand on it, and the one that counts. Empty is
// "not valued" and counts as nothing, never as low.
type Value struct {
	Confidentiality string `json:"confidentiality" is:"enum ranked" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Confidentiality" help:"Its own value: the harm if the wrong people saw it. Empty: not valued; what stands on it decides."`
	Integrity       string `json:"integrity" is:"enum ranked" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Integrity" help:"Its own value: the harm if it were wrong. Empty: not valued; what stands on it decides."`
	Availability    string `json:"availability" is:"enum ranked" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Availability" help:"Its own value: the harm if it were gone. Empty: not valued; what stands on it decides."`

	Overrides      []string `json:"overrides" is:"enum" values:"confidentiality=Confidentiality,integrity=Integrity,availability=Availability" label:"Own value stands for" help:"For these the asset's own value counts although what it inherits is higher."`
	OverrideReason string   `json:"override_reason" is:"text" label:"Why its own value stands"`

	InheritedConfidentiality string `json:"inherited_confidentiality" is:"enum ranked derived" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Inherited confidentiality"`
	InheritedIntegrity       string `json:"inherited_integrity" is:"enum ranked derived" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Inherited integrity"`
	InheritedAvailability    string `json:"inherited_availability" is:"enum ranked derived" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Inherited availability"`

	EffectiveConfidentiality string `json:"effective_confidentiality" is:"enum ranked derived" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Confidentiality that counts" help:"The highest of its own and the inherited value, or its own where that stands."`
	EffectiveIntegrity       string `json:"effective_integrity" is:"enum ranked derived" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Integrity that counts" help:"The highest of its own and the inherited value, or its own where that stands."`
	EffectiveAvailability    string `json:"effective_availability" is:"enum ranked derived" values:"low=Low,moderate=Moderate,high=High,very_high=Very high" label:"Availability that counts" help:"The highest of its own and the inherited value, or its own where that stands."`
}

// Level is a step of the scale on which assets are valued. It is ordinal:
// levels are compared, never added.
type Level int

// The levels.
const (
	NotValued Level = iota
	Low
	Moderate
	High
	VeryHigh
)

var levelNames = []string{"", "low", "moderate", "high", "very_high"}

// levelOf reads a level as fields keep it; what is none is not valued.
func levelOf(name string) Level { return Level(max(slices.Index(levelNames, name), 0)) }

// String is the level as fields keep it, "" for not valued.
func (l Level) String() string { return levelNames[l] }

// Properties are what an asset is valued by, as fields and dependencies name them.
var Properties = []string{"confidentiality", "integrity", "availability"}

const (
	inheritedPrefix = "inherited_"
	effectivePrefix = "effective_"
)

// worth is what is known of one property of an asset.
type worth struct {
	own, inherited Level
	stands         bool // its own value counts although the inherited one is higher
}

func worthOf(doc register.Doc, property string) worth {
	return worth{own: levelOf(doc.Text(property)), inherited: levelOf(doc.Text(inheritedPrefix + property)), stands: slices.Contains(doc.Strings("overrides"), property)}
}

// effective is the level that counts: the highest, unless its own stands.
func (w worth) effective() Level {
	if w.stands {
		return w.own
	}
	return max(w.own, w.inherited)
}

// deriveValue keeps the level that counts beside its two parts.
func deriveValue(_ register.Reader, doc register.Doc) error {
	for _, property := range Properties {
		level := worthOf(doc, property).effective()
		if level == NotValued {
			delete(doc, effectivePrefix+property)
		} else {
			doc[effectivePrefix+property] = level.String()
		}
	}
	return nil
}

func (v Value) check() error {
	own := map[string]string{"confidentiality": v.Confidentiality, "integrity": v.Integrity, "availability": v.Availability}
	for _, property := range v.Overrides {
		if own[property] == "" {
			return sextant.Errorf(sextant.Invalid, "its own value cannot stand: it has none for %s", property).At(property).
				WithHint("choose a value, or take %s out of those for which its own stands", property)
		}
	}
	switch {
	case len(v.Overrides) > 0 && v.OverrideReason == "":
		return sextant.Errorf(sextant.Invalid, "say why its own value stands against what it inherits").At("override_reason")
	case len(v.Overrides) == 0 && v.OverrideReason != "":
		return sextant.Errorf(sextant.Invalid, "there is a reason, and nothing for which its own value stands").At("overrides").
			WithHint("choose the properties the reason is for, or clear it")
	}
	return nil
}

// Label is the level as people read it, "" for not valued.
func (l Level) Label() string {
	f, _ := Assets.Field(Properties[0])
	return f.ValueLabel(l.String())
}
