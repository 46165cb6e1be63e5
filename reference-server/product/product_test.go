// SPDX-License-Identifier: Apache-2.0

package product

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// world is an organisation over a memory store, with the part of the SCIM
// server that it needs: users kept under their id.
type world struct {
	*Organisation
	t     *testing.T
	store store.Store
	clock time.Time
	ids   int
	roles map[string]string // short name → id
}

const scimKind store.Kind = "User"

func newWorld(t *testing.T, change func(*profiles.Profile)) *world {
	t.Helper()
	w := &world{t: t, store: store.NewMemory(), clock: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC), roles: map[string]string{}}
	p := profiles.Datadog()
	if change != nil {
		change(p)
	}
	o, err := New(Options{Profile: p, Directory: w, Now: w.tick, NewID: w.id, SCIMKey: scimKey, AdminKey: adminKey})
	if err != nil {
		t.Fatal(err)
	}
	w.Organisation = o
	w.update(func(tx store.Tx) error {
		if err := o.Seed(tx); err != nil {
			return err
		}
		for short, name := range map[string]string{"admin": "Datadog Admin Role", "standard": "Datadog Standard Role", "readonly": "Datadog Read Only Role"} {
			if r, err := o.roleByName(tx, name); err == nil {
				w.roles[short] = r.ID
			}
		}
		return nil
	})
	return w
}

func (w *world) tick() time.Time {
	w.clock = w.clock.Add(time.Millisecond)
	return w.clock
}

func (w *world) id() string {
	w.ids++
	return fmt.Sprintf("abcdef00-0000-4000-8000-%012d", w.ids)
}

func (w *world) update(f func(store.Tx) error) {
	w.t.Helper()
	if err := w.store.Update(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) view(f func(store.Tx) error) {
	w.t.Helper()
	if err := w.store.View(w.t.Context(), f); err != nil {
		w.t.Fatal(err)
	}
}

// EditUser makes world a Directory.
func (w *world) EditUser(tx store.Tx, id string, edit func(*engine.Object)) error {
	old, err := tx.Get(scimKind, id)
	if err != nil {
		return err
	}
	scimUser := parse(w.t, string(old.Body))
	edit(scimUser)
	r := *old
	r.Body = scimUser.Append(nil)
	return tx.Update(&r)
}

// AddUser makes world a Directory.
func (w *world) AddUser(tx store.Tx, id string, user *engine.Object) error {
	return tx.Insert(&store.Record{Kind: scimKind, ID: id, Body: user.Append(nil)})
}

func parse(t *testing.T, text string) *engine.Object {
	t.Helper()
	o, err := engine.Parse([]byte(text), engine.Limits{})
	if err != nil {
		t.Fatalf("parse %s: %v", text, err)
	}
	return o
}

// write is one SCIM write to a user, made as the server makes it. body is the
// whole resource as it would be stored but for what the product decides.
type write struct {
	op    Op
	id    string // not on Create
	body  string
	given bool // RolesGiven
}

// result is what a write led to.
type result struct {
	id     string
	shown  *engine.Object
	counts []string // names of the counters, sorted
}

func (w *world) write(x write) (result, error) {
	w.t.Helper()
	var c *UserChange
	var p *Pending
	err := w.store.Update(w.t.Context(), func(tx store.Tx) (err error) {
		c = &UserChange{Op: x.op, ID: cmp.Or(x.id, w.id()), RolesGiven: x.given}
		if x.body != "" {
			c.New = parse(w.t, x.body)
		}
		if old, err := tx.Get(scimKind, x.id); err == nil {
			c.Old = parse(w.t, string(old.Body))
		}
		if p, err = w.BeforeUser(tx, c); err != nil {
			return err
		}
		return w.keep(tx, c)
	})
	if err != nil {
		return result{}, err
	}
	r := result{id: c.ID, shown: c.New}
	for _, n := range p.counts {
		r.counts = append(r.counts, n.name)
	}
	slices.Sort(r.counts)
	return r, nil
}

func (w *world) keep(tx store.Tx, c *UserChange) error {
	if c.Op == Delete {
		return tx.Delete(scimKind, c.ID)
	}
	old, err := tx.Get(scimKind, c.ID)
	if err != nil {
		return tx.Insert(&store.Record{Kind: scimKind, ID: c.ID, Body: c.New.Append(nil)})
	}
	r := *old
	r.Body = c.New.Append(nil)
	return tx.Update(&r)
}

func (w *world) must(x write) result {
	w.t.Helper()
	r, err := w.write(x)
	if err != nil {
		w.t.Fatalf("%s %s: %v", x.op, x.body, err)
	}
	return r
}

// alice creates a user and returns her id.
func (w *world) alice() string {
	w.t.Helper()
	return w.must(write{op: Create, body: `{"userName":"Alice@Example.test","active":true}`}).id
}

func (w *world) userOf(id string) *user {
	w.t.Helper()
	var u *user
	w.view(func(tx store.Tx) (err error) { u, err = w.user(tx, id); return err })
	return u
}

// rolesHeld returns the short names of the roles that the product gave a user.
func (w *world) rolesHeld(id string) []string {
	w.t.Helper()
	names := []string{}
	w.view(func(tx store.Tx) error {
		roles, err := w.rolesOf(tx, id)
		for _, r := range roles {
			names = append(names, w.short(r))
		}
		return err
	})
	slices.Sort(names)
	return names
}

func (w *world) short(r *role) string {
	for short, id := range w.roles {
		if id == r.ID {
			return short
		}
	}
	return r.Name
}

// events returns the audit trail, oldest first.
func (w *world) events() []event {
	w.t.Helper()
	var events []event
	w.view(func(tx store.Tx) error {
		for r := range tx.Scan(kindAudit, 0) {
			e, err := decode[event](r)
			if err != nil {
				return err
			}
			events = append(events, e)
		}
		return nil
	})
	return events
}

func eventNames(events []event) []string {
	names := []string{}
	for _, e := range events {
		names = append(names, e.EventName)
	}
	return names
}
