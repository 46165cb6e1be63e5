// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"errors"
	"net/http"
	"slices"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// after tells the organisation what became of a group.
func (w *write) after(c *product.GroupChange) error {
	c.Actor = w.actor.ID
	p, err := w.s.org.AfterGroup(w.tx, c)
	w.pending = append(w.pending, p)
	return err
}

func (w *write) createGroup(n *engine.Object) (*store.Record, error) {
	members := engine.TakeMembers(n)
	id := w.newID()
	r, err := w.save(nil, id, n, false)
	if err != nil {
		return nil, err
	}
	changes := make([]engine.MemberChange, len(members))
	for i, m := range members {
		changes[i] = engine.MemberChange{Op: engine.AddMember, Member: m}
	}
	c := &product.GroupChange{Op: product.Create, ID: id, Name: n.Text("displayName")}
	if err := w.link(c, changes); err != nil {
		return nil, err
	}
	return r, w.after(c)
}

func (w *write) replaceGroup(id string, n *engine.Object) (*store.Record, error) {
	old, current, err := w.current(id)
	if err != nil {
		return nil, err
	}
	if err := w.CheckImmutable(current, n); err != nil {
		return nil, err
	}
	members := engine.TakeMembers(n)
	return w.changeGroup(old, current, n, engine.DiffMembers(memberLinks{w.tx, id}, members))
}

func (w *write) patchGroup(id string, ops []engine.Operation) (*store.Record, error) {
	old, current, err := w.current(id)
	if err != nil {
		return nil, err
	}
	next, changes, _, err := w.PatchGroup(current, memberLinks{w.tx, id}, ops)
	if err != nil {
		return nil, err
	}
	return w.changeGroup(old, current, next, changes)
}

func (w *write) changeGroup(old *store.Record, current, next *engine.Object, changes []engine.MemberChange) (*store.Record, error) {
	c := &product.GroupChange{Op: w.op, ID: old.ID, Name: next.Text("displayName"), OldName: current.Text("displayName")}
	if err := w.link(c, changes); err != nil {
		return nil, err
	}
	r, err := w.save(old, old.ID, next, len(c.Added)+len(c.Removed) > 0)
	if err != nil {
		return nil, err
	}
	return r, w.after(c)
}

func (w *write) deleteGroup(id string) error {
	_, current, err := w.current(id)
	if err != nil {
		return err
	}
	if err := w.remove(id); err != nil {
		return err
	}
	return w.after(&product.GroupChange{Op: product.Delete, ID: id, Name: current.Text("displayName")})
}

// link makes changes to the members of a group and notes in c what came of
// them.
func (w *write) link(c *product.GroupChange, changes []engine.MemberChange) error {
	tally := newTally()
	for _, change := range changes {
		var err error
		switch change.Op {
		case engine.AddMember:
			err = w.addMember(c, tally, change.Member.Value)
		case engine.RemoveMember:
			err = w.removeMember(c, tally, change.Member.Value)
		case engine.ClearMembers:
			for _, l := range slices.Collect(w.tx.Links(member, c.ID)) {
				if err = w.removeMember(c, tally, l.To); err != nil {
					break
				}
			}
		}
		if err != nil {
			return err
		}
	}
	c.Added, c.Removed = tally.result()
	return nil
}

// addMember links a user or group. A value that names neither is left to the
// organisation if it makes teams, and refused if not.
func (w *write) addMember(c *product.GroupChange, t *tally, id string) error {
	if id == c.ID {
		return refusal(http.StatusBadRequest, scim.InvalidValue, "members: a group is not a member of itself")
	}
	kind := userKind
	_, err := w.tx.Get(kind, id)
	if errors.Is(err, store.ErrNotFound) {
		kind = groupKind
		_, err = w.tx.Get(kind, id)
	}
	switch {
	case errors.Is(err, store.ErrNotFound) && w.s.teams:
		c.Unknown = append(c.Unknown, id)
		return nil
	case errors.Is(err, store.ErrNotFound):
		return refusal(http.StatusBadRequest, scim.InvalidValue, "members: a value names no user or group")
	case err != nil:
		return err
	case kind == groupKind && w.view(w.tx).within(c.ID, id):
		return refusal(http.StatusBadRequest, scim.InvalidValue, "members: a group is not a member of its own members")
	}
	added, err := w.tx.Link(store.Link{Relation: member, From: c.ID, To: id, Data: string(kind)})
	if added {
		t.count(id, 1)
	}
	return err
}

func (w *write) removeMember(c *product.GroupChange, t *tally, id string) error {
	removed, err := w.tx.Unlink(member, c.ID, id)
	if removed {
		t.count(id, -1)
	}
	return err
}

// remove deletes a resource and takes it out of the groups that hold it. Those
// get a new version, for they are shown differently from now on.
func (w *write) remove(id string) error {
	holders := slices.Collect(w.view(w.tx).groupsOf(id))
	if err := w.tx.Delete(w.kind, id); err != nil {
		return err
	}
	groups := shelf{endpoint: w.wire.groups, tx: w.tx, now: w.now}
	for _, g := range holders {
		r, o, err := groups.load(g.ID)
		if err != nil {
			return err
		}
		if _, err := groups.save(r, g.ID, o, true); err != nil {
			return err
		}
		name := o.Text("displayName")
		if err := w.after(&product.GroupChange{Op: product.Patch, ID: g.ID, Name: name, OldName: name, Removed: []string{id}}); err != nil {
			return err
		}
	}
	return nil
}

// tally sums up what a run of changes came to, in the order of first mention.
type tally struct {
	net   map[string]int
	order []string
}

func newTally() *tally { return &tally{net: map[string]int{}} }

func (t *tally) count(id string, by int) {
	if _, seen := t.net[id]; !seen {
		t.order = append(t.order, id)
	}
	t.net[id] += by
}

func (t *tally) result() (added, removed []string) {
	for _, id := range t.order {
		switch n := t.net[id]; {
		case n > 0:
			added = append(added, id)
		case n < 0:
			removed = append(removed, id)
		}
	}
	return added, removed
}
