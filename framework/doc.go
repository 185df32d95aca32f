// SPDX-License-Identifier: Apache-2.0

// Package framework holds the standards as data: what ISO/IEC 27001:2022 asks
// for, the 93 controls with their five attributes, and for each control the
// evidence plan, the lines that together would convince an auditor that it
// operates. Beside them stands guidance on each clause and control, how one does
// it and what others get wrong, and the names of the threats of ISO/IEC 27005.
// Other standards add rows by role (27701, 27017, 27018); editions that were
// replaced are here to be read and carried over.
//
// It quotes no standard: ids, titles and attribute values are facts, every
// sentence is our own. It knows no organisation: what applies, what is done and
// what the evidence shows lie elsewhere. It names no check: a check says which
// line it supports.
package framework
