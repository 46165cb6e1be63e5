// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

const (
	datadogSCIM  = "https://docs.datadoghq.com/account_management/scim/"
	datadogUsers = "https://docs.datadoghq.com/account_management/users/"
)

func datadog(section, page string, evidence check.Evidence) check.Source {
	return check.Source{Name: "Datadog", Section: section, URL: page, Date: "2026-11-23", Evidence: evidence}
}

// shows asserts that the product comes to show the user with status, and says
// whether it did.
func shows(t *check.T, email, status string) bool {
	return t.Shows("product user "+email, "status", t.Within().Users, status,
		func() any { return t.ProductUser(email).Status })
}

// live is the status of a user who has not yet logged in.
func live(t *check.T) string {
	if t.Profile().Users.Status == "pending" {
		return "Pending"
	}
	return "Active"
}

// stored is an address as the product keeps it.
func stored(t *check.T, email string) string {
	if t.Profile().Users.LowerCase {
		return strings.ToLower(email)
	}
	return email
}

func productJoiner(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.product.joiner." + d.name,
		Title:    fmt.Sprintf("a person whom %s creates is a user of the product, with address and title", d.people),
		Level:    check.Product,
		Source:   datadog("User Provisioning with SCIM, Supported capabilities", datadogSCIM, check.Documented),
		Needs:    check.Needs(check.CapProduct),
		Profiles: check.Profiles(check.ProductBehaviour),
		Breaks:   fmt.Sprintf("%s shows the person as provisioned, and the person cannot log in.", d.people),
		Fix:      "Make the product's user in the same step that answers 201.",
		Run: func(t *check.T) {
			userName, _ := d.join(t)
			shows(t, userName, live(t))
			u := t.ProductUser(userName)
			t.Shows("product user "+userName, "email", 0, stored(t, userName), func() any { return u.Email })
			t.Shows("product user "+userName, "title", 0, "Engineer", func() any { return u.Title })
		},
	}
}

func productMover(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.product.mover." + d.name,
		Title:    fmt.Sprintf("a new title sent by %s (%s) shows in the product", d.people, d.name),
		Level:    check.Product,
		Source:   datadog("Configure SCIM, attribute mappings (title)", datadogSCIM, check.Documented),
		Needs:    check.Needs(check.CapProduct),
		Profiles: check.Profiles(check.ProductBehaviour),
		Breaks:   "The SCIM side echoes the change, and the product keeps the old value.",
		Fix:      "Write through to the product's user on every update, PUT and PATCH alike.",
		Run: func(t *check.T) {
			userName, r := d.join(t)
			t.Require(d.title(t, r, "Staff Engineer")).To(HaveStatus(200, 204))
			t.Shows("product user "+userName, "title", t.Within().Users, "Staff Engineer",
				func() any { return t.ProductUser(userName).Title })
		},
	}
}

func productLeaver(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.product.leaver." + d.name,
		Title:    fmt.Sprintf("a person whom %s (%s) deactivates is disabled in the product", d.people, d.name),
		Level:    check.Product,
		Source:   datadog("User Provisioning with SCIM, Supported capabilities", datadogSCIM, check.Documented),
		Needs:    check.Needs(check.CapProduct),
		Profiles: check.Profiles(check.ProductBehaviour),
		Breaks:   "Somebody who left can still log in.",
		Fix:      "Disable the product's user when active becomes false, in whatever form it is written.",
		Run: func(t *check.T) {
			userName, r := d.join(t)
			t.Require(d.active(t, r, false)).To(HaveStatus(200, 204))
			shows(t, userName, "Disabled")
		},
	}
}

func productReturner(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.product.returner." + d.name,
		Title:    fmt.Sprintf("a person whom %s (%s) reactivates is enabled in the product, as the same user", d.people, d.name),
		Level:    check.Product,
		Source:   datadog("Users API as recorded: a user who never logged in returns to Pending", datadogUsers, check.Recorded),
		Needs:    check.Needs(check.CapProduct),
		Profiles: check.Profiles(check.ProductBehaviour),
		Breaks:   "Somebody who comes back cannot log in, or has lost what belonged to them.",
		Fix:      "Enable the same user again; do not make another.",
		Run: func(t *check.T) {
			userName, r := d.join(t)
			shows(t, userName, live(t))
			id := t.ProductUser(userName).ID
			t.Precondition(d.active(t, r, false)).To(HaveStatus(200, 204))
			if !shows(t, userName, "Disabled") {
				return
			}
			t.Require(d.active(t, r, true)).To(HaveStatus(200, 204))
			shows(t, userName, live(t))
			t.Shows("product user "+userName, "id", 0, id, func() any { return t.ProductUser(userName).ID })
		},
	}
}

var productErased = check.Check{
	ID:       "lifecycle.product.delete",
	Title:    "a person whom the IdP deletes is disabled in the product, or erased, as the profile says",
	Level:    check.Product,
	Source:   datadog("Users, Disable existing users: a user cannot be removed for good", datadogUsers, check.Documented),
	Needs:    check.Needs(check.CapProduct),
	Profiles: check.Profiles(check.ProductBehaviour),
	Breaks:   "Somebody who was deleted from the directory can still log in.",
	Fix:      "Let DELETE disable the product's user.",
	Run: func(t *check.T) {
		userName, r := idps()[1].join(t)
		shows(t, userName, live(t))
		t.Require(t.Delete(r)).To(HaveStatus(204))
		want := ""
		if t.Profile().Users.Delete == "disable" {
			want = "Disabled"
		}
		shows(t, userName, want)
	},
}
