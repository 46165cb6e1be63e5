// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"go.yaml.in/yaml/v4"

	refserver "github.com/scimproof/scimproof/reference-server"
)

// Seed is what an organisation starts with, in YAML or JSON: people, groups,
// roles and teams by name, or a number of made-up people and groups, or both.
type Seed struct {
	Roles  []string `yaml:"roles"` // beside those of the profile
	People []Person `yaml:"people"`
	Groups []Group  `yaml:"-"`
	Teams  []Team   `yaml:"teams"` // made on the product side, not managed by an IdP

	Population int    `yaml:"population"` // made-up people
	Crowds     int    `yaml:"-"`          // made-up groups
	Random     uint64 `yaml:"seed"`       // the same seed makes the same people
}

// Person is a user, by the names that a directory has for them.
type Person struct {
	ID          string   `yaml:"id"` // by which groups and teams name the person; "": userName
	UserName    string   `yaml:"userName"`
	ExternalID  string   `yaml:"externalId"`
	GivenName   string   `yaml:"givenName"`
	FamilyName  string   `yaml:"familyName"`
	DisplayName string   `yaml:"displayName"` // "": given and family name
	Email       string   `yaml:"email"`       // "": userName
	Title       string   `yaml:"title"`
	Department  string   `yaml:"department"`
	Manager     string   `yaml:"manager"` // ID of somebody further up in the list
	Roles       []string `yaml:"roles"`   // names of roles
	Active      *bool    `yaml:"active"`  // nil: true
}

// Group is a group with its members, by ID.
type Group struct {
	ID          string   `yaml:"id"`
	DisplayName string   `yaml:"displayName"`
	ExternalID  string   `yaml:"externalId"`
	Members     []string `yaml:"members"`
}

// Team is a team of the product.
type Team struct {
	Name        string   `yaml:"name"`
	Handle      string   `yaml:"handle"`
	Description string   `yaml:"description"`
	Members     []string `yaml:"members"`
}

// ErrSeed is a seed that cannot be planted.
var ErrSeed = errors.New("seed")

// document is a seed as it is written: groups are a list or a number.
type document struct {
	Seed   `yaml:",inline"`
	Groups yaml.Node `yaml:"groups"`
}

// ParseSeed reads a seed, as YAML or JSON. Keys that it does not know are
// errors; file is for messages.
func ParseSeed(file string, text []byte) (*Seed, error) {
	var d document
	if len(bytes.TrimSpace(text)) == 0 {
		return &Seed{}, nil
	}
	if err := yaml.Load(text, &d, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("%w %s: %w; allowed keys: roles, people, groups, teams, or population, groups and seed", ErrSeed, file, err)
	}
	s := d.Seed
	var err error
	switch d.Groups.Kind {
	case 0:
	case yaml.ScalarNode:
		err = d.Groups.Decode(&s.Crowds)
	default:
		err = d.Groups.Load(&s.Groups, yaml.WithKnownFields())
	}
	if err == nil {
		err = s.valid()
	}
	if err != nil {
		return nil, fmt.Errorf("%w %s: %w", ErrSeed, file, err)
	}
	return &s, nil
}

// maxPopulation is how many people are made up at most.
const maxPopulation = 1_000_000

// valid finds what can be seen without a server: names that are missing, twice
// or nobody's.
func (s *Seed) valid() error {
	switch {
	case s.Population < 0 || s.Population > maxPopulation:
		return fmt.Errorf("population: %d; allowed: 0 to %d", s.Population, maxPopulation)
	case s.Crowds < 0 || s.Crowds > maxPopulation:
		return fmt.Errorf("groups: %d; allowed: 0 to %d, or a list of groups", s.Crowds, maxPopulation)
	}
	known := map[string]bool{}
	for i, p := range s.People {
		if p.UserName == "" {
			return fmt.Errorf("people[%d]: no userName", i)
		}
		if known[p.id()] {
			return fmt.Errorf("people[%d]: %q is there twice", i, p.id())
		}
		if p.Manager != "" && !known[p.Manager] {
			return fmt.Errorf("people[%d].manager: %q is nobody further up in the list", i, p.Manager)
		}
		known[p.id()] = true
	}
	groups := map[string]bool{}
	for i, g := range s.Groups {
		if g.DisplayName == "" {
			return fmt.Errorf("groups[%d]: no displayName", i)
		}
		for _, m := range g.Members {
			if !known[m] && !groups[m] {
				return fmt.Errorf("groups[%d].members: %q is no person, and no group further up in the list", i, m)
			}
		}
		groups[g.id()] = true
	}
	for i, t := range s.Teams {
		if t.Name == "" {
			return fmt.Errorf("teams[%d]: no name", i)
		}
		for _, m := range t.Members {
			if !known[m] {
				return fmt.Errorf("teams[%d].members: %q is no person", i, m)
			}
		}
	}
	return nil
}

func (p Person) id() string {
	if p.ID != "" {
		return p.ID
	}
	return p.UserName
}

func (g Group) id() string {
	if g.ID != "" {
		return g.ID
	}
	return g.DisplayName
}

func (t Team) handle() string {
	if t.Handle != "" {
		return t.Handle
	}
	return strings.ToLower(strings.ReplaceAll(t.Name, " ", "-"))
}

// seeded says how much a seed made.
type seeded struct {
	Roles  int `json:"roles"`
	People int `json:"people"`
	Groups int `json:"groups"`
	Teams  int `json:"teams"`
}

// Start puts the seed of the options into the server.
func (a *Admin) Start(ctx context.Context) error {
	if a.seed == nil {
		return nil
	}
	_, err := a.plant(ctx, a.server.Whole(), a.seed)
	return err
}

func (a *Admin) postSeed(into *refserver.Part) endpoint {
	return func(r *http.Request) (any, error) {
		text, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, fmt.Errorf("read body: %w", err)
		}
		s, err := ParseSeed("body", text)
		if err != nil {
			return nil, wrong("%v", err)
		}
		return a.plant(r.Context(), into, s)
	}
}

// postReset empties the server and brings it to where it was at the start.
// Faults, chaos, scripted replies, the clock and the history stay.
func (a *Admin) postReset(r *http.Request) (any, error) {
	if err := a.server.Reset(r.Context()); err != nil {
		return nil, err
	}
	a.chaos.forget()
	if err := a.Start(r.Context()); err != nil {
		return nil, err
	}
	return a.getState(r)
}
