// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/match"
)

const enterpriseURN = scim.EnterpriseUserURN

// value is an attribute in a body, with the row of the attribute table.
type value struct {
	where string
	name  string // "emails.type", without URN; core and extension alike
	attr  *scim.Attribute
	node  *match.Node
	one   bool // an element of a multi-valued attribute, or what a path leads to
}

// tables are the attributes of the endpoints that the rules know.
func table(endpoint string) (core, extension []scim.Attribute) {
	switch endpoint {
	case users:
		return append(scim.CommonAttributes(), scim.UserSchema().Attributes...), scim.EnterpriseUserSchema().Attributes
	case groups:
		return append(scim.CommonAttributes(), scim.GroupSchema().Attributes...), nil
	}
	return nil, nil
}

// find gives the attribute called name, in any letter case.
func find(all []scim.Attribute, name string) *scim.Attribute {
	for i := range all {
		if strings.EqualFold(all[i].Name, name) {
			return &all[i]
		}
	}
	return nil
}

// lookup gives the attribute that a name stands for, or nil.
func lookup(endpoint string, a attributeName) *scim.Attribute {
	core, extension := table(endpoint)
	all := core
	switch {
	case strings.EqualFold(a.urn, enterpriseURN):
		all = extension
	case a.urn != "" && !strings.EqualFold(a.urn, scim.UserURN) && !strings.EqualFold(a.urn, scim.GroupURN):
		return nil
	}
	attr := find(all, a.name)
	if attr != nil && a.sub != "" {
		return find(attr.Sub, a.sub)
	}
	return attr
}

// values gives the attributes of the body that the attribute table has, each
// before those below it. Its cost grows with the body.
func (q *request) values() []value {
	w := &walker{endpoint: q.endpoint}
	root := q.root()
	switch {
	case root == nil:
	case q.holdsResource():
		w.resource("body", root)
	case q.method == http.MethodPatch:
		for _, o := range q.ops {
			w.operation(o)
		}
	}
	return w.all
}

type walker struct {
	endpoint string
	all      []value
}

// resource walks the members of a resource.
func (w *walker) resource(where string, n *match.Node) {
	core, extension := table(w.endpoint)
	for _, m := range n.Members {
		at := where + "." + m.Name
		switch {
		case strings.EqualFold(m.Name, enterpriseURN):
			w.object(at, "", extension, m.Value)
		case strings.EqualFold(m.Name, scim.UserURN), strings.EqualFold(m.Name, scim.GroupURN):
			w.object(at, "", core, m.Value)
		default:
			if attr := find(core, m.Name); attr != nil {
				w.attribute(at, attr.Name, attr, m.Value, false)
			}
		}
	}
}

// object walks the members of an object that are in attrs.
func (w *walker) object(where, prefix string, attrs []scim.Attribute, n *match.Node) {
	for _, m := range n.Members {
		if attr := find(attrs, m.Name); attr != nil {
			w.attribute(where+"."+m.Name, prefix+attr.Name, attr, m.Value, false)
		}
	}
}

// attribute adds a value and walks what is below it.
func (w *walker) attribute(where, name string, attr *scim.Attribute, n *match.Node, one bool) {
	w.all = append(w.all, value{where, name, attr, n, one || !attr.MultiValued})
	if !one && attr.MultiValued && n.Kind == match.KindArray {
		for i, e := range n.Elements {
			w.attribute(where+"["+strconv.Itoa(i)+"]", name, attr, e, true)
		}
		return
	}
	if attr.Type == scim.Complex && n.Kind == match.KindObject {
		w.object(where, name+".", attr.Sub, n)
	}
}

// operation walks the value of a PATCH operation.
func (w *walker) operation(o operation) {
	where := o.where + ".value"
	switch {
	case o.value == nil:
	case o.path == nil && o.text == "" && o.value.Kind == match.KindObject:
		w.pathless(where, o.value)
	case o.path == nil:
	case o.path.name == "": // a whole extension
		_, extension := table(w.endpoint)
		w.object(where, "", extension, o.value)
	default:
		parent := lookup(w.endpoint, attributeName{urn: o.path.urn, name: o.path.name})
		attr := lookup(w.endpoint, o.path.attributeName)
		name := o.path.name
		if attr != nil {
			name = attr.Name
			if o.path.sub != "" {
				name = parent.Name + "." + attr.Name
			}
		}
		if attr != nil && o.path.after != "" {
			if attr = find(attr.Sub, o.path.after); attr != nil {
				name += "." + attr.Name
			}
		}
		if attr != nil {
			w.attribute(where, name, attr, o.value, o.path.filter != nil && o.path.after == "")
		}
	}
}

// pathless walks the value of an operation without a path: names in the
// notation of RFC 7644 §3.10 are followed, as Entra ID writes them.
func (w *walker) pathless(where string, n *match.Node) {
	for _, m := range n.Members {
		at := where + "." + m.Name
		if strings.EqualFold(m.Name, enterpriseURN) || strings.EqualFold(m.Name, scim.UserURN) {
			w.resource(where, &match.Node{Kind: match.KindObject, Members: []match.Member{m}})
			continue
		}
		name, err := readName(m.Name)
		if err != nil {
			continue
		}
		if attr := lookup(w.endpoint, name); attr != nil {
			path := attr.Name
			if name.sub != "" {
				path = name.name + "." + attr.Name
			}
			w.attribute(at, path, attr, m.Value, false)
		}
	}
}
