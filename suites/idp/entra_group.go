// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"slices"
	"strconv"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// entraGroupRules are about groups and their members.
func entraGroupRules() []Rule {
	members := func(look func(q *request, o operation, say say)) func(*request, *seen, say) {
		return func(q *request, _ *seen, say say) {
			for _, o := range q.membership() {
				look(q, o, say)
			}
		}
	}
	return []Rule{
		{ID: "entra.group.create-order", Holds: "a new group has schemas, externalId, displayName, members and meta, in this order", Level: check.Vendor, Source: entraGroupPost(), For: entra(),
			look: creations(groups, func(_ *request, root *match.Node, say say) {
				ordered("body", names(root), []string{"schemas", "externalId", "displayName", "members", "meta"}, say)
			})},
		{ID: "entra.group.create-empty", Holds: "a new group has no members yet", Level: check.Vendor, Source: entraGroupPost(), For: entra(),
			look: creations(groups, func(_ *request, root *match.Node, say say) {
				if m := member(root, "members"); m != nil && len(m.Elements) > 0 {
					say("body.members", strconv.Itoa(len(m.Elements))+" members", "[]")
				}
			})},
		{ID: "entra.group.one-member", Holds: "a PATCH changes one member", Level: check.Vendor, Source: entraDump(), For: entra(),
			look: members(func(q *request, o operation, say say) {
				n := 0
				if o.value != nil {
					n = len(o.value.Elements)
				}
				if len(q.ops) > 1 || n > 1 {
					say(o.where, strconv.Itoa(max(len(q.ops), n))+" changes", "one")
				}
			})},
		{ID: "entra.group.member-form", Holds: "a member has value alone", Level: check.Vendor, Source: entraDump(), For: entra(),
			look: members(func(_ *request, o operation, say say) {
				if o.value == nil {
					return
				}
				for _, e := range o.value.Elements {
					if got := slices.DeleteFunc(names(e), func(n string) bool { return n == "$ref" }); !slices.Equal(got, []string{"value"}) {
						say(o.where+".value", e.JSON(), "value")
					}
				}
			})},
		{ID: "entra.legacy.remove-member", Holds: "without the flag a member is removed by a list in value", Level: check.Vendor, Source: entraCompat(), For: legacy(),
			look: members(func(_ *request, o operation, say say) {
				if o.is("remove") && (o.path.filter != nil || o.value == nil || o.value.Kind != match.KindArray) {
					say(o.where, short(o.node.JSON()), `{"op":"Remove","path":"members","value":[{"value":"…"}]}`)
				}
			})},
		{ID: "entra.flag.remove-member", Holds: "with the flag a member is removed by a value filter", Level: check.Vendor, Source: entraCompat(), For: flag(),
			look: members(func(_ *request, o operation, say say) {
				if o.is("remove") && (o.path.filter == nil || o.value != nil) {
					say(o.where, short(o.node.JSON()), `{"op":"remove","path":"members[value eq \"…\"]"}`)
				}
			})},
		{ID: "entra.group.no-replace", Holds: "members are added and removed, not replaced, but for the reports of one at a time", Level: check.Vendor, Source: entraTutorial(), For: entra(),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.onMembers() && o.is("replace") && (o.value == nil || len(o.value.Elements) != 1) {
					say(o.where, short(o.node.JSON()), "Add or Remove")
				}
			})},
	}
}
