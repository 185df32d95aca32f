// SPDX-License-Identifier: Apache-2.0

package page

import (
	"context"
	"strings"

	"sextant/access"
	"sextant/internal/server/web/message"
)

// RoleNames lists roles as people read them.
func RoleNames(ctx context.Context, roles []access.Role) string {
	names := make([]string, len(roles))
	for i, role := range roles {
		names[i] = message.T(ctx, "role."+string(role))
	}
	return strings.Join(names, ", ")
}

// VerbNames lists what a token may do, as people read it; nil is everything.
func VerbNames(ctx context.Context, verbs []access.Verb) string {
	if verbs == nil {
		return message.T(ctx, "verb.all")
	}
	names := make([]string, len(verbs))
	for i, verb := range verbs {
		names[i] = message.T(ctx, "verb."+string(verb))
	}
	return strings.Join(names, ", ")
}
