// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// patchPaths checks paths and the order of operations, RFC 7644 §3.5.2.
func patchPaths() []check.Check {
	wide := check.Profiles("rfc", "okta", "entra")
	rfc, entra := check.Profiles("rfc"), check.Profiles("rfc", "entra")
	checks := checksOf([]patched{
		{
			id: "patch.path.sub-attribute", title: "a path may name a sub-attribute", section: "3.5.2", profiles: entra,
			covers:     []string{"rfc7644-3.5.2-path-form-subattr", "rfc7644-3.5.2-attr-notation", "rfc7644-3.10-dot-notation"},
			breaks:     "A new surname from Entra ID overwrites the given name or is refused.",
			fix:        "Resolve name.familyName to the sub-attribute and leave its siblings alone.",
			operations: `[{"op":"replace","path":"name.familyName","value":"Hargreaves"}]`,
			want:       []want{{"name.familyName", []any{"Hargreaves"}}},
			also:       []string{"name.formatted", "displayName"},
		},
		{
			id: "patch.path.case", title: "names in a path are read in any letter case", section: "3.10", profiles: entra,
			covers:     []string{"rfc7644-3.10-case-insensitive", "rfc7644-3.5.2-attr-notation", "rfc7643-2.1-names-case-insensitive"},
			breaks:     "A mapping that writes Title adds a second attribute beside the first.",
			fix:        "Fold attribute names in paths and store them in the spelling of the schema.",
			operations: `[{"op":"replace","path":"TITLE","value":"Director"}]`,
			want:       []want{{"title", []any{"Director"}}},
		},
		{
			id: "patch.path.core-urn", title: "a path may name a core attribute with its URN", section: "3.10", profiles: rfc,
			covers:     []string{"rfc7644-3.10-urn-prefix", "rfc7644-3.5.2-attr-notation"},
			breaks:     "A client that writes names in full changes nothing, or makes an attribute with colons in its name.",
			fix:        "Strip the URN of the core schema from a path.",
			operations: `[{"op":"replace","path":"` + scim.UserURN + `:title","value":"Director"}]`,
			want:       []want{{"title", []any{"Director"}}},
		},
		{
			id: "patch.sequence.order", title: "operations run in order, each on the result of the one before", section: "3.5.2", profiles: wide,
			covers: []string{"rfc7644-3.5.2-sequential"},
			breaks: "Entra ID and Okta send removes and adds in one request; in another order the value is gone.",
			fix:    "Apply the operations one after the other, in the order of the array.",
			operations: `[{"op":"add","path":"title","value":"Analyst"},{"op":"remove","path":"title"},` +
				`{"op":"add","path":"title","value":"Director"},{"op":"replace","path":"name.givenName","value":"Al"}]`,
			want: []want{{"title", []any{"Director"}}, {"name.givenName", []any{"Al"}}},
			also: []string{"name.formatted", "displayName"},
		},
	})
	return append(checks, patchPathExtension, patchPathInvalid)
}

var patchPathExtension = check.Check{
	ID:       "patch.path.extension-urn",
	Title:    "a path with an extension's URN writes into the extension",
	Level:    check.Must,
	Source:   check.RFC7644("3.10"),
	Covers:   []string{"rfc7644-3.10-urn-prefix", "rfc7643-3.3-container", "rfc7643-3.3-extension-listed"},
	Needs:    check.Needs(check.CapPatch, check.CapEnterprise),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID's department lands in a top-level member with colons in its name, and is sent again in every cycle.",
	Fix:      "Split the path at its last colon, and store the attribute in the object named by the URN.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		path := scim.EnterpriseUserURN + ":department"
		t.Expect(t.Patch(alice, `[{"op":"add","path":"`+path+`","value":"Research"}]`)).To(HaveStatus(200, 204))
		after := t.Get(alice)
		t.Expect(after).To(HaveAttribute(path, "Research"))
		t.Expect(after).To(HaveAttribute(`schemas[value eq "`+scim.EnterpriseUserURN+`"]`, scim.EnterpriseUserURN))
		t.Expect(after).To(BeSameResourceAs(before, "schemas", scim.EnterpriseUserURN))
	},
}

var patchPathInvalid = check.Check{
	ID:       "patch.path.invalid",
	Title:    "a path that does not parse is refused with 400 and changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.5.2-path-syntax", "rfc7644-3.12-scimtype-invalidpath", "rfc7644-3.5.2-no-array-index"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A broken path is read as another one, and the wrong value is written.",
	Fix:      "Parse the whole path, and answer 400 invalidPath (invalidFilter inside brackets) to what is left over.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		for _, path := range []string{`emails[type eq \"work\"`, `emails[type eq].value`, `name..familyName`, `emails[0].value`} {
			x := t.Patch(alice, `[{"op":"replace","path":"`+path+`","value":"x@work.example"}]`)
			t.Expect(x).To(BeSCIMError(400, scim.InvalidPath, scim.InvalidFilter, scim.InvalidSyntax, scim.NoTarget))
		}
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}
