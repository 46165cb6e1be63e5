// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"
	"strings"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

const (
	entraSCIM      = "https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"
	entraValidator = "https://learn.microsoft.com/entra/identity/app-provisioning/scim-validator-tutorial"
)

// tolerances check what a provider has to put up with in the groups of one
// IdP, without the RFCs saying so.
func tolerances() []check.Check {
	return []check.Check{nullDisplay, nullRef, chunk, removeEmpty, duplicateName}
}

// tolerated is the base of a tolerance check.
func tolerated(id, title, idp string, source check.Source, breaks, fix string, run func(*check.T), needs ...string) check.Check {
	return check.Check{
		ID: "teams.group." + id, Title: title, Level: check.Vendor, Source: source,
		Needs: append(check.Needs(check.CapGroup), needs...), Profiles: check.Profiles(idp), Breaks: breaks, Fix: fix, Run: run,
	}
}

var nullDisplay = tolerated("put.null-display", "a PUT by Okta of members whose display is null succeeds", check.Okta,
	check.Source{
		Name: "Okta", Section: "a recorded PUT, its sender inferred, in jelhub/scimgateway#95",
		URL: "https://github.com/jelhub/scimgateway/issues/95", Date: "2026-11-23", Evidence: check.Reported,
	},
	"A group that has a member without a display name is never pushed.", "Take null for unassigned, in members as elsewhere.",
	func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		g := t.CreateGroup("engineering")
		t.Expect(t.Put(g, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"%s","displayName":"%s",`+
			`"members":[{"value":"%s","display":null}]}`, g.ID, nameOf(g), alice.ID))).To(HaveStatus(200))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", alice.ID))
	})

var nullRef = tolerated("add.null-ref", "an add by Entra ID of a member whose $ref is null succeeds", check.Entra,
	check.Source{Name: "Microsoft Entra ID", Section: "Develop a SCIM endpoint, Update Group [Add Members]", URL: entraSCIM, Date: "2025-03-04", Evidence: check.Documented},
	"Nobody gets into a group.", "Take null for unassigned, in members as elsewhere.",
	func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		g := t.CreateGroup("engineering")
		t.Expect(t.Patch(g, fmt.Sprintf(`[{"op":"Add","path":"members","value":[{"$ref":null,"value":"%s"}]}]`, alice.ID))).To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", alice.ID))
	}, check.CapPatch)

// chunkSize is how many changes of members Okta puts into one PATCH unless the
// app is set up for more.
const chunkSize = 100

var chunk = tolerated("add.chunk", "a hundred members whom Okta adds in one request all get in", check.Okta,
	check.Source{Name: "Okta", Section: "OIN submission questionnaire of 2021: 100 to 1000 changes a PATCH, 100 by default", URL: oktaReference, Date: "2026-09-18", Evidence: check.Documented},
	"Some of the members of a larger group are never in it, and Okta believes they are.", "Take all of a request's members, or refuse all of it.",
	func(t *check.T) {
		g := t.CreateGroup("engineering")
		ids, list := make([]any, chunkSize), make([]string, chunkSize)
		for i := range chunkSize {
			userName := fmt.Sprintf("%s-%d@scimproof.example", t.Name("member"), i)
			r := t.Create("/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s","active":true}`, userName))
			ids[i], list[i] = r.ID, fmt.Sprintf(`{"value":"%s","display":"%s"}`, r.ID, userName)
		}
		t.Expect(t.Patch(g, `[{"op":"add","path":"members","value":[`+strings.Join(list, ",")+`]}]`)).To(HaveStatus(200, 204))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", ids...))
	}, check.CapPatch)

var removeEmpty = tolerated("remove.nobody", "a removal by Entra ID that names nobody leaves the group as it is", check.Entra,
	check.Source{
		Name: "Microsoft Entra ID", Section: "reported in kortix-ai/suna#7297", URL: "https://github.com/kortix-ai/suna/issues/7297",
		Date: "2026-11-23", Evidence: check.Reported,
	},
	"A request about nobody throws everybody out.", "Read an empty list for nobody, or refuse it with 400; only a removal without a value means everybody.",
	func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		g := t.CreateGroup("engineering", alice)
		t.Expect(t.Patch(g, `[{"op":"Remove","path":"members","value":[]}]`)).To(HaveStatus(200, 204, 400))
		t.Expect(t.Get(g)).To(HaveAttribute("members.value", alice.ID))
	}, check.CapPatch)

var duplicateName = tolerated("create.duplicate", "a second group of the same name is refused with 409", check.Entra,
	check.Source{Name: "Microsoft Entra ID", Section: "SCIM Validator: POST /Groups, Create a duplicate Group", URL: entraValidator, Date: "2025-10-06", Evidence: check.Recorded},
	"Microsoft's validator fails; a create that is repeated after a timeout makes a second group.", "Answer 409 with scimType uniqueness when the displayName is taken.",
	func(t *check.T) {
		g := t.CreateGroup("engineering")
		t.Expect(t.Post("/Groups", string(g.Sent))).To(BeSCIMError(409))
		t.Expect(t.Get(g)).To(HaveAttribute("displayName", nameOf(g)))
	})
