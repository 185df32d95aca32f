// SPDX-License-Identifier: Apache-2.0

package table

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

var (
	plainForm   = regexp.MustCompile(`^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$`)
	decimalForm = regexp.MustCompile(`^[+-]?\d+,\d+$`)
	groupedForm = regexp.MustCompile(`^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$`)       // 1,234.5
	reverseForm = regexp.MustCompile(`^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$`)       // 1.234,5
	spacedForm  = regexp.MustCompile(`^[+-]?\d{1,3}([ '’]\d{3})+([.,]\d+)?$`) // 1 234,5 and 1'234.5
)

func (c Column) numberValue(in cell) (any, *problem) {
	switch in.shape {
	case number:
		return in.number + 0, nil
	case text:
		s := strings.TrimSpace(strings.NewReplacer("\u00a0", " ", "\u202f", " ", "−", "-").Replace(in.text))
		if s == "" {
			return nil, nil
		}
		return c.parseShown(s)
	}
	return nil, refused("write a number such as 1234.5", "%s is not a number", in.describe())
}

// parseShown also reads 50 % where the column is shown so: as 0.5, or as 50
// where the format only adds the sign in quotes.
func (c Column) parseShown(s string) (any, *problem) {
	bare, isPercent := strings.CutSuffix(s, "%")
	if !isPercent || !strings.Contains(c.Format, "%") {
		return parseNumber(s)
	}
	v, p := parseNumber(strings.TrimSpace(bare))
	if f, ok := v.(float64); ok && !strings.Contains(c.Format, `"%"`) {
		// As text, because 0.07*100/100 is not 0.07.
		f, _ = strconv.ParseFloat(strconv.FormatFloat(f, 'f', -1, 64)+"e-2", 64)
		return f, nil
	}
	return v, p
}

// parseNumber accepts a number only where one reading is possible: 1,234 is
// 1234 to one reader and 1.234 to the next, so it is refused.
func parseNumber(s string) (any, *problem) {
	plain := ""
	switch {
	case plainForm.MatchString(s):
		plain = s
	case groupedForm.MatchString(s) && (strings.Contains(s, ".") || strings.Count(s, ",") > 1):
		plain = strings.ReplaceAll(s, ",", "")
	case reverseForm.MatchString(s) && (strings.Contains(s, ",") || strings.Count(s, ".") > 1):
		plain = strings.Replace(strings.ReplaceAll(s, ".", ""), ",", ".", 1)
	case spacedForm.MatchString(s):
		plain = strings.Replace(strings.NewReplacer(" ", "", "'", "", "’", "").Replace(s), ",", ".", 1)
	case groupedForm.MatchString(s):
		return nil, refused("write it without the comma, or with a point for decimals",
			"%q can be read as %s and as %s", s, strings.ReplaceAll(s, ",", ""), strings.Replace(s, ",", ".", 1))
	case decimalForm.MatchString(s):
		plain = strings.Replace(s, ",", ".", 1)
	default:
		return nil, refused("write a number such as 1234.5", "%q is not a number", clip(s, 60))
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || math.IsInf(f, 0) {
		return nil, refused("write a smaller number", "%q is out of range", clip(s, 60))
	}
	return f + 0, nil
}
