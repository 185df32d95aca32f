// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"time"

	"sextant"
	"sextant/access"
	"sextant/register"
)

// Acceptance is the risk owner's signature under a residual risk: at a level,
// for a time, under conditions (6.1.3 f). What was signed never moves. Where the
// current risk rises above it, or what it was given on does not hold any more, the
// acceptance is broken, and its owner decides again; it is never renewed in silence.
type Acceptance struct {
	Title       string   `json:"title" is:"text derived title" label:"Acceptance"`
	Risk        string   `json:"risk" is:"ref required" to:"risk" label:"Risk"`
	Evaluation  string   `json:"evaluation" is:"ref keep" to:"risk_evaluation" label:"What is accepted" help:"The judgement of the residual risk. Left empty: the newest one of the residual, else of the current risk."`
	Level       *float64 `json:"level" is:"scale derived score" values:"1..12" label:"Level"`
	LevelName   string   `json:"level_name" is:"text derived" label:"Level by name"`
	LiveThen    *float64 `json:"live_then" is:"scale derived" values:"1..12" label:"Current when signed"`
	Reason      string   `json:"reason" is:"markdown required" label:"Why it is accepted"`
	Conditions  string   `json:"conditions" is:"markdown" label:"Conditions" help:"In words. What the program is to watch is named in the two fields that follow."`
	HoldsWhile  []string `json:"holds_while" is:"ref" to:"control" label:"Holds while these work" help:"Where the evidence shows that one does not work, the acceptance is broken."`
	Provided    []string `json:"provided" is:"ref keep" to:"task" label:"Provided these are done in time" help:"Where one is late, cancelled or without success, the acceptance is broken."`
	RequestedBy string   `json:"requested_by" is:"person keep" label:"Asked for by"`
	AcceptedBy  string   `json:"accepted_by" is:"person derived owner keep" label:"Risk owner"`
	AcceptedAt  string   `json:"accepted_at" is:"datetime derived" label:"Signed"`
	ValidUntil  string   `json:"valid_until" is:"date required due" label:"Valid until"`
	ReachedOn   string   `json:"reached_on" is:"date derived" label:"Current risk came down to it on"`
	EndedOn     string   `json:"ended_on" is:"date derived" label:"Ended on"`
	EndedBy     string   `json:"ended_because" is:"text derived" label:"Ended because"`
}

// States of an acceptance.
const (
	Requested = "requested"
	Accepted  = "accepted"
	Broken    = "broken"
	Lapsed    = "lapsed"
	Declined  = "refused"
	Revoked   = "revoked"
)

const acceptanceName = "acceptance"

// Acceptances is the register of acceptances.
var Acceptances = register.Declare(register.Definition{
	Name: acceptanceName, Plural: "acceptances", Prefix: "ACC", Title: "Risk acceptance",
	Question: "Who accepted which residual risk, until when?",
	Purpose:  "What risk owners signed: a level, for a time, under conditions.",
	Clauses:  []string{"6.1.3 f)", "8.3"}, Retention: "two_cycles", Parent: "risk", Group: "risks", OpenTo: []access.Role{access.Owner}, NoToken: true,
	Lists:   []register.Shape{{Filter: []string{"state", "accepted_by"}, Order: "valid_until"}},
	Derive:  deriveAcceptance,
	Follows: followsAcceptance,
	Lifecycle: register.Lifecycle{
		Initial: Requested,
		States: []register.State{{Name: Requested, Label: "Asked for"}, {Name: Accepted, Label: "In force", Freeze: &register.Freeze{Except: []string{"reached_on"}}}, {Name: Broken, Label: "Broken", Closed: true, Freeze: &register.Freeze{}},
			{Name: Lapsed, Label: "Lapsed", Closed: true, Freeze: &register.Freeze{}}, {Name: Declined, Label: "Refused", Closed: true, Freeze: &register.Freeze{}}, {Name: Revoked, Label: "Revoked", Closed: true, Freeze: &register.Freeze{}}},
		Transitions: []register.Transition{
			{Name: "accept", Label: "Accept the risk", From: []string{Requested}, To: Accepted, Who: []string{"accepted_by"}, Sign: register.Accept, Guard: mayBeAccepted, Sets: acceptedNow, Then: replaceEarlier},
			{Name: "refuse", Label: "Refuse", From: []string{Requested}, To: Declined, Who: []string{"accepted_by"}, NeedsReason: true, Sign: register.Reject},
			{Name: "revoke", Label: "Revoke", From: []string{Accepted}, To: Revoked, Who: []string{"accepted_by", "top_management"}, NeedsReason: true, Sets: endedNow},
			{Name: "replace", Label: "Decided anew", From: []string{Accepted}, To: Revoked, Who: system, NeedsReason: true, Sets: endedNow},
			{Name: "break", Label: "Broken", From: []string{Accepted}, To: Broken, Who: system, NeedsReason: true, Sets: endedNow, Then: ended(tellBroken)},
			{Name: "lapse", Label: "Lapsed", From: []string{Accepted}, To: Lapsed, Who: system, NeedsReason: true, Sets: endedNow, After: "valid_until", Then: ended(tellLapsed)},
		},
	},
}, checkAcceptance)

func followsAcceptance(tx *register.Tx, written register.Entry) error {
	if err := asked(tx, written); err != nil {
		return err
	}
	return refresh(tx, "follows "+written.Key, written.Doc.Text("risk"))
}

// deriveAcceptance copies what is accepted and who is asked, until it is signed.
func deriveAcceptance(tx register.Reader, doc register.Doc) error {
	if doc.Text("accepted_at") != "" {
		return nil
	}
	of, err := get[Risk](tx, riskName, doc.Text("risk"))
	if err != nil {
		return nil //nolint:nilerr // refused with its field by the reference check that follows
	}
	doc["title"] = "Acceptance of " + of.Title()
	delete(doc, "accepted_by")
	if of.Fields.Owner != "" {
		doc["accepted_by"] = of.Fields.Owner
	}
	if doc.Text("requested_by") == "" && tx.Actor().Person != "" {
		doc["requested_by"] = tx.Actor().Person
	}
	if doc.Text("evaluation") == "" {
		key, err := acceptable(tx, of.Key)
		if err != nil {
			return err
		}
		if key != "" {
			doc["evaluation"] = key
		}
	}
	delete(doc, "level")
	if e, err := get[Evaluation](tx, evaluationName, doc.Text("evaluation")); err == nil && e.Fields.Level != nil {
		doc["level"], doc["level_name"] = *e.Fields.Level, e.Fields.LevelName
	}
	return nil
}

// acceptable is the newest residual judgement, else the newest current one.
func acceptable(tx register.Reader, of string) (string, error) {
	list, err := all[Evaluation](tx, evaluationName, register.Filter{Field: "risk", Op: register.Is, Values: []string{of}}, inState(Recorded))
	if err != nil {
		return "", err
	}
	newest := latest(list)
	for _, stage := range []string{Residual, Current} {
		if e, ok := newest[stage]; ok {
			return e.Key, nil
		}
	}
	return "", nil
}

func checkAcceptance(tx register.Reader, now register.Of[Acceptance], before *register.Of[Acceptance]) error {
	f := now.Fields
	if now.State != Requested {
		return nil
	}
	if f.Level == nil {
		return unlevelled(f.Risk)
	}
	e, err := get[Evaluation](tx, evaluationName, f.Evaluation)
	if err != nil {
		return err
	}
	if e.Fields.Risk != f.Risk {
		return sextant.Errorf(sextant.Invalid, "%s is a judgement of %s", f.Evaluation, e.Fields.Risk).At("evaluation")
	}
	if e.Fields.Stage == Inherent || e.Fields.Stage == Target {
		return sextant.Errorf(sextant.Invalid, "what is accepted is the residual or the current risk").At("evaluation")
	}
	y, err := yardstickOf(tx, e.Fields.Criteria)
	if err != nil {
		return err
	}
	if err := notForLongerThan(f, y, tx.Now()); err != nil || before != nil {
		return err
	}
	open, err := tx.Select(acceptanceName, register.Filter{Field: "risk", Op: register.Is, Values: []string{f.Risk}}, inState(Requested))
	if err == nil && len(open) > 0 {
		err = sextant.Errorf(sextant.Conflict, "%s waits for a signature already", open[0].Key).At("risk")
	}
	return err
}

// notForLongerThan holds the time a level may be accepted for (acceptance.r1).
func notForLongerThan(f Acceptance, y *Yardstick, now sextant.Instant) error {
	last := lastDay(now, y, Whole(f.Level))
	switch {
	case f.ValidUntil < today(now):
		return sextant.Errorf(sextant.Invalid, "%s is over", f.ValidUntil).At("valid_until")
	case f.ValidUntil > last:
		return sextant.Errorf(sextant.Invalid, "%s is accepted until %s at most", y.LevelName(Whole(f.Level)), last).At("valid_until")
	}
	return nil
}

// lastDay is the last one a level may be accepted until.
func lastDay(now sextant.Instant, y *Yardstick, level int) string {
	return register.AddPeriod(now.Time(), y.Criteria.Levels[level-1].AcceptedFor).Format(time.DateOnly)
}

// mayBeAccepted asks everything again at the moment of the signature: owner,
// criteria and the day may have changed since it was asked for.
func mayBeAccepted(g register.Guarding) error {
	a, err := register.As[Acceptance](register.Entry{Register: g.Entry.Register, Key: g.Entry.Key, Doc: g.Next})
	if err != nil {
		return err
	}
	of, err := get[Risk](g.Tx, riskName, a.Fields.Risk)
	if err != nil {
		return err
	}
	e, err := get[Evaluation](g.Tx, evaluationName, a.Fields.Evaluation)
	if err != nil {
		return err
	}
	w, top, err := authorities(g.Tx, of.Key)
	if err != nil {
		return err
	}
	if err := w.mayAccept(of, &e, g.Actor.Person, top); err != nil {
		return err
	}
	if says, err := w.unkept(of, a); err != nil || says != "" {
		return cmp.Or(err, error(sextant.Errorf(sextant.Conflict, "what it would be given on does not hold: %s", says).WithHint("put that right first, or ask without it")))
	}
	return notForLongerThan(a.Fields, w.yardsticks[e.Fields.Criteria], g.Now)
}

// Outrun says whether a judgement of the current risk no longer is what the risk
// is: even at best it stands higher, because a control that was counted on gave
// its steps back. Who signs such a judgement would sign for less than there is.
// One of the residual says what a plan will leave, whatever is now.
func Outrun(of Risk, judged Evaluation) bool {
	return judged.Stage == Current && Whole(of.BestLevel) > Whole(judged.Level)
}

func acceptedNow(g register.Guarding, next register.Doc) {
	next["accepted_at"] = g.Now.Time().Format(time.RFC3339)
	of, err := get[Risk](g.Tx, riskName, next.Text("risk"))
	if err != nil || of.Fields.CurrentLevel == nil {
		return
	}
	next["live_then"] = *of.Fields.CurrentLevel
	if level, _ := next["level"].(float64); *of.Fields.CurrentLevel <= level {
		next["reached_on"] = today(g.Now)
	}
}

func endedNow(g register.Guarding, next register.Doc) {
	next["ended_on"], next["ended_because"] = today(g.Now), g.Reason
}

// replaceEarlier ends the acceptance a new decision takes the place of.
func replaceEarlier(tx *register.Tx, e register.Entry) error {
	earlier, err := tx.Select(acceptanceName, register.Filter{Field: "risk", Op: register.Is, Values: []string{e.Doc.Text("risk")}}, inState(Accepted))
	if err != nil {
		return err
	}
	for _, old := range earlier {
		if old.Key == e.Key {
			continue
		}
		if _, err := tx.Transition(acceptanceName, old.Key, old.Version, "replace", nil, register.Note{Why: "decided anew in " + e.Key}); err != nil {
			return err
		}
	}
	return nil
}

// allows says up to which level the current risk may stand before an acceptance
// is broken: the level signed; until the risk came down to that once, also what
// it was when it was signed, for a plan is signed before it is carried out.
func (f Acceptance) allows() int {
	if f.ReachedOn != "" {
		return Whole(f.Level)
	}
	return max(Whole(f.Level), Whole(f.LiveThen))
}
