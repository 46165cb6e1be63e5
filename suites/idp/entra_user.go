// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// entraUserRules are about new people, and those who go.
func entraUserRules() []Rule {
	return []Rule{
		{ID: "entra.user.create-order", Holds: "a new user has schemas, externalId, userName, active, the core attributes by name, then extensions", Level: check.Vendor, Source: entraUserShape(), For: entra(),
			look: creations(users, func(_ *request, root *match.Node, say say) {
				first := []string{"schemas", "externalId", "userName", "active"}
				got := names(root)
				want := slices.Clone(got)
				slices.SortStableFunc(want, func(a, b string) int { return strings.Compare(rank(first, a), rank(first, b)) })
				if !slices.Equal(got, want) {
					say("body", strings.Join(got, ", "), strings.Join(want, ", "))
				}
			})},
		{ID: "entra.user.create-schemas", Holds: "a new user names the core and the enterprise schema, in this order", Level: check.Vendor, Source: entraUserShape(), For: entra(),
			look: creations(users, func(_ *request, root *match.Node, say say) {
				if got := schemaURNs(root); len(got) < 2 || got[0] != scim.UserURN || got[1] != enterpriseURN {
					say("body.schemas", strings.Join(got, ", "), scim.UserURN+", "+enterpriseURN)
				}
			})},
		{ID: "entra.user.create-meta", Holds: "a new resource has meta with its resourceType", Level: check.Vendor, Source: entraUserShape(), For: entra(),
			look: func(q *request, _ *seen, say say) {
				if (q.creates(users) || q.creates(groups)) && q.root() != nil && text(member(member(q.root(), "meta"), "resourceType")) == "" {
					say("body.meta", "nothing", `{"resourceType":"`+strings.TrimSuffix(q.endpoint[1:], "s")+`"}`)
				}
			}},
		{ID: "entra.user.create-no-empty", Holds: "what has no value is absent from a new resource", Level: check.Vendor,
			Source: byEntra(check.Documented, "known-issues", "2026-11-23"), For: entra(),
			look: func(q *request, _ *seen, say say) {
				if (q.creates(users) || q.creates(groups)) && q.root() != nil {
					noEmpty(q.root(), say)
				}
			}},
		{ID: "entra.user.disabled-before-deleted", Holds: "a user is disabled before they are deleted", Level: check.Vendor, Source: entraHow(), For: entra(),
			look: func(q *request, s *seen, say say) {
				if q.method == http.MethodDelete && q.endpoint == users && s.about(q).active == "true" {
					say("path", "DELETE of a user who is active", "PATCH active False first")
				}
			}},
		{ID: "entra.role.type", Holds: "a role has the type WindowsAzureActiveDirectoryRole", Level: check.Vendor,
			Source: byEntra(check.Recorded, "MicrosoftDocs/entra-docs issue 391", "2026-11-23"), For: entra(),
			look: func(q *request, _ *seen, say say) {
				for _, v := range q.found {
					if v.name == "roles.type" && text(v.node) != "WindowsAzureActiveDirectoryRole" {
						say(v.where, v.node.JSON(), "WindowsAzureActiveDirectoryRole")
					}
				}
			}},
	}
}

// rank sorts what is in first before the rest, and extensions last.
func rank(first []string, name string) string {
	if i := slices.Index(first, name); i >= 0 {
		return string(rune('0' + i))
	}
	if extensionName(name) {
		return "~"
	}
	return "A" + name
}
