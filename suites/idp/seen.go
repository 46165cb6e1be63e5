// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/suites/match"
)

// seen is what came before a request. Each lookup costs the same however long
// the flow is; the whole grows with the number of requests.
type seen struct {
	requests  []*request
	resources map[string]*resource   // by endpoint and id
	lookups   map[string]bool        // endpoint, then the value looked for in lower case
	listed    map[string]bool        // endpoints whose resources were listed
	cursors   map[string]*cursorWalk // by the cursor that a reply gave
	permanent map[string]string      // by the URL that a 308 moved
	temporary map[string]string      // by the URL that a 307 pointed to: what was asked
	waiting   map[string]wait        // by request line and body
	replied   bool                   // replies are known at all
}

// resource is what is known of a resource from the requests so far.
type resource struct {
	last    *request // the last request about it
	read    *request // the last GET
	active  string   // "true", "false", "": not known
	gone    bool     // deleted, or said not to be there
	known   bool     // an id that a reply gave, or that was read
	renamed bool     // the last request was a rename
}

func newSeen() *seen {
	return &seen{
		resources: map[string]*resource{}, lookups: map[string]bool{}, listed: map[string]bool{},
		cursors: map[string]*cursorWalk{}, permanent: map[string]string{}, temporary: map[string]string{}, waiting: map[string]wait{},
	}
}

// about gives what is known of the resource of q; never nil.
func (s *seen) about(q *request) *resource {
	if r := s.resources[q.key()]; r != nil {
		return r
	}
	return &resource{}
}

// previous gives the request before, or nil.
func (s *seen) previous() *request {
	if len(s.requests) == 0 {
		return nil
	}
	return s.requests[len(s.requests)-1]
}

// lookedFor says whether somebody with this name was looked for at endpoint.
func (s *seen) lookedFor(endpoint, name string) bool {
	return s.lookups[endpoint+" "+strings.ToLower(name)]
}

// add takes note of q.
func (s *seen) add(q *request) {
	s.requests = append(s.requests, q)
	s.replied = s.replied || q.reply != nil
	if p, ok := q.param("filter"); ok && q.method == http.MethodGet {
		all, _ := readFilter(p.value)
		for _, c := range all {
			if c.value != nil {
				s.lookups[q.endpoint+" "+strings.ToLower(c.value.Text)] = true
			}
		}
	} else if q.method == http.MethodGet && q.id == "" {
		s.listed[q.endpoint] = true
	}
	ok := q.status == 0 || q.status < 300
	if ok {
		for _, id := range q.gives {
			r := s.resource(q.endpoint + "/" + id)
			r.known, r.gone = true, false
			if q.creates(q.endpoint) {
				r.last, r.active = q, activeOf(q.root())
			}
		}
	}
	if q.id != "" {
		s.note(q, ok)
	}
	s.addCursor(q)
	s.addRedirect(q)
	s.addWait(q)
}

func (s *seen) resource(key string) *resource {
	r := s.resources[key]
	if r == nil {
		r = &resource{}
		s.resources[key] = r
	}
	return r
}

// note takes down what q tells of its resource.
func (s *seen) note(q *request, ok bool) {
	r := s.resource(q.key())
	limited := q.status == http.StatusTooManyRequests // q will be sent again, without the name before it
	r.last, r.renamed = q, isRename(q) || limited && r.renamed
	switch {
	case q.status == http.StatusNotFound:
		r.gone = true
		return
	case !ok:
		return
	case q.method == http.MethodGet:
		r.read, r.known, r.gone = q, true, false
		if a := activeOf(q.reply); a != "" {
			r.active = a
		}
	case q.method == http.MethodDelete:
		r.gone = true
	case q.method == http.MethodPut:
		r.known = true
		if a := activeOf(q.root()); a != "" {
			r.active = a
		}
	case q.method == http.MethodPatch:
		r.known = true
		for _, v := range q.found {
			if v.name == "active" {
				r.active = strings.ToLower(v.node.Text)
			}
		}
	}
}

// activeOf gives the active of a resource: "true", "false" or "".
func activeOf(n *match.Node) string {
	if a := member(n, "active"); a != nil {
		return strings.ToLower(a.Text)
	}
	return ""
}

// isRename says whether q is the PATCH that gives a group its name.
func isRename(q *request) bool {
	if q.endpoint != groups || len(q.ops) != 1 || q.ops[0].text != "" {
		return false
	}
	return member(q.ops[0].value, "displayName") != nil && member(q.ops[0].value, "members") == nil
}

// absolute resolves a Location against the URL of the request.
func absolute(base, location string) string {
	b, err := url.Parse(base)
	if err != nil {
		return location
	}
	u, err := b.Parse(location)
	if err != nil {
		return location
	}
	return u.String()
}
