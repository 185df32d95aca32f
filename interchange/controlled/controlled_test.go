// SPDX-License-Identifier: Apache-2.0

package controlled_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"sextant/access"
	"sextant/document"
	"sextant/interchange/controlled"
	"sextant/internal/testserver"
	"sextant/product/producttest"
	"sextant/register"
)

// approved brings a document through and gives its edition as it stands.
func approved(t *testing.T, h *producttest.House, values map[string]any) register.Entry {
	t.Helper()
	of := h.Create(t, "document", map[string]any{"title": "Cryptography policy", "reference": "POL-03", "kind": "topic_policy", "owner": h.People[access.Owner], "approver": h.People[access.ISMSManager],
		"classification": "confidential", "controls": []string{"iso27001:2022/A.8.24"}})
	values["document"], values["edition"], values["author"], values["change_summary"] = of.Key, "1.0", h.People[access.Owner], "Written anew after the audit of spring."
	v := h.Create(t, "document_version", values)
	for _, step := range []struct {
		role access.Role
		name string
	}{{access.Owner, "submit"}, {access.ISMSManager, "approve"}} {
		actor := access.Actor{Organisation: h.Org, Name: "person:" + h.People[step.role], Person: h.People[step.role], Roles: []access.Role{step.role}, Proof: access.Proof{Method: access.Password, At: h.Clock()}}
		if err := h.Kernel.Write(t.Context(), actor, func(tx *register.Tx) (err error) {
			v, err = tx.Transition("document_version", v.Key, 0, step.name, nil, register.Note{})
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	return v
}

// text gives the words of a PDF with single spaces.
func text(t *testing.T, pdf []byte) string {
	t.Helper()
	return strings.Join(strings.Fields(testserver.PDFText(t, pdf)), " ")
}

// kept gives the one file that was kept with an edition.
func kept(t *testing.T, h *producttest.House, v register.Entry) (content []byte) {
	t.Helper()
	if err := h.Kernel.Read(t.Context(), h.System(), 0, func(view *register.View) error {
		files, err := view.Renderings(v)
		if err != nil || len(files) != 1 {
			return fmt.Errorf("%d files are kept with %s: %w", len(files), v.Key, err)
		}
		file, err := h.Kernel.Blobs().Open(t.Context(), h.Org, files[0].SHA256)
		if err != nil {
			return err
		}
		defer file.Close()
		var out bytes.Buffer
		_, err = out.ReadFrom(file)
		content = out.Bytes()
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return content
}

func TestApprovalKeepsEveryParagraphAsPopplerReadsIt(t *testing.T) {
	producttest.Both(t, func(t *testing.T, h *producttest.House) {
		tpl, err := document.FindTemplate("cryptography")
		if err != nil {
			t.Fatal(err)
		}
		body := document.Fill(tpl.Text, document.Facts{"organisation": {Text: "Northquay"}, "isms_manager": {Text: "the Head of Security"}})
		v := approved(t, h, map[string]any{"body": body})
		pdf := kept(t, h, v)
		said := text(t, pdf)
		for _, want := range []string{"POL-03", "Confidential", "The owner", "The isms manager", "A.8.24", "12 months", "Written anew after the audit of spring."} {
			if !strings.Contains(said, want) {
				t.Errorf("the PDF does not say %q", want)
			}
		}
		for line := range strings.Lines(body) {
			for piece := range strings.SplitSeq(strings.TrimLeft(strings.TrimSpace(line), "#-0123456789. "), "**") {
				if piece = strings.Join(strings.Fields(piece), " "); piece != "" && !strings.Contains(said, piece) {
					t.Errorf("the PDF lacks %q", piece)
				}
			}
		}
	})
}

func TestTheSameEditionGivesTheSameBytes(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	v := approved(t, h, map[string]any{"body": "Keys are **rotated**.\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"})
	first := kept(t, h, v)
	if err := h.Kernel.Read(t.Context(), h.System(), 0, func(view *register.View) error {
		again, err := controlled.Render(view, v)
		if err != nil {
			return err
		}
		if !bytes.Equal(again[0].Content, first) {
			t.Error("the same edition gives other bytes")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestAnUploadedFileIsNamedByItsDigest(t *testing.T) {
	h := producttest.New(t, producttest.Fresh(t))
	sum, size, err := h.Kernel.Blobs().Put(t.Context(), h.Org, strings.NewReader("a policy made elsewhere"))
	if err != nil {
		t.Fatal(err)
	}
	v := approved(t, h, map[string]any{"file": map[string]any{"name": "policy.docx", "type": "application/octet-stream", "size": float64(size), "sha256": sum}})
	if said := text(t, kept(t, h, v)); !strings.Contains(said, "policy.docx") || !strings.Contains(strings.ReplaceAll(said, " ", ""), sum) {
		t.Errorf("the sheet does not name the file: %s", said)
	}
}
