// SPDX-License-Identifier: Apache-2.0

package check

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// maxHops is how many redirects of one request are followed.
const maxHops = 5

// redirected gives the request that x asks for in the place of r, if it may be
// sent: 307 and 308 repeat what was sent (RFC 7644 §3.12), the others only ask
// to read elsewhere. It stays below the base URL, so that the token goes to
// nobody else, and goes through the gate like any other request.
func redirected(base string, r flow.Request, x *flow.Exchange) (flow.Request, bool) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	switch x.Status {
	case http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther:
		if !reads {
			return r, false
		}
	default:
		return r, false
	}
	locations := x.Response.Header.Values("Location")
	from, err := url.Parse(base + r.Path)
	if err != nil || len(locations) != 1 {
		return r, false
	}
	to, err := from.Parse(locations[0])
	if err != nil || to.User != nil || to.Opaque != "" {
		return r, false
	}
	to.Fragment = ""
	below, ok := strings.CutPrefix(to.String(), base)
	if !ok || !strings.HasPrefix(below, "/") || strings.Contains(to.EscapedPath(), "/../") {
		return r, false
	}
	r.Path = below
	return r, true
}
