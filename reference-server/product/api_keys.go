// SPDX-License-Identifier: Apache-2.0

package product

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reference-server/store"
)

type keyAttributes struct {
	Name      string `json:"name"`
	CreatedAt string `json:"created_at"`
	Key       string `json:"key,omitzero"` // told once, when the key is made
	Last4     string `json:"last4"`
	Scopes    any    `json:"scopes"`
	LastUsed  any    `json:"last_used_at"`
}

func (k *appKey) resource(secret string) resource {
	var scopes any
	if k.Scopes != nil {
		scopes = k.Scopes
	}
	return resource{
		Type: "application_keys", ID: k.ID,
		Attributes: keyAttributes{Name: k.Name, CreatedAt: stamp(k.created), Key: secret, Last4: k.Last4, Scopes: scopes},
		Relationships: map[string]any{
			"owned_by":         toOne{ref{"users", k.Owner}},
			"leak_information": map[string]any{"data": nil},
		},
	}
}

// maxKeys is how many keys one user may own.
const maxKeys = 1000

// owner says whose keys a request is about, "" for everybody's.
type owner func(tx store.Tx, r *request) (string, error)

func anybody(store.Tx, *request) (string, error) { return "", nil }

func callerOf(_ store.Tx, r *request) (string, error) { return r.actor.ID, nil }

func (a *api) serviceAccountAt(tx store.Tx, r *request) (string, error) {
	u, err := a.user(tx, strings.ToLower(r.PathValue("account")))
	if errors.Is(err, store.ErrNotFound) || err == nil && !u.Service {
		return "", refuse(http.StatusNotFound, "Service account not found")
	}
	if err != nil {
		return "", err
	}
	return u.ID, nil
}

// keysSeen returns the keys of an owner that people can see.
func (a *api) keysSeen(tx store.Tx, owner string) ([]*appKey, error) {
	records := tx.Scan(kindKey, 0)
	if owner != "" {
		records = tx.Find(kindKey, "owner", owner)
	}
	seen := []*appKey{}
	for r := range records {
		k, err := decodeKey(r)
		if err != nil {
			return nil, err
		}
		if !k.Session {
			seen = append(seen, k)
		}
	}
	return seen, nil
}

func (a *api) listKeys(of owner) endpoint {
	return func(tx store.Tx, r *request) (int, any, error) {
		q := r.URL.Query()
		p, err := pageOf(q)
		if err != nil {
			return 0, nil, err
		}
		id, err := of(tx, r)
		if err != nil {
			return 0, nil, err
		}
		found, err := a.keysSeen(tx, cmp.Or(id, strings.ToLower(q.Get("filter[owned_by]"))))
		if err != nil {
			return 0, nil, err
		}
		found = slices.DeleteFunc(found, func(k *appKey) bool { return !mentions(q.Get("filter"), k.Name, k.Last4) })
		err = order(found, q.Get("sort"), false, "name", map[string]func(x, y *appKey) int{
			"name":       compareBy(func(k *appKey) string { return strings.ToLower(k.Name) }),
			"last4":      compareBy(func(k *appKey) string { return k.Last4 }),
			"created_at": func(x, y *appKey) int { return x.created.Compare(y.created) },
		})
		if err != nil {
			return 0, nil, err
		}
		data, shown := []resource{}, cut(found, p.offset(), p.size)
		for _, k := range shown {
			data = append(data, k.resource(""))
		}
		included, err := a.owners(tx, q, shown)
		meta := map[string]any{"page": map[string]any{"total_filtered_count": len(found)}, "max_allowed_per_user": maxKeys}
		return http.StatusOK, document{Data: data, Included: included, Meta: meta}, err
	}
}

// owners returns the users who own keys, if include=owned_by asks for them.
func (a *api) owners(tx store.Tx, q url.Values, keys []*appKey) ([]resource, error) {
	if !slices.Contains(strings.Split(q.Get("include"), ","), "owned_by") {
		return nil, nil
	}
	var users []*user
	for _, k := range keys {
		if slices.ContainsFunc(users, func(u *user) bool { return u.ID == k.Owner }) {
			continue
		}
		u, err := a.user(tx, k.Owner)
		if err != nil {
			return nil, err
		}
		users = append(users, u)
	}
	data, _, err := a.usersDocument(tx, users)
	return data, err
}

// keyAt returns the key that a path names, if it belongs to whom it names.
func (a *api) keyAt(tx store.Tx, r *request, of owner) (*appKey, error) {
	id, err := of(tx, r)
	if err != nil {
		return nil, err
	}
	missing := refuse(http.StatusNotFound, "Application key not found")
	rec, err := tx.Get(kindKey, strings.ToLower(r.PathValue("id")))
	if errors.Is(err, store.ErrNotFound) {
		return nil, missing
	}
	if err != nil {
		return nil, err
	}
	k, err := decodeKey(rec)
	if err == nil && (k.Session || id != "" && k.Owner != id) {
		return nil, missing
	}
	return k, err
}

func (a *api) getKey(of owner) endpoint {
	return func(tx store.Tx, r *request) (int, any, error) {
		k, err := a.keyAt(tx, r, of)
		if err != nil {
			return 0, nil, err
		}
		included, err := a.owners(tx, r.URL.Query(), []*appKey{k})
		return http.StatusOK, document{Data: k.resource(""), Included: included}, err
	}
}

type keyBody struct {
	Data struct {
		ID         string `json:"id"`
		Attributes struct {
			Name   *string   `json:"name"`
			Scopes *[]string `json:"scopes"`
		} `json:"attributes"`
	} `json:"data"`
}

// readKey reads the name and scopes of a key.
func readKey(r *request) (keyBody, error) {
	body, err := read[keyBody](r)
	if err != nil {
		return body, err
	}
	if name := body.Data.Attributes.Name; name != nil && *name == "" {
		return body, refuse(http.StatusBadRequest, "Invalid name")
	}
	if scopes := body.Data.Attributes.Scopes; scopes != nil {
		for _, s := range *scopes {
			if !slices.Contains(allPermissions(), s) {
				return body, refuse(http.StatusBadRequest, "Invalid scope %s", s)
			}
		}
	}
	return body, nil
}

func (a *api) createKey(of owner) endpoint {
	return func(tx store.Tx, r *request) (int, any, error) {
		id, err := of(tx, r)
		if err != nil {
			return 0, nil, err
		}
		body, err := readKey(r)
		if err != nil {
			return 0, nil, err
		}
		keys, err := a.keysSeen(tx, id)
		switch {
		case err != nil:
			return 0, nil, err
		case body.Data.Attributes.Name == nil:
			return 0, nil, refuse(http.StatusBadRequest, "Invalid name")
		case len(keys) >= maxKeys:
			return 0, nil, refuse(http.StatusBadRequest, "Too many application keys")
		}
		secret := a.newSecret()
		k := a.newAppKey(id, *body.Data.Attributes.Name, secret)
		if scopes := body.Data.Attributes.Scopes; scopes != nil {
			k.Scopes = *scopes
		}
		r.note("owner", id)
		return http.StatusCreated, document{Data: k.resource(secret)}, a.insertKey(tx, k)
	}
}

func (a *api) patchKey(of owner) endpoint {
	return func(tx store.Tx, r *request) (int, any, error) {
		k, err := a.keyAt(tx, r, of)
		if err != nil {
			return 0, nil, err
		}
		body, err := readKey(r)
		if err != nil {
			return 0, nil, err
		}
		if id := body.Data.ID; id != "" && !strings.EqualFold(id, k.ID) {
			return 0, nil, refuse(http.StatusUnprocessableEntity, "UUID's in the URL and request body do not match")
		}
		if name := body.Data.Attributes.Name; name != nil {
			k.Name = *name
		}
		if scopes := body.Data.Attributes.Scopes; scopes != nil {
			k.Scopes = *scopes
		}
		return http.StatusOK, document{Data: k.resource("")}, a.updateKey(tx, k)
	}
}

func (a *api) removeKey(of owner) endpoint {
	return func(tx store.Tx, r *request) (int, any, error) {
		k, err := a.keyAt(tx, r, of)
		if err != nil {
			return 0, nil, err
		}
		r.note("owner", k.Owner)
		return http.StatusNoContent, nil, a.deleteKey(tx, k)
	}
}
