// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/match"
)

// request is one request as the rules look at it, with what is known of its
// answer.
type request struct {
	number int
	name   string // of the step, if it has one
	method string
	target string // raw, below the base URL
	url    string // absolute; "": not known
	header http.Header
	body   []byte
	start  time.Time // zero: not known

	status int // 0: not known
	answer http.Header
	reply  *match.Node // nil: not known
	gives  []string    // ids that the reply gave

	endpoint string // "/Users"; "" of the base itself
	id       string // of the resource; "": the target is the endpoint
	rest     string // what follows the id in the path
	query    []parameter
	tree     *match.Tree // nil: no body, or no JSON
	fault    error       // why the body is no JSON
	ops      []operation
	found    []value // attributes in the body with their schema
}

// parameter is one parameter of a query.
type parameter struct {
	name, raw, value string
	broken           bool // cannot be decoded
}

// operation is one operation of a PATCH.
type operation struct {
	where string // "body.Operations[0]"
	node  *match.Node
	op    string // as sent
	path  *path  // nil: none, or none that can be read
	text  string // of the path, as sent
	value *match.Node
	fault error // why the path cannot be read
}

// is says whether the operation is called name, in any letter case.
func (o operation) is(name string) bool { return strings.EqualFold(o.op, name) }

// member gives the value of a member of n, or nil.
func member(n *match.Node, name string) *match.Node {
	if n == nil || n.Kind != match.KindObject {
		return nil
	}
	m, ok := n.Member(name)
	if !ok {
		return nil
	}
	return m.Value
}

// text gives the text of a string, or "".
func text(n *match.Node) string {
	if n == nil || n.Kind != match.KindString {
		return ""
	}
	return n.Text
}

var (
	placeholder = regexp.MustCompile(`\{\{([A-Za-z][A-Za-z0-9_]*)\}\}`)
	idPointer   = regexp.MustCompile(`^(/Resources/\d+)?/id$`)
)

// fromStep gives the request of a step. An id that is bound stands under the
// name that it is bound to.
func fromStep(number int, step *flow.Step) *request {
	plain := func(s string) string { return placeholder.ReplaceAllString(s, "$1") }
	q := &request{
		number: number, name: step.Name, method: step.Request.Method, target: plain(step.Request.Path),
		header: http.Header{}, body: []byte(plain(step.Request.Body)),
	}
	for name, v := range step.Request.Headers {
		q.header.Set(name, v)
	}
	if len(step.Expect.Status) > 0 {
		q.status = step.Expect.Status[0]
	}
	if step.Reply != nil {
		q.status = step.Reply.Status
	}
	for name, pointer := range step.Bind {
		if idPointer.MatchString(pointer) {
			q.gives = append(q.gives, name)
		}
	}
	slices.Sort(q.gives)
	q.read()
	return q
}

// fromExchange gives the request of an exchange.
func fromExchange(number int, x *flow.Exchange) *request {
	q := &request{
		number: number, method: x.Method, target: x.Path, url: x.URL, header: x.Request.Header, body: x.Request.Body,
		start: x.Start, status: x.Status, answer: x.Response.Header,
	}
	if tree, err := match.Parse(x.Response.Body); err == nil {
		q.reply = tree.Root
		if id := text(member(tree.Root, "id")); id != "" {
			q.gives = append(q.gives, id)
		}
		if all := member(tree.Root, "Resources"); all != nil {
			for _, r := range all.Elements {
				if id := text(member(r, "id")); id != "" {
					q.gives = append(q.gives, id)
				}
			}
		}
	}
	q.read()
	return q
}

// read takes apart the target and the body.
func (q *request) read() {
	path, query, _ := strings.Cut(q.target, "?")
	parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
	q.endpoint = "/" + parts[0]
	if len(parts) > 1 {
		q.id = parts[1]
		if id, err := url.PathUnescape(parts[1]); err == nil {
			q.id = id
		}
	}
	if len(parts) > 2 {
		q.rest = parts[2]
	}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, raw, _ := strings.Cut(pair, "=")
		p := parameter{name: name, raw: raw, value: raw}
		if v, err := url.QueryUnescape(raw); err == nil {
			p.value = v
		} else {
			p.broken = true
		}
		q.query = append(q.query, p)
	}
	if len(q.body) == 0 {
		return
	}
	if q.tree, q.fault = match.Parse(q.body); q.fault != nil {
		q.tree = nil
		return
	}
	if q.method == http.MethodPatch {
		q.ops = operations("body", q.tree.Root)
	}
	q.found = q.values()
}

// operations reads the operations of a PatchOp message.
func operations(where string, message *match.Node) []operation {
	list := member(message, "Operations")
	if list == nil {
		return nil
	}
	var all []operation
	for i, n := range list.Elements {
		o := operation{where: where + ".Operations[" + strconv.Itoa(i) + "]", node: n, op: text(member(n, "op")), value: member(n, "value")}
		switch p := member(n, "path"); {
		case p == nil || p.Kind == match.KindNull: // unassigned, RFC 7643 §2.5
		case p.Kind == match.KindString:
			o.text = p.Text
			o.path, o.fault = readPath(p.Text)
		default:
			o.text, o.fault = p.JSON(), fmt.Errorf("want a string, found JSON of type %s", p.Kind)
		}
		all = append(all, o)
	}
	return all
}

// param gives the first parameter called name.
func (q *request) param(name string) (parameter, bool) {
	for _, p := range q.query {
		if strings.EqualFold(p.name, name) {
			return p, true
		}
	}
	return parameter{}, false
}

// root gives the JSON object of the body, or nil.
func (q *request) root() *match.Node {
	if q.tree == nil || q.tree.Root.Kind != match.KindObject {
		return nil
	}
	return q.tree.Root
}

// creates says whether the request would create a resource at endpoint.
func (q *request) creates(endpoint string) bool {
	return q.method == http.MethodPost && q.endpoint == endpoint && q.id == ""
}

// holdsResource says whether the body is a User or a Group.
func (q *request) holdsResource() bool {
	return (q.method == http.MethodPost && q.id == "" || q.method == http.MethodPut) && (q.endpoint == users || q.endpoint == groups)
}

// writes says whether the request changes a resource that is there.
func (q *request) writes() bool {
	return q.id != "" && (q.method == http.MethodPut || q.method == http.MethodPatch || q.method == http.MethodDelete)
}

// searches says whether the request is a query by POST.
func (q *request) searches() bool {
	return q.method == http.MethodPost && (q.id == ".search" || q.endpoint == "/.search")
}

// key names the resource that the request is about, for looking back.
func (q *request) key() string { return q.endpoint + "/" + q.id }

// line gives "PATCH /Users/1".
func (q *request) line() string { return q.method + " " + q.target }

// Endpoints that the rules know.
const (
	users  = "/Users"
	groups = "/Groups"
	bulk   = "/Bulk"
)

// names gives the members of an object in the order sent.
func names(n *match.Node) []string {
	if n == nil {
		return nil
	}
	all := make([]string, len(n.Members))
	for i, m := range n.Members {
		all[i] = m.Name
	}
	return all
}
