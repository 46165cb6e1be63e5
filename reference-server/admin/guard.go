// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// errToken is the answer to whoever does not carry the token.
var errToken = &refusal{Status: http.StatusUnauthorized, Text: "the admin token is required: Authorization: Bearer TOKEN; serve prints it as admin-token"}

// admit refuses requests that a web page of another origin could have sent,
// and then those without the token. Browsers say where a page is from (Origin,
// Sec-Fetch-Site); what they do not say is that a foreign name was made to point
// at this machine, which the Host shows.
func (a *Admin) admit(r *http.Request) error {
	if err := a.CheckHost(r); err != nil {
		return err
	}
	if !sameOrigin(r) {
		return &refusal{
			Status: http.StatusForbidden, Text: "a page of another origin may not use the admin API: Origin " + quoted(r.Header.Get("Origin")),
			Allowed: []string{"no Origin", originOf(r)},
		}
	}
	if !a.carries(r) {
		return errToken
	}
	return nil
}

// CheckHost refuses a Host that is not this machine, unless the listener is open
// to others.
func (a *Admin) CheckHost(r *http.Request) error {
	if a.anyHost || local(r.Host) {
		return nil
	}
	return &refusal{
		Status: http.StatusForbidden, Text: "Host " + quoted(r.Host) + " is not this machine",
		Allowed: []string{"127.0.0.1", "[::1]", "localhost"},
	}
}

func sameOrigin(r *http.Request) bool {
	for _, origin := range r.Header.Values("Origin") {
		if origin != originOf(r) {
			return false
		}
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin", "none":
		return true
	}
	return false
}

func originOf(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// local says whether the host of a Host header is this machine by a name that
// nobody else can give it.
func local(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = strings.TrimSuffix(strings.TrimPrefix(hostport, "["), "]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
