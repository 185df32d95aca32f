// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"sextant"
)

// socketName is the socket's name in its data folder.
const socketName = "socket"

// longest path a socket can be bound to: sun_path less its end.
const longest = 100

// address gives a path of the folder's socket that is short enough. done lets
// go of what holds it.
func address(folder string) (path string, done func(), err error) {
	path = filepath.Join(folder, socketName)
	if len(path) <= longest {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, sextant.Errorf(sextant.Invalid, "the path of the data folder is too long for a socket: %s", folder).WithHint("choose a shorter one with --data")
	}
	dir, err := os.Open(folder)
	if err != nil {
		return "", nil, sextant.Errorf(sextant.Unavailable, "%w", err)
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), socketName), func() { dir.Close() }, nil
}
