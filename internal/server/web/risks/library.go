// SPDX-License-Identifier: Apache-2.0

package risks

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"sextant"
	"sextant/access"
	"sextant/asset"
	"sextant/check"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
	"sextant/organisation"
	"sextant/register"
	"sextant/risk"
	"sextant/risk/scenario"
)

// libraryView is the scenarios there are to choose from.
type libraryView struct {
	Shown       []storyRow
	All, Taken  int
	Categories  []facet
	Kinds       []choice // of asset
	Kind, Words string
	Category    string
	Suggestions []suggestion
	MayImport   bool
	takeForm
}

// facet is a category with the number of scenarios it has.
type facet struct {
	Key, Label, Path string
	Count            int
	Current          bool
}

// storyRow is a scenario in the list.
type storyRow struct {
	Ref, ID, Title, Event, Kinds, Category string
	Path                                   string
	Strategic                              bool
	Own                                    bool     // of the organisation's own
	Risks                                  []choice // that were made of it
}

// takeForm is what several scenarios are taken with at once.
type takeForm struct {
	MayTake     bool
	People      []choice
	Units       []choice
	Assets      []choice
	Owner, Unit string
	Chosen      []string // assets
	Picked      []string // scenarios
	Problem     page.Problem
}

func (s *section) library(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	return s.drawLibrary(w, r, actor, nil)
}

func (s *section) drawLibrary(w http.ResponseWriter, r *http.Request, actor access.Actor, refused error) error {
	status, view := http.StatusOK, libraryView{}
	if refused != nil {
		var ok bool
		if view.Problem, ok = page.ProblemOf(refused); !ok {
			return refused
		}
		status = view.Problem.Status
		view.Owner, view.Unit, view.Chosen, view.Picked = r.PostFormValue("owner"), r.PostFormValue("unit"), r.PostForm["asset"], r.PostForm["scenario"]
	}
	p := s.Page(r, actor, message.T(r.Context(), "scenarios.title"))
	p.Path = libraryPath
	view.MayImport = s.mayImport(actor) == nil && !p.Past()
	if err := s.Read(r, actor, func(v *register.View) (err error) {
		if err = view.fill(v, p); err != nil {
			return err
		}
		view.Suggestions, err = s.suggestions(v)
		return err
	}); err != nil {
		return err
	}
	s.DrawStatus(w, r, status, libraryPage(p, view))
	return nil
}

func (view *libraryView) fill(v *register.View, p page.Page) error {
	ctx := v.Context()
	view.Kind, view.Words, view.Category = p.Query.Get("kind"), p.Query.Get("search"), p.Query.Get("category")
	all, err := stories(v, p)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, row := range all {
		if len(row.Risks) > 0 {
			view.Taken++
		}
		if !row.fits(view.Kind, view.Words) {
			continue
		}
		counts[row.Category]++
		counts[""]++
		if view.Category == "" || row.Category == view.Category {
			view.Shown = append(view.Shown, row)
		}
	}
	view.All = len(all)
	for _, category := range append([]string{""}, valuesOf("category")...) {
		if counts[category] == 0 && category != view.Category && category != "" {
			continue
		}
		f := facet{Key: category, Label: message.T(ctx, "list.all"), Path: p.With("category", category), Count: counts[category], Current: category == view.Category}
		if category != "" {
			f.Label = message.Mark(ctx, label("category", category))
		}
		view.Categories = append(view.Categories, f)
	}
	for _, kind := range scenario.AssetTypes() {
		view.Kinds = append(view.Kinds, choice{string(kind), message.Mark(ctx, kindLabel(string(kind)))})
	}
	return view.takeForm.fill(v, p)
}

func kindLabel(kind string) string {
	f, _ := asset.Assets.Definition.Field("type")
	return f.ValueLabel(kind)
}

// stories are the scenarios of the library and the organisation's own, with the
// risks that were made of them.
func stories(v *register.View, p page.Page) (list []storyRow, err error) {
	made := map[string][]choice{}
	b, err := board(v)
	if err != nil {
		return nil, err
	}
	for _, r := range b.Risks {
		for _, ref := range r.Fields.Scenarios {
			made[ref] = append(made[ref], choice{r.Key, r.Title()})
		}
	}
	for _, c := range scenario.Library().Scenarios() {
		list = append(list, storyRow{Ref: scenarioPrefix + c.ID, ID: c.ID, Title: c.Title, Event: c.Event, Kinds: kindsText(v.Context(), c.AssetTypes), Category: string(c.Category), Path: p.Link(libraryPath + "/" + c.ID),
			Strategic: c.Level == scenario.Strategic, Risks: made[scenarioPrefix+c.ID]})
	}
	own, err := risk.Scenarios.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	for _, e := range own {
		f := e.Fields
		list = append(list, storyRow{Ref: e.Key, ID: e.Key, Title: f.Title, Event: f.Event, Kinds: strings.Join(page.Names(f.AssetTypes, func(k string) string { return message.Mark(v.Context(), kindLabel(k)) }), ", "), Category: ownCategory(f),
			Path: p.Link(page.Path(e.Entry)), Strategic: f.Level == "strategic", Own: true, Risks: made[e.Key]})
	}
	return list, err
}

func kindsText(ctx context.Context, kinds []scenario.AssetType) string {
	words := make([]string, len(kinds))
	for i, kind := range kinds {
		words[i] = message.Mark(ctx, kindLabel(string(kind)))
	}
	return strings.Join(words, ", ")
}

// fits says whether a scenario is about a kind of asset, and says the words.
func (row storyRow) fits(kind, words string) bool {
	if kind != "" && !strings.Contains(strings.ToLower(row.Kinds), strings.ToLower(kindLabel(kind))) {
		return false
	}
	text := strings.ToLower(row.Title + " " + row.Event + " " + row.Kinds)
	return !slices.ContainsFunc(strings.Fields(strings.ToLower(words)), func(w string) bool { return !strings.Contains(text, w) })
}

// fill lists who can own a risk, where, and of what.
func (f *takeForm) fill(v *register.View, p page.Page) error {
	f.MayTake = v.MayCreate(risk.Risks.Definition) && !p.Past()
	if !f.MayTake {
		return nil
	}
	people, err := organisation.Persons.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active"}})
	if err != nil {
		return err
	}
	for _, person := range people {
		f.People = append(f.People, choice{person.Key, person.Title()})
	}
	slices.SortFunc(f.People, func(a, b choice) int { return strings.Compare(a.Name, b.Name) })
	units, err := organisation.ScopeUnits.All(v)
	if err != nil {
		return err
	}
	for _, unit := range units {
		f.Units = append(f.Units, choice{unit.Key, unit.Title()})
	}
	if f.Unit == "" && len(f.Units) > 0 {
		f.Unit = f.Units[0].Key
	}
	assets, err := usableAssets(v)
	for _, a := range assets {
		f.Assets = append(f.Assets, choice{a.Key, a.Title()})
	}
	return err
}

func usableAssets(v *register.View) ([]register.Of[asset.Asset], error) {
	return asset.Assets.All(v, register.Filter{Field: "state", Op: register.Is, Values: []string{"active", "proposed"}})
}

// mostFitting is how many assets of the kinds of a scenario are named where
// nobody chose any.
const mostFitting = 10

// take makes a risk of each chosen scenario, all or none.
func (s *section) take(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	if err := r.ParseForm(); err != nil {
		return sextant.Errorf(sextant.Invalid, "the form cannot be read")
	}
	var made []string
	err := s.Kernel.Write(r.Context(), actor, func(tx *register.Tx) (err error) {
		made, err = takeAll(tx, r.PostForm["scenario"], r.PostFormValue("owner"), r.PostFormValue("unit"), r.PostForm["asset"], "library")
		return err
	})
	if err != nil {
		return s.drawLibrary(w, r, actor, err)
	}
	to := listPath(filter("state", risk.Identified))
	if len(made) == 1 {
		to = path + "/" + made[0]
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func takeAll(tx *register.Tx, refs []string, owner, unit string, chosen []string, origin string) (made []string, err error) {
	chosen = slices.DeleteFunc(slices.Clone(chosen), func(key string) bool { return key == "" })
	switch {
	case len(refs) == 0:
		return nil, sextant.Errorf(sextant.Invalid, "no scenario was chosen").At("scenario").WithHint("tick those that could happen to you")
	case unit == "":
		return nil, sextant.Errorf(sextant.Invalid, "say where they could happen").At("unit")
	}
	assets, err := usableAssets(&tx.View)
	if err != nil {
		return nil, err
	}
	for _, ref := range refs {
		values, kinds, err := valuesFrom(tx, ref)
		if err != nil {
			return nil, err
		}
		values["scope_units"], values["origin"] = []any{unit}, origin
		if owner != "" {
			values["owner"] = owner
		}
		if of := assetsFor(assets, chosen, kinds); len(of) > 0 {
			values["assets"] = of
		} else if values["approach"] == "asset" {
			return nil, sextant.Errorf(sextant.Invalid, "%s is about assets, and the register has none of its kinds: %s", values["title"], strings.Join(page.Names(kinds, kindLabel), ", ")).At("asset").
				WithHint("choose the assets it is about, or add one of that kind first")
		}
		e, err := tx.Create(risk.Risks.Name, values, register.Note{Why: "taken from " + ref})
		if err != nil {
			return nil, err
		}
		made = append(made, e.Key)
	}
	return made, nil
}

// assetsFor are those that were chosen, else some of the kinds of the scenario.
func assetsFor(all []register.Of[asset.Asset], chosen, kinds []string) (keys []any) {
	for _, key := range chosen {
		keys = append(keys, key)
	}
	if len(keys) > 0 {
		return keys
	}
	for _, a := range all {
		if slices.Contains(kinds, a.Fields.Type) && len(keys) < mostFitting {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// valuesFrom begins a risk with what a scenario tells. It rates nothing, and
// declares no step: both are the organisation's to judge.
func valuesFrom(tx *register.Tx, ref string) (values map[string]any, kinds []string, err error) {
	if id, ok := strings.CutPrefix(ref, scenarioPrefix); ok {
		c, known := scenario.Library().Scenario(id)
		if !known {
			return nil, nil, sextant.Errorf(sextant.NotFound, "the library has no scenario %q", id).At("scenario")
		}
		values, kinds = libraryValues(c)
		return values, kinds, nil
	}
	own, err := risk.Scenarios.Get(tx, ref)
	if err != nil {
		return nil, nil, err
	}
	f := own.Fields
	values = map[string]any{"title": f.Title, "description": joinStory(f.Event, f.Consequence), "approach": f.Approach, "scenarios": []any{ref}, "threats": anys(f.Threats, ""), "vulnerabilities": anys(f.Vulnerabilities, ""),
		"category": ownCategory(f), "risk_source": f.RiskSource, "desired_end_state": f.DesiredEndState}
	values["properties"] = []any{"confidentiality", "integrity", "availability"}
	if touched := slices.DeleteFunc(slices.Clone(f.ConsequenceTypes), func(t string) bool { return !slices.Contains(valuesOf("properties"), t) }); len(touched) > 0 {
		values["properties"] = anys(touched, "")
	}
	var treating []any
	for _, control := range f.SuggestedControls {
		treating = append(treating, map[string]any{"control": control})
	}
	values["treating"] = treating
	return values, f.AssetTypes, nil
}

// ownCategory of a scenario that was written before scenarios had one is the first.
func ownCategory(s risk.Scenario) string { return cmp.Or(s.Category, valuesOf("category")[0]) }

func libraryValues(c scenario.Scenario) (map[string]any, []string) {
	values := map[string]any{"title": c.Title, "description": joinStory(c.Event, c.Consequence), "approach": string(c.Approach), "scenarios": []any{scenarioPrefix + c.ID},
		"threats": anys(c.Threats, "threat/"), "vulnerabilities": anys(c.Vulnerabilities, "vulnerability/"), "category": string(c.Category)}
	var properties, treating []any
	for _, property := range c.Properties {
		properties = append(properties, string(property))
	}
	for _, suggested := range c.Controls {
		treating = append(treating, map[string]any{"control": suggested.Reference(), "why": suggested.Why})
	}
	values["properties"], values["treating"] = properties, treating
	if source, ok := scenario.Library().Source(c.Source); ok {
		values["risk_source"] = source.Name
	}
	if end, ok := scenario.Library().EndState(c.EndState); ok {
		values["desired_end_state"] = end.Name
	}
	kinds := make([]string, len(c.AssetTypes))
	for i, kind := range c.AssetTypes {
		kinds[i] = string(kind)
	}
	return values, kinds
}

func joinStory(event, consequence string) string {
	return strings.TrimSpace(strings.TrimSpace(event) + "\n\n" + strings.TrimSpace(consequence))
}

func anys(list []string, prefix string) []any {
	out := make([]any, len(list))
	for i, item := range list {
		out[i] = prefix + item
	}
	return out
}

// pieceView is one piece of the library: a scenario, a threat or a weakness.
type pieceView struct {
	Kind, ID, Title string
	Scenario        *scenario.Scenario
	Source, End     string
	Text            string // of a threat or a weakness
	Facts           []fact
	Threats         []piece
	Weaknesses      []piece
	Controls        []piece
	Checks          []choice
	Parent          *piece
	Below           []piece
	Used            []piece // scenarios that name it
	Risks           []choice
	takeForm
}

// piece is another piece that is named, with why.
type piece struct{ ID, Title, Path, Why string }

func (s *section) piece(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, r.PathValue("id"))
	view, err := pieceOf(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := s.Read(r, actor, func(v *register.View) error { return view.fill(v, p) }); err != nil {
		return err
	}
	p.Title = view.Title
	s.Draw(w, r, piecePage(p, view))
	return nil
}

func pieceOf(id string) (view pieceView, err error) {
	l := scenario.Library()
	if c, ok := l.Scenario(id); ok {
		return pieceView{Kind: "scenario", ID: id, Title: c.Title, Scenario: &c}, nil
	}
	if t, ok := l.Threat(id); ok {
		return pieceView{Kind: "threat", ID: id, Title: t.Name, Text: t.Description}, nil
	}
	if w, ok := l.Vulnerability(id); ok {
		return pieceView{Kind: "vulnerability", ID: id, Title: w.Name, Text: w.Description}, nil
	}
	return view, sextant.Errorf(sextant.NotFound, "the library has no %q", id).WithHint("scenarios have names such as public-bucket, threats TH08, weaknesses V-SO-13")
}

func (view *pieceView) fill(v *register.View, p page.Page) error {
	b, err := board(v)
	if err != nil {
		return err
	}
	ref := view.Kind + "/" + view.ID
	for _, r := range b.Risks {
		if slices.Contains(slices.Concat(r.Fields.Scenarios, r.Fields.Threats, r.Fields.Vulnerabilities), ref) {
			view.Risks = append(view.Risks, choice{r.Key, r.Title()})
		}
	}
	switch view.Kind {
	case "scenario":
		view.tell(v, p)
		return view.takeForm.fill(v, p)
	case "threat":
		t, _ := scenario.Library().Threat(view.ID)
		view.Facts = []fact{{message.T(v.Context(), "scenarios.category"), words(v.Context(), risk.Threats.Definition, "category", string(t.Category)), ""}, {message.T(v.Context(), "scenarios.properties"), words(v.Context(), risk.Threats.Definition, "properties", texts1(t.Properties)...), ""},
			{message.T(v.Context(), "scenarios.origins"), words(v.Context(), risk.Threats.Definition, "origins", texts1(t.Origins)...), ""}}
		view.used(p, func(c scenario.Scenario) bool { return slices.Contains(c.Threats, view.ID) })
	case "vulnerability":
		w, _ := scenario.Library().Vulnerability(view.ID)
		view.Facts = []fact{{message.T(v.Context(), "scenarios.category"), words(v.Context(), risk.Vulnerabilities.Definition, "category", string(w.Category)), ""}, {message.T(v.Context(), "scenarios.kinds"), kindsText(v.Context(), w.AssetTypes), ""}}
		for _, id := range w.Controls {
			view.Controls = append(view.Controls, piece{ID: id, Title: v.TitleOf("control", scenario.Suggestion{Control: id}.Reference()), Path: p.Link("/controls/" + id)})
		}
		view.Threats = threats(p, w.Threats)
		view.used(p, func(c scenario.Scenario) bool { return slices.Contains(c.Vulnerabilities, view.ID) })
	}
	return nil
}

func texts1[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func words(ctx context.Context, def *register.Definition, key string, values ...string) string {
	f, _ := def.Field(key)
	return strings.Join(page.Names(values, func(v string) string { return message.Mark(ctx, f.ValueLabel(v)) }), ", ")
}

func threats(p page.Page, ids []string) (list []piece) {
	for _, id := range ids {
		t, _ := scenario.Library().Threat(id)
		list = append(list, piece{id, t.Name, p.Link(libraryPath + "/" + id), t.Description})
	}
	return list
}

func (view *pieceView) used(p page.Page, is func(scenario.Scenario) bool) {
	for _, c := range scenario.Library().Scenarios() {
		if is(c) {
			view.Used = append(view.Used, piece{c.ID, c.Title, p.Link(libraryPath + "/" + c.ID), ""})
		}
	}
}

// tell fills what stands beside the story of a scenario.
func (view *pieceView) tell(v *register.View, p page.Page) {
	l, c, ctx := scenario.Library(), view.Scenario, v.Context()
	if source, ok := l.Source(c.Source); ok {
		view.Source = source.Name
	}
	if end, ok := l.EndState(c.EndState); ok {
		view.End = end.Name
	}
	view.Facts = []fact{{message.T(ctx, "scenarios.category"), message.Mark(ctx, label("category", string(c.Category))), libraryPath + "?category=" + string(c.Category)}, {message.T(ctx, "scenarios.properties"), words(ctx, risk.Risks.Definition, "properties", texts1(c.Properties)...), ""},
		{message.T(ctx, "scenarios.kinds"), kindsText(ctx, c.AssetTypes), ""}}
	view.Threats = threats(p, c.Threats)
	for _, id := range c.Vulnerabilities {
		w, _ := l.Vulnerability(id)
		view.Weaknesses = append(view.Weaknesses, piece{id, w.Name, p.Link(libraryPath + "/" + id), w.Description})
	}
	for _, s := range c.Controls {
		view.Controls = append(view.Controls, piece{s.Control, v.TitleOf("control", s.Reference()), p.Link("/controls/" + s.Control), s.Why})
	}
	for _, id := range c.Notice.Checks {
		view.Checks = append(view.Checks, choice{p.Link("/checks/" + id), v.TitleOf("check", check.Prefix+id)})
	}
	if up, ok := l.Scenario(c.Parent); ok {
		view.Parent = &piece{up.ID, up.Title, p.Link(libraryPath + "/" + up.ID), ""}
	}
	for _, under := range l.Under(c.ID) {
		view.Below = append(view.Below, piece{under.ID, under.Title, p.Link(libraryPath + "/" + under.ID), ""})
	}
}

// blankForm begins a risk of one's own.
func (s *section) blankForm(w http.ResponseWriter, r *http.Request, actor access.Actor) error {
	p := s.Page(r, actor, message.T(r.Context(), "risks.blank.title"))
	var form takeForm
	if err := s.Read(r, actor, func(v *register.View) error {
		if !v.MayCreate(risk.Risks.Definition) {
			return sextant.Errorf(sextant.Denied, "risks are written by their owners, the ISMS manager and administrators")
		}
		return form.fill(v, p)
	}); err != nil {
		return err
	}
	s.Draw(w, r, blankPage(p, form))
	return nil
}
