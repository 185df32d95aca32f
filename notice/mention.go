// SPDX-License-Identifier: Apache-2.0

package notice

import (
	"sextant"
	"sextant/register"
)

var mentioned = Declare("mentioned", 0)

// Mention tells the people a comment mentions, but not the one who wrote it.
func Mention(tx *register.Tx, written register.Entry) error {
	comment, err := register.As[register.Comment](written)
	if err != nil || written.Deleted || written.State != register.Comments.Lifecycle.Initial {
		return err
	}
	for _, person := range comment.Fields.Mentions {
		if person == comment.Fields.Author {
			continue
		}
		err := mentioned.Tell(tx, person, comment.Fields.Subject, written.Key)
		if err != nil && sextant.CodeOf(err) != sextant.NotFound { // somebody who is gone is told nothing
			return err
		}
	}
	return nil
}
