// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"fmt"
	"net/http"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// syncUser brings one user in line: created or linked, written, disabled,
// restored or deleted. Who is unassigned is only disabled, also when deleted
// later.
func (c *Connector) syncUser(ctx context.Context, p *plan, id string) error {
	who, known := c.dir.Person(id), c.person(id)
	gone := who == nil || who.Deleted
	switch {
	case gone && known == nil:
		return nil
	case known != nil && (who == nil || p.purged[id]) && (known.inScope || known.deleted),
		known != nil && known.deleted && gone && !c.clock.Now().Before(known.due):
		return c.deleteUser(ctx, id, known)
	case who == nil:
		return nil
	case gone || !c.dir.Assigned(id):
		return c.leave(ctx, id, who, known)
	}
	values, err := evaluate(c.users, c.personAttribute(who, who.Disabled))
	if err != nil {
		return &failure{message: err.Error()}
	}
	held, created, err := c.locate(ctx, id, known, values, who.Disabled)
	if err != nil || held == nil {
		return err
	}
	fresh := known == nil
	known = c.person(id)
	if !created {
		if err := c.patch(ctx, scim.UsersEndpoint, known.id, diff(held, values, c.wire.knobs)); err != nil {
			return err
		}
	}
	known.inScope, known.deleted = true, false
	if fresh {
		c.rejoin(p, id)
	}
	if c.manager != nil && (who.Manager != "" || known.manager != "") {
		p.add(work{step: stepManager, id: id})
	}
	return nil
}

// rejoin has the memberships written of somebody whom the provider just got.
// Those of somebody who comes back were never taken away, or are not restored.
func (c *Connector) rejoin(p *plan, id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.dir.GroupsOf(id) {
		if t := c.teams[g]; t != nil {
			delete(t.members, id)
			p.add(work{step: stepMember, id: g, member: id})
		}
	}
}

// locate gives what the provider holds for a person, found by id or by
// matching, or what a creation answered. It is nil where there is nothing to
// do: nobody is created in order to be disabled.
func (c *Connector) locate(
	ctx context.Context, id string, known *person, values []wanted, disabled bool,
) (held map[string]any, created bool, err error) {
	if known != nil {
		held, err = c.fetch(ctx, scim.UsersEndpoint, id, known.id)
		return held, false, err
	}
	if held, err = c.match(ctx, scim.UsersEndpoint, c.users, values); err != nil {
		return nil, false, err
	}
	if held == nil && disabled {
		return nil, false, nil
	}
	if held == nil {
		if held, created, err = c.create(ctx, scim.UsersEndpoint, createUser(values, c.wire.knobs), values); err != nil {
			return nil, false, err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.people[id] = &person{id: stringID(held)}
	return held, created, nil
}

// match looks for the resource by each matching attribute until one hits.
func (c *Connector) match(ctx context.Context, endpoint string, rules []rule, values []wanted) (map[string]any, error) {
	for _, r := range matching(rules) {
		value := ""
		for _, w := range values {
			if w.target.text == r.target.text {
				value = text(w.value)
			}
		}
		if value == "" {
			continue
		}
		sent, err := c.wire.find(ctx, endpoint, r.target.text, value)
		if err != nil {
			return nil, err
		}
		found, f := readList(sent)
		switch {
		case f != nil:
			return nil, f
		case len(found) > 1:
			return nil, &failure{fmt.Sprintf("DuplicateTargetEntries: %d resources have %s %q", len(found), r.target, value), sent}
		case len(found) == 1 && stringID(found[0]) == "":
			return nil, unreadable(sent, "the resource has no id")
		case len(found) == 1:
			return found[0], nil
		}
	}
	return nil, nil
}

// create sends a POST. That something is there already is a failure, and the
// next try matches it.
func (c *Connector) create(ctx context.Context, endpoint string, body []byte, values []wanted) (map[string]any, bool, error) {
	sent, err := c.wire.do(ctx, http.MethodPost, endpoint, body)
	if err != nil {
		return nil, false, err
	}
	if sent.Status == http.StatusConflict && c.wire.knobs.PatchAfterConflict {
		rules := c.users
		if endpoint == scim.GroupsEndpoint {
			rules = c.groups
		}
		held, err := c.match(ctx, endpoint, rules, values)
		if err == nil && held == nil {
			err = refused(sent)
		}
		return held, false, err
	}
	if !sent.OK() {
		return nil, false, refused(sent)
	}
	held, f := readResource(sent)
	if f != nil {
		return nil, false, f
	}
	if stringID(held) == "" {
		return nil, false, unreadable(sent, "the resource has no id")
	}
	return held, true, c.seesCreated(ctx, endpoint, stringID(held), values)
}

// fetch reads a resource before it is written. One that is not there any more
// is a failure; it is forgotten, so that the next try matches it anew.
func (c *Connector) fetch(ctx context.Context, endpoint, id, at string) (map[string]any, error) {
	sent, err := c.wire.read(ctx, endpoint, at)
	if err != nil {
		return nil, err
	}
	if sent.Status == http.StatusNotFound && !c.wire.knobs.KeepMissing {
		c.forget(id)
	}
	if sent.Status != http.StatusOK {
		return nil, refused(sent)
	}
	held, f := readResource(sent)
	if f != nil {
		return nil, f
	}
	return held, nil
}

func (c *Connector) forget(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.people, id)
	delete(c.teams, id)
	for _, t := range c.teams { // a resource that comes back is another one
		delete(t.members, id)
	}
}

// patch sends what changed, if anything did.
func (c *Connector) patch(ctx context.Context, endpoint, at string, changes []change) error {
	if len(changes) == 0 {
		return nil
	}
	return c.modify(ctx, endpoint, at, patch(changes, c.wire.knobs))
}

func (c *Connector) modify(ctx context.Context, endpoint, at string, body []byte) error {
	if err := c.must(c.wire.do(ctx, http.MethodPatch, resource(endpoint, at), body)); err != nil {
		return err
	}
	return c.sees(ctx, endpoint, at, http.StatusOK)
}

// must makes a failure of an answer that is not a success.
func (c *Connector) must(sent cycle.Sent, err error) error {
	if err != nil {
		return err
	}
	if !sent.OK() {
		return refused(sent)
	}
	return nil
}

// leave disables a user who left the scope: was unassigned or softly deleted.
func (c *Connector) leave(ctx context.Context, id string, who *directory.Person, known *person) error {
	if known == nil || !known.inScope || c.options.Dialect == Pod {
		return nil
	}
	if !who.Deleted && c.wire.knobs.SkipOutOfScope {
		known.inScope = false
		return nil
	}
	if who.Deleted && c.wire.knobs.NoDisable {
		c.left(id, who, known)
		return nil
	}
	var active []rule
	for _, r := range c.users {
		if r.target.text == "active" {
			active = append(active, r)
		}
	}
	values, err := evaluate(active, c.personAttribute(who, true))
	if err != nil {
		return &failure{message: err.Error()}
	}
	held, err := c.fetch(ctx, scim.UsersEndpoint, id, known.id)
	if err != nil {
		return err
	}
	if err := c.patch(ctx, scim.UsersEndpoint, known.id, diff(held, values, c.wire.knobs)); err != nil {
		return err
	}
	c.left(id, who, known)
	return nil
}

// left notes that a user is out of scope, and when one who was softly deleted is
// deleted for good.
func (c *Connector) left(id string, who *directory.Person, known *person) {
	known.inScope = false
	if who.Deleted {
		known.deleted, known.due = true, c.clock.Now().Add(c.options.Times.Purge)
		c.mu.Lock()
		defer c.mu.Unlock()
		c.deletions = append(c.deletions, deletion{id, known.due})
	}
}

// deleteUser deletes a user for good. That nobody is there will do.
func (c *Connector) deleteUser(ctx context.Context, id string, known *person) error {
	if c.wire.knobs.NoDelete {
		c.forget(id)
		return nil
	}
	return c.erase(ctx, scim.UsersEndpoint, id, known.id)
}

// erase reads a resource and deletes it.
func (c *Connector) erase(ctx context.Context, endpoint, id, at string) error {
	sent, err := c.wire.read(ctx, endpoint, at)
	if err != nil {
		return err
	}
	if sent.Status != http.StatusNotFound {
		if !sent.OK() {
			return refused(sent)
		}
		sent, err = c.wire.do(ctx, http.MethodDelete, resource(endpoint, at), nil)
		if err != nil {
			return err
		}
		if !sent.OK() && sent.Status != http.StatusNotFound {
			return refused(sent)
		}
		if err := c.sees(ctx, endpoint, at, http.StatusNotFound); err != nil {
			return err
		}
	}
	c.forget(id)
	return nil
}
