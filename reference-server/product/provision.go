// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

const sourceUserRoles = "user.roles"

// decision is what a write means for a user's roles.
type decision struct {
	roles     []*role // that the user shall have
	values    []any   // how SCIM shows them
	unmatched []string
	fallback  *role // set when no value matched and the default role stands in
	skipped   bool  // no value matched and the roles stay as they are
}

// provisionRoles settles what roles a user has after a write, and puts them
// into the resource that will be stored.
func (o *Organisation) provisionRoles(tx store.Tx, c *UserChange, u *user, p *Pending) error {
	if o.profile.Roles.Source != sourceUserRoles {
		return nil
	}
	var current []*role
	var err error
	if !c.fresh {
		if current, err = o.rolesOf(tx, u.ID); err != nil {
			return err
		}
	}
	if o.rolesStay(c, current) {
		setValues(c.New, o.shown(c, current))
		return nil
	}
	d, err := o.decide(tx, c, current)
	if err != nil {
		return err
	}
	setValues(c.New, d.values)
	if c.RolesGiven && !u.SCIMRoles {
		u.SCIMRoles = true
		if err := o.updateUser(tx, u); err != nil {
			return err
		}
	}
	return o.apply(tx, c, u, current, d, p)
}

// rolesStay says whether a write that does not speak of roles leaves them: a
// PATCH always does, a PUT if the profile says so, a POST for a returning user
// who still has some.
func (o *Organisation) rolesStay(c *UserChange, current []*role) bool {
	switch {
	case c.RolesGiven:
		return false
	case c.Op == Replace:
		return o.profile.Roles.Absent == "keep"
	case c.Op == Create:
		return c.Returning && len(current) > 0
	}
	return true
}

// shown returns the SCIM values of the roles that a user has already.
func (o *Organisation) shown(c *UserChange, current []*role) []any {
	if values := c.Old.Array("roles"); len(values) > 0 {
		return values
	}
	values := make([]any, len(current))
	for i, r := range current {
		values[i] = o.scimValue(r)
	}
	return values
}

func (o *Organisation) decide(tx store.Tx, c *UserChange, current []*role) (*decision, error) {
	d := &decision{}
	for _, v := range c.New.Array("roles") {
		if err := o.consider(tx, d, v); err != nil {
			return nil, err
		}
	}
	if len(d.unmatched) > 0 && o.profile.Roles.Unmatched == "reject" {
		return nil, &engine.Error{Status: 400, Type: scim.InvalidValue, Detail: fmt.Sprintf("roles: %q names no role", d.unmatched[0])}
	}
	if len(d.roles) > 0 || o.profile.Roles.None == "clear" {
		return d, nil
	}
	if o.profile.Roles.None == "default" {
		standard, err := o.defaultRole(tx)
		if err != nil {
			return nil, err
		}
		if standard != nil {
			d.roles, d.values, d.fallback = []*role{standard}, []any{o.scimValue(standard)}, standard
			return d, nil
		}
	}
	d.roles, d.values = current, o.shown(c, current)
	d.skipped = c.Op != Create
	return d, nil
}

// consider adds one value of the request to the decision. Values that name the
// same role, or the same nothing, count once.
func (o *Organisation) consider(tx store.Tx, d *decision, v any) error {
	value := textOf(v)
	r, err := o.match(tx, value)
	if errors.Is(err, store.ErrNotFound) {
		if !slices.Contains(d.unmatched, value) {
			d.unmatched = append(d.unmatched, value)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if holds(d.roles, r) {
		return nil
	}
	shown := o.scimValue(r)
	if given, ok := v.(*engine.Object); ok {
		shown = given.Clone()
		shown.Set("value", o.valueOf(r))
		shown.Set("display", r.Name)
	}
	d.roles, d.values = append(d.roles, r), append(d.values, shown)
	return nil
}

// apply makes the links what was decided, and tells the audit trail and the
// metrics.
func (o *Organisation) apply(tx store.Tx, c *UserChange, u *user, current []*role, d *decision, p *Pending) error {
	for _, r := range current {
		if holds(d.roles, r) {
			continue
		}
		if _, err := tx.Unlink(relRole, r.ID, userNode(u.ID)); err != nil {
			return err
		}
		p.count("removed", c.Op, r.ID)
		if err := o.recordRole(tx, c, u, r, "removed"); err != nil {
			return err
		}
	}
	for _, r := range d.roles {
		if holds(current, r) {
			continue
		}
		if _, err := tx.Link(store.Link{Relation: relRole, From: r.ID, To: userNode(u.ID)}); err != nil {
			return err
		}
		p.count("assigned", c.Op, r.ID)
		if err := o.recordRole(tx, c, u, r, "assigned"); err != nil {
			return err
		}
	}
	if !c.fresh {
		if err := o.rolesChanged(tx, u.ID); err != nil {
			return err
		}
	}
	for _, value := range d.unmatched {
		p.count("unmatched", c.Op, value)
	}
	if d.fallback != nil {
		p.count("fallback", c.Op, d.fallback.ID)
	}
	if d.skipped {
		p.count("skipped", c.Op, "")
	}
	return o.recordDecision(tx, c, u, d)
}

func holds(roles []*role, r *role) bool {
	return slices.ContainsFunc(roles, func(x *role) bool { return x.ID == r.ID })
}

// textOf returns the value that a roles element names. Entra without its
// aadOptscim062020 flag sends a JSON object in a string and means the value in
// it (Microsoft, customize-application-attributes, 2026).
func textOf(v any) string {
	if o, ok := v.(*engine.Object); ok {
		v = o.Text("value")
	}
	text, _ := v.(string)
	if !strings.HasPrefix(strings.TrimSpace(text), "{") {
		return text
	}
	packed, err := engine.Parse([]byte(text), engine.Limits{})
	if err != nil {
		return text
	}
	if value, ok := packed.Get("value"); ok {
		if inner, ok := value.(string); ok {
			return inner
		}
	}
	return text
}
