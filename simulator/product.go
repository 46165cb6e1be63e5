// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/suites/check"
)

// Product looks at the product behind a provider, never through SCIM. A
// [check.ProductProbe] is one. What is not there is nil or empty; an error is
// ours or the environment's.
type Product interface {
	User(ctx context.Context, email string) (*check.ProductUser, error)
	Roles(ctx context.Context) ([]check.ProductRole, error)
	DefaultRole(ctx context.Context) (string, error)
	Team(ctx context.Context, handle string) (*check.ProductTeam, error)
}

// disabled is the status of a user whom the product does not let in.
const disabled = "Disabled"

// byDefault is why a product holds a role that nobody gave.
const byDefault = "the product gives its default role to who has no other"

// noSuchRole is why a product lacks a role that was sent.
const noSuchRole = "the product has no role of that value, and the profile says that it is ignored"

// compareProduct names what the product shows otherwise than the directory. A
// product may lag behind SCIM for as long as its profile says: until then it is
// looked at again where something differs. What SCIM shows differently is
// expected of the product if the dialect is documented to leave it; held gets the
// reasons that only the product gives.
func (s *Simulator) compareProduct(ctx context.Context, held []cycle.Difference) ([]cycle.Difference, error) {
	const looks = 10
	within := s.lag()
	for look := 0; ; look++ {
		found, err := s.lookAtProduct(ctx, held)
		if err != nil || cycle.Converged(found) || look == looks {
			return found, err
		}
		if err := (cycle.Real{}).Sleep(ctx, within/looks); err != nil {
			return nil, err
		}
	}
}

// lag gives the longest time that the profile allows for users, roles, teams.
func (s *Simulator) lag() time.Duration {
	var most time.Duration
	w := s.o.Profile.Within
	for _, text := range []string{w.Users, w.Roles, w.Teams} {
		d, _ := time.ParseDuration(text) // a profile is validated when it is read
		most = max(most, d)
	}
	return most
}

// view is one look at the product.
type view struct {
	*Simulator
	held     []cycle.Difference // that SCIM shows
	roles    []check.ProductRole
	standard string            // id of the default role
	written  map[string]bool   // ids of roles that the directory ever gave
	users    map[string]string // id in the product: person in scope
	seen     map[string]bool   // people in scope whom the product has
	found    []cycle.Difference
}

func (s *Simulator) lookAtProduct(ctx context.Context, held []cycle.Difference) ([]cycle.Difference, error) {
	v := &view{Simulator: s, held: held, written: map[string]bool{}, users: map[string]string{}, seen: map[string]bool{}}
	if s.sendsRoles && s.o.Profile.Roles.Source != "none" {
		var err error
		if v.roles, err = s.o.Product.Roles(ctx); err != nil {
			return nil, err
		}
		if v.standard, err = s.o.Product.DefaultRole(ctx); err != nil {
			return nil, err
		}
		v.noteRoles()
		v.explainDefault()
	}
	for p := range s.dir.People() {
		if err := v.person(ctx, p); err != nil {
			return nil, err
		}
	}
	if s.o.Profile.Teams.Target == "none" {
		return v.found, nil
	}
	names := s.groupNames()
	for g := range s.dir.Groups() {
		if err := v.group(ctx, g, names[g.ID]); err != nil {
			return nil, err
		}
	}
	return v.found, nil
}

// differs adds a difference, with the reason for which SCIM shows one there.
func (v *view) differs(d cycle.Difference, where string) {
	d.Where = "product " + d.Where
	for _, h := range v.held {
		if h.Subject == d.Subject && strings.HasPrefix(h.Where, where) {
			d.Expected = cmp.Or(d.Expected, h.Expected)
		}
	}
	v.found = append(v.found, d)
}

// person looks at somebody whom the dialect knows at the provider.
func (v *view) person(ctx context.Context, p *directory.Person) error {
	if v.dialect.Identify(p.ID) == "" {
		return nil // that they are missing is said by SCIM
	}
	u, err := v.user(ctx, p)
	if err != nil {
		return err
	}
	subject, want := "person "+p.ID, v.dir.InScope(p.ID)
	if u == nil {
		if want {
			v.differs(cycle.Difference{Subject: subject, Where: "user", Got: cycle.Show(), Want: "a user"}, "the resource")
		}
		return nil
	}
	if active := u.Status != disabled; active != want {
		d := cycle.Difference{Subject: subject, Where: "status", Got: u.Status, Want: disabled}
		if want {
			d.Want = "any but " + disabled
		}
		v.differs(d, "active")
	}
	if want {
		v.users[u.ID], v.seen[p.ID] = p.ID, true
		v.compareRoles(subject, p, u)
	}
	return nil
}

// user finds somebody by the e-mail address or, where a product has it as such,
// the user name.
func (v *view) user(ctx context.Context, p *directory.Person) (*check.ProductUser, error) {
	for _, address := range []string{p.UserName, p.Address()} {
		if v.o.Profile.Users.LowerCase {
			address = strings.ToLower(address)
		}
		u, err := v.o.Product.User(ctx, address)
		if u != nil || err != nil {
			return u, err
		}
	}
	return nil, nil
}

// noteRoles notes each role that the directory gave to anybody at any time.
func (v *view) noteRoles() {
	note := func(roles []directory.Role) {
		for _, r := range roles {
			if id := v.roleID(r.Value); id != "" {
				v.written[id] = true
			}
		}
	}
	for p := range v.dir.People() {
		note(p.Roles)
	}
	for _, e := range v.dir.Since(0) {
		note(e.Change.Roles)
		if e.Change.Person != nil {
			note(e.Change.Person.Roles)
		}
	}
}

// explainDefault gives the reason for a default role that SCIM shows on who has
// no role in the directory.
func (v *view) explainDefault() {
	if v.o.Profile.Roles.None != "default" || v.standard == "" {
		return
	}
	shown := []string{cycle.Show(v.standard)}
	for _, r := range v.roles {
		if r.ID == v.standard {
			shown = append(shown, cycle.Show(r.Name))
		}
	}
	for i, d := range v.held {
		if strings.HasPrefix(d.Where, "roles") && d.Want == cycle.Show() && slices.Contains(shown, d.Got) {
			v.held[i].Expected = cmp.Or(d.Expected, byDefault)
		}
	}
}

// roleID gives the id of the role that a value means, "" for none.
func (v *view) roleID(value string) string {
	match := v.o.Profile.Roles.Match
	for _, r := range v.roles {
		if match != "name" && r.ID == value || match != "uuid" && r.Name == value {
			return r.ID
		}
	}
	return ""
}

// compareRoles looks for each role that the product knows, and for those that
// the directory gave once. A default role is the product's own.
func (v *view) compareRoles(subject string, p *directory.Person, u *check.ProductUser) {
	if v.roles == nil {
		return // nothing is sent, or nothing is made of it
	}
	want := map[string]bool{}
	for _, r := range p.Roles {
		id := v.roleID(r.Value)
		d := cycle.Difference{Subject: subject, Where: "roles", Got: "not " + cycle.Show(r.Value), Want: cycle.Show(r.Value)}
		if id == "" {
			if v.o.Profile.Roles.Unmatched == "ignore" {
				d.Expected = noSuchRole
			}
			v.differs(d, "roles")
			continue
		}
		if want[id] = true; !slices.Contains(u.Roles, id) {
			v.differs(d, "roles")
		}
	}
	for _, id := range u.Roles {
		if v.written[id] && !want[id] && id != v.standard {
			v.differs(cycle.Difference{Subject: subject, Where: "roles", Got: cycle.Show(id), Want: "not " + cycle.Show(id)}, "roles")
		}
	}
}

// groupNames gives the names that each group has had, the latest first: where a
// handle does not follow a rename, the product has an older one.
func (s *Simulator) groupNames() map[string][]string {
	names := map[string][]string{}
	for _, e := range s.dir.Since(0) {
		switch c := e.Change; c.Kind {
		case directory.Found:
			names[c.Group.ID] = []string{c.Group.DisplayName}
		case directory.Rename:
			names[c.ID()] = append([]string{c.Name}, names[c.ID()]...)
		}
	}
	return names
}

// group looks at the team of a group that the dialect knows at the provider.
func (v *view) group(ctx context.Context, g *directory.Group, names []string) error {
	if v.dialect.Identify(g.ID) == "" || g.Deleted || v.differently(g) {
		return nil
	}
	team, err := v.team(ctx, g, names)
	if err != nil {
		return err
	}
	subject := "group " + g.ID
	if team == nil {
		v.differs(cycle.Difference{Subject: subject, Where: "team", Got: cycle.Show(), Want: "a team"}, "the resource")
		return nil
	}
	if team.Name != g.DisplayName {
		v.differs(cycle.Difference{Subject: subject, Where: "team name", Got: cycle.Show(team.Name), Want: cycle.Show(g.DisplayName)}, directory.DisplayName)
	}
	has := map[string]bool{} // people of the directory who are in scope
	for _, id := range team.Members {
		if p := v.users[id]; p != "" {
			has[p] = true
		}
	}
	for _, m := range v.dir.Members(g.ID) {
		if v.seen[m] && !has[m] {
			v.differs(cycle.Difference{Subject: subject, Where: "team members", Got: "not " + m, Want: m}, "members")
		}
		delete(has, m)
	}
	for _, m := range slices.Sorted(maps.Keys(has)) {
		v.differs(cycle.Difference{Subject: subject, Where: "team members", Got: m, Want: "not " + m}, "members")
	}
	return nil
}

// differently says whether SCIM shows no group of that name: that is said, and
// no team can be looked for.
func (v *view) differently(g *directory.Group) bool {
	return slices.ContainsFunc(v.held, func(d cycle.Difference) bool {
		return d.Subject == "group "+g.ID && (d.Where == directory.DisplayName || d.Where == "the resource")
	})
}

// team finds the team by the handle of a name that the group has or had: the
// one whose name is the group's before any other.
func (v *view) team(ctx context.Context, g *directory.Group, names []string) (*check.ProductTeam, error) {
	var other *check.ProductTeam
	for _, name := range names {
		team, err := v.o.Product.Team(ctx, check.TeamHandle(v.o.Profile, name))
		if err != nil {
			return nil, fmt.Errorf("team of group %s: %w", g.ID, err)
		}
		if team != nil && team.Name == g.DisplayName {
			return team, nil
		}
		if team != nil && team.Managed {
			other = team
		}
		if v.o.Profile.Teams.RenameHandle {
			break
		}
	}
	return other, nil
}
