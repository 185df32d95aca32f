// SPDX-License-Identifier: Apache-2.0

package custody_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"sextant"
	"sextant/access"
	"sextant/internal/blob"
	"sextant/internal/custody"
	"sextant/internal/store"
	"sextant/internal/testserver"
	"sextant/product"
	"sextant/register"
)

func onBoth(t *testing.T, test func(*testing.T, *store.Store, *custody.Custody)) {
	open := func(t *testing.T, config store.Config) {
		s, err := store.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		files, err := blob.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		kernel := register.New(s, product.Registers(), register.Config{Blobs: files})
		test(t, s, &custody.Custody{Store: s, Files: files, Kernel: kernel})
	}
	t.Run("SQLite", func(t *testing.T) { open(t, store.Config{Folder: t.TempDir()}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		database := testserver.PostgreSQL(t)
		open(t, store.Config{DatabaseURL: database.App, OwnerURL: database.Owner})
	})
}

func TestABackupIsRecordedAndNoOrganisationTakesAnothers(t *testing.T) {
	onBoth(t, func(t *testing.T, s *store.Store, c *custody.Custody) {
		org, _, err := product.Found(t.Context(), s, c.Kernel, "First", "Mara", "mara@example.org")
		if err != nil {
			t.Fatal(err)
		}
		admin := access.Actor{Organisation: org, Name: "person:PER-1", Roles: []access.Role{access.Admin}}
		manager := access.Actor{Organisation: org, Name: "person:PER-2", Roles: []access.Role{access.ISMSManager}}
		if taken, err := c.LastBackup(t.Context(), org); err != nil || taken != (custody.Taken{}) {
			t.Errorf("before: %+v, %v", taken, err)
		}
		if err := c.Backup(t.Context(), manager, &bytes.Buffer{}); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("a manager: %v", err)
		}
		var out bytes.Buffer
		if err := c.Backup(t.Context(), admin, &out); err != nil {
			t.Fatal(err)
		}
		if archive, err := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len())); err != nil || archive.File[0].Name != custody.Data {
			t.Errorf("no backup: %v", err)
		}
		if taken, err := c.LastBackup(t.Context(), org); err != nil || taken.At == 0 || taken.By != "person:PER-1" {
			t.Errorf("after: %+v, %v", taken, err)
		}
		second, _, err := product.Found(t.Context(), s, c.Kernel, "Second", "Otto", "otto@example.org")
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Backup(t.Context(), admin, &out); sextant.CodeOf(err) != sextant.Denied {
			t.Errorf("an administrator takes another organisation's data: %v", err)
		}
		if err := c.Backup(t.Context(), access.Actor{Name: "operator:root", Roles: []access.Role{access.Operator}}, &out); err != nil {
			t.Fatal(err)
		}
		for _, o := range []sextant.Organisation{org, second} {
			if taken, err := c.LastBackup(t.Context(), o); err != nil || taken.By != "operator:root" {
				t.Errorf("%d: %+v, %v", o, taken, err)
			}
		}
	})
}
