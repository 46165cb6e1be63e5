// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"

	"github.com/scimproof/scimproof/internal/scim"
)

// syncGroup creates, links, renames or deletes one group; its members come
// after all groups. A group is never read with its members.
func (c *Connector) syncGroup(ctx context.Context, p *plan, id string) error {
	g, known := c.dir.Group(id), c.team(id)
	if !c.dir.InScope(id) {
		if known == nil || g != nil && !g.Deleted && c.wire.knobs.SkipOutOfScope || c.wire.knobs.NoDelete {
			return nil
		}
		return c.erase(ctx, scim.GroupsEndpoint, id, known.id)
	}
	values, err := evaluate(c.groups, groupAttribute(g))
	if err != nil {
		return &failure{message: err.Error()}
	}
	if known != nil {
		held, err := c.fetch(ctx, scim.GroupsEndpoint, id, known.id)
		if err != nil {
			return err
		}
		p.seen(id)
		if p.initial {
			c.addMembers(p, id, g.Members)
		}
		return c.patch(ctx, scim.GroupsEndpoint, known.id, diff(held, values, c.wire.knobs))
	}
	held, err := c.match(ctx, scim.GroupsEndpoint, c.groups, values)
	if err != nil {
		return err
	}
	created := false
	if held == nil {
		if held, created, err = c.create(ctx, scim.GroupsEndpoint, createGroup(values, c.wire.knobs), values); err != nil {
			return err
		}
	}
	c.mu.Lock()
	t := &team{id: stringID(held), members: map[string]bool{}, removed: map[string]bool{}}
	c.teams[id] = t
	c.mu.Unlock()
	p.seen(id)
	c.addMembers(p, id, g.Members)
	if created {
		return nil
	}
	return c.patch(ctx, scim.GroupsEndpoint, t.id, diff(held, values, c.wire.knobs))
}

// addMembers has each of the members looked at.
func (c *Connector) addMembers(p *plan, group string, members []string) {
	for _, m := range members {
		p.add(work{step: stepMember, id: group, member: m})
	}
}

// seen notes that the answer of this cycle told of a group.
func (p *plan) seen(group string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[group] = true
}

// unseen says, once in a cycle, that a group has to be read before it is written.
func (p *plan) unseen(group string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	was := p.known[group]
	p.known[group] = true
	return !was
}

// syncMember adds or removes one member. Whether the provider has it is not
// asked: what was written counts.
func (c *Connector) syncMember(ctx context.Context, p *plan, w work) error {
	t := c.team(w.id)
	at := c.identify(w.member)
	if t == nil || at == "" || !c.dir.InScope(w.id) {
		return nil
	}
	want := c.dir.Holds(w.id, w.member) && c.belongs(w.member)
	c.mu.Lock()
	has := t.members[w.member]
	c.mu.Unlock()
	if want == has && !c.wire.knobs.RedundantMembers {
		return nil
	}
	if p.unseen(w.id) {
		if _, err := c.fetch(ctx, scim.GroupsEndpoint, w.id, t.id); err != nil {
			return err
		}
	}
	body, written := memberPatch(want, at, c.wire.knobs), []string{w.member}
	if want && c.wire.knobs.Validator {
		body, written = c.replaceMembers(w.id)
	}
	if err := c.modify(ctx, scim.GroupsEndpoint, t.id, body); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range written {
		if want {
			t.members[m] = true
			delete(t.removed, m)
		} else {
			delete(t.members, m)
			t.removed[m] = true
		}
	}
	return nil
}

// belongs says whether a member counts: a person who is not deleted, or a group
// in scope. A nested group is a member itself; its members are not.
func (c *Connector) belongs(id string) bool {
	if p := c.dir.Person(id); p != nil {
		return !p.Deleted
	}
	return c.dir.InScope(id)
}

// memberPatch gives the body that adds or removes one member.
func memberPatch(in bool, id string, k Knobs) []byte {
	one := &object{}
	if k.NullReference {
		one.set("$ref", nil)
	}
	one.set("value", id)
	c := change{add, Target{text: "members", attribute: "members"}, list{one}}
	switch {
	case in && k.ReplaceMembers:
		c.kind = replaceValue
	case !in && k.Flag:
		c.kind, c.value = remove, nil
		c.target.text = "members[value eq " + k.quote(id) + "]"
	case !in:
		c.kind = remove
	}
	return patch([]change{c}, k)
}
