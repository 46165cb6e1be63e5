// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"net/http"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/directory"
)

// membership pushes who came into a group and who left it.
func (a *Application) membership(ctx context.Context, m directory.Membership) error {
	g := a.groups[m.Group]
	if g == nil || g.paused {
		return nil
	}
	come := slices.DeleteFunc(slices.Clone(m.Added), func(p string) bool { return g.members[p] || !a.sendable(p) })
	leave := slices.DeleteFunc(slices.Clone(m.Removed), func(p string) bool { return !g.members[p] })
	return a.sync(ctx, m.Group, leave, come)
}

// refreshGroups pushes the membership of somebody who came or left, in each
// pushed group that holds them.
func (a *Application) refreshGroups(ctx context.Context, person string) error {
	for _, id := range a.dir.GroupsOf(person) {
		m := directory.Membership{Group: id}
		if a.sendable(person) {
			m.Added = []string{person}
		} else {
			m.Removed = []string{person}
		}
		if err := a.membership(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// sync sends a change of membership. Where an earlier one failed, it sends what
// is still due as well.
func (a *Application) sync(ctx context.Context, id string, leave, come []string) error {
	if len(leave)+len(come) == 0 {
		return nil
	}
	first := true
	return a.do(ctx, job{"membership", team(id), func(ctx context.Context) error {
		g := a.groups[id]
		if g == nil || g.paused {
			return nil
		}
		if !a.features.GroupPatch {
			return a.putGroup(ctx, id)
		}
		if !first || a.due(id) {
			leave, come = a.difference(id)
		}
		first = false
		return a.patchMembers(ctx, id, leave, come)
	}})
}

// due says whether a membership of the group is among the tasks.
func (a *Application) due(id string) bool {
	return slices.ContainsFunc(a.tasks, func(t failed) bool { return t.name == "membership" && t.subject == team(id) })
}

// difference gives what the provider was not told yet.
func (a *Application) difference(id string) (leave, come []string) {
	desired := a.desired(id)
	wanted := setOf(desired)
	for m := range a.groups[id].members {
		if !wanted[m] {
			leave = append(leave, m)
		}
	}
	slices.Sort(leave)
	return leave, slices.DeleteFunc(desired, func(m string) bool { return a.groups[id].members[m] })
}

// patchMembers sends a change of membership in chunks, each after the group's
// name unchanged (documented, recorded). In a chunk the removals come first, one
// operation each, then one addition with everybody. That the size of a chunk
// counts members, not operations, is assumed.
func (a *Application) patchMembers(ctx context.Context, id string, leave, come []string) error {
	g := a.groups[id]
	for len(leave)+len(come) > 0 {
		out := leave[:min(len(leave), a.o.Chunk)]
		in := come[:min(len(come), a.o.Chunk-len(out))]
		leave, come = leave[len(out):], come[len(in):]
		var operations []jsontext.Value
		for _, m := range out {
			operations = append(operations, operation("remove", "members[value eq "+string(quote(a.users[m].id))+"]", nil))
		}
		if len(in) > 0 {
			operations = append(operations, operation("add", "members", a.memberValues(in, false)))
		}
		if err := a.sendName(ctx, id); err != nil {
			return err
		}
		if err := a.patchGroup(ctx, id, operations...); err != nil {
			return err
		}
		for _, m := range out {
			delete(g.members, m)
		}
		for _, m := range in {
			g.members[m] = true
		}
	}
	return nil
}

// sendName is the rename, which goes before each membership change too, with
// the id inside the value (documented, recorded).
func (a *Application) sendName(ctx context.Context, id string) error {
	o := &object{}
	o.setText("id", a.groups[id].id)
	o.setText(directory.DisplayName, a.groups[id].name)
	return a.patchGroup(ctx, id, operation("replace", "", o.bytes()))
}

func (a *Application) patchGroup(ctx context.Context, id string, operations ...jsontext.Value) error {
	s, err := a.send(ctx, http.MethodPatch, resource(scim.GroupsEndpoint, a.groups[id].id), patch(operations...))
	if err != nil {
		return err
	}
	if !s.OK() {
		return refused(a.pushing(id, "Error while updating user group"), s)
	}
	return nil
}

// pushNow sends a whole group: PATCH replace of the members, [] if there are
// none; or GET and PUT. What goes beyond a chunk follows as additions, which no
// source settles.
func (a *Application) pushNow(ctx context.Context, id string) error {
	if !a.features.GroupPatch {
		return a.putGroup(ctx, id)
	}
	g, members := a.groups[id], a.desired(id)
	first := members[:min(len(members), a.o.Chunk)]
	if err := a.patchGroup(ctx, id, operation("replace", "members", a.memberValues(first, false))); err != nil {
		return err
	}
	g.members = setOf(first)
	a.mended(id)
	rest := members[len(first):]
	if a.o.Switches.RedundantAdd {
		rest = members
	}
	return a.patchMembers(ctx, id, nil, rest)
}

// putGroup is GET, then PUT of the whole group (documented, recorded).
func (a *Application) putGroup(ctx context.Context, id string) error {
	g := a.groups[id]
	if err := a.readGroup(ctx, id, g); err != nil {
		return err
	}
	at, members := g.id, a.desired(id)
	if a.o.Switches.GroupPutWithoutID {
		at = ""
	}
	s, err := a.send(ctx, http.MethodPut, resource(scim.GroupsEndpoint, g.id), a.groupBody(id, at, members, a.o.Switches.NullDisplay))
	if err != nil {
		return err
	}
	if !s.OK() {
		return refused(a.pushing(id, "Error while updating user group"), s)
	}
	g.members = setOf(members)
	a.mended(id)
	return nil
}

// mended ends the tasks that a push of the whole group makes needless.
func (a *Application) mended(id string) {
	a.tasks = slices.DeleteFunc(a.tasks, func(t failed) bool { return t.subject == team(id) && t.name == "membership" })
}

func (a *Application) readGroup(ctx context.Context, id string, g *group) error {
	s, err := a.send(ctx, http.MethodGet, resource(scim.GroupsEndpoint, g.id), nil)
	if err != nil {
		return err
	}
	doing := a.pushing(id, "Error while reading user group")
	if !s.OK() {
		return refused(doing, s)
	}
	if _, err := parseObject(s.Response.Body); err != nil {
		return unreadable(doing, s)
	}
	return nil
}
