// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"

	"github.com/scimproof/scimproof/internal/scim"
)

// schemaFaults break what Schemas and ResourceTypes say of attributes,
// extensions and schemas, RFC 7643 §2, §6 and §7.
func schemaFaults() []Fault {
	const schemas, types, config = "Schemas", "ResourceTypes", "ServiceProviderConfig"
	title := func(characteristic string, value any) wrapper {
		return schemaAttribute(scim.UserURN, "title", characteristic, value)
	}
	return []Fault{
		{Name: "schema-name-blank", Breaks: "An attribute has a name with a blank in it.", Wrap: title("name", "job title")},
		{Name: "schema-name-twice", Breaks: "A schema has two attributes whose names differ in letter case.", Wrap: title("name", "NickName")},
		{Name: "schema-simple-with-sub", Breaks: "An attribute of type string has sub-attributes.",
			Wrap: title("subAttributes", []any{object{"name": "value", "type": "string", "multiValued": false, "description": "d"}})},
		{Name: "schema-nested", Breaks: "A sub-attribute is complex.",
			Wrap: schemaAttribute(scim.UserURN, "name", "subAttributes", []any{object{"name": "legal", "type": "complex", "multiValued": false, "description": "d"}})},
		{Name: "schema-roles-strings", Breaks: "The User schema says that roles is a list of strings.", Source: "MicrosoftDocs/entra-docs#215, two shapes of roles",
			Wrap: eachAttribute(func(urn string, a object) {
				if urn == scim.UserURN && a["name"] == "roles" {
					a["type"] = "string"
					delete(a, "subAttributes")
				}
			})},
		{Name: "schema-text-booleans", Breaks: "Schemas writes its booleans as text.", Wrap: eachAttribute(func(_ string, a object) {
			if a["required"] == true {
				a["required"] = "true"
			}
		})},
		{Name: "schema-quoted-words", Breaks: "A keyword of Schemas has quotation marks of its own.", Wrap: title("type", `"string"`)},
		{Name: "schema-no-descriptions", Breaks: "Attributes, schemas and resource types have no description.",
			Wrap: chain(eachAttribute(func(_ string, a object) { delete(a, "description") }),
				editingResources(func(r *http.Request) bool { return on(schemas)(r) || on(types)(r) }, func(o object) { delete(o, "description") }))},
		{Name: "schema-id-writable", Breaks: "The User schema lists id as readWrite.", Wrap: title("name", "id")},
		{Name: "schema-no-reference-types", Breaks: "A reference does not say what it leads to.",
			Wrap: schemaAttribute(scim.UserURN, "profileUrl", "referenceTypes", []any{})},
		{Name: "schema-extension-redefines", Breaks: "The enterprise extension has a title of its own.",
			Wrap: schemaAttribute(scim.EnterpriseUserURN, "division", "name", "title")},
		{Name: "schema-id-name", Breaks: "A schema's id is its name and not a URI.", Wrap: editingResources(on(schemas), func(o object) {
			if o["id"] == scim.GroupURN {
				o["id"] = "Group"
			}
		})},
		{Name: "schema-no-urn", Breaks: "Schemas do not name the schema of schemas.", Wrap: editingResources(on(schemas), func(o object) { delete(o, "schemas") })},
		{Name: "schema-urn-invented", Breaks: "A schema claims a URN in the namespace of SCIM that has not its form.", Wrap: editingResources(on(schemas), func(o object) {
			if o["id"] == scim.EnterpriseUserURN {
				o["id"] = "urn:ietf:params:scim:acme:2.0:User"
			}
		})},
		{Name: "schema-displayname-unique", Breaks: "The User schema says that displayName is unique, and it is not.",
			Wrap: schemaAttribute(scim.UserURN, "displayName", "uniqueness", "global")},
		{Name: "types-extension-text", Breaks: "The required of an extension is text.", Wrap: eachExtension(func(e object) { e["required"] = "false" })},
		{Name: "types-extension-bare", Breaks: "An extension of a resource type does not name its schema.", Wrap: eachExtension(func(e object) { e["urn"] = e["schema"]; delete(e, "schema") })},
		{Name: "types-extension-required", Breaks: "ResourceTypes says that the enterprise extension is required, and users without it are created.",
			Wrap: eachExtension(func(e object) { e["required"] = true })},
		{Name: "types-id-unknown", Breaks: "A resource type has an id that cannot be read.", Wrap: editingResources(all(types), func(o object) { o["id"] = "type-of-" + word(o, "name") })},
		{Name: "types-name-case", Breaks: "meta.resourceType is not the name that ResourceTypes gives.",
			Wrap: editingMeta(func(m object) { m["resourceType"] = "users" })},
		{Name: "config-relative-addresses", Breaks: "ServiceProviderConfig links to its documentation by a path.",
			Wrap: editing(on(config), func(o object) { o["documentationUri"] = "/docs/scim" })},
		{Name: "config-max-results-low", Breaks: "ServiceProviderConfig states fewer results than a page may hold.",
			Wrap: editing(on(config), func(o object) { o["filter"] = object{"supported": true, "maxResults": 1} })},
	}
}

// eachAttribute changes every attribute definition, sub-attributes too.
func eachAttribute(edit func(urn string, a object)) wrapper {
	return editingResources(on("Schemas"), func(o object) {
		urn, _ := o["id"].(string)
		eachIn(o, "attributes", func(a object) {
			edit(urn, a)
			eachIn(a, "subAttributes", func(sub object) { edit(urn, sub) })
		})
	})
}

// eachExtension changes every extension of a resource type.
func eachExtension(edit func(object)) wrapper {
	return editingResources(on("ResourceTypes"), func(o object) { eachIn(o, "schemaExtensions", edit) })
}

// eachIn changes the objects of a list.
func eachIn(o object, name string, edit func(object)) {
	list, _ := o[name].([]any)
	for _, e := range list {
		if e, ok := e.(object); ok {
			edit(e)
		}
	}
}
