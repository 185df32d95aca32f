// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"

	"sextant/connector"
)

// scene is an account in a region (or connector.Global), as one job sees it.
type scene struct {
	*session
	region string
	// streak counts how often in a row a call failed for a reason that will not
	// pass within this job; it belongs to the job's goroutine.
	streak map[string]*streak
}

type streak struct {
	failures int
	last     connector.Failure
}

// enough is how many failures in a row end a call for the rest of a job: with
// waiting between attempts, thousands of hopeless calls would take hours.
const enough = 5

// config gives the SDK's configuration for the scene.
func (s *scene) config() aws.Config {
	if s.region == connector.Global {
		return s.in(s.home)
	}
	return s.in(s.region)
}

func (s *scene) failure(op string, err error) connector.Failure {
	cause, code, message := classify(err)
	return connector.Failure{
		Call: op, Account: s.account, Region: s.region, Cause: cause, Code: code,
		Message: message, Hint: hints[cause], Times: 1,
	}
}

// call makes one call of AWS. The error is a connector.Failure that names it.
func call[I, O, P any](ctx context.Context, s *scene, op string, do func(context.Context, *I, ...func(*P)) (*O, error), in *I) (*O, error) {
	if _, listed := operations[op]; !listed {
		panic("connector/aws: " + op + " is missing in the table of operations")
	}
	if known := s.streak[op]; known != nil && known.failures >= enough {
		return nil, known.last
	}
	out, err := do(during(ctx, op), in)
	if err == nil {
		delete(s.streak, op)
		return out, nil
	}
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	f := s.failure(op, err)
	s.count(op, f)
	return nil, f
}

func (s *scene) count(op string, f connector.Failure) {
	switch f.Cause {
	case connector.Unreachable, connector.Blocked, connector.TimedOut, connector.Throttled, connector.ServerError,
		connector.Expired, connector.Unauthentic, connector.Cut, connector.Malformed:
	default:
		return
	}
	if s.streak == nil {
		s.streak = map[string]*streak{}
	}
	if s.streak[op] == nil {
		s.streak[op] = &streak{}
	}
	s.streak[op].failures++
	s.streak[op].last = f
}

// mostPages ends a list that never ends.
const mostPages = 100_000

// page tells how a listing call is paged.
type page[I, O any] struct {
	in   func(*I, *string) // sets the token of the page to read
	out  func(*O) *string  // the token of the next page; nil or "" at the end
	each func(*O) error    // takes one answer
}

// pages reads a list to its end. A token that comes twice is a failure: the
// list would never end, or end without having been seen whole.
func pages[I, O, P any](ctx context.Context, s *scene, op string, do func(context.Context, *I, ...func(*P)) (*O, error), in *I, p page[I, O]) error {
	seen := map[string]bool{}
	for n := 0; n < mostPages; n++ {
		out, err := call(ctx, s, op, do, in)
		if err != nil {
			return err
		}
		if err := p.each(out); err != nil {
			return err
		}
		token := p.out(out)
		if token == nil || *token == "" {
			return nil
		}
		if seen[*token] {
			return s.broken(op, connector.RepeatedPage, fmt.Sprintf("page %d has a token that an earlier page had", n+1))
		}
		seen[*token] = true
		p.in(in, token)
	}
	return s.broken(op, connector.TooLarge, fmt.Sprintf("the list has more than %d pages", mostPages))
}

func (s *scene) broken(op string, cause connector.Cause, message string) connector.Failure {
	return connector.Failure{Call: op, Account: s.account, Region: s.region, Cause: cause, Message: message, Hint: hints[cause], Times: 1}
}

// of names the resource a failure concerns.
func of(resource string, err error) error {
	if f, ok := errors.AsType[connector.Failure](err); ok {
		f.Resource = resource
		return f
	}
	return err
}
