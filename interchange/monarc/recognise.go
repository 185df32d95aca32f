// SPDX-License-Identifier: Apache-2.0

package monarc

// Holds is what a file holds.
type Holds string

// The kinds of file this package reads.
const (
	Nothing    Holds = ""         // none of these
	AnAnalysis Holds = "analysis" // Read reads it
	SomeObject Holds = "objects"  // ReadObjects reads it
)

// Recognise tells by its content which kind of file somebody has. An error is
// Invalid or TooLarge: then it is no JSON that could be one.
func Recognise(f File) (Holds, error) {
	top, err := parse(f.Name, f.Data)
	if err != nil {
		return Nothing, err
	}
	first := top
	list, _ := top.value.([]any)
	switch {
	case top.has("monarc_version"), top.get("type").text() == "anr" && top.has("instances"):
		return AnAnalysis, nil
	case len(list) > 0:
		first = node{list[0]}
	case top.has("data") && !top.has("uuid"):
		return SomeObject, nil // as the platform's API answers
	}
	if first.has("uuid") || first.get("json_object").isObject() || first.has("label") || first.has("object") {
		return SomeObject, nil
	}
	return Nothing, nil
}
