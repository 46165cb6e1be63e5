// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"errors"
	"sync"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/directory"
)

// run makes one cycle: a probe, then the people, their managers, the groups and
// their members that changed since the watermark or are due from escrow. An
// initial cycle has everybody. What it costs goes by what there is to do.
func (c *Connector) run(ctx context.Context, initial bool) error {
	c.started = true
	now := c.clock.Now()
	if c.quarantine.disabled || now.Before(c.quarantine.next) {
		c.next = c.quarantine.next
		return nil
	}
	c.next = now.Add(c.options.Times.Interval)
	c.count = tally{}
	if err := c.probe(ctx); err != nil {
		return c.held(err)
	}
	entries := c.dir.Since(c.mark)
	mark := c.dir.Mark()
	plan := newPlan(c, entries, initial)
	if err := c.passes(ctx, plan); err != nil {
		return err
	}
	c.mark = mark
	if c.options.Limits.exceeded(c.count) {
		c.quarantine.enter(now, escrowProportion, nil)
		c.next = c.quarantine.next
		return nil
	}
	c.quarantine = quarantine{}
	return nil
}

// held puts the application into quarantine if err is the provider's doing.
func (c *Connector) held(err error) error {
	var f *failure
	if !errors.As(err, &f) {
		return err
	}
	c.quarantine.enter(c.clock.Now(), quarantined, f)
	c.next = c.quarantine.next
	return nil
}

// passes works off a plan. Work that a pass brings about is done in later ones.
func (c *Connector) passes(ctx context.Context, p *plan) error {
	for s := range p.steps {
		for _, w := range c.deletionsDue(step(s)) {
			p.add(w)
		}
		if err := c.each(ctx, p.steps[s].items, func(w work) error { return c.do(ctx, p, w) }); err != nil {
			return err
		}
	}
	return nil
}

// do does one piece of work; what the provider refuses goes to escrow.
func (c *Connector) do(ctx context.Context, p *plan, w work) error {
	var err error
	switch w.step {
	case stepUser:
		err = c.syncUser(ctx, p, w.id)
	case stepManager:
		err = c.syncManager(ctx, w.id)
	case stepGroup:
		err = c.syncGroup(ctx, p, w.id)
	case stepMember:
		err = c.syncMember(ctx, p, w)
	}
	var f *failure
	switch {
	case err == nil:
		c.mended(w)
	case errors.As(err, &f):
		if w.step.reference() && c.identify(w.id) == "" { // the resource itself is lost
			w = work{step: w.step - 1, id: w.id}
		}
		c.failed(w, f)
	default:
		return err
	}
	return nil
}

// each does the work, as many pieces at a time as the options say, and ends at
// the first error.
func (c *Connector) each(ctx context.Context, items []work, do func(work) error) error {
	c.count.objects += len(items)
	workers := min(max(c.options.Concurrency, 1), len(items))
	if workers <= 1 {
		for _, w := range items {
			if err := do(w); err != nil {
				return err
			}
		}
		return nil
	}
	queue := make(chan work)
	errs := make(chan error, workers)
	stop, cancel := context.WithCancel(ctx)
	defer cancel()
	var group sync.WaitGroup
	for range workers {
		group.Go(func() {
			for w := range queue {
				if err := do(w); err != nil {
					errs <- err
					cancel()
					return
				}
			}
		})
	}
	for _, w := range items {
		select {
		case queue <- w:
			continue
		case <-stop.Done():
		}
		break
	}
	close(queue)
	group.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return context.Cause(ctx)
	}
}

// probe asks for users, twice, and for groups that cannot be there. The answer
// has to be an empty ListResponse.
func (c *Connector) probe(ctx context.Context) error {
	endpoints := []string{scim.UsersEndpoint, scim.UsersEndpoint, scim.GroupsEndpoint}
	if c.options.Knobs.NoGroups {
		endpoints = endpoints[:2]
	}
	name := c.nobody()
	for _, endpoint := range endpoints {
		rules := c.users
		if endpoint == scim.GroupsEndpoint {
			rules, name = c.groups, c.nobody()
		}
		sent, err := c.wire.find(ctx, endpoint, matching(rules)[0].target.text, name)
		if err != nil {
			return err
		}
		if _, f := readList(sent); f != nil {
			return f
		}
	}
	return nil
}

// test is "Test Connection": the probe alone.
func (c *Connector) test(ctx context.Context) error {
	err := c.probe(ctx)
	if err == nil {
		c.quarantine = quarantine{}
		return nil
	}
	return c.held(err)
}

// plan is the work of a cycle, by pass, each piece once. Passes add to later
// ones.
type plan struct {
	mu      sync.Mutex
	steps   [stepMember + 1]ordered
	initial bool
	known   map[string]bool // groups that were read or created
	purged  map[string]bool // people
}

// ordered holds each of its items once, in the order they came.
type ordered struct {
	items []work
	has   map[work]bool
}

func (p *plan) add(w work) {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := &p.steps[w.step]
	if o.has == nil {
		o.has = map[work]bool{}
	}
	if !o.has[w] {
		o.has[w] = true
		o.items = append(o.items, w)
	}
}

func newPlan(c *Connector, entries []directory.Entry, initial bool) *plan {
	p := &plan{initial: initial, known: map[string]bool{}, purged: map[string]bool{}}
	for _, w := range c.ready() {
		p.add(w)
	}
	for _, e := range entries {
		p.read(c, e)
	}
	if initial {
		for id := range c.dir.All() {
			p.addID(c, id)
		}
	}
	return p
}

// read adds what an entry of the directory's log is about.
func (p *plan) read(c *Connector, e directory.Entry) {
	if e.Change.Kind == directory.Purge {
		for _, id := range e.Change.IDs {
			p.purged[id] = true
		}
	}
	for _, ids := range [][]string{e.Effect.Assigned, e.Effect.Unassigned, e.Effect.Changed, e.Effect.Renamed, e.Effect.Gone, e.Effect.Back} {
		for _, id := range ids {
			p.addID(c, id)
		}
	}
	for _, id := range e.Change.IDs { // also of people whose scope did not change, as with disabled accounts
		p.addID(c, id)
	}
	if e.Change.Kind == directory.Restore {
		return // memberships of a restored user are not restored
	}
	for _, m := range e.Effect.Members {
		p.addMembers(m.Group, m.Added)
		p.addMembers(m.Group, m.Removed)
	}
	if e.Change.Kind == directory.Add || e.Change.Kind == directory.Remove {
		p.addMembers(e.Change.ID(), e.Change.Members)
	}
	if g := c.dir.Group(e.Change.ID()); g != nil && e.Change.Kind == directory.Remove && c.wire.knobs.RedundantMembers {
		p.addMembers(g.ID, g.Members)
	}
}

func (p *plan) addMembers(group string, members []string) {
	for _, m := range members {
		p.add(work{step: stepMember, id: group, member: m})
	}
}

// addID adds a person or a group that is in scope or is known at the provider.
func (p *plan) addID(c *Connector, id string) {
	switch {
	case c.dir.Group(id) != nil || c.teams[id] != nil:
		if !c.options.Knobs.NoGroups {
			p.add(work{step: stepGroup, id: id})
		}
	case c.people[id] != nil || c.dir.Assigned(id):
		p.add(work{step: stepUser, id: id})
	}
}

// deletionsDue gives the people whose thirty days are over.
func (c *Connector) deletionsDue(s step) []work {
	if s != stepUser {
		return nil
	}
	var out []work
	now := c.clock.Now()
	for len(c.deletions) > 0 && !c.deletions[0].due.After(now) {
		out = append(out, work{step: stepUser, id: c.deletions[0].person})
		c.deletions = c.deletions[1:]
	}
	return out
}
