// SPDX-License-Identifier: Apache-2.0

package risk

// Template gives criteria to begin from, in the program's own words: five by
// five, four by four or three by three levels. The cells are not products:
// what is rare and critical stands higher than what is likely and minor. The
// five names of each scale follow the examples of ISO/IEC 27005:2022, Annex A.
// Amounts are in the currency and for the yearly revenue the organisation says;
// without revenue the consequence scale has no amounts.
func Template(size int, currency string, revenue float64) Criteria {
	t := templates[size]
	if t.matrix == nil {
		t = templates[5]
	}
	c := Criteria{
		ChangeSummary:    "The first edition.",
		ConsequenceTypes: []string{"confidentiality", "integrity", "availability", "legal", "financial", "reputation"},
		AcceptUpTo:       Kept(t.acceptUpTo), Rule: "1", AssessEvery: "P12M",
		AssessWhen: "Every twelve months; and before a new product, supplier of a critical service, place of work or kind of data; after a serious incident; when the law or these criteria change.",
	}
	for i, l := range t.likelihoods {
		from, to := l.from, l.to
		c.Likelihoods = append(c.Likelihoods, Likelihood{Level: Kept(i + 1), Name: l.name, Definition: l.means, From: &from, To: &to})
	}
	for i, l := range t.consequences {
		row := Consequence{Level: Kept(i + 1), Name: l.name, Definition: l.means}
		if revenue > 0 {
			row.From, row.To = Amount{l.from * revenue, currency}.String(), Amount{l.to * revenue, currency}.String()
		}
		c.Consequences = append(c.Consequences, row)
	}
	for i, l := range t.levels {
		c.Levels = append(c.Levels, Level{Level: Kept(i + 1), Name: l.name, Meaning: l.means, MayAccept: l.mayAccept, AcceptedFor: l.acceptedFor, ReviewEvery: l.reviewEvery})
	}
	for l, row := range t.matrix {
		for k, n := range row {
			c.Matrix = append(c.Matrix, Cell{Likelihood: Kept(l + 1), Consequence: Kept(k + 1), Level: Kept(n)})
		}
	}
	return c
}

// Sizes are those a template has.
func Sizes() []int { return []int{5, 4, 3} }

type template struct {
	likelihoods, consequences []rung
	levels                    []grade
	matrix                    [][]int
	acceptUpTo                int
}

type rung struct {
	name, means string
	from, to    float64 // times a year; share of the yearly revenue
}

type grade struct{ name, means, mayAccept, acceptedFor, reviewEvery string }

var (
	unlikely      = rung{"Unlikely", "Would surprise everybody here; not seen in ten years.", 0, 0.1}
	ratherUn      = rung{"Rather unlikely", "Once in three to ten years; it happened to somebody we know.", 0.1, 0.33}
	likely        = rung{"Likely", "Once in one to three years; nobody would be surprised.", 0.33, 1}
	veryLikely    = rung{"Very likely", "One to ten times a year.", 1, 10}
	almostCertain = rung{"Almost certain", "Every month or more often.", 10, 365}

	minor        = rung{"Minor", "Annoying; put right within a day by those on duty.", 0, 0.0005}
	significant  = rung{"Significant", "Takes a team a week; a customer asks what happened.", 0.0005, 0.005}
	serious      = rung{"Serious", "Breaks a promise in a contract or a duty to report; customers leave.", 0.005, 0.03}
	critical     = rung{"Critical", "Stops the main service for days, or harms people whose data we hold.", 0.03, 0.15}
	catastrophic = rung{"Catastrophic", "The organisation may not survive it.", 0.15, 1}

	veryLow  = grade{"Very low", "Noted, nothing else.", "owner", "P24M", "P24M"}
	low      = grade{"Low", "Kept an eye on; cheap measures are taken.", "owner", "P24M", "P12M"}
	medium   = grade{"Medium", "Treated where the effort is worth it, else accepted with reasons.", "owner", "P12M", "P12M"}
	high     = grade{"High", "Treated within six months.", "named", "P12M", "P6M"}
	veryHigh = grade{"Very high", "Treated at once; top management decides what runs on until then.", "top_management", "P6M", "P3M"}
)

var templates = map[int]template{
	5: {[]rung{unlikely, ratherUn, likely, veryLikely, almostCertain}, []rung{minor, significant, serious, critical, catastrophic}, []grade{veryLow, low, medium, high, veryHigh},
		[][]int{{1, 1, 2, 2, 3}, {1, 2, 2, 3, 4}, {1, 2, 3, 4, 5}, {2, 3, 3, 4, 5}, {2, 3, 4, 5, 5}}, 2},
	4: {[]rung{unlikely, ratherUn, likely, {"Very likely", "At least once a year.", 1, 365}}, []rung{minor, significant, serious, {"Critical", "Stops the main service for days, harms people whose data we hold, or threatens the organisation.", 0.03, 1}}, []grade{low, medium, high, veryHigh},
		[][]int{{1, 1, 2, 3}, {1, 2, 2, 3}, {1, 2, 3, 4}, {2, 2, 3, 4}}, 1},
	3: {[]rung{{"Unlikely", "Less than once in ten years.", 0, 0.1}, {"Possible", "Once in one to ten years.", 0.1, 1}, {"Likely", "At least once a year.", 1, 365}}, []rung{{"Minor", "Put right by those on duty.", 0, 0.005}, {"Serious", "Breaks a promise or a duty to report; customers leave.", 0.005, 0.03}, {"Critical", "Stops the main service for days, or harms people whose data we hold.", 0.03, 1}},
		[]grade{low, medium, {"High", "Treated within six months; top management decides what runs on until then.", "top_management", "P12M", "P6M"}},
		[][]int{{1, 1, 2}, {1, 2, 3}, {2, 2, 3}}, 1},
}
