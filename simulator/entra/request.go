// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
)

// version is what the header ADSCIMVersion held in 2023.
const version = "6.0"

// Sender sends one request; [cycle.Sender] is one.
type Sender interface {
	Send(ctx context.Context, q flow.Request) (cycle.Sent, error)
}

// wire writes requests as Entra ID's service does: no User-Agent, no Accept,
// ADSCIMVersion, and a Content-Type only where there is a body. The Validator
// has an Accept and no ADSCIMVersion (recorded).
type wire struct {
	send  Sender
	knobs Knobs
}

func (w *wire) do(ctx context.Context, method, path string, body []byte) (cycle.Sent, error) {
	q := flow.Request{Method: method, Path: path, Body: body, Header: http.Header{}}
	switch {
	case w.knobs.Version != "":
		q.Header.Set("ADSCIMVersion", w.knobs.Version)
	case !w.knobs.Validator:
		q.Header.Set("ADSCIMVersion", version)
	}
	if w.knobs.Accept != "" {
		q.Header.Set("Accept", w.knobs.Accept)
	}
	if body != nil {
		q.Header.Set("Content-Type", scim.MediaType+"; charset=utf-8")
	}
	if w.knobs.FlagInURL {
		mark := "?"
		if strings.Contains(path, "?") {
			mark = "&"
		}
		q.Path += mark + "aadOptscim062020"
	}
	return w.send.Send(ctx, q)
}

// find asks for the resources whose attribute equals value. Members of groups
// are never asked for.
func (w *wire) find(ctx context.Context, endpoint, attribute, value string) (cycle.Sent, error) {
	return w.do(ctx, http.MethodGet, endpoint+"?"+excluded(endpoint, "&")+"filter="+w.escape(attribute+" eq "+w.knobs.quote(value)), nil)
}

// quote writes a value of a filter as a JSON string (RFC 7644 §3.4.2.2). That
// Entra ID escapes quotation marks and backslashes is assumed: all that is known
// is that special characters can break a filter (known issues).
func (k Knobs) quote(value string) string {
	if k.RawFilter {
		return `"` + value + `"`
	}
	b, _ := jsontext.AppendQuote(nil, value) // the error tells of bytes that are no UTF-8; they become U+FFFD
	return string(b)
}

// read asks for a resource by id.
func (w *wire) read(ctx context.Context, endpoint, id string) (cycle.Sent, error) {
	path := resource(endpoint, id)
	if endpoint == scim.GroupsEndpoint {
		path += "?" + excluded(endpoint, "")
	}
	return w.do(ctx, http.MethodGet, path, nil)
}

func excluded(endpoint, and string) string {
	if endpoint == scim.GroupsEndpoint {
		return "excludedAttributes=members" + and
	}
	return ""
}

// resource gives the path of a resource. An id is percent-encoded whatever it
// holds: %3D within it becomes %253D (jelhub/scimgateway issue 117).
func resource(endpoint, id string) string { return endpoint + "/" + url.PathEscape(id) }

// escape writes a query value as .NET does, with + for a blank. That its hex
// digits are capitals is not known.
func (w *wire) escape(s string) string {
	s = kept.Replace(url.QueryEscape(s))
	if w.knobs.LowerHex {
		s = triple.ReplaceAllStringFunc(s, strings.ToLower)
	}
	return s
}

// kept are characters that Go encodes in a query and .NET does not, and the
// other way round.
var kept = strings.NewReplacer("%21", "!", "%28", "(", "%29", ")", "%2A", "*", "~", "%7E")

var triple = regexp.MustCompile(`%[0-9A-F]{2}`)
