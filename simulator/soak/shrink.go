// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// shrinker looks for a small scenario that fails in the same way.
type shrinker struct {
	Options
	key   string
	tries int
	best  *simulator.Report // of what failed last
	err   error             // why it cannot go on
}

// shrink takes changes, people, groups and assignments away as long as the
// scenario fails (Zeller and Hildebrandt, Simplifying and Isolating
// Failure-Inducing Input, 2002), until none of them can be missed or the tries
// are over. Of the scenario itself it is known that it fails.
func (s *shrinker) shrink(ctx context.Context, scenario simulator.Scenario) simulator.Scenario {
	for size := -1; size != weight(scenario) && s.err == nil && s.tries < s.Tries; {
		size = weight(scenario)
		try := func(change func(*simulator.Scenario)) bool {
			smaller := clone(scenario)
			change(&smaller)
			smaller = possible(smaller)
			if !s.fails(ctx, smaller) {
				return false
			}
			scenario = smaller
			return true
		}
		minimise(func() []directory.Change { return scenario.Changes[:len(scenario.Changes)-pinned(scenario)] }, func(part []directory.Change) bool {
			return try(func(n *simulator.Scenario) { n.Changes = slices.Concat(part, n.Changes[len(n.Changes)-pinned(*n):]) })
		})
		minimise(func() []directory.Person { return scenario.Directory.People }, func(part []directory.Person) bool {
			return try(func(n *simulator.Scenario) { n.Directory.People = part })
		})
		minimise(func() []directory.Group { return scenario.Directory.Groups }, func(part []directory.Group) bool {
			return try(func(n *simulator.Scenario) { n.Directory.Groups = part })
		})
		minimise(func() []string { return scenario.Directory.Assigned }, func(part []string) bool {
			return try(func(n *simulator.Scenario) { n.Directory.Assigned = part })
		})
		for i, p := range scenario.Directory.People { // what a person has besides a name
			bare := directory.Person{ID: p.ID, UserName: p.UserName, GivenName: p.GivenName, FamilyName: p.FamilyName}
			if p.Title+p.Department+p.Email+p.Manager != "" {
				try(func(n *simulator.Scenario) { n.Directory.People[i] = bare })
			}
		}
	}
	return scenario
}

// pinned gives how many changes at the end stay: without the last provisioning
// on demand everything would differ.
func pinned(s simulator.Scenario) int {
	if end := len(s.Changes) - 1; end >= 0 && s.Dialect == entra.Pod && s.Changes[end].Kind == directory.OnDemand {
		return 1
	}
	return 0
}

// fails plays a scenario and says whether it fails in the same way.
func (s *shrinker) fails(ctx context.Context, scenario simulator.Scenario) bool {
	if s.err != nil || s.tries >= s.Tries {
		return false
	}
	s.tries++
	sim, done, err := s.Open(ctx, scenario, s.tries)
	if err != nil {
		s.err = err
		return false
	}
	defer done()
	s.Progress(Progress{Try: s.tries, Left: weight(scenario)})
	r, err := sim.Run(ctx)
	if ctx.Err() != nil {
		s.err = context.Cause(ctx)
	}
	if err != nil || !fails(r, s.key) {
		return false // a provider that is not there fails in another way
	}
	s.best = r
	return true
}

// minimise gives smaller and smaller parts of a list to fails, which keeps one
// that it says yes to: all gives what is kept. Tries grow with the square of
// what stays, and its product with the logarithm of what goes.
func minimise[E any](all func() []E, fails func([]E) bool) {
	if len(all()) > 0 && fails(nil) {
		return
	}
	for parts := 2; len(all()) > 1; {
		list := all()
		size := (len(list) + parts - 1) / parts
		shrunk := false
		for at := 0; at < len(list); at += size {
			end := min(at+size, len(list))
			if fails(slices.Concat(list[:at], list[end:])) {
				shrunk = true
				break
			}
		}
		switch {
		case shrunk:
			parts = max(parts-1, 2)
		case parts >= len(list):
			return
		default:
			parts = min(2*parts, len(list))
		}
	}
}

func weight(s simulator.Scenario) int {
	return len(s.Changes) + len(s.Directory.People) + len(s.Directory.Groups) + len(s.Directory.Assigned)
}

func clone(s simulator.Scenario) simulator.Scenario {
	s.Changes = slices.Clone(s.Changes)
	s.Directory.People = slices.Clone(s.Directory.People)
	s.Directory.Groups = slices.Clone(s.Directory.Groups)
	s.Directory.Assigned = slices.Clone(s.Directory.Assigned)
	return s
}

// possible leaves out what refers to somebody who is not there any more.
func possible(s simulator.Scenario) simulator.Scenario {
	d := directory.New(directory.Options{Now: time.Now, Transitive: strings.HasPrefix(s.Dialect, "okta-")})
	known := func(ids []string) []string {
		return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return d.Person(id) == nil && d.Group(id) == nil })
	}
	apply := func(c directory.Change) bool {
		_, err := d.Apply(c)
		return err == nil
	}
	for i := range s.Directory.People {
		apply(directory.Change{Kind: directory.Join, Person: &s.Directory.People[i]})
	}
	for i, p := range s.Directory.People {
		if d.Person(p.Manager) == nil {
			s.Directory.People[i].Manager = ""
		}
	}
	for i := range s.Directory.Groups {
		s.Directory.Groups[i].Members = known(s.Directory.Groups[i].Members)
		apply(directory.Change{Kind: directory.Found, Group: &s.Directory.Groups[i]})
	}
	s.Directory.Assigned = known(s.Directory.Assigned)
	apply(directory.Change{Kind: directory.Assign, IDs: s.Directory.Assigned})
	var kept []directory.Change
	for _, c := range s.Changes {
		about, come := len(c.IDs), len(c.Members)
		c.IDs, c.Members = known(c.IDs), known(c.Members)
		if about > 0 && len(c.IDs) == 0 || come > 0 && len(c.Members) == 0 {
			continue
		}
		if m := c.Values[directory.Manager]; m != "" && d.Person(m) == nil {
			continue
		}
		if c.Group != nil {
			g := *c.Group
			g.Members = known(g.Members)
			c.Group = &g
		}
		if c.Person != nil && c.Person.Manager != "" && d.Person(c.Person.Manager) == nil {
			p := *c.Person
			p.Manager = ""
			c.Person = &p
		}
		if apply(c) {
			kept = append(kept, c)
		}
	}
	s.Changes = kept
	return s
}
