// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// referenceFaults break $ref and members, RFC 7643 §2.3.7, §2.4 and §4.2.
func referenceFaults() []Fault {
	ref := func(list string, edit func(string) string) func(object) {
		return func(o object) {
			eachIn(o, list, func(e object) {
				if s, ok := e["$ref"].(string); ok {
					e["$ref"] = edit(s)
				}
			})
		}
	}
	return []Fault{
		{Name: "group-ref-of-host", Breaks: "$ref of a member is a path from the root of the host, without the base path.",
			Wrap: editing(on("Groups"), ref("members", func(s string) string {
				if i := strings.Index(s, "/Users/"); i > 0 {
					return s[i:]
				}
				return s
			}))},
		{Name: "group-ref-spelling", Breaks: "$ref of a member is written otherwise than the member's location.",
			Wrap: editing(on("Groups"), ref("members", func(s string) string { return strings.Replace(s, "http://", "HTTP://", 1) }))},
		{Name: "group-ref-compared", Breaks: "A member is refused whose $ref is not exactly its location.",
			Wrap: refusing(writes("Groups"), scim.InvalidValue, "no such member", func(o object) bool {
				list, _ := o["members"].([]any)
				return slices.ContainsFunc(list, func(e any) bool { m, _ := e.(object); return strings.Contains(word(m, "$ref"), "/v1/") })
			})},
		{Name: "user-groups-ref-wrong", Breaks: "$ref in groups of a user leads to a user.",
			Wrap: editing(on("Users"), ref("groups", func(s string) string { return strings.Replace(s, "/Groups/", "/Users/", 1) }))},
		{Name: "user-groups-indirect", Breaks: "Every group of a user is called indirect.",
			Wrap: editing(on("Users"), func(o object) { eachIn(o, "groups", func(g object) { g["type"] = "indirect" }) })},
		{Name: "manager-ref-wrong", Breaks: "$ref of a manager is an address in the product, not of SCIM.",
			Wrap: editing(on("Users"), func(o object) {
				if e, ok := o[scim.EnterpriseUserURN].(object); ok {
					if m, ok := e["manager"].(object); ok {
						m["$ref"] = "https://people.example/profile/1"
					}
				}
			})},
		{Name: "group-member-turned", Breaks: "PATCH of the value of a member is answered as done.",
			Wrap: replying(both(one("Groups", http.MethodPatch), func(r *http.Request) bool { return strings.Contains(string(body(r)), `].value"`) }),
				func(_ *http.Request, rec *httptest.ResponseRecorder) {
					if rec.Code == http.StatusBadRequest {
						rec.Code = http.StatusNoContent
						rec.Body.Reset()
					}
				})},
	}
}
