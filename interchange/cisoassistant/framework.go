// SPDX-License-Identifier: Apache-2.0

package cisoassistant

import (
	"strings"

	"gopkg.in/yaml.v3"

	"sextant/interchange/yamltree"
	"sextant/library"
)

func (r *reader) framework(by string, n *yaml.Node) {
	f := library.Framework{URN: strings.ToLower(by)}
	var drafts []library.Draft
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := strings.TrimSpace(yamltree.Text(value))
		switch key {
		case "urn":
			f.URN = firstOf(urn(value), f.URN)
		case "ref_id":
			f.RefID = text
		case "name":
			f.Name = text
		case "description":
			f.Description = text
		case "min_score":
			f.MinScore = text
		case "max_score":
			f.MaxScore = text
		case "scores_definition", "score_definition", "scores":
			f.Scores = r.levels("score", value)
		case "implementation_groups_definition", "implementation_group_definition":
			f.Groups = r.levels("implementation group", value)
		case "requirement_nodes", "requirement_node":
			r.each(value, nodeFields, func(by string, n *yaml.Node) { drafts = append(drafts, r.node(by, n)) })
		case "translations":
			f.Texts = translations(value)
		default:
			r.unread("framework", key)
		}
	})
	f.Name = firstOf(f.Name, f.RefID, r.content.Name)
	if f.URN == "" {
		f.URN = r.content.URN + ":framework"
		r.report.Took(library.MissingURN, f.Name)
	}
	f.Nodes = library.Arrange(drafts, &r.names, r.report)
	r.content.Frameworks = append(r.content.Frameworks, f)
}

var nodeFields = []string{"urn", "ref_id", "name", "description", "assessable", "depth"}

func (r *reader) node(by string, n *yaml.Node) library.Draft {
	d := library.Draft{Node: library.Node{URN: strings.ToLower(by)}}
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := yamltree.Text(value)
		switch key {
		case "urn":
			d.URN = firstOf(urn(value), d.URN)
		case "parent_urn":
			d.ParentURN = urn(value)
		case "depth":
			d.Depth = strings.TrimSpace(text)
		case "ref_id":
			d.RefID = strings.TrimSpace(text)
		case "name":
			d.Name = strings.TrimSpace(text)
		case "description":
			d.Description = strings.TrimSpace(text)
		case "annotation":
			d.Annotation = strings.TrimSpace(text)
		case "assessable":
			d.Assessable = isTrue(value)
		case "weight":
			d.Weight = text
		case "typical_evidence", "typical_evidences":
			d.Evidence = texts(value)
		case "implementation_groups", "implementation_group":
			d.Groups = texts(value)
		case "reference_controls", "reference_control":
			d.Controls = urns(value)
		case "threats", "threat":
			d.Threats = urns(value)
		case "questions", "question":
			r.each(value, questionFields, func(by string, n *yaml.Node) { d.Questions = append(d.Questions, r.questions(by, n)...) })
		case "translations":
			d.Texts = translations(value)
		default:
			r.unread("requirement node", key)
		}
	})
	return d
}

// questions reads one question. The oldest form keeps several beneath one type
// and one list of choices.
func (r *reader) questions(by string, n *yaml.Node) (list []library.Question) {
	q := library.Question{URN: strings.ToLower(by)}
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		switch key {
		case "urn":
			q.URN = firstOf(urn(value), q.URN)
		case "text":
			q.Text = strings.TrimSpace(yamltree.Text(value))
		case "type", "question_type":
			q.Type = yamltree.Text(value)
		case "choices", "choice", "question_choices":
			q.Choices = r.choices(value)
		case "questions":
			r.each(value, questionFields, func(by string, n *yaml.Node) { list = append(list, r.questions(by, n)...) })
		case "translations":
		default:
			r.unread("question", key)
		}
	})
	if list == nil {
		return []library.Question{q}
	}
	for i := range list {
		if list[i].Type == "" {
			list[i].Type = q.Type
		}
		if list[i].Choices == nil {
			list[i].Choices = q.Choices
		}
	}
	return list
}

func (r *reader) choices(n *yaml.Node) (list []library.Choice) {
	for _, item := range yamltree.Items(n) {
		if item.Kind == yaml.ScalarNode {
			list = append(list, library.Choice{Value: item.Value})
			continue
		}
		r.each(item, choiceFields, func(by string, n *yaml.Node) {
			c := library.Choice{URN: strings.ToLower(by)}
			yamltree.Pairs(n, func(key string, value *yaml.Node) {
				switch key {
				case "urn":
					c.URN = firstOf(urn(value), c.URN)
				case "value", "text", "name":
					c.Value = yamltree.Text(value)
				case "add_score", "score":
					c.Score = yamltree.Text(value)
				case "translations":
				default:
					r.unread("choice", key)
				}
			})
			list = append(list, c)
		})
	}
	return list
}

// levels reads the steps of a scale or named groups: a list, a mapping by value,
// or one by itself; a step may be its name alone.
func (r *reader) levels(object string, n *yaml.Node) (list []library.Level) {
	if n = yamltree.Resolve(n); n != nil && n.Kind == yaml.MappingNode && !isOne(n, levelFields) {
		yamltree.Pairs(n, func(key string, value *yaml.Node) {
			if value.Kind == yaml.ScalarNode {
				list = append(list, library.Level{Value: key, Name: yamltree.Text(value)})
				return
			}
			list = append(list, r.level(object, key, value))
		})
		return list
	}
	for _, item := range yamltree.Items(n) {
		if item.Kind == yaml.ScalarNode {
			list = append(list, library.Level{Name: yamltree.Text(item)})
			continue
		}
		list = append(list, r.level(object, "", item))
	}
	return list
}

func (r *reader) level(object, by string, n *yaml.Node) library.Level {
	l := library.Level{Value: by}
	yamltree.Pairs(n, func(key string, value *yaml.Node) {
		text := yamltree.Text(value)
		switch key {
		case "score", "ref_id", "id":
			l.Value = firstOf(text, l.Value)
		case "name":
			l.Name = text
		case "description", "description_doc":
			l.Description = firstOf(l.Description, text)
		case "abbreviation":
			l.Short = text
		case "hexcolor", "color":
			l.Colour = colour(text)
		case "translations":
			l.Texts = translations(value)
		default:
			r.unread(object, key)
		}
	})
	return l
}

// colour gives #rrggbb in small letters, "" for anything else: it is drawn.
func colour(text string) string {
	text = strings.ToLower(strings.TrimSpace(text))
	if len(text) != 7 || text[0] != '#' || strings.Trim(text[1:], "0123456789abcdef") != "" {
		return ""
	}
	return text
}
