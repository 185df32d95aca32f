// SPDX-License-Identifier: Apache-2.0

package connector

import (
	"maps"
	"slices"

	"sextant"
)

// Factory makes connectors of one kind that can be opened by name.
type Factory struct {
	Name  string
	Title string
	// Open checks the configuration (JSON, its fields are the connector's
	// own) and makes the connector. It reaches no network. Errors are
	// sextant.Invalid or sextant.Denied and name the field.
	Open func(config []byte, o Options) (Connector, error)
}

// Options are the caller's, never the configuration's: what the person who runs
// this installation allows, and how a run is to go.
type Options struct {
	// Source is copied to the manifest.
	Source string
	// Operator allows what reaches beyond the organisation's own credentials:
	// profiles, ambient credentials, custom endpoints, and with them local
	// addresses. The CLI sets it; the server only where its operator says so.
	Operator bool
	// Skip lets a run continue an interrupted one: a slice it accepts is
	// reported as Skipped and not read. Nil skips nothing.
	Skip func(Slice) bool
	// Sample ends each population after so many observations, 0 = never: for a
	// try of the rights. Its population is Partial.
	Sample int
	// Clock is SystemClock where nil.
	Clock sextant.Clock
}

var factories = map[string]Factory{}

// Register adds a connector. It panics on a clash, at start.
func Register(f Factory) {
	if f.Name == "" || f.Open == nil {
		panic("connector: a factory needs a name and Open")
	}
	if _, clash := factories[f.Name]; clash {
		panic("connector: " + f.Name + " is registered twice")
	}
	factories[f.Name] = f
}

// Factories lists the registered connectors by name.
func Factories() []Factory {
	var all []Factory
	for _, name := range slices.Sorted(maps.Keys(factories)) {
		all = append(all, factories[name])
	}
	return all
}

// Open makes the connector called name from its configuration.
func Open(name string, config []byte, o Options) (Connector, error) {
	f, ok := factories[name]
	if !ok {
		return nil, sextant.Errorf(sextant.Invalid, "there is no connector %q", name).At("connector").
			WithHint("registered are: %v", slices.Sorted(maps.Keys(factories)))
	}
	return f.Open(config, o)
}
