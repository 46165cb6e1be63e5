// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

const (
	entraValidator = "https://learn.microsoft.com/entra/identity/app-provisioning/scim-validator-tutorial"
	entraGallery   = "https://github.com/AzureAD/SCIMReferenceCode/blob/master/Microsoft.SCIM.LogicAppValidationTemplate/SCIM-Validation-Test-Overview.md"
)

// validated cites a test of Microsoft's SCIM Validator, whose requests are
// known from its result files; the bodies here are composed after them.
func validated(test string) check.Source {
	return check.Source{Name: "Microsoft Entra ID", Section: "SCIM Validator: " + test, URL: entraValidator, Date: "2026-11-23", Evidence: check.Reported}
}

// gallery cites a test of the Entra gallery's validation workflow.
func gallery(test string) check.Source {
	return check.Source{Name: "Microsoft Entra ID", Section: "gallery validation: " + test, URL: entraGallery, Date: "2026-08-20", Evidence: check.Documented}
}

// written is an attribute as the validator writes it, with the value that a
// user begins with and the one that a change gives it.
type written struct{ path, first, second string }

// attributes are those of the core User that the validator's long requests
// name. Roles are left out: what a product makes of them is not the wire's.
var attributes = []written{
	{"displayName", "Ada Test", "Ada Proof"},
	{"title", "Engineer", "Director"},
	{"nickName", "Ada", "Addie"},
	{"userType", "Employee", "Contractor"},
	{"preferredLanguage", "en-US", "de-DE"},
	{"locale", "en-US", "de-DE"},
	{"timezone", "Europe/Oslo", "America/Denver"},
	{"profileUrl", "https://scimproof.example/ada", "https://scimproof.example/addie"},
	{"name.givenName", "Ada", "Addie"},
	{"name.familyName", "Test", "Proof"},
	{"name.middleName", "King", "Byron"},
	{"name.honorificPrefix", "Ms.", "Dr."},
	{"name.honorificSuffix", "II", "III"},
	{`phoneNumbers[type eq "work"].value`, "tel:+1-555-0100", "tel:+1-555-0110"},
	{`phoneNumbers[type eq "mobile"].value`, "tel:+1-555-0101", "tel:+1-555-0111"},
	{`phoneNumbers[type eq "fax"].value`, "tel:+1-555-0102", "tel:+1-555-0112"},
	{`addresses[type eq "work"].streetAddress`, "1 Main Street", "2 Side Street"},
	{`addresses[type eq "work"].locality`, "Oslo", "Denver"},
	{`addresses[type eq "work"].region`, "Oslo", "Colorado"},
	{`addresses[type eq "work"].postalCode`, "0150", "80014"},
	{`addresses[type eq "work"].country`, "NO", "US"},
}

// filtered says whether the path holds a filter. The flag leaves such a path in
// an operation of its own and merges the others into one value.
func (a written) filtered() bool { return strings.Contains(a.path, "[") }

// minimal writes the smallest user, which the validator's adds begin with.
func minimal(t *check.T) string {
	return fmt.Sprintf(`{"userName":"%s","schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`, mail(t))
}

// complete writes a user with the first value of each attribute.
func complete(t *check.T) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s","active":true,`+
		`"displayName":"Ada Test","title":"Engineer","nickName":"Ada","userType":"Employee","preferredLanguage":"en-US",`+
		`"locale":"en-US","timezone":"Europe/Oslo","profileUrl":"https://scimproof.example/ada",`+
		`"name":{"givenName":"Ada","familyName":"Test","middleName":"King","honorificPrefix":"Ms.","honorificSuffix":"II"},`+
		`"phoneNumbers":[{"type":"work","value":"tel:+1-555-0100"},{"type":"mobile","value":"tel:+1-555-0101"},{"type":"fax","value":"tel:+1-555-0102"}],`+
		`"addresses":[{"type":"work","streetAddress":"1 Main Street","locality":"Oslo","region":"Oslo","postalCode":"0150","country":"NO"}]}`, mail(t))
}

// kept makes a complete user and gives those of its attributes that the
// provider keeps: one that it does not have cannot be changed. Names it must
// keep, or there is nothing to look at.
func kept(t *check.T) (*check.Resource, []written) {
	r := t.Create("/Users", complete(t))
	x := t.Get(r)
	t.Precondition(x).To(HaveAttribute("name.familyName", "Test"))
	return r, slices.DeleteFunc(slices.Clone(attributes), func(a written) bool { return Text(x, a.path) != a.first })
}

// verbose writes an operation with a path for each attribute.
func verbose(op string, of []written) string {
	var list []string
	for _, a := range of {
		list = append(list, fmt.Sprintf(`{"op":%q,"path":%q,"value":%q}`, op, a.path, a.second))
	}
	return "[" + strings.Join(list, ",") + "]"
}

// merged writes what has a filter in its path as operations of their own, and
// all the rest as one value without a path, with dotted names.
func merged(op string, of []written) string {
	var list, members []string
	for _, a := range of {
		if a.filtered() {
			list = append(list, fmt.Sprintf(`{"op":%q,"path":%q,"value":%q}`, op, a.path, a.second))
		} else {
			members = append(members, fmt.Sprintf("%q:%q", a.path, a.second))
		}
	}
	list = append(list, fmt.Sprintf(`{"op":%q,"value":{%s,"active":true}}`, op, strings.Join(members, ",")))
	return "[" + strings.Join(list, ",") + "]"
}

// long is a check of one of the validator's long requests.
func long(id, title, test, op string, onNew bool, write func(string, []written) string, fix string) check.Check {
	return check.Check{
		ID: "lifecycle.validator." + id, Title: title, Level: check.Vendor, Source: validated(test),
		Needs: check.Needs(check.CapPatch), Profiles: check.Profiles(check.Entra),
		Breaks: "Entra ID reports the update as done, and part of the profile is missing; Microsoft's validator fails.", Fix: fix,
		Run: func(t *check.T) {
			r, have := kept(t)
			if onNew {
				r = t.Create("/Users", minimal(t))
			}
			t.Require(t.Patch(r, write(op, have))).To(HaveStatus(200, 204))
			got := t.Get(r)
			for _, a := range have {
				t.Expect(got).To(HaveAttribute(a.path, a.second))
			}
			if onNew && slices.ContainsFunc(have, func(a written) bool { return strings.HasPrefix(a.path, "addresses") }) {
				t.Expect(got).To(HaveAttributeCount("addresses", 1))
			}
		},
	}
}

// validator checks the requests of Microsoft's SCIM Validator that no other
// check makes.
func validator() []check.Check {
	const take = "Take dotted names in a value without a path, and a path with a filter as the one value that it holds for."
	return []check.Check{
		long("replace", "one request replaces many attributes, most of them without a path", "Patch User, Replace Attributes", "replace", false, merged, take),
		long("replace-each", "one request replaces many attributes, each by its path", "Patch User, Replace Attributes Verbose Request", "replace", false, verbose,
			"Do the operations in order, each on the result of the one before."),
		long("add", "one request adds many attributes, most of them without a path", "Patch User, Add Attributes", "add", true, merged, take),
		long("add-each", "one request adds many attributes to a user who has none, each by its path", "Patch User, Add Attributes Verbose Request", "add", true, verbose,
			"Make the value that a filter in a path asks for when there is none, and put what follows into the same value."),
		removeEach, multiDifferent, multiSame,
	}
}

var removeEach = check.Check{
	ID:       "lifecycle.patch.remove-each",
	Title:    "each attribute that a user may lack can be removed by its path",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2.2"),
	Covers:   []string{"rfc7644-3.5.2.2-single"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.RFC, check.Entra),
	Breaks:   "What was taken from a person in the directory stays in the product.",
	Fix:      "Unassign the target of a remove, whichever optional attribute it is.",
	Run: func(t *check.T) {
		r, have := kept(t)
		var list []string
		for _, a := range have {
			if !a.filtered() && !strings.HasPrefix(a.path, "name.") && a.path != "displayName" { // products may need a name
				list = append(list, fmt.Sprintf(`{"op":"remove","path":%q}`, a.path))
			}
		}
		if len(list) == 0 {
			t.Skip("the provider keeps none of the optional attributes")
		}
		t.Require(t.Patch(r, "["+strings.Join(list, ",")+"]")).To(HaveStatus(200, 204))
		got := t.Get(r)
		for _, a := range have {
			if strings.Contains(strings.Join(list, ""), `"`+a.path+`"`) {
				t.Expect(got).NotTo(HaveAttribute(a.path, a.first))
			}
		}
	},
}

var multiDifferent = check.Check{
	ID:       "lifecycle.validator.multi-different",
	Title:    "one request may remove one attribute, add another and replace a third",
	Level:    check.Vendor,
	Source:   validated("preview, Multiple Operations on different attributes"),
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "Some of the changes of one update never arrive.",
	Fix:      "Do every operation of a request, those with a path and those without.",
	Run: func(t *check.T) {
		r := t.Create("/Users", complete(t))
		t.Precondition(t.Get(r)).To(HaveAttribute("displayName", "Ada Test"))
		t.Require(t.Patch(r, `[{"op":"remove","path":"title"},{"op":"add","value":{"externalId":"ada-proof"}},`+
			`{"op":"replace","value":{"displayName":"Ada Proof"}}]`)).To(HaveStatus(200, 204))
		got := t.Get(r)
		t.Expect(got).NotTo(HaveAttribute("title", "Engineer"))
		t.Expect(got).To(HaveAttribute("externalId", "ada-proof"))
		t.Expect(got).To(HaveAttribute("displayName", "Ada Proof"))
	},
}

var multiSame = check.Check{
	ID:       "lifecycle.validator.multi-same",
	Title:    "of several operations on one attribute the last one stands",
	Level:    check.Vendor,
	Source:   validated("preview, Multiple Operations on same attribute"),
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "A person keeps a value that was changed again in the same update.",
	Fix:      "Do the operations in the order in which they stand.",
	Run: func(t *check.T) {
		r := t.Create("/Users", complete(t))
		t.Require(t.Patch(r, `[{"op":"remove","path":"externalId"},{"op":"add","value":{"externalId":"ada-1"}},`+
			`{"op":"replace","value":{"externalId":"ada-2"}}]`)).To(HaveStatus(200, 204))
		t.Expect(t.Get(r)).To(HaveAttribute("externalId", "ada-2"))
	},
}
