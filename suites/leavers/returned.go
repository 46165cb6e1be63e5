// SPDX-License-Identifier: Apache-2.0

package leavers

import (
	"fmt"
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// grouped checks that groups let nobody in.
func grouped() []check.Check {
	const fix = "Let membership change what an active user may see, never whether a user is active."
	pushed := func(id, title string, push func(t *check.T, p person)) check.Check {
		return safe("group."+id, title, check.RFC7643("4.2"), check.Needs(check.CapGroup), admits, fix, func(t *check.T) {
			p := gone(t)
			push(t, p)
			p.stayOut()
		})
	}
	added := pushed("add", "adding somebody who left to a group does not let them in", func(t *check.T, p person) {
		g := t.CreateGroup("engineering")
		x := t.Patch(g, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":"%s"}]}]`, p.ID))
		t.Expect(x.Status).To(gomega.BeNumerically("<", 500), "the answer to a leaver as member")
	})
	added.Needs = append(added.Needs, check.CapPatch)
	return []check.Check{
		added,
		pushed("create", "a group that is pushed with somebody who left does not let them in", func(t *check.T, p person) {
			name := t.Name("engineering")
			x := t.Post(scim.GroupsEndpoint, fmt.Sprintf(`{"schemas":[%q],"displayName":%q,"members":[{"value":%q}]}`, scim.GroupURN, name, p.ID))
			t.Expect(x.Status).To(gomega.BeNumerically("<", 500), "the answer to a leaver as member")
		}),
		pushed("again", "a group that is pushed again with somebody who left among its members does not let them in", func(t *check.T, p person) {
			g := t.CreateGroup("engineering", p.Resource)
			t.Require(t.Put(g, fmt.Sprintf(`{"schemas":[%q],"displayName":%q,"members":[{"value":%q}]}`, scim.GroupURN, Text(g.Sent, "displayName"), p.ID))).
				To(HaveStatus(http.StatusOK, http.StatusNoContent))
		}),
	}
}

// recreated checks a create of somebody who left.
func recreated() []check.Check {
	return []check.Check{
		safe("create.inactive", "a create of somebody who left, as inactive, does not let them in", check.RFC7643("4.1.1"), nil,
			admits, "Take active from the body also where a create meets a user who is there.",
			func(t *check.T) {
				p := gone(t)
				x := t.Post(scim.UsersEndpoint, body(p.email, `"active":false`))
				t.Require(x).To(HaveStatus(http.StatusOK, http.StatusCreated, http.StatusConflict))
				if x.Status != http.StatusConflict {
					t.Expect(x).To(HaveAttribute("active", false))
				}
				p.stayOut()
			}),

		safe("create.again", "a create of somebody who left answers 409 and changes nothing, or gives one account that is active", check.RFC7644("3.3"), nil,
			"There are two accounts of one person, of which the IdP knows one: the other is never switched off.", "Answer 409, or enable the user who is there and answer with their id.",
			func(t *check.T) {
				p := gone(t)
				x := t.Post(scim.UsersEndpoint, body(p.email, `"active":true`))
				t.Require(x).To(HaveStatus(http.StatusOK, http.StatusCreated, http.StatusConflict))
				if x.Status == http.StatusConflict {
					p.stayOut()
					return
				}
				back := t.Resource(x)
				p.isBack(back)
				p.sole(back)
			}),
	}
}

// sole expects no other live account of a person than one.
func (p person) sole(r *check.Resource) {
	if r.ID != p.ID {
		if old := p.t.Get(p.Resource); old.Status != http.StatusNotFound {
			p.t.Expect(old).To(HaveAttribute("active", false))
		}
	}
}

// access checks that whoever left cannot use what they had.
func access() []check.Check {
	var checks []check.Check
	for _, w := range ways() {
		c := of(safe("login."+w.name, "somebody whom "+w.name+" switched off cannot log in, and what they were logged in with stops", check.Source{
			Name: "Datadog", Section: "Users, Disable existing users", URL: "https://docs.datadoghq.com/account_management/users/", Date: "2026-11-23", Evidence: check.Documented,
		}, w.needs(check.CapLogin, check.CapKeys), "Somebody who left is still in, by a session that was open or a new one.",
			"Refuse the login of a disabled user, and end their sessions when they are disabled.",
			func(t *check.T) {
				p := join(t)
				session, refused := t.Login(p.email)
				t.Precondition(refused).To(gomega.BeEmpty())
				t.Require(p.set(w, false)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
				p.disabled()
				_, refused = t.Login(p.email)
				t.Expect(refused).NotTo(gomega.BeEmpty(), "why the login was refused")
				if t.Profile().Access.Keys != "survive" {
					t.Shows("product with the session of "+p.email, "whether it is valid", t.Within().Users, false, func() any { return t.KeyStatus(session) == http.StatusOK })
				}
			}), w.idp)
		c.Level, c.Profiles = check.Product, check.Profiles(check.ProductBehaviour)
		checks = append(checks, c)
	}
	return checks
}

// journeys checks the ways back in, each in the order of its IdP.
func journeys() []check.Check {
	var checks []check.Check
	for _, w := range ways() {
		checks = append(checks, of(safe("return."+w.name, "somebody whom "+w.name+" switched off is found, switched on and pushed into a group again",
			w.source, w.needs(check.CapFilter, check.CapGroup), "Somebody who comes back has no access, no groups, or a second account.",
			"Keep finding a leaver by user name, take active true in the IdP's form, and keep the id.",
			func(t *check.T) {
				p := join(t)
				t.Precondition(p.set(w, false)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
				p.stayOut()
				x := look(t, p.email)
				t.Require(x).To(BeListResponse(1))
				t.Expect(x).To(ContainResource(p.ID))
				t.Require(p.set(w, true)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
				p.isBack(p.Resource)
				g := t.CreateGroup("engineering", p.Resource)
				t.Expect(t.Get(g)).To(HaveAttribute("members.value", p.ID))
			}), w.idp))
	}
	return append(checks, of(safe("return.entra-deleted", "somebody whom Entra ID deleted is let in again by the request that follows its look-up", check.Source{
		Name: "Microsoft Entra ID", Section: "How provisioning works, deprovisioning and matching",
		URL: "https://learn.microsoft.com/entra/identity/app-provisioning/how-provisioning-works", Date: "2026-11-23", Evidence: check.Documented,
	}, check.Needs(check.CapFilter, check.CapPatch), "Somebody who comes back after thirty days cannot be provisioned: the user is neither found nor created.",
		"After a delete either keep finding the user as inactive, or let a new one of the same name be made.",
		func(t *check.T) {
			p := join(t)
			t.Precondition(t.Delete(p.Resource)).To(HaveStatus(http.StatusNoContent))
			p.disabled()
			back := p.Resource
			if len(Texts(look(t, p.email), "Resources.id")) > 0 {
				t.Require(p.set(ways()[3], true)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
			} else {
				x := t.Post(scim.UsersEndpoint, body(p.email, `"active":true`))
				t.Require(x).To(HaveStatus(http.StatusCreated))
				back = t.Resource(x)
			}
			p.isBack(back)
			p.sole(back)
		}), check.Entra))
}

// look finds a person as both IdPs do before they create one.
func look(t *check.T, email string) *flow.Exchange {
	return t.List(scim.UsersEndpoint, "filter", fmt.Sprintf(`userName eq %q`, email))
}
