// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"net"
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// peer names the user at the other end. Only the owner's own user and root get
// in, whatever the permissions of folder and socket say.
func peer(conn net.Conn) (string, error) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return "", err
	}
	var who *syscall.Ucred
	var asking error
	if err := raw.Control(func(fd uintptr) {
		who, asking = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	}); err != nil {
		return "", err
	}
	if asking != nil {
		return "", asking
	}
	if who.Uid != 0 && who.Uid != uint32(os.Geteuid()) {
		return "", fmt.Errorf("user %d tried to use the socket of user %d", who.Uid, os.Geteuid())
	}
	id := strconv.FormatUint(uint64(who.Uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return u.Username, nil
	}
	return "uid " + id, nil
}
