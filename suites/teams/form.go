// SPDX-License-Identifier: Apache-2.0

package teams

import (
	"fmt"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// form is how one IdP writes changes of a group, as recorded or published.
type form struct {
	name   string // okta-oin
	idp    string // the verdict it counts in
	source check.Source
	create string // body of a create; %s: the name
	// Each change is sent to the group g, whose members before it are have.
	add    func(t *check.T, g *check.Resource, have []*check.Resource, who *check.Resource) *flow.Exchange
	remove func(t *check.T, g *check.Resource, have []*check.Resource, who *check.Resource) *flow.Exchange
	rename func(t *check.T, g *check.Resource, have []*check.Resource, name string) *flow.Exchange
	empty  func(t *check.T, g *check.Resource) *flow.Exchange
}

const (
	oktaReference = "https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/"
	entraFlag     = "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility"
)

func okta(section string, evidence check.Evidence) check.Source {
	return check.Source{Name: "Okta", Section: section, URL: oktaReference, Date: "2026-09-18", Evidence: evidence}
}

func entra(section string, evidence check.Evidence) check.Source {
	return check.Source{Name: "Microsoft Entra ID", Section: section, URL: entraFlag, Date: "2025-04-15", Evidence: evidence}
}

const (
	oktaCreate  = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"%s","members":[]}`
	entraCreate = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"8f1c%[1]s","displayName":"%[1]s","members":[],"meta":{"resourceType":"Group"}}`
)

// forms lists the four ways in which Okta and Entra ID change a group.
func forms() []form {
	return []form{
		{
			name: "okta-oin", idp: check.Okta, create: oktaCreate,
			source: okta("SCIM 2.0 protocol reference, Update a specific group (PATCH)", check.Recorded),
			add:    operation(`{"op":"add","path":"members","value":[{"value":"%[1]s","display":"%[1]s"}]}`),
			remove: operation(`{"op":"remove","path":"members[value eq \"%s\"]"}`),
			rename: func(t *check.T, g *check.Resource, _ []*check.Resource, name string) *flow.Exchange {
				return t.Patch(g, fmt.Sprintf(`[{"op":"replace","value":{"id":"%s","displayName":"%s"}}]`, g.ID, name))
			},
			empty: func(t *check.T, g *check.Resource) *flow.Exchange {
				return t.Patch(g, `[{"op":"replace","path":"members","value":[]}]`)
			},
		},
		{
			name: "okta-aiw", idp: check.Okta, create: oktaCreate,
			source: okta("SCIM 2.0 protocol reference, Update a specific group (PUT)", check.Recorded),
			add: func(t *check.T, g *check.Resource, have []*check.Resource, who *check.Resource) *flow.Exchange {
				return put(t, g, nameOf(g), with(have, who))
			},
			remove: func(t *check.T, g *check.Resource, have []*check.Resource, who *check.Resource) *flow.Exchange {
				return put(t, g, nameOf(g), without(have, who))
			},
			rename: func(t *check.T, g *check.Resource, have []*check.Resource, name string) *flow.Exchange {
				return put(t, g, name, have)
			},
			empty: func(t *check.T, g *check.Resource) *flow.Exchange { return put(t, g, nameOf(g), nil) },
		},
		{
			name: "entra-legacy", idp: check.Entra, create: entraCreate,
			source: entra("Known issues with SCIM 2.0 protocol compliance, without the flag", check.Recorded),
			add:    operation(`{"op":"Add","path":"members","value":[{"value":"%s"}]}`),
			remove: operation(`{"op":"Remove","path":"members","value":[{"value":"%s"}]}`),
			rename: renaming(`{"op":"Replace","path":"displayName","value":"%s"}`),
		},
		{
			name: "entra-flag", idp: check.Entra, create: entraCreate,
			source: entra("Known issues with SCIM 2.0 protocol compliance, with aadOptscim062020", check.Documented),
			add:    operation(`{"op":"add","path":"members","value":[{"value":"%s"}]}`),
			remove: operation(`{"op":"remove","path":"members[value eq \"%s\"]"}`),
			rename: renaming(`{"op":"replace","value":{"displayName":"%s"}}`),
		},
	}
}

// pushes lists one form of each IdP, for what its forms have in common.
func pushes() []form {
	o, e := forms()[0], forms()[2]
	o.name, e.name = check.Okta, check.Entra
	return []form{o, e}
}

// emptying lists the forms that empty a group in one request: Okta's.
func emptying() []form { return forms()[:2] }

func operation(text string) func(*check.T, *check.Resource, []*check.Resource, *check.Resource) *flow.Exchange {
	return func(t *check.T, g *check.Resource, _ []*check.Resource, who *check.Resource) *flow.Exchange {
		return t.Patch(g, "["+fmt.Sprintf(text, who.ID)+"]")
	}
}

func renaming(text string) func(*check.T, *check.Resource, []*check.Resource, string) *flow.Exchange {
	return func(t *check.T, g *check.Resource, _ []*check.Resource, name string) *flow.Exchange {
		return t.Patch(g, "["+fmt.Sprintf(text, name)+"]")
	}
}

// put replaces a group as an AIW app does: schemas, id, displayName, members.
func put(t *check.T, g *check.Resource, name string, members []*check.Resource) *flow.Exchange {
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = fmt.Sprintf(`{"value":"%s","display":"%s"}`, m.ID, Text(m.Sent, "userName"))
	}
	return t.Put(g, fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"%s","displayName":"%s","members":[%s]}`,
		g.ID, name, strings.Join(list, ",")))
}

// nameOf is the displayName under which a group was made.
func nameOf(g *check.Resource) string { return Text(g.Sent, "displayName") }

func with(have []*check.Resource, who *check.Resource) []*check.Resource {
	return append(append([]*check.Resource{}, have...), who)
}

func without(have []*check.Resource, who *check.Resource) []*check.Resource {
	var rest []*check.Resource
	for _, r := range have {
		if r != who {
			rest = append(rest, r)
		}
	}
	return rest
}

// ids gives the ids of users.
func ids(users ...*check.Resource) []string {
	list := make([]string, len(users))
	for i, u := range users {
		list[i] = u.ID
	}
	return list
}

// values gives ids as the values of a matcher.
func values(users ...*check.Resource) []any {
	list := make([]any, len(users))
	for i, u := range users {
		list[i] = u.ID
	}
	return list
}

// group makes a group with these members.
func group(t *check.T, members ...*check.Resource) *check.Resource {
	return t.CreateGroup(t.Name("team"), members...)
}

// two makes Alice and Bob.
func two(t *check.T) (alice, bob *check.Resource) {
	return t.CreateUser(people.Alice), t.CreateUser(people.Bob)
}
