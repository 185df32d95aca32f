// SPDX-License-Identifier: Apache-2.0

package library

import (
	"sextant/register"
)

// dangling notes the mappings whose ends are not there, and the sets whose
// frameworks are not here, neither in this library nor in another in use. They
// are taken all the same: the other library may come later, or be mended.
func dangling(v *register.View, c *Content, report *Report) error {
	if len(c.Mappings) == 0 {
		return nil
	}
	find := finder{view: v, own: Index(c)}
	for _, set := range c.Mappings {
		source, err := find.framework(set.Source)
		if err != nil {
			return err
		}
		target, err := find.framework(set.Target)
		if err != nil {
			return err
		}
		for _, absent := range []struct {
			urn string
			in  *Shelved
		}{{set.Source, source}, {set.Target, target}} {
			if absent.in == nil {
				report.Took(FrameworkAbsent, set.Name+": "+absent.urn)
			}
		}
		for _, m := range set.Mappings {
			if lacks(source, m.Source) {
				report.Took(DanglingEnd, m.Source)
			} else if lacks(target, m.Target) {
				report.Took(DanglingEnd, m.Target)
			}
		}
	}
	return nil
}

func lacks(s *Shelved, urn string) bool {
	if s == nil {
		return false
	}
	_, ok := s.NodeOfURN(urn)
	return !ok
}

// finder finds the library a framework is in.
type finder struct {
	view *register.View
	own  *Shelved
}

// framework gives the content a framework is in, nil where it is not here.
func (f finder) framework(urn string) (*Shelved, error) {
	for _, framework := range f.own.Frameworks {
		if framework.URN == urn {
			return f.own, nil
		}
	}
	_, s, err := WithFramework(f.view, urn)
	return s, err
}

// WithFramework finds the library in use that has a framework, by its urn; nil
// where there is none.
func WithFramework(v *register.View, urn string) (key string, s *Shelved, err error) {
	if urn == "" {
		return "", nil, nil
	}
	all, err := Libraries.All(v, register.Filter{Field: "framework_urns", Op: register.Is, Values: []string{urn}}, active)
	if err != nil || len(all) == 0 {
		return "", nil, err
	}
	s, err = Open(v, all[0].Fields)
	return all[0].Key, s, err
}
