// SPDX-License-Identifier: Apache-2.0

package lint_test

import (
	"testing"
	"time"

	"sextant/access"
	"sextant/product/producttest"
	"sextant/register"
)

func TestRulesAboutDocumentsFireAndFallSilent(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		r := room{T: t, House: h}
		author, approver := h.People[access.Owner], h.People[access.ISMSManager]
		// publish writes an edition, has it approved, and puts it in force.
		publish := func(of register.Entry, edition string) {
			t.Helper()
			v := h.Create(t, "document_version", map[string]any{"document": of.Key, "edition": edition, "body": "We keep what we are trusted with.", "author": author, "change_summary": "As agreed."})
			r.move(v, "submit", nil)
			r.move(v, "approve", nil, approver)
		}
		top := func(key string) { r.edit("organisation", "ORG-1", map[string]any{"top_management": []string{key}}) }
		document := func(title string, fulfils ...string) register.Entry {
			return h.Create(t, "document", map[string]any{"title": title, "reference": "POL " + title, "kind": "policy", "owner": author, "approver": approver, "fulfils": fulfils})
		}

		r.expect("policy-missing", "", true)
		policy := document("Policy", "iso27001:2022/5.2")
		r.expect("policy-missing", "", true)
		publish(policy, "1.0")
		r.expect("policy-missing", "", false)
		r.expect("policy-not-approved-by-top", policy.Key, true)
		top(approver)
		r.expect("policy-not-approved-by-top", policy.Key, true)
		h.Later(time.Minute)
		publish(policy, "2.0")
		r.expect("policy-not-approved-by-top", policy.Key, false)
		top("PER-1")
		r.expect("policy-not-approved-by-top", policy.Key, false)

		method := "iso27001:2022/6.1.2"
		r.expect("mandatory-document-missing", method, true)
		publish(document("Method", method), "1.0")
		r.expect("mandatory-document-missing", method, false)
		r.expect("mandatory-document-missing", "iso27001:2022/4.3", true)
		h.Create(t, "management_system", map[string]any{"title": "ISMS", "scope": "All of it."})
		r.expect("mandatory-document-missing", "iso27001:2022/4.3", false)

		r.expect("document-overdue", policy.Key, false)
		h.Later(400 * 24 * time.Hour)
		r.expect("document-overdue", policy.Key, true)
		publish(policy, "3.0")
		r.expect("document-overdue", policy.Key, false)
	})
}
