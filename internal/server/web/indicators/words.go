// SPDX-License-Identifier: Apache-2.0

package indicators

import (
	"context"

	"sextant/internal/server/web/message"
)

// change says how an indicator moved since the month before.
func change(ctx context.Context, i indicator) string {
	switch by := i.Now() - i.Before(); {
	case len(i.Months) < 2:
		return message.T(ctx, "indicators.first")
	case by > 0:
		return message.T(ctx, "indicators.more", by)
	case by < 0:
		return message.T(ctx, "indicators.fewer", -by)
	}
	return message.T(ctx, "indicators.same")
}
