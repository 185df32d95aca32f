// SPDX-License-Identifier: Apache-2.0

package soa

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/obligation"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
	"sextant/supplier"
)

// Proposers are those this package knows: risks, duties, contracts, agreements
// about cloud services, and what is done and observed.
func Proposers() []Proposer {
	return []Proposer{fromAssessment, fromDuties, fromContracts, fromClouds, fromPractice}
}

// fromAssessment: a control that treats a risk of the management system, now or
// by a treatment that is not over, is there because of the risk assessment. A
// risk nobody has judged yet is no result of one.
func fromAssessment(v *register.View, _ evidence.Reader, system string) (list []Ground, err error) {
	treated, err := risk.Treated(v)
	for _, reference := range slices.Sorted(maps.Keys(treated)) {
		for _, r := range treated[reference] {
			if r.State != risk.Identified && r.Fields.ManagementSystem == system {
				list = append(list, Ground{Control: reference, Reason: "risk_assessment", Entry: r.Key, Why: fmt.Sprintf("It treats the risk %q.", r.Title())})
			}
		}
	}
	return list, err
}

// reasonOfDuty says which reason a duty is, by its kind.
var reasonOfDuty = map[string]string{"law": "legal", "regulation": "legal", "court_or_authority_order": "legal", "licence": "legal",
	"contract": "contractual", "standard": "business", "internal_commitment": "business"}

// binding are the states of a contract in which it binds.
var binding = []string{"signed", "in_force"}

func today(v *register.View) string { return v.Now().Time().Format(time.DateOnly) }

// fromDuties: a duty that binds today names the controls that answer it. One
// from a contract counts while the contract binds.
func fromDuties(v *register.View, _ evidence.Reader, _ string) (list []Ground, err error) {
	duties, err := obligation.Obligations.All(v, active)
	if err != nil {
		return nil, err
	}
	contracts, err := bindingContracts(v)
	for _, o := range duties {
		f := o.Fields
		_, bound := contracts[f.Contract]
		if !f.Binds(today(v)) || f.Kind == "contract" && !bound {
			continue
		}
		for _, c := range f.Controls {
			g := Ground{Control: c, Reason: reasonOfDuty[f.Kind], Entry: o.Key, Why: fmt.Sprintf("It answers the duty %q (%s).", f.Title, f.Citation)}
			if f.Contract != "" {
				g.Instead = []string{f.Contract}
			}
			list = append(list, g)
		}
	}
	return list, err
}

func bindingContracts(v *register.View) (map[string]obligation.Contract, error) {
	all, err := obligation.Contracts.All(v, register.Filter{Field: "state", Op: register.Is, Values: binding})
	by := map[string]obligation.Contract{}
	for _, c := range all {
		by[c.Key] = c.Fields
	}
	return by, err
}

// bindsUs are the kinds of contracts whose security terms are promises of ours.
// What a supplier promised binds the supplier, and of the other kinds nobody can
// tell which side does.
var bindsUs = []string{"customer", "partner", "insurance"}

// answersTerm names the controls that are about a security term, and no others:
// where more could be meant the duty that comes from the contract names them.
var answersTerm = map[string][]string{
	"confidentiality": {"A.6.6"}, "incident_notice": {"A.5.24", "A.5.26"}, "right_to_audit": {"A.5.35"}, "subcontracting": {"A.5.20", "A.5.21"},
	"return_or_deletion": {"A.8.10"}, "access_control": {"A.5.15"}, "continuity": {"A.5.29", "A.5.30"}, "vulnerability_handling": {"A.8.8"},
	"personnel_screening": {"A.6.1"}, "ip_rights": {"A.5.32"}, "training": {"A.6.3"},
}

// fromContracts: a contract that binds us has a term the control is about.
func fromContracts(v *register.View, _ evidence.Reader, _ string) (list []Ground, err error) {
	contracts, err := obligation.Contracts.All(v, register.Filter{Field: "state", Op: register.Is, Values: binding})
	if err != nil {
		return nil, err
	}
	duties, err := obligation.Obligations.All(v, active)
	of := map[string][]string{} // the duties that come from a contract
	for _, o := range duties {
		of[o.Fields.Contract] = append(of[o.Fields.Contract], o.Key)
	}
	terms, _ := obligation.Contracts.Definition.Field("security_terms")
	for _, c := range contracts {
		f := c.Fields
		if !slices.Contains(bindsUs, f.Kind) {
			continue
		}
		for _, term := range f.SecurityTerms {
			for _, id := range answersTerm[term] {
				list = append(list, Ground{Control: framework.ControlPrefix + id, Reason: "contractual", Entry: c.Key, Instead: of[c.Key],
					Why: fmt.Sprintf("The contract %q with %s has a term on %s.", f.Title, f.Counterparty, strings.ToLower(terms.ValueLabel(term)))})
			}
		}
	}
	return list, err
}

// fromClouds: of a cloud service that is used or offered, our side does
// something about the topic. Where that was agreed it is contractual.
func fromClouds(v *register.View, _ evidence.Reader, _ string) (list []Ground, err error) {
	services, err := supplier.CloudServices.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"approved", "in_use", "leaving"}})
	if err != nil {
		return nil, err
	}
	by := map[string]supplier.CloudService{}
	for _, s := range services {
		by[s.Key] = s.Fields
	}
	rows, err := supplier.Responsibilities.All(v, active)
	for _, r := range rows {
		s, standing := by[r.Fields.CloudService]
		if !standing || !ours(s.Role, r.Fields.DoneBy) {
			continue
		}
		g := Ground{Control: r.Fields.Control, Reason: "business", Entry: r.Key, Why: fmt.Sprintf("The cloud service %q leaves a part of it to us.", s.Title)}
		if r.Fields.Source != "" || s.AgreedOn != "" {
			g.Reason, g.Why = "contractual", fmt.Sprintf("It is agreed for the cloud service %q that a part of it is ours.", s.Title)
		}
		list = append(list, g)
	}
	return list, err
}

// ours says whether our side of a service does a topic.
func ours(role, doneBy string) bool {
	return doneBy == "both" || doneBy == role || role == "both" && (doneBy == "customer" || doneBy == "provider")
}

// fromPractice: the control is done, or planned, or seen at work by a check.
// That asks for nothing, so it speaks only where nothing else does.
func fromPractice(v *register.View, r evidence.Reader, _ string) (list []Ground, err error) {
	all, err := All(v, r)
	if err != nil {
		return nil, err
	}
	units, err := organisation.ScopeUnits.All(v, active)
	inScope := map[string]bool{}
	for _, u := range units {
		inScope[u.Key] = u.Fields.IsInScope
	}
	for _, k := range all {
		reference := k.Control.Reference().String()
		for _, imp := range k.Implementations {
			if verb := practised[imp.Fields.Implementation]; verb != "" && inScope[imp.Fields.ScopeUnit] {
				list = append(list, Ground{Control: reference, Reason: goodPractice, Entry: imp.Key, Within: true, Why: fmt.Sprintf("It is %s %s.", verb, v.TitleOf("scope_unit", imp.Fields.ScopeUnit))})
			}
		}
		if check := passing(k.Evidence); check != "" && len(k.Implementations) == 0 {
			list = append(list, Ground{Control: reference, Reason: goodPractice, Within: true, Why: fmt.Sprintf("A connected source shows it at work: %s.", check)})
		}
	}
	return list, err
}

// practised are the declarations that say something is done or wanted.
var practised = map[string]string{"implemented": "in use in", "partly": "in use in part in", "planned": "planned for"}

// passing names the first check that passes.
func passing(n *control.Node) (title string) {
	if n == nil {
		return ""
	}
	n.Walk(func(n *control.Node) {
		if title == "" && n.Kind == control.CheckNode && n.State == control.Pass {
			title = n.Title
		}
	})
	return title
}
