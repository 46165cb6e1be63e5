// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/scimproof/scimproof/suites/check"
)

// headerRules are about the heads of requests, and about bodies as bytes.
func headerRules() []Rule {
	return []Rule{
		{ID: "header.content-type", Holds: "a body says what it is", Level: check.Must, Source: rfc("7644", "3.8"),
			Covers: []string{"rfc7644-3.8-client-content-type"}, look: func(q *request, _ *seen, say say) {
				if len(q.body) > 0 && len(q.header) > 0 && q.header.Get("Content-Type") == "" {
					say("header Content-Type", "none", "application/scim+json")
				}
			}},
		{ID: "header.media-type", Holds: "a body is application/scim+json", Level: check.Should, Source: rfc("7644", "8.1"),
			Covers: []string{"rfc7644-8.1-media-type-use", "rfc7644-3.1-media-type"}, look: func(q *request, _ *seen, say say) {
				given := q.header.Get("Content-Type")
				if media, _, err := mime.ParseMediaType(given); len(q.body) > 0 && given != "" && (err != nil || media != "application/scim+json") {
					say("header Content-Type", given, "application/scim+json")
				}
			}},
		{ID: "body.utf-8", Holds: "a body is UTF-8, or says how it is encoded", Level: check.Must, Source: rfc("7644", "3.8"),
			Covers: []string{"rfc7644-3.8-client-content-type"}, look: func(q *request, _ *seen, say say) {
				if !utf8.Valid(q.body) && !strings.Contains(strings.ToLower(q.header.Get("Content-Type")), "charset=") {
					say("body", "bytes that are no UTF-8", "UTF-8, or a charset in Content-Type")
				}
			}},
		{ID: "body.json", Holds: "a body is one JSON object", Level: check.Must, Source: rfc("7644", "3.1"),
			Covers: []string{"rfc7644-3.1-media-type"}, look: func(q *request, _ *seen, say say) {
				switch {
				case q.fault != nil:
					say("body", q.fault.Error(), "a JSON object")
				case q.tree != nil && q.root() == nil:
					say("body", "JSON of type "+q.tree.Root.Kind.String(), "a JSON object")
				}
			}},
		{ID: "body.names-once", Holds: "no attribute stands in an object twice, in any letter case", Level: check.Must, Source: rfc("7643", "2.1"),
			Covers: []string{"rfc7643-2.1-names-case-insensitive", "rfc7644-3.5.2-exactly-one-op"}, look: func(q *request, _ *seen, say say) {
				if q.tree == nil {
					return
				}
				for _, d := range q.tree.Duplicates() {
					say(d.Where, strings.Join(d.Names, ", "), "one of them")
				}
			}},
	}
}

// tokenRules are about how the bearer token travels, RFC 6750. A recording
// without credentials shows only that they stand nowhere else.
func tokenRules() []Rule {
	return []Rule{
		{ID: "token.not-in-url", Holds: "the token is in the Authorization header, not in the URL", Level: check.Should, Source: rfc("6750", "2.3"),
			Covers: []string{"rfc6750-2.1-header", "rfc6750-2.3-no-query"}, look: func(q *request, _ *seen, say say) {
				if _, ok := q.param("access_token"); ok {
					say("path", "access_token in the query", "Authorization: Bearer")
				}
			}},
		{ID: "token.once", Holds: "the token is sent in one way", Level: check.Must, Source: rfc("6750", "2"),
			Covers: []string{"rfc6750-2-one-method"}, look: func(q *request, _ *seen, say say) {
				if _, ok := q.param("access_token"); ok && len(q.header.Values("Authorization")) > 0 || len(q.header.Values("Authorization")) > 1 {
					say("header Authorization", "a second token", "one")
				}
			}},
		{ID: "header.no-line-break", Holds: "header fields hold no CR, LF or NUL", Level: check.Must, Source: rfc("9110", "5.5"),
			Covers: []string{"rfc9110-5.5-header-injection"}, look: func(q *request, _ *seen, say say) {
				for name, values := range q.header {
					if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
						say("header "+name, "a line break or NUL", "none")
					}
				}
			}},
	}
}
