// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/scimproof/scimproof/simulator/directory"
)

// Run plays the scenario to its end and compares: Start, each change of the
// scenario, Settle. An error says that it could not be played, a [TargetError]
// why.
func (s *Simulator) Run(ctx context.Context) (*Report, error) {
	err := s.Start(ctx)
	for _, c := range s.o.Scenario.Changes {
		if err != nil || s.unreachable() != nil {
			break
		}
		err = s.Change(ctx, c)
	}
	if target := s.unreachable(); target != nil && ctx.Err() == nil {
		return nil, target
	}
	if err != nil {
		return nil, err
	}
	return s.Settle(ctx)
}

// Start switches provisioning on: who is assigned is provisioned.
func (s *Simulator) Start(ctx context.Context) error {
	s.began = s.clock.Now()
	if err := s.dialect.Start(ctx); err != nil {
		return err
	}
	if gone := s.unreachable(); gone != nil {
		return gone
	}
	if strings.HasPrefix(s.o.Scenario.Dialect, "okta-") {
		for _, id := range s.groups {
			if err := s.dialect.Act(ctx, directory.Change{Kind: directory.Push, IDs: []string{id}}, directory.Effect{}); err != nil {
				return err
			}
		}
	}
	return nil
}

// Change makes one change to the directory, or gives one command to the
// application, and does what follows at once.
func (s *Simulator) Change(ctx context.Context, c directory.Change) error {
	err := s.change(ctx, c)
	switch {
	case err == nil:
		s.mu.Lock()
		s.progress.Change++
		s.mu.Unlock()
		return nil
	case ctx.Err() != nil:
		return err
	}
	return fmt.Errorf("%s:%d: %w", s.o.Scenario.File, c.Line, err)
}

func (s *Simulator) change(ctx context.Context, c directory.Change) error {
	if c.Kind == directory.Wait {
		wait, err := time.ParseDuration(c.Wait)
		if err != nil {
			return fmt.Errorf("wait: %w", err)
		}
		if err := s.clock.Sleep(ctx, wait); err != nil {
			return err
		}
	}
	c, err := s.withRoles(c)
	if err != nil {
		return err
	}
	effect, err := s.dir.Apply(c)
	if err != nil {
		return err
	}
	return s.dialect.Act(ctx, c, effect)
}

// Settle does what is still due and compares. More changes may follow, and
// another Settle.
func (s *Simulator) Settle(ctx context.Context) (*Report, error) {
	err := s.dialect.Settle(ctx)
	if target := s.unreachable(); target != nil && ctx.Err() == nil {
		return nil, target
	}
	if err != nil {
		return nil, err
	}
	took := s.clock.Now().Sub(s.began)
	s.compares(true)
	defer s.compares(false)
	differences, err := s.dialect.Compare(ctx)
	if err != nil {
		return nil, fmt.Errorf("compare provider and directory: %w", err)
	}
	if s.o.Product != nil {
		found, err := s.compareProduct(ctx, differences)
		if err != nil {
			return nil, fmt.Errorf("compare product and directory: %w", err)
		}
		differences = append(differences, found...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := &Report{
		Dialect: s.o.Scenario.Dialect, Changes: s.progress.Change, Requests: s.progress.Requests,
		Waited: s.waited, Took: took, Tasks: s.dialect.Tasks(), Differences: differences,
	}
	for range s.dir.People() {
		r.People++
	}
	for range s.dir.Groups() {
		r.Groups++
	}
	return r, nil
}

// compares notes that the requests that follow are ours, not the IdP's.
func (s *Simulator) compares(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.comparing = on
}
