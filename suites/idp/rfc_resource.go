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

// schemaURNs gives the strings of schemas.
func schemaURNs(n *match.Node) []string {
	var all []string
	if list := member(n, "schemas"); list != nil {
		for _, e := range list.Elements {
			all = append(all, e.Text)
		}
	}
	return all
}

// base gives the URN of the resource type of an endpoint.
func base(endpoint string) string {
	return map[string]string{users: scim.UserURN, groups: scim.GroupURN}[endpoint]
}

func holds(all []string, urn string) bool {
	return slices.ContainsFunc(all, func(s string) bool { return strings.EqualFold(s, urn) })
}

// resourceRules are about whole resources in POST and PUT.
func resourceRules() []Rule {
	resource := func(look func(q *request, root *match.Node, say say)) func(*request, *seen, say) {
		return func(q *request, _ *seen, say say) {
			if q.holdsResource() && q.root() != nil {
				look(q, q.root(), say)
			}
		}
	}
	const where = "body.schemas"
	return []Rule{
		{ID: "resource.schemas", Holds: "a resource has schemas, a list of one URN or more", Level: check.Must, Source: rfc("7643", "3"),
			Covers: []string{"rfc7643-2.1-schemas-present", "rfc7643-3-schemas-required", "rfc7643-3-schemas-non-empty", "rfc7643-3.3-base-schema", "rfc7644-3.1-resource-schemas"},
			look: resource(func(_ *request, root *match.Node, say say) {
				list := member(root, "schemas")
				switch {
				case list == nil:
					say(where, "nothing", "a list of URNs")
				case list.Kind != match.KindArray || len(list.Elements) == 0:
					say(where, list.JSON(), "a list of one URN or more")
				}
			})},
		{ID: "resource.base-schema", Holds: "schemas holds the schema of the resource type", Level: check.Must, Source: rfc("7643", "3.3"),
			Covers: []string{"rfc7643-3.3-base-schema-included", "rfc7643-4.1-user-urn", "rfc7643-4.2-group-urn"}, look: resource(func(q *request, root *match.Node, say say) {
				if all := schemaURNs(root); len(all) > 0 && !holds(all, base(q.endpoint)) {
					say(where, strings.Join(all, ", "), base(q.endpoint))
				}
			})},
		{ID: "resource.schemas-known", Holds: "schemas holds nothing but the base schema and extensions", Level: check.Must, Source: rfc("7643", "3"),
			Covers: []string{"rfc7643-3-schemas-known"}, look: resource(func(q *request, root *match.Node, say say) {
				for _, urn := range schemaURNs(root) {
					core := strings.HasPrefix(strings.ToLower(urn), "urn:ietf:params:scim:schemas:core:2.0:")
					if !urnForm.MatchString(urn) || core && !strings.EqualFold(urn, base(q.endpoint)) || strings.HasPrefix(strings.ToLower(urn), "urn:ietf:params:scim:api:") {
						say(where, urn, base(q.endpoint)+" and URNs of extensions")
					}
				}
			})},
		{ID: "resource.schemas-once", Holds: "schemas holds no URN twice", Level: check.Must, Source: rfc("7643", "3"),
			Covers: []string{"rfc7643-3-schemas-unique"}, look: resource(func(_ *request, root *match.Node, say say) {
				there := map[string]bool{}
				for _, urn := range schemaURNs(root) {
					if there[strings.ToLower(urn)] {
						say(where, urn+" again", "once")
					}
					there[strings.ToLower(urn)] = true
				}
			})},
		{ID: "resource.extension-listed", Holds: "the URN of each extension in a resource is in schemas", Level: check.Must, Source: rfc("7643", "3"),
			look: resource(func(_ *request, root *match.Node, say say) {
				all := schemaURNs(root)
				for _, m := range root.Members {
					if strings.HasPrefix(strings.ToLower(m.Name), "urn:") && len(all) > 0 && !holds(all, m.Name) {
						say("body."+m.Name, "not in schemas", m.Name+" in schemas")
					}
				}
			})},
		{ID: "resource.extension-object", Holds: "attributes of an extension stand in an object named by its URN", Level: check.Must, Source: rfc("7643", "3.3"),
			Covers: []string{"rfc7643-3.3-container", "rfc7643-3-extension-namespace", "rfc7643-4.3-urn", "rfc7643-3-core-top-level"}, look: resource(extensionRule)},
		{ID: "resource.no-id", Holds: "the client does not choose the id", Level: check.Must, Source: rfc("7643", "3.1"),
			Covers: []string{"rfc7643-3.1-id-not-by-client"}, look: resource(func(q *request, root *match.Node, say say) {
				if id := member(root, "id"); id != nil && q.method == http.MethodPost && id.Kind != match.KindNull {
					say("body.id", id.JSON(), "no id: the provider gives it")
				}
			})},
		{ID: "resource.required", Holds: "a User has a userName, a Group a displayName", Level: check.Must, Source: rfc("7643", "4.1.1"),
			Covers: []string{"rfc7643-4.1.1-username-required", "rfc7643-4.1.1-username-non-empty", "rfc7643-4.2-displayname-required", "rfc7644-3.5.1-required-by-client"},
			look: resource(func(q *request, root *match.Node, say say) {
				name := map[string]string{users: "userName", groups: "displayName"}[q.endpoint]
				if n := member(root, name); n == nil || n.Unassigned() || n.Kind == match.KindString && n.Text == "" {
					say("body."+name, "nothing", "a name that is not empty")
				}
			})},
		{ID: "user.groups-by-group", Holds: "who is in a group is written at the group", Level: check.Must, Source: rfc("7643", "4.1.2"),
			Covers: []string{"rfc7643-4.1.2-groups-via-group"}, look: func(q *request, _ *seen, say say) {
				for _, v := range q.found {
					if q.endpoint == users && v.name == "groups" && !v.one && !v.node.Unassigned() {
						say(v.where, v.node.JSON(), "PATCH or PUT of /Groups/{id}")
					}
				}
			}},
	}
}

// extensionRule wants the attributes of the enterprise extension in its object.
func extensionRule(q *request, root *match.Node, say say) {
	_, extension := table(q.endpoint)
	for _, m := range root.Members {
		switch {
		case strings.EqualFold(m.Name, enterpriseURN) && m.Value.Kind != match.KindObject && m.Value.Kind != match.KindNull,
			strings.HasPrefix(strings.ToLower(m.Name), enterprisePrefix()):
			say("body."+m.Name, m.Value.Kind.String(), "an object named "+enterpriseURN)
		case find(extension, m.Name) != nil:
			say("body."+m.Name, m.Name+" at the top", m.Name+" in the object "+enterpriseURN)
		case strings.EqualFold(m.Name, scim.UserURN) || strings.EqualFold(m.Name, scim.GroupURN):
			say("body."+m.Name, "core attributes in an object", "core attributes at the top")
		}
	}
}

// enterprisePrefix is what a full name of the extension begins with.
func enterprisePrefix() string { return strings.ToLower(enterpriseURN) + ":" }
