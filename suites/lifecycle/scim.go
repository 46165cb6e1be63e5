// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"

	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

func lookup(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.lookup." + d.name,
		Title:    fmt.Sprintf("the look-up of %s for somebody unknown answers an empty list", d.people),
		Level:    check.Vendor,
		Source:   d.source,
		Needs:    check.Needs(check.CapFilter),
		Profiles: check.Profiles(d.idp),
		Breaks:   fmt.Sprintf("%s takes anything else for an error and never gets to the create.", d.people),
		Fix:      "Answer 200 with totalResults 0 and no Resources, or an empty array of them.",
		Run: func(t *check.T) {
			x := d.find(t, mail(t))
			t.Expect(x).To(HaveStatus(200))
			t.Expect(x).To(BeListResponse(0))
		},
	}
}

func joiner(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.joiner." + d.name,
		Title:    fmt.Sprintf("a person whom %s creates is there, active, and found by user name", d.people),
		Level:    check.Vendor,
		Source:   d.source,
		Needs:    check.Needs(check.CapFilter),
		Profiles: check.Profiles(d.idp),
		Breaks:   fmt.Sprintf("Whoever is assigned in %s has no account.", d.people),
		Fix:      "Take the body as it is, ignore what is not known, answer 201 with the whole user and its id.",
		Run: func(t *check.T) {
			userName := mail(t)
			x := d.post(t, userName)
			t.Require(x).To(HaveStatus(201))
			t.Require(x).To(HaveAttribute("id"))
			r := t.Resource(x)
			got := t.Get(r)
			t.Expect(got).To(HaveAttribute("userName", userName))
			t.Expect(got).To(HaveAttribute("active", true))
			t.Expect(got).To(HaveAttribute(`emails[type eq "work"].value`, userName))
			t.Expect(got).To(HaveAttribute("title", "Engineer"))
			t.Expect(got).To(NotHaveAttribute("password"))
			found := d.find(t, userName)
			t.Expect(found).To(BeListResponse(1))
			t.Expect(found).To(ContainResource(r.ID))
		},
	}
}

func joinerAgain(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.joiner.again." + d.name,
		Title:    fmt.Sprintf("a second create by %s of an active person answers 409", d.people),
		Level:    check.Vendor,
		Source:   d.source,
		Profiles: check.Profiles(d.idp),
		Breaks:   fmt.Sprintf("%s repeats a create whose answer was slow; without a 409 there are two accounts or a task for an administrator.", d.people),
		Fix:      "Answer 409, in the RFC's form with scimType uniqueness, and change nothing.",
		Run: func(t *check.T) {
			userName, r := d.join(t)
			before := t.Get(r)
			t.Expect(d.post(t, userName)).To(HaveStatus(409))
			t.Expect(t.Get(r)).To(BeUnchangedSince(before))
		},
	}
}

func mover(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.mover." + d.name,
		Title:    fmt.Sprintf("a new title sent by %s (%s) is stored and nothing else changes", d.people, d.name),
		Level:    check.Vendor,
		Source:   d.source,
		Profiles: check.Profiles(d.idp),
		Breaks:   fmt.Sprintf("Changes made in %s never arrive, or take other attributes with them.", d.people),
		Fix:      "Take operation names in any letter case, values without a path, and members that cannot be written.",
		Run: func(t *check.T) {
			_, r := d.join(t)
			before := t.Get(r)
			t.Require(d.title(t, r, "Staff Engineer")).To(HaveStatus(200, 204))
			after := t.Get(r)
			t.Expect(after).To(HaveAttribute("title", "Staff Engineer"))
			t.Expect(after).To(BeSameResourceAs(before, "title"))
		},
	}
}

func leaver(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.leaver." + d.name,
		Title:    fmt.Sprintf("a person whom %s (%s) deactivates is inactive, and still there", d.people, d.name),
		Level:    check.Vendor,
		Source:   d.source,
		Needs:    check.Needs(check.CapFilter),
		Profiles: check.Profiles(d.idp),
		Breaks:   fmt.Sprintf("Somebody who left keeps access, although %s shows the deactivation as done.", d.people),
		Fix:      `Take active as a boolean and as "False", with and without a path; keep returning the user with active: false.`,
		Run: func(t *check.T) {
			userName, r := d.join(t)
			before := t.Get(r)
			t.Require(d.active(t, r, false)).To(HaveStatus(200, 204))
			after := t.Get(r)
			t.Expect(after).To(HaveStatus(200))
			t.Expect(after).To(HaveAttribute("active", false))
			t.Expect(after).To(BeSameResourceAs(before, "active"))
			t.Expect(d.find(t, userName)).To(ContainResource(r.ID))
		},
	}
}

func returner(d dialect) check.Check {
	return check.Check{
		ID:       "lifecycle.returner." + d.name,
		Title:    fmt.Sprintf("a person whom %s (%s) reactivates is active again, with the same id", d.people, d.name),
		Level:    check.Vendor,
		Source:   d.source,
		Profiles: check.Profiles(d.idp),
		Breaks:   "Somebody who comes back has no access, or a second account.",
		Fix:      `Take active: true as a boolean and as "True", with and without a path.`,
		Run: func(t *check.T) {
			userName, r := d.join(t)
			t.Precondition(d.active(t, r, false)).To(HaveStatus(200, 204))
			t.Precondition(t.Get(r)).To(HaveAttribute("active", false))
			t.Require(d.active(t, r, true)).To(HaveStatus(200, 204))
			after := t.Get(r)
			t.Expect(after).To(HaveAttribute("active", true))
			t.Expect(after).To(HaveAttribute("id", r.ID))
			t.Expect(after).To(HaveAttribute("userName", userName))
		},
	}
}

var erased = check.Check{
	ID:       "lifecycle.delete.entra",
	Title:    "a person whom Entra ID deletes is gone, or no longer active",
	Level:    check.Vendor,
	Source:   entraSource("Develop a SCIM endpoint, Delete User", entraSCIM, "2025-03-04"),
	Profiles: check.Profiles(check.Entra),
	Breaks:   "Somebody who was deleted from the directory keeps access.",
	Fix:      "Answer DELETE with 204; afterwards answer 404, or keep the user with active: false.",
	Run: func(t *check.T) {
		_, r := idps()[1].join(t)
		t.Require(t.Delete(r)).To(HaveStatus(204))
		if after := t.Get(r); after.Status != 404 {
			t.Expect(after).To(HaveStatus(200, 404))
			t.Expect(after).To(HaveAttribute("active", false))
		}
	},
}
