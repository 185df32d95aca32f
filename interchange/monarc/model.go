// SPDX-License-Identifier: Apache-2.0

// Package monarc reads what MONARC and its sharing platform MOSP write: objects
// (threats, vulnerabilities, kinds of asset, triples of the three), each in one
// language and under its own licence, and whole analyses with their assets,
// risks, recommendations and scales. It brings them into the registers of risks.
//
// Levels judged there were judged on other scales. They stay as text beside each
// risk; judgements are made of them only where criteria in force are those of
// the analysis, and then the same pairs give the same levels.
package monarc

import (
	"strings"

	"sextant"
)

// Object is what every object has.
type Object struct {
	UUID, Code, Label, Description string
	Language                       string // two capital letters, as MOSP has it
	Licence                        string // "" = the file states none
	file                           string // and where it stands in it, for messages
}

// AssetType is a kind of asset. MONARC calls it an asset.
type AssetType struct {
	Object
	Primary bool
}

// Threat is a threat and what it touches.
type Threat struct {
	Object
	Theme                                    string
	Confidentiality, Integrity, Availability bool
}

// Vulnerability is a kind of weakness.
type Vulnerability struct{ Object }

// Triple says that a threat can use a vulnerability of a kind of asset; all
// three by UUID.
type Triple struct {
	UUID, Asset, Threat, Vulnerability, Licence string
	file                                        string
}

// Refusal is an object that cannot be taken over, and why.
type Refusal struct {
	File, Reason string
}

// Catalogue is a set of objects in one language.
type Catalogue struct {
	Assets          []AssetType
	Threats         []Threat
	Vulnerabilities []Vulnerability
	Triples         []Triple
	Left            map[string]int // what else was there, by kind: it has no register here
	Languages       map[string]int // threats, vulnerabilities and kinds of asset in each language that was there
	Refused         []Refusal
}

// seen keeps an object of a kind and language once.
type seen map[string]int

// again says whether an object was there before, and where.
func (s seen) again(kind string, o Object, at int) (int, bool) {
	key := kind + "\x00" + o.UUID + "\x00" + o.Language
	before, twice := s[key]
	if !twice {
		s[key] = at
	}
	return before, twice
}

// same compares what is taken over of two objects.
func (o Object) same(p Object) bool {
	return o.Label == p.Label && o.Description == p.Description && o.Code == p.Code
}

// in leaves the objects of one language. Triples have none.
func (c *Catalogue) in(language string) {
	c.Assets = kept(c.Assets, func(a AssetType) bool { return a.Language == language })
	c.Threats = kept(c.Threats, func(t Threat) bool { return t.Language == language })
	c.Vulnerabilities = kept(c.Vulnerabilities, func(v Vulnerability) bool { return v.Language == language })
}

func kept[T any](list []T, keep func(T) bool) (out []T) {
	for _, v := range list {
		if keep(v) {
			out = append(out, v)
		}
	}
	return out
}

// check refuses more than is taken at once.
func (c *Catalogue) check() error {
	for what, n := range map[string]int{"threats": len(c.Threats), "vulnerabilities": len(c.Vulnerabilities), "assets": len(c.Assets), "triples": len(c.Triples)} {
		if n > MaxObjects {
			return sextant.Errorf(sextant.TooLarge, "there are %d %s; %d is the most", n, what, MaxObjects).WithHint("import fewer files at a time")
		}
	}
	return nil
}

// categories of threats, by words of the themes MONARC groups them under in its
// four languages.
var categories = []struct{ word, category string }{
	{"physi", "physical"}, {"fysiek", "physical"}, {"fysische", "physical"},
	{"natur", "natural"}, {"natuur", "natural"},
	{"radiati", "infrastructure"}, {"rayonnement", "infrastructure"}, {"strahl", "infrastructure"}, {"straling", "infrastructure"},
	{"services essentiels", "infrastructure"}, {"essential services", "infrastructure"}, {"wesentlicher dienste", "infrastructure"}, {"essentiële diensten", "infrastructure"},
	{"techni", "technical"},
	{"function", "compromise"}, {"fonction", "compromise"}, {"funktion", "compromise"}, {"functies", "compromise"},
	{"information", "human"}, {"informatie", "human"}, {"action", "human"}, {"aktion", "human"}, {"acties", "human"},
	{"organi", "organisational"},
}

func threatCategory(theme string) (category string, known bool) {
	theme = strings.ToLower(theme)
	for _, c := range categories {
		if strings.Contains(theme, c.word) {
			return c.category, true
		}
	}
	return "organisational", false
}

// kinds say, by the beginning of the code of a kind of asset, which category its
// weaknesses belong to and which type an asset of it is.
var kinds = []struct{ prefix, category, asset string }{
	{"OV_BATI", "site", "site"}, {"OV_SALLE", "site", "site"}, {"BAT", "site", "site"},
	{"OV_SERVEUR", "hardware", "server"}, {"OV_POSTE", "hardware", "device"}, {"OV_MOBIL", "hardware", "device"}, {"OV_MULTI", "hardware", "device"},
	{"OV_BACKUP", "hardware", "media"}, {"OV_INFOPHY", "organisation", "document_set"},
	{"MAT_SUPP", "hardware", "media"}, {"MAT_NELE", "hardware", "media"}, {"MAT", "hardware", "device"},
	{"OV_LOGICIEL", "software", "application"}, {"OV_DEV", "software", "application"}, {"OV_MAINT", "software", "application"}, {"LOG", "software", "application"},
	{"OV_RESEAU", "network", "network"}, {"RESEAU", "network", "network"}, {"SYS", "network", "service"},
	{"OV_UTIL", "personnel", "person_group"}, {"PER", "personnel", "person_group"},
	{"ORG_EXT", "organisation", "supplier_service"}, {"OV_ORG", "organisation", "person_group"}, {"ORG", "organisation", "person_group"},
	{"INFO", "organisation", "information"}, {"PROC", "organisation", "process"}, {"SERV", "organisation", "service"},
}

func kindOf(code string) (category, asset string) {
	for _, k := range kinds {
		if strings.HasPrefix(strings.ToUpper(code), k.prefix) {
			return k.category, k.asset
		}
	}
	return "organisation", "other"
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// clip cuts a text to what a line holds.
func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return text
}
