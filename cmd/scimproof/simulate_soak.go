// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/soak"
	"github.com/scimproof/scimproof/suites/check"
)

// soakFlags say how long random changes are made.
type soakFlags struct {
	last    time.Duration
	changes int
	shrunk  string
}

func (s *soakFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.DurationVar(&s.last, "soak", 0, "make random changes for `TIME`, looking after each ten whether provider and directory agree")
	f.IntVar(&s.changes, "changes", 0, "make `N` random changes, in the place of a time or at most")
	f.StringVar(&s.shrunk, "shrunk", "soak-failure.yaml", "write the smallest scenario that fails to `FILE`")
}

func (s *soakFlags) on() bool { return s.last > 0 || s.changes > 0 }

func (s *soakFlags) validate() error {
	if s.last < 0 || s.changes < 0 {
		return fmt.Errorf("--soak %v --changes %d: want more than 0", s.last, s.changes)
	}
	return nil
}

// The population of a soak that names none.
const (
	soakPeople = 12
	soakGroups = 3
)

// runSoak soaks the provider, and writes the scenario of what fails.
func (p *program) runSoak(ctx context.Context, s *simulateFlags, scenario simulator.Scenario, target check.Target) error {
	population := directory.Population{People: s.people, Groups: s.groups, Seed: scenario.Seed}
	if s.people == 0 && len(scenario.Directory.People) == 0 {
		population.People, population.Groups = soakPeople, soakGroups
	}
	scenario, err := soak.Populate(scenario, population, isOkta(scenario.Dialect))
	if err != nil {
		return err
	}
	vary, err := varied(ctx, target, s.clockIsReal())
	if err != nil {
		return err
	}
	result, err := soak.Run(ctx, soak.Options{
		Scenario: scenario, Seed: scenario.Seed, For: s.soak.last, Changes: s.soak.changes, Vary: vary,
		Progress: s.soakProgress(p),
		Open: func(ctx context.Context, scenario simulator.Scenario, try int) (*simulator.Simulator, func(), error) {
			at, done := target, func() {}
			switch {
			case try == 0:
			case s.target.url != "":
				scenario = soak.Apart(scenario, try)
			default:
				var err error
				if at, done, err = p.provider(ctx, &s.target, s.faults); err != nil {
					return nil, nil, err
				}
			}
			simulation, err := s.open(ctx, scenario, at)
			if err != nil {
				done()
			}
			return simulation, done, err
		},
	})
	if err != nil {
		return p.simulationError(ctx, err)
	}
	return s.printSoak(p, result)
}

// open gives a simulation whose people are all in the scenario.
func (s *simulateFlags) open(ctx context.Context, scenario simulator.Scenario, at check.Target) (*simulator.Simulator, error) {
	o, err := s.options(ctx, scenario, at)
	if err != nil {
		return nil, err
	}
	o.Population = directory.Population{}
	return simulator.New(o)
}

// varied says what random changes may touch at a target.
func varied(ctx context.Context, target check.Target, realTime bool) (soak.Vary, error) {
	profile := target.Profile
	vary := soak.Vary{
		RealTime: realTime, FixedUserNames: profile.Wire.UserName == "immutable", FixedHandles: profile.Teams.Target != "none" && profile.Teams.Delete != "delete",
		Roles: target.Roles,
	}
	if len(vary.Roles) > 0 {
		return vary, nil
	}
	values, err := roleValues(ctx, target)
	for _, name := range slices.Sorted(maps.Keys(values)) {
		vary.Roles = append(vary.Roles, simulator.RolePrefix+name)
	}
	return vary, err
}

// roleValues gives the value of each role that the product has, by its name;
// none where the product is not looked at or has no roles.
func roleValues(ctx context.Context, target check.Target) (map[string]string, error) {
	if target.Product == nil || target.Profile.Roles.Source == "none" {
		return nil, nil
	}
	roles, err := target.Product.Roles(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the roles of the product: %w", err)
	}
	values := map[string]string{}
	for _, r := range roles {
		values[r.Name] = r.ID
		if target.Profile.Roles.Match == "name" {
			values[r.Name] = r.Name
		}
	}
	return values, nil
}

// printSoak writes what came of a soak, and the scenario of a failure.
func (s *simulateFlags) printSoak(p *program, r *soak.Result) error {
	w := s.output.stdout(p)
	fmt.Fprintf(w, "soak: %s in %s, %s\n", count(r.Changes, "random change"), count(r.Looks, "look"), count(r.Report.Requests, "request"))
	f := r.Failure
	if f == nil {
		printSimulation(w, r.Report)
		return nil
	}
	printSimulation(w, f.Report)
	text := simulator.Marshal(f.Scenario)
	if err := os.WriteFile(s.soak.shrunk, text, 0o600); err != nil {
		return errors.Join(fmt.Errorf("--shrunk: %w", err), conclude(reports.ExitNotConformant))
	}
	if f.Again {
		fmt.Fprintf(w, "failed: %s; of the changes %d are left, after %s, in %s:\n\n%s", f.Key, len(f.Scenario.Changes), count(f.Tries, "attempt"), s.soak.shrunk, text)
	} else {
		fmt.Fprintf(w, "failed: %s, but not when the same was played once more; all of it is in %s\n", f.Key, s.soak.shrunk)
	}
	return conclude(reports.ExitNotConformant)
}

// soakProgress tells how far a soak is.
func (s *simulateFlags) soakProgress(p *program) func(soak.Progress) {
	w := s.output.stderr(p)
	over := !s.output.quiet && !s.output.verbose && terminal(p.stderr)
	return func(g soak.Progress) {
		const every = 500
		text := fmt.Sprintf("%s, %s", count(g.Changes, "change"), count(g.Requests, "request"))
		if g.Try > 0 {
			text = fmt.Sprintf("shrinking: attempt %d, %d changes, people and groups", g.Try, g.Left)
		}
		switch {
		case over:
			fmt.Fprintf(w, "\r\x1b[K%s\r", text)
		case g.Try == 1 || g.Try == 0 && g.Changes%every == 0:
			fmt.Fprintln(w, text)
		}
	}
}

// clockIsReal says whether waiting costs time.
func (s *simulateFlags) clockIsReal() bool {
	return s.clock == clockReal || s.clock == "" && s.target.url != ""
}

// options give what every simulation at a target has.
func (s *simulateFlags) options(ctx context.Context, scenario simulator.Scenario, target check.Target) (simulator.Options, error) {
	o := simulator.Options{
		Scenario:   scenario,
		Population: directory.Population{People: s.people, Groups: s.groups, Seed: scenario.Seed},
		BaseURL:    target.BaseURL, Token: target.Token, Header: target.Header, Transport: target.Client.Transport,
		Product: target.Product, Profile: target.Profile,
	}
	if s.clockIsReal() {
		o.Clock = cycle.Real{}
	}
	var err error
	o.Roles, err = roleValues(ctx, target)
	return o, err
}
