// SPDX-License-Identifier: Apache-2.0

package table_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"sextant/interchange/table"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); if that is meant, run with -update\n%s", name, diff)
	}
}

func TestWrittenFilesLookAsAgreed(t *testing.T) {
	for _, format := range []table.Format{table.CSV, table.JSON} {
		var file bytes.Buffer
		if err := soaSheet().Write(&file, format); err != nil {
			t.Fatal(err)
		}
		golden(t, "soa."+string(format), file.Bytes())
	}
	var file bytes.Buffer
	if err := soaSheet().WriteXLSX(&file); err != nil {
		t.Fatal(err)
	}
	golden(t, "soa.xlsx.txt", cellsAsText(t, &file))
}

// cellsAsText lists every cell as another library shows it, with its colours.
func cellsAsText(t *testing.T, file *bytes.Buffer) []byte {
	t.Helper()
	f, err := excelize.OpenReader(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var out bytes.Buffer
	for _, sheet := range f.GetSheetList() {
		fmt.Fprintf(&out, "# %s\n", sheet)
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rows {
			for j, value := range row {
				cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
				if value != "" {
					fmt.Fprintf(&out, "%-5s%s%s\n", cell, strings.ReplaceAll(value, "\n", "⏎"), fill(t, f, sheet, cell))
				}
			}
		}
	}
	return out.Bytes()
}

func fill(t *testing.T, f *excelize.File, sheet, cell string) string {
	if _, fill := colours(t, f, sheet, cell); fill != "" {
		return "  [" + fill + "]"
	}
	return ""
}

// colours of a cell's text and fill, as they stand in the file.
func colours(t *testing.T, f *excelize.File, sheet, cell string) (ink, fill string) {
	t.Helper()
	id, err := f.GetCellStyle(sheet, cell) // loads f.Styles
	if err != nil {
		t.Fatal(err)
	}
	xf := f.Styles.CellXfs.Xf[id]
	if c := f.Styles.Fonts.Font[*xf.FontID].Color; c != nil {
		ink = c.RGB
	}
	if c := f.Styles.Fills.Fill[*xf.FillID].PatternFill.FgColor; c != nil {
		fill = c.RGB
	}
	return ink, fill
}

// green says whether the green of a colour outweighs its red and blue.
func green(colour string) bool {
	var r, g, b int
	fmt.Sscanf(strings.TrimPrefix(colour, "FF"), "%02X%02X%02X", &r, &g, &b)
	return g > r && g > b
}

func TestOnlyPassIsGreen(t *testing.T) {
	var file bytes.Buffer
	if err := soaSheet().WriteXLSX(&file); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for row := 2; row <= 11; row++ {
		cell := fmt.Sprint("G", row)
		value, _ := f.GetCellValue("SoA 2", cell)
		ink, fill := colours(t, f, "SoA 2", cell)
		isGreen := green(ink) || green(fill)
		if isGreen != (value == "Pass") {
			t.Errorf("%s %q: green %v (text %s, fill %s)", cell, value, isGreen, ink, fill)
		}
	}
}
