// SPDX-License-Identifier: Apache-2.0

package oscal

// Markup is text with a little formatting: Markdown in JSON and YAML, elements
// of HTML in XML, which are read as Markdown.
type Markup string
