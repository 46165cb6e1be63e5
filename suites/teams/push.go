// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// testPlan cites Okta's plan for the tests by hand that come before an
// integration is listed. It says what somebody does in Okta and what the app
// shall show then; what Okta sends for it is in the protocol reference.
func testPlan(section string) check.Source {
	return check.Source{
		Name: "Okta", Section: "OIN QA test plan, group push: " + section, Date: "2026-08-21", Evidence: check.Documented,
		URL: "https://developer.okta.com/standards/SCIM/SCIMFiles/okta-scim-test-plan-v2.xlsx",
	}
}

// pushed checks the group-push cases of Okta's test plan that are more than one
// request, and the group tests of Microsoft's validator that no other check
// makes.
func pushed() []check.Check {
	return []check.Check{
		pushLink, pushLinkRename, pushAgain, pushResumed, pushSameName, pushPathless, pushPages,
		validatorExternalID, validatorAddRemove, secondSchema, deleteMissing, deleteTwice,
	}
}

// lookup asks for groups of a name as Okta does before it pushes one.
func lookup(t *check.T, name string) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodGet, Path: "/Groups?filter=displayName%20eq%20%22" + strings.ReplaceAll(url.QueryEscape(name), "+", "%20") + "%22&startIndex=1&count=100"})
}

// push replaces the members of g as Okta does for a push of the whole group.
func push(t *check.T, g *check.Resource, members ...*check.Resource) *flow.Exchange {
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = fmt.Sprintf(`{"value":"%s","display":"%s"}`, m.ID, Text(m.Sent, "userName"))
	}
	return t.Patch(g, `[{"op":"replace","path":"members","value":[`+strings.Join(list, ",")+`]}]`)
}

// oktaRename renames g as Okta does, without a path and with the id in the value.
func oktaRename(t *check.T, g *check.Resource, name string) *flow.Exchange {
	return forms()[0].rename(t, g, nil, name)
}

var pushLink = tolerated("link", "a group that was there before Okta is found, linked and keeps its name", check.Okta,
	testPlan("link an existing group, keep its name in the app"),
	"The team that everybody uses stays as it is, and a second one appears beside it.",
	"Find groups by displayName, and let replace of members set the membership of the one that was there.",
	func(t *check.T) {
		alice, bob := two(t)
		g := group(t, alice)
		found := lookup(t, nameOf(g))
		t.Require(found).To(HaveOnlyResources(g.ID))
		t.Require(push(t, g, bob)).To(HaveStatus(200, 204))
		after := t.Get(g)
		t.Expect(after).To(HaveAttribute("members.value", bob.ID))
		t.Expect(after).To(HaveAttribute("displayName", nameOf(g)))
	}, check.CapPatch, check.CapFilter)

var pushLinkRename = tolerated("link-rename", "a group that was there before Okta is linked and takes the name it has in Okta", check.Okta,
	testPlan("link an existing group, rename it"),
	"The team keeps the old name, and the next look-up makes a second one.",
	"Take the rename and the members of a linked group like those of one that was pushed.",
	func(t *check.T) {
		alice, bob := two(t)
		g, name := group(t, alice), t.Name("renamed")
		t.Require(lookup(t, nameOf(g))).To(HaveOnlyResources(g.ID))
		t.Require(oktaRename(t, g, name)).To(HaveStatus(200, 204))
		t.Require(push(t, g, alice, bob)).To(HaveStatus(200, 204))
		t.Expect(lookup(t, name)).To(HaveOnlyResources(g.ID))
		t.Expect(lookup(t, nameOf(g))).To(BeListResponse(0))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", values(alice, bob)...))
	}, check.CapPatch, check.CapFilter)

var pushAgain = tolerated("push-again", "a group that Okta deleted can be pushed again under its name", check.Okta,
	testPlan("unlink and delete, then push once more"),
	"A team that was unlinked by mistake can never come back.",
	"Free the displayName when a group is deleted.",
	func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		g := group(t, alice)
		t.Precondition(t.Delete(g)).To(HaveStatus(204))
		t.Expect(lookup(t, nameOf(g))).To(BeListResponse(0))
		x := t.Post("/Groups", fmt.Sprintf(oktaCreate, nameOf(g)))
		t.Require(x).To(HaveStatus(201))
		again := t.Resource(x)
		t.Expect(t.Get(again)).To(HaveAttribute("displayName", nameOf(g)))
		t.Expect(t.Get(again)).To(NotHaveAttribute("members"))
	}, check.CapFilter)

var pushResumed = tolerated("push-resumed", "a push that was paused brings name and members up to date when it goes on", check.Okta,
	testPlan("deactivate the push, change the group, activate it again"),
	"Whoever left the group during the pause keeps their access.",
	"Let replace of members take out everybody whom it does not name.",
	func(t *check.T) {
		alice, bob := two(t)
		carol := t.CreateUser(people.Carol)
		g, name := group(t, alice, bob), t.Name("resumed")
		t.Require(oktaRename(t, g, name)).To(HaveStatus(200, 204))
		t.Require(push(t, g, bob, carol)).To(HaveStatus(200, 204))
		after := t.Get(g)
		t.Expect(after).To(HaveAttribute("displayName", name))
		t.Expect(after).To(HaveAttribute("members.value", values(bob, carol)...))
	}, check.CapPatch)

var pushSameName = tolerated("rename.same", "a rename by Okta to the name that a group has succeeds and changes nothing", check.Okta,
	okta("SCIM 2.0 protocol reference, Update a specific group name: sent with each change of members", check.Recorded),
	"Okta sends it before each change of members: a 409 stops them all.",
	"Do not count a group's own name as taken.",
	func(t *check.T) {
		alice, bob := two(t)
		g := group(t, alice, bob)
		before := t.Get(g)
		t.Require(oktaRename(t, g, nameOf(g))).To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(BeSameResourceAs(before))
	}, check.CapPatch)

var pushPathless = tolerated("push-pathless", "a push of the whole group without a path sets its members", check.Okta,
	check.Source{
		Name: "Okta", Section: "reported in Metatavu/keycloak-scim-server#100 and by Tealium, not seen in recorded traffic",
		URL: "https://github.com/Metatavu/keycloak-scim-server/issues/100", Date: "2026-11-23", Evidence: check.Reported,
	},
	"A push that is answered as done changes nobody's access.",
	"Read the members of a value without a path as if each had its name for a path.",
	func(t *check.T) {
		alice, bob := two(t)
		g := group(t, alice)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"replace","value":{"members":[{"value":"%s"}]}}]`, bob.ID))).To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", bob.ID))
	}, check.CapPatch)

var pushPages = tolerated("list.walk", "walking the pages of groups reaches every group once", check.Okta,
	okta("SCIM 2.0 protocol reference, Retrieve groups", check.Documented),
	"Groups are missing from Okta's import, or are in it twice.",
	"Order groups the same way for each page, and count all of them in totalResults.",
	func(t *check.T) {
		a, b, c := group(t), t.CreateGroup(t.Name("second")), t.CreateGroup(t.Name("third"))
		var quoted []string
		for _, g := range []*check.Resource{a, b, c} {
			quoted = append(quoted, fmt.Sprintf("displayName eq %q", nameOf(g)))
		}
		met := map[string]int{}
		for _, start := range []string{"1", "2", "3"} {
			x := t.List("/Groups", "filter", strings.Join(quoted, " or "), "startIndex", start, "count", "1")
			t.Require(x).To(BeListResponse(3))
			t.Expect(x).To(HaveAttributeCount("Resources", 1))
			met[Text(x, "Resources[0].id")]++
		}
		for _, g := range []*check.Resource{a, b, c} {
			if met[g.ID] != 1 {
				t.Expect(t.List("/Groups", "filter", strings.Join(quoted, " or "))).To(HaveOnlyResources(), "the group %s was met %d times on three pages of one group", g.ID, met[g.ID])
			}
		}
	}, check.CapFilter)

// microsoft is a check that counts for Entra ID, made after a test of the SCIM
// Validator.
func microsoft(id, title, test, breaks, fix string, run func(*check.T)) check.Check {
	return tolerated(id, title, check.Entra,
		check.Source{Name: "Microsoft Entra ID", Section: "SCIM Validator: " + test, URL: entraValidator, Date: "2026-11-23", Evidence: check.Reported},
		breaks, fix, run, check.CapPatch)
}

var validatorExternalID = microsoft("external-id", "the externalId of a group is changed without a path, and its members stay", "Patch Group, Replace Attributes",
	"Entra ID loses track of a group and makes it again.", "Keep externalId of groups, and take it in a value without a path.",
	func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		g := group(t, alice)
		id := t.Name("external")
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"replace","value":{"externalId":%q}}]`, id))).To(HaveStatus(200, 204))
		after := t.Get(g)
		t.Expect(after).To(HaveAttribute("externalId", id))
		t.Expect(after).To(HaveAttribute("members.value", alice.ID))
	})

var validatorAddRemove = microsoft("add-and-remove", "a member who is added and removed by one request is no member", "preview, Multiple Operations on same attribute of a group",
	"Somebody who was in a group for a moment keeps what it gives.", "Do the operations of a request in their order.",
	func(t *check.T) {
		alice, bob := two(t)
		g := group(t, alice)
		t.Require(t.Patch(g, fmt.Sprintf(`[{"op":"add","path":"members","value":[{"value":"%[1]s"}]},{"op":"remove","path":"members[value eq \"%[1]s\"]"}]`, bob.ID))).
			To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", alice.ID))
	})

// preview is like microsoft; a preview test never fails the validator's run.
func preview(id, title, test string, run func(*check.T)) check.Check {
	c := microsoft(id, title, "preview, "+test, "A repeated DELETE is taken for a provider that is down.", "Answer 404 for a group that is not there.", run)
	c.Level, c.Needs = check.Should, check.Needs(check.CapGroup)
	return c
}

var (
	deleteMissing = preview("delete.missing", "a DELETE of a group that never was is answered with 404", "Delete a non-existent Group", func(t *check.T) {
		t.Expect(t.Delete(&check.Resource{Endpoint: "/Groups", ID: t.UnknownID()})).To(HaveStatus(404))
	})
	deleteTwice = preview("delete.twice", "a second DELETE of a group is answered with 404", "Delete the same Group twice", func(t *check.T) {
		g := group(t)
		t.Precondition(t.Delete(g)).To(HaveStatus(204))
		t.Expect(t.Delete(g)).To(HaveStatus(404))
	})
)

var secondSchema = tolerated("create.second-schema", "a group that Entra ID creates with a schema of its own beside the core one is made", check.Entra,
	check.Source{Name: "Microsoft Entra ID", Section: "Develop a SCIM endpoint, Create Group", URL: entraSCIM, Date: "2025-03-04", Evidence: check.Documented},
	"No group arrives.", "Ignore a schema that you do not know, or leave it out of the reply.",
	func(t *check.T) {
		name := t.Name("team")
		x := t.Post("/Groups", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],`+
			`"externalId":"8f1c%[1]s","displayName":"%[1]s","meta":{"resourceType":"Group"}}`, name))
		t.Require(x).To(HaveStatus(201))
		t.Expect(t.Get(t.Resource(x))).To(HaveAttribute("displayName", name))
	})
