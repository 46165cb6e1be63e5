// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// discovery answers at a discovery endpoint, RFC 7644 §4. Sorting,
// paging and projection are ignored there; a filter is refused.
func (c *call) discovery(path []string) (*reply, error) {
	if len(path) > 2 || len(path) == 2 && "/"+path[0] == scim.ServiceProviderConfigEndpoint {
		return nil, notFound("no such endpoint")
	}
	if err := c.only(http.MethodGet); err != nil {
		return nil, err
	}
	v, err := c.values()
	if err != nil {
		return nil, err
	}
	if v.Has("filter") {
		return nil, refusal(http.StatusForbidden, "", "/%s cannot be filtered", path[0])
	}
	o, err := c.discovered("/"+path[0], path[1:])
	if err != nil {
		return nil, err
	}
	return &reply{status: http.StatusOK, body: o.Append(nil)}, nil
}

func (c *call) discovered(endpoint string, id []string) (*engine.Object, error) {
	var all []any
	switch endpoint {
	case scim.ServiceProviderConfigEndpoint:
		return c.config(), nil
	case scim.SchemasEndpoint:
		for _, s := range c.wire.schemas {
			all = append(all, c.schema(s))
		}
	case scim.ResourceTypesEndpoint:
		for _, e := range c.wire.endpoints {
			all = append(all, c.resourceType(e))
		}
	}
	if len(id) == 0 {
		return engine.NewObject("schemas", []any{scim.ListResponseURN}, "totalResults", number(len(all)),
			"startIndex", number(1), "itemsPerPage", number(len(all)), "Resources", all), nil
	}
	for _, o := range all {
		if o := o.(*engine.Object); strings.EqualFold(o.Text("id"), id[0]) {
			return o, nil
		}
	}
	return nil, notFound("no such schema or resource type")
}

// config is the ServiceProviderConfig, RFC 7643 §5. It promises what the
// server does and no more.
func (c *call) config() *engine.Object {
	supported := func(yes bool, more ...any) *engine.Object {
		return engine.NewObject(append([]any{"supported", yes}, more...)...)
	}
	schemes := []any{engine.NewObject(
		"type", "oauthbearertoken", "name", "OAuth Bearer Token",
		"description", "Authentication with a bearer token in the Authorization header",
		"specUri", "https://www.rfc-editor.org/info/rfc6750", "primary", true,
	)}
	if len(c.s.gate.clients) > 0 {
		schemes = append(schemes, engine.NewObject(
			"type", "oauth2", "name", "OAuth 2.0 Client Credentials",
			"description", "Bearer tokens that expire, from "+tokenPath+" for the credentials of a client",
			"specUri", "https://www.rfc-editor.org/info/rfc6749", "primary", false,
		))
	}
	config := engine.NewObject(
		"schemas", []any{scim.ServiceProviderConfigURN},
		"documentationUri", "https://github.com/scimproof/scimproof",
		"patch", supported(true),
		"bulk", supported(c.wire.bulk, "maxOperations", number(maxOperations), "maxPayloadSize", number(c.s.maxBody)),
		"filter", supported(true, "maxResults", number(maxCount)),
		"changePassword", supported(false),
		"sort", supported(true),
		"etag", supported(true),
		"authenticationSchemes", schemes,
		"meta", c.meta("ServiceProviderConfig", scim.ServiceProviderConfigEndpoint),
	)
	if c.wire.paging {
		config.Set("pagination", engine.NewObject("cursor", true, "index", true, "defaultPaginationMethod", "index",
			"defaultPageSize", number(defaultCount), "maxPageSize", number(maxCount), "cursorTimeout", number(int(cursorLife/time.Second))))
	}
	return config
}

// resourceType is the ResourceType resource, RFC 7643 §6.
func (c *call) resourceType(e *endpoint) *engine.Object {
	o := engine.NewObject(
		"schemas", []any{scim.ResourceTypeURN}, "id", e.Name, "name", e.Name, "endpoint", e.Endpoint,
		"description", e.Description, "schema", e.Schema.ID,
	)
	var extensions []any
	for _, x := range e.Extensions {
		extensions = append(extensions, engine.NewObject("schema", x.Schema.ID, "required", x.Required))
	}
	if extensions != nil {
		o.Set("schemaExtensions", extensions)
	}
	o.Set("meta", c.meta("ResourceType", scim.ResourceTypesEndpoint+"/"+e.Name))
	return o
}

// schema is the Schema resource, RFC 7643 §7.
func (c *call) schema(s scim.Schema) *engine.Object {
	return engine.NewObject("schemas", []any{scim.SchemaURN}, "id", s.ID, "name", s.Name, "description", s.Description,
		"attributes", attributes(s.Attributes), "meta", c.meta("Schema", scim.SchemasEndpoint+"/"+s.ID))
}

func attributes(list []scim.Attribute) []any {
	all := make([]any, len(list))
	for i, a := range list {
		o := engine.NewObject("name", a.Name, "type", string(a.Type), "multiValued", a.MultiValued, "description", a.Description,
			"required", a.Required, "caseExact", a.CaseExact, "mutability", cmp.Or(a.Mutability, "readWrite"),
			"returned", cmp.Or(a.Returned, "default"), "uniqueness", cmp.Or(a.Uniqueness, "none"))
		if len(a.CanonicalValues) > 0 {
			o.Set("canonicalValues", texts(a.CanonicalValues))
		}
		if len(a.ReferenceTypes) > 0 {
			o.Set("referenceTypes", texts(a.ReferenceTypes))
		}
		if len(a.Sub) > 0 {
			o.Set("subAttributes", attributes(a.Sub))
		}
		all[i] = o
	}
	return all
}

func (c *call) meta(resourceType, path string) *engine.Object {
	return engine.NewObject("resourceType", resourceType, "location", c.base+path)
}

func texts(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}

func number(n int) engine.Number { return engine.Number(strconv.Itoa(n)) }
