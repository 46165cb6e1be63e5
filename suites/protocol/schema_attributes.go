// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"slices"
	"strconv"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// schemaAttributes checks what Schemas says of each attribute, RFC 7643 §2 and
// §7: a table of rules that hold for all attributes of all schemas.
func schemaAttributes() []check.Check {
	return []check.Check{
		schemaRule("attribute-names", "names of attributes are letters, digits, $, - and _, after a letter", check.Must, "2.1",
			[]string{"rfc7643-2.1-names-abnf"},
			"No path can name the attribute, so that an IdP can neither map nor PATCH it.",
			"Rename the attribute: a letter first, then letters, digits, hyphens and underscores.",
			func() []rule {
				return []rule{{"name", always, gomega.MatchRegexp(`^([A-Za-z][A-Za-z0-9$_-]*|\$ref)$`)}}
			}),
		schemaRule("distinct-names", "no schema has two attributes of one name", check.Must, "7",
			[]string{"rfc7643-7-attr-name"},
			"A client that maps by name writes to whichever of the two it finds first.",
			"Give each attribute a name that differs from the others of its level in more than letter case.",
			func() []rule {
				return []rule{
					{"name", func(p published) bool { return p.again }, wanted{"a name that no other attribute of this level has", func(any) bool { return false }}},
					{"name", always, filled()},
				}
			}),
		schemaRule("simple", "an attribute that is not complex has no sub-attributes", check.Must, "1.2",
			[]string{"rfc7643-1.2-simple-no-sub"},
			"A client built from the schema writes an object where the provider reads a string, or the reverse.",
			"Publish type complex for what has sub-attributes, and subAttributes for complex attributes alone.",
			func() []rule {
				return []rule{{"subAttributes", func(p published) bool { return p.text("type") != "complex" }, wanted{"none, as the type is not complex", func(got any) bool { list, _ := got.([]any); return len(list) == 0 }}}}
			}),
		schemaRule("nesting", "no sub-attribute is complex", check.Must, "2.3.8",
			[]string{"rfc7643-2.3.8-no-nesting", "rfc7643-7-attr-sub-type"},
			"No path reaches the third level, so that an IdP can neither map nor PATCH it.",
			"Lift the inner object up to an attribute of its own, or flatten its values into sub-attributes.",
			func() []rule {
				nested := func(p published) bool { return p.sub && p.schema != scim.SchemaURN } // which is deep by its nature, §7
				return []rule{{"type", nested, wanted{"a type that is not complex", func(got any) bool { return got != "complex" }}}}
			}),
		schemaRule("lists", "the lists of the core schemas are multi-valued and complex", check.Must, "2.4",
			[]string{"rfc7643-2.4-objects-complex"},
			"A client built from the schema sends a list of strings where IdPs send objects with type and primary.",
			"Publish emails, phoneNumbers, addresses, groups, roles, members and their like with type complex and multiValued true.",
			func() []rule {
				list := func(p published) bool {
					return !p.sub && (p.schema == scim.UserURN || p.schema == scim.GroupURN) && isList(p.text("name"))
				}
				return []rule{{"type", list, gomega.Equal("complex")}, {"multiValued", list, gomega.Equal(true)}}
			}),
		schemaRule("forms", "flags of an attribute are booleans, and lists are arrays", check.Must, "7",
			[]string{"rfc7643-7-attr-canonical", "rfc7643-7-attr-multivalued"},
			"A client that imports the schema to offer its attributes for mapping stops at \"true\" in quotes.",
			"Write multiValued, required and caseExact as true or false, and canonicalValues, referenceTypes and subAttributes as arrays.",
			func() []rule {
				return append(forms(func() types.GomegaMatcher { return gomega.BeAssignableToTypeOf(true) }, "multiValued", "required", "caseExact"),
					forms(func() types.GomegaMatcher { return gomega.BeAssignableToTypeOf([]any{}) }, "canonicalValues", "referenceTypes", "subAttributes")...)
			}),
		schemaRule("quotes", "keywords come without quotation marks of their own", check.Must, "1.1",
			[]string{"rfc7643-1.1-quotes"},
			"A client compares \"readOnly\" with readOnly, and takes the attribute for one that it may write.",
			"The RFC's quotation marks are not part of the words: write \"User\", not \"\\\"User\\\"\".",
			func() []rule {
				bare := wanted{"a word without quotation marks", func(got any) bool { s, _ := got.(string); return strings.Trim(s, "\"'“”") == s }}
				return forms(func() types.GomegaMatcher { return bare }, "name", "type", "mutability", "returned", "uniqueness")
			}),
		schemaRule("descriptions", "attributes have a description", check.May, "7",
			[]string{"rfc7643-7-attr-description"},
			"An administrator who maps attributes has the names alone to go by.",
			"Give each attribute one sentence that says what it holds.",
			func() []rule { return []rule{{"description", always, filled()}} }),
		schemaRule("common", "where a schema lists id, externalId or meta, it says of them what RFC 7643 does", check.Should, "3.1",
			[]string{"rfc7643-3.1-common-precedence"},
			"A client built from the schema writes the id, or takes externalId for something it cannot set.",
			"Leave the common attributes out of the schemas, or publish id and meta as readOnly and externalId as readWrite.",
			func() []rule {
				of := func(name string) func(published) bool {
					return func(p published) bool {
						return !p.sub && (p.schema == scim.UserURN || p.schema == scim.GroupURN) && strings.EqualFold(p.text("name"), name)
					}
				}
				return []rule{
					{"mutability", of("id"), gomega.Equal("readOnly")}, {"returned", of("id"), gomega.Equal("always")},
					{"mutability", of("meta"), gomega.Equal("readOnly")}, {"mutability", of("externalId"), gomega.Equal("readWrite")},
				}
			}),
		schemaReferences, schemaExtends,
	}
}

// published is the definition of one attribute in a reply of Schemas.
type published struct {
	path   string // "Resources[0].attributes[3].subAttributes[1]"
	schema string // its URN
	sub    bool
	again  bool // an attribute before it on the same level has this name, in any letter case
	node   *Node
}

func (p published) member(name string) any {
	m, _ := p.node.Member(name)
	if m.Value == nil {
		return nil
	}
	return m.Value.Value()
}

func (p published) text(name string) string { s, _ := p.member(name).(string); return s }

func always(published) bool { return true }

// isList says whether the core schemas have an array of objects of this name.
func isList(name string) bool {
	switch name {
	case "emails", "phoneNumbers", "ims", "photos", "addresses", "groups", "entitlements", "roles", "x509Certificates", "members":
		return true
	}
	return false
}

// rule wants something of one member of each definition that of admits.
type rule struct {
	member string
	of     func(published) bool
	want   types.GomegaMatcher
}

// forms wants of several members, where they are given, what want does.
func forms(want func() types.GomegaMatcher, members ...string) []rule {
	var rules []rule
	for _, m := range members {
		rules = append(rules, rule{m, func(p published) bool { return p.member(m) != nil }, want()})
	}
	return rules
}

// schemaRule makes the check that the rules hold for every attribute.
func schemaRule(id, title string, level check.Level, section string, covers []string, breaks, fix string, rules func() []rule) check.Check {
	return check.Check{
		ID: "discovery.schemas." + id, Title: title, Level: level, Source: check.RFC7643(section), Covers: covers,
		Needs: check.Needs(check.CapDiscovery), Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			x, all := definitions(t)
			for _, r := range rules() {
				r.judge(t, x, all)
			}
		},
	}
}

// judge records a finding for the first few definitions that break the rule:
// the rest is alike.
func (r rule) judge(t *check.T, x *flow.Exchange, all []published) {
	const few = 5
	found := 0
	for _, p := range all {
		if !r.of(p) || found == few {
			continue
		}
		if ok, err := r.want.Match(p.member(r.member)); !ok || err != nil {
			t.Expect(x).To(HaveAttribute(p.path+"."+r.member, r.want))
			found++
		}
	}
}

// definitions reads the attributes of all schemas, sub-attributes after the
// attribute they are of. It costs one pass over the reply.
func definitions(t *check.T) (*flow.Exchange, []published) {
	x := t.List(scim.SchemasEndpoint)
	t.Precondition(x).To(ContainResource(scim.UserURN))
	t.Precondition(x).To(HaveAttribute(ofUser("userName")))
	tree, err := Parse(x.Response.Body)
	t.Precondition(err).To(gomega.BeNil())
	var all []published
	for i, schema := range elements(tree.Root, "Resources") {
		at := "Resources[" + strconv.Itoa(i) + "].attributes"
		urn := published{node: schema}.text("id")
		for _, p := range level(elements(schema, "attributes"), published{path: at, schema: urn}) {
			all = append(all, p)
			all = append(all, level(elements(p.node, "subAttributes"), published{path: p.path + ".subAttributes", schema: urn, sub: true})...)
		}
	}
	return x, all
}

// level makes definitions of nodes, which stand side by side below like.path.
func level(nodes []*Node, like published) []published {
	seen := map[string]bool{}
	made := make([]published, len(nodes))
	for i, n := range nodes {
		p := like
		p.path, p.node = like.path+"["+strconv.Itoa(i)+"]", n
		name := strings.ToLower(p.text("name"))
		p.again = seen[name]
		seen[name] = true
		made[i] = p
	}
	return made
}

// elements gives what an array member of n holds.
func elements(n *Node, name string) []*Node {
	if m, _ := n.Member(name); m.Value != nil {
		return m.Value.Elements
	}
	return nil
}

// wanted is a matcher for what a rule says in its own words.
type wanted struct {
	what string
	ok   func(any) bool
}

func (w wanted) Match(got any) (bool, error)      { return w.ok(got), nil }
func (w wanted) FailureMessage(any) string        { return w.what }
func (w wanted) NegatedFailureMessage(any) string { return "not " + w.what }

// filled wants text.
func filled() wanted {
	return wanted{"text", func(got any) bool { s, _ := got.(string); return strings.TrimSpace(s) != "" }}
}

var schemaReferences = check.Check{
	ID:       "discovery.schemas.reference-types",
	Title:    "a reference says what it may lead to",
	Level:    check.Should,
	Source:   check.RFC7643("7"),
	Covers:   []string{"rfc7643-7-referencetypes"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client built from the schema cannot tell a link to a user from a web address.",
	Fix:      "Publish referenceTypes with each reference: external, uri, or names of ResourceTypes.",
	Run: func(t *check.T) {
		kinds := append([]string{"external", "uri", "User", "Group"}, Texts(t.List(scim.ResourceTypesEndpoint), "Resources.name")...)
		x, all := definitions(t)
		reference := func(p published) bool { return p.text("type") == "reference" }
		rule{"referenceTypes", reference, wanted{"some of " + strings.Join(kinds, ", "), func(got any) bool {
			list, _ := got.([]any)
			return len(list) > 0 && !slices.ContainsFunc(list, func(e any) bool { s, _ := e.(string); return !slices.Contains(kinds, s) })
		}}}.judge(t, x, all)
	},
}

var schemaExtends = check.Check{
	ID:       "discovery.schemas.extension-names",
	Title:    "an extension of User does not repeat attributes of User",
	Level:    check.Should,
	Source:   check.RFC7643("3.3"),
	Covers:   []string{"rfc7643-3.3-no-redefine"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An administrator maps to the wrong one of two attributes of the same name.",
	Fix:      "Rename the extension's attribute, or use the one of the core schema.",
	Run: func(t *check.T) {
		extensions := Texts(t.List(scim.ResourceTypesEndpoint), `Resources[schema eq "`+scim.UserURN+`"].schemaExtensions.schema`)
		x, all := definitions(t)
		names := []string{"id", "externalid", "meta", "schemas"}
		for _, p := range all {
			if p.schema == scim.UserURN && !p.sub {
				names = append(names, strings.ToLower(p.text("name")))
			}
		}
		extending := func(p published) bool { return !p.sub && slices.Contains(extensions, p.schema) }
		rule{"name", extending, wanted{"a name that User does not have", func(got any) bool {
			s, _ := got.(string)
			return !slices.Contains(names, strings.ToLower(s))
		}}}.judge(t, x, all)
	},
}
