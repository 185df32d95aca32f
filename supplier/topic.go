// SPDX-License-Identifier: Apache-2.0

package supplier

import (
	"strings"

	"sextant/framework"
	"sextant/register"
)

// topics are the controls whose doing is split between the two sides of a cloud
// service: those 27017 adds, and those it has something to say about.
func topics() (list []framework.Control) {
	list = framework.RowsOf(framework.ISO27017)
	for _, c := range framework.Controls() {
		if len(framework.CloudNotes(c.ID)) > 0 {
			list = append(list, c)
		}
	}
	return list
}

// layOut makes a row for each topic that has none yet.
func layOut(tx *register.Tx, service register.Entry) error {
	have := map[string]bool{}
	there, err := Responsibilities.All(tx, register.Filter{Field: "cloud_service", Op: register.Is, Values: []string{service.Key}})
	if err != nil {
		return err
	}
	for _, r := range there {
		have[r.Fields.Control] = true
	}
	for _, c := range topics() {
		reference := c.Reference().String()
		if have[reference] {
			continue
		}
		if _, err := Responsibilities.Create(tx, Responsibility{CloudService: service.Key, Control: reference, DoneBy: "undecided"}, register.Note{Why: "laid out when the service was approved"}); err != nil {
			return err
		}
	}
	return nil
}

// thoughts is what a row reminds of: each side's part, as far as there is one.
func thoughts(c framework.Control) string {
	if c.Standard == framework.ISO27017 {
		return c.Asks
	}
	var lines []string
	for _, n := range framework.CloudNotes(c.ID) {
		lines = append(lines, "Customer: "+n.Customer, "Provider: "+n.Provider)
	}
	return strings.Join(lines, "\n\n")
}
