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

const admits = "Somebody who left can log in again, and no IdP shows it."

// found checks what queries tell of somebody who left.
func found() []check.Check {
	return []check.Check{
		safe("filter.active", "a filter for active users does not find somebody who left", check.RFC7644("3.4.2.2"), check.Needs(check.CapFilter),
			"A review of who has access lists leavers, or an IdP that imports users takes them for staff.", "Compare active as a boolean with what is stored now.",
			func(t *check.T) {
				p := gone(t)
				x := t.List(scim.UsersEndpoint, "filter", fmt.Sprintf(`userName eq %q and active eq true`, p.email))
				if x.Status == http.StatusBadRequest {
					t.Skip("the provider does not take filters with and")
				}
				t.Expect(x).To(BeListResponse(0))
			}),

		safe("filter.shown", "a look-up by user name shows somebody who left as inactive", check.RFC7644("3.4.2"), check.Needs(check.CapFilter),
			"Okta and Entra ID look a person up before they create one: shown as active, a leaver is not switched on again when they return, and shown to an auditor they still have access.",
			"Return the same active from a list as from the user's own address.",
			func(t *check.T) {
				p := gone(t)
				x := t.List(scim.UsersEndpoint, "filter", fmt.Sprintf(`userName eq %q`, p.email))
				t.Require(x).To(BeListResponse())
				for _, active := range Texts(x, "Resources.active") {
					t.Expect(active).To(gomega.Equal("false"))
				}
			}),
	}
}

// written checks changes of somebody who left that say nothing of their return.
func written() []check.Check {
	checks := []check.Check{
		safe("write.patch", "a change of the title of somebody who left leaves them inactive", check.RFC7644("3.5.2"), check.Needs(check.CapPatch),
			admits, "Change by PATCH only what the operations name.",
			func(t *check.T) {
				p := gone(t)
				t.Require(t.Patch(p.Resource, `[{"op":"replace","path":"title","value":"Alumna"}]`)).To(HaveStatus(http.StatusOK, http.StatusNoContent, http.StatusNotFound))
				p.stayOut()
			}),

		safe("write.put", "a PUT of somebody who left, with active false, leaves them inactive", check.RFC7644("3.5.1"), nil,
			admits, "Take active from the body of each PUT.",
			func(t *check.T) {
				p := gone(t)
				t.Require(t.Put(p.Resource, body(p.email, `"active":false,"displayName":"Ada, formerly here"`))).To(HaveStatus(http.StatusOK, http.StatusNoContent, http.StatusNotFound))
				p.stayOut()
			}),

		safe("write.deleted", "a late write to somebody who was deleted does not bring them back", check.RFC7644("3.6"), nil,
			"A request of the IdP that overtook the delete, or is repeated after it, gives somebody who left an account.", "Answer 404 to each write to an id that was deleted.",
			func(t *check.T) {
				p := join(t)
				t.Precondition(t.Delete(p.Resource)).To(HaveStatus(http.StatusNoContent))
				late := []*flow.Exchange{t.Put(p.Resource, body(p.email, `"active":true`))}
				if t.Has(check.CapPatch) {
					late = append(late, t.Patch(p.Resource, `[{"op":"replace","value":{"title":"Engineer"}}]`))
				}
				for _, x := range late {
					t.Expect(x.Status).To(gomega.BeNumerically(">=", 400), "the answer to a late "+x.Method)
				}
				p.stayOut()
			}),
	}
	silent := safe("write.put-absent", "a PUT that does not speak of active leaves somebody who left inactive", check.RFC7643("4.1.1"), nil,
		admits, "Keep active where a PUT does not name it: RFC 7644 §3.5.1 lets a provider take it as not asserted.",
		func(t *check.T) {
			p := gone(t)
			t.Require(t.Put(p.Resource, body(p.email, ""))).To(HaveStatus(http.StatusOK, http.StatusNoContent, http.StatusBadRequest, http.StatusNotFound))
			if x := t.Get(p.Resource); x.Status == http.StatusOK {
				t.Expect(x).NotTo(HaveAttribute("active", true))
			}
			p.disabled()
		})
	silent.Level = check.Should
	checks = append(checks, silent)
	for _, w := range ways() {
		checks = append(checks, of(safe("write.again."+w.name, "a leaver whom "+w.name+" switches off twice stays off", w.source, w.needs(),
			"A cycle that is repeated fails, and the ones behind it wait; or it toggles the person on.", "Let a second deactivation change nothing and succeed.",
			func(t *check.T) {
				p := join(t)
				t.Require(p.set(w, false)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
				t.Expect(p.set(w, false)).To(HaveStatus(http.StatusOK, http.StatusNoContent))
				p.stayOut()
			}), w.idp))
	}
	return append(checks, of(safe("write.together", "a deactivation by Entra ID among other operations takes effect", ways()[2].source, check.Needs(check.CapPatch),
		"Somebody who left in the cycle in which their title changed keeps access.", "Apply all operations of a PATCH, or refuse it and change nothing.",
		func(t *check.T) {
			p := join(t)
			t.Require(t.Patch(p.Resource, `[{"op":"Replace","path":"title","value":"Alumna"},{"op":"Add","path":"displayName","value":"Ada"},{"op":"Replace","path":"active","value":"False"}]`)).
				To(HaveStatus(http.StatusOK, http.StatusNoContent))
			p.stayOut()
		}), check.Entra))
}
