// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// bulkPrefix marks a reference to what another operation makes, RFC 7644
// §3.7.2.
const bulkPrefix = "bulkId:"

// operation is one operation of a bulk request and what became of it.
type operation struct {
	method, bulkID, path, version string

	data       *engine.Object
	needs      map[string]*operation // the POST that each bulkId it names stands for
	dependents []*operation          // those that need it
	waiting    int                   // how many of needs are still to be done
	reached    bool                  // its turn has come

	id    string // of the resource a POST has made, or will make
	rep   *reply
	err   error
	known bool // err was found when the operation was read, and is still to be told
}

func (op *operation) done() bool { return op.rep != nil || op.err != nil && !op.known }

// operation reads one operation. What is wrong with it is its own result, and
// no reason to refuse the others.
func (c *call) operation(in *engine.Object) *operation {
	op := &operation{
		method: strings.ToUpper(in.Text("method")), bulkID: in.Text("bulkId"), path: in.Text("path"), version: in.Text("version"),
		needs: map[string]*operation{},
	}
	wrong := func(format string, args ...any) *operation {
		op.err, op.known = refusal(http.StatusBadRequest, scim.InvalidSyntax, format, args...), true
		return op
	}
	switch op.method {
	case http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete:
	default:
		return wrong("method is one of POST, PUT, PATCH and DELETE")
	}
	if op.method == http.MethodPost && op.bulkID == "" {
		return wrong("a POST needs a bulkId")
	}
	if op.path == "" {
		return wrong("path is missing")
	}
	if data, _ := in.Get("data"); op.method != http.MethodDelete {
		var ok bool
		if op.data, ok = data.(*engine.Object); !ok {
			return wrong("a %s needs data, a JSON object", op.method)
		}
	}
	return op
}

// target finds the endpoint that an operation addresses, and the id below it
// for all methods but POST. The path is relative to the base URL, and names
// resources only.
func (c *call) target(op *operation) (e *endpoint, id string, err error) {
	segments, ok := split(op.path)
	if !ok || strings.ContainsAny(op.path, "?#") {
		return nil, "", refusal(http.StatusBadRequest, scim.InvalidValue, "path is a path below the base URL, like /Users")
	}
	want := 2
	if op.method == http.MethodPost {
		want = 1
	}
	for _, e := range c.wire.endpoints {
		if len(segments) == 0 || "/"+segments[0] != e.Endpoint {
			continue
		}
		if len(segments) != want {
			return nil, "", refusal(http.StatusBadRequest, scim.InvalidValue, "path: a POST names an endpoint, the other methods name one resource")
		}
		return e, strings.Join(segments[1:], ""), nil
	}
	return nil, "", refusal(http.StatusBadRequest, scim.InvalidValue, "path does not begin with the endpoint of a resource type")
}

// quoted finds references in the value filters of PATCH paths.
var quoted = regexp.MustCompile(`"` + bulkPrefix + `([^"\\]+)"`)

// refer notes what the operation refers to. A reference to a bulkId that the
// job does not have is wrong where a reference must stand, and text elsewhere.
func (op *operation) refer(posts map[string]*operation) {
	note := func(bulkID string, must bool) {
		switch target := posts[bulkID]; {
		case target != nil && op.needs[bulkID] == nil:
			op.needs[bulkID] = target
			op.waiting++
			target.dependents = append(target.dependents, op)
		case target != nil:
		case must && op.err == nil:
			op.err, op.known = refusal(http.StatusBadRequest, scim.InvalidValue, "a reference names a bulkId that no POST of the request has"), true
		}
	}
	for segment := range strings.SplitSeq(op.path, "/") {
		if id, ok := strings.CutPrefix(segment, bulkPrefix); ok {
			note(id, true)
		}
	}
	references(op.data, "", func(bulkID string, must bool) string {
		note(bulkID, must)
		return ""
	})
}

// release tells those that wait for the operation that it is done, and returns
// them.
func (op *operation) release() []*operation {
	for _, d := range op.dependents {
		d.waiting--
	}
	return op.dependents
}

// resolve puts the ids of what has been made in the place of the references.
func (op *operation) resolve() error {
	for _, target := range op.needs {
		if target.err != nil {
			return refusal(http.StatusConflict, "", "the operation that makes what it refers to has failed")
		}
	}
	segments := strings.Split(op.path, "/")
	for i, segment := range segments {
		if bulkID, ok := strings.CutPrefix(segment, bulkPrefix); ok {
			segments[i] = url.PathEscape(op.needs[bulkID].id)
		}
	}
	op.path = strings.Join(segments, "/")
	if data, ok := references(op.data, "", func(bulkID string, _ bool) string {
		if target := op.needs[bulkID]; target != nil {
			return target.id
		}
		return ""
	}).(*engine.Object); ok {
		op.data = data
	}
	return nil
}

// references returns v with each reference replaced by what f makes of its
// bulkId, or left when that is "". must says that the place is one where
// nothing but a reference begins with the prefix.
func references(v any, name string, f func(bulkID string, must bool) string) any {
	switch v := v.(type) {
	case *engine.Object:
		if v == nil {
			return nil
		}
		return v.Map(func(name string, w any) any { return references(w, name, f) })
	case []any:
		list := make([]any, len(v))
		for i, w := range v {
			list[i] = references(w, name, f)
		}
		return list
	case string:
		return reference(v, name, f)
	}
	return v
}

func reference(s, name string, f func(bulkID string, must bool) string) string {
	switch name = strings.ToLower(name); name {
	case "path":
		return quoted.ReplaceAllStringFunc(s, func(match string) string {
			if id := f(match[len(bulkPrefix)+1:len(match)-1], true); id != "" {
				return `"` + id + `"`
			}
			return match
		})
	case "$ref":
		if i := strings.LastIndex(s, bulkPrefix); i >= 0 {
			if id := f(s[i+len(bulkPrefix):], true); id != "" {
				return s[:i] + id
			}
		}
		return s
	}
	bulkID, ok := strings.CutPrefix(s, bulkPrefix)
	if !ok {
		return s
	}
	if id := f(bulkID, name == "value" || name == "manager"); id != "" {
		return id
	}
	return s
}

// request is what the operation would have been by itself.
func (op *operation) request(ctx context.Context) *http.Request {
	r := &http.Request{Method: op.method, URL: &url.URL{Path: op.path}, Header: http.Header{}}
	if op.version != "" {
		r.Header.Set("If-Match", op.version)
	}
	return r.WithContext(ctx)
}
