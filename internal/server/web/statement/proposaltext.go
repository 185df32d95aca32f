// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"slices"
	"strings"

	"sextant/control"
	"sextant/framework"
	"sextant/internal/server/web/message"
	"sextant/migration"
	"sextant/soa"
)

func oldApplies(ctx context.Context, old migration.Old) string {
	switch soa.Applicability(old.Applicability) {
	case soa.Applicable:
		return message.T(ctx, "proposals.applied")
	case soa.NotApplicable:
		return message.T(ctx, "proposals.wasexcluded")
	}
	return message.T(ctx, "proposals.unsaid")
}

// oldSays is what an old sheet says about a control in a few words.
func oldSays(ctx context.Context, old migration.Old) string {
	text := oldApplies(ctx, old)
	if old.Implementation != "" {
		text += ", " + strings.ToLower(message.Mark(ctx, declarationOf(old.Implementation)))
	}
	return text
}

func reasonsText(ctx context.Context, names []string) string {
	var texts []string
	for _, name := range names {
		texts = append(texts, message.Mark(ctx, reasonLabel(name)))
	}
	return strings.Join(texts, ", ")
}

// alsoIn names the other controls a predecessor went into.
func alsoIn(id2013, id string) string {
	after, _ := framework.Successors(id2013)
	return strings.Join(slices.DeleteFunc(after.IDs, func(other string) bool { return other == id }), ", ")
}

// declarations are the states of implementation there are to choose.
func declarations(ctx context.Context) (list []choice) {
	for _, value := range control.Declarations() {
		if value != control.NotDeclared {
			list = append(list, choice{value, message.Mark(ctx, control.DeclarationLabel(value))})
		}
	}
	return list
}
