// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// onMembers says whether an operation is about the members of a group.
func (o operation) onMembers() bool {
	return o.path != nil && strings.EqualFold(o.path.name, "members")
}

// membership gives the operations of a PATCH of a group that add or remove.
func (q *request) membership() []operation {
	if q.method != http.MethodPatch || q.endpoint != groups {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(q.ops), func(o operation) bool { return !o.onMembers() || o.is("replace") })
}

// oktaGroupRules are about Group Push.
func oktaGroupRules() []Rule {
	return []Rule{
		{ID: "okta.group.lookup-first", Holds: "before a group is created it is looked for by displayName, or all groups are read", Level: check.Vendor, Source: oktaReference(), For: okta(),
			look: func(q *request, s *seen, say say) {
				if name := text(member(q.root(), "displayName")); q.creates(groups) && name != "" && !s.lookedFor(groups, name) && !s.listed[groups] {
					say("path", "POST without a look-up of "+name, `GET /Groups?filter=displayName eq "`+name+`"`)
				}
			}},
		{ID: "okta.group.create-order", Holds: "a new group has schemas, displayName and members, in this order", Level: check.Vendor, Source: oktaReference(), For: okta(),
			look: creations(groups, func(_ *request, root *match.Node, say say) {
				if got := slices.DeleteFunc(names(root), extensionName); !slices.Equal(got, []string{"schemas", "displayName", "members"}) {
					say("body", strings.Join(got, ", "), "schemas, displayName, members")
				}
			})},
		{ID: "okta.group.name-first", Holds: "before each change of membership the name is sent as it is", Level: check.Vendor, Source: oktaReference(), For: oin(),
			look: func(q *request, s *seen, say say) {
				if len(q.membership()) > 0 && !s.about(q).renamed {
					say("path", "a change of members without the name before it", "PATCH with id and displayName first")
				}
			}},
		{ID: "okta.group.name-form", Holds: "a name is sent without a path, with the id beside it", Level: check.Vendor, Source: oktaCaptures(), For: oin(),
			look: func(q *request, _ *seen, say say) {
				for _, o := range q.ops {
					if q.endpoint != groups || o.onMembers() {
						continue
					}
					if o.op != "replace" || o.text != "" || !slices.Equal(names(o.value), []string{"id", "displayName"}) {
						say(o.where, short(o.node.JSON()), `{"op":"replace","value":{"id":"…","displayName":"…"}}`)
					}
				}
			}},
		{ID: "okta.group.remove-form", Holds: "a member is removed by a value filter, one in an operation", Level: check.Vendor, Source: oktaCaptures(), For: oin(),
			look: func(q *request, _ *seen, say say) {
				for _, o := range q.membership() {
					byValue := len(o.path.filter) == 1 && o.path.filter[0].attribute.String() == "value" && o.path.filter[0].operator == "eq"
					if o.is("remove") && (o.op != "remove" || !byValue || o.value != nil) {
						say(o.where, short(o.node.JSON()), `{"op":"remove","path":"members[value eq \"…\"]"}`)
					}
				}
			}},
		{ID: "okta.group.remove-then-add", Holds: "removals come before the one addition of a request", Level: check.Vendor, Source: oktaReference(), For: oin(),
			look: func(q *request, _ *seen, say say) {
				added := false
				for _, o := range q.membership() {
					if added {
						say(o.where, o.op+" after an add", "removals, then one add")
					}
					added = added || o.is("add")
				}
			}},
		{ID: "okta.group.member-form", Holds: "a member has value and display, and nothing else", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: func(q *request, s *seen, say say) {
				if q.method == http.MethodPut && s.about(q).read != nil {
					return // sends back what it read
				}
				for _, v := range q.found {
					if q.endpoint == groups && v.name == "members" && v.one && v.node.Kind == match.KindObject && !slices.Equal(names(v.node), []string{"value", "display"}) {
						say(v.where, v.node.JSON(), "value, display")
					}
				}
			}},
		{ID: "okta.group.chunks", Holds: "a PATCH changes 1,000 members at most", Level: check.Vendor,
			Source: byOkta(check.Documented, "OIN questionnaire, docs/guides/submit-app/scim", "2026-11-23"), For: oin(),
			look: func(q *request, _ *seen, say say) {
				n := 0
				for _, o := range q.membership() {
					n++
					if o.value != nil {
						n += len(o.value.Elements) - 1
					}
				}
				if n > 1000 {
					say("body.Operations", strconv.Itoa(n)+" changes", "1000")
				}
			}},
		{ID: "okta.aiw.group-put", Holds: "a PUT of a group has schemas, id, displayName and members, in this order", Level: check.Vendor, Source: oktaLab(), For: aiw(),
			look: func(q *request, _ *seen, say say) {
				if q.method != http.MethodPut || q.endpoint != groups || q.root() == nil {
					return
				}
				got := slices.DeleteFunc(names(q.root()), func(n string) bool { return n == "id" || extensionName(n) }) // documented without id
				ordered("body", names(q.root()), []string{"schemas", "id", "displayName", "members"}, say)
				if !slices.Equal(got, []string{"schemas", "displayName", "members"}) {
					say("body", strings.Join(names(q.root()), ", "), "schemas, id, displayName, members")
				}
			}},
	}
}

func extensionName(s string) bool { return strings.HasPrefix(s, "urn:") }
