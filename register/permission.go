// SPDX-License-Identifier: Apache-2.0

package register

import "sextant/access"

// MayCreate says whether the actor could make an entry of a register that names
// them as owner. Pages hide what it refuses; writing asks again.
func (v *View) MayCreate(def *Definition) bool {
	subject := access.Subject{Register: def.Name, OpenTo: def.OpenTo, Own: def.Own, People: []string{v.actor.Person}}
	return v.moment == 0 && def.WrittenBy == "" && access.May(v.actor, access.Create, subject, v.kernel.Now()) == nil
}

// MayEdit says whether the actor may change an entry. States freeze fields
// apart from that.
func (v *View) MayEdit(e Entry) bool {
	tx := Tx{View: *v}
	return v.moment == 0 && e.Register.WrittenBy == "" && access.May(v.actor, access.Edit, tx.subject(e.Register, e.Doc), v.kernel.Now()) == nil
}
