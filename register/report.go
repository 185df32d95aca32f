// SPDX-License-Identifier: Apache-2.0

package register

// ReportColumn is a field as business intelligence tools see it.
type ReportColumn struct {
	Key  string
	Kind ReportKind
}

// ReportKind is how a column is typed in SQL.
type ReportKind string

// The kinds of columns. Many-valued fields, rows and files are JSON.
const (
	ReportText    ReportKind = "text"
	ReportNumber  ReportKind = "number"
	ReportBoolean ReportKind = "boolean"
	ReportJSON    ReportKind = "json"
)

// ReportView is a register as a SQL view.
type ReportView struct {
	Register string
	Columns  []ReportColumn
}

// ReportViews describes every register as a SQL view: what stands now, without
// secrets and without fields that only some roles may see.
func (s *Set) ReportViews() []ReportView {
	views := make([]ReportView, 0, len(s.definitions))
	for _, def := range s.definitions {
		view := ReportView{Register: def.Name}
		for _, f := range def.Fields {
			standard := f.IsTitle && f.Key == "title" || f.IsOwner && f.Key == "owner" || f.IsDue && f.Key == "due"
			if f.Kind != Secret && len(f.Readers) == 0 && !standard {
				view.Columns = append(view.Columns, ReportColumn{f.Key, f.reportKind()})
			}
		}
		views = append(views, view)
	}
	return views
}

func (f Field) reportKind() ReportKind {
	switch {
	case f.Many || f.Kind == Rows || f.Kind == File:
		return ReportJSON
	case f.Kind == Number || f.Kind == Percent || f.Kind == Scale:
		return ReportNumber
	case f.Kind == Bool:
		return ReportBoolean
	}
	return ReportText
}
