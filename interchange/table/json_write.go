// SPDX-License-Identifier: Apache-2.0

package table

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
)

// WriteJSON writes an array with one object a row, keyed by column key, null
// where a cell is empty. Labels and colours stay behind.
func (s Sheet) WriteJSON(w io.Writer) error {
	if err := checkColumns(s.Columns); err != nil {
		return err
	}
	keys := make([][]byte, len(s.Columns))
	for i, c := range s.Columns {
		keys[i], _ = json.Marshal(c.Key) // a string always marshals
	}
	out := bufio.NewWriter(w)
	var line bytes.Buffer
	values := json.NewEncoder(&line)
	values.SetEscapeHTML(false)
	out.WriteString("[")
	err := s.each(func(n int, row []any) error {
		line.Reset()
		if n > 1 {
			line.WriteByte(',')
		}
		line.WriteString("\n{")
		for i, v := range row {
			if i > 0 {
				line.WriteByte(',')
			}
			line.Write(keys[i])
			line.WriteByte(':')
			if err := values.Encode(v); err != nil {
				return err
			}
			line.Truncate(line.Len() - 1) // Encode ends with a line break
		}
		line.WriteByte('}')
		_, err := out.Write(line.Bytes())
		return err
	})
	if err != nil {
		return err
	}
	out.WriteString("\n]\n")
	return out.Flush()
}
