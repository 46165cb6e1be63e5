// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// user is a user of the product. A user whose SCIM resource was deleted stays,
// disabled and gone, under the same id.
type user struct {
	ID        string    `json:"-"` // part of the id of the record
	Handle    string    `json:"handle"`
	Email     string    `json:"email"`
	Name      string    `json:"name,omitzero"`
	Title     string    `json:"title,omitzero"`
	Verified  bool      `json:"verified,omitzero"` // has logged in, or the product asks for no login
	Disabled  bool      `json:"disabled,omitzero"`
	Gone      bool      `json:"gone,omitzero"` // SCIM shows no such user
	Service   bool      `json:"service,omitzero"`
	SCIMRoles bool      `json:"scimRoles,omitzero"` // SCIM has written the roles: a login leaves them
	LastLogin time.Time `json:"lastLogin,omitzero"`
	// Grants are permissions held besides those of the roles: those of the
	// accounts that an organisation starts with, which have to work in a
	// profile without roles.
	Grants []string `json:"grants,omitempty"`

	created, modified time.Time
}

// The words of a user's status.
const (
	statusActive   = "Active"
	statusPending  = "Pending"
	statusDisabled = "Disabled"
)

func (u *user) status() string {
	switch {
	case u.Disabled:
		return statusDisabled
	case u.Verified:
		return statusActive
	}
	return statusPending
}

func (u *user) keys() []store.Key {
	return []store.Key{
		{Index: "handle", Value: strings.ToLower(u.Handle), Unique: true},
		{Index: "email", Value: strings.ToLower(u.Email)},
	}
}

func (o *Organisation) insertUser(tx store.Tx, u *user) error {
	return o.insert(tx, kindUser, userNode(u.ID), u, u.keys()...)
}

func (o *Organisation) updateUser(tx store.Tx, u *user) error {
	return errors.Join(o.update(tx, kindUser, userNode(u.ID), u, u.keys()...), o.ownerChanged(tx, u))
}

func decodeUser(r *store.Record) (*user, error) {
	u, err := decode[user](r)
	u.ID = strings.TrimPrefix(r.ID, nodePrefix)
	u.created, u.modified = r.Created, r.Modified
	return &u, err
}

func (o *Organisation) user(tx store.Tx, id string) (*user, error) {
	r, err := tx.Get(kindUser, userNode(id))
	if err != nil {
		return nil, err
	}
	return decodeUser(r)
}

func (o *Organisation) createUser(tx store.Tx, c *UserChange, p *Pending) error {
	handle := strings.ToLower(c.New.Text("userName"))
	found := first(tx.Find(kindUser, "handle", handle))
	if found == nil {
		u := &user{ID: c.ID, Verified: o.profile.Users.Status == "active"}
		o.take(u, c.New)
		if err := o.insertUser(tx, u); err != nil {
			return err
		}
		c.fresh = true
		return o.provisioned(tx, c, u, p)
	}
	u, err := decodeUser(found)
	if err != nil {
		return err
	}
	if !u.Disabled || u.Service || o.profile.Users.Returning != "reenable" {
		return &engine.Error{Status: 409, Type: scim.Uniqueness, Detail: fmt.Sprintf("User %s already exists", c.New.Text("userName"))}
	}
	return o.returnUser(tx, c, u, p)
}

// returnUser gives a user who was disabled their old id back.
func (o *Organisation) returnUser(tx store.Tx, c *UserChange, u *user, p *Pending) error {
	c.ID, c.Returning = u.ID, true
	u.Disabled, u.Gone = false, false
	o.take(u, c.New)
	if err := o.updateUser(tx, u); err != nil {
		return err
	}
	return o.provisioned(tx, c, u, p)
}

func (o *Organisation) changeUser(tx store.Tx, c *UserChange, p *Pending) error {
	u, err := o.user(tx, c.ID)
	if err != nil {
		return err
	}
	o.take(u, c.New)
	if err := o.updateUser(tx, u); err != nil {
		return err
	}
	return o.provisioned(tx, c, u, p)
}

// provisioned records the write and settles the user's roles.
func (o *Organisation) provisioned(tx store.Tx, c *UserChange, u *user, p *Pending) error {
	if err := o.recordUser(tx, c, u); err != nil {
		return err
	}
	return o.provisionRoles(tx, c, u, p)
}

func (o *Organisation) deleteUser(tx store.Tx, c *UserChange) error {
	u, err := o.user(tx, c.ID)
	if err != nil {
		return err
	}
	if err := o.recordUser(tx, c, u); err != nil {
		return err
	}
	u.Disabled, u.Gone = true, true
	if o.profile.Users.Delete == "erase" {
		return errors.Join(tx.Delete(kindUser, userNode(u.ID)), o.ownerChanged(tx, u))
	}
	return o.updateUser(tx, u)
}

// take reads the attributes of a SCIM user. A resource that says nothing of
// active leaves the status as it is, and is told what that means.
func (o *Organisation) take(u *user, scimUser *engine.Object) {
	u.Handle, u.Email = scimUser.Text("userName"), emailOf(scimUser)
	if o.profile.Users.LowerCase {
		u.Handle, u.Email = strings.ToLower(u.Handle), strings.ToLower(u.Email)
	}
	u.Name, u.Title = nameOf(scimUser), scimUser.Text("title")
	if active, ok := scimUser.Get("active"); ok {
		if on, ok := active.(bool); ok {
			u.Disabled = !on
			return
		}
	}
	scimUser.Set("active", !u.Disabled)
}

// emailOf returns the work address, else the primary one, else userName.
func emailOf(scimUser *engine.Object) string {
	primary := ""
	for _, item := range scimUser.Array("emails") {
		e, ok := item.(*engine.Object)
		if !ok {
			continue
		}
		value := e.Text("value")
		if value != "" && strings.EqualFold(e.Text("type"), "work") {
			return value
		}
		if is, _ := e.Get("primary"); is == true && primary == "" {
			primary = value
		}
	}
	if primary != "" {
		return primary
	}
	return scimUser.Text("userName")
}

// nameOf returns name.formatted, else displayName, else the given and the
// family name.
func nameOf(scimUser *engine.Object) string {
	name := scimUser.Object("name")
	if formatted := name.Text("formatted"); formatted != "" {
		return formatted
	}
	if display := scimUser.Text("displayName"); display != "" {
		return display
	}
	return strings.TrimSpace(name.Text("givenName") + " " + name.Text("familyName"))
}

// setDisabled is what an administrator does by the product API: the status
// changes, and SCIM shows it. Who was deleted in SCIM and is enabled here is
// there again.
func (o *Organisation) setDisabled(tx store.Tx, u *user, disabled bool) error {
	returning := u.Gone && !disabled
	u.Disabled, u.Gone = disabled, u.Gone && disabled
	if err := o.updateUser(tx, u); err != nil {
		return err
	}
	if returning {
		roles, err := o.rolesOf(tx, u.ID)
		if err != nil {
			return err
		}
		return o.directory.AddUser(tx, u.ID, o.scimUser(u, roles))
	}
	return o.editSCIM(tx, u.ID, func(scimUser *engine.Object) { scimUser.Set("active", !disabled) })
}

// editSCIM changes the SCIM resource of a user, if SCIM shows one.
func (o *Organisation) editSCIM(tx store.Tx, id string, edit func(*engine.Object)) error {
	err := o.directory.EditUser(tx, id, edit)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}
