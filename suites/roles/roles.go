// SPDX-License-Identifier: Apache-2.0

// Package roles holds the checks of role provisioning: what the multi-valued
// roles attribute of a user does to the product behind a provider. They look
// at the product, not at what SCIM echoes, and expect what the target's profile
// promises: which values name a role, and what happens when none does.
package roles

import (
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// Checks lists the checks of this package.
func Checks() []check.Check {
	return slices.Concat(assigned(), ownRole(), fallback(), settled(), changed(), kept(), shown(), recorded())
}

// documented cites Datadog's page on SCIM for one of its sections.
func documented(page, section string) check.Source {
	return check.Source{
		Name: "Datadog", Section: section, URL: "https://docs.datadoghq.com/account_management/scim/" + page,
		Date: "2026-11-23", Evidence: check.Documented,
	}
}

// assumed says that the documentation is silent and the profile chooses.
func assumed(what string) check.Source {
	return check.Source{Name: "Datadog profile", Section: what, URL: "https://docs.datadoghq.com/account_management/scim/", Date: "2026-11-23", Evidence: check.Assumed}
}

// entraRoles cites Microsoft's page on app role mappings.
func entraRoles(function string) check.Source {
	return check.Source{
		Name: "Microsoft Entra ID", Section: "Customize attribute mappings, " + function,
		URL:  "https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes",
		Date: "2026-11-23", Evidence: check.Documented,
	}
}

const behaviour = "Role provisioning behavior"

// subject is a user whose roles a check watches.
type subject struct {
	t     *check.T
	r     *check.Resource
	email string
}

// joiner makes a user with the given roles, JSON of the roles attribute; ""
// leaves the attribute out. A profile that rejects unknown values may refuse:
// then the check is blocked.
func joiner(t *check.T, roles string) subject {
	name := strings.ToLower(t.Name("alice")) + "@" + people.Domain
	return subject{t: t, r: t.Create(scim.UsersEndpoint, body(name, roles)), email: name}
}

func body(name, roles string) string {
	b := `{"schemas":["` + scim.UserURN + `"],"userName":"` + name + `","name":{"givenName":"Alice","familyName":"Liddell"},` +
		`"emails":[{"primary":true,"value":"` + name + `","type":"work"}],"displayName":"Alice Liddell","active":true`
	if roles != "" {
		b += `,"roles":` + roles
	}
	return b + "}"
}

// values writes roles as an array of objects that have only a value.
func values(roles ...string) string {
	items := make([]string, len(roles))
	for i, r := range roles {
		items[i] = `{"value":` + quote(r) + `}`
	}
	return "[" + strings.Join(items, ",") + "]"
}

func quote(s string) string {
	b, err := jsontext.AppendQuote(nil, s)
	if err != nil {
		panic("roles: quote: " + err.Error()) // invalid UTF-8 in a check
	}
	return string(b)
}

// has expects the product to give the user exactly these roles, in time.
func (s subject) has(want ...string) {
	s.t.Shows("product user "+s.email, "roles", s.t.Within().Roles, want, func() any { return s.t.ProductUser(s.email).Roles })
}

// words gives the texts by which something that tells of the user, or of these
// roles, is known.
func (s subject) words(roles ...string) []string { return append(roles, s.r.ID, s.email) }

// patch changes the user and expects success.
func (s subject) patch(operations string) {
	s.t.Require(s.t.Patch(s.r, operations)).To(HaveStatus(200, 204))
}

// put replaces the user, with other roles, and expects success.
func (s subject) put(roles string) {
	s.t.Require(s.t.Put(s.r, body(s.email, roles))).To(HaveStatus(200))
}

// unnamed gives what the profile promises a user to have of whose roles none is
// known and who had before.
func unnamed(t *check.T, before ...string) []string {
	switch t.Profile().Roles.None {
	case "default":
		if standard := t.DefaultRole(); standard != "" {
			return []string{standard}
		}
		return before
	case "keep":
		return before
	}
	return nil
}

// unknown gives a value that names no role, as a deleted role's id does.
func unknown(n int) string {
	return "00000000-dead-4000-8000-00000000000" + string(rune('0'+n))
}

// roleCheck fills in what most checks of this package share.
func roleCheck(id, title string, source check.Source, run func(*check.T)) check.Check {
	return check.Check{
		ID: "roles." + id, Title: title, Level: check.Product, Source: source,
		Needs: check.Needs(check.CapRoles), Profiles: check.Profiles(check.ProductBehaviour),
		Breaks: "People have other rights than the IdP says.",
		Fix:    "Set the user's roles to those that the request's role values name.",
		Run:    run,
	}
}

// in says in which verdicts a check counts besides product.
func in(c check.Check, verdicts ...string) check.Check {
	c.Profiles = append(slices.Clone(verdicts), c.Profiles...)
	return c
}

// because says what breaks and how to mend it.
func because(c check.Check, breaks, fix string) check.Check {
	c.Breaks, c.Fix = breaks, fix
	return c
}

// tolerant says that a check is about a product that lets unknown roles pass.
func tolerant(c check.Check) check.Check {
	run := c.Run
	c.Run = func(t *check.T) {
		t.SkipUnless(t.Profile().Roles.Unmatched == "ignore", "refuses a user with an unknown role")
		run(t)
	}
	return c
}

// post sends a user under a run-unique name as the statement under test.
func post(t *check.T, roles string) (string, *flow.Exchange) {
	name := strings.ToLower(t.Name("alice")) + "@" + people.Domain
	return name, t.Post(scim.UsersEndpoint, body(name, roles))
}
