// SPDX-License-Identifier: Apache-2.0

// Package scim holds the words of the SCIM standards: URNs, media types, error
// names and the attribute table of RFC 7643 as data. It has no behaviour: no
// parser, comparer or marshaller lives here, because the reference server and
// the suites that judge it both import it and must not share a mistake.
package scim

// URNs of resource schemas, RFC 7643 §10.3 and §8.7.
const (
	UserURN                  = "urn:ietf:params:scim:schemas:core:2.0:User"
	GroupURN                 = "urn:ietf:params:scim:schemas:core:2.0:Group"
	EnterpriseUserURN        = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	SchemaURN                = "urn:ietf:params:scim:schemas:core:2.0:Schema"
	ResourceTypeURN          = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"
	ServiceProviderConfigURN = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
)

// URNs of protocol messages, RFC 7644 §3.4.2, §3.5.2, §3.7, §3.12 and §3.4.3.
const (
	ListResponseURN  = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
	PatchOpURN       = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
	BulkRequestURN   = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
	BulkResponseURN  = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
	SearchRequestURN = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
	ErrorURN         = "urn:ietf:params:scim:api:messages:2.0:Error"
)

// Media types, RFC 7644 §3.1 and §8.1.
const (
	MediaType     = "application/scim+json"
	MediaTypeJSON = "application/json"
)

// Names of the scimType member of an error, RFC 7644 §3.12 table 9 and
// RFC 9865 §2.1 (the last three).
const (
	InvalidFilter = "invalidFilter"
	TooMany       = "tooMany"
	Uniqueness    = "uniqueness"
	Mutability    = "mutability"
	InvalidSyntax = "invalidSyntax"
	InvalidPath   = "invalidPath"
	NoTarget      = "noTarget"
	InvalidValue  = "invalidValue"
	InvalidVers   = "invalidVers"
	Sensitive     = "sensitive"
	InvalidCursor = "invalidCursor"
	ExpiredCursor = "expiredCursor"
	InvalidCount  = "invalidCount"
)

// Endpoints below a base URL, RFC 7644 §3.2 table 1.
const (
	UsersEndpoint                 = "/Users"
	GroupsEndpoint                = "/Groups"
	SchemasEndpoint               = "/Schemas"
	ResourceTypesEndpoint         = "/ResourceTypes"
	ServiceProviderConfigEndpoint = "/ServiceProviderConfig"
)
