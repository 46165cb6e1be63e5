// SPDX-License-Identifier: Apache-2.0

// Package access holds the checks of who may provision, and of what a login
// does to what was provisioned: application keys and their owners, the
// permissions that SCIM needs, and SCIM roles beside SAML. They make roles,
// service accounts and keys of their own through the product, never touch the
// key that the run goes by, and leave nothing that gives access.
package access

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	. "github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// Checks lists the checks of this package.
func Checks() []check.Check { return slices.Concat(keys(), permissions(), logins(), mapped()) }

// page cites one of Datadog's pages as seen on 2026-11-23.
func page(path, section string, evidence check.Evidence) check.Source {
	return check.Source{Name: "Datadog", Section: section, URL: "https://docs.datadoghq.com/" + path, Date: "2026-11-23", Evidence: evidence}
}

// scimPage and keysPage are what most checks here rest on.
func scimPage(section string) check.Source {
	return page("account_management/scim/", section, check.Documented)
}

func keysPage(section string) check.Source {
	return page("account_management/api-app-keys/", section, check.Documented)
}

// accessCheck fills in what the checks of this package share.
func accessCheck(id, title string, source check.Source, needs []string, run func(*check.T)) check.Check {
	return check.Check{
		ID: "access." + id, Title: title, Level: check.Product, Source: source,
		Needs: needs, Profiles: check.Profiles(check.ProductBehaviour), Run: run,
	}
}

// because says what breaks and how to mend it.
func because(c check.Check, breaks, fix string) check.Check {
	c.Breaks, c.Fix = breaks, fix
	return c
}

// mayOwnKeys is the permission to have application keys.
const mayOwnKeys = "user_app_keys"

// provisioner makes a role with which SCIM may be used, and more.
func provisioner(t *check.T, more ...string) check.ProductRole {
	return t.CreateRole("provisioner", append(slices.Clone(t.Profile().Access.Permissions), more...)...)
}

// account makes a service account with a role, and a key of it.
func account(t *check.T, role check.ProductRole) (string, check.ProductKey) {
	id := t.CreateServiceAccount(role)
	return id, t.CreateKey(id)
}

// person is somebody whom the check made through SCIM.
type person struct {
	*check.Resource
	email string
}

// join makes a person with roles.
func join(t *check.T, roles ...check.ProductRole) person {
	email := strings.ToLower(t.Name("alice")) + "@" + people.Domain
	return person{t.Create(scim.UsersEndpoint, user(t, email, roles...)), email}
}

func user(t *check.T, email string, roles ...check.ProductRole) string {
	values := make([]string, len(roles))
	for i, r := range roles {
		values[i] = fmt.Sprintf(`{"value":%q}`, t.RoleValue(r))
	}
	return fmt.Sprintf(`{"schemas":[%q],"userName":%q,"active":true,"name":{"formatted":"Alice Liddell"},`+
		`"emails":[{"primary":true,"value":%q,"type":"work"}],"roles":[%s]}`, scim.UserURN, email, email, strings.Join(values, ","))
}

// owner makes a person who may provision, logs them in, and gives them a key
// of their own.
func owner(t *check.T) (person, check.ProductKey) {
	p := join(t, provisioner(t, mayOwnKeys))
	session, refused := t.Login(p.email)
	t.Precondition(refused).To(BeEmpty(), "why the login was refused")
	k := t.CreateOwnKey(session)
	works(t, k)
	return p, k
}

// list is the request by which a key is tried.
func list() flow.Request {
	return flow.Request{Method: http.MethodGet, Path: scim.UsersEndpoint + check.Query("count", "1")}
}

// works waits for a new key to be let in by SCIM: products take a moment. One
// that never is blocks the check.
func works(t *check.T, k check.ProductKey) {
	t.Await("SCIM with the new key", "status of GET /Users", t.Within().Users, http.StatusOK, func() any { return t.As(k, list()).Status })
}

// stops expects SCIM and the product to refuse a key, in time.
func stops(t *check.T, k check.ProductKey) {
	t.Shows("SCIM with the key", "status of GET /Users", t.Within().Users, http.StatusUnauthorized, func() any { return t.As(k, list()).Status })
	t.Shows("product with the key", "whether the key is valid", t.Within().Users, false, func() any { return valid(t, k) })
}

func valid(t *check.T, k check.ProductKey) bool { return t.KeyStatus(k.Secret) == http.StatusOK }

// leave deactivates a person.
func leave(t *check.T, p person) {
	t.Require(t.Patch(p.Resource, `[{"op":"replace","value":{"active":false}}]`)).To(HaveStatus(200, 204))
}
