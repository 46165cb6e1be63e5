// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

const (
	engineer = `"title":"Engineer"`
	phones   = `"phoneNumbers":[{"value":"+47-100","type":"work"},{"value":"+47-200","type":"home"}]`
)

// patchAdd checks add, RFC 7644 §3.5.2.1.
func patchAdd() []check.Check {
	rfc, entra := check.Profiles("rfc"), check.Profiles("rfc", "entra")
	return append(checksOf([]patched{
		{
			id: "patch.add.no-path", title: "add without a path adds the attributes of its value", section: "3.5.2.1", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.1-no-path", "rfc7644-3.5.2.1-no-value-adds", "rfc7644-3.5.2.1-single-replaces"},
			breaks:     "Entra ID's first update of a person has no effect, or wipes the rest.",
			fix:        "Merge the value into the resource, attribute by attribute.",
			members:    []string{engineer},
			operations: `[{"op":"add","value":{"title":"Director","nickName":"Al"}}]`,
			want:       []want{{"title", []any{"Director"}}, {"nickName", []any{"Al"}}},
		},
		{
			id: "patch.add.single", title: "add to a single-valued attribute replaces its value", section: "3.5.2.1", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.1-single-replaces", "rfc7644-3.5.2.1-existing-replaces"},
			breaks:     "A person keeps the old title.",
			fix:        "Treat add as replace where there can be one value only.",
			members:    []string{engineer},
			operations: `[{"op":"add","path":"title","value":"Director"}]`,
			want:       []want{{"title", []any{"Director"}}},
		},
		{
			id: "patch.add.multi-valued", title: "add to a multi-valued attribute keeps the values that are there", section: "3.5.2.1", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.1-multivalued-appends", "rfc7644-3.5.2-path-form-attr"},
			breaks:     "A second phone number takes the place of the first.",
			fix:        "Append the new values to those stored.",
			members:    []string{phones},
			operations: `[{"op":"add","path":"phoneNumbers","value":[{"value":"+47-300","type":"mobile"}]}]`,
			want:       []want{{"phoneNumbers.value", []any{"+47-100", "+47-200", "+47-300"}}},
			also:       []string{"phoneNumbers[value eq \"+47-300\"]"},
		},
		{
			id: "patch.add.missing", title: "add creates a target that is not there", section: "3.5.2.1", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.1-missing-target"},
			breaks:     "What a person gets for the first time never arrives.",
			fix:        "Create the attribute, and the complex attribute around it.",
			operations: `[{"op":"add","path":"name.middleName","value":"Pleasance"}]`,
			want:       []want{{"name.middleName", []any{"Pleasance"}}},
			also:       []string{"name.formatted", "displayName"},
		},
		{
			id: "patch.add.complex", title: "add to a complex attribute keeps the sub-attributes it does not name", section: "3.5.2.1", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.1-complex-set", "rfc7644-3.5.2.1-existing-replaces"},
			breaks:     "A new surname takes the given name away.",
			fix:        "Merge the sub-attributes of the value into the complex attribute.",
			operations: `[{"op":"add","path":"name","value":{"middleName":"Pleasance","familyName":"Hargreaves"}}]`,
			want:       []want{{"name.middleName", []any{"Pleasance"}}, {"name.familyName", []any{"Hargreaves"}}},
			also:       []string{"name.formatted", "displayName"},
		},
	}), patchAddSame)
}

var patchAddSame = check.Check{
	ID:       "patch.add.same",
	Title:    "adding what is there succeeds and leaves lastModified alone",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2.1"),
	Covers:   []string{"rfc7644-3.5.2.1-idempotent-timestamp", "rfc7644-3.5.2.1-idempotent-no-change", "rfc7644-3.5.2.1-idempotent-success"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "A value that is sent again is stored twice, or every cycle marks every user as changed.",
	Fix:      "Compare before writing, and write nothing when the result is the same.",
	Run: func(t *check.T) {
		alice := create(t, "alice", phones, engineer)
		before := exists(t, alice)
		operations := `[{"op":"add","path":"phoneNumbers","value":[{"value":"+47-100","type":"work"}]},{"op":"add","path":"title","value":"Engineer"}]`
		t.Expect(t.Patch(alice, operations)).To(HaveStatus(200, 204))
		after := t.Get(alice)
		t.Expect(after).To(BeUnchangedSince(before))
		t.Expect(after).To(HaveAttribute("meta.lastModified", Text(before, "meta.lastModified")))
	},
}

// patchRemove checks remove, RFC 7644 §3.5.2.2.
func patchRemove() []check.Check {
	rfc, entra := check.Profiles("rfc"), check.Profiles("rfc", "entra")
	return append(checksOf([]patched{
		{
			id: "patch.remove.single", title: "remove takes a single value away", section: "3.5.2.2", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.2-single", "rfc7644-3.5.2-path-form-attr"},
			breaks:     "A title that was cleared in the directory stays.",
			fix:        "Unassign the attribute.",
			members:    []string{engineer},
			operations: `[{"op":"remove","path":"title"}]`,
			want:       []want{{"title", nil}},
		},
		{
			id: "patch.remove.all", title: "remove of a multi-valued attribute takes all values away", section: "3.5.2.2", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.2-multivalued-all", "rfc7644-3.5.2.2-no-records-unassigned"},
			breaks:     "Phone numbers of somebody who has none any more stay visible.",
			fix:        "Unassign the attribute with all its values.",
			members:    []string{phones},
			operations: `[{"op":"remove","path":"phoneNumbers"}]`,
			want:       []want{{"phoneNumbers", nil}},
		},
		{
			id: "patch.remove.value-path", title: "remove with a filter takes just the matching values away", section: "3.5.2.2", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.2-filter-matching", "rfc7644-3.5.2.2-subattr-filter", "rfc7644-3.5.2-path-form-valuepath"},
			breaks:     "Removing one number removes them all.",
			fix:        "Evaluate the filter on each value, and drop those it holds for.",
			members:    []string{phones},
			operations: `[{"op":"remove","path":"phoneNumbers[type eq \"home\"]"}]`,
			want:       []want{{`phoneNumbers[type eq "home"]`, nil}, {"phoneNumbers.value", []any{"+47-100"}}},
		},
		{
			id: "patch.remove.last", title: "removing the last value unassigns the attribute", section: "3.5.2.2", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.2-filter-last", "rfc7644-3.5.2.2-no-records-unassigned"},
			breaks:     "An empty shell of a value stays and is shown.",
			fix:        "Drop the attribute when its last value goes.",
			members:    []string{`"phoneNumbers":[{"value":"+47-100","type":"work"}]`},
			operations: `[{"op":"remove","path":"phoneNumbers[value eq \"+47-100\"]"}]`,
			want:       []want{{"phoneNumbers", nil}},
		},
		{
			id: "patch.remove.sub-attribute", title: "remove of a sub-attribute leaves its siblings", section: "3.5.2.2", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.2-subattr-unassigned", "rfc7644-3.5.2-path-form-valuepath-subattr"},
			breaks:     "Taking the type from a number takes the number.",
			fix:        "Unassign just the sub-attribute that the path ends with.",
			members:    []string{`"phoneNumbers":[{"value":"+47-100","type":"work","display":"Desk"},{"value":"+47-200","type":"home","display":"Home"}]`},
			operations: `[{"op":"remove","path":"phoneNumbers[type eq \"work\"].display"}]`,
			want:       []want{{`phoneNumbers[type eq "work"].display`, nil}},
		},
	}), patchRemoveNoPath, patchRemoveRequired)
}

var patchRemoveNoPath = check.Check{
	ID:       "patch.remove.no-path",
	Title:    "remove without a path is refused with 400 noTarget",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2.2"),
	Covers:   []string{"rfc7644-3.5.2.2-no-path", "rfc7644-3.5.2-path-required-remove", "rfc7644-3.12-scimtype-notarget"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "An IdP that mis-sends a remove would silently clear the user.",
	Fix:      "Answer 400 with scimType noTarget before touching the resource.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		t.Expect(t.Patch(alice, `[{"op":"remove"}]`)).To(BeSCIMError(400, scim.NoTarget))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var patchRemoveRequired = check.Check{
	ID:       "patch.remove.required",
	Title:    "remove of userName is refused with 400 mutability",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2.2"),
	Covers:   []string{"rfc7644-3.5.2.2-required-mutability", "rfc7644-3.12-scimtype-mutability", "rfc7643-4.1.1-username-non-empty"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An account loses its login and cannot be found again.",
	Fix:      "Refuse to remove an attribute that is required or readOnly.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		t.Expect(t.Patch(alice, `[{"op":"remove","path":"userName"}]`)).To(BeSCIMError(400, scim.Mutability, scim.InvalidValue))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

// patchReplace checks replace, RFC 7644 §3.5.2.3.
func patchReplace() []check.Check {
	rfc, entra := check.Profiles("rfc"), check.Profiles("rfc", "entra")
	return append(checksOf([]patched{
		{
			id: "patch.replace.single", title: "replace changes one attribute and nothing else", section: "3.5.2.3", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.3-single"},
			breaks:     "One changed field costs the others.",
			fix:        "Write the named attribute and leave the rest of the resource as it is.",
			members:    []string{engineer, phones},
			operations: `[{"op":"replace","path":"title","value":"Director"}]`,
			want:       []want{{"title", []any{"Director"}}},
		},
		{
			id: "patch.replace.no-path", title: "replace without a path leaves what it does not name", section: "3.5.2.3",
			profiles: check.Profiles("rfc", "okta", "entra"),
			covers:   []string{"rfc7644-3.5.2.3-others-unaffected", "rfc7644-3.5.2.3-no-path"},
			breaks:   "Okta deactivates by a path-less replace; the name and address of the leaver are wiped with it.",
			fix:      "Merge the value into the resource, attribute by attribute.",
			members:  []string{engineer, phones}, operations: `[{"op":"replace","value":{"active":false}}]`,
			want: []want{{"active", []any{false}}},
		},
		{
			id: "patch.replace.missing", title: "replace of an attribute without a value adds it", section: "3.5.2.3", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.3-missing-is-add"},
			breaks:     "Entra ID sends Replace also for first values; they never arrive.",
			fix:        "Treat replace as add where nothing is assigned.",
			operations: `[{"op":"replace","path":"title","value":"Director"}]`,
			want:       []want{{"title", []any{"Director"}}},
		},
		{
			id: "patch.replace.all", title: "replace of a multi-valued attribute replaces all values", section: "3.5.2.3", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.3-multivalued-all"},
			breaks:     "Old numbers stay beside the new one.",
			fix:        "Take the values of the operation for all there are.",
			members:    []string{phones},
			operations: `[{"op":"replace","path":"phoneNumbers","value":[{"value":"+47-300","type":"mobile"}]}]`,
			want:       []want{{"phoneNumbers.value", []any{"+47-300"}}, {"phoneNumbers.type", []any{"mobile"}}},
			also:       []string{"phoneNumbers"},
		},
		{
			id: "patch.replace.complex", title: "replace of a complex attribute leaves sub-attributes it does not name", section: "3.5.2.3", profiles: rfc, merges: true,
			covers:     []string{"rfc7644-3.5.2.3-complex-merge"},
			breaks:     "A new surname takes the given name away.",
			fix:        "Set the sub-attributes of the value and leave the others.",
			operations: `[{"op":"replace","path":"name","value":{"familyName":"Hargreaves"}}]`,
			want:       []want{{"name.familyName", []any{"Hargreaves"}}, {"name.givenName", []any{"Alice"}}},
			also:       []string{"name.formatted", "displayName"},
		},
		{
			id: "patch.replace.value-path", title: "replace with a filter and a sub-attribute changes just that", section: "3.5.2.3", profiles: entra,
			covers:     []string{"rfc7644-3.5.2.3-valuepath-subattr", "rfc7644-3.5.2-path-form-valuepath-subattr"},
			breaks:     "Entra ID's new work number overwrites the private one.",
			fix:        "Find the value the filter holds for, and write the one sub-attribute.",
			members:    []string{phones},
			operations: `[{"op":"replace","path":"phoneNumbers[type eq \"work\"].value","value":"+47-300"}]`,
			want:       []want{{`phoneNumbers[type eq "work"].value`, []any{"+47-300"}}},
		},
		{
			id: "patch.replace.every-match", title: "replace changes all values that the filter holds for", section: "3.5.2.3", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.3-valuepath-all-matching"},
			breaks:     "One of several matching values keeps what was to be changed.",
			fix:        "Go on after the first match.",
			members:    []string{strings.Replace(phones, `"type":"home"`, `"type":"work"`, 1)},
			operations: `[{"op":"replace","path":"phoneNumbers[type eq \"work\"].display","value":"Desk"}]`,
			want:       []want{{"phoneNumbers.display", []any{"Desk", "Desk"}}},
		},
		{
			id: "patch.replace.record", title: "replace with a filter alone replaces the matching value", section: "3.5.2.3", profiles: rfc,
			covers:     []string{"rfc7644-3.5.2.3-valuepath-record", "rfc7644-3.5.2-path-form-valuepath"},
			breaks:     "A corrected number is added beside the wrong one.",
			fix:        "Put the value of the operation in the place of the one that matches.",
			members:    []string{phones},
			operations: `[{"op":"replace","path":"phoneNumbers[type eq \"home\"]","value":{"value":"+47-300","type":"home"}}]`,
			want:       []want{{`phoneNumbers[type eq "home"].value`, []any{"+47-300"}}},
		},
	}), patchReplaceNoMatch, patchReplaceUserName)
}

var patchReplaceNoMatch = check.Check{
	ID:       "patch.replace.no-match",
	Title:    "replace with a filter that holds for nothing is refused with 400 noTarget",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2.3"),
	Covers:   []string{"rfc7644-3.5.2.3-valuepath-no-match", "rfc7644-3.12-scimtype-notarget"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client believes that a value was changed which was never there.",
	Fix:      "Answer 400 noTarget when a value path of a replace matches nothing.",
	Run: func(t *check.T) {
		alice := create(t, "alice", phones)
		before := exists(t, alice)
		x := t.Patch(alice, `[{"op":"replace","path":"phoneNumbers[type eq \"pager\"].value","value":"+47-300"}]`)
		t.Expect(x).To(BeSCIMError(400, scim.NoTarget))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var patchReplaceUserName = check.Check{
	ID:       "patch.replace.user-name",
	Title:    "a new userName is stored, and the user found by it alone",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7644-3.5.2.3-single", "rfc7643-2.2-default-mutability"},
	Needs:    check.Needs(check.CapPatch, check.CapFilter),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Somebody who marries is created a second time.",
	Fix:      "Let userName be replaced, and move its entry in the index.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		name := quote(t.Name("hargreaves") + "@scimproof.example")
		t.Expect(t.Patch(alice, `[{"op":"replace","path":"userName","value":`+name+`}]`)).To(HaveStatus(200, 204))
		t.Expect(find(t, scim.UsersEndpoint, "userName eq "+name)).To(HaveOnlyResources(alice.ID))
		t.Expect(find(t, scim.UsersEndpoint, is(alice))).To(HaveOnlyResources())
	},
}
