// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/suites/check"
)

// Where Okta's rules come from. Addresses are those of developer.okta.com. A
// date is that of the page or the capture, or the day on which it was read.
func oktaReference() check.Source {
	return byOkta(check.Documented, "SCIM 2.0 protocol reference, docs/api/openapi/okta-scim/guides/scim-20", "2024-08-12")
}

func oktaFAQ() check.Source {
	return byOkta(check.Documented, "SCIM integration concepts and requirements, docs/concepts/scim/faqs", "2026-03-10")
}

func oktaConcepts() check.Source {
	return byOkta(check.Documented, "Understanding SCIM, docs/concepts/scim", "2026-03-18")
}

func oktaCaptures() check.Source {
	return byOkta(check.Recorded, "captures in WithAutonomi/indelible internal/handlers/testdata/scim/okta", "2026-05-18")
}

func oktaTunnel() check.Source {
	return byOkta(check.Recorded, "captures in princemaple/mock-scim README.md", "2026-11-23")
}

func oktaLab() check.Source {
	return byOkta(check.Recorded, "request log in Timothy-itayi/okta-iam-lifecycle-lab", "2026-10-07")
}

func oktaGuide2018() check.Source {
	return byOkta(check.Recorded, "SCIM protocol page with requests of Okta's test app, oktadeveloper/okta-blog-archive pull 1956", "2026-11-23")
}

// header makes a rule about a header; requests without any are not judged.
func header(name string, want func(q *request) string) func(*request, *seen, say) {
	return func(q *request, _ *seen, say say) {
		if w := want(q); len(q.header) > 0 && q.header.Get(name) != w {
			say("header "+name, orNone(q.header.Get(name)), orNone(w))
		}
	}
}

func always(s string) func(*request) string { return func(*request) string { return s } }

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// withBody gives s for requests that have a body.
func withBody(s string) func(*request) string {
	return func(q *request) string {
		if len(q.body) > 0 {
			return s
		}
		return ""
	}
}

const contentType = "application/scim+json; charset=utf-8"

// oktaWireRules are about heads, queries and bytes.
func oktaWireRules() []Rule {
	return []Rule{
		{ID: "okta.header.user-agent", Holds: "User-Agent is that of Okta's client", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: header("User-Agent", always("Okta SCIM Client 1.0.0"))},
		{ID: "okta.header.accept", Holds: "Accept is application/scim+json", Level: check.Vendor, Source: oktaTunnel(), For: okta(),
			look: header("Accept", always("application/scim+json"))},
		{ID: "okta.header.accept-charset", Holds: "Accept-Charset is utf-8", Level: check.Vendor, Source: oktaTunnel(), For: okta(),
			look: header("Accept-Charset", always("utf-8"))},
		{ID: "okta.header.accept-encoding", Holds: "Accept-Encoding is gzip,deflate without a blank", Level: check.Vendor, Source: oktaTunnel(), For: okta(),
			look: func(q *request, s *seen, say say) {
				if q.header.Get("X-Forwarded-For") == "" { // tunnels write their own
					header("Accept-Encoding", always("gzip,deflate"))(q, s, say)
				}
			}},
		{ID: "okta.header.content-type", Holds: "a body is application/scim+json in UTF-8, a request without one names no type", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: func(q *request, s *seen, say say) {
				if q.method != http.MethodDelete { // a sample of 2018 has one there
					header("Content-Type", withBody(contentType))(q, s, say)
				}
			}},
		{ID: "okta.header.unconditional", Holds: "no request is conditional", Level: check.Vendor, Source: oktaReference(), For: okta(), look: unconditional},
		{ID: "okta.body.compact", Holds: "a body has no blanks between its tokens", Level: check.Vendor, Source: oktaTunnel(), For: okta(),
			look: func(q *request, _ *seen, say say) {
				v := jsontext.Value(bytes.Clone(q.body))
				if q.tree != nil && v.Compact(jsontext.PreserveRawStrings(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)) == nil && !bytes.Equal(v, q.body) {
					say("body", strconv.Itoa(len(q.body))+" bytes", strconv.Itoa(len(v))+" bytes of compact JSON")
				}
			}},
		{ID: "okta.body.unescaped", Holds: "slashes and letters outside ASCII are not escaped", Level: check.Vendor,
			Source: byOkta(check.Assumed, "no capture shows such a letter", "2026-11-23"), For: okta(),
			look: func(q *request, _ *seen, say say) {
				if bytes.Contains(q.body, []byte(`\u00`)) && !bytes.Contains(q.body, []byte(`\u000`)) && !bytes.Contains(q.body, []byte(`\u001`)) || bytes.Contains(q.body, []byte(`\/`)) {
					say("body", `\u or \/`, "the character itself")
				}
			}},
		{ID: "okta.query.parameters", Holds: "a query has filter, startIndex and count, in this order", Level: check.Vendor, Source: oktaReference(), For: okta(),
			look: func(q *request, _ *seen, say say) {
				if q.endpoint == users || q.endpoint == groups {
					inOrder(q, []string{"filter", "startIndex", "count"}, say)
				}
			}},
		{ID: "okta.query.encoding", Holds: "a filter has %20, %22 and %40 for a blank, a quote and @", Level: check.Vendor, Source: oktaCaptures(), For: okta(),
			look: func(q *request, _ *seen, say say) {
				if p, ok := q.param("filter"); ok && strings.ContainsAny(p.raw, `+"@`) {
					say(inFilter, p.raw, strings.NewReplacer("+", "%20", `"`, "%22", "@", "%40").Replace(p.raw))
				}
			}},
		{ID: "okta.query.filter", Holds: "people are looked for by userName, groups by displayName, with eq", Level: check.Vendor, Source: oktaFAQ(), For: okta(),
			look: func(q *request, _ *seen, say say) {
				want := map[string]string{users: "userName", groups: "displayName"}[q.endpoint]
				all := q.comparisons()
				for _, c := range all {
					if len(all) > 1 || c.attribute.String() != want || c.operator != "eq" {
						say(inFilter, c.attribute.String()+" "+c.operator, want+" eq")
					}
				}
			}},
		{ID: "okta.query.paging", Holds: "the probe asks for 2, all else for pages of 100", Level: check.Vendor, Source: oktaReference(), For: okta(), look: oktaPaging},
		{ID: "okta.endpoints", Holds: "only Users and Groups are used, and with entitlements ResourceTypes, Schemas and what they name", Level: check.Vendor, Source: oktaFAQ(), For: okta(),
			look: func(q *request, _ *seen, say say) {
				if slices.Contains([]string{"/ServiceProviderConfig", "/Me", bulk, "/.search"}, q.endpoint) || q.searches() {
					say("path", q.line(), "/Users or /Groups")
				}
			}},
		{ID: "okta.retry.waits", Holds: "after a 429 a request is sent again when Retry-After has passed, or after five minutes", Level: check.Vendor, Source: oktaConcepts(), For: okta(), look: oktaWait},
	}
}

// unconditional wants none of the headers of RFC 9110 §13.
func unconditional(q *request, _ *seen, say say) {
	for _, name := range []string{"If-Match", "If-None-Match"} {
		if q.header.Get(name) != "" {
			say("header "+name, q.header.Get(name), "none")
		}
	}
}

// inOrder wants no parameters but these, in this order.
func inOrder(q *request, want []string, say say) {
	last := -1
	for _, p := range q.query {
		i := slices.Index(want, p.name)
		if i <= last {
			say(inQuery, p.name, strings.Join(want, ", ")+", in this order")
			return
		}
		last = i
	}
}

func oktaPaging(q *request, _ *seen, say say) {
	start, ok := q.param("startIndex")
	if q.method != http.MethodGet || !ok {
		return
	}
	count, _ := q.param("count")
	probe := q.endpoint == users && start.value == "1" && count.value == "2"
	_, filtered := q.param("filter")
	if (q.endpoint == users || q.endpoint == groups) && count.value != "100" && (!probe || filtered) {
		say(inQuery, "count="+count.value, "count=100, or the probe startIndex=1&count=2")
	}
	if n, err := strconv.Atoi(start.value); err == nil && n%100 != 1 {
		say(inQuery, "startIndex="+start.value, "1, 101, 201 …")
	}
}

// wait is when a request may be sent again after a 429.
type wait struct{ until time.Time }

func waitKey(q *request) string { return q.line() + "\n" + string(q.body) }

func oktaWait(q *request, s *seen, say say) {
	w, ok := s.waiting[waitKey(q)]
	if ok && !q.start.IsZero() && q.start.Before(w.until) {
		say("start", "sent again "+w.until.Sub(q.start).Round(time.Second).String()+" too early", "after the wait")
	}
}

func (s *seen) addWait(q *request) {
	delete(s.waiting, waitKey(q))
	if q.status != http.StatusTooManyRequests || q.start.IsZero() {
		return
	}
	delay := 5 * time.Minute
	if n, err := strconv.Atoi(q.answer.Get("Retry-After")); err == nil && n >= 0 {
		delay = time.Duration(n) * time.Second
	}
	s.waiting[waitKey(q)] = wait{q.start.Add(delay)}
}
