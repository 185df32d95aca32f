// SPDX-License-Identifier: Apache-2.0

package live

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"sextant"
	"sextant/access"
	"sextant/internal/store"
)

// writeWithin is how long a browser may take to accept an event.
const writeWithin = 10 * time.Second

// stream is one page that listens.
type stream struct {
	topics []string // nil = all
	news   chan struct{}

	mu      sync.Mutex // guards what follows
	seq     sextant.Seq
	jobs    int64
	pending []string
}

// hear keeps news until the page takes them; those it did not ask for pass by.
func (s *stream) hear(m store.Movement) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seq, s.jobs = max(s.seq, m.Seq), m.Jobs
	for _, topic := range m.Topics {
		if (s.topics == nil || slices.Contains(s.topics, topic)) && !slices.Contains(s.pending, topic) {
			s.pending = append(s.pending, topic)
		}
	}
	if len(s.pending) == 0 {
		return
	}
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// event is what a page gets: where the log stands and what changed up to there.
type event struct {
	Seq    sextant.Seq `json:"seq"`
	Topics []string    `json:"topics"`
}

func (s *stream) take() (id string, e event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e = event{s.seq, s.pending}
	s.pending = nil
	slices.Sort(e.Topics)
	return fmt.Sprintf("%d.%d", s.seq, s.jobs), e
}

// ServeHTTP answers GET /.events?topics=asset,outcome&since=812 with a stream:
//
//	event: hello   data: {"seq":812,"topics":[]}            at once
//	event: change  data: {"seq":815,"topics":["outcome"]}   at most two a second
//	event: ended   data: {}                                 the session ended; do not come back
//
// Topics are names of registers, observations, outcome, status and job; none
// named means all. A page gives the position it was drawn at as since, a browser
// that reconnects sends Last-Event-ID: what was written after it is told at
// once, so nothing is missed in between.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	session := ""
	if cookie, err := r.Cookie(h.config.Cookie); err == nil {
		session = cookie.Value
	}
	actor, err := h.config.Present(r.Context(), session)
	if err != nil {
		http.Error(w, "you are not signed in", http.StatusUnauthorized)
		return
	}
	s, err := read(r)
	if err == nil {
		err = h.join(r.Context(), actor, s)
	}
	if err != nil {
		refuse(w, err)
		return
	}
	defer h.leave(actor, s)
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // a proxy in between passes events on at once
	out := &writer{w: w, control: http.NewResponseController(w)}
	defer out.release()
	if err := h.greet(r, actor, s, out); err != nil {
		return // the browser has gone
	}
	h.tell(r.Context(), session, actor, s, out)
}

func refuse(w http.ResponseWriter, err error) {
	status := map[sextant.Code]int{sextant.Invalid: http.StatusBadRequest, sextant.Throttled: http.StatusTooManyRequests}[sextant.CodeOf(err)]
	if status == 0 {
		http.Error(w, "news cannot be read", http.StatusServiceUnavailable)
		return
	}
	http.Error(w, err.Error(), status)
}

// longestTopics bounds what a stranger's request makes us keep.
const longestTopics = 2000

func read(r *http.Request) (*stream, error) {
	s := &stream{news: make(chan struct{}, 1)}
	text := r.URL.Query().Get("topics")
	if len(text) > longestTopics {
		return nil, sextant.Errorf(sextant.Invalid, "too many topics").At("topics").WithHint("leave them out to hear of everything")
	}
	if text != "" {
		s.topics = strings.Split(text, ",")
	}
	return s, nil
}

// greet says where the log stands, and what happened since the page was drawn.
func (h *Hub) greet(r *http.Request, actor access.Actor, s *stream, out *writer) error {
	id, e := s.take()
	e.Topics = []string{}
	if err := out.event("hello", id, e); err != nil {
		return err
	}
	since, jobs, given := position(r)
	if !given {
		return nil
	}
	for {
		m, err := h.config.Source.Moved(r.Context(), actor.Organisation, since, jobs)
		if err != nil {
			return err
		}
		if jobs < 0 { // the page does not know of jobs
			m.Topics = slices.DeleteFunc(m.Topics, func(topic string) bool { return topic == "job" })
		}
		s.hear(m)
		if !m.More {
			return nil
		}
		since, jobs = m.Seq, m.Jobs
	}
}

// position reads where a page was drawn: since, or Last-Event-ID.
func position(r *http.Request) (seq sextant.Seq, jobs int64, given bool) {
	text := r.Header.Get("Last-Event-ID")
	if text == "" {
		text = r.URL.Query().Get("since")
	}
	first, second, both := strings.Cut(text, ".")
	n, err := strconv.ParseInt(first, 10, 64)
	if err != nil || n < 0 {
		return 0, 0, false
	}
	jobs = -1
	if both {
		if jobs, err = strconv.ParseInt(second, 10, 64); err != nil {
			jobs = -1
		}
	}
	return sextant.Seq(n), jobs, true
}

// tell sends news until the browser goes, the session ends or the server stops.
// The session is looked at before each word, so that whoever is signed out hears
// nothing more.
func (h *Hub) tell(ctx context.Context, session string, actor access.Actor, s *stream, out *writer) {
	beat := time.NewTicker(h.config.Heartbeat)
	defer beat.Stop()
	for {
		news := false
		select {
		case <-ctx.Done():
			return
		case <-h.stopped:
			return
		case <-s.news:
			news = true
		case <-beat.C:
		}
		now, err := h.config.Present(ctx, session)
		if err != nil || now.Organisation != actor.Organisation {
			_ = out.event("ended", "", struct{}{}) // the stream ends either way
			return
		}
		if news {
			id, e := s.take()
			err = out.event("change", id, e)
		} else {
			err = out.text(": still here\n\n")
		}
		if err != nil {
			return // the browser has gone, or takes nothing
		}
	}
}

// writer writes events, each within a time.
type writer struct {
	w       http.ResponseWriter
	control *http.ResponseController
}

func (o *writer) event(name, id string, data any) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	text := "event: " + name + "\n"
	if id != "" {
		text += "id: " + id + "\n"
	}
	return o.text(text + "data: " + string(body) + "\n\n")
}

func (o *writer) text(text string) error {
	_ = o.control.SetWriteDeadline(time.Now().Add(writeWithin)) // a writer without deadlines is a test's
	if _, err := o.w.Write([]byte(text)); err != nil {
		return err
	}
	return o.control.Flush()
}

func (o *writer) release() { _ = o.control.SetWriteDeadline(time.Time{}) }
