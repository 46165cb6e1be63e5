// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// patched is a statement about what operations do to a user who is made of
// members: the request succeeds, the paths of want hold these values (nil:
// none), and nothing outside these paths changes.
type patched struct {
	id, title   string
	section     string
	covers      []string
	profiles    []string
	breaks, fix string
	members     []string
	operations  string
	want        []want
	also        []string // paths that may change besides
	merges      bool     // what providers of the interoperability profile do otherwise
}

// want says what stands at a path afterwards; without values: nothing.
type want struct {
	path   string
	values []any
}

func (p patched) check() check.Check {
	return check.Check{
		ID: p.id, Title: p.title, Level: check.Must, Source: check.RFC7644(p.section), Covers: p.covers,
		Needs: check.Needs(check.CapPatch), Profiles: p.profiles, Breaks: p.breaks, Fix: p.fix,
		Run: func(t *check.T) {
			if p.merges && Text(t.List(scim.ServiceProviderConfigEndpoint), "interopProfileConformant") == "true" {
				t.Skip("ServiceProviderConfig says interopProfileConformant: by that profile complex attributes are replaced whole")
			}
			alice := create(t, "alice", p.members...)
			before := exists(t, alice)
			t.Expect(t.Patch(alice, p.operations)).To(HaveStatus(200, 204))
			after := t.Get(alice)
			for _, w := range p.want {
				if len(w.values) == 0 {
					t.Expect(after).To(NotHaveAttribute(w.path))
					continue
				}
				t.Expect(after).To(HaveAttribute(w.path, w.values...))
			}
			frame := p.also
			for _, w := range p.want {
				frame = append(frame, w.path)
			}
			t.Expect(after).To(BeSameResourceAs(before, frame...))
		},
	}
}

func checksOf(all []patched) []check.Check {
	var checks []check.Check
	for _, p := range all {
		checks = append(checks, p.check())
	}
	return checks
}

// patch checks what holds for every PATCH, RFC 7644 §3.5.2.
func patch() []check.Check {
	return []check.Check{
		patchReply, patchAtomic, patchUnknownOperation, patchNoOperations, patchUnknown, patchAttributes, patchReadOnly, patchPrimary,
	}
}

var patchReply = check.Check{
	ID:       "patch.reply.status",
	Title:    "a PATCH answers 200 with the whole resource or 204 without a body",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-success-200", "rfc7644-3.5.2-success-204", "rfc9110-15.3.5-204-no-body"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Okta reads the user from a 200; half a user is stored as its truth.",
	Fix:      "Answer 200 with the user as it is now, or 204 and nothing.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Patch(alice, `[{"op":"replace","path":"title","value":"Director"}]`)
		t.Require(x).To(HaveStatus(200, 204))
		if x.Status == http.StatusNoContent {
			t.Expect(x).To(BeEmptyBody())
			return
		}
		t.Expect(x).To(HaveAttribute("id", alice.ID))
		t.Expect(x).To(HaveAttribute("title", "Director"))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
	},
}

var patchAtomic = check.Check{
	ID:       "patch.atomic.second-fails",
	Title:    "a PATCH of which one operation fails changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-atomic", "rfc7644-3.5.2-restore", "rfc7644-3.5.2-failure-status", "rfc7644-3.5.2-error-body"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID sends many changes in one request; after an error half of them are in, and nobody knows which.",
	Fix:      "Apply the operations to a copy and store it when all of them have succeeded.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		before := exists(t, alice)
		x := t.Patch(alice, `[{"op":"replace","path":"title","value":"Director"},{"op":"replace","path":"name.familyName","value":"Stone"},{"op":"remove"}]`)
		t.Expect(x).To(BeSCIMError(400))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var patchUnknownOperation = check.Check{
	ID:       "patch.operation.unknown",
	Title:    "an unknown operation is refused with 400 and changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-op-values", "rfc7644-3.5.2-incompatible-error"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client believes that a change took place which did not.",
	Fix:      "Answer 400 invalidSyntax to an op other than add, remove and replace.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"title":"Engineer"`)
		before := exists(t, alice)
		t.Expect(t.Patch(alice, `[{"op":"move","path":"title","value":"Director"}]`)).To(BeSCIMError(400))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var patchNoOperations = check.Check{
	ID:       "patch.message.operations",
	Title:    "a PATCH without Operations is refused with 400",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-operations", "rfc7644-3.12-400"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that sends a whole user by PATCH is told all is well, and nothing was changed.",
	Fix:      "Answer 400 invalidSyntax to a PatchOp message without the member Operations.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{
			Method: http.MethodPatch, Path: alice.Path(), Body: []byte(`{"schemas":["` + scim.PatchOpURN + `"],"title":"Director"}`),
		})
		t.Expect(x).To(BeSCIMError(400))
	},
}

var patchUnknown = check.Check{
	ID:       "patch.user.unknown",
	Title:    "a PATCH of an unknown user answers 404",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-404"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "The IdP goes on updating an account that is gone.",
	Fix:      "Look the resource up before reading the operations.",
	Run: func(t *check.T) {
		x := t.Patch(nowhere(t, scim.UsersEndpoint), `[{"op":"replace","path":"active","value":false}]`)
		t.Expect(x).To(BeSCIMError(404))
	},
}

var patchAttributes = check.Check{
	ID:       "patch.reply.attributes",
	Title:    "a PATCH with attributes answers 200 with these",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-attributes-200", "rfc7644-3.5.2-response-projection"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that asked for a field in return gets nothing, or everything.",
	Fix:      "Answer 200, not 204, when attributes is given, and apply it to the reply.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{
			Method: http.MethodPatch, Path: alice.Path() + "?attributes=title",
			Body: []byte(`{"schemas":["` + scim.PatchOpURN + `"],"Operations":[{"op":"replace","path":"title","value":"Director"}]}`),
		})
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("title", "Director"))
		t.Expect(x).To(NotHaveAttribute("emails"))
	},
}

var patchReadOnly = check.Check{
	ID:       "patch.read-only.id",
	Title:    "a PATCH does not change the id or meta",
	Level:    check.Must,
	Source:   check.RFC7643("7"),
	Covers:   []string{"rfc7643-7-mutability-readonly", "rfc7643-3.1-id-stable", "rfc7644-3.5.2-mutability-compatible"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "The IdP loses the user under the id it knows.",
	Fix:      "Refuse operations on readOnly attributes with 400 mutability, or leave them without effect.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		x := t.Patch(alice, `[{"op":"replace","path":"id","value":"`+t.UnknownID()+`"}]`)
		t.Expect(x).To(gomega.Or(HaveStatus(200, 204), BeSCIMError(400, scim.Mutability)))
		x = t.Patch(alice, `[{"op":"replace","path":"meta.created","value":"2001-01-01T00:00:00Z"}]`)
		t.Expect(x).To(gomega.Or(HaveStatus(200, 204), BeSCIMError(400, scim.Mutability)))
		t.Expect(t.Get(alice)).To(BeSameResourceAs(before))
	},
}

var patchPrimary = check.Check{
	ID:       "patch.primary.reset",
	Title:    "a new primary value takes primary from the old one",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2-primary-reset", "rfc7643-2.4-primary-once"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "A person has two primary addresses, and mail goes to the wrong one.",
	Fix:      "When an operation sets primary to true, set it to false on the attribute's other values.",
	Run: func(t *check.T) {
		alice := create(t, "alice", two(t))
		_, home := mails(alice)
		before := exists(t, alice)
		t.Expect(t.Patch(alice, `[{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}]`)).To(HaveStatus(200, 204))
		after := t.Get(alice)
		t.Expect(after).To(HaveAttribute("emails[primary eq true].value", home))
		t.Expect(after).To(BeSameResourceAs(before, "emails.primary"))
	},
}
