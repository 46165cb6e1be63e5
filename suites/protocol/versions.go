// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"bytes"
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// versions checks entity tags, RFC 7644 §3.14.
func versions() []check.Check {
	return []check.Check{versionHeader, versionMoves, versionNoneMatch, versionNoneMatchOther, versionStalePut, versionStaleDelete, versionCurrent, versionWeak}
}

// on sends a request about r under a condition.
func on(t *check.T, method string, r *check.Resource, header, version, body string) *flow.Exchange {
	q := flow.Request{Method: method, Path: r.Path(), Header: http.Header{header: {version}}}
	if body != "" {
		q.Body = []byte(body)
	}
	return t.Send(q)
}

// stale changes r and gives the version that it had before.
func stale(t *check.T, r *check.Resource) string {
	version := exists(t, r).Response.Header.Get("ETag")
	t.Precondition(version).NotTo(gomega.BeEmpty())
	t.Precondition(t.Put(r, edited(r, "Liddell", "Hargreaves"))).To(HaveStatus(200))
	return version
}

var versionHeader = check.Check{
	ID:       "version.etag.header",
	Title:    "ETag of a user is an entity tag and equals meta.version",
	Level:    check.Must,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-header", "rfc7644-3.14-meta-version", "rfc7643-3.1-meta-version", "rfc9110-8.8.3-etag-syntax"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that writes only what nobody changed meanwhile cannot do so.",
	Fix:      "Send ETag as W/\"…\" or \"…\" with each user, and the same text in meta.version.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice"))
		t.Require(x).To(HaveHeader("ETag", gomega.MatchRegexp(`^(W/)?"[^"]*"$`)))
		t.Expect(x).To(HaveAttribute("meta.version", x.Response.Header.Get("ETag")))
	},
}

var versionMoves = check.Check{
	ID:       "version.etag.moves",
	Title:    "the version changes when the user does, and only then",
	Level:    check.Should,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-changes", "rfc7644-3.5.2-last-modified"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A change is overwritten unseen, or every client reads everything again.",
	Fix:      "Derive the version from a counter or the content, and move it with every change.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		version := before.Response.Header.Get("ETag")
		t.Expect(t.Get(alice)).To(HaveHeader("ETag", version))
		t.Precondition(t.Put(alice, edited(alice, "Liddell", "Hargreaves"))).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveHeader("ETag", gomega.Not(gomega.Equal(version))))
	},
}

var versionNoneMatch = check.Check{
	ID:       "version.if-none-match.same",
	Title:    "If-None-Match with the current version answers 304 without a body",
	Level:    check.Must,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-304-empty", "rfc7644-3.14-if-none-match", "rfc9110-13.1.2-if-none-match-weak", "rfc9110-15.4.5-304-no-body"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that polls is sent everything each time.",
	Fix:      "Compare If-None-Match weakly with the version, and answer 304 and no body when they are the same.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		version := exists(t, alice).Response.Header.Get("ETag")
		x := on(t, http.MethodGet, alice, "If-None-Match", version, "")
		t.Expect(x).To(HaveStatus(304))
		t.Expect(x).To(BeEmptyBody())
		weak := "W/" + strings.TrimPrefix(version, "W/")
		t.Expect(on(t, http.MethodGet, alice, "If-None-Match", weak, "")).To(HaveStatus(304))
	},
}

var versionNoneMatchOther = check.Check{
	ID:       "version.if-none-match.other",
	Title:    "If-None-Match with another version answers the user",
	Level:    check.Must,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-if-none-match"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client keeps an old copy for ever.",
	Fix:      "Answer 304 only when the version is the one that was named.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := on(t, http.MethodGet, alice, "If-None-Match", stale(t, alice), "")
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("name.familyName", "Hargreaves"))
	},
}

var versionStalePut = check.Check{
	ID:       "version.if-match.stale-put",
	Title:    "a PUT with an old version is refused with 412 and changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-if-match", "rfc7644-3.12-412"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Of two changes made at the same time one is lost without a word.",
	Fix:      "Compare If-Match with the version in the transaction that writes; answer 412 when they differ.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		version := stale(t, alice)
		before := exists(t, alice)
		t.Expect(on(t, http.MethodPut, alice, "If-Match", version, string(alice.Sent))).To(BeSCIMError(412))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var versionStaleDelete = check.Check{
	ID:       "version.if-match.stale-delete",
	Title:    "a DELETE with an old version is refused with 412",
	Level:    check.Should,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-if-match-delete", "rfc7644-3.12-412"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An account that was just put back to use is removed.",
	Fix:      "Honour If-Match on DELETE as on PUT and PATCH.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		version := stale(t, alice)
		t.Expect(on(t, http.MethodDelete, alice, "If-Match", version, "")).To(BeSCIMError(412))
		t.Expect(t.Get(alice)).To(HaveStatus(200))
	},
}

var versionCurrent = check.Check{
	ID:       "version.if-match.star",
	Title:    "If-Match: * lets a PUT of an existing user pass",
	Level:    check.Must,
	Source:   check.Source{Name: "RFC 9110", Section: "13.1.1", Evidence: check.Standard},
	Covers:   []string{"rfc9110-13.1.1-if-match-star"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that wants to update what exists, whatever its version, is refused.",
	Fix:      "Let * match every resource that exists.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := on(t, http.MethodPut, alice, "If-Match", "*", edited(alice, "Liddell", "Hargreaves"))
		t.Expect(x).To(HaveStatus(200))
		t.Expect(t.Get(alice)).To(HaveAttribute("name.familyName", "Hargreaves"))
	},
}

var versionWeak = check.Check{
	ID:       "version.etag.weak",
	Title:    "an ETag that stands for several texts of a user is weak",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-meta-version-weak"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A cache between client and provider answers with part of a user where the whole was asked for.",
	Fix:      "Write W/ before a tag that is made of the user's version alone, or make another for each selection of attributes.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		whole, few := exists(t, alice), fetch(t, alice, "attributes", "userName")
		t.Precondition(whole).To(HaveHeader("ETag"))
		t.Precondition(few).To(HaveStatus(200))
		tag := whole.Response.Header.Get("ETag")
		same := bytes.Equal(whole.Response.Body, few.Response.Body)
		t.Expect(few).To(HaveHeader("ETag", wanted{"a tag with W/, or another than that of the whole user", func(got any) bool {
			return same || got != tag || strings.HasPrefix(tag, "W/")
		}}))
	},
}
