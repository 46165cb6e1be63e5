// SPDX-License-Identifier: Apache-2.0

package directory

import (
	"fmt"
	"maps"
	"slices"
)

// Apply makes a change and says what came of it. A change that is refused
// alters nothing. Commands to the application are only written to the log.
func (d *Directory) Apply(c Change) (Effect, error) {
	if err := d.check(c); err != nil {
		return Effect{}, fmt.Errorf("%s: %w", c.Kind, err)
	}
	v := d.watch(d.touched(c))
	e := d.alter(c)
	v.effect(&e)
	d.log = append(d.log, Entry{At: d.now(), Change: c, Effect: e})
	return e, nil
}

// check finds what is wrong with a change before anything is altered.
func (d *Directory) check(c Change) error {
	switch c.Kind {
	case Join:
		return d.checkNew(c.Person.ID, c.Person.UserName)
	case Found:
		if err := d.checkNew(c.Group.ID, ""); err != nil {
			return err
		}
		return d.checkMembers(c.Group.ID, c.Group.Members)
	}
	for _, id := range c.IDs {
		if err := d.known(id); err != nil {
			return err
		}
	}
	switch c.Kind {
	case Set:
		name, renamed := c.Values[UserName]
		if owner, taken := d.names[name]; renamed && taken && owner != c.ID() {
			return fmt.Errorf("%w: %s", ErrTaken, name)
		}
		fallthrough
	case Roles, SetPassword:
		if p := d.people[c.ID()]; p == nil {
			return fmt.Errorf("%w of a person: %q", ErrUnknown, c.ID())
		}
	case Add, Remove, Swap, Rename, Push, PushNow, Link, Pause, Resume, Unlink:
		if g := d.groups[c.ID()]; g == nil {
			return fmt.Errorf("%w of a group: %q", ErrUnknown, c.ID())
		} else if g.Deleted && c.Kind != Unlink { // a push outlives its group
			return fmt.Errorf("group %q %w", c.ID(), ErrDeleted)
		}
		return d.checkMembership(c)
	}
	return nil
}

func (d *Directory) checkNew(id, userName string) error {
	_, named := d.names[userName]
	if d.known(id) == nil || id == "" {
		return fmt.Errorf("%w: %q", ErrTaken, id)
	}
	if userName != "" && named {
		return fmt.Errorf("%w: %q", ErrTaken, userName)
	}
	return nil
}

func (d *Directory) checkMembership(c Change) error {
	come, leave := c.Members, c.Leavers
	if c.Kind == Remove {
		come, leave = nil, c.Members
	}
	for _, m := range leave {
		if _, in := d.index[c.ID()][m]; !in {
			return fmt.Errorf("%q %w of %q", m, ErrNotMember, c.ID())
		}
	}
	return d.checkMembers(c.ID(), come)
}

// checkMembers looks for unknown members and for circles.
func (d *Directory) checkMembers(group string, members []string) error {
	for _, m := range members {
		if err := d.known(m); err != nil {
			return err
		}
		if d.groups[m] != nil && (m == group || d.above(group, m)) {
			return fmt.Errorf("%w: %q in %q", ErrCircle, m, group)
		}
	}
	return nil
}

// above says whether group is held by ancestor, at any depth.
func (d *Directory) above(group, ancestor string) bool {
	for _, p := range d.parents[group] {
		if p == ancestor || d.above(p, ancestor) {
			return true
		}
	}
	return false
}

// alter makes a change that was checked, and says the plain part of what came
// of it; the rest is for vantage to see.
func (d *Directory) alter(c Change) (e Effect) {
	switch c.Kind {
	case Join:
		p := *c.Person
		p.Attributes, p.Roles = maps.Clone(p.Attributes), slices.Clone(p.Roles)
		d.people[p.ID], d.names[p.UserName] = &p, p.ID
		d.order = append(d.order, p.ID)
	case Found:
		g := *c.Group
		g.Members = nil
		d.groups[g.ID] = &g
		d.order = append(d.order, g.ID)
		d.enter(g.ID, c.Group.Members)
	case Set:
		p := d.people[c.ID()]
		if name, renamed := c.Values[UserName]; renamed {
			delete(d.names, p.UserName)
			d.names[name] = p.ID
		}
		for name, value := range c.Values {
			p.SetAttribute(name, value)
		}
		e.Changed = c.IDs
	case Roles:
		d.people[c.ID()].Roles = slices.Clone(c.Roles)
		e.Changed = c.IDs
	case Add:
		d.enter(c.ID(), c.Members)
	case Remove:
		d.leave(c.ID(), c.Members)
	case Swap:
		d.leave(c.ID(), c.Leavers)
		d.enter(c.ID(), c.Members)
	case Rename:
		d.groups[c.ID()].DisplayName = c.Name
		e.Renamed = c.IDs
	default:
		d.alterEach(c, &e)
	}
	return e
}

// alterEach makes a change that is about people and groups alike.
func (d *Directory) alterEach(c Change, e *Effect) {
	for _, id := range c.IDs {
		p, g := d.people[id], d.groups[id]
		switch c.Kind {
		case Assign:
			d.direct[id] = true
		case Unassign:
			delete(d.direct, id)
		case Disable, Enable:
			if p != nil {
				p.Disabled = c.Kind == Disable
			}
		case Delete, Restore:
			deleted := c.Kind == Delete
			if p != nil {
				p.Deleted = deleted
			} else {
				g.Deleted = deleted
			}
			if deleted {
				e.Gone = append(e.Gone, id)
			} else {
				e.Back = append(e.Back, id)
			}
		case Purge:
			d.purge(id)
			e.Gone = append(e.Gone, id)
		}
	}
}

// enter adds members to a group; who is in it already stays where they are.
func (d *Directory) enter(group string, members []string) {
	g, at := d.groups[group], d.index[group]
	if at == nil {
		at = map[string]int{}
		d.index[group] = at
	}
	for _, m := range members {
		if _, in := at[m]; !in {
			at[m] = len(g.Members)
			g.Members = append(g.Members, m)
			d.parents[m] = append(d.parents[m], group)
		}
	}
}

// leave takes members out of a group, at a cost that does not depend on its
// size.
func (d *Directory) leave(group string, members []string) {
	g, at := d.groups[group], d.index[group]
	for _, m := range members {
		i, in := at[m]
		if !in {
			continue
		}
		end := len(g.Members) - 1
		g.Members[i] = g.Members[end]
		at[g.Members[i]] = i
		g.Members = g.Members[:end]
		delete(at, m)
		d.parents[m] = slices.DeleteFunc(d.parents[m], func(p string) bool { return p == group })
	}
}

// purge deletes a person or group for good, with its memberships. It stays in
// the order, where nothing is found by its id.
func (d *Directory) purge(id string) {
	for _, parent := range slices.Clone(d.parents[id]) {
		d.leave(parent, []string{id})
	}
	if g := d.groups[id]; g != nil {
		d.leave(id, slices.Clone(g.Members))
		delete(d.groups, id)
		delete(d.index, id)
	}
	if p := d.people[id]; p != nil {
		delete(d.names, p.UserName)
		delete(d.people, id)
	}
	delete(d.parents, id)
	delete(d.direct, id)
}
