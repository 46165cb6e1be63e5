// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// references checks $ref and what stands beside it, RFC 7643 §2.3.7, §2.4, §4.1.2,
// §4.2 and §4.3.
func references() []check.Check {
	const omit = ", or leave $ref out."
	return []check.Check{
		reference("member", "$ref of a member leads to the user", check.Must, "2.3.7",
			[]string{"rfc7643-2.3.7-relative-base", "rfc7643-2.3.7-http-addressable", "rfc7643-2.3.7-get-target"},
			"A client that follows the reference to see who is in a group reads somebody else, or an error.",
			"Write the member's meta.location, or Users/{id}, which is read below the base URL"+omit,
			"members.$ref", joined),
		reference("group", "$ref in groups of a user leads to the group", check.Should, "4.1.2",
			[]string{"rfc7643-4.1.2-groups-ref"},
			"A client that follows the reference to see what somebody may do reads an error.",
			"Write the group's meta.location, or Groups/{id}"+omit,
			"groups.$ref", func(t *check.T) (holder, target *check.Resource) {
				target, holder = joined(t)
				return holder, target
			}),
		reference("manager", "$ref of a manager leads to the user", check.Should, "4.3",
			[]string{"rfc7643-4.3-manager-ref"},
			"A client that follows the line of managers reads an error.",
			"Write the manager's meta.location"+omit,
			scim.EnterpriseUserURN+":manager.$ref", func(t *check.T) (holder, target *check.Resource) {
				target = t.CreateUser(people.Bob)
				ref := Text(t.Get(target), "meta.location")
				return create(t, "alice", extended(`"manager":{"value":`+quote(target.ID)+`,"$ref":`+quote(ref)+`}`)...), target
			}),
		referenceCanonical, referenceVersion, referenceDirect, memberImmutable, memberDisplay,
	}
}

// joined makes a user and a group of it.
func joined(t *check.T) (group, user *check.Resource) {
	user = t.CreateUser(people.Alice)
	return t.CreateGroup("engineering", user), user
}

// reference makes the check that each reference at path of a holder leads to
// the target. It is skipped where there is none.
func reference(id, title string, level check.Level, section string, covers []string, breaks, fix, path string,
	made func(*check.T) (holder, target *check.Resource),
) check.Check {
	needs := check.Needs(check.CapGroup)
	if strings.HasPrefix(path, "urn:") {
		needs = check.Needs(check.CapEnterprise)
	}
	return check.Check{
		ID: "read.reference." + id, Title: title, Level: level, Source: check.RFC7643(section), Covers: covers,
		Needs: needs, Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			holder, target := made(t)
			x, base := t.Get(holder), baseOf(t, target)
			refs := Texts(x, path)
			if len(refs) == 0 {
				t.Skip("no " + path + " is given")
			}
			for _, ref := range refs {
				below, ok := follow(base, ref)
				t.Require(x).To(HaveAttribute(path, wanted{"an address below " + base, func(any) bool { return ok }}))
				y := t.List(below)
				t.Expect(y).To(HaveStatus(200))
				t.Expect(y).To(HaveAttribute("id", target.ID))
			}
		},
	}
}

// baseOf gives the base URL as the provider writes it, from the location of r.
func baseOf(t *check.T, r *check.Resource) string {
	location := Text(t.Get(r), "meta.location")
	base, ok := strings.CutSuffix(location, r.Path())
	if !ok || base == "" {
		t.Skip(fmt.Sprintf("meta.location %q does not tell the base URL", location))
	}
	return base
}

// follow resolves a reference against the base URL (RFC 7643 §2.3.7) and gives
// what follows the base. The examples of RFC 7643 §8 write "../Users/1", as seen
// from an endpoint: that is taken too.
func follow(base, ref string) (path string, ok bool) {
	from := base + "/"
	if strings.HasPrefix(ref, "../") {
		from += "Users/"
	}
	u, err := url.Parse(from)
	if err != nil {
		return "", false
	}
	if u, err = u.Parse(ref); err != nil {
		return "", false
	}
	path, ok = strings.CutPrefix(u.String(), base)
	return path, ok && strings.HasPrefix(path, "/")
}

var referenceCanonical = check.Check{
	ID:       "read.reference.canonical",
	Title:    "a reference that is a whole URL is the location of what it leads to",
	Level:    check.Should,
	Source:   check.RFC7643("2.4"),
	Covers:   []string{"rfc7643-2.4-ref-canonical"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that compares $ref with the location of the users it knows does not find the member.",
	Fix:      "Build $ref and meta.location in one place.",
	Run: func(t *check.T) {
		group, alice := joined(t)
		location := Text(t.Get(alice), "meta.location")
		x := t.Get(group)
		t.Precondition(x).To(HaveAttribute("members.value", alice.ID))
		ref := Text(x, "members.$ref")
		if location == "" || !strings.Contains(ref, "://") {
			t.Skip("members.$ref or meta.location is no whole URL")
		}
		t.Expect(x).To(HaveAttribute("members.$ref", location))
	},
}

var referenceVersion = check.Check{
	ID:       "create.group.member-ref-version",
	Title:    "a member is taken whose $ref names another version of the API",
	Level:    check.Must,
	Source:   check.RFC7643("2.4"),
	Covers:   []string{"rfc7643-2.4-ref-version-equal"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Groups that a client kept from before the provider's address had /v2 in it cannot be written.",
	Fix:      "Find the member by value. Compare $ref, if at all, without the version in its path.",
	Run: func(t *check.T) {
		alice := t.CreateUser(people.Alice)
		ref := strings.Replace(baseOf(t, alice), "/v2", "", 1) + "/v1" + alice.Path()
		group := t.Post(scim.GroupsEndpoint, `{"schemas":["`+scim.GroupURN+`"],"displayName":`+quote(t.Name("engineering"))+
			`,"members":[{"value":`+quote(alice.ID)+`,"$ref":`+quote(ref)+`}]}`)
		t.Require(group).To(HaveStatus(201))
		t.Expect(t.Get(t.Resource(group))).To(HaveAttribute("members.value", alice.ID))
	},
}

var referenceDirect = check.Check{
	ID:       "read.user.groups-direct",
	Title:    "a group that a user was put into is direct, where groups says how",
	Level:    check.Should,
	Source:   check.RFC7643("4.1.2"),
	Covers:   []string{"rfc7643-4.1.2-groups-direct"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client does not try to take the user out of the group, because it cannot be done there.",
	Fix:      "Write type direct for memberships of the group itself, indirect for those by another group, or no type.",
	Run: func(t *check.T) {
		group, alice := joined(t)
		x := t.Get(alice)
		if len(Texts(x, "groups.value")) == 0 {
			t.Skip("users do not show their groups")
		}
		t.Require(x).To(HaveAttribute("groups.value", group.ID))
		t.Expect(x).To(HaveAttribute("groups.type", wanted{"direct, or nothing", func(got any) bool { return got == nil || got == "direct" }}))
	},
}

var memberImmutable = check.Check{
	ID:       "patch.members.immutable",
	Title:    "a member is not turned into another",
	Level:    check.Should,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-7-mutability-immutable-update", "rfc7643-4.2-members-immutable"},
	Needs:    check.Needs(check.CapGroup, check.CapPatch),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A membership changes hands without anybody having been added or removed in the log of the IdP.",
	Fix:      "Refuse a change of members[…].value with 400 mutability; members are added and removed.",
	Run: func(t *check.T) {
		group, alice := joined(t)
		bob := t.CreateUser(people.Bob)
		t.Precondition(t.Get(group)).To(HaveAttribute("members.value", alice.ID))
		path := quote(`members[value eq "` + alice.ID + `"].value`)
		t.Expect(t.Patch(group, `[{"op":"replace","path":`+path+`,"value":`+quote(bob.ID)+`}]`)).To(BeSCIMErrorWith([]int{400, 501}))
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", alice.ID))
	},
}

var memberDisplay = check.Check{
	ID:       "patch.members.display",
	Title:    "a member is added with its display",
	Level:    check.Must,
	Source:   check.RFC7643("4.2"),
	Covers:   []string{"rfc7643-4.2-members-display"},
	Needs:    check.Needs(check.CapGroup, check.CapPatch),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta names each member it pushes; no group gets its members.",
	Fix:      "Take display in a member, though the schema printed in RFC 7643 §8.7.1 leaves it out; you need not keep it.",
	Run: func(t *check.T) {
		alice, group := t.CreateUser(people.Alice), t.CreateGroup("engineering")
		x := t.Patch(group, `[{"op":"add","path":"members","value":[{"value":`+quote(alice.ID)+`,"display":"Alice Liddell"}]}]`)
		t.Require(x).To(HaveStatus(200, 204))
		t.Expect(t.Get(group)).To(HaveAttribute("members.value", alice.ID))
	},
}
