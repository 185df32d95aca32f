// SPDX-License-Identifier: Apache-2.0

package job

import (
	"context"

	"sextant"
)

// Fence is the right to write for a job: the token of one claim of it. Another
// claim raises the token, so a runner that was taken for dead and comes back
// writes nothing more. (Kleppmann, "How to do distributed locking", 2016.)
type Fence struct {
	Organisation sextant.Organisation
	ID, Token    int64
}

type fenceKey struct{}

// WithFence binds every write made with the context to a claim: the store
// compares the token inside the writing transaction and refuses with Conflict
// when it is not the latest. The kernel and machine data are covered alike.
func WithFence(ctx context.Context, f Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// FenceOf gives the claim a context is bound to.
func FenceOf(ctx context.Context) (Fence, bool) {
	f, ok := ctx.Value(fenceKey{}).(Fence)
	return f, ok
}
