// SPDX-License-Identifier: Apache-2.0

package oscal

import "encoding/xml"

// UnmarshalXML reads a part: its prose stands between its other elements.
func (p *Part) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	p.ID, p.Name, p.NS, p.Class = attribute(start, "id"), attribute(start, "name"), attribute(start, "ns"), attribute(start, "class")
	var prose markdown
	for {
		token, err := d.Token()
		if err != nil {
			return err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if err := p.child(d, t, &prose); err != nil {
				return err
			}
		case xml.EndElement:
			p.Prose = Markup(prose.text())
			return nil
		}
	}
}

func (p *Part) child(d *xml.Decoder, t xml.StartElement, prose *markdown) error {
	switch t.Name.Local {
	case "title":
		return d.DecodeElement(&p.Title, &t)
	case "prop":
		p.Props = append(p.Props, Prop{})
		return d.DecodeElement(&p.Props[len(p.Props)-1], &t)
	case "link":
		p.Links = append(p.Links, Link{})
		return d.DecodeElement(&p.Links[len(p.Links)-1], &t)
	case "part":
		p.Parts = append(p.Parts, Part{})
		return d.DecodeElement(&p.Parts[len(p.Parts)-1], &t)
	}
	prose.begin(t)
	err := prose.within(d, t)
	prose.end(t)
	return err
}
