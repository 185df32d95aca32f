// SPDX-License-Identifier: Apache-2.0

package editor

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"sextant"
	"sextant/access"
	"sextant/check"
	"sextant/internal/server/web/page"
	"sextant/monitor/custom"
)

// tryTakes bounds how long one try keeps the machine busy; an expression has its
// own bound for one resource.
const tryTakes = 20 * time.Second

// try runs what is written over what is stored, over its samples, and asks what
// it would move. What keeps it from running is shown beside it.
func (s *section) try(r *http.Request, actor access.Actor, v *view) {
	c, err := custom.Compile(custom.Tryable(v.Fields))
	if err == nil {
		err = s.rehearse(r, actor, v, c)
	}
	if err != nil {
		v.Wrong, _ = page.ProblemOf(err)
		if v.Wrong.Detail == "" {
			_, v.Wrong.Detail, v.Wrong.Hint = page.Explain(err)
		}
		return
	}
	v.Samples = samplesOf(c)
}

func (s *section) rehearse(r *http.Request, actor access.Actor, v *view, c *check.Compiled) error {
	at := sextant.Instant(0)
	if v.At != "" {
		day, err := time.Parse(time.DateOnly, v.At)
		if err != nil {
			return sextant.Errorf(sextant.Invalid, "%q is no date", v.At).At("at")
		}
		at = min(sextant.InstantOf(day.AddDate(0, 0, 1))-1, s.Kernel.Now())
	}
	ctx, cancel := context.WithTimeout(r.Context(), tryTakes)
	defer cancel()
	began := time.Now()
	tried, err := custom.Rehearse(ctx, s.way.Store, actor.Organisation, c, at, s.Kernel.Now())
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return sextant.Errorf(sextant.TooLarge, "the try took longer than %s and was ended", tryTakes).WithHint("make the expression simpler; active checks are evaluated in the background")
	}
	if err != nil {
		return err
	}
	v.Tried, v.Took = &tried, time.Since(began)
	if len(c.Supports) == 0 || v.At != "" {
		return nil
	}
	v.Moves, err = s.way.Preview(ctx, actor.Organisation, c)
	return err
}

// samplesOf tries the samples that were written; those a try was filled with
// are none.
func samplesOf(c *check.Compiled) (list []sample) {
	of := map[check.Status][]map[string]any{check.Pass: c.Samples.Pass, check.Fail: c.Samples.Fail, check.Error: c.Samples.Error, check.NotApplicable: c.Samples.None}
	for _, tried := range custom.Try(c) {
		attributes := of[tried.Wanted][tried.Number-1]
		if len(attributes) == 0 {
			continue
		}
		data, _ := json.Marshal(attributes) // read from YAML that was JSON once: it can be written
		list = append(list, sample{tried, string(data)})
	}
	return list
}

func (v view) asWanted() (n int) {
	for _, s := range v.Samples {
		if s.AsWanted() {
			n++
		}
	}
	return n
}

// attributes answers what the resources of a type have, for completion.
func (s *section) attributes(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := access.May(actor, access.Read, access.Subject{}, s.Kernel.Now()); err != nil {
		return err
	}
	list, err := custom.Attributes(r.Context(), s.way.Store, actor.Organisation, r.URL.Query().Get("type"), s.types)
	if err != nil {
		return err
	}
	data, err := json.Marshal(list)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	_, err = w.Write(data)
	return err
}
