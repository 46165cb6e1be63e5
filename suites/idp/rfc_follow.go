// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// cursorWalk is the query whose reply gave a cursor.
type cursorWalk struct{ others string }

var unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]*$`)

// cursorRules are about paging by cursor, RFC 9865.
func cursorRules() []Rule {
	return []Rule{
		{ID: "cursor.unreserved", Holds: "a cursor holds unreserved characters only", Level: check.Must, Source: rfc("9865", "2"),
			Covers: []string{"rfc9865-2-cursor-charset"}, look: func(q *request, _ *seen, say say) {
				if p, ok := q.param("cursor"); ok && !unreserved.MatchString(p.value) {
					say(inQuery, "cursor="+p.value, "A-Z a-z 0-9 . _ ~ -")
				}
			}},
		{ID: "cursor.first-empty", Holds: "the first request of a walk has no cursor, or an empty one", Level: check.Must, Source: rfc("9865", "2"),
			Covers: []string{"rfc9865-2-first-empty", "rfc9865-2.1-cursor-empty-first", "rfc9865-2-cursor-from-response"}, look: func(q *request, s *seen, say say) {
				p, ok := q.param("cursor")
				if ok && p.value != "" && unreserved.MatchString(p.value) && s.replied && s.cursors[p.value] == nil {
					say(inQuery, "cursor="+p.value+", which no reply gave", "an empty cursor, then those of the replies")
				}
			}},
		{ID: "cursor.same-query", Holds: "the requests of a walk differ in the cursor only", Level: check.Must, Source: rfc("9865", "2"),
			Covers: []string{"rfc9865-2-same-parameters"}, look: func(q *request, s *seen, say say) {
				p, ok := q.param("cursor")
				if walk := s.cursors[p.value]; ok && walk != nil && walk.others != others(q) {
					say(inQuery, others(q), walk.others)
				}
			}},
		{ID: "cursor.or-index", Holds: "startIndex and cursor are not sent together", Level: check.Must, Source: rfc("9865", "2.4"),
			Covers: []string{"rfc9865-2.4-choose-by-parameter"}, look: func(q *request, _ *seen, say say) {
				_, cursor := q.param("cursor")
				if _, index := q.param("startIndex"); cursor && index {
					say(inQuery, "startIndex and cursor", "one of them")
				}
			}},
	}
}

// others gives a query without its cursor.
func others(q *request) string {
	var all []string
	for _, p := range q.query {
		if !strings.EqualFold(p.name, "cursor") {
			all = append(all, p.name+"="+p.value)
		}
	}
	return q.endpoint + "?" + strings.Join(all, "&")
}

func (s *seen) addCursor(q *request) {
	for _, name := range []string{"nextCursor", "previousCursor"} {
		if c := text(member(q.reply, name)); c != "" {
			s.cursors[c] = &cursorWalk{others(q)}
		}
	}
}

// redirectRules are about 307 and 308.
func redirectRules() []Rule {
	return []Rule{
		{ID: "redirect.permanent", Holds: "after 308 the new address is used", Level: check.Should, Source: rfc("7644", "3.12"),
			Covers: []string{"rfc7644-3.12-308-permanent"}, look: func(q *request, s *seen, say say) {
				if to := s.permanent[q.url]; q.url != "" && to != "" {
					say("url", q.url, to)
				}
			}},
		{ID: "redirect.temporary", Holds: "after 307 the old address is used again", Level: check.Should, Source: rfc("7644", "3.12"),
			Covers: []string{"rfc7644-3.12-307-not-permanent", "rfc7644-3.12-307-original"}, look: func(q *request, s *seen, say say) {
				from := s.temporary[q.url]
				if last := s.previous(); q.url != "" && from != "" && !(last.status == http.StatusTemporaryRedirect && last.url == from) {
					say("url", q.url, from)
				}
			}},
		{ID: "redirect.same-request", Holds: "307 and 308 are followed with the same method and body", Level: check.Must, Source: rfc("9110", "15.4"),
			Covers: []string{"rfc9110-15.4-redirect-method"}, look: func(q *request, s *seen, say say) {
				last := s.previous()
				if last == nil || last.status != http.StatusTemporaryRedirect && last.status != http.StatusPermanentRedirect {
					return
				}
				if q.url == absolute(last.url, last.answer.Get("Location")) && (q.method != last.method || !bytes.Equal(q.body, last.body)) {
					say("method", q.method, last.method+" with the same body")
				}
			}},
	}
}

func (s *seen) addRedirect(q *request) {
	to := q.answer.Get("Location")
	if q.url == "" || to == "" {
		return
	}
	if _, err := url.Parse(to); err != nil {
		return
	}
	switch q.status {
	case http.StatusPermanentRedirect:
		s.permanent[q.url] = absolute(q.url, to)
	case http.StatusTemporaryRedirect:
		s.temporary[absolute(q.url, to)] = q.url
	}
}
