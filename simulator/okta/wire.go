// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
)

// UserAgent is what Okta's client calls itself in every capture since 2018.
const UserAgent = "Okta SCIM Client 1.0.0"

// Timeout is how long the line may be silent before Okta closes it (FAQ).
const Timeout = 60 * time.Second

// page is how many resources Okta asks for (protocol reference).
const page = 100

// Sender sends one request; a [cycle.Sender] is one.
type Sender interface {
	Send(ctx context.Context, q flow.Request) (cycle.Sent, error)
}

// send makes a request with Okta's headers. Those of a request without a body
// have no Content-Type (recorded for GET, concluded for DELETE).
func (a *Application) send(ctx context.Context, method, path string, body jsontext.Value) (cycle.Sent, error) {
	h := http.Header{
		"Accept":          {scim.MediaType},
		"Accept-Charset":  {"utf-8"},
		"Accept-Encoding": {"gzip,deflate"},
		"User-Agent":      {UserAgent},
	}
	if body != nil {
		h.Set("Content-Type", scim.MediaType+"; charset=utf-8")
	}
	return a.sender.Send(ctx, flow.Request{Method: method, Path: path, Header: h, Body: body})
}

// query asks for a page of an endpoint, filtered by equality if attribute is
// not "". The order is filter, startIndex, count (documented and recorded).
func (a *Application) query(ctx context.Context, endpoint, attribute, value string, start, count int) (cycle.Sent, error) {
	path := endpoint + "?"
	if attribute != "" {
		path += "filter=" + a.escape(attribute+" eq "+string(quote(value))) + "&"
	}
	return a.send(ctx, http.MethodGet, path+"startIndex="+strconv.Itoa(start)+"&count="+strconv.Itoa(count), nil)
}

// escape writes a query value as Java's form encoding does, with %20 for a
// blank: recorded in 2026. The + of 2018 is a switch.
func (a *Application) escape(s string) string {
	s = javaForm.Replace(url.QueryEscape(s))
	if a.o.Switches.PlusForBlank {
		return s
	}
	return strings.ReplaceAll(s, "+", "%20")
}

// javaForm are the characters that Go encodes and Java does not, and the other
// way round.
var javaForm = strings.NewReplacer("%2A", "*", "~", "%7E")

// resource gives the path of a resource.
func resource(endpoint, id string) string { return endpoint + "/" + url.PathEscape(id) }

// patch gives the body of a PATCH with these operations.
func patch(operations ...jsontext.Value) jsontext.Value {
	o := &object{}
	o.set("schemas", array([]jsontext.Value{quote(scim.PatchOpURN)}))
	o.set("Operations", array(operations))
	return o.bytes()
}

// operation gives one operation; path and value are left out where empty. The
// order of its members is op, path, value, and op is lower case (recorded).
func operation(op, path string, value jsontext.Value) jsontext.Value {
	o := &object{}
	o.setText("op", op)
	if path != "" {
		o.setText("path", path)
	}
	if value != nil {
		o.set("value", value)
	}
	return o.bytes()
}
