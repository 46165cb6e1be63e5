// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Why Okta leaves a provider other than its directory, by its documents.
const (
	noDeactivation = "Deactivate Users was off when the person left, and Okta does not catch up with it"
	noUpdates      = "Push Profile Updates was off when the person changed"
	notCleared     = "how Okta sends a value that was emptied is not known; it is left as it was (options: cleared)"
	oneRole        = "the attribute roles.^[primary==true].value holds one role"
	pushPaused     = "the push of the group is paused"
	oldName        = "the group was linked without renaming it"
	stillPushed    = "the group was deleted in Okta while it was pushed; what Okta sends then is not known, an administrator unlinks it"
)

// Compare reads each user and group that Okta knows or should, and names what
// is not as the directory says. Attributes that are not mapped are not looked
// at, nor are passwords.
func (a *Application) Compare(ctx context.Context) ([]cycle.Difference, error) {
	var all []cycle.Difference
	for p := range a.dir.People() {
		found, err := a.comparePerson(ctx, p)
		if err != nil {
			return all, err
		}
		all = append(all, found...)
	}
	for g := range a.dir.Groups() {
		found, err := a.compareGroup(ctx, g)
		if err != nil {
			return all, err
		}
		all = append(all, found...)
	}
	gone, err := a.compareGone(ctx)
	return append(all, gone...), err
}

// compareGone looks at people and groups that the directory has purged and Okta
// has written: they are still there, people switched off.
func (a *Application) compareGone(ctx context.Context) ([]cycle.Difference, error) {
	var all []cycle.Difference
	for _, id := range slices.Sorted(maps.Keys(a.users)) {
		if a.dir.Person(id) != nil {
			continue
		}
		found, err := a.comparePerson(ctx, &directory.Person{ID: id})
		if err != nil {
			return all, err
		}
		all = append(all, found...)
	}
	for _, id := range slices.Sorted(maps.Keys(a.groups)) {
		if a.dir.Group(id) != nil {
			continue
		}
		found, err := a.compareGroup(ctx, &directory.Group{ID: id, Deleted: true})
		if err != nil {
			return all, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// hold reads what the provider has, or says what it answered instead.
func (a *Application) hold(ctx context.Context, endpoint, id string) (o *object, got string, err error) {
	s, err := a.send(ctx, http.MethodGet, resource(endpoint, id), nil)
	if err != nil {
		return nil, "", err
	}
	if s.Status == http.StatusNotFound {
		return nil, cycle.Show(), nil
	}
	if !s.OK() {
		return nil, refused("an answer", s).message, nil
	}
	if o = objectOf(s.Response.Body); o == nil {
		got = invalid(s.Response.Body)
	}
	return o, got, nil
}

func (a *Application) comparePerson(ctx context.Context, p *directory.Person) ([]cycle.Difference, error) {
	u, subject, want := a.users[p.ID], person(p.ID), a.dir.InScope(p.ID)
	if u == nil {
		if !want {
			return nil, nil
		}
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: cycle.Show(), Want: "a user"}}, nil
	}
	o, got, err := a.hold(ctx, scim.UsersEndpoint, u.id)
	if err != nil {
		return nil, err
	}
	if o == nil {
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: got, Want: "a user"}}, nil
	}
	var all []cycle.Difference
	if active := o.get("active"); truth(active) != want || active.Kind() != 't' && active.Kind() != 'f' {
		d := cycle.Difference{Subject: subject, Where: "active", Got: shown(active), Want: "false"}
		if want {
			d.Want = "true"
		} else if u.missed == noDeactivation {
			d.Expected = noDeactivation
		}
		all = append(all, d)
	}
	if !want {
		return all, nil // who left is not written any more
	}
	for _, d := range append(a.compareProfile(o, p), a.compareRoles(o, p, u)...) {
		d.Subject = subject
		if d.Expected == "" {
			d.Expected = u.missed
		}
		all = append(all, d)
	}
	return all, nil
}

// compareProfile looks at the mapped attributes.
func (a *Application) compareProfile(o *object, p *directory.Person) []cycle.Difference {
	var all []cycle.Difference
	look := func(where string, has jsontext.Value, want string) {
		got := unquote(has)
		if got == want && (has == nil || has.Kind() == '"' || has.Kind() == 'n') {
			return
		}
		d := cycle.Difference{Where: where, Got: shown(has), Want: cycle.Show(want)}
		if want == "" {
			d.Want = cycle.Show()
			if a.o.Switches.Cleared == ClearedKept {
				d.Expected = notCleared
			}
		}
		all = append(all, d)
	}
	for _, m := range a.o.Mappings {
		urn, name := m.extension()
		in := o
		if urn != "" {
			if in = o.object(urn); in == nil {
				in = &object{}
			}
		}
		if m.Target != emailType {
			look(m.Target, find(in, name), m.value(p))
		}
	}
	look("externalId", o.get("externalId"), a.externalID(p))
	return all
}

// find gives the value at a mapping's path: of the primary entry in a list, or
// the only one.
func find(o *object, path string) jsontext.Value {
	parent, sub, nested := strings.Cut(path, ".")
	if !nested {
		return o.get(path)
	}
	if inner := o.object(parent); inner != nil {
		return inner.get(sub)
	}
	entries := elements(o.get(parent))
	for _, e := range entries {
		entry, err := parseObject(e)
		if err == nil && (len(entries) == 1 || truth(entry.get("primary"))) {
			return entry.get(sub)
		}
	}
	return nil
}

// compareRoles looks for each role's value, and for those that Okta wrote and
// took away. What a product gives by itself, a default role for instance, is
// none of Okta's.
func (a *Application) compareRoles(o *object, p *directory.Person, u *user) []cycle.Difference {
	if a.o.Roles == RolesOff {
		return nil
	}
	has := values(o.get("roles"))
	if nested := o.object(scim.UserURN); nested != nil && len(has) == 0 {
		has = values(nested.get("roles"))
	}
	var want, sent []string
	for _, r := range p.Roles {
		want = append(want, r.Value)
	}
	for _, r := range a.o.Roles.roles(p) {
		sent = append(sent, r.Value)
	}
	lacks := func(values []string) bool {
		return slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(has, v) })
	}
	stays := slices.ContainsFunc(has, func(v string) bool { return slices.Contains(u.roles, v) && !slices.Contains(want, v) })
	if !lacks(want) && !stays {
		return nil
	}
	d := cycle.Difference{Where: "roles", Got: cycle.Show(has...), Want: cycle.Show(want...)}
	if !lacks(sent) && !stays {
		d.Expected = oneRole
	}
	return []cycle.Difference{d}
}

// values gives the value of each entry of a list, or the entry if it is a text.
func values(list jsontext.Value) []string {
	var all []string
	for _, e := range elements(list) {
		if entry, err := parseObject(e); err == nil {
			all = append(all, entry.text("value"))
		} else {
			all = append(all, unquote(e))
		}
	}
	return all
}

func (a *Application) compareGroup(ctx context.Context, g *directory.Group) ([]cycle.Difference, error) {
	known, subject := a.groups[g.ID], team(g.ID)
	if known == nil {
		if slices.ContainsFunc(a.tasks, func(t failed) bool { return t.subject == subject }) {
			return []cycle.Difference{{Subject: subject, Where: "the resource", Got: cycle.Show(), Want: "a group"}}, nil
		}
		return nil, nil
	}
	o, got, err := a.hold(ctx, scim.GroupsEndpoint, known.id)
	if err != nil || g.Deleted && got == cycle.Show() {
		return nil, err
	}
	if o == nil {
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: got, Want: "a group"}}, nil
	}
	if g.Deleted {
		return []cycle.Difference{{Subject: subject, Where: "the resource", Got: "a group", Want: cycle.Show(), Expected: stillPushed}}, nil
	}
	why := ""
	if known.paused {
		why = pushPaused
	}
	var all []cycle.Difference
	if name := o.text(directory.DisplayName); name != g.DisplayName {
		d := cycle.Difference{Subject: subject, Where: "displayName", Got: shown(o.get(directory.DisplayName)), Want: cycle.Show(g.DisplayName), Expected: why}
		if !known.follows {
			d.Expected = oldName
		}
		all = append(all, d)
	}
	has := setOf(values(o.get("members")))
	for _, m := range a.desired(g.ID) {
		if id := a.users[m].id; has[id] {
			delete(has, id)
			continue
		}
		all = append(all, cycle.Difference{Subject: subject, Where: "members", Got: "not " + m, Want: m, Expected: why})
	}
	extra := make([]string, 0, len(has))
	for id := range has {
		extra = append(extra, id)
	}
	slices.Sort(extra)
	for _, id := range extra {
		if id == "" {
			id = "a member without a value"
		}
		all = append(all, cycle.Difference{Subject: subject, Where: "members", Got: id, Want: "not " + id, Expected: why})
	}
	return all, nil
}

// shown gives a value for a difference.
func shown(v jsontext.Value) string {
	if v == nil {
		return cycle.Show()
	}
	const most = 200
	if s := string(v); len(s) > most {
		return s[:most] + "…"
	}
	return string(v)
}
