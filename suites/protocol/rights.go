// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// rights checks what each kind of token may do, RFC 7644 §2 and §6, and how a
// refusal is explained, RFC 6750 §3.
func rights() []check.Check {
	return []check.Check{
		challengeParameters, challengeOnce, challengeError, challengeSilent,
		tokenReadOnly, tokenExpired, tokenTenant, tokenTransport, meUnsupported, meLocation,
	}
}

// rfc6750 cites a section of RFC 6750 (bearer tokens).
func rfc6750(section string) check.Source {
	return check.Source{Name: "RFC 6750", Section: section, Evidence: check.Standard}
}

// parameter is one parameter of a challenge, such as realm="scim".
var parameter = regexp.MustCompile(`([A-Za-z0-9_-]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,"]+)`)

// challenged refuses the request of x and gives the parameters of its Bearer
// challenge, each with its value, in order.
func challenged(t *check.T, x *flow.Exchange) (names, values []string) {
	t.Require(x).To(HaveStatus(401))
	t.Require(x).To(HaveHeader("WWW-Authenticate"))
	for _, field := range x.Response.Header.Values("WWW-Authenticate") {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(field), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			continue
		}
		for _, m := range parameter.FindAllStringSubmatch(rest, -1) {
			names, values = append(names, strings.ToLower(m[1])), append(values, strings.Trim(m[2], `"`))
		}
		return names, values
	}
	t.Skip("the challenge is not of the scheme Bearer")
	return nil, nil
}

var challengeParameters = check.Check{
	ID:       "auth.challenge.parameter",
	Title:    "a Bearer challenge has a parameter, such as realm",
	Level:    check.Must,
	Source:   rfc6750("3"),
	Covers:   []string{"rfc6750-3-challenge-bearer"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A strict HTTP library does not parse the challenge, and reports a broken reply where credentials are wrong.",
	Fix:      "Send WWW-Authenticate: Bearer realm=\"scim\".",
	Run: func(t *check.T) {
		names, _ := challenged(t, as(t))
		t.Expect(names).NotTo(gomega.BeEmpty())
	},
}

var challengeOnce = check.Check{
	ID:       "auth.challenge.once",
	Title:    "a Bearer challenge names each parameter once",
	Level:    check.Must,
	Source:   rfc6750("3"),
	Covers:   []string{"rfc6750-3-no-repeat"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client reads one of two errors, and perhaps the wrong one.",
	Fix:      "Write realm, scope, error, error_description and error_uri at most once.",
	Run: func(t *check.T) {
		names, _ := challenged(t, as(t, "Bearer scimproof-wrong-token"))
		times := map[string]int{}
		for _, name := range names {
			times[name]++
			t.Expect(name + " " + itoa(times[name])).To(gomega.Equal(name + " 1"))
		}
	},
}

var challengeError = check.Check{
	ID:       "auth.challenge.invalid-token",
	Title:    "a wrong token is explained with error=\"invalid_token\"",
	Level:    check.Should,
	Source:   rfc6750("3.1"),
	Covers:   []string{"rfc6750-3-error-attribute"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that could fetch a new token does not know that the old one is the trouble.",
	Fix:      "Add error=\"invalid_token\" to the challenge when a token was sent and is not good.",
	Run: func(t *check.T) {
		names, values := challenged(t, as(t, "Bearer scimproof-wrong-token"))
		said := "no error"
		for i, name := range names {
			if name == "error" {
				said = values[i]
			}
		}
		t.Expect(said).To(gomega.Equal("invalid_token"))
	},
}

var challengeSilent = check.Check{
	ID:       "auth.challenge.silent",
	Title:    "without any token the challenge tells of no error",
	Level:    check.Should,
	Source:   rfc6750("3.1"),
	Covers:   []string{"rfc6750-3.1-no-info-without-token"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that sent nothing throws a good token away.",
	Fix:      "Send error only when a token came.",
	Run: func(t *check.T) {
		names, _ := challenged(t, as(t))
		t.Expect(names).NotTo(gomega.ContainElement("error"))
	},
}

var tokenReadOnly = check.Check{
	ID:     "auth.token.read-only",
	Title:  "a token that may only read reads, and is refused with 403 when it writes",
	Level:  check.Should,
	Source: check.RFC7644("2"),
	Covers: []string{
		"rfc7644-2-consider-subject", "rfc7644-2-map-subject", "rfc7644-2.1-token-scope", "rfc7644-3.12-403",
		"rfc6750-3.1-insufficient-scope-403", "rfc7644-2-map-client-policy",
	},
	Needs:    check.Needs(check.CapReadOnly),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A report that was given a token to read with can remove users.",
	Fix:      "Map each token to what it may do, and answer 403 to the rest before it has an effect.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		reading := func(method, body string) *flow.Exchange {
			return t.Using(check.CapReadOnly, flow.Request{Method: method, Path: alice.Path(), Body: []byte(body)})
		}
		t.Expect(reading(http.MethodGet, "")).To(HaveAttribute("id", alice.ID))
		t.Expect(reading(http.MethodPut, edited(alice, "Liddell", "Hargreaves"))).To(BeSCIMError(403))
		t.Expect(reading(http.MethodDelete, "")).To(BeSCIMError(403))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var tokenExpired = check.Check{
	ID:       "auth.token.expired",
	Title:    "a token that has expired is refused with 401",
	Level:    check.Must,
	Source:   check.RFC7644("7.4"),
	Covers:   []string{"rfc7644-7.4-limited-lifetime", "rfc6750-3.1-invalid-token-401"},
	Needs:    check.Needs(check.CapExpired),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A token that leaked years ago still opens the directory.",
	Fix:      "Look at the end of a token's life with each request.",
	Run: func(t *check.T) {
		x := t.Using(check.CapExpired, flow.Request{Method: http.MethodGet, Path: scim.UsersEndpoint + check.Query("count", "1")})
		t.Expect(x).To(HaveStatus(401))
	},
}

var tokenTenant = check.Check{
	ID:       "auth.tenant.apart",
	Title:    "the token of another tenant neither reads, finds, changes nor removes a user",
	Level:    check.Must,
	Source:   check.RFC7644("6.1"),
	Covers:   []string{"rfc7644-6.1-access-control", "rfc7644-2-map-subject"},
	Needs:    check.Needs(check.CapTenant, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "One customer reads and changes the people of another.",
	Fix:      "Take the tenant from the token, and look for ids within it alone.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		foreign := func(method, path, body string) *flow.Exchange {
			return t.Using(check.CapTenant, flow.Request{Method: method, Path: path, Body: []byte(body)})
		}
		t.Expect(foreign(http.MethodGet, alice.Path(), "")).To(HaveStatus(403, 404))
		t.Expect(foreign(http.MethodPut, alice.Path(), edited(alice, "Liddell", "Hargreaves"))).To(HaveStatus(403, 404))
		t.Expect(foreign(http.MethodDelete, alice.Path(), "")).To(HaveStatus(403, 404))
		found := foreign(http.MethodGet, scim.UsersEndpoint+check.Query("filter", is(alice)), "")
		t.Expect(found).To(HaveStatus(200, 400, 403)) // a filter may be more than that tenant may do
		t.Expect(idsOn(found)).To(gomega.BeEmpty())
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

// overTLS is an address that may be sent a token: https, or a machine or
// container of the tests themselves.
const overTLS = `^(https://|http://(localhost|[0-9.]+|\[[0-9a-f:]+\]|[^./:]+)(:[0-9]+)?(/|$)|/)`

var tokenTransport = check.Check{
	ID:       "auth.token.transport",
	Title:    "the provider is reached over TLS, and so are the addresses that it gives",
	Level:    check.Must,
	Source:   check.RFC7644("7.4"),
	Covers:   []string{"rfc7644-7.2-tls-required", "rfc7644-7.4-token-tls"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Whoever listens on the network has the token, and with it the directory; Okta and Entra ID refuse plain http.",
	Fix:      "Serve SCIM by https, and build addresses from the URL that clients use, not from that behind the proxy.",
	Run: func(t *check.T) {
		x := exists(t, create(t, "alice"))
		t.Expect(x.URL).To(gomega.MatchRegexp(overTLS))
		if at := Text(x, "meta.location"); at != "" {
			t.Expect(at).To(gomega.MatchRegexp(overTLS))
		}
	},
}

// readMe reads /Me without following where it leads.
func readMe(t *check.T) *flow.Exchange { return t.List("/Me") }

var meUnsupported = check.Check{
	ID:       "me.read.status",
	Title:    "/Me is answered, redirected to the user, or refused with 501",
	Level:    check.Should,
	Source:   check.RFC7644("3.11"),
	Covers:   []string{"rfc7644-3.11-unsupported-501", "rfc7644-3.11-redirect-308"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client cannot tell a provider without /Me from a user who is not there.",
	Fix:      "Answer 501 where /Me is not served; 404 only where it is and the token speaks for nobody.",
	Run: func(t *check.T) {
		x := readMe(t)
		t.Require(x).To(HaveStatus(200, 308, 404, 501))
		switch x.Status {
		case http.StatusOK:
			t.Expect(x).To(HaveAttribute("userName"))
		case http.StatusPermanentRedirect:
			t.Expect(x).To(HaveHeader("Location"))
		case http.StatusNotFound, http.StatusNotImplemented:
			t.Expect(x).To(BeSCIMError(x.Status))
		}
	},
}

var meLocation = check.Check{
	ID:       "me.read.location",
	Title:    "Location of /Me is the address of the user",
	Level:    check.Must,
	Source:   check.RFC7644("3.11"),
	Covers:   []string{"rfc7644-3.11-location"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client keeps /Me as the address of a person, and reads somebody else there after the next login.",
	Fix:      "Send the user's meta.location as Location.",
	Run: func(t *check.T) {
		x := readMe(t)
		if x.Status != http.StatusOK {
			t.Skip("the run's token has no user at /Me: got " + itoa(x.Status))
		}
		t.Expect(x).To(HaveHeader("Location", gomega.HaveSuffix("/Users/"+Text(x, "id"))))
		t.Expect(x).To(HaveAttribute("meta.location", x.Response.Header.Get("Location")))
	},
}
