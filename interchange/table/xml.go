// SPDX-License-Identifier: Apache-2.0

package table

import (
	"encoding/xml"
	"errors"
	"io"

	"sextant"
)

// maxDepth of nested elements; a worksheet needs ten or so.
const maxDepth = 100

// walk reads XML token by token. Names come without prefix: programs choose
// their own. Nothing is resolved or fetched, and a document type, the door to
// entity attacks, is refused.
func (a *archive) walk(r io.Reader, fn func(xml.Token) error) error {
	dec := xml.NewDecoder(&tokenLimit{r: r})
	depth, any := 0, false
	for {
		token, err := dec.RawToken()
		if err == io.EOF {
			if depth != 0 || !any {
				return damaged(io.ErrUnexpectedEOF)
			}
			return nil
		}
		if err != nil {
			return damaged(err)
		}
		switch token.(type) {
		case xml.Directive:
			return damaged(errors.New("it declares a document type"))
		case xml.StartElement:
			depth, any = depth+1, true
			a.count++
		case xml.EndElement:
			depth--
		}
		if depth > maxDepth || depth < 0 {
			return damaged(errors.New("its elements are not nested properly"))
		}
		if a.count > a.limits.Elements {
			return sextant.Errorf(sextant.TooLarge, "the spreadsheet holds more than %d XML elements", a.limits.Elements).WithHint("split it into several files")
		}
		if err := fn(token); err != nil {
			return damaged(err)
		}
	}
}

// elements calls fn for every element of a small part.
func (a *archive) elements(name string, fn func(element string, attr func(string) string) error) error {
	r, err := a.open(name)
	if err != nil {
		return err
	}
	defer r.Close()
	return a.walk(r, func(token xml.Token) error {
		start, ok := token.(xml.StartElement)
		if !ok {
			return nil
		}
		return fn(start.Name.Local, func(key string) string { return attribute(start, key) })
	})
}

// attribute gives an attribute whatever its prefix, "" where there is none.
func attribute(e xml.StartElement, key string) string {
	for _, a := range e.Attr {
		if a.Name.Local == key {
			return a.Value
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || s == "true" }

// tokenLimit ends the reading when no markup comes for so long that one text
// would fill the memory.
type tokenLimit struct {
	r   io.Reader
	gap int
}

const maxToken = 8 << 20

func (t *tokenLimit) Read(p []byte) (int, error) {
	n, err := t.r.Read(p)
	for _, b := range p[:n] {
		if t.gap++; b == '<' {
			t.gap = 0
		}
	}
	if t.gap > maxToken {
		return 0, errors.New("one text in it is longer than 8 MiB")
	}
	return n, err
}
