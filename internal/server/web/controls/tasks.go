// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/control"
	"sextant/evidence"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/register"
	"sextant/soa"
	"sextant/task"
)

// makeTasks makes a task for each missing proof and each step of the guidance
// that was asked for, once: a proof that has a task keeps it.
func (s *section) makeTasks(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	if len(r.PostForm["proof"])+len(r.PostForm["step"]) == 0 {
		return sextant.Errorf(sextant.Invalid, "nothing was chosen").WithHint("choose a proof or a step to make a task of")
	}
	made := 0
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) error {
		m, err := evidence.On(&tx.View)
		if err != nil {
			return err
		}
		c, err := named(&tx.View, r.PathValue("id"))
		if err != nil {
			return err
		}
		k, err := soa.One(&tx.View, m, c)
		if err != nil {
			return err
		}
		wanted, err := wantedTasks(tx, k, r.PostForm)
		if err != nil {
			return err
		}
		for _, t := range wanted {
			if _, err := task.Tasks.Create(tx, t, register.Note{}); err != nil {
				return err
			}
			made++
		}
		return nil
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, path+"/"+r.PathValue("id")+"?"+url.Values{"made": {strconv.Itoa(made)}}.Encode()+"#green", http.StatusSeeOther)
	return nil
}

// wantedTasks turns what was chosen into tasks.
func wantedTasks(tx *register.Tx, k soa.Known, form url.Values) (list []task.Task, err error) {
	proofs := control.Proofs(k.Evidence)
	made, err := tasksFor(&tx.View, proofs)
	if err != nil {
		return nil, err
	}
	for _, id := range form["proof"] {
		i := slices.IndexFunc(proofs, func(p control.Proof) bool { return p.ID == id })
		if i < 0 || made[id] != nil {
			continue // it is shown by now, or somebody is at it
		}
		list = append(list, proofTask(tx, k, proofs[i]))
	}
	guide, _ := framework.GuidanceFor(k.Control.ID)
	for _, text := range form["step"] {
		i, err := strconv.Atoi(text)
		if err != nil || i < 0 || i >= len(guide.Steps) {
			return nil, sextant.Errorf(sextant.Invalid, "there is no step %q", text)
		}
		step := guide.Steps[i]
		list = append(list, task.Task{Title: step.Do, Kind: "other", Subject: k.Control.Reference().String(), Method: strings.TrimSpace(step.How + "\n\n" + step.Small), Assignee: assignee(tx, k, ""),
			Requester: tx.Actor().Person, DueOn: task.DueFor("medium", tx.Now()), Priority: "medium"})
	}
	return list, nil
}

func proofTask(tx *register.Tx, k soa.Known, p control.Proof) task.Task {
	words := wording(tx.Context(), p)
	t := task.Task{Title: clipped(words.Text, 200), Kind: "remediation", Subject: k.Control.Reference().String(), Proves: p.ID, Criteria: message.T(tx.Context(), "proof.criteria", strings.Join(p.Lines, "; ")),
		Assignee: assignee(tx, k, p.Implementation), Requester: tx.Actor().Person, Priority: "medium"}
	if c, ok := check.Named(p.Check); ok {
		t.Method, t.Priority = c.Remediation, string(c.Severity)
	}
	t.DueOn = task.DueFor(t.Priority, tx.Now())
	return t
}

// assignee is the owner of the implementation, else of the control, else who
// makes the task; an owner, who may make tasks for themselves only, always is.
func assignee(tx *register.Tx, k soa.Known, implementation string) string {
	me := tx.Actor().Person
	if me != "" && !tx.Actor().Holds(access.ISMSManager, access.System, access.Operator) {
		return me
	}
	for _, imp := range k.Implementations {
		if imp.Key == implementation && imp.Fields.Owner != "" {
			return imp.Fields.Owner
		}
	}
	if owners := k.Owners(); len(owners) > 0 {
		return owners[0]
	}
	return me
}

func clipped(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return text
}
