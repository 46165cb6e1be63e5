// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// about says whether an operation is about the attribute called name.
func (o operation) about(name string) bool {
	return o.path != nil && strings.EqualFold(o.path.name, name)
}

// entraPatchRules are about the two forms of PATCH.
func entraPatchRules() []Rule {
	return []Rule{
		{ID: "entra.legacy.op", Holds: "without the flag op is Add, Replace or Remove; the functions for roles and the clearing of a manager have small letters", Level: check.Vendor, Source: entraCompat(), For: legacy(),
			look: eachOperation(func(_ *request, o operation, say say) {
				small := o.about("roles") || o.about("manager") && o.value != nil && o.value.Text == ""
				if !slices.Contains([]string{"Add", "Replace", "Remove"}, o.op) && (!small || o.op != strings.ToLower(o.op)) {
					say(o.where+".op", o.op, "Add, Replace or Remove")
				}
			})},
		{ID: "entra.legacy.path", Holds: "without the flag each operation has a path", Level: check.Vendor, Source: entraCompat(), For: legacy(),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.text == "" {
					say(o.where, "no path", "one operation with a path for each attribute")
				}
			})},
		{ID: "entra.legacy.text", Holds: "without the flag a single value is a string", Level: check.Vendor, Source: entraCompat(), For: legacy(),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.value != nil && (o.value.Kind == match.KindBoolean || o.value.Kind == match.KindNumber) {
					say(o.where+".value", o.value.JSON(), `"True"`)
				}
			})},
		{ID: "entra.flag.merged", Holds: "with the flag paths with a filter come first, the rest of a kind is one operation without a path", Level: check.Vendor, Source: entraCompat(), For: flag(),
			look: patch(func(q *request, say say) {
				seen := map[string]bool{}
				for _, o := range q.ops {
					if o.text == "" && seen[o.op] {
						say(o.where, "a second "+o.op+" without a path", "one")
					}
					if o.path != nil && o.path.filter != nil && len(seen) > 0 {
						say(o.where, o.text+" after an operation without a path", "operations with a filter first")
					}
					if o.text == "" {
						seen[o.op] = true
					}
				}
			})},
		{ID: "entra.flag.active", Holds: "with the flag active is an operation of its own, with a path and a boolean", Level: check.Vendor, Source: entraTutorial(), For: flag(),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.text == "" && member(o.value, "active") != nil || o.about("active") && o.value != nil && o.value.Kind != match.KindBoolean {
					say(o.where, short(o.node.JSON()), `{"op":"replace","path":"active","value":false}`)
				}
			})},
		{ID: "entra.patch.member-order", Holds: "an operation has op, path and value, in this order", Level: check.Vendor, Source: entraDump(), For: entra(),
			look: eachOperation(func(_ *request, o operation, say say) {
				ordered(o.where, names(o.node), []string{"op", "path", "value"}, say)
			})},
		{ID: "entra.patch.no-null", Holds: "no value is null: attributes are not cleared", Level: check.Vendor,
			Source: byEntra(check.Documented, "known-issues", "2026-11-23"), For: entra(),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.value != nil && o.value.Kind == match.KindNull {
					say(o.where+".value", "null", "no operation")
				}
			})},
		{ID: "entra.manager.own-request", Holds: "the manager is a request of its own, and an id as a text", Level: check.Vendor, Source: entraStaff(), For: entra(),
			look: eachOperation(func(q *request, o operation, say say) {
				if !o.about("manager") || o.is("remove") {
					return
				}
				if len(q.ops) > 1 {
					say("body.Operations", "the manager with other attributes", "a PATCH of its own")
				}
				if o.value != nil && o.value.Kind != match.KindString {
					say(o.where+".value", short(o.value.JSON()), "the id as a text")
				}
			})},
	}
}
