// SPDX-License-Identifier: Apache-2.0

package monitor

import (
	"encoding/json"
	"fmt"

	"sextant/document"
	"sextant/evidence"
	"sextant/register"
)

// mostDatabases bounds what is read for one sentence of a document.
const mostDatabases = 500

// DocumentFacts gives what the templates of documents can be filled with: what
// the registers know, and how long backups are kept as the connected systems
// show it. It is a start for whoever writes: a promise is made by a person.
func DocumentFacts(v *register.View) (document.Facts, error) {
	facts, err := document.FactsOf(v)
	if err != nil {
		return nil, err
	}
	r, err := evidence.On(v)
	if err != nil {
		return facts, err
	}
	databases, err := r.ResourcePage("aws:rds_instance", 0, mostDatabases, v.At())
	if err != nil {
		return facts, err
	}
	if least, of := leastBackupDays(databases); of > 0 && least > 0 {
		facts["backup_retention"] = document.Fact{Text: fmt.Sprintf("at least %d days for each of our %d databases", least, of), Kept: "observation"}
	}
	return facts, nil
}

// leastBackupDays is the shortest time any of the databases keeps its backups.
func leastBackupDays(databases []evidence.Resource) (least, of int) {
	for _, d := range databases {
		var seen struct {
			Days *int `json:"backup_retention_days"`
		}
		if err := json.Unmarshal(d.Data, &seen); err != nil || seen.Days == nil {
			continue // not told: it says nothing either way
		}
		if of++; of == 1 || *seen.Days < least {
			least = *seen.Days
		}
	}
	return least, of
}
