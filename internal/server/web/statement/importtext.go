// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"
	"strings"

	"sextant/interchange/intake"
	"sextant/internal/server/web/message"
	"sextant/register"
)

// What the import says, for a sheet of 2022, which is written, and for one of
// 2013, which is proposed.

func importTitle(ctx context.Context, v importView) string {
	switch {
	case v.Written:
		return message.N(ctx, "intake.written", v.writable())
	case v.Stored != "" && v.edition2013():
		return message.T(ctx, "intake.what.2013")
	case v.Stored != "":
		return message.T(ctx, "intake.what")
	}
	return message.T(ctx, "intake.title")
}

func importLead(ctx context.Context, v importView) string {
	switch {
	case v.Written && v.Report.Counts[register.Refused] > 0:
		return message.N(ctx, "intake.written.refused", v.Report.Counts[register.Refused])
	case v.Written:
		return message.T(ctx, "intake.written.all")
	case v.Report == nil:
		return message.T(ctx, "intake.lead")
	case v.Matching.Sheet != "":
		return message.T(ctx, "intake.read.sheet", v.Name, v.Matching.Sheet, v.Matching.Header, string(v.Matching.Edition))
	}
	return message.T(ctx, "intake.read", v.Name, v.Matching.Header, string(v.Matching.Edition))
}

func importHow(ctx context.Context, v importView) string {
	if v.edition2013() {
		return message.T(ctx, "intake.how.2013")
	}
	return message.T(ctx, "intake.how.2022")
}

// importWill says what the button below would do with the refused rows.
func importWill(ctx context.Context, v importView) string {
	refused := v.Report.Counts[register.Refused]
	switch {
	case v.writable() == 0:
		return message.T(ctx, "import.nothing")
	case refused > 0:
		return message.N(ctx, "intake.without", refused)
	}
	return message.T(ctx, "intake.all")
}

func writeLabel(ctx context.Context, v importView) string {
	if v.edition2013() {
		return message.T(ctx, "intake.propose")
	}
	return message.N(ctx, "intake.write", v.writable())
}

func fateLabel(ctx context.Context, v importView, f register.Fate) string {
	if v.edition2013() && f == register.Created {
		return message.T(ctx, "intake.fate.proposed")
	}
	return message.T(ctx, "intake.fate."+string(f))
}

// exampleOf shows what stands in a column.
func exampleOf(c intake.Column) string {
	if len(c.Examples) == 0 {
		return ""
	}
	return strings.Join(c.Examples[:min(2, len(c.Examples))], " · ")
}

// shortened is a value of a change, short enough for a line.
func shortened(value any) string {
	text := register.Doc{"v": value}.Text("v")
	if r := []rune(text); len(r) > 120 {
		return string(r[:120]) + "…"
	}
	return text
}
