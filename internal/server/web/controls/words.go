// SPDX-License-Identifier: Apache-2.0

package controls

import (
	"context"

	"sextant/internal/server/web/message"
	"sextant/soa"
)

// whyTitle heads the plan: why the control stands as it does.
func whyTitle(ctx context.Context, k soa.Known) string {
	if !k.Counts() {
		return message.T(ctx, "control.plan")
	}
	return message.T(ctx, "control.whyis", message.Mark(ctx, k.Evidence.State.Label()))
}
