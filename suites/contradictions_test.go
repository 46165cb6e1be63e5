// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"bytes"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

// contradictions lists where the RFCs, their errata or a profile of them say
// two things. Each of both answers is right, so that the checks named must pass
// with the reference server's answer and with the other one.
func contradictions() []struct {
	about, reason string
	checks        []string
	other         func(http.Handler) http.Handler // gives the other answer; nil: reason says why there is none
	unasked       bool                            // no check sends what is answered in two ways
} {
	return []struct {
		about, reason string
		checks        []string
		other         func(http.Handler) http.Handler
		unasked       bool
	}{
		{
			about:  "removing a member who is not there: success (RFC 7644 §3.5.2.2) or noTarget (table 9)",
			checks: []string{"patch.members.remove-absent"}, other: noTarget,
		},
		{
			about:  "a change to a value that is taken: 409 (RFC 7644 §3.3) or 400 (RFC 7643 §7)",
			checks: []string{"patch.user.duplicate", "replace.user.duplicate"},
			other: replyingWith(func(r *http.Request) bool { return r.Method == http.MethodPatch || r.Method == http.MethodPut },
				http.StatusConflict, http.StatusBadRequest),
		},
		{
			about:  "a weak ETag in If-Match: it matches (examples of RFC 7644 §3.14) or never does (RFC 9110 §13.1.1)",
			checks: []string{"version.if-match.current"}, other: strongOnly,
		},
		{
			about:  "replace of a complex attribute: merged (RFC 7644 §3.5.2.3) or replaced (interoperability profile)",
			checks: []string{"patch.replace.complex"}, other: interoperable,
		},
		{
			about:  "unknown attributes: ignored, or refused with invalidSyntax (interoperability profile)",
			checks: []string{"create.user.minimal", "create.user.read-back", "replace.user.duplicate"}, other: knownOnly, unasked: true,
		},
		{
			about:  "the index of an operation in asynchronous bulk jobs: from 0 (text of RFC 9967) or from 1 (its figures)",
			reason: "no check sends an asynchronous bulk request",
		},
		{
			about:  "schemas in excludedAttributes: left out or kept, since no text says how schemas is returned",
			reason: "no check asks for it; projection.excluded.* names attributes that have a defined answer",
			checks: []string{"projection.excluded.rest", "projection.excluded.always"},
		},
	}
}

func TestEitherSideOfAContradictionPasses(t *testing.T) {
	catalogue := suites.All()
	for _, c := range contradictions() {
		t.Run(c.about, func(t *testing.T) {
			if c.other == nil && c.reason == "" {
				t.Fatal("want the other answer, or the reason why there is none")
			}
			var chosen []check.Check
			for _, id := range c.checks {
				i := slices.IndexFunc(catalogue, func(x check.Check) bool { return x.ID == id })
				if i < 0 {
					t.Fatalf("no check is %s", id)
				}
				chosen = append(chosen, catalogue[i])
			}
			answers := []func(http.Handler) http.Handler{func(h http.Handler) http.Handler { return h }}
			if c.other != nil {
				answers = append(answers, c.other)
			}
			var seen []string
			for i, act := range answers {
				said := ""
				for _, r := range judgeThese(t, chosen, act, nil) {
					said += " " + string(r.Outcome)
					for _, x := range r.Exchanges {
						said += " " + strconv.Itoa(x.Status)
					}
					fair := r.Outcome == check.Passed || i == 1 && r.Outcome == check.Skipped && r.Reason != ""
					if !fair {
						t.Errorf("answer %d: %s is %s: %s %v", i+1, r.Check.ID, r.Outcome, r.Reason, r.Findings)
					}
				}
				seen = append(seen, said)
			}
			if c.other != nil && !c.unasked && seen[0] == seen[1] {
				t.Errorf("both answers are%s: no check asks", seen[0])
			}
		})
	}
}

var uuids = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// noTarget refuses to remove members who are not there.
func noTarget(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b := bodyOf(r); r.Method == http.MethodPatch && strings.HasPrefix(at(r), "/Groups/") && bytes.Contains(b, []byte(`"remove"`)) {
			look := r.Clone(r.Context())
			look.Method, look.Body = http.MethodGet, http.NoBody
			have := recorded(h, look).Body.String()
			for _, id := range uuids.FindAllString(string(b), -1) {
				if !strings.Contains(have, id) {
					refuse(w, http.StatusBadRequest, "noTarget")
					return
				}
			}
		}
		h.ServeHTTP(w, r)
	})
}

func refuse(w http.ResponseWriter, status int, scimType string) {
	w.Header().Set("Content-Type", "application/scim+json")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"` + itoa(status) + `","scimType":"` + scimType + `","detail":"refused"}`))
}

// replyingWith answers one status for another.
func replyingWith(which func(*http.Request) bool, from, to int) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			rec := recorded(h, r)
			body := rec.Body.String()
			if at(r) != "" && which(r) && rec.Code == from {
				rec.Code, body = to, strings.Replace(body, `"`+itoa(from)+`"`, `"`+itoa(to)+`"`, 1)
			}
			reply(w, rec, body)
		})
	}
}

// strongOnly compares If-Match as RFC 9110 has it: a weak tag never matches.
func strongOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at(r) != "" && strings.HasPrefix(r.Header.Get("If-Match"), "W/") {
			refuse(w, http.StatusPreconditionFailed, "")
			return
		}
		h.ServeHTTP(w, r)
	})
}

// interoperable replaces complex attributes whole, and says that it does.
func interoperable(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b := bodyOf(r); r.Method == http.MethodPatch && bytes.Contains(b, []byte(`"replace"`)) && bytes.Contains(b, []byte(`"path":"name"`)) {
			first := r.Clone(r.Context())
			first.Body, first.ContentLength = http.NoBody, 0
			sent := []byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"name"}]}`)
			first.Body, first.ContentLength = http.MaxBytesReader(nil, readCloser(sent), 1<<20), int64(len(sent))
			recorded(h, first)
		}
		rec := recorded(h, r)
		body := rec.Body.String()
		if at(r) == "/ServiceProviderConfig" {
			body = strings.Replace(body, "{", `{"interopProfileConformant":true,`, 1)
		}
		reply(w, rec, body)
	})
}

// knownOnly refuses users with members that no schema has.
func knownOnly(h http.Handler) http.Handler {
	known := regexp.MustCompile(`(?i)^(schemas|id|meta|externalId|userName|name|displayName|nickName|profileUrl|title|userType|preferredLanguage|locale|timezone|active|password|emails|phoneNumbers|ims|photos|addresses|groups|entitlements|roles|x509Certificates|urn:.*)$`)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if b := bodyOf(r); strings.HasPrefix(at(r), "/Users") && (r.Method == http.MethodPost || r.Method == http.MethodPut) {
			for _, name := range names(b) {
				if !known.MatchString(name) {
					refuse(w, http.StatusBadRequest, "invalidSyntax")
					return
				}
			}
		}
		h.ServeHTTP(w, r)
	})
}
