// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
)

// groupFaults break groups and their members, RFC 7643 §4.2 and RFC 7644 §3.5.2.
func groupFaults() []Fault {
	patch := one("Groups", http.MethodPatch)
	memberOp := func(op object) bool { return strings.HasPrefix(word(op, "path"), "members") }
	listRemoval := func(op object) bool {
		_, list := op["value"].([]any)
		return word(op, "op") == "remove" && word(op, "path") == "members" && list
	}
	filterRemoval := func(op object) bool {
		return word(op, "op") == "remove" && strings.HasPrefix(word(op, "path"), "members[")
	}
	each := func(w when, which func(object) bool, edit func(object)) wrapper {
		return operated(w, func(ops []object) []object {
			for _, op := range ops {
				if which(op) {
					edit(op)
				}
			}
			return ops
		})
	}
	refuseOps := func(scimType, detail string, bad func(op object) bool) wrapper {
		return refusing(patch, scimType, detail, func(o object) bool { return slices.ContainsFunc(operations(o), bad) })
	}
	return []Fault{
		{Name: "groups-missing", Breaks: "Groups are not served although the resource type is.", Wrap: instead(on("Groups"), func(rw http.ResponseWriter, _ *http.Request) {
			refuse(rw, http.StatusNotFound, "", "no such endpoint")
		})},
		{Name: "group-members-dropped", Breaks: "Members sent with POST are not kept.", Wrap: received(all("Groups", http.MethodPost), func(o object) { delete(o, "members") })},
		{Name: "group-empty-members-refused", Breaks: "A group with an empty list of members is refused.", Wrap: refusing(on("Groups", http.MethodPost, http.MethodPut), scim.InvalidValue, "members must not be empty", func(o object) bool {
			list, ok := o["members"].([]any)
			return ok && len(list) == 0
		})},
		{Name: "group-members-required", Breaks: "A group without members is refused.", Wrap: refusing(all("Groups", http.MethodPost), scim.InvalidValue, "members is required", func(o object) bool { return o["members"] == nil })},
		{Name: "group-id-required", Breaks: "PUT of a group without id is refused.", Wrap: refusing(one("Groups", http.MethodPut), scim.InvalidValue, "id is required", func(o object) bool { return o["id"] == nil })},
		{Name: "group-null-display-refused", Breaks: "A member whose display is null is refused.", Source: "jelhub/scimgateway#95",
			Wrap: instead(both(on("Groups"), func(r *http.Request) bool {
				return strings.Contains(strings.ReplaceAll(string(body(r)), " ", ""), `"display":null`)
			}), func(rw http.ResponseWriter, _ *http.Request) {
				refuse(rw, http.StatusBadRequest, scim.InvalidValue, "display must be text")
			})},
		{Name: "group-null-ref-refused", Breaks: "A member whose $ref is null is refused.", Wrap: instead(both(on("Groups"), func(r *http.Request) bool {
			return strings.Contains(strings.ReplaceAll(string(body(r)), " ", ""), `"$ref":null`)
		}), func(rw http.ResponseWriter, _ *http.Request) {
			refuse(rw, http.StatusBadRequest, scim.InvalidValue, "$ref must be a reference")
		})},
		{Name: "group-member-display-refused", Breaks: "A member with a display is refused; Okta sends one.", Source: "scimmyjs/scimmy#17", Wrap: refuseOps(scim.InvalidValue, "unknown attribute display", func(op object) bool {
			return memberOp(op) && strings.Contains(string(encode(op["value"])), `"display"`)
		})},
		{Name: "group-get-no-members", Breaks: "GET of a group leaves out its members.", Wrap: editing(one("Groups", http.MethodGet), func(o object) { delete(o, "members") })},
		{Name: "group-members-no-value", Breaks: "Members have no value.", Wrap: editing(one("Groups"), eachMember(func(m object) { m["id"] = m["value"]; delete(m, "value") }))},
		{Name: "group-ref-wrong", Breaks: "$ref of a member leads nowhere.", Wrap: editing(on("Groups"), eachMember(func(m object) { m["$ref"] = "https://elsewhere.example/Users/none" }))},
		{Name: "group-put-keeps-members", Breaks: "PUT of a group does not touch its members.", Wrap: puttingMembers(func(stored, _ []any) []any { return stored })},
		{Name: "group-put-adds-members", Breaks: "PUT of a group adds members and removes none.", Wrap: puttingMembers(func(stored, sent []any) []any { return append(sent, stored...) })},
		{Name: "group-add-replaces", Breaks: "add of a member replaces the members.", Source: "agent-bom#3533", Wrap: operated(patch, func(ops []object) []object { return renameOp(ops, "add", "replace") })},
		{Name: "group-replace-adds", Breaks: "replace of members adds to them.", Wrap: each(patch, func(op object) bool {
			return word(op, "op") == "replace" && (memberOp(op) || op["path"] == nil) && strings.Contains(string(encode(op)), "members")
		},
			func(op object) { op["op"] = "add" })},
		{Name: "group-add-first-only", Breaks: "Of several members in one add only the first is added.", Wrap: each(patch, memberOp, func(op object) { firstOnly(op, "value") })},
		{Name: "group-add-cap-50", Breaks: "Members beyond the fiftieth of a request are lost.", Source: "FusionAuth/fusionauth-issues#2784", Wrap: each(patch, memberOp, func(op object) {
			if list, ok := op["value"].([]any); ok && len(list) > 50 {
				op["value"] = list[:50]
			}
		})},
		{Name: "group-add-present-409", Breaks: "Adding a member who is there is answered with 409.", Wrap: refusingPresent(true, http.StatusConflict)},
		{Name: "group-add-present-twice", Breaks: "Adding a member who is there stores it twice.", Wrap: duplicatingMembers()},
		{Name: "group-remove-absent-404", Breaks: "Removing somebody who is no member is answered with 404.", Wrap: refusingPresent(false, http.StatusNotFound)},
		{Name: "group-remove-list-clears", Breaks: "remove of members with a list of values removes everybody.", Source: "MicrosoftDocs/azure-docs#30826, SCIM-SDK#149, suna#7297",
			Wrap: each(patch, listRemoval, func(op object) { delete(op, "value") })},
		{Name: "group-remove-list-ignored", Breaks: "remove of members with a list of values is ignored: a leaver keeps access.", Wrap: operated(patch, func(ops []object) []object { return keep(ops, listRemoval) })},
		{Name: "group-remove-list-refused", Breaks: "remove of members with a list of values is refused.", Wrap: refuseOps(scim.InvalidValue, "remove takes no value", listRemoval)},
		{Name: "group-remove-filter-clears", Breaks: "remove with a value filter removes everybody.", Source: "agent-bom#3533", Wrap: each(patch, filterRemoval, func(op object) { op["path"] = "members" })},
		{Name: "group-remove-filter-ignored", Breaks: "remove with a value filter is answered as done and ignored.", Source: "authentik #24173, #25686", Wrap: operated(patch, func(ops []object) []object { return keep(ops, filterRemoval) })},
		{Name: "group-remove-all-refused", Breaks: "remove of members without a value is refused.", Wrap: refuseOps(scim.InvalidValue, "say which members", func(op object) bool {
			return word(op, "op") == "remove" && word(op, "path") == "members" && op["value"] == nil
		})},
		{Name: "group-remove-empty-clears", Breaks: "remove of members with an empty list removes everybody.", Source: "kortix-ai/suna#7297", Wrap: each(patch, func(op object) bool {
			list, ok := op["value"].([]any)
			return ok && len(list) == 0 && word(op, "op") == "remove"
		}, func(op object) { delete(op, "value") })},
		{Name: "group-empty-replace-ignored", Breaks: "replace of members with an empty list changes nothing.", Source: "SCIM-SDK#757", Wrap: operated(patch, func(ops []object) []object {
			return keep(ops, func(op object) bool {
				return word(op, "op") == "replace" && strings.Contains(strings.ReplaceAll(string(encode(op)), " ", ""), `[]`)
			})
		})},
		{Name: "group-mixed-first-only", Breaks: "Of removals and an addition in one request only the first is done.", Wrap: operated(patch, func(ops []object) []object { return ops[:min(1, len(ops))] })},
		{Name: "group-pathless-refused", Breaks: "PATCH of a group without a path is refused.", Wrap: refuseOps(scim.InvalidSyntax, "path is required", func(op object) bool { return op["path"] == nil && word(op, "op") != "remove" })},
		{Name: "group-op-case-refused", Breaks: "Add and Remove with a capital are refused for groups.", Wrap: refuseOps(scim.InvalidSyntax, "unknown op", func(op object) bool {
			s, _ := op["op"].(string)
			return s != strings.ToLower(s)
		})},
		{Name: "group-rename-id-refused", Breaks: "An id in the value of a rename is refused; Okta sends it.", Wrap: refuseOps(scim.Mutability, "id is readOnly", func(op object) bool {
			v, _ := op["value"].(object)
			return v["id"] != nil
		})},
		{Name: "group-rename-clears", Breaks: "Renaming a group without a path removes its members.", Source: "langwatch#7131", Wrap: operated(patch, func(ops []object) []object {
			for _, op := range ops {
				if v, ok := op["value"].(object); ok && v["displayName"] != nil {
					v["members"] = []any{}
				}
			}
			return ops
		})},
		{Name: "group-rename-same-refused", Breaks: "Renaming a group to the name it has is answered with 409; Okta does it before each change of members.", Wrap: refusingSameName()},
		{Name: "group-rename-ignored", Breaks: "Renaming a group is answered as done and ignored.", Wrap: operated(patch, func(ops []object) []object {
			return keep(ops, func(op object) bool {
				v, _ := op["value"].(object)
				return v["displayName"] != nil || word(op, "path") == "displayname"
			})
		})},
		{Name: "group-patch-reply-wrong", Breaks: "PATCH of a group answers with the PatchOp message it was sent.", Source: "jelhub/scimgateway#33",
			Wrap: echoingPatch(patch)},
		{Name: "group-delete-keeps", Breaks: "A deleted group stays.", Wrap: instead(one("Groups", http.MethodDelete), noContent)},
		{Name: "group-delete-deletes-users", Breaks: "Deleting a group deletes its members' accounts.", Wrap: deletingMembers()},
		{Name: "group-user-delete-keeps-member", Breaks: "A deleted user stays a member of its groups.", Wrap: rememberingMembers()},
		{Name: "user-groups-missing", Breaks: "Users do not show their groups.", Wrap: editingResources(on("Users"), func(o object) { delete(o, "groups") })},
		{Name: "user-groups-writable", Breaks: "groups sent with a user are taken.", Wrap: takingGroups()},
		{Name: "group-members-racy", Breaks: "Concurrent additions of members lose some of them.", Source: "fleetdm #50724, teleport#67372", Wrap: racyMembers()},
	}
}

func eachMember(edit func(object)) func(object) {
	return func(o object) {
		list, _ := o["members"].([]any)
		for _, m := range list {
			if m, ok := m.(object); ok {
				edit(m)
			}
		}
	}
}
