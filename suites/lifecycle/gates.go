// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// gates checks what the acceptance tests of Okta and Microsoft ask for, and no
// other check does: new user names, values cleared, reads right after writes.
func gates() []check.Check {
	return []check.Check{
		renamed(dialects()[1]), renamed(dialects()[2]), renamed(dialects()[3]),
		listedOkta, activeAbsent, atOnce, pathlessURN, nullUpdate, emptyObject, nestedCore,
	}
}

// renamed changes a user name as the IdP of d does.
func renamed(d dialect) check.Check {
	send := map[string]func(*check.T, *check.Resource, string) *flow.Exchange{
		"okta-aiw":     oktaPut("userName"), // both kinds of Okta app PUT
		"entra-legacy": patchTitle(`[{"op":"Replace","path":"userName","value":"%s"}]`),
		"entra-flag":   patchTitle(`[{"op":"replace","value":{"userName":"%s"}}]`),
	}[d.name]
	return check.Check{
		ID:       "lifecycle.renamed." + d.name,
		Title:    fmt.Sprintf("a person whose user name %s (%s) changes is found by the new one alone, and has the same id", d.people, d.name),
		Level:    check.Vendor,
		Source:   d.source,
		Needs:    check.Needs(check.CapFilter),
		Profiles: check.Profiles(d.idp),
		Breaks:   "After a marriage or a merger a person gets a second account, or their changes go nowhere.",
		Fix:      "Store the new userName, and look it up in place of the old one.",
		Run: func(t *check.T) {
			old, r := d.join(t)
			name := t.Name("married") + "@scimproof.example"
			t.Require(send(t, r, name)).To(HaveStatus(200, 204))
			t.Expect(t.Get(r)).To(HaveAttribute("userName", name))
			t.Expect(d.find(t, name)).To(HaveOnlyResources(r.ID))
			t.Expect(d.find(t, old)).To(BeListResponse(0))
		},
	}
}

var activeAbsent = check.Check{
	ID:       "lifecycle.put.active-absent",
	Title:    "a PUT without active does not deactivate a person",
	Level:    check.Should,
	Source:   oktaSource("SCIM 2.0 protocol reference, Update users (PUT): what a body without active means is not said", check.Assumed),
	Profiles: check.Profiles(check.Okta),
	Breaks:   "A change of a title by an app that does not map active locks the person out.",
	Fix:      "Keep active, or make it true, when a PUT does not name it.",
	Run: func(t *check.T) {
		userName, r := idps()[0].join(t)
		t.Precondition(t.Get(r)).To(HaveAttribute("active", true))
		t.Require(t.Put(r, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%[1]s",`+
			`"name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"%[1]s","type":"work"}]}`, userName))).To(HaveStatus(200))
		t.Expect(t.Get(r)).NotTo(HaveAttribute("active", false))
	},
}

var atOnce = check.Check{
	ID:       "lifecycle.returner.at-once",
	Title:    "a person whom Okta reactivates is active in the read that follows at once, and stays so after its PUT",
	Level:    check.Vendor,
	Source:   oktaSource("SCIM 2.0 protocol reference, Reactivate users; the order PATCH, GET, PUT is from a request log of 2026-07-16", check.Recorded),
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.Okta),
	Breaks:   "Okta sends back what it read: a stale read makes a returner a leaver again.",
	Fix:      "Let a read show every write that was answered before it.",
	Run: func(t *check.T) {
		d := dialects()[0]
		_, r := d.join(t)
		t.Precondition(d.active(t, r, false)).To(HaveStatus(200, 204))
		t.Require(d.active(t, r, true)).To(HaveStatus(200, 204))
		x := t.Get(r)
		t.Expect(x).To(HaveAttribute("active", true))
		t.Require(t.Put(r, string(x.Response.Body))).To(HaveStatus(200))
		t.Expect(t.Get(r)).To(HaveAttribute("active", true))
	},
}

var pathlessURN = check.Check{
	ID:       "lifecycle.patch.pathless-urn",
	Title:    "a value without a path may name attributes with their URN",
	Level:    check.Vendor,
	Source:   entraSource("Known issues with SCIM 2.0 protocol compliance, with aadOptscim062020", entraFlag, "2025-04-15"),
	Needs:    check.Needs(check.CapPatch, check.CapEnterprise),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "Departments and employee numbers never change after the first day.",
	Fix:      "Read the name of each member of such a value as a path: URN, attribute and sub-attribute.",
	Run: func(t *check.T) {
		const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
		_, r := idps()[1].join(t)
		t.Require(t.Patch(r, `[{"op":"replace","value":{"`+enterprise+`employeeNumber":"701984","`+enterprise+`department":"Research",`+
			`"urn:ietf:params:scim:schemas:core:2.0:User:externalId":"ada-7"}}]`)).To(HaveStatus(200, 204))
		got := t.Get(r)
		t.Expect(got).To(HaveAttribute(enterprise+"employeeNumber", "701984"))
		t.Expect(got).To(HaveAttribute(enterprise+"department", "Research"))
		t.Expect(got).To(HaveAttribute("externalId", "ada-7"))
		t.Expect(got).To(HaveAttribute("title", "Engineer"))
	},
}

var nullUpdate = check.Check{
	ID:       "lifecycle.patch.null-update",
	Title:    "an attribute that is replaced by an empty text, then by null, has no value",
	Level:    check.Should,
	Source:   gallery("null update"),
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "What was cleared in the directory stays in the product.",
	Fix:      "Take an empty text as it is or for unassigned, and null for unassigned.",
	Run: func(t *check.T) {
		_, r := idps()[1].join(t)
		for _, value := range []string{`""`, "null"} {
			t.Require(t.Patch(r, `[{"op":"replace","path":"title","value":`+value+`}]`)).To(HaveStatus(200, 204))
			got := t.Get(r)
			t.Require(got).To(HaveStatus(200))
			t.Expect(got).To(gomega.Or(NotHaveAttribute("title"), HaveAttribute("title", "")))
		}
	},
}

var emptyObject = check.Check{
	ID:    "lifecycle.patch.empty-object",
	Title: "an empty object as the value of a PATCH changes nothing, or is refused with 400",
	Level: check.Should,
	Source: check.Source{
		Name: "Microsoft Entra ID", Section: "recorded under the flag in Stack Overflow question 77655790", URL: "https://stackoverflow.com/questions/77655790",
		Date: "2026-11-23", Evidence: check.Reported,
	},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "Entra ID writes an empty object for roles that did not change; a server error puts the whole job into quarantine.",
	Fix:      "Read an empty object as nothing to do, or answer 400.",
	Run: func(t *check.T) {
		_, r := idps()[1].join(t)
		before := t.Get(r)
		t.Expect(t.Patch(r, `[{"op":"replace","value":{}}]`)).To(HaveStatus(200, 204, 400))
		t.Expect(t.Get(r)).To(BeSameResourceAs(before))
	},
}

var listedOkta = check.Check{
	ID:    "lifecycle.listed.okta",
	Title: "a person whom Okta created has names, address, userName, active and id, in a list of one and by id",
	Level: check.Vendor,
	Source: check.Source{
		Name: "Okta", Section: "SCIM 2.0 SPEC test, requests 1 and 2", URL: "https://developer.okta.com/standards/SCIM/SCIMFiles/Okta-SCIM-20-SPEC-Test.json",
		Date: "2026-08-21", Evidence: check.Documented,
	},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles(check.Okta),
	Breaks:   "Okta's acceptance suite fails at its first request, and imports lack what they need.",
	Fix:      "Show these attributes of every user, in lists as by id.",
	Run: func(t *check.T) {
		userName, r := idps()[0].join(t)
		list := t.List("/Users", "filter", fmt.Sprintf("userName eq %q", userName), "startIndex", "1", "count", "1")
		t.Require(list).To(BeListResponse(1))
		t.Expect(list).To(HaveAttribute("startIndex", 1))
		t.Expect(list).To(HaveAttribute("itemsPerPage", 1))
		for _, in := range []struct {
			prefix string
			x      *flow.Exchange
		}{{"Resources[0].", list}, {"", t.Get(r)}} {
			x, prefix := in.x, in.prefix
			t.Expect(x).To(HaveAttribute(prefix+"id", r.ID))
			t.Expect(x).To(HaveAttribute(prefix+"userName", userName))
			t.Expect(x).To(HaveAttribute(prefix+"name.givenName", "Ada"))
			t.Expect(x).To(HaveAttribute(prefix+"name.familyName", "Test"))
			t.Expect(x).To(HaveAttribute(prefix+"active", true))
			t.Expect(x).To(HaveAttribute(prefix+"emails[0].value", userName))
		}
	},
}

var nestedCore = check.Check{
	ID:       "lifecycle.create.core-urn",
	Title:    "a create that holds core attributes in an object named by the core User's URN succeeds",
	Level:    check.May,
	Source:   oktaSource("seen in the issues of providers, not in Okta's own pages", check.Reported),
	Profiles: check.Profiles(check.Okta),
	Breaks:   "An app whose attributes are mapped under the URN creates people without titles, or none at all.",
	Fix:      "Read such an object as if its members stood beside it, or ignore it.",
	Run: func(t *check.T) {
		d, userName := idps()[0], mail(t)
		x := t.Post("/Users", d.with(userName, `"urn:ietf:params:scim:schemas:core:2.0:User":{"nickName":"Addie"}`))
		t.Require(x).To(HaveStatus(201))
		got := t.Get(t.Resource(x))
		t.Expect(got).To(HaveAttribute("userName", userName))
		t.Expect(got).To(HaveAttribute("nickName", "Addie"))
	},
}
