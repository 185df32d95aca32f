// SPDX-License-Identifier: Apache-2.0

package gap

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"sextant"
	"sextant/access"
	"sextant/gap"
	"sextant/internal/server/web/page"
	"sextant/register"
)

// formFields are what the form of a question sends.
var formFields = []string{"answer", "not_applicable_reason", "maturity", "target_maturity", "observation", "evidence", "effort", "effect", "assignee", "due_on"}

func submitted(form url.Values) map[string]any {
	values := map[string]any{}
	for _, key := range formFields {
		if sent, ok := form[key]; ok && len(sent) > 0 {
			values[key] = sent[0]
		}
	}
	return values
}

// typedOver gives an answer with what a form sent written over it.
func typedOver(a gap.Answer, form url.Values) gap.Answer {
	texts := map[string]*string{"answer": &a.Answer, "not_applicable_reason": &a.NotApplicableReason, "observation": &a.Observation, "effort": &a.Effort, "effect": &a.Effect, "assignee": &a.Assignee, "due_on": &a.DueOn}
	for key, field := range texts {
		if sent, ok := form[key]; ok {
			*field = sent[0]
		}
	}
	for key, field := range map[string]**float64{"maturity": &a.Maturity, "target_maturity": &a.TargetMaturity} {
		if sent, ok := form[key]; ok {
			*field = nil
			if n, err := strconv.ParseFloat(sent[0], 64); err == nil {
				*field = &n
			}
		}
	}
	if sent, ok := form["evidence"]; ok {
		a.Evidence = strings.FieldsFunc(sent[0], func(r rune) bool { return r == ',' || r == ' ' })
	}
	return a
}

// save keeps what was typed, or takes it for the answer and goes on. What is
// refused comes back beside the reason, and what somebody else saved first
// stands beside it.
func (s *section) save(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	do := r.PostFormValue("do")
	version, _ := strconv.Atoi(r.PostFormValue("version")) // 0 = on whatever stands
	key := r.PathValue("answer")
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		return write(tx, r.PathValue("campaign"), key, version, do, submitted(r.PostForm))
	}); err != nil {
		return s.drawFocus(w, r, actor, r.PostForm, err)
	}
	to := path + "/" + r.PathValue("campaign") + "/focus/" + key + carried(r.URL.Query())
	if next := r.PostFormValue("to"); next != "" && (do == "next" || do == "take") {
		to = page.Local(next)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// write does what a form asks: keep the values, take them for the answer, or
// take what is proposed.
func write(tx *register.Tx, campaign, key string, version int, do string, values map[string]any) error {
	a, err := gap.Answers.Get(tx, key)
	if err != nil {
		return err
	}
	if a.Fields.Campaign != campaign {
		return sextant.Errorf(sextant.NotFound, "%s asks nothing called %q", campaign, key)
	}
	answer, _ := values["answer"].(string)
	switch {
	case do == "take":
		return gap.Take(tx, key, version)
	case do == "review":
		_, err = tx.Transition(gap.Answers.Name, key, version, "review", nil, register.Note{})
	case do == "next" && answer == gap.NotAssessed && a.State == gap.Answered:
		_, err = tx.Transition(gap.Answers.Name, key, version, "reopen", values, register.Note{})
	case do == "next" && answer != "" && answer != gap.NotAssessed:
		return taken(tx, a, version, values)
	default:
		_, err = tx.Edit(gap.Answers.Name, key, version, values, register.Note{})
	}
	return err
}

// taken takes values for the answer; one that was answered the same way before
// is left as it is.
func taken(tx *register.Tx, a register.Of[gap.Answer], version int, values map[string]any) error {
	if a.State == gap.Answered {
		_, err := tx.Edit(gap.Answers.Name, a.Key, version, values, register.Note{})
		return err
	}
	_, err := tx.Transition(gap.Answers.Name, a.Key, version, "answer", values, register.Note{})
	return err
}

// act makes a task that closes the gap and hangs it on the answer.
func (s *section) act(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	key := r.PathValue("answer")
	back := path + "/" + r.PathValue("campaign") + "/focus/" + key + carried(r.URL.Query())
	if err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		a, err := gap.Answers.Get(tx, key)
		if err != nil {
			return err
		}
		due := r.PostFormValue("due_on")
		if due == "" {
			due = tx.Now().Time().AddDate(0, 0, 30).Format(time.DateOnly)
		}
		task, err := tx.Create("task", map[string]any{"title": r.PostFormValue("title"), "kind": "gap_action", "subject": key, "assignee": cmp.Or(r.PostFormValue("assignee"), a.Fields.Assignee),
			"requester": actor.Person, "planned_on": due, "due_on": due, "depends_on": r.PostFormValue("depends_on")}, register.Note{})
		if err != nil {
			return err
		}
		_, err = tx.Edit(gap.Answers.Name, key, a.Version, map[string]any{"actions": append(a.Fields.Actions, task.Key)}, register.Note{})
		return err
	}); err != nil {
		return s.drawFocus(w, r, actor, nil, err)
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
