// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Pod is the dialect of provisioning on demand: bodies without the flag, at
// most five members of a group, no roles, and nothing is ever disabled.
const Pod = "entra-pod"

// Dialects lists the dialects that a Connector speaks.
func Dialects() []string { return []string{flow.EntraLegacy, flow.EntraFlag, Pod, flow.EntraValidator} }

// Options say how the application is set up in the tenant.
type Options struct {
	Dialect       string // one of Dialects
	Seed          uint64 // of the GUIDs that probes ask for
	Mappings      []Mapping
	GroupMappings []Mapping
	Concurrency   int // objects at a time; 0: 1, so that two runs send the same. The service's number is not known, 4 is a fair guess
	Knobs         Knobs
	Times         Times
	Limits        Limits
}

// Connector is a provisioning application of Entra ID: it brings a provider in
// line with a directory, in cycles. It implements [cycle.Dialect]. Its methods
// are called by one goroutine at a time.
type Connector struct {
	dir     *directory.Directory
	clock   cycle.Clock
	options Options
	wire    wire
	users   []rule
	groups  []rule
	manager *rule // nil: not mapped
	random  *rand.Rand

	mark       directory.Mark // what was done up to here has been seen
	next       time.Time      // when a cycle is due
	started    bool
	quarantine quarantine
	deletions  []deletion // oldest first

	mu     sync.Mutex // of what follows: objects are worked on at the same time
	people map[string]*person
	teams  map[string]*team
	escrow map[string]*escrowed // by subject
	order  []string             // subjects in escrow, as they came
	roles  map[string]string    // value of an app role: its id
	count  tally
}

// person is what is known of a user at the provider.
type person struct {
	id      string
	inScope bool      // when last looked at
	deleted bool      // softly, while in scope
	due     time.Time // when deleted for good, if deleted
	manager string    // id of the manager that was written
}

// team is what is known of a group at the provider.
type team struct {
	id      string
	members map[string]bool // directory ids that were added
	removed map[string]bool // and those that were removed, as the provider said
}

// deletion is a person who will be deleted for good.
type deletion struct {
	person string
	due    time.Time
}

// New returns the application for a directory, whose requests go through send.
func New(dir *directory.Directory, send Sender, clock cycle.Clock, o Options) (*Connector, error) {
	if clock == nil {
		clock = cycle.Real{}
	}
	switch o.Dialect {
	case flow.EntraFlag:
		o.Knobs.Flag = true
	case flow.EntraLegacy, Pod:
		o.Knobs.Flag = false
	case flow.EntraValidator:
		o.Knobs = validator(o.Knobs)
	default:
		return nil, fmt.Errorf("open application: dialect is %q, it must be one of %v", o.Dialect, Dialects())
	}
	if o.Mappings == nil {
		o.Mappings = DefaultMappings()
	}
	if o.GroupMappings == nil {
		o.GroupMappings = DefaultGroupMappings()
	}
	o.Times, o.Limits = o.Times.orDefault(), o.Limits.orDefault()
	c := &Connector{
		dir: dir, clock: clock, options: o, wire: wire{send, o.Knobs},
		random: rand.New(rand.NewPCG(o.Seed, 0x5c1)), // only for names that cannot be there
		people: map[string]*person{}, teams: map[string]*team{}, escrow: map[string]*escrowed{}, roles: map[string]string{},
	}
	var err error
	if c.users, err = readMappings(o.Mappings); err != nil {
		return nil, err
	}
	if c.groups, err = readMappings(o.GroupMappings); err != nil {
		return nil, err
	}
	for i := range c.users {
		if c.users[i].target.manager() {
			c.manager = &c.users[i]
		}
	}
	return c, nil
}

// Start switches provisioning on: the connection is tested and the initial
// cycle runs. On demand there is no cycle.
func (c *Connector) Start(ctx context.Context) error {
	if c.options.Dialect == Pod {
		return c.test(ctx)
	}
	return c.run(ctx, true)
}

// Act runs the cycles that are due, and what the change commands: a cycle, a
// restart, somebody on demand. All other changes wait for a cycle.
func (c *Connector) Act(ctx context.Context, ch directory.Change, _ directory.Effect) error {
	switch ch.Kind {
	case directory.Probe:
		return c.test(ctx)
	case directory.OnDemand:
		return c.onDemand(ctx, ch.IDs)
	case directory.Initial:
		return c.restart(ctx)
	case directory.Cycle, directory.Retry:
		if c.options.Dialect == Pod {
			return nil
		}
		if ch.Kind == directory.Retry {
			c.release()
		}
		return c.run(ctx, false)
	}
	return c.due(ctx)
}

// due runs a cycle if its time has come. Of several that were missed one runs:
// a long wait delays the next.
func (c *Connector) due(ctx context.Context) error {
	if !c.started || c.options.Dialect == Pod || c.clock.Now().Before(c.next) {
		return nil
	}
	return c.run(ctx, false)
}

// restart clears watermark, escrow and quarantine, and begins anew.
func (c *Connector) restart(ctx context.Context) error {
	c.release()
	c.quarantine = quarantine{}
	return c.run(ctx, true)
}

// Settle runs a cycle, and more of them while something in escrow is mended,
// without the times that escrow would wait: as if restarted each time.
func (c *Connector) Settle(ctx context.Context) error {
	if c.options.Dialect == Pod {
		return nil
	}
	const rounds, patience = 24, 6
	for round, idle := 0, 0; round < rounds && idle < patience; round++ {
		before := len(c.escrow)
		c.release()
		if err := c.run(ctx, false); err != nil {
			return err
		}
		if len(c.escrow) == 0 && !c.quarantine.on() {
			return nil
		}
		if idle++; len(c.escrow) < before {
			idle = 0
		}
	}
	return nil
}

// guid makes a random UUID, of version 4.
func (c *Connector) guid() string {
	a, b := c.random.Uint64(), c.random.Uint64()
	a = a&^0xf000 | 0x4000
	b = b&^(3<<62) | 1<<63
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", a>>32, a>>16&0xffff, a&0xffff, b>>48, b&(1<<48-1))
}

// person gives what is known of a person at the provider, nil if nothing.
func (c *Connector) person(id string) *person {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.people[id]
}

func (c *Connector) team(id string) *team {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.teams[id]
}

// Identify gives the id at the provider of a person or group, "" if it has none.
func (c *Connector) Identify(id string) string { return c.identify(id) }

// identify gives the id at the provider of a person or group, "" if it has none.
func (c *Connector) identify(id string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if p := c.people[id]; p != nil {
		return p.id
	}
	if t := c.teams[id]; t != nil {
		return t.id
	}
	return ""
}
