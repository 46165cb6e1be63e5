// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// role is a role of the organisation.
type role struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Permissions that those who have the role hold, by name.
	Permissions []string `json:"permissions,omitempty"`

	created, modified time.Time
}

func (o *Organisation) addRole(tx store.Tx, name string, permissions ...string) (*role, error) {
	r := &role{ID: o.newID(), Name: name, Permissions: permissions, created: o.now(), modified: o.now()}
	return r, o.insert(tx, kindRole, r.ID, r, r.key())
}

func (r *role) key() store.Key { return store.Key{Index: "name", Value: r.Name, Unique: true} }

// updateRole keeps a role's name and permissions.
func (o *Organisation) updateRole(tx store.Tx, r *role) error {
	return errors.Join(o.update(tx, kindRole, r.ID, r, r.key()), o.accessChanged(tx))
}

func (o *Organisation) decodeRole(r *store.Record) (*role, error) {
	v, err := o.roles.of(r)
	v.created, v.modified = r.Created, r.Modified
	return &v, err
}

func (o *Organisation) role(tx store.Tx, id string) (*role, error) {
	r, err := tx.Get(kindRole, id)
	if err != nil {
		return nil, err
	}
	return o.decodeRole(r)
}

func (o *Organisation) roleByName(tx store.Tx, name string) (*role, error) {
	if r := first(tx.Find(kindRole, "name", name)); r != nil {
		return o.decodeRole(r)
	}
	return nil, store.ErrNotFound
}

// defaultRole returns the organisation's default role, or nil.
func (o *Organisation) defaultRole(tx store.Tx) (*role, error) {
	org, err := o.org(tx)
	if err != nil || org.DefaultRole == "" {
		return nil, err
	}
	return o.role(tx, org.DefaultRole)
}

// rolesOf returns the roles of a user in the order they were granted.
func (o *Organisation) rolesOf(tx store.Tx, userID string) ([]*role, error) {
	var roles []*role
	for _, l := range slices.Collect(tx.Backlinks(relRole, userNode(userID))) {
		r, err := o.role(tx, l.From)
		if err != nil {
			return nil, err
		}
		roles = append(roles, r)
	}
	return roles, nil
}

// deleteRole removes a role; it drops from the users who have it.
func (o *Organisation) deleteRole(tx store.Tx, r *role) error {
	for _, l := range slices.Collect(tx.Links(relRole, r.ID)) {
		if err := o.dropFromSCIM(tx, memberOf(l), r); err != nil {
			return err
		}
	}
	org, err := o.org(tx)
	if err != nil {
		return err
	}
	if org.DefaultRole == r.ID {
		org.DefaultRole = ""
		if err := o.update(tx, kindOrg, orgID, org); err != nil {
			return err
		}
	}
	return errors.Join(dropMappings(tx, r.ID), tx.Delete(kindRole, r.ID), o.accessChanged(tx))
}

// grantRole gives a user a role by the product API, and shows it in SCIM.
func (o *Organisation) grantRole(tx store.Tx, userID string, r *role) error {
	added, err := tx.Link(store.Link{Relation: relRole, From: r.ID, To: userNode(userID)})
	if err != nil || !added {
		return err
	}
	if err := o.rolesChanged(tx, userID); err != nil || o.profile.Roles.Source != sourceUserRoles {
		return err
	}
	return o.editSCIM(tx, userID, func(scimUser *engine.Object) {
		scimUser.Set("roles", append(slices.Clone(scimUser.Array("roles")), o.scimValue(r)))
	})
}

// revokeRole takes a role from a user by the product API, and from SCIM.
func (o *Organisation) revokeRole(tx store.Tx, userID string, r *role) error {
	removed, err := tx.Unlink(relRole, r.ID, userNode(userID))
	if err != nil || !removed {
		return err
	}
	return errors.Join(o.rolesChanged(tx, userID), o.dropFromSCIM(tx, userID, r))
}

// rolesChanged follows a change of a user's roles in what the user's keys may
// do.
func (o *Organisation) rolesChanged(tx store.Tx, userID string) error {
	if first(tx.Find(kindKey, "owner", userID)) == nil {
		return nil
	}
	return o.accessChanged(tx)
}

func (o *Organisation) dropFromSCIM(tx store.Tx, userID string, r *role) error {
	if o.profile.Roles.Source != sourceUserRoles {
		return nil
	}
	return o.editSCIM(tx, userID, func(scimUser *engine.Object) {
		kept := slices.DeleteFunc(slices.Clone(scimUser.Array("roles")), func(v any) bool { return textOf(v) == o.valueOf(r) })
		setValues(scimUser, kept)
	})
}

// valueOf returns what names a role in SCIM.
func (o *Organisation) valueOf(r *role) string {
	if o.profile.Roles.Match == "uuid" {
		return r.ID
	}
	return r.Name
}

func (o *Organisation) scimValue(r *role) *engine.Object {
	return engine.NewObject("value", o.valueOf(r), "display", r.Name)
}

// match returns the role that a value names, or store.ErrNotFound. UUIDs are
// compared without regard to letter case (RFC 9562 §4); names are not.
func (o *Organisation) match(tx store.Tx, value string) (*role, error) {
	switch o.profile.Roles.Match {
	case "uuid":
		id, err := uuid.Parse(value)
		if err != nil || len(value) != len(uuid.Nil.String()) {
			return nil, store.ErrNotFound
		}
		return o.role(tx, id.String())
	case "any":
		r, err := o.roleByName(tx, value)
		if errors.Is(err, store.ErrNotFound) && value != "" {
			return o.addRole(tx, value, restrictedPermissions()...)
		}
		return r, err
	}
	return o.roleByName(tx, value)
}

// setValues sets the roles attribute, or removes it when it would be empty:
// RFC 7643 §2.5 makes the two the same.
func setValues(scimUser *engine.Object, values []any) {
	if len(values) == 0 {
		scimUser.Delete("roles")
		return
	}
	scimUser.Set("roles", values)
}
