// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

type userBody struct {
	Data struct {
		Attributes struct {
			Name  string `json:"name"`
			Title string `json:"title"`
			Email string `json:"email"`
		} `json:"attributes"`
		Relationships struct {
			Roles toMany `json:"roles"`
		} `json:"relationships"`
	} `json:"data"`
}

// readUser reads who is to be made, and the roles they shall have.
func (a *api) readUser(tx store.Tx, r *request) (*user, []*role, error) {
	body, err := read[userBody](r)
	if err != nil {
		return nil, nil, err
	}
	set := body.Data.Attributes
	address, err := mail.ParseAddress(set.Email)
	switch {
	case err != nil || address.Address != set.Email:
		return nil, nil, refuse(http.StatusBadRequest, "Invalid email")
	case badName(set.Name):
		return nil, nil, refuse(http.StatusBadRequest, "Invalid name")
	}
	var roles []*role
	for _, named := range body.Data.Relationships.Roles.Data {
		x, err := a.role(tx, strings.ToLower(named.ID))
		if errors.Is(err, store.ErrNotFound) {
			return nil, nil, refuse(http.StatusBadRequest, "Role %s not found", named.ID)
		}
		if err != nil {
			return nil, nil, err
		}
		if !holds(roles, x) {
			roles = append(roles, x)
		}
	}
	u := &user{ID: a.newID(), Email: set.Email, Name: set.Name, Title: set.Title, created: a.now(), modified: a.now()}
	if a.profile.Users.LowerCase {
		u.Email = strings.ToLower(u.Email)
	}
	return u, roles, nil
}

// addUser makes a user with just these roles: the default role is a matter of
// SCIM and of logins.
func (o *Organisation) addUser(tx store.Tx, u *user, roles []*role) error {
	if err := o.insertUser(tx, u); err != nil {
		return err
	}
	for _, x := range roles {
		if _, err := tx.Link(store.Link{Relation: relRole, From: x.ID, To: userNode(u.ID)}); err != nil {
			return err
		}
	}
	if u.Service {
		return nil
	}
	return o.directory.AddUser(tx, u.ID, o.scimUser(u, roles))
}

// scimUser is a user of the product as SCIM shows one.
func (o *Organisation) scimUser(u *user, roles []*role) *engine.Object {
	s := engine.NewObject("schemas", []any{scim.UserURN}, "userName", u.Handle, "active", !u.Disabled,
		"emails", []any{engine.NewObject("value", u.Email, "type", "work", "primary", true)})
	if u.Name != "" {
		s.Set("name", engine.NewObject("formatted", u.Name))
	}
	if u.Title != "" {
		s.Set("title", u.Title)
	}
	if o.profile.Roles.Source == sourceUserRoles {
		values := make([]any, len(roles))
		for i, x := range roles {
			values[i] = o.scimValue(x)
		}
		setValues(s, values)
	}
	return s
}

// postUser makes a person. An address that was ever used is taken, even by
// somebody who is disabled.
func (a *api) postUser(tx store.Tx, r *request) (int, any, error) {
	u, roles, err := a.readUser(tx, r)
	if err != nil {
		return 0, nil, err
	}
	u.Handle, u.Verified = u.Email, a.profile.Users.Status == "active"
	err = a.addUser(tx, u, roles)
	if errors.Is(err, store.ErrUniqueness) {
		return 0, nil, refuse(http.StatusConflict, "User %s already exists", u.Email)
	}
	if err != nil {
		return 0, nil, err
	}
	_, body, err := a.oneUser(tx, u)
	return http.StatusCreated, body, err
}

// createServiceAccount makes an account for programs. Its handle is its own
// id, so that several may share an address.
func (a *api) createServiceAccount(tx store.Tx, r *request) (int, any, error) {
	u, roles, err := a.readUser(tx, r)
	if err != nil {
		return 0, nil, err
	}
	u.Handle, u.Verified, u.Service = u.ID, true, true
	if err := a.addUser(tx, u, roles); err != nil {
		return 0, nil, err
	}
	_, body, err := a.oneUser(tx, u)
	return http.StatusCreated, body, err
}

func (a *api) listServiceAccounts(tx store.Tx, r *request) (int, any, error) {
	return a.usersPage(tx, r, func(u *user) bool { return u.Service })
}

func (a *api) userPermissions(tx store.Tx, r *request) (int, any, error) {
	u, err := a.userAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	names, err := a.permissionsOf(tx, u)
	return http.StatusOK, document{Data: permissionResources(names)}, err
}

// userOrgs shows a user together with the one organisation there is.
func (a *api) userOrgs(tx store.Tx, r *request) (int, any, error) {
	u, err := a.userAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return a.withOrg(tx, u)
}

func (a *api) withOrg(tx store.Tx, u *user) (int, any, error) {
	data, included, err := a.usersDocument(tx, []*user{u})
	if err != nil {
		return 0, nil, err
	}
	rec, err := tx.Get(kindOrg, orgID)
	if err != nil {
		return 0, nil, err
	}
	org, err := decode[organisation](rec)
	included = append(included, resource{Type: "orgs", ID: org.UUID, Attributes: map[string]any{
		"name": org.Name, "public_id": org.UUID, "description": nil, "disabled": false, "sharing": "none", "url": nil,
		"created_at": stamp(rec.Created), "modified_at": stamp(rec.Modified),
	}})
	return http.StatusOK, document{Data: data[0], Included: included}, err
}

func (a *api) getCurrentUser(tx store.Tx, r *request) (int, any, error) {
	u, err := a.user(tx, r.actor.ID)
	if err != nil {
		return 0, nil, err
	}
	return a.withOrg(tx, u)
}

// patchCurrentUser changes one's own name and title. Nobody disables
// themselves this way.
func (a *api) patchCurrentUser(tx store.Tx, r *request) (int, any, error) {
	patch, err := read[userPatch](r)
	if err != nil {
		return 0, nil, err
	}
	if patch.Data.Attributes.Disabled != nil {
		return 0, nil, refuse(http.StatusForbidden, "Forbidden")
	}
	r.SetPathValue("id", r.actor.ID)
	return a.patchUser(tx, r)
}

// invitation is an e-mail that was sent to a user, as far as it is kept.
type invitation struct {
	ID   string `json:"id"`
	User string `json:"user"`
	Type string `json:"type"` // basic_invite, basic_reminder

	created time.Time
}

// invited is how long an invitation is good for.
const invited = 48 * time.Hour

func (i invitation) resource() resource {
	return resource{
		Type: "user_invitations", ID: i.ID,
		Attributes: map[string]any{
			"uuid": i.ID, "invite_type": i.Type, "login_method": nil,
			"created_at": stamp(i.created), "expires_at": stamp(i.created.Add(invited)),
		},
		Relationships: map[string]any{"user": toOne{ref{"users", i.User}}},
	}
}

// invite notes an invitation for each user that is named. No mail is sent.
func (a *api) invite(tx store.Tx, r *request) (int, any, error) {
	body, err := read[struct {
		Data []struct {
			Relationships struct {
				User toOne `json:"user"`
			} `json:"relationships"`
		} `json:"data"`
	}](r)
	if err != nil {
		return 0, nil, err
	}
	data := []resource{}
	for _, item := range body.Data {
		u, err := a.user(tx, strings.ToLower(item.Relationships.User.Data.ID))
		if errors.Is(err, store.ErrNotFound) {
			return 0, nil, refuse(http.StatusNotFound, "user not found")
		}
		if err != nil {
			return 0, nil, err
		}
		i := invitation{ID: a.newID(), User: u.ID, Type: "basic_invite", created: a.now()}
		if first(tx.Find(kindInvitation, "user", u.ID)) != nil {
			i.Type = "basic_reminder"
		}
		if err := a.insert(tx, kindInvitation, i.ID, i, store.Key{Index: "user", Value: u.ID}); err != nil {
			return 0, nil, err
		}
		r.note("user_id", u.ID)
		data = append(data, i.resource())
	}
	return http.StatusCreated, document{Data: data}, nil
}

func (a *api) getInvitation(tx store.Tx, r *request) (int, any, error) {
	rec, err := tx.Get(kindInvitation, strings.ToLower(r.PathValue("id")))
	if err != nil {
		return 0, nil, err
	}
	i, err := decode[invitation](rec)
	i.created = rec.Created
	return http.StatusOK, document{Data: i.resource()}, err
}
