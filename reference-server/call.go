// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/product"
)

const maxURL = 16 << 10

// call is one request on one wire.
type call struct {
	s    *Server
	wire *wire
	rw   http.ResponseWriter
	r    *http.Request
	base string // what locations start with: "http://127.0.0.1:8080/scim/v2"

	actor    *product.Actor // for whom the request speaks
	user     string         // userName of the user whom the token is tied to
	readOnly bool           // the token allows no writes
	named    bool           // the address names the tenant

	// What an operation of a bulk request has in place of a request's own.
	data   *engine.Object // the document
	shared *together      // the transaction, if it is not alone in it
	id     string         // of what it makes, if others have been told it
}

// serveSCIM answers a request whose path below the wire's own is rest, still
// escaped. Credentials come first, so that nobody without them learns more than
// how to authenticate.
func (s *Server) serveSCIM(rw http.ResponseWriter, r *http.Request, w *wire, prefix, rest string) {
	c := &call{s: s, wire: w, rw: rw, r: r, base: baseOf(r, prefix+w.path), named: prefix != ""}
	rep, err := c.answer(rest)
	if err != nil {
		c.fail(err)
		return
	}
	c.send(rep)
}

func (c *call) answer(rest string) (*reply, error) {
	if !c.public(rest) {
		if err := c.authorize(); err != nil {
			return nil, err
		}
	}
	if len(c.r.URL.Path)+len(c.r.URL.RawQuery) > maxURL {
		return nil, refusal(http.StatusRequestURITooLong, "", "the URL is longer than %d bytes", maxURL)
	}
	segments, ok := split(rest)
	if !ok {
		return nil, notFound("no such endpoint")
	}
	if c.readOnly && !reads(c.r.Method, segments) {
		return nil, &challenge{http.StatusForbidden, "insufficient_scope", "the token allows to read only"}
	}
	return c.at(segments)
}

// method is what the request asks for: HEAD asks what GET does.
func (c *call) method() string {
	if c.r.Method == http.MethodHead {
		return http.MethodGet
	}
	return c.r.Method
}

// only refuses all methods but one.
func (c *call) only(method string) error {
	switch {
	case c.method() == method:
		return nil
	case method == http.MethodGet:
		return &methodError{"GET, HEAD"}
	}
	return &methodError{method}
}

// public says whether a request is answered without credentials: what reads how
// to authenticate, RFC 7643 §5. Credentials that are sent are looked at all the
// same, so that a client with an empty or a wrong token is told.
func (c *call) public(rest string) bool {
	return len(c.r.Header.Values("Authorization")) == 0 && c.wire.config && reads(c.r.Method, nil) && rest == scim.ServiceProviderConfigEndpoint
}

// reads says whether a request changes nothing by its nature.
func reads(method string, path []string) bool {
	return method == http.MethodGet || method == http.MethodHead ||
		method == http.MethodPost && len(path) > 0 && path[len(path)-1] == ".search"
}

// baseOf returns the base URL that the client used. Forwarding headers are not
// looked at: anybody can send them.
func baseOf(r *http.Request, path string) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + cmp.Or(r.Host, "localhost") + path
}

// split cuts an escaped path into its segments. A path with an empty, "." or
// ".." segment names nothing.
func split(path string) ([]string, bool) {
	path = strings.TrimPrefix(path, "/")
	if path == "" {
		return nil, true
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "" || plain == "." || plain == ".." {
			return nil, false
		}
		segments[i] = plain
	}
	return segments, true
}

// at answers what the request asks of an address, RFC 7644 §3.2.
func (c *call) at(path []string) (*reply, error) {
	if len(path) == 0 {
		if err := c.only(http.MethodGet); err != nil {
			return nil, err
		}
		return c.list(c.wire.endpoints...)
	}
	switch rest := path[1:]; "/" + path[0] {
	case "/.search":
		if len(rest) == 0 {
			return c.search(c.wire.endpoints...)
		}
	case scim.SchemasEndpoint, scim.ResourceTypesEndpoint:
		return c.discovery(path)
	case scim.ServiceProviderConfigEndpoint:
		if c.wire.config {
			return c.discovery(path)
		}
	case "/Bulk":
		if !c.wire.bulk || len(rest) > 0 {
			return nil, refusal(http.StatusNotImplemented, "", "/Bulk is not supported")
		}
		return c.bulk()
	case "/Me":
		if len(rest) == 0 {
			return c.me()
		}
	default:
		for _, e := range c.wire.endpoints {
			if e.Endpoint[1:] == path[0] {
				return c.resources(e, rest)
			}
		}
	}
	return nil, notFound("no such endpoint")
}

// resources answers at an endpoint of resources and below it.
func (c *call) resources(e *endpoint, path []string) (*reply, error) {
	switch {
	case len(path) > 1:
		return nil, notFound("no such endpoint")
	case len(path) == 1 && path[0] == ".search":
		return c.search(e)
	case len(path) == 1:
		return c.resource(e, path[0])
	}
	switch c.method() {
	case http.MethodGet:
		return c.list(e)
	case http.MethodPost:
		rep, err := c.create(e)
		return rep, c.noted(e, product.Create, "", err)
	}
	return nil, &methodError{"GET, HEAD, POST"}
}

// resource answers at the address of one resource.
func (c *call) resource(e *endpoint, id string) (*reply, error) {
	switch c.method() {
	case http.MethodGet:
		return c.read(e, id)
	case http.MethodPut:
		rep, err := c.replace(e, id)
		return rep, c.noted(e, product.Replace, id, err)
	case http.MethodPatch:
		rep, err := c.patch(e, id)
		return rep, c.noted(e, product.Patch, id, err)
	case http.MethodDelete:
		rep, err := c.delete(e, id)
		return rep, c.noted(e, product.Delete, id, err)
	}
	return nil, &methodError{"GET, HEAD, PUT, PATCH, DELETE"}
}
