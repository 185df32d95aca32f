// SPDX-License-Identifier: Apache-2.0

package aws

import (
	"regexp"
	"slices"
	"strings"
)

// allowsAll reports whether a statement allows every action on every resource.
// Conditions are not weighed: a grant of everything stays one.
func (d *document) allowsAll() bool {
	return slices.ContainsFunc(d.statements, func(s statement) bool {
		return s.allow && slices.ContainsFunc(s.actions, everyAction) && slices.ContainsFunc(s.resources, everyResource)
	})
}

// allowedServices lists services of which every action is allowed on every
// resource.
func (d *document) allowedServices() []string {
	var all []string
	for _, s := range d.statements {
		if !s.allow || !slices.ContainsFunc(s.resources, everyResource) {
			continue
		}
		for _, a := range s.actions {
			service, action, ok := strings.Cut(a, ":")
			if ok && onlyStars(action) && !onlyStars(service) {
				all = append(all, strings.ToLower(service))
			}
		}
	}
	return set(all)
}

func onlyStars(s string) bool { return s != "" && strings.Trim(s, "*") == "" }

func everyAction(a string) bool {
	service, action, two := strings.Cut(a, ":")
	return onlyStars(service) && (!two || onlyStars(action))
}

func everyResource(r string) bool {
	if onlyStars(r) {
		return true
	}
	rest, ok := strings.CutPrefix(r, "arn:")
	if !ok {
		return false
	}
	for i, part := range strings.Split(rest, ":") {
		if !onlyStars(part) && !(i == 0 && strings.HasPrefix(part, "aws") && strings.Contains(rest, ":")) {
			return false
		}
	}
	return true
}

// trust is who may assume a role.
type trust struct {
	anyone            bool
	accounts          []string
	withoutExternalID []string
	services          []string
	federated         []string
}

var principalARN = regexp.MustCompile(`^arn:aws[a-z-]*:(?:iam|sts)::([0-9]{12}):`)

func (d *document) trust() trust {
	var t trust
	for _, s := range d.statements {
		if !s.allow || !s.assumes() {
			continue
		}
		t.services = append(t.services, s.principals["service"]...)
		t.federated = append(t.federated, s.principals["federated"]...)
		for _, p := range s.principals["aws"] {
			t.principal(s, p)
		}
	}
	return t
}

// assumes reports whether a statement is about taking the role on. One without
// actions is invalid and taken for it.
func (s statement) assumes() bool {
	return len(s.actions) == 0 || slices.ContainsFunc(s.actions, func(a string) bool {
		a = strings.ToLower(a)
		return everyAction(a) || a == "sts:*" || strings.HasPrefix(a, "sts:assume")
	})
}

// principal adds one AWS principal. An id in place of an ARN belongs to a
// deleted principal and lets nobody in.
func (t *trust) principal(s statement, p string) {
	var accounts []string
	switch m := principalARN.FindStringSubmatch(p); {
	case strings.Contains(p, "*") && m == nil:
		accounts = s.required("aws:principalaccount")
		if accounts == nil && !s.narrowed() {
			t.anyone = true
		}
	case m != nil:
		accounts = m[1:]
	case accountID.MatchString(p):
		accounts = []string{p}
	}
	t.accounts = append(t.accounts, accounts...)
	if s.required("sts:externalid") == nil {
		t.withoutExternalID = append(t.withoutExternalID, accounts...)
	}
}

// narrowing keys say who or what a request comes from.
var narrowing = []string{
	"aws:principalaccount", "aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:sourceaccount",
	"aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths", "aws:userid", "sts:externalid",
}

func (s statement) narrowed() bool {
	return slices.ContainsFunc(narrowing, func(key string) bool { return s.required(key) != nil })
}

// required gives the values one of which a condition demands of key, nil where
// none does. An operator with IfExists or a negative one demands nothing, and
// neither does a value of wildcards only.
func (s statement) required(key string) []string {
	for _, c := range s.conditions {
		if c.key == key && demanding(c.operator) && len(c.values) > 0 && !slices.ContainsFunc(c.values, onlyStars) {
			return c.values
		}
	}
	return nil
}

func demanding(operator string) bool {
	switch strings.TrimPrefix(operator, "foranyvalue:") {
	case "stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike":
		return true
	}
	return false
}

// deniesInsecureTransport reports whether the policy of a bucket refuses plain
// HTTP to everyone, for the bucket and what is in it.
func (d *document) deniesInsecureTransport(bucket string) bool {
	var whole, objects bool
	for _, s := range d.statements {
		if s.allow || s.notActions || !slices.Contains(s.principals["aws"], "*") || !s.onlyInsecure() || !slices.ContainsFunc(s.actions, everyS3Action) {
			continue
		}
		whole = whole || slices.ContainsFunc(s.resources, func(r string) bool { return covers(r, bucket) })
		objects = objects || slices.ContainsFunc(s.resources, func(r string) bool { return covers(r, bucket+"/*") })
	}
	return whole && objects
}

func everyS3Action(a string) bool {
	return everyAction(a) || strings.EqualFold(a, "s3:*")
}

// onlyInsecure reports whether aws:SecureTransport false is the one condition:
// any other would let some plain requests through.
func (s statement) onlyInsecure() bool {
	if len(s.conditions) != 1 {
		return false
	}
	c := s.conditions[0]
	return (c.operator == "bool" || c.operator == "boolifexists") && c.key == "aws:securetransport" &&
		len(c.values) == 1 && strings.EqualFold(c.values[0], "false")
}

// covers reports whether a resource of a policy covers a bucket ("name") or
// everything in it ("name/*").
func covers(resource, what string) bool {
	if everyResource(resource) {
		return true
	}
	parts := strings.SplitN(resource, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "s3" {
		return false
	}
	prefix, wild := strings.CutSuffix(parts[5], "*")
	return parts[5] == what || wild && !strings.ContainsAny(prefix, "*?") && strings.HasPrefix(what, prefix)
}
