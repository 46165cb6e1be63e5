// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

// since is when the catalogue of permissions was made, in the form of the API.
const since = "2018-10-19T15:35:23.734317+00:00"

func (p permission) resource() resource {
	return resource{Type: "permissions", ID: p.id(), Attributes: map[string]any{
		"name": p.name, "display_name": p.display, "description": p.description, "created": since,
		"group_name": p.group, "display_type": "other", "restricted": p.restricted, "name_aliases": []string{},
	}}
}

// permissionResources shows the permissions of the names, each once and in the
// order of the catalogue.
func permissionResources(names []string) []resource {
	shown := []resource{}
	for _, p := range permissions() {
		if slices.Contains(names, p.name) {
			shown = append(shown, p.resource())
		}
	}
	return shown
}

func (a *api) listPermissions(store.Tx, *request) (int, any, error) {
	return http.StatusOK, document{Data: permissionResources(allPermissions())}, nil
}

func (a *api) rolePermissions(tx store.Tx, r *request) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, document{Data: permissionResources(x.Permissions)}, nil
}

func (a *api) addRolePermission(tx store.Tx, r *request) (int, any, error) {
	return a.changeRolePermission(tx, r, func(held []string, name string) []string {
		if slices.Contains(held, name) {
			return held
		}
		return append(held, name)
	})
}

func (a *api) removeRolePermission(tx store.Tx, r *request) (int, any, error) {
	return a.changeRolePermission(tx, r, func(held []string, name string) []string {
		return slices.DeleteFunc(held, func(x string) bool { return x == name })
	})
}

// changeRolePermission answers with what the role may do afterwards.
func (a *api) changeRolePermission(tx store.Tx, r *request, change func(held []string, name string) []string) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	body, err := read[toOne](r)
	if err != nil {
		return 0, nil, err
	}
	p, ok := permissionByID(strings.ToLower(body.Data.ID))
	if !ok {
		return 0, nil, refuse(http.StatusNotFound, "Permission not found")
	}
	r.note("permission", p.name)
	x.Permissions = change(slices.Clone(x.Permissions), p.name)
	return http.StatusOK, document{Data: permissionResources(x.Permissions)}, a.updateRole(tx, x)
}

type roleBody struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			Name *string `json:"name"`
		} `json:"attributes"`
		Relationships struct {
			Permissions *toMany `json:"permissions"`
		} `json:"relationships"`
	} `json:"data"`
}

// readRole reads a name and the names of permissions, nil if the body says
// nothing of them.
func readRole(r *request) (body roleBody, permissions []string, err error) {
	if body, err = read[roleBody](r); err != nil {
		return body, nil, err
	}
	if name := body.Data.Attributes.Name; name != nil && *name == "" {
		return body, nil, refuse(http.StatusBadRequest, "Invalid name")
	}
	if body.Data.Relationships.Permissions == nil {
		return body, nil, nil
	}
	permissions = []string{}
	for _, named := range body.Data.Relationships.Permissions.Data {
		p, ok := permissionByID(strings.ToLower(named.ID))
		if !ok {
			return body, nil, refuse(http.StatusBadRequest, "Invalid input ")
		}
		if !slices.Contains(permissions, p.name) {
			permissions = append(permissions, p.name)
		}
	}
	return body, permissions, nil
}

// createRole answers 200, as recorded, not 201. Every role has the restricted
// permissions besides those that are named.
func (a *api) createRole(tx store.Tx, r *request) (int, any, error) {
	body, named, err := readRole(r)
	if err != nil {
		return 0, nil, err
	}
	if body.Data.Attributes.Name == nil {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid name")
	}
	x, err := a.addRole(tx, *body.Data.Attributes.Name, permissionNames(func(p permission) bool {
		return p.restricted || slices.Contains(named, p.name)
	})...)
	if err != nil {
		return 0, nil, sameRole(err)
	}
	return http.StatusOK, document{Data: x.resource(tx)}, nil
}

func (a *api) patchRole(tx store.Tx, r *request) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	body, named, err := readRole(r)
	if err != nil {
		return 0, nil, err
	}
	if id := body.Data.ID; id != "" && !strings.EqualFold(id, x.ID) {
		return 0, nil, refuse(http.StatusUnprocessableEntity, "The id attribute in the request body does not match the role_id in the URL")
	}
	if name := body.Data.Attributes.Name; name != nil {
		x.Name = *name
	}
	if named != nil {
		x.Permissions = named
	}
	if err := a.updateRole(tx, x); err != nil {
		return 0, nil, sameRole(err)
	}
	return a.getRole(tx, r)
}

// cloneRole makes a role that may do what another may.
func (a *api) cloneRole(tx store.Tx, r *request) (int, any, error) {
	x, err := a.roleAt(tx, r)
	if err != nil {
		return 0, nil, err
	}
	body, _, err := readRole(r)
	if err != nil {
		return 0, nil, err
	}
	if body.Data.Attributes.Name == nil {
		return 0, nil, refuse(http.StatusBadRequest, "Invalid name")
	}
	twin, err := a.addRole(tx, *body.Data.Attributes.Name, x.Permissions...)
	if err != nil {
		return 0, nil, sameRole(err)
	}
	return http.StatusOK, document{Data: twin.resource(tx)}, nil
}
