// SPDX-License-Identifier: Apache-2.0

// Package soak makes seeded random changes in the directory of a simulated
// identity provider for a time, and looks after each batch of them whether the
// provider holds what the directory says. Of what fails it finds the smallest
// scenario that it can.
package soak

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Options say what is soaked, and for how long.
type Options struct {
	// Open gives a simulator of a scenario at a provider that holds nothing of
	// it, and what ends it. It is called for the soak, with try 0, and for each
	// try of shrinking, counted from 1.
	Open func(ctx context.Context, s simulator.Scenario, try int) (*simulator.Simulator, func(), error)

	Scenario simulator.Scenario // the application, the directory, and changes that go before the random ones
	Seed     uint64
	For      time.Duration // on the wall; 0: until Changes are made
	Changes  int           // random ones; 0: until For is over
	Batch    int           // changes between two looks; 0: 10
	Tries    int           // of shrinking at most; 0: 400
	Vary     Vary

	Progress func(Progress) // is told after each batch and each try; nil: nobody
}

// Vary says what the random changes may touch.
type Vary struct {
	FixedUserNames bool     // the provider has immutable user names
	FixedHandles   bool     // the product keeps the team of a group that left, and its handle
	RealTime       bool     // waiting is not free: no change waits
	Roles          []string // values to give; none: no roles are changed
}

// Progress is how far a soak is.
type Progress struct {
	Changes  int
	Requests int
	Try      int // of shrinking; 0: still soaking
	Left     int // changes and people in the scenario that is being shrunk
}

// Result is what came of a soak.
type Result struct {
	Report  *simulator.Report // the last one
	Changes int               // all that were made
	Looks   int
	Failure *Failure // nil: converged each time
}

// Failure is what did not converge.
type Failure struct {
	Key      string             // what failed: "person · title", "task of group"
	Again    bool               // the scenario fails when it is played by itself; else it is whole, and its Report that of the soak
	Scenario simulator.Scenario // shrunk
	Report   *simulator.Report  // of the shrunk scenario
	Tries    int
}

// Run soaks. An error says that it could not be done; a provider that does not
// converge is a Failure. It takes memory for each change that is made.
func Run(ctx context.Context, o Options) (*Result, error) {
	if o.For <= 0 && o.Changes <= 0 {
		return nil, errors.New("soak: no end: give a time or a number of changes")
	}
	const batch, tries = 10, 400
	if o.Batch <= 0 {
		o.Batch = batch
	}
	if o.Tries <= 0 {
		o.Tries = tries
	}
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	g, err := newGenerator(o.Scenario, o.Seed, o.Vary)
	if err != nil {
		return nil, err
	}
	r, err := o.soak(ctx, g)
	if err != nil || r.Failure == nil {
		return r, err
	}
	s := &shrinker{Options: o, key: r.Failure.Key}
	f := r.Failure
	f.Report = r.Report
	if f.Again = s.fails(ctx, f.Scenario); f.Again {
		f.Scenario = s.shrink(ctx, f.Scenario)
		f.Report = s.best
	}
	f.Tries = s.tries
	return r, s.err
}

// soak makes changes until the end or a failure.
func (o *Options) soak(ctx context.Context, g *generator) (*Result, error) {
	began := time.Now()
	sim, done, err := o.Open(ctx, o.Scenario, 0)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := sim.Start(ctx); err != nil {
		return nil, err
	}
	made := append([]directory.Change(nil), o.Scenario.Changes...)
	for _, c := range made {
		if err := sim.Change(ctx, c); err != nil {
			return nil, err
		}
	}
	r := &Result{}
	for {
		for i := 0; i < o.Batch && !o.over(began, r.Changes, i); i++ {
			c := g.next()
			if err := sim.Change(ctx, c); err != nil {
				return nil, err
			}
			made = append(made, c)
			r.Changes++
		}
		if c := g.last(); c != nil {
			if err := sim.Change(ctx, *c); err != nil {
				return nil, err
			}
			made = append(made, *c)
		}
		if r.Report, err = sim.Settle(ctx); err != nil {
			return nil, err
		}
		r.Looks++
		o.Progress(Progress{Changes: r.Changes, Requests: r.Report.Requests})
		if key := failure(r.Report); key != "" {
			failed := o.Scenario
			failed.Changes = made
			r.Failure = &Failure{Key: key, Scenario: failed}
			return r, nil
		}
		if o.over(began, r.Changes, 1) {
			return r, nil
		}
	}
}

// over says whether the soak has lasted long enough. Of a time the first change
// of a batch is always made.
func (o *Options) over(began time.Time, made, inBatch int) bool {
	return o.Changes > 0 && made >= o.Changes ||
		o.For > 0 && inBatch > 0 && time.Since(began) >= o.For
}

// failure says what did not converge: the first difference that is not expected
// or, without one, the first task; "" if all is well.
func failure(r *simulator.Report) string {
	for _, d := range r.Differences {
		if d.Expected == "" {
			return keyOf(d)
		}
	}
	for _, t := range r.Tasks {
		return "task of " + kind(t.Subject)
	}
	return ""
}

// fails says whether a report has a failure of this key.
func fails(r *simulator.Report, key string) bool {
	for _, d := range r.Differences {
		if d.Expected == "" && keyOf(d) == key {
			return true
		}
	}
	for _, t := range r.Tasks {
		if "task of "+kind(t.Subject) == key {
			return true
		}
	}
	return false
}

func keyOf(d cycle.Difference) string { return kind(d.Subject) + " · " + d.Where }

// kind gives "person" of "person ada".
func kind(subject string) string {
	word, _, _ := strings.Cut(subject, " ")
	return word
}
