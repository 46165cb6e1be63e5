// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"net/http"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// managerPath is how Entra ID names the manager.
const managerPath = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager"

// managers checks each way in which Entra ID sets and clears a manager.
func managers() []check.Check {
	source := check.Source{
		Name: "Microsoft Entra ID", Section: "managers as recorded in Captain-P-Goldfish/SCIM-SDK#541, thomaspoignant/scim-patch#453 and results of the SCIM Validator",
		URL: "https://github.com/Captain-P-Goldfish/SCIM-SDK/issues/541", Date: "2026-11-23", Evidence: check.Reported,
	}
	set := func(id, title, op, value string) check.Check {
		return manager(id, title, source, "A person has no manager, or keeps the first one for ever.",
			"Take the id of a manager as text and as an object; return it as an object with value.",
			func(t *check.T, ada, first, second *check.Resource) {
				for _, boss := range []*check.Resource{first, second} {
					t.Require(t.Patch(ada, fmt.Sprintf(`[{"op":%q,"path":%q,"value":`+value+`}]`, op, managerPath, boss.ID))).To(HaveStatus(200, 204))
					t.Expect(t.Get(ada)).To(HaveAttribute(managerPath+".value", boss.ID))
				}
			})
	}
	cleared := func(id, title, operation string) check.Check {
		return manager(id, title, source, "Somebody whose manager left keeps reporting to them.",
			"Unassign the manager, and show none afterwards.",
			func(t *check.T, ada, first, _ *check.Resource) {
				t.Precondition(t.Patch(ada, fmt.Sprintf(`[{"op":"add","path":%q,"value":{"value":%q}}]`, managerPath, first.ID))).To(HaveStatus(200, 204))
				t.Precondition(t.Get(ada)).To(HaveAttribute(managerPath+".value", first.ID))
				t.Require(t.Patch(ada, fmt.Sprintf(operation, managerPath, first.ID))).To(HaveStatus(200, 204))
				got := t.Get(ada)
				t.Require(got).To(HaveStatus(200))
				t.Expect(got).NotTo(HaveAttribute(managerPath+".value", first.ID))
			})
	}
	return []check.Check{
		set("add-text", "a manager whom Entra ID adds as text is set and changed", "Add", "%q"),
		set("replace-text", "a manager whom Entra ID replaces as text is set and changed", "replace", "%q"),
		set("replace-object", "a manager whom the validator replaces as an object is set and changed", "replace", `{"value":%q}`),
		manager("extension-text", "a manager who is text within the extension of a new user is set", check.Source{
			Name: "Microsoft Entra ID", Section: "reported in apache/directory-scimple#1242", URL: "https://github.com/apache/directory-scimple/issues/1242",
			Date: "2026-11-23", Evidence: check.Reported,
		}, "A person with a manager cannot be created.", "Take the id of a manager as text, in a create too.",
			func(t *check.T, _, first, _ *check.Resource) {
				x := t.Post("/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],`+
					`"userName":%q,"active":true,"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":%q}}`, mail(t), first.ID))
				t.Require(x).To(HaveStatus(201))
				t.Expect(t.Get(t.Resource(x))).To(HaveAttribute(managerPath+".value", first.ID))
			}),
		cleared("clear-text", "a manager whom Entra ID replaces by an empty text is cleared", `[{"op":"replace","path":%q,"value":""}]%.0[2]s`),
		cleared("clear-object", "a manager whom the validator replaces by an empty value is cleared", `[{"op":"replace","path":%q,"value":{"value":""}}]%.0[2]s`),
		cleared("clear-remove", "a manager whom Entra ID removes is cleared", `[{"op":"remove","path":%q}]%.0[2]s`),
		cleared("clear-filter", "a manager whom Entra ID removes by a filter is cleared", `[{"op":"remove","path":"%[1]s[value eq \"%[2]s\"]"}]`),
		managerLookup,
	}
}

// manager is a check with Ada and two who may be her manager.
func manager(id, title string, source check.Source, breaks, fix string, run func(t *check.T, ada, first, second *check.Resource)) check.Check {
	return check.Check{
		ID: "lifecycle.manager." + id, Title: title, Level: check.Vendor, Source: source,
		Needs: check.Needs(check.CapPatch, check.CapEnterprise), Profiles: check.Profiles(check.Entra), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			_, ada := idps()[1].join(t)
			named := func(base string) *check.Resource {
				return t.Create("/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s@scimproof.example","active":true}`, t.Name(base)))
			}
			run(t, ada, named("grace"), named("alan"))
		},
	}
}

var managerLookup = check.Check{
	ID:    "lifecycle.lookup.manager",
	Title: "the look-up of Entra ID for a user and their manager answers a list",
	Level: check.Vendor,
	Source: check.Source{
		Name: "Microsoft Entra ID", Section: "Develop a SCIM endpoint, example of a check of a reference attribute", URL: entraSCIM,
		Date: "2025-03-04", Evidence: check.Documented,
	},
	Needs:    check.Needs(check.CapFilter, check.CapPatch, check.CapEnterprise),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "Entra ID cannot see whether somebody already reports to their manager, and stops at the error.",
	Fix:      "Compare manager by its value when a filter names it alone, or answer that nothing matches; attributes=id then holds as in every list.",
	Run: func(t *check.T) {
		_, ada := idps()[1].join(t)
		x := t.Send(flow.Request{Method: http.MethodGet, Path: "/Users?filter=id+eq+%22" + ada.ID + "%22+and+manager+eq+%22" + t.UnknownID() + "%22&attributes=id"})
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(BeListResponse(0))
	},
}
