// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/term"

	"sextant"
)

// Password implements Terminal: typed unseen at a keyboard, else the first line
// of standard input.
func (h Here) Password(prompt string) (string, error) {
	if file, ok := h.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(h.Stderr, prompt)
		data, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(h.Stderr)
		return string(data), err
	}
	line, err := bufio.NewReader(h.Stdin).ReadString('\n')
	if line = strings.TrimRight(line, "\r\n"); line == "" {
		return "", sextant.Errorf(sextant.Invalid, "no password: %v", err).WithHint("set SEXTANT_PASSWORD, or type it at a terminal")
	}
	return line, nil
}
