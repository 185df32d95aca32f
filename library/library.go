// SPDX-License-Identifier: Apache-2.0

// Package library keeps what others wrote: frameworks, mappings between them,
// suggested controls, threats and risk matrices, imported from files. An import
// is one entry and one file, kept by its digest; the file is read when somebody
// looks. What a library says is never the organisation's own word: nothing of it
// is a decision, a state or evidence.
package library
