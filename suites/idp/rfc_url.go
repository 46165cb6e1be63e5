// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

var (
	baseQuery = regexp.MustCompile(`^[^?]*\?[^?]*/(Users|Groups|Schemas|ResourceTypes|ServiceProviderConfig|Bulk|Me)\b`)
	version   = regexp.MustCompile(`(?i)/(Users|Groups|Bulk|Schemas|ResourceTypes|ServiceProviderConfig)/v[0-9]+(/|\?|$)|/[0-9]+\.[0-9]+/(Users|Groups|Bulk)`)
)

// urlRules are about where requests go.
func urlRules() []Rule {
	return []Rule{
		{ID: "url.percent-encoded", Holds: "URLs are percent-encoded", Level: check.Must, Source: rfc("7644", "1.2"),
			Covers: []string{"rfc7644-1.2-percent-encode"}, look: func(q *request, _ *seen, say say) {
				if i := strings.IndexFunc(q.target, func(c rune) bool { return c <= ' ' || c > '~' || strings.ContainsRune(`"<>\^{|}`+"`", c) }); i >= 0 {
					say("path", q.target[i:min(len(q.target), i+12)], "%XX in the place of each byte that a URL cannot hold")
				}
			}},
		{ID: "url.base-without-query", Holds: "the base URL has no query", Level: check.Must, Source: rfc("7644", "1.3"),
			Covers: []string{"rfc7644-1.3-base-no-query"}, look: func(q *request, _ *seen, say say) {
				if baseQuery.MatchString(q.target) {
					say("path", q.target, "the endpoint before the question mark")
				}
			}},
		{ID: "url.version", Holds: "a version stands before the endpoint, as v and a number", Level: check.Must, Source: rfc("7644", "3.13"),
			Covers: []string{"rfc7644-3.13-version-position"}, look: func(q *request, _ *seen, say say) {
				if version.MatchString(q.target) {
					say("path", q.target, "/v2/Users")
				}
			}},
		{ID: "url.no-userinfo", Holds: "URLs hold no user name and no password", Level: check.Must, Source: rfc("7644", "7.1"),
			Covers: []string{"rfc7644-7.1-no-userinfo"}, look: func(q *request, _ *seen, say say) {
				if u, err := url.Parse(q.url); err == nil && u.User != nil || strings.Contains(q.header.Get("Host"), "@") {
					say("url", "credentials before an @", "scheme and host alone")
				}
			}},
		{ID: "url.https", Holds: "requests go over TLS, if only as far as a tunnel", Level: check.Must, Source: rfc("7644", "7.2"),
			Covers: []string{"rfc7644-7.2-tls-required", "rfc7644-7.4-token-tls", "rfc7642-4-confidentiality"},
			look: func(q *request, _ *seen, say say) {
				if u, err := url.Parse(q.url); err == nil && u.Scheme == "http" && !loopback(u.Hostname()) && q.header.Get("X-Forwarded-Proto") != "https" {
					say("url", u.Scheme+"://"+u.Host, "https://"+u.Host)
				}
			}},
		{ID: "url.create-at-endpoint", Holds: "a creation goes to the endpoint of its type", Level: check.Must, Source: rfc("7644", "3.3"),
			Covers: []string{"rfc7644-3.3-post-to-endpoint"}, look: func(q *request, _ *seen, say say) {
				if q.method == http.MethodPost && q.id != "" && !q.searches() && (q.endpoint == users || q.endpoint == groups) {
					say("path", q.line(), "POST "+q.endpoint)
				}
			}},
		{ID: "url.change-of-resource", Holds: "PUT, PATCH and DELETE name one resource", Level: check.Must, Source: rfc("7644", "3.6"),
			Covers: []string{"rfc7644-3.6-client-delete"}, look: func(q *request, _ *seen, say say) {
				changes := []string{http.MethodPut, http.MethodPatch, http.MethodDelete}
				if slices.Contains(changes, q.method) && q.id == "" && (q.endpoint == users || q.endpoint == groups) {
					say("path", q.line(), q.method+" "+q.endpoint+"/{id}")
				}
			}},
		{ID: "url.put-existing", Holds: "PUT goes to a resource that is there", Level: check.Must, Source: rfc("7644", "3.5.1"),
			Covers: []string{"rfc7644-3.2-put-no-create", "rfc7644-3.5.1-no-create"}, look: func(q *request, s *seen, say say) {
				if q.method == http.MethodPut && q.id != "" && s.about(q).gone {
					say("path", q.line()+", which is known not to be there", "POST "+q.endpoint)
				}
			}},
	}
}

// loopback says whether host is this machine, where plain HTTP leaks nothing.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}
