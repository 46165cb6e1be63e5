// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// searchRules are about queries by POST, RFC 7644 §3.4.3.
func searchRules() []Rule {
	return []Rule{
		{ID: "search.schemas", Holds: "a search names the SearchRequest message", Level: check.Must, Source: rfc("7644", "3.4.3"),
			Covers: []string{"rfc7644-3.4.3-request-schema", "rfc7644-3.1-message-urn"}, look: func(q *request, _ *seen, say say) {
				if q.searches() && q.root() != nil && !holds(schemaURNs(q.root()), scim.SearchRequestURN) {
					say("body.schemas", strings.Join(schemaURNs(q.root()), ", "), scim.SearchRequestURN)
				}
			}},
	}
}

// bulkOperation is one operation of a bulk request.
type bulkOperation struct {
	where, method, path, id string
	node, data              *match.Node
}

// eachBulk makes a rule about each operation of a bulk request.
func eachBulk(look func(o bulkOperation, say say)) func(*request, *seen, say) {
	return func(q *request, _ *seen, say say) {
		for _, o := range q.bulk() {
			look(o, say)
		}
	}
}

// bulk gives the operations of a bulk request.
func (q *request) bulk() []bulkOperation {
	list := member(q.root(), "Operations")
	if q.method != http.MethodPost || q.endpoint != bulk || list == nil {
		return nil
	}
	all := make([]bulkOperation, len(list.Elements))
	for i, n := range list.Elements {
		all[i] = bulkOperation{
			where: "body.Operations[" + strconv.Itoa(i) + "]", node: n, data: member(n, "data"),
			method: strings.ToUpper(text(member(n, "method"))), path: text(member(n, "path")), id: text(member(n, "bulkId")),
		}
	}
	return all
}

func (o bulkOperation) writes() bool {
	return slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, o.method)
}

// bulkRules are about bulk requests, RFC 7644 §3.7.
func bulkRules() []Rule {
	return []Rule{
		{ID: "bulk.schemas", Holds: "a bulk request names the BulkRequest message", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-request-schema", "rfc7644-3.1-message-urn"}, look: func(q *request, _ *seen, say say) {
				if q.endpoint == bulk && q.root() != nil && !holds(schemaURNs(q.root()), scim.BulkRequestURN) {
					say("body.schemas", strings.Join(schemaURNs(q.root()), ", "), scim.BulkRequestURN)
				}
			}},
		{ID: "bulk.operations", Holds: "a bulk request has Operations", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-operations-required"}, look: func(q *request, _ *seen, say say) {
				if n := member(q.root(), "Operations"); q.endpoint == bulk && q.root() != nil && (n == nil || n.Kind != match.KindArray) {
					say("body.Operations", "no list", "a list of operations")
				}
			}},
		{ID: "bulk.method", Holds: "each operation has a method: POST, PUT, PATCH or DELETE", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-method-required", "rfc7644-3.7-methods"}, look: eachBulk(func(o bulkOperation, say say) {
				if !o.writes() && o.method != http.MethodDelete {
					say(o.where+".method", o.method, "POST, PUT, PATCH or DELETE")
				}
			})},
		{ID: "bulk.path", Holds: "each operation has a path", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-path-required"}, look: eachBulk(func(o bulkOperation, say say) {
				if o.path == "" {
					say(o.where+".path", "nothing", "a path such as /Users")
				}
			})},
		{ID: "bulk.path-of-method", Holds: "POST goes to an endpoint, the other methods to a resource", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-path-post-endpoint"}, look: eachBulk(func(o bulkOperation, say say) {
				deep := strings.Count(strings.Trim(o.path, "/"), "/") > 0
				if o.path != "" && o.method != "" && deep == (o.method == http.MethodPost) {
					say(o.where+".path", o.method+" "+o.path, "POST /Users, or PUT /Users/{id}")
				}
			})},
		{ID: "bulk.data", Holds: "POST, PUT and PATCH have data", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-data-required"}, look: eachBulk(func(o bulkOperation, say say) {
				if o.writes() && (o.data == nil || o.data.Kind == match.KindNull) {
					say(o.where+".data", "nothing", "the resource, or the PatchOp message")
				}
			})},
		{ID: "bulk.patch-data", Holds: "the data of a PATCH is a PatchOp message", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-patch-data"}, look: eachBulk(func(o bulkOperation, say say) {
				if o.method == http.MethodPatch && o.data != nil && !holds(schemaURNs(o.data), scim.PatchOpURN) {
					say(o.where+".data", short(o.data.JSON()), "an object with schemas "+scim.PatchOpURN)
				}
			})},
		{ID: "bulk.id", Holds: "a POST has a bulkId", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-bulkid-required-post"}, look: eachBulk(func(o bulkOperation, say say) {
				if o.method == http.MethodPost && o.id == "" {
					say(o.where+".bulkId", "nothing", "an id of the client's own")
				}
			})},
		{ID: "bulk.id-once", Holds: "no two operations have the same bulkId", Level: check.Must, Source: rfc("7644", "3.7"),
			Covers: []string{"rfc7644-3.7-bulkid-unique", "rfc7644-3.7.2-distinct-ids"}, look: func(q *request, _ *seen, say say) {
				there := map[string]bool{}
				for _, o := range q.bulk() {
					if o.id != "" && there[o.id] {
						say(o.where+".bulkId", o.id+" again", "an id of its own")
					}
					there[o.id] = true
				}
			}},
		{ID: "bulk.reference", Holds: "a reference to a new resource is bulkId: and the id of an operation", Level: check.Must, Source: rfc("7644", "3.7.2"),
			Covers: []string{"rfc7644-3.7.2-prefix"}, look: bulkReferences},
	}
}

// bulkReferences wants each reference to be to an operation of the request,
// with its prefix. The cost grows with the body.
func bulkReferences(q *request, _ *seen, say say) {
	given := map[string]bool{}
	for _, o := range q.bulk() {
		if o.id != "" {
			given[o.id] = true
		}
	}
	var walk func(where string, n *match.Node)
	walk = func(where string, n *match.Node) {
		for _, m := range n.Members {
			walk(where+"."+m.Name, m.Value)
			if !strings.EqualFold(m.Name, "value") || m.Value.Kind != match.KindString {
				continue
			}
			id, prefixed := strings.CutPrefix(m.Value.Text, "bulkId:")
			if prefixed != given[id] && (prefixed || given[id]) {
				say(where+"."+m.Name, m.Value.Text, "bulkId: and the bulkId of an operation")
			}
		}
		for i, e := range n.Elements {
			walk(where+"["+strconv.Itoa(i)+"]", e)
		}
	}
	for _, o := range q.bulk() {
		if o.data != nil {
			walk(o.where+".data", o.data)
		}
	}
}
