// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// custom is what a file adds to the schemas and resource types of the server.
type custom struct {
	schemas []scim.Schema
	types   []customType
}

// customType is a ResourceType of the file. One that is named User or Group
// adds its extensions to what there is.
type customType struct {
	name, endpoint, description, schema string
	extensions                          []engine.Extension // by the URN of their Schema at first
}

var (
	attributeName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9_-]*|\$ref)$`)
	typeName      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	schemaURI     = regexp.MustCompile(`^urn:[A-Za-z0-9][A-Za-z0-9-]*:[A-Za-z0-9_.:-]*[A-Za-z0-9_-]$`)
)

// taken are the endpoints that cannot be given away.
func taken() []string {
	return []string{scim.UsersEndpoint, scim.GroupsEndpoint, scim.SchemasEndpoint, scim.ResourceTypesEndpoint, scim.ServiceProviderConfigEndpoint, "/Bulk", "/Me"}
}

// readSchemas reads a JSON array of Schema resources (RFC 7643 §7) and
// ResourceType resources (§6), in the form in which discovery serves them.
func readSchemas(file string) (*custom, error) {
	c := &custom{}
	if file == "" {
		return c, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read schemas: %w", err)
	}
	o, err := engine.Parse(slices.Concat([]byte(`{"file":`), text, []byte(`}`)), engine.Limits{MaxBytes: maxStored})
	if err != nil {
		return nil, fmt.Errorf("read schemas %s: %w", file, err)
	}
	items, ok := o.Get("file")
	list, ok2 := items.([]any)
	if !ok || !ok2 {
		return nil, fmt.Errorf("read schemas %s: found no array, allowed: an array of Schema and ResourceType resources", file)
	}
	r := &schemaReader{}
	for i, item := range list {
		c.add(r, fmt.Sprintf("item %d", i+1), item)
	}
	c.link(r)
	if r.err != nil {
		return nil, fmt.Errorf("read schemas %s: %w", file, r.err)
	}
	return c, nil
}

// schemaReader keeps the first thing that is wrong.
type schemaReader struct{ err error }

func (r *schemaReader) wrong(at, found, allowed string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: found %s, allowed: %s", at, found, allowed)
	}
}

func (c *custom) add(r *schemaReader, at string, item any) {
	o, _ := item.(*engine.Object)
	switch kind := o.Array("schemas"); {
	case len(kind) == 1 && kind[0] == any(scim.SchemaURN):
		s := scim.Schema{ID: o.Text("id"), Name: o.Text("name"), Description: o.Text("description")}
		if !schemaURI.MatchString(s.ID) {
			r.wrong(at+".id", fmt.Sprintf("%q", s.ID), "a URN")
		}
		if slices.ContainsFunc(append(builtIn(), c.schemas...), func(b scim.Schema) bool { return strings.EqualFold(b.ID, s.ID) }) {
			r.wrong(at+".id", s.ID, "a schema that is not there yet")
		}
		s.Attributes = r.attributes(at+".attributes", o.Array("attributes"), false)
		c.schemas = append(c.schemas, s)
	case len(kind) == 1 && kind[0] == any(scim.ResourceTypeURN):
		c.types = append(c.types, r.resourceType(at, o))
	default:
		r.wrong(at+".schemas", "something else", scim.SchemaURN+" or "+scim.ResourceTypeURN+", alone")
	}
}

// builtIn are the schemas that a file cannot define.
func builtIn() []scim.Schema {
	return []scim.Schema{
		scim.UserSchema(), scim.GroupSchema(), scim.EnterpriseUserSchema(),
		scim.ServiceProviderConfigSchema(), scim.ResourceTypeSchema(), scim.SchemaSchema(),
	}
}

func (r *schemaReader) resourceType(at string, o *engine.Object) customType {
	t := customType{name: o.Text("name"), endpoint: o.Text("endpoint"), description: o.Text("description"), schema: o.Text("schema")}
	if !typeName.MatchString(t.name) {
		r.wrong(at+".name", fmt.Sprintf("%q", t.name), "letters, digits, - and _, beginning with a letter")
	}
	standard := map[string][2]string{"User": {scim.UsersEndpoint, scim.UserURN}, "Group": {scim.GroupsEndpoint, scim.GroupURN}}
	if want, ok := standard[t.name]; ok {
		if t.endpoint != want[0] || t.schema != want[1] {
			r.wrong(at, t.endpoint+" with "+t.schema, want[0]+" with "+want[1]+" for a "+t.name)
		}
	} else if !typeName.MatchString(strings.TrimPrefix(t.endpoint, "/")) || t.endpoint == "" || t.endpoint[0] != '/' || slices.ContainsFunc(taken(), func(e string) bool { return strings.EqualFold(e, t.endpoint) }) {
		r.wrong(at+".endpoint", fmt.Sprintf("%q", t.endpoint), "a path like /Devices that is not taken")
	}
	for i, v := range o.Array("schemaExtensions") {
		x, _ := v.(*engine.Object)
		if t.name == "User" && x.Text("schema") == scim.EnterpriseUserURN {
			continue // it is there anyway
		}
		required, _ := x.Get("required")
		is, ok := required.(bool)
		if required != nil && !ok {
			r.wrong(fmt.Sprintf("%s.schemaExtensions[%d].required", at, i), "no boolean", "true, false")
		}
		t.extensions = append(t.extensions, engine.Extension{Schema: scim.Schema{ID: x.Text("schema")}, Required: is})
	}
	return t
}

// link finds the schemas that the types name.
func (c *custom) link(r *schemaReader) {
	names, endpoints := map[string]bool{}, map[string]bool{}
	for i := range c.types {
		t := &c.types[i]
		name, endpoint := strings.ToLower(t.name), strings.ToLower(t.endpoint)
		if names[name] || endpoints[endpoint] {
			r.wrong("resource type "+t.name, "its name or endpoint given twice", "each once")
		}
		names[name], endpoints[endpoint] = true, true
		if _, ok := c.schema(t.schema); !ok && !t.standard() {
			r.wrong("resource type "+t.name+": schema", fmt.Sprintf("%q", t.schema), "a schema of the file")
		}
		for j, x := range t.extensions {
			s, ok := c.schema(x.Schema.ID)
			if !ok || x.Schema.ID == t.schema {
				r.wrong("resource type "+t.name+": schemaExtensions", fmt.Sprintf("%q", x.Schema.ID), "a schema of the file")
			}
			if slices.ContainsFunc(t.extensions[:j], func(y engine.Extension) bool { return y.Schema.ID == s.ID }) {
				r.wrong("resource type "+t.name+": schemaExtensions", s.ID+" twice", "each once")
			}
			t.extensions[j].Schema = s
		}
	}
}

func (t *customType) standard() bool { return t.name == "User" || t.name == "Group" }

func (c *custom) schema(id string) (scim.Schema, bool) {
	i := slices.IndexFunc(c.schemas, func(s scim.Schema) bool { return s.ID == id })
	if i < 0 {
		return scim.Schema{ID: id}, false
	}
	return c.schemas[i], true
}

// extensions returns what the file adds to the type of that name.
func (c *custom) extensions(name string) []engine.Extension {
	for _, t := range c.types {
		if t.name == name {
			return t.extensions
		}
	}
	return nil
}
