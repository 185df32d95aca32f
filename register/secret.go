// SPDX-License-Identifier: Apache-2.0

package register

import (
	"crypto/rand"

	"sextant"
)

// sealSecrets replaces each secret on its way in by a handle. The plain text
// never reaches a document, the journal, the index or a log.
func (tx *Tx) sealSecrets(d *draft) error {
	for _, f := range d.def.Fields {
		plain, ok := d.doc[f.Key].(secretInput)
		if !ok {
			continue
		}
		if tx.kernel.config.Sealer == nil {
			return sextant.Errorf(sextant.Unavailable, "there is no master key, so no secret can be kept").At(f.Key).WithHint("start with --key-file")
		}
		handle := d.key + "/" + f.Key + "/" + rand.Text()
		sealed, err := tx.kernel.config.Sealer.Seal(tx.actor.Organisation, handle, []byte(plain))
		if err != nil {
			return err
		}
		if err := tx.w.PutSecret(handle, sealed); err != nil {
			return err
		}
		if err := tx.forgetSecret(d, f); err != nil {
			return err
		}
		d.doc[f.Key] = map[string]any{"handle": handle, "set_at": tx.Now().String()}
	}
	return nil
}

// forgetSecret removes the sealed bytes a new secret replaces.
func (tx *Tx) forgetSecret(d *draft, f Field) error {
	if d.before == nil {
		return nil
	}
	if old, ok := d.before.Doc[f.Key].(map[string]any); ok {
		if handle, ok := old["handle"].(string); ok {
			return tx.w.PutSecret(handle, nil)
		}
	}
	return nil
}

// Secret opens a secret for the program itself (a connector about to run). No
// page, export or API calls it; the actor must be the system or an operator.
func (v *View) Secret(e Entry, fieldKey string) (string, error) {
	object, _ := e.Doc[fieldKey].(map[string]any)
	handle, _ := object["handle"].(string)
	if handle == "" || v.kernel.config.Sealer == nil {
		return "", sextant.Errorf(sextant.NotFound, "%s has no %s", e.Key, fieldKey)
	}
	if !v.actor.Holds("system", "operator") {
		return "", sextant.Errorf(sextant.Denied, "secrets are write-only")
	}
	sealed, err := v.tx.Secret(handle)
	if err != nil {
		return "", err
	}
	plain, err := v.kernel.config.Sealer.Open(v.actor.Organisation, handle, sealed)
	return string(plain), err
}
