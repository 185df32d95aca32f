// SPDX-License-Identifier: Apache-2.0

// Package scenario is the library of risks that comes with the program: stories
// of how harm comes about in companies of 20 to 500 people, with the threats
// and weaknesses they use, the controls that answer them, what would notice
// them, and questions that help to judge them. The threats and weaknesses of
// ISO/IEC 27005:2022 stand behind them by their short names.
//
// All prose and every judgement is our own; the heads of the content files say
// which. It rates nothing: no likelihood, frequency or loss is given, since
// those of somebody else are of no use. It knows no register and no
// organisation; a scenario becomes a risk when somebody takes it and owns it.
package scenario
