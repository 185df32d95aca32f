// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sextant"
	"sextant/access"
	"sextant/connector"
	"sextant/evidence"
	"sextant/interchange/cisoassistant"
	"sextant/internal/schedule"
	"sextant/internal/server"
	"sextant/internal/testserver"
	"sextant/library"
	"sextant/register"
	"sextant/risk"
)

const walkPassword = "seven grey herons"

var walkers = []access.Role{access.Admin, access.ISMSManager, access.Owner, access.InternalAuditor, access.ExternalAuditor, access.Reader}

// town is the program as it is served, with an entry in every register, and a
// second organisation beside.
type town struct {
	*testing.T
	*httptest.Server
	p        *program
	org      sextant.Organisation
	keys     map[string]string // of an entry of each register, such as the other organisation has none
	spare    map[string]string // of a second one, which may go
	ids      map[string]string // of a token and of an invitation, by route
	batch    string            // of a bulk change
	tokens   map[string]string // by who
	sessions map[string]string
	routes   []string
	own      string // id of an own check
	count    int
	looking  []access.Role // who is shown every page
	writing  []string      // who sends every write
}

func newTown(t *testing.T, p *program) *town {
	t.Helper()
	ctx := context.Background()
	p.openers = map[string]schedule.Opener{"aws": func(*register.View, register.Of[evidence.Source], connector.Options) (connector.Connector, error) {
		return nil, sextant.Errorf(sextant.Unavailable, "no outside system in a test")
	}}
	if err := p.open(ctx); err != nil {
		t.Fatal(err)
	}
	w := &town{T: t, p: p, keys: map[string]string{}, spare: map[string]string{}, ids: map[string]string{}, tokens: map[string]string{}, sessions: map[string]string{}}
	w.settle()
	w.furnish()
	config := p.served()
	w.routes = server.Routes(config)
	w.Server = httptest.NewServer(server.Handler(config))
	t.Cleanup(w.Close)
	return w
}

func (w *town) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func operatorOf(org sextant.Organisation) access.Actor {
	return access.Actor{Organisation: org, Name: "operator:test", Roles: []access.Role{access.Operator}}
}

// settle makes two organisations, an account for each role in the first, and one
// that may do everything in the second.
func (w *town) settle() {
	w.Helper()
	ctx := context.Background()
	var err error
	w.org, err = w.p.accounts.Create(ctx, "Northquay", "Mara", "mara@example.org", walkPassword)
	w.must(err)
	other, err := w.p.accounts.Create(ctx, "Southbay", "Otto", "other@example.org", walkPassword)
	w.must(err)
	for _, role := range walkers {
		link, err := w.p.accounts.Invite(ctx, operatorOf(w.org), string(role)+"@example.org", "PER-1", []access.Role{role}, sextant.SystemClock().Add(1<<50))
		w.must(err)
		w.sessions[string(role)], err = w.p.accounts.Join(ctx, link, string(role), walkPassword, "")
		w.must(err)
		w.tokens[string(role)], err = w.p.accounts.MakeToken(ctx, operatorOf(w.org), string(role)+"@example.org", "walk", nil, 0)
		w.must(err)
	}
	w.spareAccess()
	w.tokens["other"], err = w.p.accounts.MakeToken(ctx, operatorOf(other), "other@example.org", "walk", nil, 0)
	w.must(err)
}

// spareAccess makes what can be taken away: an invitation, and tokens.
func (w *town) spareAccess() {
	w.Helper()
	ctx := context.Background()
	_, err := w.p.accounts.Invite(ctx, operatorOf(w.org), "nobody@example.org", "", []access.Role{access.Reader}, 0)
	w.must(err)
	invitations, err := w.p.accounts.Invitations(ctx, operatorOf(w.org))
	w.must(err)
	w.ids["POST /settings/withdraw"] = invitations[0].ID()
	for route, email := range map[string]string{"POST /settings/revoke-token": "mara@example.org", "POST /account/revoke-token": "isms_manager@example.org"} {
		_, err := w.p.accounts.MakeToken(ctx, operatorOf(w.org), email, "spare for "+route, nil, 0)
		w.must(err)
		tokens, err := w.p.accounts.Tokens(ctx, operatorOf(w.org))
		w.must(err)
		for _, token := range tokens {
			if token.Title == "spare for "+route {
				w.ids[route] = token.ID
			}
		}
	}
}

// session gives an open session; requests may have ended the last one.
func (w *town) session(who string) string {
	w.Helper()
	if _, err := w.p.accounts.Session(context.Background(), w.sessions[who]); err != nil {
		w.sessions[who], err = w.p.accounts.SignIn(context.Background(), who+"@example.org", walkPassword, "", who)
		w.must(err)
	}
	return w.sessions[who]
}

// special are fields that a register's own rules ask for.
var special = map[string]map[string]any{
	"custom_check":  {"reference": "own.walked", "resource": "aws:iam_user"},
	"exception":     {"title": "walked exception", "check": "check/aws.root-mfa", "starts_on": "2026-01-01", "expires_on": "2026-06-01"},
	"attestation":   {"line": "A.5.1/policies-reviewed", "period_from": "2026-01-01", "period_to": "2026-02-01", "expires_on": "2026-12-01"},
	"document":      {"kind": "guideline"},
	"scope_unit":    {"kind": "team"},
	"gap_answer":    {"reference": "iso27001:2022/9.1"},
	"legal_hold":    {"registers": []any{"task"}},
	"obligation":    {"controls": []any{"iso27001:2022/A.5.31"}},
	"cloud_service": {"other_side": "Walkers Ltd"},
	"own_control":   {"reference": "NQ-0"},
	"rule_setting":  {"rule": "rule/document-overdue", "params": []any{map[string]any{"name": "days", "value": "14"}}},
	"certificate":   {"valid_to": "2029-12-31"},

	"control_standard": {"text": "Walked."},

	"risk_criteria":   criteria(),
	"risk":            {"management_system": "MS-71", "owner": "PER-71", "assets": []any{"AST-71"}},
	"risk_assessment": {"management_system": "MS-71", "owner": "PER-71", "approver": "PER-1"},
	"risk_scenario":   {"threats": []any{"THR-71"}},
	"risk_evaluation": {"likelihood": 1.0, "consequences": []any{map[string]any{"type": "legal", "level": 1.0}}, "evaluated_by": "PER-71"},
	"acceptance":      {"valid_until": sextant.SystemClock().Time().AddDate(0, 1, 0).Format(time.DateOnly)},
}

// criteria are the smallest there are, written by somebody else than who approves
// them.
func criteria() map[string]any {
	t := risk.Template(3, "EUR", 0)
	t.Author, t.Approver = "PER-71", "PER-1"
	data, err := json.Marshal(t)
	if err != nil {
		panic(err) // plain data
	}
	values := map[string]any{}
	if err := json.Unmarshal(data, &values); err != nil {
		panic(err) // likewise
	}
	for key, value := range values {
		if value == nil || value == "" {
			delete(values, key)
		}
	}
	return values
}

// inForce approves the walked criteria: nothing is judged without.
func (w *town) inForce() {
	w.Helper()
	for _, move := range []struct{ who, name string }{{"PER-71", "submit"}, {"PER-1", "approve"}} {
		actor := access.Actor{Organisation: w.org, Name: "person:" + move.who, Person: move.who, Roles: []access.Role{access.ISMSManager}, Proof: access.Proof{Method: access.Password, At: sextant.SystemClock()}}
		w.must(w.p.kernel.Write(context.Background(), actor, func(tx *register.Tx) error {
			_, err := tx.Transition(risk.CriteriaEditions.Name, "RC-71", 0, move.name, nil, register.Note{})
			return err
		}))
	}
}

func libraryOf(name string) string {
	return "urn: urn:q:" + name + "\nname: " + name + "\nobjects: {framework: {urn: 'urn:q:" + name + ":framework', requirement_nodes: [{urn: 'urn:q:" + name + ":1', ref_id: '1', assessable: true, depth: 1}]}}"
}

// library imports one: nobody makes it by its fields.
func (w *town) library() string {
	w.Helper()
	data := []byte(libraryOf("walked"))
	content, report, err := cisoassistant.Read("walked.yaml", data)
	if err != nil {
		w.Fatal(err)
	}
	key, _, err := library.Take(context.Background(), w.p.kernel, access.SystemActor(w.org, "walk"), library.Came("walked.yaml", data, content, report), register.Note{})
	if err != nil {
		w.Fatal(err)
	}
	return key
}

// furnish makes an entry in every register there is: where the rules of a new
// one refuse a plausible entry, special says what they ask for.
func (w *town) furnish() {
	w.Helper()
	w.keys["organisation"] = "ORG-1"
	w.keys["library"] = w.library()
	left := slices.DeleteFunc(w.p.kernel.Set().All(), func(def *register.Definition) bool { return w.keys[def.Name] != "" })
	for refused := map[string]error{}; len(left) > 0; {
		before := len(left)
		left = slices.DeleteFunc(left, func(def *register.Definition) bool {
			refused[def.Name] = w.furnishOne(def)
			return refused[def.Name] == nil
		})
		if len(left) == before {
			w.Fatalf("no entry could be made in %d registers: %v", len(left), refused)
		}
	}
	w.must(w.p.kernel.Write(context.Background(), access.SystemActor(w.org, "walk"), func(tx *register.Tx) error {
		report, err := tx.BulkEdit(register.List{Register: "asset"}, map[string]any{"title": "walked all at once"}, register.Note{})
		w.batch = report.Batch
		return err
	}))
}

func (w *town) furnishOne(def *register.Definition) error {
	w.Helper()
	ctx, system := context.Background(), access.SystemActor(w.org, "walk")
	if def.Name == "attachment" {
		e, err := w.p.kernel.Attach(ctx, system, "asset", w.keys["asset"], "walked.txt", "text/plain", strings.NewReader("walked"))
		w.keys[def.Name] = e.Key
		return err
	}
	for i, keys := range []map[string]string{w.keys, w.spare} {
		key := fmt.Sprintf("%s-%d", def.Prefix, 71+i)
		values, err := w.fields(stop{def: def})
		if err == nil {
			err = w.p.kernel.Write(ctx, system, func(tx *register.Tx) error {
				_, err := tx.CreateAs(def.Name, key, values, register.Note{Why: "walked"})
				return err
			})
		}
		if err == nil {
			keys[def.Name] = key
			if key == "RC-71" {
				w.inForce()
			}
			if def.Name == "custom_check" && i == 0 {
				w.own = fmt.Sprint(values["reference"])
			}
		} else if i == 0 {
			return err
		}
	}
	return nil
}

// plausible gives a value to each field that needs one.
func (w *town) plausible(def *register.Definition) (map[string]any, error) {
	values := map[string]any{}
	for _, f := range def.Fields {
		if (f.Required || f.IsTitle) && f.Default == nil && !f.Derived {
			value, err := w.value(def, f)
			if err != nil {
				return nil, err
			}
			if values[f.Key] = value; f.Many {
				values[f.Key] = []any{value}
			}
		}
	}
	maps.Copy(values, special[def.Name])
	if def.Name == "asset_dependency" { // on an asset of its own each time: a pair is entered once, and no asset stands on itself
		return values, w.p.kernel.Write(context.Background(), access.SystemActor(w.org, "walk"), func(tx *register.Tx) error {
			e, err := tx.Create("asset", map[string]any{"title": "walked beneath", "scope_units": []string{w.keys["scope_unit"]}}, register.Note{})
			values["supports"] = e.Key
			return err
		})
	}
	return values, nil
}

func (w *town) value(def *register.Definition, f register.Field) (any, error) {
	switch f.Kind {
	case register.Enum:
		return f.Values[0].Name, nil
	case register.Date:
		return "2027-01-01", nil
	case register.Bool:
		return true, nil
	case register.Number, register.Percent, register.Scale:
		return 1, nil
	case register.Duration:
		return "P1M", nil
	case register.Person, register.Ref:
		return w.target(f)
	}
	return "walked " + def.Name, nil
}

func (w *town) target(f register.Field) (any, error) {
	if content := w.p.kernel.Set().ContentReferences(f.To); len(content) > 0 {
		return content[0], nil
	}
	name := f.To
	if name == "any" {
		name = "asset"
	}
	if w.keys[name] == "" {
		return nil, fmt.Errorf("%s needs an entry of %s first", f.Key, f.To)
	}
	return w.keys[name], nil
}

// stop is one request of the walk.
type stop struct {
	pattern, method, path string
	def                   *register.Definition // whose pages these are, nil where of none
	key                   string               // of an entry of the first organisation, "" where none is named
	content, body         string
}

var placeholder = regexp.MustCompile(`\{([a-z]+)(\.\.\.)?\}`)

// known are the values of placeholders that are no key of a register: some that
// are there and some that are not. What is not named here gets those of "".
var known = map[string][]string{
	"{id}": {"A.5.1", "A.8.13", "aws.root-mfa", "1", "none"}, "{type}": {"aws:iam_user"}, "{key...}": {"arn:aws:none"}, "{chapter}": {"keyboard", "none"}, "{version}": {"1", "9", "x"}, "{framework}": {"iso27701:2025", "nist-csf:2.0", "none"}, "{rule}": {"soa-missing", "none"}, "": {"1", "none"},
}

// keysOf are placeholders that stand for the key of an entry of a register.
var keysOf = map[string]string{"{campaign}": "gap_campaign", "{answer}": "gap_answer", "{system}": "management_system", "{proposal}": "migration_proposal", "{risk}": "risk", "{acceptance}": "acceptance", "{notice}": "notice"}

// stops expands a route: every register, an entry of each, every transition.
func (w *town) stops(pattern string) []stop {
	w.Helper()
	method, path, _ := strings.Cut(pattern, " ")
	open := []stop{{pattern: pattern, method: method, path: strings.TrimSuffix(path, "{$}")}}
	for {
		match := placeholder.FindStringIndex(open[0].path)
		if match == nil {
			return w.filled(open)
		}
		var next []stop
		for _, s := range open {
			at := placeholder.FindStringSubmatchIndex(s.path)
			next = append(next, w.fill(s, s.path[:at[0]], s.path[at[0]:at[1]], s.path[at[1]:])...)
		}
		open = next
	}
}

func (w *town) fill(s stop, before, what, after string) (filled []stop) {
	set := func(value string) stop { next := s; next.path = before + value + after; return next }
	last := before[strings.LastIndex(strings.TrimSuffix(before, "/"), "/")+1:]
	switch {
	case what == "{register}":
		for _, def := range w.p.kernel.Set().All() {
			next := set(def.Plural)
			next.def = def
			filled = append(filled, next)
		}
		return append(filled, set("nothing"))
	case what == "{key}" || keysOf[what] != "":
		if def, err := w.p.kernel.Set().Named(cmp.Or(keysOf[what], strings.TrimSuffix(last, "/"))); err == nil {
			s.def = def
		}
		if s.def == nil {
			return []stop{set("XX-1")}
		}
		if s.key = w.keys[s.def.Name]; strings.HasSuffix(s.pattern, "/delete") && w.spare[s.def.Name] != "" {
			s.key = w.spare[s.def.Name]
		}
		return []stop{set(s.key)}
	case what == "{name}":
		if s.def != nil {
			for _, t := range s.def.Lifecycle.Transitions {
				filled = append(filled, set(t.Name))
			}
		}
		return append(filled, set("nothing"))
	case what == "{batch}":
		return []stop{set(w.batch), set("none")}
	}
	if what == "{id}" {
		filled = append(filled, set(w.own))
	}
	values, named := known[what]
	if !named {
		values = known[""]
	}
	for _, value := range values {
		filled = append(filled, set(value))
	}
	return filled
}

// filled gives each request the body that its route would accept.
func (w *town) filled(stops []stop) []stop {
	w.Helper()
	for i := range stops {
		s := &stops[i]
		s.content = "application/x-www-form-urlencoded"
		switch {
		case s.method == http.MethodGet || s.method == http.MethodDelete:
		case strings.HasSuffix(s.pattern, "/files"), s.pattern == "POST /{register}/import":
			s.content, s.body = "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"walked.csv\"\r\n\r\nKey,Name\r\n,walked\r\n--x--\r\n"
		case s.pattern == "POST /libraries/import":
			s.content, s.body = "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"walked.yaml\"\r\n\r\n"+libraryOf(strings.ReplaceAll(w.walked(), " ", "-"))+"\r\n--x--\r\n"
		case s.pattern == "POST /risks/import":
			s.content, s.body = "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"walked.csv\"\r\n\r\nRisk,Likelihood,Impact\n"+w.walked()+",1,1\r\n--x\r\nContent-Disposition: form-data; name=\"do\"\r\n\r\nwrite\r\n--x--\r\n"
		case s.pattern == "POST /statement/import", s.pattern == "POST /gap/{campaign}/import":
			s.content, s.body = "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"walked.csv\"\r\n\r\nControl,Applicable\r\nA.5.1,yes\r\n--x--\r\n"
		case strings.HasSuffix(s.pattern, "/import"):
			s.path, s.body = s.path+"?format=csv", w.file(*s)
		case strings.HasPrefix(s.path, "/api/"):
			s.content, s.body = "application/json", w.json(*s)
		default:
			s.body = w.form(*s)
		}
		if s.method == http.MethodGet && strings.HasSuffix(s.pattern, "/export") {
			s.path += "?format=csv"
		}
		if query := queries[s.pattern]; query != "" {
			s.path += query
		}
		if strings.HasSuffix(s.pattern, "/groups") {
			s.path += "?by=state"
		}
		if strings.HasSuffix(s.path, "/undo") {
			s.path += "?to=1"
		}
	}
	return stops
}

// walked numbers what is made, so that no two requests are refused as the same.
func (w *town) walked() string { w.count++; return fmt.Sprintf("walked %d", w.count) }

// queries are what pages that show nothing without one are asked with.
var queries = map[string]string{"GET /settings/member": "?email=reader@example.org", "GET /views/new": "?page=/assets",
	"GET /evidence/new": "?implementation=IMP-71&line=A.5.1/policies-reviewed", "GET /attestations/new": "?implementation=IMP-71&line=A.5.1/policies-reviewed"}

// file is a file of a row with a title.
func (w *town) file(s stop) string {
	if s.def == nil {
		return "Key\n"
	}
	f, _ := s.def.Field(w.titleField(s.def))
	return fmt.Sprintf("Key,%s\n,%s\n", f.Label, w.walked())
}

// fields gives plausible values of a register with a name of their own.
func (w *town) fields(s stop) (map[string]any, error) {
	values, err := w.plausible(s.def)
	if err != nil {
		return nil, err
	}
	if s.key != "" { // an edit: one field is enough
		values = map[string]any{}
	}
	for _, f := range s.def.Fields {
		if f.IsTitle && !f.Derived {
			values[f.Key] = w.walked()
		}
		if _, given := values[f.Key]; given && f.Unique && !f.IsReference() {
			values[f.Key] = strings.ReplaceAll("own."+w.walked(), " ", "-")
			if s.def.Name == "own_control" {
				values[f.Key] = fmt.Sprintf("NQ-%d", w.count)
			}
		}
	}
	return values, nil
}

func (w *town) mustFields(s stop) map[string]any {
	w.Helper()
	values, err := w.fields(s)
	w.must(err)
	return values
}

func (w *town) json(s stop) string {
	w.Helper()
	body := map[string]any{}
	switch {
	case s.def == nil || strings.HasSuffix(s.pattern, "/undo"):
	case strings.Contains(s.pattern, "/transitions/"):
		body["reason"] = "walked"
	case strings.HasSuffix(s.pattern, "/bulk"):
		body["fields"], body["accept_refused"] = map[string]any{editable(s.def): w.walked()}, true
	default:
		body["fields"], body["reason"] = w.mustFields(s), "walked"
	}
	data, err := json.Marshal(body)
	w.must(err)
	return string(data)
}

// editable is a field of words that people type.
func editable(def *register.Definition) string {
	i := slices.IndexFunc(def.Fields, func(f register.Field) bool {
		return !f.Derived && !f.Many && (f.Kind == register.Text || f.Kind == register.Markdown) && (!f.Unique || f.IsTitle)
	})
	if i < 0 {
		return def.Fields[0].Key
	}
	return def.Fields[i].Key
}

func (w *town) titleField(def *register.Definition) string {
	for _, f := range def.Fields {
		if f.IsTitle {
			return f.Key
		}
	}
	return ""
}

func (w *town) form(s stop) string {
	w.Helper()
	form := url.Values{"reason": {"walked"}, "text": {"walked"}, "to": {"1"}, "title": {w.walked()}, "password": {walkPassword}, "old": {walkPassword}, "page": {"/assets"}, "query": {""}, "act": {"hide:drift"}, "order": {""},
		"email": {"reader@example.org"}, "roles": {"reader"}, "days": {"5"}, "may": {"all"}, "organisation": {"1"}, "key": {w.keys["source"]}, "id": {cmp.Or(w.ids[s.pattern], "none")}, "theme": {"dark"}, "register": {"asset"}, "do": {"write"}, "field": {""}, "step": {"0"}}
	switch s.pattern {
	case "POST /settings/invite":
		form.Set("email", strings.ReplaceAll(w.walked(), " ", "")+"@example.org")
	case "POST /settings/member": // somebody who has a place already
		form.Set("email", "owner@example.org")
	}
	if s.def != nil {
		for key, value := range w.mustFields(s) {
			form[key] = []string{fmt.Sprint(value)}
			if many, ok := value.([]any); ok {
				form[key] = []string{fmt.Sprint(many...)}
			}
		}
		form.Set("field", editable(s.def))
		form.Set(editable(s.def), w.walked())
		if strings.HasSuffix(s.pattern, "/bulk") {
			form.Set("key", w.keys[s.def.Name])
		}
	}
	return form.Encode()
}

// ask sends a request as somebody.
func (w *town) ask(who string, s stop) (status int, body string) {
	w.Helper()
	r, err := http.NewRequest(s.method, w.URL+s.path, strings.NewReader(s.body))
	w.must(err)
	r.Header.Set("Content-Type", s.content)
	switch {
	case who == "stranger":
	case strings.HasPrefix(s.path, "/api/"):
		r.Header.Set("Authorization", "Bearer "+w.tokens[who])
	default:
		r.AddCookie(&http.Cookie{Name: "sextant_session", Value: w.session(who)})
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	w.must(err)
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	w.must(err)
	if to := answer.Header.Get("Location"); strings.HasPrefix(to, "/sign-in") && s.pattern != "POST /sign-out" {
		return http.StatusUnauthorized, "" // sent to sign in
	}
	return answer.StatusCode, string(data)
}

// all gives every request, what ends something last.
func (w *town) all() (stops []stop) {
	w.Helper()
	last := regexp.MustCompile(`^DELETE|/delete|/dismiss|/sign-out|/end-|/password|/settings/member|/undo`)
	for _, late := range []bool{false, true} {
		for _, pattern := range w.routes {
			if last.MatchString(pattern) == late {
				stops = append(stops, w.stops(pattern)...)
			}
		}
	}
	return stops
}

// head is where the first organisation's log stands.
func (w *town) head() (seq sextant.Seq) {
	w.Helper()
	w.must(w.p.kernel.Read(context.Background(), operatorOf(w.org), 0, func(v *register.View) (err error) { seq, _, err = v.Head(); return err }))
	return seq
}

// since tells what was recorded after a position.
func (w *town) since(seq sextant.Seq) (what []string) {
	w.Helper()
	w.must(w.p.kernel.Read(context.Background(), operatorOf(w.org), 0, func(v *register.View) error {
		lines, err := v.Beneath().Journal(seq+1, 100, "", "")
		for _, l := range lines {
			what = append(what, strings.TrimSpace(l.Kind+" "+l.Register))
		}
		return err
	}))
	return what
}

var public = []string{"/sign-in", "/set-up", "/join", "/api/openapi.json"}

// Every page and resource, as every role, now and in the past: nothing breaks,
// and who is not signed in is sent to sign in.
func everyPage(w *town) {
	met := map[string]bool{} // patterns that somebody was shown
	past := url.QueryEscape(sextant.SystemClock().String())
	for _, s := range w.all() {
		if s.method != http.MethodGet {
			continue
		}
		for _, role := range w.looking {
			status, body := w.ask(string(role), s)
			met[s.pattern] = met[s.pattern] || status == http.StatusOK
			if status >= 500 || status == http.StatusUnauthorized {
				w.Errorf("GET %s as %s: %d %.200s", s.path, role, status, body)
			}
		}
		if status, _ := w.ask("stranger", s); status != http.StatusUnauthorized && !slices.Contains(public, s.path) {
			w.Errorf("GET %s as a stranger: %d", s.path, status)
		}
		then := s
		then.path += map[bool]string{true: "&", false: "?"}[strings.Contains(s.path, "?")] + "as_of=" + past
		if status, body := w.ask("isms_manager", then); status >= 500 {
			w.Errorf("GET %s: %d %.200s", then.path, status, body)
		}
	}
	for _, pattern := range w.routes {
		if strings.HasPrefix(pattern, "GET") && !met[pattern] && !slices.Contains([]string{"GET /gap/{campaign}/focus", "GET /risks/criteria/{criteria}/edit", "GET /join", "GET /set-up", "GET /get-started", "GET /runs/{seq}", "GET /jobs/{id}", "GET /resources/{id}", "GET /resources/{type}/{key...}", "GET /document-versions/{key}", "GET /document-versions/{key}/edit", "GET /document-versions/{key}/file"}, pattern) {
			w.Errorf("%s was shown to nobody: the walk proves nothing of it; give known or queries what it needs", pattern)
		}
	}
}

// Whoever is of another organisation gets for a key what they get for one that
// nobody has, and changes nothing.
func otherOrganisation(w *town) {
	compared := 0
	for _, s := range w.all() {
		if s.key == "" || s.key == "ORG-1" {
			continue // ORG-1 is theirs, too
		}
		missing := s
		missing.path = strings.Replace(s.path, s.key, s.def.Prefix+"-98765", 1)
		before := w.head()
		status, body := w.ask("other", s)
		wanted, without := w.ask("other", missing)
		body, without = strings.ReplaceAll(body, s.key, "KEY"), strings.ReplaceAll(without, s.def.Prefix+"-98765", "KEY")
		if status != wanted || body != without || status < 400 {
			w.Errorf("%s %s as somebody of another organisation: %d, for a missing key %d\n%.300s\n%.300s", s.method, s.path, status, wanted, body, without)
		}
		if what := w.since(before); len(what) > 0 {
			w.Errorf("%s %s as somebody of another organisation wrote %v", s.method, s.path, what)
		}
		compared++
	}
	if compared < 200 {
		w.Errorf("only %d requests were compared", compared)
	}
}

// mayRecord is what a reader's or an external auditor's requests may leave in
// the log: what concerns their own account, and of a reader a remark, a file
// beside an entry, and a view of their own.
var mayRecord = map[string][]string{"external_auditor": {"account"}, "reader": {"account", "entry comment", "entry attachment", "entry saved_view"}}

// mayPost are the requests of theirs that may be answered by other than a
// refusal.
var mayPost = regexp.MustCompile(`^POST /(account/|get-started/hide|appearance|switch|sign-|set-up|join|my-notices/read)`)

// Who may only read writes nowhere, by no page and no resource.
func whoMayOnlyReadWritesNowhere(w *town) {
	for _, s := range w.all() {
		if s.method == http.MethodGet {
			continue
		}
		for _, who := range []string{"stranger", "external_auditor", "reader"} {
			before := w.head()
			status, body := w.ask(who, s)
			recorded := w.since(before)
			for _, what := range recorded {
				if !slices.Contains(mayRecord[who], what) {
					w.Errorf("%s %s as %s wrote %s (%d)", s.method, s.path, who, what, status)
				}
			}
			if status >= 500 || (status < 400 && len(recorded) == 0 && !mayPost.MatchString(s.pattern) && !changesNothing(s, body)) {
				w.Errorf("%s %s as %s: %d %.300s", s.method, s.path, who, status, body)
			}
		}
	}
}

// changesNothing: a try of a file, or a file without a row that could be read;
// the log has told that nothing was written.
func changesNothing(s stop, body string) bool {
	return s.pattern == "POST /{register}/import" || (strings.HasSuffix(s.pattern, "/import") && strings.Contains(body, `"outcomes":null`)) || (strings.HasSuffix(s.pattern, "/bulk") && strings.Contains(body, `"outcomes":null`))
}

// The same requests as somebody who may: nothing breaks, and each route is one
// that would have written.
func whoMayWriteDoes(w *town) {
	done := map[string]bool{}
	for _, who := range w.writing {
		for _, s := range w.all() {
			if s.method == http.MethodGet {
				continue
			}
			status, body := w.ask(who, s)
			if status >= 500 && status != http.StatusServiceUnavailable {
				w.Errorf("%s %s as %s: %d %.300s", s.method, s.path, who, status, body)
			}
			done[s.pattern] = done[s.pattern] || status < 400
		}
	}
	for _, pattern := range w.routes {
		if !strings.HasPrefix(pattern, "GET") && !done[pattern] && !slices.Contains(needMore, pattern) {
			w.Errorf("%s was refused to everybody: the walk proves nothing of it; give the form what it needs, or needMore the reason", pattern)
		}
	}
}

// needMore are routes that need what no single request can bring along: a link,
// a code of the second factor, a file that was tried before, a job, another
// session, a machine with one organisation, a form of many rows, a bulk change, a
// notice of one's own.
var needMore = []string{"POST /my-notices/{notice}/read", "POST /statement/proposals/undo", "POST /statement/reasons/undo", "POST /statement/{system}/{id}/proposals", "POST /statement/proposals/{proposal}", "POST /gap/{campaign}/start", "POST /gap/{campaign}/close", "POST /gap/{campaign}/import", "POST /lint/{rule}/task", "POST /lint/{rule}/waive", "POST /evidence", "POST /documents/begin", "POST /documents/{key}/write", "POST /documents/{key}/upload", "POST /get-started/organisation", "POST /get-started/scope", "POST /get-started/units", "POST /statement/{system}/{id}/reasons", "POST /account/end-session", "POST /settings/backup", "POST /join", "POST /set-up", "POST /account/second-factor", "POST /account/end-second-factor", "POST /{register}/import/write", "POST /libraries/import/write", "POST /jobs/{id}/cancel", "POST /jobs/{id}/retry"}

func walkEverything(w *town) {
	t := w.T
	for _, part := range []struct {
		name string
		walk func(*town)
	}{{"every page as every role", everyPage}, {"another organisation", otherOrganisation}, {"who may only read", whoMayOnlyReadWritesNowhere}, {"who may write", whoMayWriteDoes}} {
		t.Run(part.name, func(t *testing.T) { w.T = t; part.walk(w) })
	}
}

func TestEveryRouteIsWalkedAsEveryRoleOnSQLite(t *testing.T) {
	w := newTown(t, prepared(t))
	w.looking, w.writing = walkers, []string{"owner", "internal_auditor", "admin", "isms_manager"}
	walkEverything(w)
}

// Who may what does not depend on the store: there one role of each kind is enough.
func TestEveryRouteIsWalkedAsEveryRoleOnPostgreSQL(t *testing.T) {
	database := testserver.PostgreSQL(t)
	w := newTown(t, prepared(t, database.App, database.Owner))
	w.looking, w.writing = []access.Role{access.Admin, access.ISMSManager, access.ExternalAuditor}, []string{"admin", "isms_manager"}
	walkEverything(w)
}
