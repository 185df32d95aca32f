// SPDX-License-Identifier: Apache-2.0

// Package register is the kernel: a register is declared once, as a Go struct,
// and everything else follows from the declaration: storage, versions, links,
// uniqueness, lifecycle, permissions, as-of reads, history, undo, sign-off,
// freeze, recurrence, comments, files, search, bulk edit, import and export,
// plan and apply.
//
// It contains no SQL (a Store does that), no HTTP and no screen, and it knows
// no single register of an ISMS: those are declared by the domain packages.
package register
