// SPDX-License-Identifier: Apache-2.0

package statement

import (
	"context"

	"sextant/interchange/intake"
	"sextant/internal/server/web/message"
	"sextant/internal/server/web/page"
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

// words are how the page speaks of rows: on the 2013 edition nothing is created.
func (v importView) words(ctx context.Context) page.OutcomeWords {
	return page.OutcomeWords{What: message.T(ctx, "controls.control"), Label: func(ctx context.Context, f register.Fate) string {
		if v.edition2013() && f == register.Created {
			return message.T(ctx, "intake.fate.proposed")
		}
		return message.T(ctx, "intake.fate."+string(f))
	}}
}

// fieldChoices are what a column may hold.
func fieldChoices(ctx context.Context) []page.MatchedGroup {
	var list []page.MatchedField
	for _, f := range intake.Fields() {
		list = append(list, page.MatchedField{Name: string(f), Label: message.T(ctx, "intake.field."+string(f))})
	}
	return []page.MatchedGroup{{Fields: list}}
}
