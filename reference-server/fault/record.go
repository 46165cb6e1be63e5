// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// recordFaults break filters on other types than string and on members, and
// PATCH of whole values of multi-valued attributes, RFC 7644 §3.4.2.2 and §3.5.2.
func recordFaults() []Fault {
	const members = `(?i)\bmembers(\.\w+ \w\w "[^"]*"|\[[^\]]*\]| pr)`
	users, groups := one("Users", http.MethodPatch), one("Groups", http.MethodPatch)
	whole := func(op object) bool {
		return word(op, "op") == "replace" && strings.HasSuffix(word(op, "path"), "]")
	}
	return []Fault{
		{Name: "filter-date-zone-ignored", Breaks: "The time zone of a moment in a filter is ignored.",
			Wrap: replacing(`("\d{4}-\d\d-\d\dT[\d:.]+)[+-]\d\d:\d\d"`, `${1}Z"`)},
		{Name: "filter-pr-boolean", Breaks: "pr never holds for a boolean.", Wrap: replacing(`(?i)\b(active|primary) pr\b`, `$1 eq null`)},
		{Name: "filter-binary-ordered", Breaks: "gt on a binary value is accepted.", Wrap: replacing(`(?i)\b(x509Certificates\.value) (gt|ge|lt|le) `, `$1 co `)},
		{Name: "filter-members-all", Breaks: "A filter on members holds for every group.", Wrap: replacing(members, `id pr`)},
		{Name: "excluded-drops-extension", Breaks: "excludedAttributes leaves out the enterprise extension, whatever it names.",
			Wrap: editingResources(both(resources(), asking("excludedAttributes")), func(o object) { delete(o, scim.EnterpriseUserURN) })},
		{Name: "patch-remove-list-all", Breaks: "remove of a user's values with a list takes away all of them.",
			Wrap: operated(users, func(ops []object) []object {
				for _, op := range ops {
					if word(op, "op") == "remove" {
						delete(op, "value")
					}
				}
				return ops
			})},
		{Name: "patch-record-merged", Breaks: "replace with a filter leaves what the new value does not name.",
			Wrap: operated(users, func(ops []object) []object {
				for _, op := range ops {
					if whole(op) {
						op["op"] = "add"
					}
				}
				return ops
			})},
		{Name: "group-member-record-ignored", Breaks: "replace of one member by another is answered as done, and nothing changes.",
			Wrap: operated(groups, func(ops []object) []object { return keep(ops, whole) })},
		{Name: "group-last-modified-kept", Breaks: "lastModified of a group never moves.",
			Wrap: editingResources(on("Groups"), func(o object) {
				if m, ok := o["meta"].(object); ok {
					m["lastModified"] = m["created"]
				}
			})},
		{Name: "patch-schemas-lost", Breaks: "PATCH can take the User schema out of schemas.", Wrap: losingSchemas(users)},
	}
}

// losingSchemas shows users without the schema of users once a PATCH has written
// to schemas.
func losingSchemas(w when) wrapper {
	lost := newSet()
	return chain(editingResources(on("Users"), func(o object) {
		if lost.has(o["id"]) {
			o["schemas"] = []any{scim.EnterpriseUserURN}
		}
	}), asked(both(w, func(r *http.Request) bool { return strings.Contains(string(body(r)), `"path":"schemas"`) }), func(r *http.Request) {
		_, id := endpoint(r)
		lost.add(id)
	}))
}
