// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

const (
	entraAttributes = "https://learn.microsoft.com/entra/identity/app-provisioning/customize-application-attributes"
	oktaTestPlan    = "https://developer.okta.com/standards/SCIM/SCIMFiles/okta-scim-test-plan-v2.xlsx"
)

// tolerances check what a provider has to put up with in the bodies of one
// IdP, without the RFCs saying so.
func tolerances() []check.Check {
	return []check.Check{oktaEmptyValues, oktaExtension, entraUnlisted, entraSiblings}
}

// with writes the body that creates a user, with members added at its front.
func (d dialect) with(userName, members string) string {
	return strings.Replace(d.body(userName), "{", "{"+members+",", 1)
}

var oktaEmptyValues = check.Check{
	ID:    "lifecycle.create.empty-values",
	Title: "a create by Okta with empty texts succeeds",
	Level: check.Vendor,
	Source: check.Source{
		Name: "Okta", Section: "OIN QA test plan, C9337: no errors because of empty values", URL: oktaTestPlan, Date: "2026-08-21",
		Evidence: check.Documented,
	},
	Profiles: check.Profiles(check.Okta),
	Breaks:   "Okta sends an empty text for what a person does not have; such people get no account.",
	Fix:      "Take an empty text of an optional attribute as it is, or for unassigned.",
	Run: func(t *check.T) {
		d, userName := idps()[0], mail(t)
		x := t.Post("/Users", d.with(userName, `"nickName":"","userType":"","preferredLanguage":""`))
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("userName", userName))
		t.Expect(t.Get(t.Resource(x))).To(HaveAttribute("title", "Engineer"))
	},
}

var oktaExtension = check.Check{
	ID:       "lifecycle.create.custom-extension",
	Title:    "a create by Okta with an extension that the provider does not know succeeds",
	Level:    check.Vendor,
	Source:   oktaSource("SCIM 2.0 protocol reference, Create users; custom attributes under a namespace of their own are reported by support articles", check.Reported),
	Profiles: check.Profiles(check.Okta),
	Breaks:   "One custom attribute in the app's profile stops every create.",
	Fix:      "Ignore an extension that you do not know, or store it.",
	Run: func(t *check.T) {
		d, userName := idps()[0], mail(t)
		x := t.Post("/Users", d.with(userName, `"urn:scimproof:params:scim:schemas:extension:none:2.0:User":{"badge":"7"}`))
		t.Require(x).To(HaveStatus(201))
		t.Expect(t.Get(t.Resource(x))).To(HaveAttribute("userName", userName))
	},
}

var entraUnlisted = check.Check{
	ID:       "lifecycle.create.unlisted-extension",
	Title:    "an extension whose URN schemas does not list is stored all the same",
	Level:    check.Vendor,
	Source:   entraSource("Customize attribute mappings, custom extension attributes; a recorded create lacks the URN in schemas (Microsoft Q&A 1684621)", entraAttributes, "2025-04-15"),
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "Entra ID leaves the URN out of schemas; departments are lost, or the create is refused.",
	Fix:      "Read an extension by its member in the body, and complete schemas yourself.",
	Run: func(t *check.T) {
		userName := mail(t)
		x := t.Post("/Users", fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%s","active":true,`+
			`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Research"}}`, userName))
		t.Require(x).To(HaveStatus(201))
		t.Expect(t.Get(t.Resource(x))).To(HaveAttribute("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "Research"))
	},
}

var entraSiblings = check.Check{
	ID:    "lifecycle.patch.sibling-adds",
	Title: "several adds by Entra ID to a value that is not there build one value",
	Level: check.Vendor,
	Source: check.Source{
		Name: "Microsoft Entra ID", Section: "requests reported with bodies in simpleidserver/SimpleIdServer#808",
		URL: "https://github.com/simpleidserver/SimpleIdServer/issues/808", Date: "2026-11-23", Evidence: check.Reported,
	},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "One address arrives as two, each with a part of it.",
	Fix:      "When no value matches the filter of an add, make one that does; let the next operation find it.",
	Run: func(t *check.T) {
		_, r := idps()[1].join(t)
		t.Require(t.Patch(r, `[{"op":"Add","path":"addresses[type eq \"work\"].locality","value":"Oslo"},`+
			`{"op":"Add","path":"addresses[type eq \"work\"].country","value":"NO"}]`)).To(HaveStatus(200, 204))
		got := t.Get(r)
		t.Expect(got).To(HaveAttribute(`addresses[type eq "work"].locality`, "Oslo"))
		t.Expect(got).To(HaveAttribute(`addresses[type eq "work"].country`, "NO"))
		t.Expect(got).To(HaveAttributeCount("addresses", 1))
	},
}
