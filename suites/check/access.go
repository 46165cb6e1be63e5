// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
)

// KeyProbe is a ProductProbe that can also make and take away access: roles,
// service accounts and application keys. A check uses it through T, which lets
// it touch nothing but what the check made.
type KeyProbe interface {
	// CreateRole makes a role with these permissions, besides those that the
	// product gives to every role.
	CreateRole(ctx context.Context, name string, permissions ...string) (*ProductRole, error)
	// DeleteRole removes a role.
	DeleteRole(ctx context.Context, id string) error
	// CreateServiceAccount makes a service account with roles and returns its id.
	CreateServiceAccount(ctx context.Context, name, email string, roles ...string) (id string, err error)
	// DisableServiceAccount disables one: products keep them for ever.
	DisableServiceAccount(ctx context.Context, id string) error
	// CreateKey makes an application key of a service account.
	// Without scopes it may do all that the account may.
	CreateKey(ctx context.Context, account, name string, scopes ...string) (*ProductKey, error)
	// CreateOwnKey makes an application key of the person whose session it is.
	CreateOwnKey(ctx context.Context, session flow.Secret, name string) (*ProductKey, error)
	// RevokeKey revokes an application key. One that is gone is no error.
	RevokeKey(ctx context.Context, id string) error
	// KeyStatus returns the HTTP status by which the product says whether a key
	// is valid: 200, 401 or 403.
	KeyStatus(ctx context.Context, key flow.Secret) (status int, err error)
	// MapRole gives a role to those whose SAML assertion has a value of an
	// attribute, and returns the id of the mapping.
	MapRole(ctx context.Context, attribute, value, role string) (id string, err error)
	// UnmapRole removes a mapping.
	UnmapRole(ctx context.Context, id string) error
}

// LoginProbe logs people in as if through SAML. Only a product made for tests
// can have one: a check with it may change what a login does to others.
type LoginProbe interface {
	// Login returns a token that speaks for the person to the product API, or
	// why the login was refused.
	Login(ctx context.Context, email string, attributes map[string][]string) (session, refused string, err error)
}

// ProductKey is an application key.
type ProductKey struct {
	ID     string
	Secret flow.Secret
}

// holdings are what a check made in the product to give access, in the order
// made.
type holdings struct {
	mu                              sync.Mutex
	keys, accounts, roles, mappings []string
}

func (h *holdings) add(list *[]string, id string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*list = append(*list, id)
}

// mine breaks the check off if id is not among what it made.
func (t *T) mine(what string, list *[]string, id string) {
	t.held.mu.Lock()
	defer t.held.mu.Unlock()
	if !slices.Contains(*list, id) {
		t.breakOff("change the " + what + " " + id + ": this check did not make it")
	}
}

// keyProbe gives the probe of keys. Name CapKeys in Needs.
func (t *T) keyProbe() KeyProbe {
	probe, ok := t.provider.target.Product.(KeyProbe)
	if !ok {
		t.breakOff("the check makes keys without naming " + CapKeys + " in Needs")
	}
	t.looked()
	return probe
}

// CreateRole makes a role with these permissions. It is removed at the end.
func (t *T) CreateRole(base string, permissions ...string) ProductRole {
	r, err := t.keyProbe().CreateRole(t.ctx, t.Name(base), permissions...)
	r = look(t, r, err)
	t.held.add(&t.held.roles, r.ID)
	return *r
}

// RoleValue gives the value that names a role in SCIM.
func (t *T) RoleValue(r ProductRole) string {
	if t.Profile().Roles.Match == "name" {
		return r.Name
	}
	return r.ID
}

// DeleteRole removes a role that the check made.
func (t *T) DeleteRole(r ProductRole) {
	t.mine("role", &t.held.roles, r.ID)
	look(t, 0, t.keyProbe().DeleteRole(t.ctx, r.ID))
	t.held.mu.Lock()
	defer t.held.mu.Unlock()
	t.held.roles = slices.DeleteFunc(t.held.roles, func(id string) bool { return id == r.ID })
}

// CreateServiceAccount makes a service account with roles and gives its id. It
// is disabled at the end.
func (t *T) CreateServiceAccount(roles ...ProductRole) string {
	name := t.Name("account")
	ids := make([]string, len(roles))
	for i, r := range roles {
		ids[i] = r.ID
	}
	id, err := t.keyProbe().CreateServiceAccount(t.ctx, "scimproof "+t.provider.target.RunID, name+"@"+people.Domain, ids...)
	id = look(t, id, err)
	t.held.add(&t.held.accounts, id)
	return id
}

// DisableServiceAccount disables one that the check made.
func (t *T) DisableServiceAccount(id string) {
	t.mine("service account", &t.held.accounts, id)
	look(t, 0, t.keyProbe().DisableServiceAccount(t.ctx, id))
}

// CreateKey makes a key of a service account that the check made, which may do
// what the account may or, of that, what the scopes name.
func (t *T) CreateKey(account string, scopes ...string) ProductKey {
	t.mine("service account", &t.held.accounts, account)
	k, err := t.keyProbe().CreateKey(t.ctx, account, t.Name("key"), scopes...)
	return t.hold(look(t, k, err))
}

// CreateOwnKey makes a key of somebody who is logged in.
func (t *T) CreateOwnKey(session flow.Secret) ProductKey {
	k, err := t.keyProbe().CreateOwnKey(t.ctx, session, t.Name("key"))
	return t.hold(look(t, k, err))
}

func (t *T) hold(k *ProductKey) ProductKey {
	t.held.add(&t.held.keys, k.ID)
	return *k
}

// RevokeKey revokes a key that the check made, which the one that the run goes
// by never is.
func (t *T) RevokeKey(k ProductKey) {
	t.mine("key", &t.held.keys, k.ID)
	look(t, 0, t.keyProbe().RevokeKey(t.ctx, k.ID))
}

// KeyStatus gives the status by which the product says whether a key is valid.
func (t *T) KeyStatus(key flow.Secret) int {
	status, err := t.keyProbe().KeyStatus(t.ctx, key)
	return look(t, status, err)
}

// As sends a SCIM request with a key in place of the one that the run goes by.
func (t *T) As(k ProductKey, r flow.Request) *flow.Exchange {
	r.Header = maps.Clone(r.Header)
	if r.Header == nil {
		r.Header = map[string][]string{}
	}
	r.Header.Set("Authorization", "Bearer "+k.Secret.Reveal())
	return t.Send(r)
}

// InQuery sends a request with a key in its query (RFC 6750 §2.3) and without
// credentials in its header. What is kept of it does not show the key.
func (t *T) InQuery(k ProductKey, r flow.Request) *flow.Exchange {
	r.Header = map[string][]string{"Authorization": nil}
	r.Path += Query("access_token", k.Secret.Reveal())
	return t.Send(r)
}

// Login logs in somebody whom the run made, with pairs of attribute and value
// in the assertion. It gives a token that speaks for the person to the product
// API, or why the login was refused.
func (t *T) Login(email string, pairs ...string) (session flow.Secret, refused string) {
	probe := t.provider.target.Login
	switch {
	case probe == nil:
		t.breakOff("the check logs somebody in without naming " + CapLogin + " in Needs")
	case !strings.Contains(email, t.provider.mark()):
		t.breakOff("log in " + email + ": this run did not make them")
	}
	t.looked()
	attributes := map[string][]string{}
	for pair := range slices.Chunk(pairs, 2) {
		attributes[pair[0]] = append(attributes[pair[0]], pair[1])
	}
	token, refused, err := probe.Login(t.ctx, email, attributes)
	token = look(t, token, err)
	t.learnLogin(email)
	return flow.Secret(token), refused
}

// MapRole gives a role to those who log in with a value of an attribute that
// carries the run's mark. The mapping is removed at the end.
func (t *T) MapRole(attribute, value string, roleID string) {
	switch {
	case t.provider.target.Login == nil:
		t.breakOff("the check maps roles without naming " + CapLogin + " in Needs")
	case !strings.Contains(value, t.provider.mark()):
		t.breakOff("map " + value + ": it does not carry the mark of this run")
	}
	id, err := t.keyProbe().MapRole(t.ctx, attribute, value, roleID)
	t.held.add(&t.held.mappings, look(t, id, err))
}

// cleanUpAccess takes away what the check made to give access: keys before
// their accounts, and roles last.
func (t *T) cleanUpAccess(ctx context.Context) (left []string) {
	probe, ok := t.provider.target.Product.(KeyProbe)
	if !ok {
		return nil
	}
	t.held.mu.Lock()
	defer t.held.mu.Unlock()
	each := func(what string, ids []string, remove func(context.Context, string) error) {
		for _, id := range slices.Backward(ids) {
			if err := remove(ctx, id); err != nil {
				left = append(left, t.provider.redact.Text(fmt.Sprintf("product %s %s: %v", what, id, err)))
			}
		}
	}
	each("role mapping", t.held.mappings, probe.UnmapRole)
	each("application key", t.held.keys, probe.RevokeKey)
	each("service account", t.held.accounts, probe.DisableServiceAccount)
	each("role", t.held.roles, probe.DeleteRole)
	return left
}
