// SPDX-License-Identifier: Apache-2.0

package register

import "sextant/access"

// Comment is a remark on any entry.
type Comment struct {
	Subject  string   `json:"subject" is:"ref required keep" to:"any" label:"On"`
	Text     string   `json:"text" is:"markdown required title personal" label:"Comment"`
	Author   string   `json:"author" is:"person owner keep" label:"Author"`
	Mentions []string `json:"mentions" is:"person keep" label:"Mentions"`
}

// Comments is the register of remarks. Editing one makes a version; the old
// text stays readable.
var Comments = Declare[Comment](Definition{
	Name: "comment", Plural: "comments", Prefix: "CMT", Title: "Comment",
	Purpose: "Remarks on entries, with mentions.", Retention: "cycle",
	Lifecycle: recorded(),
}, nil)

// Attachment is a file hung on any entry. It becomes evidence only when cited
// as such.
type Attachment struct {
	Subject    string         `json:"subject" is:"ref required keep" to:"any" label:"On"`
	File       map[string]any `json:"file" is:"file required personal" label:"File"`
	Title      string         `json:"title" is:"text title personal" label:"Title"`
	UploadedBy string         `json:"uploaded_by" is:"person owner keep" label:"Uploaded by"`
}

// Attachments is the register of files.
var Attachments = Declare[Attachment](Definition{
	Name: "attachment", Plural: "attachments", Prefix: "ATM", Title: "Attachment",
	Purpose: "Files beside entries, kept by their SHA-256.", Retention: "cycle",
	Lifecycle: recorded(),
}, nil)

// recorded is the lifecycle of what is written once; a wrong one is voided with
// a reason and stays readable.
func recorded() Lifecycle {
	return Lifecycle{
		Initial: "recorded",
		States:  []State{{Name: "recorded", Label: "Recorded"}, {Name: "voided", Label: "Voided", Closed: true, Freeze: &Freeze{}}},
		Transitions: []Transition{{Name: "void", Label: "Void", From: []string{"recorded"}, To: "voided",
			Who: []string{string(access.ISMSManager), "owner"}, NeedsReason: true}},
	}
}
