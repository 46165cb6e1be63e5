// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// enterprise checks the enterprise extension, RFC 7643 §4.3.
func enterprise() []check.Check {
	return []check.Check{enterpriseStrings, enterpriseArray, managerName}
}

// extended writes the members of a user with attributes of the enterprise extension.
func extended(attributes string) []string {
	return []string{
		`"schemas":["` + scim.UserURN + `","` + scim.EnterpriseUserURN + `"]`,
		`"` + scim.EnterpriseUserURN + `":{` + attributes + `}`,
	}
}

var enterpriseStrings = check.Check{
	ID:       "create.extension.strings",
	Title:    "employeeNumber, costCenter, organization and division are kept as text",
	Level:    check.Should,
	Source:   check.RFC7643("4.3"),
	Covers:   []string{"rfc7643-4.3-employeenumber", "rfc7643-4.3-costcenter", "rfc7643-4.3-organization", "rfc7643-4.3-division"},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "What an administrator maps in Okta or Entra ID does not arrive: costs are booked to nobody, and 0042 becomes 42.",
	Fix:      "Keep the attributes of the extension as text, leading zeros included.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice", extended(`"employeeNumber":"0042","costCenter":"0130","organization":"Universal Studios","division":"Theme Park"`)...))
		t.Require(x).To(HaveAttribute("userName"))
		for name, want := range map[string]string{
			"employeeNumber": "0042", "costCenter": "0130", "organization": "Universal Studios", "division": "Theme Park",
		} {
			t.Expect(x).To(HaveAttribute(scim.EnterpriseUserURN+":"+name, want))
		}
	},
}

var enterpriseArray = check.Check{
	ID:       "create.extension.array",
	Title:    "a list where the extension has one text is refused, or not kept as a list",
	Level:    check.Should,
	Source:   check.RFC7643("4.3"),
	Covers:   []string{"rfc7643-4.3-costcenter", "rfc7643-4.3-organization", "rfc7643-4.3-division", "rfc7643-2-receiver-validates"},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A typed client stops reading the list of users at the first one whose division is a list.",
	Fix:      "Answer 400 invalidValue to an array where the schema has a single value.",
	Run: func(t *check.T) {
		x := post(t, extended(`"division":["Theme Park","Studios"]`)...)
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 201 {
			y := t.Get(t.Resource(x))
			t.Require(y).To(HaveAttribute("userName"))
			t.Expect(y).To(HaveAttribute(scim.EnterpriseUserURN+":division", wanted{"one text, or nothing", func(got any) bool { _, list := got.([]any); return !list }}))
		}
	},
}

var managerName = check.Check{
	ID:       "create.extension.manager-name",
	Title:    "the displayName of a manager that a client sends is ignored",
	Level:    check.May, // RFC 7643 §4.3: readOnly; many providers keep what is sent
	Source:   check.RFC7643("4.3"),
	Covers:   []string{"rfc7643-4.3-manager-displayname"},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc"),
	Breaks:   "The manager's name on the page is what a client once wrote, and stays when the manager's name changes.",
	Fix:      "Fill manager.displayName from the manager, or leave it out.",
	Run: func(t *check.T) {
		bob := t.CreateUser(people.Bob)
		x := t.Get(create(t, "alice", extended(`"manager":{"value":`+quote(bob.ID)+`,"displayName":"The Queen of Hearts"}`)...))
		t.Require(x).To(HaveAttribute("userName"))
		t.Expect(x).To(HaveAttribute(scim.EnterpriseUserURN+":manager.displayName", wanted{"the manager's own name, or nothing", func(got any) bool { return got != "The Queen of Hearts" }}))
	},
}
