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

// patch makes a rule about the body of PATCH requests.
func patch(look func(q *request, say say)) func(*request, *seen, say) {
	return func(q *request, _ *seen, say say) {
		if q.method == http.MethodPatch && q.root() != nil {
			look(q, say)
		}
	}
}

// eachOperation makes a rule about each operation.
func eachOperation(look func(q *request, o operation, say say)) func(*request, *seen, say) {
	return patch(func(q *request, say say) {
		for _, o := range q.ops {
			look(q, o, say)
		}
	})
}

// patchRules are about PATCH, RFC 7644 §3.5.2.
func patchRules() []Rule {
	return []Rule{
		{ID: "patch.schemas", Holds: "a PATCH names the PatchOp message", Level: check.Must, Source: rfc("7644", "3.5.2"),
			Covers: []string{"rfc7644-3.5.2-schemas", "rfc7644-3.1-message-urn"}, look: patch(func(q *request, say say) {
				if !holds(schemaURNs(q.root()), scim.PatchOpURN) {
					say("body.schemas", strings.Join(schemaURNs(q.root()), ", "), scim.PatchOpURN)
				}
			})},
		{ID: "patch.operations", Holds: "Operations is a list of one operation or more", Level: check.Must, Source: rfc("7644", "3.5.2"),
			Covers: []string{"rfc7644-3.5.2-operations"}, look: patch(func(q *request, say say) {
				if len(q.ops) == 0 {
					say("body.Operations", "no operation", "a list of operations")
				}
			})},
		{ID: "patch.op", Holds: "op is add, remove or replace, in small letters", Level: check.Must, Source: rfc("7644", "3.5.2"),
			Covers: []string{"rfc7644-3.5.2-exactly-one-op"}, look: eachOperation(func(_ *request, o operation, say say) {
				if !slices.Contains([]string{"add", "remove", "replace"}, o.op) {
					say(o.where+".op", o.op, "add, remove or replace")
				}
			})},
		{ID: "patch.remove-path", Holds: "a remove has a path", Level: check.Must, Source: rfc("7644", "3.5.2.2"),
			Covers: []string{"rfc7644-3.5.2-path-required-remove"}, look: eachOperation(func(_ *request, o operation, say say) {
				if o.is("remove") && o.text == "" {
					say(o.where, "remove without path", "a path")
				}
			})},
		{ID: "patch.remove-value", Holds: "a remove says by its path what goes, and has no value", Level: check.Should, Source: rfc("7644", "3.5.2.2"),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.is("remove") && o.value != nil && o.text != "" {
					say(o.where+".value", short(o.value.JSON()), "a filter in the path")
				}
			})},
		{ID: "patch.path-grammar", Holds: "a path follows the grammar", Level: check.Must, Source: rfc("7644", "3.5.2"),
			Covers: []string{"rfc7644-3.5.2-path-syntax"}, look: eachOperation(func(_ *request, o operation, say say) {
				if o.fault != nil {
					say(o.where+".path", o.text, o.fault.Error())
				}
			})},
		{ID: "patch.path-literal", Holds: "a filter in a path compares an attribute with a value of its type", Level: check.Must, Source: rfc("7644", "3.4.2.2"),
			look: eachOperation(func(q *request, o operation, say say) {
				if o.path != nil {
					for _, c := range o.path.filter {
						literalRule(q.endpoint, c, o.where+".path", say)
					}
				}
			})},
		{ID: "patch.value", Holds: "add and replace have a value", Level: check.Must, Source: rfc("7644", "3.5.2.1"),
			Covers: []string{"rfc7644-3.5.2.1-value-required"}, look: eachOperation(func(_ *request, o operation, say say) {
				if (o.is("add") || o.is("replace")) && o.value == nil {
					say(o.where, o.op+" without value", "a value")
				}
			})},
		{ID: "patch.pathless-object", Holds: "without a path the value is an object of attributes", Level: check.Must, Source: rfc("7644", "3.5.2.3"),
			Covers: []string{"rfc7644-3.5.2.3-no-path"}, look: eachOperation(func(_ *request, o operation, say say) {
				if !o.is("remove") && o.text == "" && o.value != nil && o.value.Kind != match.KindObject {
					say(o.where+".value", short(o.value.JSON()), "an object")
				}
			})},
		{ID: "patch.pathless-names", Holds: "without a path the value has attributes as a resource has them", Level: check.Must, Source: rfc("7644", "3.5.2.1"),
			look: eachOperation(func(_ *request, o operation, say say) {
				if o.text != "" || o.value == nil {
					return
				}
				for _, name := range names(o.value) {
					if strings.Contains(name, ".") && !strings.HasPrefix(name, "urn:") || strings.HasPrefix(strings.ToLower(name), enterprisePrefix()) || strings.HasPrefix(strings.ToLower(name), strings.ToLower(scim.UserURN)+":") {
						say(o.where+".value."+name, "a path as a name", "nested objects")
					}
				}
			})},
		{ID: "patch.read-only", Holds: "what is readOnly is not changed", Level: check.Must, Source: rfc("7644", "3.5.2"),
			Covers: []string{"rfc7644-3.5.2-readonly-refused"}, look: readOnlyRule},
		{ID: "patch.keeps-required", Holds: "what is required is not removed", Level: check.Must, Source: rfc("7643", "4.1.1"),
			Covers: []string{"rfc7643-4.1.1-username-required", "rfc7643-4.2-displayname-required"}, look: eachOperation(func(q *request, o operation, say say) {
				if o.path == nil {
					return
				}
				a := lookup(q.endpoint, o.path.attributeName)
				empty := o.value == nil || o.value.Unassigned() || o.value.Kind == match.KindString && o.value.Text == ""
				if a != nil && a.Required && a.Mutability == "" && (o.is("remove") || o.is("replace") && empty) {
					say(o.where, o.op+" of "+o.text, "a new value")
				}
			})},
		{ID: "extension.qualified", Holds: "an attribute of an extension is named with its URN", Level: check.Should, Source: rfc("7644", "3.10"),
			Covers: []string{"rfc7644-3.10-qualify-extension"}, look: func(q *request, _ *seen, say say) {
				core, extension := table(q.endpoint)
				bare := func(where string, a attributeName) {
					if a.urn == "" && find(core, a.name) == nil && find(extension, a.name) != nil {
						say(where, a.String(), enterpriseURN+":"+a.String())
					}
				}
				for _, o := range q.ops {
					if o.path != nil {
						bare(o.where+".path", o.path.attributeName)
					}
				}
				for _, c := range q.comparisons() {
					bare(inFilter, c.attribute)
				}
			}},
	}
}

// readOnlyRule looks at what the operations of a PATCH would write.
func readOnlyRule(q *request, _ *seen, say say) {
	if q.method != http.MethodPatch {
		return
	}
	for _, v := range q.found {
		if v.attr.Mutability == "readOnly" && !strings.Contains(v.name, ".") && !(v.attr.MultiValued && v.one) && v.name != "groups" {
			say(v.where, v.name+" is readOnly", "no "+v.name)
		}
	}
	for _, o := range q.ops {
		if o.is("remove") && o.path != nil {
			if a := lookup(q.endpoint, attributeName{urn: o.path.urn, name: o.path.name}); a != nil && a.Mutability == "readOnly" {
				say(o.where+".path", a.Name+" is readOnly", "another attribute")
			}
		}
	}
}
