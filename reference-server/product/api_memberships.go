// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

type membershipAttributes struct {
	Role            any `json:"role"`
	ProvisionedBy   any `json:"provisioned_by"`
	ProvisionedByID any `json:"provisioned_by_id"`
}

// membershipResource shows a link. One made through SCIM was provisioned by
// the service account that owns the key.
func membershipResource(l store.Link, org organisation) resource {
	m := membershipOf(l)
	attributes := membershipAttributes{}
	if m.Admin {
		attributes.Role = "admin"
	}
	if m.Mapped {
		attributes.ProvisionedBy = "saml_mapping"
	}
	if m.Scim {
		attributes.ProvisionedBy, attributes.ProvisionedByID = "service_account", org.ServiceAccount
	}
	return resource{
		Type: "team_memberships", ID: membershipID(l), Attributes: attributes,
		Relationships: map[string]any{
			"user": toOne{ref{"users", memberOf(l)}},
			"team": toOne{ref{"team", l.From}},
		},
	}
}

// memberSeen is a membership together with its user.
type memberSeen struct {
	link store.Link
	user *user
}

func (a *api) listMemberships(tx store.Tx, r *request) (int, any, error) {
	q := r.URL.Query()
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	w, err := windowOf(q)
	if err != nil {
		return 0, nil, err
	}
	org, err := a.org(tx)
	if err != nil {
		return 0, nil, err
	}
	found := []memberSeen{}
	for l := range tx.Links(relTeam, t.ID) {
		u, err := a.user(tx, memberOf(l))
		if err != nil {
			return 0, nil, err
		}
		if mentions(q.Get("filter[keyword]"), u.Name, u.Handle, u.Email) {
			found = append(found, memberSeen{l, u})
		}
	}
	err = order(found, q.Get("sort"), false, "name", map[string]func(x, y memberSeen) int{
		"name":         compareBy(func(m memberSeen) string { return strings.ToLower(m.user.Name) }),
		"manager_name": compareBy(func(m memberSeen) string { return strings.ToLower(m.user.Name) }),
		"handle":       compareBy(func(m memberSeen) string { return m.user.Handle }),
		"email":        compareBy(func(m memberSeen) string { return m.user.Email }),
	})
	if err != nil {
		return 0, nil, err
	}
	data, included := []resource{}, []resource{}
	for _, m := range cut(found, w.offset, w.size) {
		data = append(data, membershipResource(m.link, org))
		included = append(included, m.user.short())
	}
	return http.StatusOK, document{Data: data, Included: included, Meta: w.meta(len(found)), Links: w.links(r, len(found))}, nil
}

// short is a user as shown beside a membership.
func (u *user) short() resource {
	return resource{Type: "users", ID: u.ID, Attributes: struct {
		Name     any    `json:"name"`
		Handle   string `json:"handle"`
		Email    string `json:"email"`
		Icon     string `json:"icon"`
		Disabled bool   `json:"disabled"`
		Service  bool   `json:"service_account"`
	}{orNull(u.Name), u.Handle, u.Email, icon(u.Email), u.Disabled, u.Service}}
}

type membershipBody struct {
	Data struct {
		Attributes struct {
			Role *string `json:"role"`
		} `json:"attributes"`
		Relationships struct {
			User toOne `json:"user"`
		} `json:"relationships"`
	} `json:"data"`
}

// readMembership takes the roles that a membership may have: admin, or none.
func readMembership(r *request) (membershipBody, membership, error) {
	body, err := read[membershipBody](r)
	if err != nil {
		return body, membership{}, err
	}
	role := body.Data.Attributes.Role
	if role != nil && *role != "admin" {
		return body, membership{}, refuse(http.StatusBadRequest, "Invalid role")
	}
	return body, membership{Admin: role != nil}, nil
}

// mayManageMembers refuses changes to the members of a team that is managed by
// the identity provider, or whose settings say so.
func (a *api) mayManageMembers(tx store.Tx, r *request, t *team) error {
	if err := a.unlocked(t); err != nil {
		return err
	}
	return a.allowed(tx, r.actor, t, manageMembers)
}

// addMembership answers 200, as recorded, not 201.
func (a *api) addMembership(tx store.Tx, r *request) (int, any, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.mayManageMembers(tx, r, t); err != nil {
		return 0, nil, err
	}
	body, m, err := readMembership(r)
	if err != nil {
		return 0, nil, err
	}
	u, err := a.memberNamed(tx, body.Data.Relationships.User.Data.ID)
	if err != nil {
		return 0, nil, err
	}
	r.note("user_id", u.ID)
	added, err := a.join(tx, t.ID, u.ID, m)
	if err != nil {
		return 0, nil, err
	}
	if !added {
		return 0, nil, refuse(http.StatusConflict, "users already present on the team [%s]", u.ID)
	}
	return a.oneMembership(tx, t, u, m)
}

func (a *api) oneMembership(tx store.Tx, t *team, u *user, m membership) (int, any, error) {
	org, err := a.org(tx)
	if err != nil {
		return 0, nil, err
	}
	l := store.Link{Relation: relTeam, From: t.ID, To: userNode(u.ID), Data: m.data()}
	return http.StatusOK, document{Data: membershipResource(l, org), Included: []resource{u.short()}}, nil
}

// memberAt returns the team and the member that a path names.
func (a *api) memberAt(tx store.Tx, r *request) (*team, *user, error) {
	t, err := a.teamAt(tx, r)
	if err != nil {
		return nil, nil, err
	}
	u, err := a.memberNamed(tx, r.PathValue("user"))
	if err != nil {
		return nil, nil, err
	}
	if !tx.Linked(relTeam, t.ID, userNode(u.ID)) {
		return nil, nil, refuse(http.StatusNotFound, "User %s is not a member of the team", u.ID)
	}
	return t, u, nil
}

// patchMembership changes the role within the team. Team roles stay with the
// product even when the team is managed.
func (a *api) patchMembership(tx store.Tx, r *request) (int, any, error) {
	t, u, err := a.memberAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.allowed(tx, r.actor, t, manageMembers); err != nil {
		return 0, nil, err
	}
	_, m, err := readMembership(r)
	if err != nil {
		return 0, nil, err
	}
	for l := range tx.Backlinks(relTeam, userNode(u.ID)) {
		if l.From == t.ID {
			was := membershipOf(l)
			m.Scim, m.Mapped = was.Scim, was.Mapped
		}
	}
	if _, err := tx.Unlink(relTeam, t.ID, userNode(u.ID)); err != nil {
		return 0, nil, err
	}
	if _, err := a.join(tx, t.ID, u.ID, m); err != nil {
		return 0, nil, err
	}
	return a.oneMembership(tx, t, u, m)
}

func (a *api) removeMembership(tx store.Tx, r *request) (int, any, error) {
	t, u, err := a.memberAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if err := a.mayManageMembers(tx, r, t); err != nil {
		return 0, nil, err
	}
	r.note("user_id", u.ID)
	_, err = tx.Unlink(relTeam, t.ID, userNode(u.ID))
	return http.StatusNoContent, nil, err
}
