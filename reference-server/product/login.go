// SPDX-License-Identifier: Apache-2.0

package product

import (
	"slices"
	"strings"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Login is a SAML login as simulated: whose, and the attributes of the
// assertion.
type Login struct {
	Email      string
	Attributes map[string][]string
}

// Session is what a login came to. A login that is refused may change the
// user's roles all the same, so keep the transaction.
type Session struct {
	User    string   // id; "" when there is no such user
	Created bool     // the login made the user
	Roles   []string // ids of the user's roles afterwards
	Refused string   // why the login was refused; "": it was not
	Token   string   // speaks for the user to the product API, as a browser's session does; "" when refused
}

// sessionTime is how long a session lasts.
const sessionTime = time.Hour

// Login acts a SAML login. A user of a listed domain whom nobody knows is made,
// with the default role. Where there are mappings to roles, a login takes the
// roles that do not follow from one and grants those that do, and is refused to
// whom none applies; but whose roles SCIM has written keeps just those, if the
// profile says so. A login makes a Pending user Active.
func (o *Organisation) Login(tx store.Tx, l Login) (*Session, error) {
	u, s, err := o.whoLogsIn(tx, l)
	if err != nil {
		return nil, err
	}
	if s.Refused == "" {
		if err := o.mapRoles(tx, l, u, s); err != nil {
			return nil, err
		}
	}
	if s.Refused == "" {
		if err := o.admit(tx, l, u, s); err != nil {
			return nil, err
		}
	}
	if u == nil {
		return s, o.record(tx, "", loginEvent(l, s))
	}
	roles, err := o.rolesOf(tx, u.ID)
	if err != nil {
		return nil, err
	}
	for _, r := range roles {
		s.Roles = append(s.Roles, r.ID)
	}
	return s, o.recordAs(tx, &Actor{ID: u.ID, Email: u.Email}, loginEvent(l, s))
}

// whoLogsIn finds or makes the user, or says why not.
func (o *Organisation) whoLogsIn(tx store.Tx, l Login) (*user, *Session, error) {
	email := l.Email
	if o.profile.Users.LowerCase {
		email = strings.ToLower(email)
	}
	for r := range tx.Find(kindUser, "email", strings.ToLower(l.Email)) {
		u, err := decodeUser(r)
		switch {
		case err != nil:
			return nil, nil, err
		case u.Service:
			continue
		case u.Disabled:
			return u, &Session{User: u.ID, Refused: "the user is disabled"}, nil
		}
		return u, &Session{User: u.ID}, nil
	}
	org, err := o.org(tx)
	if err != nil {
		return nil, nil, err
	}
	_, domain, _ := strings.Cut(email, "@")
	if !slices.Contains(org.JITDomains, strings.ToLower(domain)) {
		return nil, &Session{Refused: "no such user, and the domain is not one whose users are made at login"}, nil
	}
	u := &user{ID: o.newID(), Handle: email, Email: email}
	standard, err := o.defaultRole(tx)
	if err != nil {
		return nil, nil, err
	}
	var roles []*role
	if standard != nil {
		roles = append(roles, standard)
	}
	return u, &Session{User: u.ID, Created: true}, o.addUser(tx, u, roles)
}

// mapRoles applies the mappings to roles.
func (o *Organisation) mapRoles(tx store.Tx, l Login, u *user, s *Session) error {
	rules, err := o.mappings(tx, "role")
	if err != nil || len(rules) == 0 || u.SCIMRoles && o.profile.Access.SSO == "scim" {
		return err
	}
	var mapped []*role
	for _, m := range rules {
		if !m.matches(l.Attributes) {
			continue
		}
		r, err := o.role(tx, m.Role)
		if err != nil {
			return err
		}
		if !holds(mapped, r) {
			mapped = append(mapped, r)
		}
	}
	if len(mapped) == 0 {
		s.Refused = "no role mapping matches the assertion"
	}
	current, err := o.rolesOf(tx, u.ID)
	if err != nil {
		return err
	}
	for _, r := range current {
		if !holds(mapped, r) {
			if err := o.revokeRole(tx, u.ID, r); err != nil {
				return err
			}
		}
	}
	for _, r := range mapped {
		if err := o.grantRole(tx, u.ID, r); err != nil {
			return err
		}
	}
	return nil
}

// admit lets a user in: they are Active from now on, join the teams that are
// mapped, and have a session.
func (o *Organisation) admit(tx store.Tx, l Login, u *user, s *Session) error {
	u.Verified, u.LastLogin = true, o.now()
	if err := o.updateUser(tx, u); err != nil {
		return err
	}
	rules, err := o.mappings(tx, "team")
	if err != nil {
		return err
	}
	for _, m := range rules {
		if err := o.joinMapped(tx, l, u, m); err != nil {
			return err
		}
	}
	if err := o.endSessions(tx, u); err != nil {
		return err
	}
	s.Token = o.newSecret()
	k := o.newAppKey(u.ID, "session", s.Token)
	k.Session, k.Expires = true, o.now().Add(sessionTime)
	return o.insertKey(tx, k)
}

// joinMapped makes a user a member of a mapped team. A managed team's members
// are the identity provider's matter, and it speaks of them through SCIM.
func (o *Organisation) joinMapped(tx store.Tx, l Login, u *user, m *mapping) error {
	if !m.matches(l.Attributes) {
		return nil
	}
	r, err := tx.Get(kindTeam, m.Team)
	if err != nil {
		return err
	}
	t, err := decodeTeam(r)
	if err != nil || t.managed() && o.profile.Teams.Locked {
		return err
	}
	_, err = o.join(tx, t.ID, u.ID, membership{Mapped: true})
	return err
}

// endSessions removes the sessions of a user that are over, so that logging in
// again and again keeps nothing.
func (o *Organisation) endSessions(tx store.Tx, u *user) error {
	keys, err := o.keysOf(tx, u.ID)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.Session && !o.now().Before(k.Expires) {
			if err := o.deleteKey(tx, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func loginEvent(l Login, s *Session) event {
	meta := map[string]any{"user_email": l.Email, "created": s.Created, "roles": append([]string{}, s.Roles...)}
	e := event{
		Name: "Authentication", EventName: "SAML login", Action: "login", AssetType: "user", AssetID: s.User, Outcome: "success", Method: "SAML", Meta: meta,
	}
	if s.Refused != "" {
		e.EventName, e.Outcome, meta["detail"] = "SAML login refused", "failure", s.Refused
	}
	return e
}
