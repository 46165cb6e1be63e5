// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

type roleAttributes struct {
	Name       string `json:"name"`
	CreatedAt  string `json:"created_at"`
	ModifiedAt string `json:"modified_at"`
	UserCount  int    `json:"user_count"`
}

func (r *role) resource(tx store.Tx) resource {
	may := toMany{Data: []ref{}}
	for _, p := range permissions() {
		if slices.Contains(r.Permissions, p.name) {
			may.Data = append(may.Data, ref{"permissions", p.id()})
		}
	}
	return resource{
		Type: "roles", ID: r.ID,
		Attributes: roleAttributes{
			Name: r.Name, CreatedAt: stamp(r.created), ModifiedAt: stamp(r.modified), UserCount: tx.CountLinks(relRole, r.ID),
		},
		Relationships: map[string]any{"permissions": may},
	}
}

func (a *api) listRoles(tx store.Tx, r *request) (int, any, error) {
	q := r.URL.Query()
	p, err := pageOf(q)
	if err != nil {
		return 0, nil, err
	}
	ids := strings.Split(strings.ToLower(q.Get("filter[id]")), ",")
	found := []*role{}
	for rec := range tx.Scan(kindRole, 0) {
		x, err := a.decodeRole(rec)
		if err != nil {
			return 0, nil, err
		}
		if mentions(q.Get("filter"), x.Name) && (q.Get("filter[id]") == "" || slices.Contains(ids, x.ID)) {
			found = append(found, x)
		}
	}
	err = order(found, q.Get("sort"), false, "name", map[string]func(x, y *role) int{
		"name":        compareBy(func(x *role) string { return strings.ToLower(x.Name) }),
		"modified_at": func(x, y *role) int { return x.modified.Compare(y.modified) },
		"user_count":  compareBy(func(x *role) int { return tx.CountLinks(relRole, x.ID) }),
	})
	if err != nil {
		return 0, nil, err
	}
	data := []resource{}
	for _, x := range cut(found, p.offset(), p.size) {
		data = append(data, x.resource(tx))
	}
	return http.StatusOK, document{Data: data, Meta: countMeta(tx.Count(kindRole), len(found))}, nil
}

func (a *api) roleAt(tx store.Tx, r *request) (*role, error) {
	x, err := a.role(tx, strings.ToLower(r.PathValue("id")))
	if errors.Is(err, store.ErrNotFound) {
		return nil, refuse(http.StatusNotFound, "%s not found", r.PathValue("id"))
	}
	return x, err
}

func (a *api) getRole(tx store.Tx, r *request) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: x.resource(tx)}, nil
}

func sameRole(err error) error {
	if errors.Is(err, store.ErrUniqueness) {
		return refuse(http.StatusConflict, "A role with the same name already exists")
	}
	return err
}

func (a *api) removeRole(tx store.Tx, r *request) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusNoContent, nil, a.deleteRole(tx, x)
}

func (a *api) roleUsers(tx store.Tx, r *request) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	p, err := pageOf(r.URL.Query())
	if err != nil {
		return 0, nil, err
	}
	return a.usersOfRole(tx, x, p)
}

// usersOfRole shows one page of the users who have a role, in the order in
// which they got it.
func (a *api) usersOfRole(tx store.Tx, x *role, p page) (int, any, error) {
	users, at := []*user{}, 0
	for l := range tx.Links(relRole, x.ID) {
		if at++; at <= p.offset() {
			continue
		}
		u, err := a.user(tx, memberOf(l))
		if err != nil {
			return 0, nil, err
		}
		if users = append(users, u); len(users) == p.size {
			break
		}
	}
	data, included, err := a.usersDocument(tx, users)
	if err != nil {
		return 0, nil, err
	}
	count := tx.CountLinks(relRole, x.ID)
	return http.StatusOK, document{Data: data, Included: included, Meta: countMeta(count, count)}, nil
}

func (a *api) addRoleUser(tx store.Tx, r *request) (int, any, error) {
	return a.changeRoleUser(tx, r, a.grantRole)
}

func (a *api) removeRoleUser(tx store.Tx, r *request) (int, any, error) {
	return a.changeRoleUser(tx, r, a.revokeRole)
}

// changeRoleUser answers with those who have the role afterwards.
func (a *api) changeRoleUser(tx store.Tx, r *request, change func(store.Tx, string, *role) error) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	body, err := read[toOne](r)
	if err != nil {
		return 0, nil, err
	}
	u, err := a.user(tx, strings.ToLower(body.Data.ID))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil, refuse(http.StatusNotFound, "user not found")
	}
	if err != nil {
		return 0, nil, err
	}
	r.note("user_id", u.ID)
	if err := change(tx, u.ID, x); err != nil {
		return 0, nil, err
	}
	return a.usersOfRole(tx, x, page{size: usualPage})
}
