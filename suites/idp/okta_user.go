// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"bytes"
	"net/http"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// creations makes a rule about POST /Users.
func creations(endpoint string, look func(q *request, root *match.Node, say say)) func(*request, *seen, say) {
	return func(q *request, _ *seen, say say) {
		if q.creates(endpoint) && q.root() != nil {
			look(q, q.root(), say)
		}
	}
}

// ordered wants the members that are in want to stand in its order.
func ordered(where string, got, want []string, say say) {
	last := -1
	for _, name := range got {
		i := slices.Index(want, name)
		if i < 0 {
			continue
		}
		if i < last {
			say(where, strings.Join(got, ", "), "the order "+strings.Join(want, ", "))
			return
		}
		last = i
	}
}

// oktaUserRules are about people.
func oktaUserRules() []Rule {
	return []Rule{
		{ID: "okta.user.lookup-first", Holds: "before somebody is created they are looked for by userName", Level: check.Vendor, Source: oktaReference(), For: okta(),
			look: func(q *request, s *seen, say say) {
				if name := text(member(q.root(), "userName")); q.creates(users) && name != "" && !s.lookedFor(users, name) {
					say("path", "POST without a look-up of "+name, `GET /Users?filter=userName eq "`+name+`"`)
				}
			}},
		{ID: "okta.user.create-order", Holds: "a new user has the members of the reference in its order", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: creations(users, func(_ *request, root *match.Node, say say) {
				ordered("body", names(root), []string{"schemas", "userName", "name", "emails", "displayName", "locale", "externalId", "groups", "password", "active"}, say)
			})},
		{ID: "okta.user.create-members", Holds: "a new user has externalId, groups, password and active true", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: creations(users, func(_ *request, root *match.Node, say say) {
				for _, name := range []string{"externalId", "groups", "password", "active"} {
					if member(root, name) == nil {
						say("body."+name, "nothing", name)
					}
				}
				if a := member(root, "active"); a != nil && a.Raw != "true" {
					say("body.active", a.Raw, "true")
				}
			})},
		{ID: "okta.user.groups-empty", Holds: "groups of a new user is an empty list", Level: check.Vendor, Source: oktaReference(), For: okta(),
			look: creations(users, func(_ *request, root *match.Node, say say) {
				if g := member(root, "groups"); g != nil && (g.Kind != match.KindArray || len(g.Elements) > 0) {
					say("body.groups", g.JSON(), "[]")
				}
			})},
		{ID: "okta.user.create-no-empty", Holds: "what has no value is absent from a new user", Level: check.Vendor, Source: oktaLab(), For: okta(),
			look: creations(users, func(_ *request, root *match.Node, say say) { noEmpty(root, say) })},
		{ID: "okta.put.read-first", Holds: "a PUT comes right after a GET of the same resource", Level: check.Vendor, Source: oktaTunnel(), For: okta(),
			look: func(q *request, s *seen, say say) {
				last := s.about(q).last
				again := last != nil && last.method == http.MethodPut && (last.status == http.StatusTooManyRequests || last.status >= 500) && bytes.Equal(last.body, q.body)
				if q.method == http.MethodPut && (last == nil || last.method != http.MethodGet) && !again {
					say("path", "PUT without a GET before it", "GET "+q.target)
				}
			}},
		{ID: "okta.put.keeps-order", Holds: "a PUT of a user is the GET reply, in its order, with additions at the end", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: echoed(func(was, now *match.Node, say say) {
				had := names(was)
				there := make(map[string]bool, len(had))
				for _, name := range had {
					there[name] = true
				}
				kept := slices.DeleteFunc(names(now), func(n string) bool { return !there[n] })
				if !slices.Equal(kept, had) || !slices.Equal(names(now)[:len(kept)], kept) {
					say("body", strings.Join(names(now), ", "), strings.Join(had, ", ")+", then what is added")
				}
			})},
		{ID: "okta.put.keeps-unknown", Holds: "a PUT of a user sends back as it was what Okta does not map", Level: check.Vendor, Source: oktaTunnel(), For: okta(),
			look: echoed(func(was, now *match.Node, say say) {
				sent := make(map[string]*match.Node, len(now.Members))
				for _, m := range now.Members {
					sent[m.Name] = m.Value
				}
				for _, m := range was.Members {
					if b := sent[m.Name]; b != nil && unmapped(m.Name) && b.JSON() != m.Value.JSON() {
						say("body."+m.Name, b.JSON(), m.Value.JSON())
					}
				}
			})},
		{ID: "okta.aiw.deactivate", Holds: "the PUT that deactivates differs from the GET reply in active alone", Level: check.Vendor, Source: oktaTunnel(), For: aiw(),
			look: echoed(func(was, now *match.Node, say say) {
				if activeOf(was) != "true" || activeOf(now) != "false" {
					return
				}
				if a, b := without(was, "active"), without(now, "active"); a != b {
					say("body", short(b), short(a))
				}
			})},
		{ID: "okta.aiw.no-patch", Holds: "an app of the integration wizard sends no PATCH", Level: check.Vendor, Source: oktaFAQ(), For: aiw(),
			look: func(q *request, _ *seen, say say) {
				if q.method == http.MethodPatch {
					say("path", q.line(), "GET and PUT")
				}
			}},
		{ID: "okta.user.patch-form", Holds: "a PATCH of a user replaces active, or password, without a path", Level: check.Vendor, Source: oktaCaptures(), For: oin(),
			look: func(q *request, _ *seen, say say) {
				if q.method != http.MethodPatch || q.endpoint != users {
					return
				}
				ok := len(q.ops) == 1 && q.ops[0].op == "replace" && q.ops[0].text == "" && q.ops[0].value != nil && q.ops[0].value.Kind == match.KindObject
				if ok {
					set := names(q.ops[0].value)
					ok = slices.Equal(set, []string{"active"}) && q.ops[0].value.Members[0].Value.Kind == match.KindBoolean || slices.Equal(set, []string{"password"})
				}
				if !ok {
					say("body.Operations", short(string(q.body)), `[{"op":"replace","value":{"active":false}}]`)
				}
			}},
		{ID: "okta.user.never-deleted", Holds: "users are never deleted", Level: check.Vendor, Source: oktaReference(), For: okta(),
			look: func(q *request, _ *seen, say say) {
				if q.method == http.MethodDelete && q.endpoint == users {
					say("path", q.line(), "active false")
				}
			}},
	}
}

// unmapped says whether a member of a user is none that an administrator of
// Okta can map: readOnly, or unknown to the schemas.
func unmapped(name string) bool {
	a := lookup(users, attributeName{name: name})
	return !extensionName(name) && (a == nil || a.Mutability == "readOnly" && a.Name != "groups")
}

// noEmpty wants no null and no empty text in a resource; groups has a rule of
// its own.
func noEmpty(root *match.Node, say say) {
	for _, m := range root.Members {
		if m.Value.Kind == match.KindNull && m.Name != "groups" || m.Value.Kind == match.KindString && m.Value.Text == "" {
			say("body."+m.Name, m.Value.JSON(), "no "+m.Name)
		}
	}
}

// echoed makes a rule about a PUT of a user and the GET reply before it.
func echoed(look func(was, now *match.Node, say say)) func(*request, *seen, say) {
	return func(q *request, s *seen, say say) {
		last := s.about(q).last
		if q.method == http.MethodPut && q.endpoint == users && q.root() != nil && last != nil && last.method == http.MethodGet && last.reply != nil {
			look(last.reply, q.root(), say)
		}
	}
}

// without gives the members of an object but one, as JSON.
func without(n *match.Node, name string) string {
	rest := slices.DeleteFunc(slices.Clone(n.Members), func(m match.Member) bool { return m.Name == name })
	return (&match.Node{Kind: match.KindObject, Members: rest}).JSON()
}
