// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// patchEdges checks operations of which the RFC says little, RFC 7644 §3.5.2:
// several answers are right, but not a server error and not a silent nothing.
func patchEdges() []check.Check {
	return []check.Check{
		patchExtension, patchSchemas, patchHeaders,
		loose("patch.path.simple", "a path to one value of a simple attribute is done or refused with 400",
			"3.5.2", "rfc7644-3.5.2-path-simple-multivalued",
			"A path that the grammar forgot ends in a server error, and is sent again for ever.",
			"Answer 400 invalidPath, or remove the value.",
			`[{"op":"remove","path":"schemas[value eq \"urn:scimproof:none\"]"}]`, "", nil),
		loose("patch.add.no-match", "add to a value that the filter does not find makes the value, or is refused with 400",
			"3.5.2.1", "rfc7644-3.5.2.1-valuepath-no-match",
			"Entra ID sets a work address of somebody who has none; it is told that all is well, and nothing is stored.",
			"Make a value of what the filter says and the operation gives, or answer 400 noTarget.",
			`[{"op":"add","path":"phoneNumbers[type eq \"work\"].value","value":"+47-300"}]`,
			`phoneNumbers[type eq "work"].value`, "+47-300"),
		memberObject, memberRemoveValue,
	}
}

// loose is a statement that one operation on a user takes effect at a path, or is
// refused with 400 and changes nothing. Without a path there is no effect to see.
func loose(id, title, section, row, breaks, fix, operations, path string, value any) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Should, Source: check.RFC7644(section), Covers: []string{row},
		Needs: check.Needs(check.CapPatch), Profiles: check.Profiles("rfc", "entra"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			alice := create(t, "alice")
			before := exists(t, alice)
			x := t.Patch(alice, operations)
			if x.Status == http.StatusOK || x.Status == http.StatusNoContent {
				if path != "" {
					t.Expect(t.Get(alice)).To(HaveAttribute(path, value))
				}
				return
			}
			t.Expect(x).To(BeSCIMError(400))
			t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
		},
	}
}

var patchExtension = check.Check{
	ID:       "patch.add.extension",
	Title:    "add without a path takes the attributes of an extension in an object named by its URN",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-extension-container"},
	Needs:    check.Needs(check.CapPatch, check.CapEnterprise),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Departments and managers never arrive.",
	Fix:      "Merge the object into the extension of that URN.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Patch(alice, `[{"op":"add","value":{"`+scim.EnterpriseUserURN+`":{"department":"Tea"}}}]`)
		t.Expect(x).To(HaveStatus(200, 204))
		t.Expect(t.Get(alice)).To(HaveAttribute(scim.EnterpriseUserURN+":department", "Tea"))
	},
}

var patchSchemas = check.Check{
	ID:       "patch.schemas.extension",
	Title:    "an operation may add an extension to schemas, and the next one its attributes",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-schemas-modified"},
	Needs:    check.Needs(check.CapPatch, check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that names the extension first, as the RFC has it, is refused.",
	Fix:      "Run each operation on the result of the one before, schemas included.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Patch(alice, `[{"op":"add","path":"schemas","value":["`+scim.EnterpriseUserURN+`"]},`+
			`{"op":"add","path":"`+scim.EnterpriseUserURN+`:department","value":"Tea"}]`)
		t.Expect(x).To(HaveStatus(200, 204))
		after := t.Get(alice)
		t.Expect(after).To(HaveAttribute(scim.EnterpriseUserURN+":department", "Tea"))
		t.Expect(after).To(HaveAttribute("schemas", gomega.ContainElement(scim.EnterpriseUserURN)))
	},
}

var patchHeaders = check.Check{
	ID:       "patch.reply.headers",
	Title:    "the reply to a PATCH repeats no credentials, and its ETag is that of the new version",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2.1"),
	Covers:   []string{"rfc7644-3.5.2.1-response-headers"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A log of replies holds the token; a client that goes on with the ETag is refused with 412.",
	Fix:      "Send no Authorization header in replies, whatever the RFC's example shows, and the version as it is afterwards.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Patch(alice, `[{"op":"replace","path":"title","value":"Director"}]`)
		t.Require(x).To(HaveStatus(200, 204))
		t.Expect(x.Response.Header).NotTo(gomega.HaveKey("Authorization"))
		if tag := x.Response.Header.Get("ETag"); tag != "" {
			t.Expect(t.Get(alice)).To(HaveHeader("ETag", tag))
		}
	},
}

var memberObject = check.Check{
	ID:       "patch.members.object",
	Title:    "add of one member as an object is done or refused with 400",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2.1"),
	Covers:   []string{"rfc7644-3.5.2.1-multivalued-object"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that sends an object where the RFC shows an array is told that all is well, and the member is not there.",
	Fix:      "Take a single object for an array of one, or answer 400 invalidValue.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		group := t.CreateGroup("engineering")
		x := t.Patch(group, `[{"op":"add","path":"members","value":{"value":`+quote(alice.ID)+`}}]`)
		if x.Status == http.StatusOK || x.Status == http.StatusNoContent {
			t.Expect(t.Get(group)).To(HaveAttribute("members.value", alice.ID))
			return
		}
		t.Expect(x).To(BeSCIMError(400))
	},
}

var memberRemoveValue = check.Check{
	ID:       "patch.members.remove-value",
	Title:    "remove of members with a value does not take out those whom it does not name",
	Level:    check.Should,
	Source:   check.RFC7644("3.5.2.2"),
	Covers:   []string{"rfc7644-3.5.2.2-value-with-remove"},
	Needs:    check.Needs(check.CapPatch, check.CapGroup),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID without its feature flag removes one person this way: the team is empty afterwards.",
	Fix:      "Remove just the members in value, or answer 400.",
	Run: func(t *check.T) {
		alice, bob := create(t, "alice"), create(t, "bob")
		group := t.CreateGroup("engineering", alice, bob)
		x := t.Patch(group, `[{"op":"remove","path":"members","value":[{"value":`+quote(alice.ID)+`}]}]`)
		t.Expect(x).To(HaveStatus(200, 204, 400))
		t.Expect(Texts(t.Get(group), "members.value")).To(gomega.ContainElement(bob.ID))
	},
}
