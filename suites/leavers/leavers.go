// SPDX-License-Identifier: Apache-2.0

// Package leavers checks that no way leads back in for somebody who left, but
// the one that the IdP takes when the person returns: not a query, not a group,
// not an unrelated change, not a repeated push or create. Each check looks at
// SCIM and, where there is a probe, at the product.
package leavers

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// Checks lists the checks of this package.
func Checks() []check.Check {
	return slices.Concat(found(), written(), grouped(), recreated(), access(), journeys())
}

// way is how one IdP switches a person off and on.
type way struct {
	name, idp string
	source    check.Source
	put       bool
	write     func(active bool) string // operations, or for a put the JSON of active
}

// ways lists the forms of Okta and Entra ID, as recorded or published.
func ways() []way {
	okta := func(section string) check.Source {
		return check.Source{
			Name: "Okta", Section: "SCIM 2.0 protocol reference, " + section,
			URL: "https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/", Date: "2026-09-18", Evidence: check.Documented,
		}
	}
	entra := func(section string) check.Source {
		return check.Source{
			Name: "Microsoft Entra ID", Section: "Known issues with SCIM 2.0 protocol compliance, " + section,
			URL:  "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility",
			Date: "2025-04-15", Evidence: check.Documented,
		}
	}
	operation := func(text string) func(bool) string {
		return func(active bool) string { return fmt.Sprintf(text, active) }
	}
	return []way{
		{"okta-oin", check.Okta, okta("Update and deactivate users (PATCH)"), false, operation(`[{"op":"replace","value":{"active":%t}}]`)},
		{"okta-aiw", check.Okta, okta("Update and deactivate users (PUT)"), true, operation(`%t`)},
		{"entra-legacy", check.Entra, entra("without the flag"), false, func(active bool) string {
			word := map[bool]string{true: "True", false: "False"}[active]
			return `[{"op":"Replace","path":"active","value":"` + word + `"}]`
		}},
		{"entra-flag", check.Entra, entra("with aadOptscim062020"), false, operation(`[{"op":"replace","path":"active","value":%t}]`)},
	}
}

// needs gives what a way needs of the provider.
func (w way) needs(more ...string) []string {
	if w.put {
		return more
	}
	return append(check.Needs(check.CapPatch), more...)
}

// person is somebody whose access a check watches.
type person struct {
	*check.Resource
	t     *check.T
	email string
}

// join makes a person.
func join(t *check.T) person {
	email := strings.ToLower(t.Name("ada")) + "@" + people.Domain
	return person{t.Create(scim.UsersEndpoint, body(email, `"active":true`)), t, email}
}

// body writes a user; member is one more member, or "".
func body(email, member string) string {
	b := fmt.Sprintf(`{"schemas":[%q],"userName":%q,"name":{"givenName":"Ada","familyName":"Lovelace"},`+
		`"emails":[{"primary":true,"value":%[2]q,"type":"work"}],"title":"Engineer"`, scim.UserURN, email)
	if member != "" {
		b += "," + member
	}
	return b + "}"
}

// set switches a person on or off in an IdP's way.
func (p person) set(w way, active bool) *flow.Exchange {
	if w.put {
		return p.t.Put(p.Resource, body(p.email, `"id":"`+p.ID+`","active":`+w.write(active)))
	}
	return p.t.Patch(p.Resource, w.write(active))
}

// gone makes somebody who has left, by way of PUT where there is no PATCH.
func gone(t *check.T) person {
	p, w := join(t), ways()[0]
	if !t.Has(check.CapPatch) {
		w = ways()[1]
	}
	t.Precondition(p.set(w, false)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
	t.Precondition(t.Get(p.Resource)).To(HaveAttribute("active", false))
	return p
}

// stayOut expects a person to be inactive over SCIM, or not to be there, and to
// be disabled in the product.
func (p person) stayOut() {
	if x := p.t.Get(p.Resource); x.Status != http.StatusNotFound {
		p.t.Expect(x).To(HaveAttribute("active", false))
	}
	p.disabled()
}

// disabled expects the product to let a person in no more.
func (p person) disabled() {
	if p.t.Has(check.CapProduct) {
		p.t.Shows("product user "+p.email, "may log in", p.t.Within().Users, false, func() any { return in(p.t.ProductUser(p.email)) })
	}
}

// isBack expects a person to be active over SCIM and in the product.
func (p person) isBack(r *check.Resource) {
	p.t.Expect(p.t.Get(r)).To(HaveAttribute("active", true))
	if p.t.Has(check.CapProduct) {
		p.t.Shows("product user "+p.email, "may log in", p.t.Within().Users, true, func() any { return in(p.t.ProductUser(p.email)) })
	}
}

// in says whether the product lets a user log in.
func in(u check.ProductUser) bool { return u.ID != "" && u.Status != "Disabled" }

// safe fills in what the checks of this package share.
func safe(id, title string, source check.Source, needs []string, breaks, fix string, run func(*check.T)) check.Check {
	level := check.Must
	if source.Evidence != check.Standard {
		level = check.Vendor
	}
	return check.Check{
		ID: "leaver." + id, Title: title, Level: level, Source: source, Needs: needs,
		Profiles: check.Profiles(check.RFC, check.Okta, check.Entra), Breaks: breaks, Fix: fix, Run: run,
	}
}

// of says for which IdP alone a check is.
func of(c check.Check, idp string) check.Check {
	c.Level, c.Profiles = check.Vendor, check.Profiles(idp)
	return c
}
