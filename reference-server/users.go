// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"errors"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// before asks the organisation, which may rewrite what will be stored.
func (w *write) before(c *product.UserChange) error {
	c.Actor = w.actor.ID
	p, err := w.s.org.BeforeUser(w.tx, c)
	w.pending = append(w.pending, p)
	return err
}

// createUser stores a new user. The organisation may know the user from
// before: the user then returns under the old id.
func (w *write) createUser(n *engine.Object, roles bool) (*store.Record, error) {
	change := &product.UserChange{Op: product.Create, ID: w.newID(), New: n, RolesGiven: roles}
	if err := w.before(change); err != nil {
		return nil, err
	}
	if !change.Returning {
		return w.save(nil, change.ID, change.New, false)
	}
	old, err := w.tx.Get(userKind, change.ID)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	return w.save(old, change.ID, change.New, false)
}

func (w *write) replaceUser(id string, n *engine.Object, roles bool) (*store.Record, error) {
	old, current, err := w.current(id)
	if err != nil {
		return nil, err
	}
	if err := w.CheckImmutable(current, n); err != nil {
		return nil, err
	}
	return w.changeUser(old, &product.UserChange{Op: product.Replace, ID: id, Old: current, New: n, RolesGiven: roles})
}

func (w *write) patchUser(id string, ops []engine.Operation) (*store.Record, error) {
	old, current, err := w.current(id)
	if err != nil {
		return nil, err
	}
	next, _, err := w.Patch(current, ops)
	if err != nil {
		return nil, err
	}
	return w.changeUser(old, &product.UserChange{Op: product.Patch, ID: id, Old: current, New: next, RolesGiven: aimed(ops, "roles")})
}

func (w *write) changeUser(old *store.Record, c *product.UserChange) (*store.Record, error) {
	if err := w.before(c); err != nil {
		return nil, err
	}
	return w.save(old, c.ID, c.New, false)
}

// deleteUser removes a user and its memberships from SCIM, RFC 7644 §3.6. What
// is left of the user in the product is the organisation's matter.
func (w *write) deleteUser(id string) error {
	_, current, err := w.current(id)
	if err != nil {
		return err
	}
	if err := w.before(&product.UserChange{Op: product.Delete, ID: id, Old: current}); err != nil {
		return err
	}
	if err := w.forget(id); err != nil {
		return err
	}
	return w.remove(id)
}

// forget takes a user who goes away out of those whose manager it was. O(them).
func (w *write) forget(id string) error {
	path, err := engine.ParsePath(scim.EnterpriseUserURN + ":manager")
	if err != nil {
		return err
	}
	for _, r := range slices.Collect(w.tx.Find(userKind, managerPath, id)) {
		old, current, err := w.load(r.ID)
		if err != nil {
			return err
		}
		next, _, err := w.Patch(current, []engine.Operation{{Op: "remove", Path: path}})
		if err != nil {
			return err
		}
		if _, err := w.save(old, r.ID, next, false); err != nil {
			return err
		}
	}
	return nil
}

// named says whether an object speaks of an attribute, be it as null.
func named(o *engine.Object, attribute string) bool {
	for name := range o.All() {
		if about(name, attribute) {
			return true
		}
	}
	return false
}

// aimed says whether an operation speaks of an attribute.
func aimed(ops []engine.Operation, attribute string) bool {
	for _, op := range ops {
		if op.Path != nil && about(op.Path.String(), attribute) {
			return true
		}
		if o, ok := op.Value.(*engine.Object); ok && op.Path == nil && named(o, attribute) {
			return true
		}
	}
	return false
}

// about says whether a path leads to an attribute or into it: "roles",
// "Roles[type eq "x"].value", "urn:ietf:params:scim:schemas:core:2.0:User:roles".
func about(path, attribute string) bool {
	if urn := scim.UserURN + ":"; len(path) > len(urn) && strings.EqualFold(path[:len(urn)], urn) {
		path = path[len(urn):]
	}
	if len(path) < len(attribute) || !strings.EqualFold(path[:len(attribute)], attribute) {
		return false
	}
	rest := path[len(attribute):]
	return rest == "" || rest[0] == '.' || rest[0] == '['
}
