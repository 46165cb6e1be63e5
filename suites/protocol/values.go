// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// createValues checks how values of a body are read, RFC 7643 §2.
func createValues() []check.Check {
	return []check.Check{
		valuePassword, valueEnterprise, valueUnassigned, valuePrimary, valueNameCase, valueOrder, valueType, valueComplex, valueUnlisted,
	}
}

var valuePassword = check.Check{
	ID:     "create.password.hidden",
	Title:  "a password is never returned",
	Level:  check.Must,
	Source: check.RFC7643("4.1.1"),
	Covers: []string{
		"rfc7643-4.1.1-password-never", "rfc7643-4.1.1-password-writeonly", "rfc7643-7-returned-never", "rfc7643-7-mutability-writeonly-return",
	},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta sends a password with every create; whoever can read users can read it.",
	Fix:      "Leave password out of every reply, also when attributes=password asks for it.",
	Run: func(t *check.T) {
		x := post(t, `"password":"T7-wX!dawn-ember-41"`)
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(NotHaveAttribute("password"))
		alice := t.Resource(x)
		t.Require(alice).NotTo(gomega.BeNil())
		t.Expect(t.Get(alice)).To(NotHaveAttribute("password"))
		asked := fetch(t, alice, "attributes", "userName,password")
		t.Expect(asked).To(HaveAttribute("userName", userName(alice)))
		t.Expect(asked).To(NotHaveAttribute("password"))
	},
}

var valueEnterprise = check.Check{
	ID:     "create.extension.enterprise",
	Title:  "enterprise attributes are stored under their URN, which is listed in schemas",
	Level:  check.Must,
	Source: check.RFC7643("3.3"),
	Covers: []string{
		"rfc7643-3.3-container", "rfc7643-3-extension-namespace", "rfc7643-3.3-extension-listed", "rfc7643-4.3-department",
		"rfc7643-4.3-costcenter",
	},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Department and cost centre do not arrive, or are sent again in every cycle.",
	Fix:      "Keep extension attributes in an object named by the URN, and add the URN to schemas.",
	Run: func(t *check.T) {
		alice := create(t, "alice", `"schemas":["`+scim.UserURN+`","`+scim.EnterpriseUserURN+`"]`,
			`"`+scim.EnterpriseUserURN+`":{"department":"Research","costCenter":"4130"}`)
		x := t.Get(alice)
		t.Expect(x).To(HaveAttribute(scim.EnterpriseUserURN+":department", "Research"))
		t.Expect(x).To(HaveAttribute(scim.EnterpriseUserURN+":costCenter", "4130"))
		t.Expect(x).To(HaveAttribute("schemas", gomega.ContainElement(scim.EnterpriseUserURN)))
		t.Expect(x).To(NotHaveAttribute("department"))
	},
}

var valueUnassigned = check.Check{
	ID:       "create.value.unassigned",
	Title:    "null and an empty array leave an attribute unassigned",
	Level:    check.Must,
	Source:   check.RFC7643("2.5"),
	Covers:   []string{"rfc7643-2.5-equivalent", "rfc7643-2.5-null-unassigns"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta writes empty lists and nulls for what a person does not have; such a create fails or stores the word null.",
	Fix:      "Treat null, [] and an absent attribute alike.",
	Run: func(t *check.T) {
		x := post(t, `"title":null`, `"phoneNumbers":[]`, `"groups":[]`)
		t.Require(x).To(HaveStatus(201))
		t.Require(x).To(HaveAttribute("userName"))
		t.Expect(x).To(NotHaveAttribute("title"))
		t.Expect(x).To(NotHaveAttribute("phoneNumbers"))
	},
}

var valuePrimary = check.Check{
	ID:       "create.value.primary-once",
	Title:    "primary is true of one value at most",
	Level:    check.Must,
	Source:   check.RFC7643("2.4"),
	Covers:   []string{"rfc7643-2.4-primary-once"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Mail goes to whichever primary address a reader finds first.",
	Fix:      "Refuse a second primary value with 400 invalidValue, or keep one and clear the others.",
	Run: func(t *check.T) {
		x := post(t, strings.Replace(two(t), `"type":"home"`, `"type":"home","primary":true`, 1))
		t.Require(x).To(HaveStatus(201, 400))
		if x.Status == 201 {
			made := t.Resource(x)
			t.Require(made).NotTo(gomega.BeNil())
			t.Expect(t.Get(made)).To(HaveAttribute("emails[primary eq true].primary", true))
		}
	},
}

var valueNameCase = check.Check{
	ID:       "create.value.name-case",
	Title:    "attribute names are read in any letter case",
	Level:    check.Must,
	Source:   check.RFC7643("2.1"),
	Covers:   []string{"rfc7643-2.1-names-case-insensitive"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A mapping that says username instead of userName fails without a word.",
	Fix:      "Fold attribute names before looking them up, and answer with the spelling of the schema.",
	Run: func(t *check.T) {
		name := t.Name("alice") + "@" + people.Domain
		x := t.Post(scim.UsersEndpoint, `{"schemas":["`+scim.UserURN+`"],"USERNAME":`+quote(name)+
			`,"Name":{"GIVENNAME":"Alice","familyname":"Liddell"},"emails":[{"VALUE":`+quote(name)+`,"type":"work"}]}`)
		t.Require(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("userName", name))
		t.Expect(x).To(HaveAttribute("name.givenName", "Alice"))
		t.Expect(x).To(HaveUniqueNames())
	},
}

var valueOrder = check.Check{
	ID:       "create.value.order",
	Title:    "the order of members does not matter",
	Level:    check.Must,
	Source:   check.RFC7643("2.3.8"),
	Covers:   []string{"rfc7643-2.3.8-order", "rfc7643-3-schemas-order"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID writes schemas wherever it likes; a reader that wants it first refuses the body.",
	Fix:      "Read the whole object before looking for schemas or userName.",
	Run: func(t *check.T) {
		name := quote(t.Name("alice") + "@" + people.Domain)
		x := t.Post(scim.UsersEndpoint, `{"emails":[{"primary":true,"type":"work","value":`+name+`}],"active":true,`+
			`"name":{"familyName":"Liddell","givenName":"Alice"},"userName":`+name+`,"schemas":["`+scim.UserURN+`"]}`)
		t.Expect(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("name.familyName", "Liddell"))
	},
}

var valueType = check.Check{
	ID:       "create.value.type",
	Title:    "a value of the wrong type is refused with 400",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-400", "rfc7643-2-receiver-validates"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Nonsense is stored, and a client that reads it later fails far from the cause.",
	Fix:      "Check each value against its type and answer 400 with scimType invalidValue or invalidSyntax.",
	Run: func(t *check.T) {
		t.Expect(post(t, `"name":"Alice Liddell"`)).To(BeSCIMError(400))
	},
}

var valueComplex = check.Check{
	ID:       "create.value.multi-valued",
	Title:    "multi-valued attributes keep all values with their sub-attributes",
	Level:    check.Must,
	Source:   check.RFC7643("2.4"),
	Covers:   []string{"rfc7644-3.8-multivalued-encoding", "rfc7644-3.8-complex-encoding", "rfc7643-2.4-predefined-meaning"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "The second address or phone number is lost.",
	Fix:      "Store each value of emails and addresses as a record of its own, in an array also when there is one.",
	Run: func(t *check.T) {
		alice := create(t, "alice", two(t), `"addresses":[{"type":"work","locality":"Oslo","country":"NO"}]`)
		work, home := mails(alice)
		x := t.Get(alice)
		t.Expect(x).To(HaveAttribute("emails.value", work, home))
		t.Expect(x).To(HaveAttribute(`emails[type eq "home"].value`, home))
		t.Expect(x).To(HaveAttribute("addresses[0].locality", "Oslo"))
	},
}

var valueUnlisted = check.Check{
	ID:       "create.extension.listed-empty",
	Title:    "a schema that is listed without attributes is no error",
	Level:    check.Must,
	Source:   check.RFC7643("3"),
	Covers:   []string{"rfc7643-6-extension-required-false"},
	Needs:    check.Needs(check.CapEnterprise),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID lists the enterprise schema for everybody; people without a department cannot be provisioned.",
	Fix:      "Do not demand attributes of a listed extension that is not required.",
	Run: func(t *check.T) {
		t.Expect(post(t, `"schemas":["`+scim.UserURN+`","`+scim.EnterpriseUserURN+`"]`)).To(HaveStatus(201))
	},
}
