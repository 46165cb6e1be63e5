// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/suites/check"
)

// Limits of a run. The whole catalogue sends some 900 requests that make
// something, and 4,000 in all.
const (
	defaultCreates  = 5_000
	defaultRequests = 50_000
)

// memoryGoal is how much memory a run is to do with, in bytes. What is kept of
// replies is bounded; this is for the garbage of large ones.
const memoryGoal = 128 << 20

// registerLimits registers what bounds a run, and where it is written down.
func (t *targetFlags) registerLimits(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&t.journal, "journal", "", "keep the journal of what is made on --target in `DIR`, for scimproof sweep (default scimproof in the user's state folder)")
	f.IntVar(&t.maxCreates, "max-creates", defaultCreates, "send at most `N` requests that make something (0: no limit)")
	f.IntVar(&t.maxRequests, "max-requests", defaultRequests, "send at most `N` requests besides those that clean up (0: no limit)")
}

// kept is the journal of a run, or none where what it makes ends with it.
type kept struct {
	p       *program
	journal *check.Journal
}

// open gets to know a target. What is made on one that --target names is
// written to a journal, which has to be ended after the clean-up.
func (p *program) open(ctx context.Context, t *targetFlags, target check.Target) (*check.Provider, *kept, error) {
	debug.SetMemoryLimit(memoryGoal)
	target.MaxCreates, target.MaxRequests = t.maxCreates, t.maxRequests
	provider, err := check.Open(ctx, target)
	if err != nil {
		return nil, nil, p.explainTarget(err)
	}
	k := &kept{p: p}
	if t.url == "" {
		return provider, k, nil
	}
	if k.journal, err = provider.KeepJournal(p.journals(t.journal)); err != nil {
		return nil, nil, fmt.Errorf("%w; --journal DIR names another folder", err)
	}
	return provider, k, nil
}

// end closes the journal, and says how to go on where something may be left.
func (k *kept) end() {
	if k.journal == nil {
		return
	}
	if n := k.journal.Open(); n > 0 {
		fmt.Fprintf(k.p.stderr, "scimproof: %s may be left on the target; when it works again:\n  scimproof sweep --target %s --journal %s\n",
			count(n, "thing"), k.journal.Target, k.journal.File)
	}
	if err := k.journal.Close(); err != nil {
		fmt.Fprintf(k.p.stderr, "scimproof: close the journal: %v\n", err)
	}
}
