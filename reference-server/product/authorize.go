// SPDX-License-Identifier: Apache-2.0

package product

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// Errors of Authenticate and Authorize.
var (
	// ErrUnauthorized: the key is not known, was revoked, or its owner is
	// disabled.
	ErrUnauthorized = errors.New("unauthorized")
	// ErrForbidden: the key is valid, but its owner or the organisation's plan
	// does not allow what was asked.
	ErrForbidden = errors.New("forbidden")
)

// Actor is who a key speaks for. It must not be changed.
type Actor struct {
	ID      string // of the user or service account
	Email   string
	Key     string // id of the application key; "" for a session
	Service bool   // a service account

	may     map[string]bool
	plan    string    // of the organisation
	session bool      // of a person who is logged in
	expires time.Time // of a session
}

// May says whether the owner of the key has a permission, and the key is not
// scoped below it.
func (a *Actor) May(permission string) bool { return a.may[permission] }

// known is an actor as found when the access record had a version.
type known struct {
	version int64
	actor   *Actor
}

// Authenticate returns who a key speaks for, or ErrUnauthorized. Call it
// before the transaction writes. It costs one look-up for a key that was seen
// since anything about access last changed, anywhere.
func (o *Organisation) Authenticate(tx store.Tx, key string) (*Actor, error) {
	hash := sha256.Sum256([]byte(key))
	access, err := tx.Get(kindAccess, orgID)
	if err != nil {
		return nil, err
	}
	if seen, ok := o.actors.Load(hash); ok {
		if seen.(known).version == access.Version {
			return o.inTime(seen.(known).actor)
		}
		o.actors.Clear() // so that keys of the past are not kept for ever
	}
	a, err := o.findActor(tx, hex.EncodeToString(hash[:]))
	if err != nil {
		return nil, err
	}
	o.actors.Store(hash, known{access.Version, a})
	return o.inTime(a)
}

// Authorize returns who a bearer token of the SCIM API speaks for. Besides the
// errors of Authenticate it returns ErrForbidden when the owner lacks one of
// the permissions that the profile names, or the organisation has a plan
// without SCIM.
func (o *Organisation) Authorize(tx store.Tx, token string) (*Actor, error) {
	a, err := o.Authenticate(tx, token)
	if err != nil {
		return nil, err
	}
	rules := o.profile.Access
	switch {
	case a.session:
		return nil, ErrUnauthorized
	case slices.ContainsFunc(rules.Permissions, func(name string) bool { return !a.May(name) }):
		return nil, ErrForbidden
	case len(rules.Plans) > 0 && !slices.Contains(rules.Plans, a.plan):
		return nil, ErrForbidden
	}
	return a, nil
}

func (o *Organisation) inTime(a *Actor) (*Actor, error) {
	if a.session && !o.now().Before(a.expires) {
		return nil, ErrUnauthorized
	}
	return a, nil
}

// findActor reads who a key speaks for from the store.
func (o *Organisation) findActor(tx store.Tx, hash string) (*Actor, error) {
	r := first(tx.Find(kindKey, "hash", hash))
	if r == nil {
		return nil, ErrUnauthorized
	}
	k, err := decodeKey(r)
	if err != nil {
		return nil, err
	}
	u, err := o.user(tx, k.Owner)
	if errors.Is(err, store.ErrNotFound) {
		return nil, ErrUnauthorized
	}
	if err != nil {
		return nil, err
	}
	if u.Disabled && o.profile.Access.Keys != "survive" {
		return nil, ErrUnauthorized
	}
	org, err := o.org(tx)
	if err != nil {
		return nil, err
	}
	may, err := o.permissionsOf(tx, u)
	if err != nil {
		return nil, err
	}
	a := &Actor{ID: u.ID, Email: u.Email, Key: k.ID, Service: u.Service, plan: org.Plan, may: map[string]bool{}, session: k.Session, expires: k.Expires}
	if k.Session {
		a.Key = ""
	}
	for _, name := range may {
		a.may[name] = k.Scopes == nil || slices.Contains(k.Scopes, name)
	}
	return a, nil
}

// permissionsOf returns the names of what a user may do, in the order of the
// catalogue: by a role, or granted at the start.
func (o *Organisation) permissionsOf(tx store.Tx, u *user) ([]string, error) {
	roles, err := o.rolesOf(tx, u.ID)
	if err != nil {
		return nil, err
	}
	return permissionNames(func(p permission) bool {
		return slices.Contains(u.Grants, p.name) ||
			slices.ContainsFunc(roles, func(r *role) bool { return slices.Contains(r.Permissions, p.name) })
	}), nil
}

// accessChanged makes every server of the organisation look again who may do
// what.
func (o *Organisation) accessChanged(tx store.Tx) error {
	return o.update(tx, kindAccess, orgID, struct{}{})
}

// SetPlan changes the plan of the organisation, for instance to "free".
func (o *Organisation) SetPlan(tx store.Tx, plan string) error {
	org, err := o.org(tx)
	if err != nil {
		return err
	}
	org.Plan = plan
	return errors.Join(o.update(tx, kindOrg, orgID, org), o.accessChanged(tx))
}
