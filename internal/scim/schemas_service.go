// SPDX-License-Identifier: Apache-2.0

package scim

// ServiceProviderConfigSchema returns the schema of the service provider's
// configuration, RFC 7643 §5 and §8.7.2, with pagination by RFC 9865 §4.
func ServiceProviderConfigSchema() Schema {
	supported := settled("supported", Boolean, "Whether the operation is supported.")
	feature := func(name, description string, more ...Attribute) Attribute {
		a := settled(name, Complex, description)
		a.Required = true
		a.Sub = append([]Attribute{supported}, more...)
		return a
	}
	scheme := many(settled("authenticationSchemes", Complex, "Authentication schemes that are supported."),
		settled("type", String, "The authentication scheme."),
		settled("name", String, "The common name of the scheme."),
		settled("description", String, "A description of the scheme."),
		link("specUri", "external", "The URL of the scheme's specification."),
		link("documentationUri", "external", "The URL of the scheme's usage documentation."),
		optional(settled("primary", Boolean, "Whether this is the preferred scheme.")))
	paging := feature("pagination", "How results are paged.",
		settled("cursor", Boolean, "Whether cursor-based pagination is supported."),
		settled("index", Boolean, "Whether index-based pagination is supported."),
		optional(settled("defaultPaginationMethod", String, "The method used when the client names none.")),
		optional(settled("defaultPageSize", Integer, "The number of results on a page when the client names none.")),
		optional(settled("maxPageSize", Integer, "The largest number of results on a page.")),
		optional(settled("cursorTimeout", Integer, "Seconds for which a cursor is valid.")))
	paging.Required, paging.Sub = false, paging.Sub[1:]
	return Schema{
		ID: ServiceProviderConfigURN, Name: "Service Provider Configuration", Description: "Schema for representing the service provider's configuration",
		Attributes: []Attribute{
			link("documentationUri", "external", "The URL of the service provider's help documentation."),
			feature("patch", "PATCH."),
			feature("bulk", "Bulk operations.",
				settled("maxOperations", Integer, "The largest number of operations in one request."),
				settled("maxPayloadSize", Integer, "The largest payload in bytes.")),
			feature("filter", "Filters.", settled("maxResults", Integer, "The largest number of resources in one reply.")),
			feature("changePassword", "Change of password."),
			feature("sort", "Sorting."),
			feature("etag", "Entity tags."),
			paging,
			scheme,
		},
	}
}

// ResourceTypeSchema returns the schema of a resource type, RFC 7643 §6 and
// §8.7.2.
func ResourceTypeSchema() Schema {
	uri := func(name, description string) Attribute {
		a := link(name, "uri", description)
		a.Required = true
		return a
	}
	return Schema{
		ID: ResourceTypeURN, Name: "ResourceType", Description: "Specifies the schema that describes a SCIM resource type",
		Attributes: []Attribute{
			optional(settled("id", String, "The resource type's server unique id.")),
			settled("name", String, "The resource type name."),
			optional(settled("description", String, "The resource type's description.")),
			uri("endpoint", "The resource type's endpoint relative to the base URL."),
			uri("schema", "The resource type's primary schema URI."),
			many(settled("schemaExtensions", Complex, "The resource type's schema extensions."),
				uri("schema", "The URI of a schema extension."),
				settled("required", Boolean, "Whether a resource must have the extension.")),
		},
	}
}

// SchemaSchema returns the schema of a schema, RFC 7643 §7 and §8.7.2.
func SchemaSchema() Schema {
	definition := func(sub ...Attribute) []Attribute {
		return append([]Attribute{
			exact(settled("name", String, "The attribute's name.")),
			settled("type", String, "The attribute's data type.", "string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"),
			settled("multiValued", Boolean, "Whether the attribute has several values."),
			optional(settled("description", String, "A human-readable description of the attribute.")),
			optional(settled("required", Boolean, "Whether the attribute is required.")),
			many(exact(optional(settled("canonicalValues", String, "Suggested canonical values.")))),
			optional(settled("caseExact", Boolean, "Whether string values are case sensitive.")),
			optional(settled("mutability", String, "Whether the attribute can be changed.", "readOnly", "readWrite", "immutable", "writeOnly")),
			optional(settled("returned", String, "When the attribute is returned.", "always", "never", "default", "request")),
			optional(settled("uniqueness", String, "How unique the value is.", "none", "server", "global")),
			many(exact(optional(settled("referenceTypes", String, "The resource types a reference may name.")))),
		}, sub...)
	}
	sub := many(optional(settled("subAttributes", Complex, "The sub-attributes of a complex attribute.")), definition()...)
	attributes := many(settled("attributes", Complex, "The attributes of the schema."), definition(sub)...)
	return Schema{
		ID: SchemaURN, Name: "Schema", Description: "Specifies the schema that describes a SCIM schema",
		Attributes: []Attribute{
			{Name: "id", Type: String, Required: true, CaseExact: true, Mutability: "readOnly", Returned: "always", Description: "The URI of the schema."},
			settled("name", String, "The schema's human-readable name."),
			optional(settled("description", String, "The schema's human-readable description.")),
			attributes,
		},
	}
}

// settled is a required readOnly attribute: what the discovery endpoints serve
// is the provider's own.
func settled(name string, t Type, description string, canonical ...string) Attribute {
	return Attribute{Name: name, Type: t, Required: true, Mutability: "readOnly", Description: description, CanonicalValues: canonical}
}

func link(name, to, description string) Attribute {
	return Attribute{Name: name, Type: Reference, CaseExact: true, Mutability: "readOnly", Description: description, ReferenceTypes: []string{to}}
}

func optional(a Attribute) Attribute { a.Required = false; return a }

func exact(a Attribute) Attribute { a.CaseExact = true; return a }

func many(a Attribute, sub ...Attribute) Attribute {
	a.MultiValued, a.Sub = true, sub
	return a
}
