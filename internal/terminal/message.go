// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"

	"sextant"
)

// op says what a message asks or answers.
type op byte

// From the shell: run, cancel, answer. From the owner: everything else. Those
// marked * are answered by one answer each.
const (
	opRun    op = iota + 1 // Body: a Request
	opCancel               // the person pressed ^C
	opAnswer               // Body: data; Error where it was refused
	opStdout               // Body: bytes to print
	opStderr
	opStdin    // * a piece of standard input; none at its end
	opPassword // * Text: the prompt
	opOpen     // * Text: the path; the answer's Handle names the file
	opRead     // * Handle: a piece of it; none at its end
	opClose    // * Handle
	opCreate   // * Text: the path
	opWrite    // * Handle, Body
	opKeep     // * Handle
	opDrop     // * Handle
	opFind     // * Body: path and suffixes as JSON; the answer's Body is a JSON list
	opExit     // Handle: the exit code
)

// message is one frame: op, handle, lengths of text, error and body, then these.
type message struct {
	Op     op
	Handle uint32
	Text   string
	Error  *sextant.Error
	Body   []byte
}

const (
	maxBody  = 256 << 10 // of one piece of a file or stream
	maxWords = 64 << 10  // of a path, a prompt or an error
	maxRun   = 4 << 20   // of a command with its arguments
)

func (m message) write(w *bufio.Writer) error {
	var refusal []byte
	if m.Error != nil {
		var err error
		if refusal, err = json.Marshal(m.Error); err != nil {
			return err
		}
	}
	head := make([]byte, 0, 17)
	head = append(head, byte(m.Op))
	for _, n := range []uint32{m.Handle, uint32(len(m.Text)), uint32(len(refusal)), uint32(len(m.Body))} {
		head = binary.BigEndian.AppendUint32(head, n)
	}
	for _, part := range [][]byte{head, []byte(m.Text), refusal, m.Body} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

func readMessage(r io.Reader) (m message, err error) {
	var head [17]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return m, err
	}
	m.Op, m.Handle = op(head[0]), binary.BigEndian.Uint32(head[1:])
	text, refusal, body := binary.BigEndian.Uint32(head[5:]), binary.BigEndian.Uint32(head[9:]), binary.BigEndian.Uint32(head[13:])
	if text > maxWords || refusal > maxWords || body > maxRun || (m.Op != opRun && body > maxBody) {
		return m, fmt.Errorf("terminal: a message of %d, %d and %d bytes", text, refusal, body)
	}
	data := make([]byte, text+refusal+body)
	if _, err := io.ReadFull(r, data); err != nil {
		return m, err
	}
	m.Text, m.Body = string(data[:text]), data[text+refusal:]
	if refusal > 0 {
		m.Error = &sextant.Error{}
		err = json.Unmarshal(data[text:text+refusal], m.Error)
	}
	return m, err
}
