// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"slices"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// The two kinds of records that are SCIM resources, and how groups hold their
// members. The data of a member link is the kind of the member.
const (
	userKind    store.Kind = "User"
	groupKind   store.Kind = "Group"
	member                 = "member"
	managerPath            = scim.EnterpriseUserURN + ":manager.value"
)

// wire is one way of speaking SCIM: an address with its rules.
type wire struct {
	path       string
	flatErrors bool // {"errors":["…"]} and not an Error resource
	mediaType  string
	config     bool // serves /ServiceProviderConfig
	bulk       bool // serves /Bulk
	emptyPatch bool // PATCH is answered with 204
	paging     bool // says in its configuration how it pages
	indirect   bool // a user's groups are also those that hold its groups
	filters    engine.FilterOptions
	users      *endpoint
	groups     *endpoint
	others     []*endpoint // of custom resource types
	endpoints  []*endpoint // all of these
	schemas    []scim.Schema
}

// endpoint is where the resources of one type live.
type endpoint struct {
	*engine.ResourceType
	kind    store.Kind
	unique  string   // the attribute that no two resources share
	uniques []string // further ones, by custom schemas
	indexes []string // attribute paths that a filter finds resources by
	tried   []string // these and all others that do, the one that finds least first
	keyed   []engine.Index
}

// wiresOf returns the profile's own wire, if it has one, and the neutral one
// last.
func wiresOf(p *profiles.Profile, more *custom) []*wire {
	neutral := newWire(profiles.Wire{
		Path: neutralPath, MediaType: scim.MediaType, ServiceProviderConfig: true, PatchReply: p.Wire.PatchReply, Pagination: p.Wire.Pagination, Groups: p.Wire.Groups,
		Types: p.Wire.Types, Replace: p.Wire.Replace,
	}, more)
	if p.Wire.Path == "" {
		return []*wire{neutral}
	}
	return []*wire{newWire(p.Wire, more), neutral}
}

func newWire(p profiles.Wire, more *custom) *wire {
	user, group, enterprise := scim.UserSchema(), scim.GroupSchema(), scim.EnterpriseUserSchema()
	rules := engine.Rules{StrictTypes: p.Types == "strict", CreateOnReplace: p.Replace == "create"}
	if p.UserName == "immutable" {
		change(user.Attributes, "userName", func(a *scim.Attribute) { a.Mutability = "immutable" })
	}
	flat := p.Errors == "datadog"
	if flat {
		rules.ObjectsOnly = []string{"roles"}
	}
	w := &wire{
		path:       p.Path,
		flatErrors: flat,
		mediaType:  p.MediaType,
		config:     p.ServiceProviderConfig,
		bulk:       p.ServiceProviderConfig,
		paging:     p.Pagination,
		indirect:   p.Groups == "indirect",
		emptyPatch: p.PatchReply == "empty",
		filters:    engine.FilterOptions{Unquoted: flat},
		schemas:    []scim.Schema{user, group, enterprise},
	}
	if w.config {
		w.schemas = append(w.schemas, scim.ServiceProviderConfigSchema(), scim.ResourceTypeSchema(), scim.SchemaSchema())
	}
	w.schemas = append(w.schemas, more.schemas...)
	w.users = &endpoint{
		ResourceType: engine.NewResourceType(engine.Definition{
			Name: string(userKind), Endpoint: scim.UsersEndpoint, Description: "User Account", Schema: user,
			Extensions: append([]engine.Extension{{Schema: enterprise}}, more.extensions(string(userKind))...), Rules: rules,
		}),
		kind: userKind, unique: "userName", indexes: []string{"userName", "externalId", "displayName", "emails.value", managerPath},
	}
	w.groups = &endpoint{
		ResourceType: engine.NewResourceType(engine.Definition{
			Name: string(groupKind), Endpoint: scim.GroupsEndpoint, Description: "Group", Schema: group, Rules: rules,
			Extensions: more.extensions(string(groupKind)),
		}),
		kind: groupKind, unique: "displayName", indexes: []string{"displayName", "externalId"},
	}
	for _, t := range more.types {
		if !t.standard() {
			schema, _ := more.schema(t.schema)
			w.others = append(w.others, &endpoint{
				ResourceType: engine.NewResourceType(engine.Definition{
					Name: t.name, Endpoint: t.endpoint, Description: t.description, Schema: schema, Extensions: t.extensions, Rules: rules,
				}),
				kind: store.Kind(customKind + t.name), indexes: []string{"externalId"},
			})
		}
	}
	w.endpoints = append([]*endpoint{w.users, w.groups}, w.others...)
	for _, e := range w.endpoints {
		e.indexUnique()
		e.tried = append([]string{"id", e.unique, "externalId", "members.value", "groups.value"}, e.indexes...)
		for _, path := range e.indexes {
			e.keyed = append(e.keyed, e.Index(path))
		}
	}
	return w
}

// customKind comes before the name of a custom resource type, so that its
// records are nobody else's.
const customKind = "custom "

// indexUnique has the endpoint keep what custom schemas call unique so.
func (e *endpoint) indexUnique() {
	note := func(prefix string, list []scim.Attribute) {
		for _, a := range list {
			if path := prefix + a.Name; unique(a) && path != e.unique {
				e.uniques = append(e.uniques, path)
				e.indexes = append(slices.Clone(e.indexes), path)
			}
		}
	}
	note("", e.Schema.Attributes)
	for _, x := range e.Extensions {
		note(x.Schema.ID+":", x.Schema.Attributes)
	}
}

func change(attributes []scim.Attribute, name string, f func(*scim.Attribute)) {
	if i := slices.IndexFunc(attributes, func(a scim.Attribute) bool { return a.Name == name }); i >= 0 {
		f(&attributes[i])
	}
}

func (w *wire) endpoint(kind store.Kind) *endpoint {
	for _, e := range w.endpoints {
		if e.kind == kind {
			return e
		}
	}
	return w.users
}
