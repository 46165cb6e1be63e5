// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"fmt"
	"maps"
	"slices"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Populate gives a scenario whose directory has an invented population as well,
// one by one, so that people and groups can be taken away. Groups are assigned
// in Entra ID, and pushed in Okta.
func Populate(s simulator.Scenario, p directory.Population, okta bool) (simulator.Scenario, error) {
	d := directory.New(directory.Options{})
	if err := d.Populate(p); err != nil {
		return s, err
	}
	s = clone(s)
	var push []directory.Change
	for person := range d.People() {
		s.Directory.People = append(s.Directory.People, *person)
		s.Directory.Assigned = append(s.Directory.Assigned, person.ID)
	}
	for group := range d.Groups() {
		s.Directory.Groups = append(s.Directory.Groups, *group)
		if okta {
			push = append(push, directory.Change{Kind: directory.Push, IDs: []string{group.ID}})
		} else {
			s.Directory.Assigned = append(s.Directory.Assigned, group.ID)
		}
	}
	slices.SortStableFunc(s.Directory.Groups, func(a, b directory.Group) int { // members stand before who holds them
		holds := func(g directory.Group) int {
			if slices.ContainsFunc(g.Members, func(m string) bool { return d.Group(m) != nil }) {
				return 1
			}
			return 0
		}
		return holds(a) - holds(b)
	})
	s.Changes = append(push, s.Changes...)
	return s, nil
}

// Apart gives the scenario with names of its own, for a provider that holds
// already what an earlier try has left.
func Apart(s simulator.Scenario, try int) simulator.Scenario {
	if try == 0 {
		return s
	}
	mark := fmt.Sprintf("try%d", try)
	s = clone(s)
	s.Seed += uint64(try) //nolint:gosec // counted from 1
	person := func(p directory.Person) directory.Person {
		p.UserName = mark + "-" + p.UserName
		if p.Email != "" {
			p.Email = mark + "-" + p.Email
		}
		if p.ExternalID != "" {
			p.ExternalID = mark + "-" + p.ExternalID
		}
		return p
	}
	for i, p := range s.Directory.People {
		s.Directory.People[i] = person(p)
	}
	for i := range s.Directory.Groups {
		s.Directory.Groups[i].DisplayName += " " + mark
	}
	for i, c := range s.Changes {
		switch c.Kind {
		case directory.Join:
			p := person(*c.Person)
			s.Changes[i].Person = &p
		case directory.Found:
			g := *c.Group
			g.DisplayName += " " + mark
			s.Changes[i].Group = &g
		case directory.Rename:
			s.Changes[i].Name += " " + mark
		case directory.Set:
			if name := c.Values[directory.UserName]; name != "" {
				s.Changes[i].Values = maps.Clone(c.Values)
				s.Changes[i].Values[directory.UserName] = mark + "-" + name
			}
		}
	}
	return s
}
