// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/fixtures/profiles"
)

// teamFaults break what groups become in a product.
func teamFaults() []Fault {
	teams := shown("/api/v2/team")
	members := both(teams, func(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/memberships") })
	single := both(teams, func(r *http.Request) bool { return !strings.HasSuffix(r.URL.Path, "/memberships") })
	attributes := func(edit func(object)) wrapper {
		return editing(single, func(o object) { eachData(o, edit) })
	}
	return []Fault{
		{Name: "teams-none", Breaks: "A group makes no team.", Profile: func(p *profiles.Profile) { p.Teams.Target = "none" }},
		{Name: "teams-not-managed", Breaks: "A team made of a group is not marked as managed.", Wrap: attributes(func(a object) { a["is_managed"] = false })},
		{Name: "teams-not-adopted", Breaks: "A team that exists is not adopted: the group is refused or makes a second team.", Profile: func(p *profiles.Profile) { p.Teams.Adopt = "never" }},
		{Name: "teams-handle-other", Breaks: "The handle of a team does not follow from the group's name.", Wrap: attributes(func(a object) {
			if h, ok := a["handle"].(string); ok {
				a["handle"] = h + "-scim"
			}
		})},
		{Name: "teams-deleted", Breaks: "Deleting a group deletes its team.", Profile: func(p *profiles.Profile) { p.Teams.Delete = "delete" }},
		{Name: "teams-kept", Breaks: "Deleting a group leaves its team with its members: leavers keep access.", Profile: func(p *profiles.Profile) { p.Teams.Delete = "keep" }},
		{Name: "teams-unlocked", Breaks: "Members of a managed team can be changed in the product.", Profile: func(p *profiles.Profile) { p.Teams.Locked = false }},
		{Name: "teams-handle-renamed", Breaks: "Renaming a group changes the handle of its team.", Profile: func(p *profiles.Profile) { p.Teams.RenameHandle = true }},
		{Name: "teams-unknown-member", Breaks: "A member that does not exist makes the whole group write fail.", Profile: func(p *profiles.Profile) { p.Teams.UnknownMember = "reject" }},
		{Name: "teams-rename-ignored", Breaks: "Renaming a group does not rename its team.", Wrap: attributes(func(a object) {
			if h, ok := a["handle"].(string); ok {
				a["name"] = h
			}
		})},
		{Name: "teams-no-members", Breaks: "Members of a group never reach its team.", Wrap: editing(members, func(o object) { o["data"] = []any{} })},
		{Name: "teams-members-stay", Breaks: "Members removed from a group stay in its team.", Wrap: stickyMembers(members)},
		{Name: "teams-first-member", Breaks: "Only the first member of a group reaches its team.", Wrap: editing(members, func(o object) { firstOnly(o, "data") })},
		{Name: "teams-last-member-lost", Breaks: "The last of several members never reaches the team.", Wrap: editing(members, func(o object) {
			if list, ok := o["data"].([]any); ok && len(list) > 1 {
				o["data"] = list[:len(list)-1]
			}
		})},
	}
}

// stickyMembers shows every membership that was ever shown.
func stickyMembers(w when) wrapper {
	return func(next http.Handler) http.Handler {
		seen := newSet()
		all := map[string][]any{}
		return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if !w(r) {
				next.ServeHTTP(rw, r)
				return
			}
			rec := record(next, r)
			editBody(rec, func(o object) {
				list, _ := o["data"].([]any)
				seen.mu.Lock()
				defer seen.mu.Unlock()
				for _, m := range list {
					if m, ok := m.(object); ok && !seen.m[m["id"]] {
						seen.m[m["id"]] = true
						all[r.URL.Path] = append(all[r.URL.Path], m)
					}
				}
				o["data"] = all[r.URL.Path]
			})
			send(rw, rec)
		})
	}
}
