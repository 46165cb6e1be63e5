// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"net/url"
	"slices"
)

// Swept is what came of clearing up after a run.
type Swept struct {
	Removed []string // URLs; with DryRun those that would be
	Gone    int      // what was not there any more
	Left    []string // what may still be there, and why
	Strange []string // what the journal names and somebody else has made, and why: left alone
}

// SweepOptions say how to clear up.
type SweepOptions struct {
	DryRun   bool         // look, and change nothing
	OnRemove func(string) // is told each URL that was removed; nil: nobody
}

// Sweep removes what a run has left on target, as its journal tells. Nothing is
// removed but what carries the run's mark, was not there before the run, and
// shows so right before. The error is that of Open, or says that the journal
// is of another target.
func Sweep(ctx context.Context, target Target, j *Journal, o SweepOptions) (Swept, error) {
	target.RunID = j.Run
	if base, _, err := baseURL(target.BaseURL); err != nil {
		return Swept{}, err
	} else if base != j.Target {
		return Swept{}, &TargetError{"BaseURL", base, "the journal " + j.File + " is of " + j.Target}
	}
	p, err := Open(ctx, target)
	if err != nil {
		return Swept{}, err
	}
	p.begun = j.Start
	s := &sweep{p: p, j: j, o: o}
	found := s.traceAll(ctx)
	var all []*entry
	for _, l := range slices.Backward(j.made) { // what was found is among it
		all = append(all, &entry{Resource: &Resource{Endpoint: l.Endpoint, ID: l.ID}})
	}
	if o.DryRun {
		all = append(all, found...)
	}
	slices.SortStableFunc(all, func(a, b *entry) int { return rank(a.Endpoint) - rank(b.Endpoint) })
	for _, e := range all {
		s.remove(ctx, e)
	}
	s.removeTeams(ctx)
	return s.swept, nil
}

type sweep struct {
	p     *Provider
	j     *Journal
	o     SweepOptions
	swept Swept
}

// traceAll looks for what was made and never named.
func (s *sweep) traceAll(ctx context.Context) (found []*entry) {
	journal := s.j
	if s.o.DryRun {
		journal = nil
	}
	for _, l := range slices.Clone(s.j.creates) {
		c := create{n: l.N, endpoint: l.Endpoint, names: l.Names, answered: true}
		if len(c.names) == 0 {
			s.left(s.p.target.BaseURL+c.endpoint, "a request without a name of the run was not answered: what it made, if anything, cannot be found")
		}
		more, err := s.p.trace(ctx, journal, c)
		if err != nil {
			s.left(s.p.target.BaseURL+c.endpoint, err.Error())
		}
		found = append(found, more...)
	}
	return found
}

func (s *sweep) left(what, why string) {
	s.swept.Left = append(s.swept.Left, s.p.redact.Text(what+": "+why))
}

// remove removes one resource, or says what would become of it.
func (s *sweep) remove(ctx context.Context, e *entry) {
	shown := s.p.redact.Text(s.p.target.BaseURL + e.Endpoint + "/" + url.PathEscape(e.ID))
	var b birth
	var why string
	if s.o.DryRun {
		b, why, _ = s.p.look(ctx, e)
	} else {
		b, why, _ = s.p.remove(ctx, s.j, e)
	}
	switch {
	case b == stranger:
		s.swept.Strange = append(s.swept.Strange, s.p.redact.Text(shown+": "+why))
	case why != "":
		s.left(shown, why)
	case b == absent:
		s.swept.Gone++
	default:
		s.swept.Removed = append(s.swept.Removed, shown)
		if s.o.OnRemove != nil {
			s.o.OnRemove(shown)
		}
	}
}

// removeTeams removes the teams that the run made by the product's own API.
func (s *sweep) removeTeams(ctx context.Context) {
	probe := s.p.target.Product
	for _, l := range slices.Clone(s.j.held) {
		what := fmt.Sprintf("product %s %s", l.What, l.ID)
		if probe == nil {
			s.left(what, "without the product's own API it cannot be removed")
			continue
		}
		if !s.o.DryRun {
			if err := probe.DeleteTeam(ctx, l.ID); err != nil {
				s.left(what, err.Error())
				continue
			}
			if err := s.j.write(line{Do: lineFree, What: l.What, ID: l.ID}); err != nil {
				s.left(what, err.Error())
			}
		}
		s.swept.Removed = append(s.swept.Removed, what)
	}
}
