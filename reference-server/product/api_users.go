// SPDX-License-Identifier: Apache-2.0

package product

import (
	"crypto/md5"
	"encoding/hex"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// userAttributes are the attributes of a user as the product API shows them.
type userAttributes struct {
	Name           any      `json:"name"`
	Handle         string   `json:"handle"`
	Email          string   `json:"email"`
	Title          any      `json:"title"`
	Icon           string   `json:"icon"`
	CreatedAt      string   `json:"created_at"`
	ModifiedAt     string   `json:"modified_at"`
	Verified       bool     `json:"verified"`
	ServiceAccount bool     `json:"service_account"`
	Disabled       bool     `json:"disabled"`
	LoginMethods   []string `json:"allowed_login_methods"`
	Status         string   `json:"status"`
	LastLogin      any      `json:"last_login_time"`
}

// icon is the address of a picture; Gravatar names them by MD5.
func icon(email string) string {
	sum := md5.Sum([]byte(email))
	return "https://secure.gravatar.com/avatar/" + hex.EncodeToString(sum[:]) + "?s=48&d=retro"
}

func (u *user) resource(roles []*role, org string) resource {
	held := toMany{Data: []ref{}}
	for _, r := range roles {
		held.Data = append(held.Data, ref{"roles", r.ID})
	}
	return resource{
		Type: "users", ID: u.ID,
		Attributes: userAttributes{
			Name: orNull(u.Name), Handle: u.Handle, Email: u.Email, Title: orNull(u.Title), Icon: icon(u.Email),
			CreatedAt: stamp(u.created), ModifiedAt: stamp(u.modified), Verified: u.Verified,
			ServiceAccount: u.Service, Disabled: u.Disabled, LoginMethods: []string{}, Status: u.status(), LastLogin: momentOrNull(u.LastLogin),
		},
		Relationships: map[string]any{"roles": held, "org": toOne{ref{"orgs", org}}},
	}
}

// usersDocument shows users with their roles and the permissions of those
// included, each once.
func (a *api) usersDocument(tx store.Tx, users []*user) ([]resource, []resource, error) {
	org, err := a.org(tx)
	if err != nil {
		return nil, nil, err
	}
	data, included, seen := []resource{}, []resource{}, map[string]bool{}
	var held []string
	for _, u := range users {
		roles, err := a.rolesOf(tx, u.ID)
		if err != nil {
			return nil, nil, err
		}
		data = append(data, u.resource(roles, org.UUID))
		for _, r := range roles {
			if !seen[r.ID] {
				seen[r.ID] = true
				included = append(included, r.resource(tx))
				held = append(held, r.Permissions...)
			}
		}
	}
	return data, append(included, permissionResources(held)...), nil
}

func (a *api) oneUser(tx store.Tx, u *user) (int, any, error) {
	data, included, err := a.usersDocument(tx, []*user{u})
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: data[0], Included: included}, nil
}

func (a *api) listUsers(tx store.Tx, r *request) (int, any, error) {
	return a.usersPage(tx, r, func(*user) bool { return true })
}

// usersPage shows one page of the users that a request asks for.
func (a *api) usersPage(tx store.Tx, r *request, wanted func(*user) bool) (int, any, error) {
	q := r.URL.Query()
	p, err := pageOf(q)
	if err != nil {
		return 0, nil, err
	}
	found, err := a.findUsers(tx, q.Get("filter"), q.Get("filter[status]"))
	if err != nil {
		return 0, nil, err
	}
	found = slices.DeleteFunc(found, func(u *user) bool { return !wanted(u) })
	err = order(found, q.Get("sort"), q.Get("sort_dir") == "desc", "name", map[string]func(x, y *user) int{
		"name":        compareBy(func(u *user) string { return strings.ToLower(u.Name) }),
		"email":       compareBy(func(u *user) string { return strings.ToLower(u.Email) }),
		"status":      compareBy((*user).status),
		"created_at":  func(x, y *user) int { return x.created.Compare(y.created) },
		"modified_at": func(x, y *user) int { return x.modified.Compare(y.modified) },
	})
	if err != nil {
		return 0, nil, err
	}
	data, included, err := a.usersDocument(tx, cut(found, p.offset(), p.size))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: data, Included: included, Meta: countMeta(tx.Count(kindUser), len(found))}, nil
}

// findUsers returns the users of any of the statuses (all, when none is named)
// that mention text in name, handle or e-mail address.
func (a *api) findUsers(tx store.Tx, text, statuses string) ([]*user, error) {
	wanted := strings.Split(strings.ToLower(statuses), ",")
	found := []*user{}
	for r := range tx.Scan(kindUser, 0) {
		u, err := decodeUser(r)
		if err != nil {
			return nil, err
		}
		if (statuses == "" || slices.Contains(wanted, strings.ToLower(u.status()))) && mentions(text, u.Name, u.Handle, u.Email) {
			found = append(found, u)
		}
	}
	return found, nil
}

func (a *api) getUser(tx store.Tx, r *request) (int, any, error) {
	u, err := a.userAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return a.oneUser(tx, u)
}

// userAt returns the user that a path names.
func (a *api) userAt(tx store.Tx, r *request) (*user, error) {
	u, err := a.user(tx, strings.ToLower(r.PathValue("id")))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "user not found")
	}
	return u, err
}

// userToChange is userAt with the words that writes answer.
func (a *api) userToChange(tx store.Tx, r *request) (*user, error) {
	u, err := a.user(tx, strings.ToLower(r.PathValue("id")))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "%s not found", r.PathValue("id"))
	}
	return u, err
}

type userPatch struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			Name     *string `json:"name"`
			Title    *string `json:"title"`
			Email    *string `json:"email"`
			Disabled *bool   `json:"disabled"`
		} `json:"attributes"`
	} `json:"data"`
}

// maxName is the longest name that the product API takes.
const maxName = 55

func badName(name string) bool {
	return utf8.RuneCountInString(name) > maxName || strings.ContainsAny(name, "<>")
}

func (a *api) patchUser(tx store.Tx, r *request) (int, any, error) {
	u, err := a.userToChange(tx, r)
	if err != nil {
		return 0, nil, err
	}
	patch, err := read[userPatch](r)
	if err != nil {
		return 0, nil, err
	}
	if id := patch.Data.ID; id != "" && !strings.EqualFold(id, u.ID) {
		return 0, nil, refuse(http.StatusUnprocessableEntity, "UUID's in the URL and request body do not match")
	}
	set := patch.Data.Attributes
	switch {
	case set.Email != nil && !strings.EqualFold(*set.Email, u.Email):
		return 0, nil, refuse(http.StatusBadRequest, "email is owned by the identity provider")
	case set.Name != nil && badName(*set.Name):
		return 0, nil, refuse(http.StatusBadRequest, "Invalid name")
	}
	if set.Name != nil || set.Title != nil {
		if err := a.setNames(tx, u, set.Name, set.Title); err != nil {
			return 0, nil, err
		}
	}
	if set.Disabled != nil && *set.Disabled != u.Disabled {
		if err := a.setDisabled(tx, u, *set.Disabled); err != nil {
			return 0, nil, err
		}
	}
	u, err = a.user(tx, u.ID)
	if err != nil {
		return 0, nil, err
	}
	return a.oneUser(tx, u)
}

// setNames changes name and title here and in the SCIM resource.
func (a *api) setNames(tx store.Tx, u *user, name, title *string) error {
	if name != nil {
		u.Name = *name
	}
	if title != nil {
		u.Title = *title
	}
	if err := a.updateUser(tx, u); err != nil {
		return err
	}
	return a.editSCIM(tx, u.ID, func(scimUser *engine.Object) {
		if title != nil {
			scimUser.Set("title", *title)
		}
		if name == nil {
			return
		}
		scimUser.Set("name", scimUser.Object("name").With("formatted", *name))
	})
}

// disableUser is DELETE: users are never erased by the product API.
func (a *api) disableUser(tx store.Tx, r *request) (int, any, error) {
	u, err := a.userToChange(tx, r)
	if err != nil {
		return 0, nil, err
	}
	if u.Disabled {
		return 0, nil, refuse(http.StatusNotFound, "%s not found", r.PathValue("id"))
	}
	return http.StatusNoContent, nil, a.setDisabled(tx, u, true)
}

func (a *api) userMemberships(tx store.Tx, r *request) (int, any, error) {
	u, err := a.userToChange(tx, r)
	if err != nil {
		return 0, nil, err
	}
	org, err := a.org(tx)
	if err != nil {
		return 0, nil, err
	}
	data := []resource{}
	for l := range tx.Backlinks(relTeam, userNode(u.ID)) {
		data = append(data, membershipResource(l, org))
	}
	return http.StatusOK, document{Data: data}, nil
}
