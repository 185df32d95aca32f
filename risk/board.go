// SPDX-License-Identifier: Apache-2.0

package risk

import "sextant/register"

// Place is where a risk stands on the scales of one edition of criteria. Zeros
// are not judged, which is no level.
type Place struct {
	Criteria                       string
	Likelihood, Consequence, Level int
}

func (f Evaluation) place() Place {
	return Place{f.Criteria, Whole(f.Likelihood), Whole(f.Consequence), Whole(f.Level)}
}

// Board is all risks with where they stand, to be drawn as a matrix or a list.
type Board struct {
	Risks      []Row
	Yardsticks map[string]*Yardstick // by key of the criteria, those in force and those before
	InForce    map[string]string     // key of the criteria in force, by management system
}

// Row is a risk, and where it stands at each stage: as judged (Inherent, Target),
// at worst (Current), and as its owner signed (Residual).
type Row struct {
	register.Of[Risk]
	Places map[string]Place
}

// ReadBoard reads them at the moment the view is of. It judges nothing anew: what
// is kept of the current risk is taken as it is.
func ReadBoard(v *register.View) (Board, error) {
	w, err := readWorld(v)
	if err != nil {
		return Board{}, err
	}
	board := Board{Yardsticks: w.yardsticks, InForce: w.inForce}
	risks, err := all[Risk](v, riskName)
	for _, r := range risks {
		board.Risks = append(board.Risks, Row{r, w.places(r)})
	}
	return board, err
}

func (w *world) places(r register.Of[Risk]) map[string]Place {
	newest := latest(w.evaluations[r.Key])
	f := r.Fields
	places := map[string]Place{
		Current: {f.Criteria, Whole(f.Likelihood), Whole(f.Consequence), Whole(f.CurrentLevel)},
		Target:  w.aim(r.Key, newest[Current], newest),
	}
	if e, ok := newest[Inherent]; ok {
		places[Inherent] = e.Fields.place()
	}
	if a := w.signed(r.Key); a != nil && a.State != Requested {
		places[Residual] = Place{Level: Whole(a.Fields.Level)}
		for _, e := range w.evaluations[r.Key] {
			if e.Key == a.Fields.Evaluation {
				places[Residual] = e.Fields.place()
			}
		}
	}
	return places
}
