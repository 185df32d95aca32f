// SPDX-License-Identifier: Apache-2.0

// Package journey walks through the program as people do: the real binary, a
// real browser, the demo company, on both stores. It holds tests only.
package journey
