// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// attributes reads attribute definitions, RFC 7643 §7. The characteristics that
// may be left out have the defaults of §2.2.
func (r *schemaReader) attributes(at string, list []any, sub bool) []scim.Attribute {
	if len(list) == 0 {
		r.wrong(at, "none", "an array of one or more attributes")
	}
	var all []scim.Attribute
	seen := map[string]bool{}
	for i, v := range list {
		o, _ := v.(*engine.Object)
		a := r.attribute(fmt.Sprintf("%s[%d]", at, i), o, sub)
		name := strings.ToLower(a.Name)
		if common := slices.ContainsFunc(scim.CommonAttributes(), func(c scim.Attribute) bool { return strings.EqualFold(c.Name, name) }); seen[name] || common && !sub {
			r.wrong(fmt.Sprintf("%s[%d].name", at, i), a.Name, "a name that no other attribute has")
		}
		seen[name] = true
		all = append(all, a)
	}
	return all
}

func (r *schemaReader) attribute(at string, o *engine.Object, sub bool) scim.Attribute {
	text := func(name string, allowed ...string) string {
		s := o.Text(name)
		if v, _ := o.Get(name); v != nil && !slices.Contains(allowed, s) && len(allowed) > 0 {
			r.wrong(at+"."+name, fmt.Sprint(v), strings.Join(allowed, ", "))
		}
		return s
	}
	is := func(name string) bool {
		v, _ := o.Get(name)
		b, ok := v.(bool)
		if v != nil && !ok {
			r.wrong(at+"."+name, "no boolean", "true, false")
		}
		return b
	}
	a := scim.Attribute{
		Name: o.Text("name"), Description: o.Text("description"),
		Type:        scim.Type(text("type", "string", "boolean", "decimal", "integer", "dateTime", "binary", "reference", "complex")),
		MultiValued: is("multiValued"), Required: is("required"), CaseExact: is("caseExact"),
		Mutability:      text("mutability", "readWrite", "readOnly", "immutable", "writeOnly"),
		Returned:        text("returned", "default", "always", "never", "request"),
		Uniqueness:      text("uniqueness", "none", "server", "global"),
		CanonicalValues: r.texts(at+".canonicalValues", o.Array("canonicalValues")),
		ReferenceTypes:  r.texts(at+".referenceTypes", o.Array("referenceTypes")),
	}
	if a.Type == "" {
		a.Type = scim.String
	}
	if !attributeName.MatchString(a.Name) {
		r.wrong(at+".name", fmt.Sprintf("%q", a.Name), "letters, digits, - and _, beginning with a letter")
	}
	switch subs := o.Array("subAttributes"); {
	case a.Type == scim.Complex && sub:
		r.wrong(at+".type", "complex", "any other type below a complex attribute")
	case a.Type == scim.Complex:
		a.Sub = r.attributes(at+".subAttributes", subs, true)
	case len(subs) > 0:
		r.wrong(at+".subAttributes", string(a.Type)+" with sub-attributes", "a complex attribute with them")
	}
	if unique(a) && (sub || a.MultiValued || a.Type != scim.String) {
		r.wrong(at+".uniqueness", a.Uniqueness, "none, but for a single string at the top")
	}
	return a
}

func unique(a scim.Attribute) bool { return a.Uniqueness == "server" || a.Uniqueness == "global" }

func (r *schemaReader) texts(at string, list []any) []string {
	var all []string
	for _, v := range list {
		s, ok := v.(string)
		if !ok {
			r.wrong(at, "no string", "an array of strings")
		}
		all = append(all, s)
	}
	return all
}
