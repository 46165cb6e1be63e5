// SPDX-License-Identifier: Apache-2.0

package fault

import (
	"net/http"
	"net/http/httptest"

	"github.com/scimproof/scimproof/internal/scim"
)

// discoveryFaults break /ServiceProviderConfig, /Schemas and /ResourceTypes,
// RFC 7644 §4.
func discoveryFaults() []Fault {
	const config, schemas, types = "ServiceProviderConfig", "Schemas", "ResourceTypes"
	missing := func(rw http.ResponseWriter, _ *http.Request) {
		refuse(rw, http.StatusNotFound, "", "no such endpoint")
	}
	found := func(rw http.ResponseWriter, _ *http.Request) { writeJSON(rw, http.StatusOK, object{}) }
	return []Fault{
		{Name: "config-missing", Breaks: "ServiceProviderConfig is not served.", Wrap: instead(on(config), missing)},
		{Name: "config-text-booleans", Breaks: "ServiceProviderConfig writes its booleans as text.",
			Wrap: editing(on(config), func(o object) {
				for _, v := range o {
					if feature, ok := v.(object); ok && feature["supported"] != nil {
						feature["supported"] = "true"
					}
				}
			})},
		{Name: "config-no-schemes", Breaks: "ServiceProviderConfig does not say how to authenticate.",
			Wrap: editing(on(config), func(o object) { delete(o, "authenticationSchemes") })},
		{Name: "config-incomplete", Breaks: "ServiceProviderConfig leaves out bulk, sort and changePassword.",
			Wrap: editing(on(config), func(o object) { delete(o, "bulk"); delete(o, "sort"); delete(o, "changePassword") })},
		{Name: "config-no-schema", Breaks: "ServiceProviderConfig does not name its schema.",
			Wrap: editing(on(config), func(o object) { delete(o, "schemas") })},
		{Name: "config-no-limit", Breaks: "ServiceProviderConfig does not say how many results a filter may give.",
			Wrap: editing(on(config), func(o object) { o["filter"] = object{"supported": true} })},
		{Name: "config-denies-patch", Breaks: "ServiceProviderConfig says that PATCH is not supported although it is.",
			Wrap: editing(on(config), func(o object) { o["patch"] = object{"supported": false} })},
		{Name: "discovery-writable", Breaks: "POST, PUT, PATCH and DELETE on the discovery endpoints are accepted.",
			Wrap: instead(func(r *http.Request) bool {
				e, _ := endpoint(r)
				return (e == config || e == schemas || e == types) && r.Method != http.MethodGet && r.Method != http.MethodHead
			}, found)},
		{Name: "schemas-missing", Breaks: "Schemas is not served.", Wrap: instead(on(schemas), missing)},
		{Name: "schemas-bare-array", Breaks: "Schemas and ResourceTypes answer a bare array and not a ListResponse.",
			Wrap: replying(func(r *http.Request) bool { return all(schemas)(r) || all(types)(r) }, bareArray)},
		{Name: "schemas-no-single", Breaks: "A single schema or resource type cannot be read.",
			Wrap: instead(func(r *http.Request) bool { return one(schemas)(r) || one(types)(r) }, missing)},
		{Name: "schemas-unknown-found", Breaks: "An unknown schema or resource type is answered with 200.",
			Wrap: replying(func(r *http.Request) bool { return one(schemas)(r) || one(types)(r) }, unknownFound)},
		{Name: "schema-username-optional", Breaks: "The User schema says that userName is not required.",
			Wrap: schemaAttribute(scim.UserURN, "userName", "required", false)},
		{Name: "schema-displayname-optional", Breaks: "The Group schema says that displayName is not required.",
			Wrap: schemaAttribute(scim.GroupURN, "displayName", "required", false)},
		{Name: "schema-groups-writable", Breaks: "The User schema says that groups may be written.",
			Wrap: schemaAttribute(scim.UserURN, "groups", "mutability", "readWrite")},
		{Name: "schema-password-returned", Breaks: "The User schema says that password is returned.",
			Wrap: schemaAttribute(scim.UserURN, "password", "returned", "default")},
		{Name: "schema-emails-single", Breaks: "The User schema says that emails has one value.",
			Wrap: schemaAttribute(scim.UserURN, "emails", "multiValued", false)},
		{Name: "schema-illegal-mutability", Breaks: "The User schema uses a mutability that RFC 7643 does not have.",
			Wrap: schemaAttribute(scim.UserURN, "displayName", "mutability", "writable")},
		{Name: "schema-no-user", Breaks: "Schemas does not hold the core User schema.",
			Wrap: editing(all(schemas), func(o object) { dropListed(o, scim.UserURN) })},
		{Name: "schema-no-enterprise", Breaks: "A resource type names the enterprise extension but Schemas does not hold it.",
			Wrap: editing(all(schemas), func(o object) { dropListed(o, scim.EnterpriseUserURN) })},
		{Name: "schema-no-name", Breaks: "Schemas have no name.",
			Wrap: editingResources(on(schemas), func(o object) { delete(o, "name") })},
		{Name: "schema-message-listed", Breaks: "Schemas lists the schema of a protocol message.",
			Wrap: editing(all(schemas), func(o object) {
				list, _ := o["Resources"].([]any)
				o["Resources"] = append(list, object{"schemas": []string{scim.SchemaURN}, "id": scim.PatchOpURN, "name": "PatchOp", "attributes": []any{}})
				o["totalResults"] = len(list) + 1
			})},
		{Name: "types-no-user", Breaks: "ResourceTypes does not hold User.",
			Wrap: editing(all(types), func(o object) { dropListed(o, "User") })},
		{Name: "types-absolute-endpoint", Breaks: "A resource type gives an absolute URL as its endpoint.",
			Wrap: editingResources(on(types), func(o object) { o["endpoint"] = "https://elsewhere.example/Users" })},
		{Name: "types-no-schema", Breaks: "Resource types do not name their schema.",
			Wrap: editingResources(on(types), func(o object) { delete(o, "schema") })},
		{Name: "config-behind-login", Breaks: "ServiceProviderConfig is refused without credentials.",
			Wrap: instead(both(on(config), func(r *http.Request) bool { return r.Header.Get("Authorization") == "" }), func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("WWW-Authenticate", "Bearer")
				refuse(rw, http.StatusUnauthorized, "", "a token is required")
			})},
		{Name: "discovery-filtered", Breaks: "A filter on Schemas or ResourceTypes is obeyed and not refused.",
			Wrap: instead(both(asking("filter"), func(r *http.Request) bool { return on(schemas)(r) || on(types)(r) }), emptyList)},
	}
}

// bareArray takes the Resources out of a ListResponse.
func bareArray(_ *http.Request, rec *httptest.ResponseRecorder) {
	var o object
	if decode(rec.Body.Bytes(), &o) == nil && o["Resources"] != nil {
		rec.Body.Reset()
		rec.Body.Write(encode(o["Resources"]))
	}
}

// unknownFound turns a 404 into a 200 with an empty object.
func unknownFound(_ *http.Request, rec *httptest.ResponseRecorder) {
	if rec.Code == http.StatusNotFound {
		rec.Code = http.StatusOK
		rec.Body.Reset()
		rec.Body.WriteString("{}")
	}
}

// emptyList answers a ListResponse without resources.
func emptyList(rw http.ResponseWriter, _ *http.Request) {
	writeJSON(rw, http.StatusOK, object{"schemas": []string{scim.ListResponseURN}, "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []any{}})
}

// dropListed leaves the resource with an id out of a list.
func dropListed(o object, id string) {
	list, ok := o["Resources"].([]any)
	if !ok {
		return
	}
	kept := []any{}
	for _, r := range list {
		if r, ok := r.(object); !ok || r["id"] != id && r["name"] != id {
			kept = append(kept, r)
		}
	}
	o["Resources"], o["totalResults"], o["itemsPerPage"] = kept, len(kept), len(kept)
}

// schemaAttribute sets a characteristic of a top-level attribute in a schema.
func schemaAttribute(urn, attribute, characteristic string, value any) wrapper {
	return editingResources(on("Schemas"), func(o object) {
		attributes, _ := o["attributes"].([]any)
		for _, a := range attributes {
			if a, ok := a.(object); ok && o["id"] == urn && a["name"] == attribute {
				a[characteristic] = value
			}
		}
	})
}
