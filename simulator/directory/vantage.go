// SPDX-License-Identifier: Apache-2.0

package directory

import "slices"

// vantage remembers how things stood before a change, of those that the change
// can touch.
type vantage struct {
	d       *Directory
	ids     []string                   // people and groups, in order
	scope   map[string]bool            // in scope before
	members map[string]map[string]bool // group: who of them was in it
}

// touched gives the people and groups that a change can bring into scope or
// out of it, and those that can enter groups or leave them.
func (d *Directory) touched(c Change) []string {
	switch c.Kind {
	case Join:
		return []string{c.Person.ID}
	case Found:
		return append([]string{c.Group.ID}, c.Group.Members...)
	case Add, Remove:
		return c.Members
	case Swap:
		return append(slices.Clone(c.Leavers), c.Members...)
	case Assign, Unassign, Disable, Enable, Delete, Restore, Purge:
		return c.IDs
	}
	return nil
}

// watch looks at what ids stand for: themselves, and for groups those within.
func (d *Directory) watch(ids []string) *vantage {
	v := &vantage{d: d, scope: map[string]bool{}}
	seen := map[string]bool{}
	note := func(id string) {
		if !seen[id] {
			seen[id] = true
			v.ids = append(v.ids, id)
			v.scope[id] = d.InScope(id)
		}
	}
	for _, id := range ids {
		note(id)
		if g := d.groups[id]; g != nil {
			for _, p := range d.everybody(id) {
				note(p)
			}
		}
	}
	v.members = d.places(v.ids)
	return v
}

// everybody gives the people in a group that is or was there.
func (d *Directory) everybody(group string) []string {
	var found []string
	seen := map[string]bool{}
	var walk func(string)
	walk = func(id string) {
		for _, m := range d.groups[id].Members {
			d.visits.Add(1)
			if seen[m] {
				continue
			}
			seen[m] = true
			if d.people[m] != nil {
				found = append(found, m)
			} else if d.transitive {
				walk(m)
			}
		}
	}
	walk(group)
	return found
}

// places gives, for each id that is a member, the groups that it counts in.
func (d *Directory) places(ids []string) map[string]map[string]bool {
	found := map[string]map[string]bool{}
	for _, id := range ids {
		p := d.people[id]
		if p == nil && d.transitive || p != nil && p.Deleted {
			continue
		}
		if g := d.groups[id]; g != nil && g.Deleted {
			continue
		}
		for _, g := range d.GroupsOf(id) {
			if found[g] == nil {
				found[g] = map[string]bool{}
			}
			found[g][id] = true
		}
	}
	return found
}

// effect adds to e who came into scope or left it, and who entered groups or
// left them.
func (v *vantage) effect(e *Effect) {
	for _, id := range v.ids {
		switch now := v.d.InScope(id); {
		case now && !v.scope[id]:
			e.Assigned = append(e.Assigned, id)
		case !now && v.scope[id]:
			e.Unassigned = append(e.Unassigned, id)
		}
	}
	after := v.d.places(v.ids)
	for _, id := range concerned(v.members, after) {
		m := Membership{Group: id}
		for _, p := range v.ids {
			switch was, is := v.members[id][p], after[id][p]; {
			case is && !was:
				m.Added = append(m.Added, p)
			case was && !is:
				m.Removed = append(m.Removed, p)
			}
		}
		if m.Added != nil || m.Removed != nil {
			e.Members = append(e.Members, m)
		}
	}
}

// concerned gives the groups of both, by id.
func concerned(before, after map[string]map[string]bool) []string {
	var ids []string
	for g := range before {
		ids = append(ids, g)
	}
	for g := range after {
		if before[g] == nil {
			ids = append(ids, g)
		}
	}
	slices.Sort(ids)
	return ids
}
