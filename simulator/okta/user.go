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

func person(id string) string { return "person " + id }

// enter provisions somebody who came into scope.
func (a *Application) enter(ctx context.Context, id string) error {
	a.drop(person(id))
	return a.do(ctx, job{"assign", person(id), a.thenGroups(id, func(ctx context.Context) error {
		if !a.dir.InScope(id) {
			return nil
		}
		return a.provision(ctx, a.dir.Person(id))
	})})
}

// thenGroups gives a run that pushes the person's groups as well if it is done
// again: the first time this follows whatever came of it.
func (a *Application) thenGroups(id string, run func(ctx context.Context) error) func(ctx context.Context) error {
	again := false
	return func(ctx context.Context) error {
		err := run(ctx)
		if err != nil || !again {
			again = true
			return err
		}
		return a.refreshGroups(ctx, id)
	}
}

// provision looks a person up, always and also if the id is known, and creates
// or links them.
func (a *Application) provision(ctx context.Context, p *directory.Person) error {
	automatic := fmt.Sprintf("Automatic provisioning of user %s to app %s failed: ", p.UserName, a.o.Name)
	s, err := a.query(ctx, scim.UsersEndpoint, directory.UserName, p.UserName, 1, page)
	if err != nil {
		return err
	}
	found, f := firstOf(automatic+"Error while verifying if user "+p.UserName+" exists", s)
	if f != nil {
		return f
	}
	if found == nil {
		return a.post(ctx, p, automatic)
	}
	known := a.known(p.ID)
	u := &user{id: found.text("id"), name: p.UserName, active: truth(found.get("active"))}
	if known == nil || known.id != u.id {
		return a.link(ctx, p, u)
	}
	known.active = u.active
	return a.comeBack(ctx, p, known)
}

// post creates a person.
func (a *Application) post(ctx context.Context, p *directory.Person, automatic string) error {
	doing := automatic + "Error while creating user " + p.UserName
	s, err := a.send(ctx, http.MethodPost, scim.UsersEndpoint, a.create(p))
	if err != nil {
		return err
	}
	if !s.OK() {
		return refused(doing, s)
	}
	if len(s.Response.Body) == 0 {
		return &failure{doing + ": Create new user returned empty user.", s}
	}
	o, err := parseObject(s.Response.Body)
	if err != nil {
		return unreadable(doing, s)
	}
	if o.text("id") == "" {
		return &failure{doing + ": Create new user returned no id.", s}
	}
	u := &user{id: o.text("id"), active: true}
	a.wrote(p, u)
	a.keep(p.ID, u)
	return nil
}

// link takes over a user who exists: GET and PUT of the merged user, active
// (recorded). In okta-aiw a second pair was seen.
func (a *Application) link(ctx context.Context, p *directory.Person, u *user) error {
	doing := pushing(p)
	if a.features.UserPatch && a.o.Switches.PatchBeforeLink && !u.active {
		if err := a.patchUser(ctx, u, doing, "active", jsontext.Value("true")); err != nil {
			return err
		}
	}
	pairs := 1
	if !a.features.UserPatch && !a.o.Switches.LinkOnce {
		pairs = 2
	}
	for range pairs {
		err := a.putUser(ctx, u, doing, func(o *object) {
			o.set("active", jsontext.Value("true"))
			a.merge(o, p)
		})
		if err != nil {
			return err
		}
	}
	u.active = true
	a.wrote(p, u)
	a.keep(p.ID, u)
	return nil
}

// comeBack reactivates a returner: PATCH, then the profile (recorded); or one
// GET and PUT with both.
func (a *Application) comeBack(ctx context.Context, p *directory.Person, u *user) error {
	doing := fmt.Sprintf("Error while reactivating user %s", p.UserName)
	if a.features.UserPatch {
		if !u.active {
			if err := a.patchUser(ctx, u, doing, "active", jsontext.Value("true")); err != nil {
				return err
			}
			u.active = true
		}
		return a.push(ctx, p, u)
	}
	err := a.putUser(ctx, u, doing, func(o *object) {
		o.set("active", jsontext.Value("true"))
		if a.features.ProfileUpdates {
			a.merge(o, p)
		}
	})
	if err != nil {
		return err
	}
	u.active = true
	if a.features.ProfileUpdates {
		a.wrote(p, u)
	}
	if a.o.Switches.EchoPut {
		return a.putUser(ctx, u, doing, func(*object) {})
	}
	return nil
}

// update pushes the profile of somebody in scope.
func (a *Application) update(ctx context.Context, id string) error {
	if a.users[id] == nil || !a.dir.InScope(id) {
		return nil
	}
	return a.do(ctx, job{"profile", person(id), func(ctx context.Context) error {
		if !a.dir.InScope(id) {
			return nil // gone since
		}
		return a.push(ctx, a.dir.Person(id), a.users[id])
	}})
}

// push is a profile push: GET, merge, PUT in both kinds of application.
func (a *Application) push(ctx context.Context, p *directory.Person, u *user) error {
	if !a.features.ProfileUpdates {
		u.missed = noUpdates
		return nil
	}
	if err := a.putUser(ctx, u, pushing(p), func(o *object) { a.merge(o, p) }); err != nil {
		return err
	}
	a.wrote(p, u)
	return nil
}

// wrote notes that the whole profile of p was written.
func (a *Application) wrote(p *directory.Person, u *user) {
	u.missed, u.name = "", p.UserName
	for _, r := range a.o.Roles.roles(p) {
		if !slices.Contains(u.roles, r.Value) {
			u.roles = append(u.roles, r.Value)
		}
	}
}

func pushing(p *directory.Person) string {
	return "Error while trying to push profile update for " + p.UserName
}

// deactivate is sent when somebody leaves. A user is never deleted.
func (a *Application) deactivate(ctx context.Context, id string) error {
	a.drop(person(id))
	u := a.users[id]
	if u == nil {
		return nil
	}
	err := a.do(ctx, job{"deactivate", person(id), a.thenGroups(id, func(ctx context.Context) error {
		if a.dir.InScope(id) {
			return nil
		}
		return a.switchOff(ctx, u)
	})})
	if err != nil {
		return err
	}
	return a.refreshGroups(ctx, id)
}

func (a *Application) switchOff(ctx context.Context, u *user) error {
	doing := "Error while deactivating user " + u.name
	var err error
	switch {
	case !a.features.DeactivateUsers:
		u.missed = noDeactivation
		return nil
	case a.features.UserPatch:
		err = a.patchUser(ctx, u, doing, "active", jsontext.Value("false"))
	default:
		err = a.putUser(ctx, u, doing, func(o *object) { o.set("active", jsontext.Value("false")) })
	}
	if err != nil {
		return err
	}
	u.active, u.missed = false, ""
	return nil
}

// password syncs a password. The bodies are concluded by analogy: no source
// shows them.
func (a *Application) password(ctx context.Context, id, value string) error {
	u := a.users[id]
	if u == nil || !a.features.ChangePassword || a.o.Switches.PasswordNever || !a.dir.InScope(id) {
		return nil
	}
	return a.do(ctx, job{"password", person(id), func(ctx context.Context) error {
		doing := "Error while syncing the password of user " + u.name
		if a.features.UserPatch {
			return a.patchUser(ctx, u, doing, "password", quote(value))
		}
		return a.putUser(ctx, u, doing, func(o *object) { o.setText("password", value) })
	}})
}

// patchUser replaces one attribute without a path (documented, recorded).
func (a *Application) patchUser(ctx context.Context, u *user, doing, name string, value jsontext.Value) error {
	o := &object{}
	o.set(name, value)
	s, err := a.send(ctx, http.MethodPatch, resource(scim.UsersEndpoint, u.id), patch(operation("replace", "", o.bytes())))
	if err != nil {
		return err
	}
	if !s.OK() {
		return refused(doing, s) // also for 501: there is no falling back to PUT (recorded)
	}
	return nil
}

// putUser reads a user, changes what was read and puts it back. Whatever the
// GET answers is taken, a ListResponse too (recorded).
func (a *Application) putUser(ctx context.Context, u *user, doing string, change func(*object)) error {
	path := resource(scim.UsersEndpoint, u.id)
	s, err := a.send(ctx, http.MethodGet, path, nil)
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
	change(o)
	if s, err = a.send(ctx, http.MethodPut, path, o.bytes()); err != nil {
		return err
	}
	if !s.OK() {
		return refused(doing, s)
	}
	return nil
}
