// SPDX-License-Identifier: Apache-2.0

package gap

// Scale is the six levels of maturity, from 0. What each looks like for one
// clause or control is told by its guidance.
var Scale = []struct{ Name, Meaning string }{
	{"None", "Nothing is done, or nobody knows of it."},
	{"Ad hoc", "It happens when somebody thinks of it."},
	{"Repeats", "It happens again and again, from habit."},
	{"Defined", "It is written down, assigned, and done that way."},
	{"Measured", "Figures show how well it works, and somebody acts on them."},
	{"Improves", "It is made better on purpose, before anything forces it."},
}
