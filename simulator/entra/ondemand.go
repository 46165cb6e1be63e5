// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"fmt"
	"slices"

	"github.com/scimproof/scimproof/simulator/directory"
)

// podMembers is how many members of a group are provisioned on demand at most.
const podMembers = 5

// onDemand provisions people and groups now, a group with at most five of its
// members. The flag does not work here: bodies are the legacy ones.
func (c *Connector) onDemand(ctx context.Context, ids []string) error {
	if err := c.probe(ctx); err != nil {
		return c.held(err)
	}
	flag := c.wire.knobs.Flag
	c.wire.knobs.Flag = false
	defer func() { c.wire.knobs.Flag = flag }()
	p := newPlan(c, nil, false)
	p.steps = [stepMember + 1]ordered{} // escrow is left alone
	for _, id := range ids {
		g := c.dir.Group(id)
		if g == nil && c.dir.Person(id) == nil {
			return fmt.Errorf("provision %s on demand: %w", id, directory.ErrUnknown)
		}
		if g != nil {
			for _, m := range g.Members[:min(podMembers, len(g.Members))] {
				p.addID(c, m)
			}
		}
		p.addID(c, id)
	}
	for s := range p.steps {
		items := p.steps[s].items
		if step(s) == stepMember {
			items = fewMembers(c.dir, items)
		}
		if err := c.each(ctx, items, func(w work) error { return c.do(ctx, p, w) }); err != nil {
			return err
		}
	}
	return nil
}

// fewMembers keeps the work on the first members of each group.
func fewMembers(dir *directory.Directory, items []work) []work {
	return slices.DeleteFunc(slices.Clone(items), func(w work) bool {
		g := dir.Group(w.id)
		return g == nil || !slices.Contains(g.Members[:min(podMembers, len(g.Members))], w.member)
	})
}
