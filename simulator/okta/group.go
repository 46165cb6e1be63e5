// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/directory"
)

// group is what is known of a group at the provider that is pushed.
type group struct {
	id      string
	name    string // that Okta sends
	follows bool   // name is that of Okta's group, also after a rename there
	paused  bool
	renamed bool            // while it was paused
	members map[string]bool // people who were sent
}

func team(id string) string { return "group " + id }

// commandGroup does what an administrator asks of one group.
func (a *Application) commandGroup(ctx context.Context, c directory.Change, id string) error {
	g := a.groups[id]
	known := func(run func(ctx context.Context) error) error {
		if g == nil {
			return nil // the push failed, and that is a task
		}
		return a.do(ctx, job{string(c.Kind), team(id), func(ctx context.Context) error {
			if a.groups[id] == nil {
				return nil // unlinked since
			}
			return run(ctx)
		}})
	}
	switch c.Kind {
	case directory.Push:
		return a.do(ctx, job{"push", team(id), func(ctx context.Context) error { return a.pushGroup(ctx, id) }})
	case directory.Link:
		return a.do(ctx, job{"push", team(id), func(ctx context.Context) error { return a.linkGroup(ctx, id, c.Values["rename"] != "false") }})
	case directory.PushNow:
		return known(func(ctx context.Context) error { return a.pushNow(ctx, id) })
	case directory.Resume:
		if g != nil {
			g.paused = false
		}
		return known(func(ctx context.Context) error { return a.catchUp(ctx, id) })
	case directory.Pause:
		if g != nil {
			g.paused = true
		}
	case directory.Unlink:
		if c.Values["delete"] != "true" {
			delete(a.groups, id)
			a.drop(team(id))
			return nil
		}
		return known(func(ctx context.Context) error { return a.deleteGroup(ctx, id) })
	}
	return nil
}

// catchUp pushes a group whose push was paused, the name first if it changed
// meanwhile: a rename goes before a membership (documented), and that this is so
// after a pause is concluded.
func (a *Application) catchUp(ctx context.Context, id string) error {
	if g := a.groups[id]; g.renamed && a.features.GroupPatch {
		if err := a.sendName(ctx, id); err != nil {
			return err
		}
		g.renamed = false
	}
	return a.pushNow(ctx, id)
}

// groupName gives the name of a group; of one that was purged, the one that was
// sent last.
func (a *Application) groupName(id string) string {
	if g := a.dir.Group(id); g != nil {
		return g.DisplayName
	}
	if g := a.groups[id]; g != nil {
		return g.name
	}
	return id
}

func (a *Application) pushing(id, doing string) string {
	name := a.groupName(id)
	return fmt.Sprintf("Unable to update Group Push mapping target App group %s: %s %s", name, doing, name)
}

// pushGroup pushes a group for the first time. A name that the provider has is
// refused: such a group must be linked (Okta's help).
func (a *Application) pushGroup(ctx context.Context, id string) error {
	if a.groups[id] != nil {
		return a.pushNow(ctx, id)
	}
	if g := a.dir.Group(id); g == nil || g.Deleted {
		return nil // deleted since: there is nothing to push any more
	}
	name := a.dir.Group(id).DisplayName
	held, err := a.findGroup(ctx, id, name)
	if err != nil {
		return err
	}
	if held != "" {
		return &failure{message: a.pushing(id, "Error while creating user group") + ": a group of that name exists; link it instead"}
	}
	members := a.desired(id)
	first := members
	if a.features.GroupPatch && !a.o.Switches.MembersInCreate {
		first = nil
	}
	doing := a.pushing(id, "Error while creating user group")
	s, err := a.send(ctx, http.MethodPost, scim.GroupsEndpoint, a.groupBody(id, "", first, false))
	if err != nil {
		return err
	}
	if !s.OK() {
		return refused(doing, s)
	}
	o, err := parseObject(s.Response.Body)
	if err != nil {
		return unreadable(doing, s)
	}
	g := &group{id: o.text("id"), name: name, follows: true, members: setOf(first)}
	if g.id == "" {
		return &failure{doing + ": the group that was created has no id", s}
	}
	a.groups[id] = g
	return a.fill(ctx, id, g, members)
}

// fill follows a POST: a read, then the members, as PATCH or as PUT.
func (a *Application) fill(ctx context.Context, id string, g *group, members []string) error {
	if !a.features.GroupPatch {
		return a.putGroup(ctx, id)
	}
	if !a.o.Switches.NoReadAfterCreate {
		if err := a.readGroup(ctx, id, g); err != nil {
			return err
		}
	}
	missing := slices.DeleteFunc(slices.Clone(members), func(m string) bool { return g.members[m] })
	if a.o.Switches.RedundantAdd {
		missing = members
	}
	return a.patchMembers(ctx, id, nil, missing)
}

// linkGroup takes over a group that the provider has, of the same name.
func (a *Application) linkGroup(ctx context.Context, id string, rename bool) error {
	if g := a.dir.Group(id); g == nil || g.Deleted {
		return nil
	}
	held, err := a.findGroup(ctx, id, a.dir.Group(id).DisplayName)
	if err != nil {
		return err
	}
	if held == "" {
		return &failure{message: a.pushing(id, "Error while linking user group") + ": the provider has no group of that name"}
	}
	a.groups[id] = &group{id: held, name: a.dir.Group(id).DisplayName, follows: rename, members: map[string]bool{}}
	return a.pushNow(ctx, id)
}

// findGroup gives the id of a group by its name, "" if there is none. It is
// looked up where groups are not imported (documented), and found in the whole
// list where they are (concluded).
func (a *Application) findGroup(ctx context.Context, id, name string) (string, error) {
	if a.features.ImportGroups {
		if err := a.importGroups(ctx); err != nil {
			return "", err
		}
		return a.imported[name], nil
	}
	s, err := a.query(ctx, scim.GroupsEndpoint, directory.DisplayName, name, 1, page)
	if err != nil {
		return "", err
	}
	found, f := firstOf(a.pushing(id, "Error while verifying if user group exists"), s)
	if f != nil {
		return "", f
	}
	if found == nil {
		return "", nil
	}
	return found.text("id"), nil
}

// rename sends the name of a pushed group that changed in Okta.
func (a *Application) rename(ctx context.Context, id string) error {
	g := a.groups[id]
	if g == nil || !g.follows {
		return nil
	}
	g.name = a.dir.Group(id).DisplayName
	if g.paused {
		g.renamed = true
		return nil
	}
	return a.do(ctx, job{"rename", team(id), func(ctx context.Context) error {
		if a.groups[id] == nil {
			return nil
		}
		if a.features.GroupPatch {
			return a.sendName(ctx, id)
		}
		return a.putGroup(ctx, id)
	}})
}

// deleteGroup unlinks a group that is deleted at the provider.
func (a *Application) deleteGroup(ctx context.Context, id string) error {
	s, err := a.send(ctx, http.MethodDelete, resource(scim.GroupsEndpoint, a.groups[id].id), nil)
	if err != nil {
		return err
	}
	if !s.OK() && s.Status != http.StatusNotFound {
		return refused(a.pushing(id, "Error while deleting user group"), s)
	}
	delete(a.groups, id)
	a.drop(team(id))
	return nil
}

// groupBody gives the body of POST and PUT: schemas, id, displayName, members
// (recorded); "" leaves the id out.
func (a *Application) groupBody(id, at string, members []string, noDisplay bool) jsontext.Value {
	o := &object{}
	o.set("schemas", array([]jsontext.Value{quote(scim.GroupURN)}))
	if at != "" {
		o.setText("id", at)
	}
	g, name := a.dir.Group(id), a.groupName(id)
	if known := a.groups[id]; known != nil {
		name = known.name
	}
	o.setText(directory.DisplayName, name)
	o.set("members", a.memberValues(members, noDisplay))
	if a.o.Switches.GroupDescription && g != nil && g.Description != "" {
		const urn = "urn:okta:custom:group:1.0"
		o.setWithin(urn, func(o *object) { o.setText("description", g.Description) })
		o.set("schemas", array([]jsontext.Value{quote(scim.GroupURN), quote(urn)}))
	}
	return o.bytes()
}

// memberValues gives members as value and display, without type and $ref
// (documented, recorded).
func (a *Application) memberValues(members []string, noDisplay bool) jsontext.Value {
	values := make([]jsontext.Value, len(members))
	for i, m := range members {
		o := &object{}
		o.setText("value", a.users[m].id)
		if noDisplay {
			o.set("display", jsontext.Value("null"))
		} else {
			o.setText("display", a.users[m].name)
		}
		values[i] = o.bytes()
	}
	return array(values)
}

// desired gives the members of a group that Okta sends: those who are assigned,
// active and known to the provider (documented).
func (a *Application) desired(id string) []string {
	return slices.DeleteFunc(a.dir.Members(id), func(m string) bool { return !a.sendable(m) })
}

func (a *Application) sendable(person string) bool {
	return a.users[person] != nil && a.dir.InScope(person)
}

func setOf(ids []string) map[string]bool {
	s := make(map[string]bool, len(ids))
	for _, id := range ids {
		s[id] = true
	}
	return s
}
