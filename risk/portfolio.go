// SPDX-License-Identifier: Apache-2.0

package risk

import (
	"cmp"
	"context"
	"slices"

	"sextant"
	"sextant/register"
	"sextant/risk/quantity"
)

// Portfolio is every open risk whose frequency and loss were judged as ranges,
// in one currency: what a year may cost them all together.
type Portfolio struct {
	Currency   string
	Scenarios  []quantity.Scenario // by the key of the risk
	Risks      map[string]register.Of[Risk]
	Treatments []Priced
	Others     []string // risks with ranges in another currency: sums of two currencies mean nothing
	Without    int      // open risks without ranges
	Appetite   *Appetites
}

// Appetites is what the criteria in force say of the loss of a year: more than
// Loss in no more than Chance (0 to 1) of the years.
type Appetites struct {
	Loss   float64
	Chance float64
}

// Priced is a treatment that says how often or how much afterwards.
type Priced struct {
	Treatment register.Of[Treatment]
	Try       quantity.Treatment
}

// yearsOfCost spreads what is paid once over as many years, as the return of a
// treatment is counted by the year.
const yearsOfCost = 3

// ReadPortfolio reads the newest current judgements with ranges. currency ""
// takes the one most of them are in.
func ReadPortfolio(tx register.Reader, currency string) (p Portfolio, err error) {
	p.Risks = map[string]register.Of[Risk]{}
	risks, err := all[Risk](tx, riskName, isOpen)
	if err != nil {
		return p, err
	}
	evaluations, err := all[Evaluation](tx, evaluationName, inState(Recorded))
	if err != nil {
		return p, err
	}
	of := map[string][]register.Of[Evaluation]{}
	for _, e := range evaluations {
		of[e.Fields.Risk] = append(of[e.Fields.Risk], e)
	}
	in, scenarios := map[string]string{}, map[string]quantity.Scenario{}
	for _, r := range risks {
		e, judged := latest(of[r.Key])[Current]
		s, ok, err := e.Fields.Quantities()
		if !judged || !ok || err != nil {
			p.Without++
			continue
		}
		s.ID = r.Key
		in[r.Key], scenarios[r.Key], p.Risks[r.Key] = e.Fields.currency(), s, r
	}
	p.Currency = cmp.Or(currency, most(in))
	for _, r := range risks {
		switch {
		case in[r.Key] == "":
		case in[r.Key] == p.Currency:
			p.Scenarios = append(p.Scenarios, scenarios[r.Key])
		default:
			p.Others = append(p.Others, r.Key)
		}
	}
	if p.Treatments, err = p.priced(tx); err != nil {
		return p, err
	}
	p.Appetite, err = yearAppetite(tx, p.Currency)
	return p, err
}

// most gives the currency most risks are in; the first by name where two tie.
func most(in map[string]string) (currency string) {
	counts := map[string]int{}
	for _, c := range in {
		counts[c]++
	}
	for c, n := range counts {
		if currency == "" || n > counts[currency] || n == counts[currency] && c < currency {
			currency = c
		}
	}
	return currency
}

func (p Portfolio) has(key string) bool {
	return slices.ContainsFunc(p.Scenarios, func(s quantity.Scenario) bool { return s.ID == key })
}

// priced gives the treatments that are not done and say what changes, for those
// of their risks that are in the portfolio. Costs in another currency are left
// out, and so is the treatment.
func (p Portfolio) priced(tx register.Reader) (list []Priced, err error) {
	treatments, err := all[Treatment](tx, treatmentName, inState(Planned, Proposed, Agreed, InProgress))
	for _, t := range treatments {
		frequency, loss, err := t.Fields.Afterwards()
		if err != nil || frequency == nil && loss == nil {
			continue // said in levels only
		}
		once, yearly := ParseAmount(t.Fields.CostOnce), ParseAmount(t.Fields.CostYearly)
		if once.Currency != "" && once.Currency != p.Currency || yearly.Currency != "" && yearly.Currency != p.Currency {
			continue
		}
		try := quantity.Treatment{ID: t.Key, Cost: once.Value/yearsOfCost + yearly.Value}
		for _, key := range t.Fields.Risks {
			switch {
			case !p.has(key):
			case try.Scenario == "":
				try.Scenario, try.Frequency, try.Loss = key, frequency, loss
			default:
				try.Also = append(try.Also, quantity.Change{Scenario: key, Frequency: frequency, Loss: loss})
			}
		}
		if try.Scenario != "" {
			list = append(list, Priced{t, try})
		}
	}
	return list, err
}

func yearAppetite(tx register.Reader, currency string) (*Appetites, error) {
	editions, err := all[Criteria](tx, criteriaName, inState(Approved))
	if err != nil {
		return nil, err
	}
	for _, c := range editions {
		loss := ParseAmount(c.Fields.AppetiteLoss)
		if loss.Currency == currency && currency != "" && c.Fields.AppetiteChance != nil {
			return &Appetites{loss.Value, *c.Fields.AppetiteChance / 100}, nil
		}
	}
	return nil, nil
}

// UsualYears is what pages and reports play where nobody says otherwise, so that
// they show the same figures.
var UsualYears = quantity.Settings{Trials: 50_000, Seed: 1}

// Played is a portfolio with what the years came out at.
type Played struct {
	Portfolio
	Result  quantity.Result
	Effects []quantity.Effect // of Treatments, in their order
}

// Play plays the years of a portfolio, and again for every treatment. Errors are
// those of package quantity; Conflict where there is nothing to play.
func (p Portfolio) Play(ctx context.Context, settings quantity.Settings) (played Played, err error) {
	played.Portfolio = p
	if len(p.Scenarios) == 0 {
		return played, sextant.Errorf(sextant.Conflict, "no open risk has its frequency and loss judged as ranges").WithHint("judge a risk in quantities first")
	}
	if played.Result, err = quantity.Simulate(ctx, p.Scenarios, settings); err != nil {
		return played, err
	}
	for _, t := range p.Treatments {
		e, err := quantity.Try(ctx, p.Scenarios, played.Result, t.Try)
		if err != nil {
			return played, err
		}
		played.Effects = append(played.Effects, e)
	}
	return played, nil
}
