// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Why Entra ID leaves a provider other than its directory, by its documents.
const (
	neverCleared     = "Entra ID never clears a value whose source is empty (known issues)"
	rolesStay        = "AppRoleAssignmentsComplex only adds roles, those taken away stay (customize application attributes)"
	valuesStay       = "several values are only added, old ones stay"
	membersNotRead   = "members are never read back, so what others added stays"
	notRestored      = "memberships of who came back are not restored until a restart (how provisioning works)"
	managerLater     = "a manager who comes into scope later is not written until a restart (known issues)"
	managerOutside   = "the new manager is not in scope, and a reference that cannot be resolved is not written"
	createOnly       = "the mapping applies only during creation"
	leftInScope      = "SkipOutOfScopeDeletions is on"
	deletionNotTold  = "in some tenants a soft deletion never comes (jelhub/scimgateway issue 114)"
	deletionIsOff    = "the target action delete is off"
	podLimit         = "on demand a group gets at most five members"
	podDoesNotRemove = "provisioning on demand disables nobody"
)

// Compare reads each user and group that Entra ID knows or should, and names
// what is not as the directory and the mappings say. These requests, which
// read members too, are none of Entra ID's.
func (c *Connector) Compare(ctx context.Context) ([]cycle.Difference, error) {
	var out []cycle.Difference
	for p := range c.dir.People() {
		found, err := c.comparePerson(ctx, p)
		if err != nil {
			return out, err
		}
		out = append(out, found...)
	}
	if c.options.Knobs.NoGroups {
		return out, nil
	}
	for g := range c.dir.Groups() {
		found, err := c.compareGroup(ctx, g)
		if err != nil {
			return out, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// holds reads what the provider has; nil if nothing.
func (c *Connector) holds(ctx context.Context, endpoint, at string) (map[string]any, error) {
	sent, err := c.wire.do(ctx, http.MethodGet, resource(endpoint, at), nil)
	switch {
	case err != nil:
		return nil, err
	case sent.Status == http.StatusNotFound:
		return nil, nil
	case !sent.OK():
		return nil, refused(sent)
	}
	held, f := readResource(sent)
	if f != nil {
		return nil, f
	}
	return held, nil
}

func (c *Connector) comparePerson(ctx context.Context, p *directory.Person) ([]cycle.Difference, error) {
	subject, known := "person "+p.ID, c.person(p.ID)
	want := !p.Deleted && c.dir.Assigned(p.ID)
	if known == nil {
		if !want || p.Disabled || c.options.Dialect == Pod {
			return nil, nil
		}
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: "nothing", Want: "a user"}}, nil
	}
	held, err := c.holds(ctx, scim.UsersEndpoint, known.id)
	var f *failure
	switch {
	case errors.As(err, &f):
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: f.message, Want: "a user"}}, nil
	case err != nil:
		return nil, err
	case held == nil && p.Deleted:
		return nil, nil
	case held == nil:
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: "nothing", Want: "a user"}}, nil
	}
	values, why := c.mapped(p, p.Disabled || !want)
	if why != "" {
		return []cycle.Difference{{Subject: subject, Where: "the mappings", Got: why, Want: "values"}}, nil
	}
	var out []cycle.Difference
	for _, w := range values {
		if !want && w.target.text != "active" {
			continue // who is out of scope is not written any more
		}
		if d, ok := c.compareValue(held, w); ok {
			d.Subject = subject
			if (!want || p.Disabled && w.target.text == "active") && d.Expected == "" {
				d.Expected = c.whyActive(p)
			}
			out = append(out, d)
		}
	}
	if want && c.manager != nil {
		out = append(out, c.compareManager(subject, held, p, known)...)
	}
	return out, nil
}

// mapped applies the mappings, or says why they cannot be.
func (c *Connector) mapped(p *directory.Person, softDeleted bool) (values []wanted, why string) {
	values, err := evaluate(c.users, c.personAttribute(p, softDeleted))
	if err != nil {
		return nil, err.Error()
	}
	return values, ""
}

// whyActive says why somebody out of scope may be active.
func (c *Connector) whyActive(p *directory.Person) string {
	switch {
	case c.options.Dialect == Pod:
		return podDoesNotRemove
	case c.wire.knobs.SkipOutOfScope && !p.Deleted && !c.dir.Assigned(p.ID):
		return leftInScope
	case c.wire.knobs.NoDisable && p.Deleted:
		return deletionNotTold
	}
	return ""
}

// compareValue compares one attribute.
func (c *Connector) compareValue(held map[string]any, w wanted) (cycle.Difference, bool) {
	has, there := w.target.find(held)
	d := cycle.Difference{Where: w.target.text, Got: show(has), Want: cycle.Show()}
	if w.create {
		d.Expected = createOnly
	}
	switch v := w.value.(type) {
	case nil:
		if !there {
			return d, false
		}
		d.Expected = neverCleared
		if w.target.attribute == "roles" {
			d.Expected = rolesStay
		}
		return d, true
	case roleSet:
		values := heldValues(has)
		d.Want = cycle.Show(v.values()...)
		lacks := len(v.missing(values).roles) > 0
		if v.mode == addRoles && !lacks {
			d.Expected = rolesStay
		}
		return d, lacks || w.target.sub == "" && v.mode != singleRole && !v.same(values)
	case []string:
		values := heldValues(has)
		d.Want = cycle.Show(v...)
		lacks := slices.ContainsFunc(v, func(s string) bool { return !slices.Contains(values, s) })
		if !lacks {
			d.Expected = valuesStay
		}
		return d, lacks || len(values) != len(v)
	}
	d.Want = cycle.Show(text(w.value))
	return d, !there || !same(w, has)
}

func (s roleSet) values() []string {
	out := make([]string, len(s.roles))
	for i, r := range s.roles {
		out[i] = r.Value
	}
	return out
}

func show(v any) string { return cycle.Show(heldValues(v)...) }

func (c *Connector) compareManager(subject string, held map[string]any, p *directory.Person, known *person) []cycle.Difference {
	want, wanted := "", ""
	if v, err := c.manager.source.Evaluate(c.personAttribute(p, false)); err == nil && !empty(v) {
		wanted = text(v)
		want = c.identify(wanted)
	}
	v, _ := c.manager.target.find(held)
	object, _ := v.(map[string]any)
	has := text(member(object, "value"))
	if has == want {
		return nil
	}
	d := cycle.Difference{Subject: subject, Where: c.manager.target.text, Got: show(orNull(has)), Want: show(orNull(want))}
	switch {
	case want != "" && known.manager != want && has == known.manager:
		d.Expected = managerLater
	case want == "" && wanted != "":
		d.Expected = managerOutside
	case want == "" && known.manager == "":
		d.Expected = neverCleared
	}
	return []cycle.Difference{d}
}

func (c *Connector) compareGroup(ctx context.Context, g *directory.Group) ([]cycle.Difference, error) {
	subject, known := "group "+g.ID, c.team(g.ID)
	want := c.dir.InScope(g.ID)
	if known == nil {
		if !want || c.options.Dialect == Pod {
			return nil, nil
		}
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: "nothing", Want: "a group"}}, nil
	}
	held, err := c.holds(ctx, scim.GroupsEndpoint, known.id)
	var f *failure
	switch {
	case errors.As(err, &f):
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: f.message, Want: "a group"}}, nil
	case err != nil:
		return nil, err
	case held == nil && !want:
		return nil, nil
	case held == nil:
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: "nothing", Want: "a group"}}, nil
	case !want:
		d := cycle.Difference{Subject: subject, Where: "the resource", Got: "a group", Want: "nothing"}
		if c.wire.knobs.NoDelete {
			d.Expected = deletionIsOff
		} else if c.wire.knobs.SkipOutOfScope && !g.Deleted {
			d.Expected = leftInScope
		}
		return []cycle.Difference{d}, nil
	}
	values, err := evaluate(c.groups, groupAttribute(g))
	if err != nil {
		return nil, err
	}
	var out []cycle.Difference
	for _, w := range values {
		if d, ok := c.compareValue(held, w); ok {
			d.Subject = subject
			out = append(out, d)
		}
	}
	return append(out, c.compareMembers(subject, held, g, known)...), nil
}

// compareMembers names each member that is there too much or too little.
func (c *Connector) compareMembers(subject string, held map[string]any, g *directory.Group, known *team) []cycle.Difference {
	has := map[string]bool{}
	for _, v := range heldValues(member(held, "members")) {
		has[v] = true
	}
	var out []cycle.Difference
	for _, m := range g.Members {
		at := c.identify(m)
		if at == "" || !c.belongs(m) {
			continue
		}
		if has[at] {
			delete(has, at)
			continue
		}
		d := cycle.Difference{Subject: subject, Where: "members", Got: "not " + m, Want: m}
		if !known.members[m] {
			d.Expected = notRestored
			if c.options.Dialect == Pod {
				d.Expected = podLimit
			} else if c.escrow[(work{stepMember, g.ID, m}).subject()] != nil {
				d.Expected = ""
			}
		}
		out = append(out, d)
	}
	extra := make([]string, 0, len(has))
	for at := range has {
		extra = append(extra, at)
	}
	slices.Sort(extra)
	ours := map[string]bool{}
	for m := range known.members {
		ours[c.identify(m)] = true
	}
	for m := range known.removed {
		ours[c.identify(m)] = true
	}
	for _, at := range extra {
		d := cycle.Difference{Subject: subject, Where: "members", Got: at, Want: "not " + at, Expected: membersNotRead}
		if at == "" {
			d.Got, d.Want, d.Expected = "a member without a value", "none", ""
		}
		if ours[at] {
			d.Expected = ""
		}
		out = append(out, d)
	}
	return out
}
