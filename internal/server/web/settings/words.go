// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"context"
	"strconv"
	"strings"
	"time"

	"sextant/connector"
	"sextant/internal/job"
	"sextant/internal/server/web/message"
)

// failureShown is one failure of a try. What was refused is a gap, the rest an
// error; neither is green.
type failureShown struct{ Mark, Call, Message, Hint string }

// failuresShown bounds the list of one try.
const failuresShown = 12

func (t testView) shown() (list []failureShown) {
	for _, f := range t.Failures[:min(len(t.Failures), failuresShown)] {
		mark := "error"
		if f.Cause == connector.Denied {
			mark = "nodata"
		}
		list = append(list, failureShown{mark, f.Call, f.Message, f.Hint})
	}
	return list
}

func join(words []string) string { return strings.Join(words, ", ") }

func seconds(ctx context.Context, took time.Duration) string {
	return message.T(ctx, "test.took", took.Seconds())
}

// jobText says where work stands.
func jobText(ctx context.Context, j job.Job) string {
	switch {
	case j.State == job.Waiting:
		return message.T(ctx, "job.waiting")
	case j.Cancelling:
		return message.T(ctx, "job.cancelling")
	case j.Progress.Total > 0:
		return message.T(ctx, "job.progress", j.Progress.Done, j.Progress.Total)
	}
	return message.T(ctx, "job.running")
}

// Lines for a shell, as the pages show them.
const (
	verifyLine   = "sextant verify sextant-package.zip --key '<public key>' --checkpoint <a checkpoint you kept>"
	backupLines  = "sextant backup --data /var/lib/sextant -o /backup/sextant-$(date +%F).zip"
	restoreLines = "sextant restore --data /var/lib/sextant-new /backup/sextant-2026-11-26.zip\nsextant verify --data /var/lib/sextant-new"
)

// anchorPlace says where a checkpoint was taken to.
func anchorPlace(ctx context.Context, to string) string {
	if to == "download" {
		return message.T(ctx, "keys.to.download")
	}
	return to
}

func progressText(ctx context.Context, p Progress) string {
	done, of := p.Steps()
	return message.T(ctx, "started.count", done, of)
}

func stageUnits(ctx context.Context, x screen) string {
	return x.Org + ", " + message.N(ctx, "begin.stage.units", x.Units)
}

func keyHint(ctx context.Context, f connectForm) string {
	if f.Ambient {
		return message.T(ctx, "begin.connect.key.ambient")
	}
	return ""
}

func roleHint(ctx context.Context, f connectForm) string {
	if f.ExternalID == "" {
		return message.T(ctx, "begin.connect.role.hint")
	}
	return message.T(ctx, "begin.connect.role.external", f.ExternalID)
}

// barWidth is how much of a bar of 100 is filled; some, where nobody can tell.
func barWidth(j job.Job) string {
	if j.Progress.Total <= 0 {
		return "4"
	}
	return strconv.FormatInt(max(4, 100*j.Progress.Done/j.Progress.Total), 10)
}
