// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// media checks media types and encoding, RFC 7644 §3.1 and §3.8.
func media() []check.Check {
	return []check.Check{mediaReply, mediaAcceptSCIM, mediaAcceptNone, mediaJSON, mediaCharset, mediaUnsupported, mediaUTF8, mediaHeaders}
}

var mediaReply = check.Check{
	ID:       "media.reply.scim-json",
	Title:    "replies are marked application/scim+json",
	Level:    check.Must,
	Source:   check.RFC7644("3.1"),
	Covers:   []string{"rfc7644-3.1-media-type", "rfc7644-3.8-accept-scim", "rfc7644-3.2-json-bodies", "rfc7644-8.1-media-type-use"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID asks for application/scim+json and may not read a reply that says it is something else.",
	Fix:      "Send Content-Type: application/scim+json with every reply that has a body.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{Method: http.MethodGet, Path: alice.Path(), Header: http.Header{"Accept": {scim.MediaType}}})
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveMediaType(scim.MediaType))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
	},
}

var mediaAcceptSCIM = check.Check{
	ID:       "media.accept.json",
	Title:    "Accept: application/json is served",
	Level:    check.Should,
	Source:   check.RFC7644("3.8"),
	Covers:   []string{"rfc7644-3.8-accept-json"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A plain JSON client is answered 406.",
	Fix:      "Take application/json and */* in Accept like application/scim+json.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{Method: http.MethodGet, Path: alice.Path(), Header: http.Header{"Accept": {scim.MediaTypeJSON}}})
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveMediaType(scim.MediaType, scim.MediaTypeJSON))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
	},
}

var mediaAcceptNone = check.Check{
	ID:       "media.accept.absent",
	Title:    "a request without Accept and Content-Type is served",
	Level:    check.Must,
	Source:   check.RFC7644("3.8"),
	Covers:   []string{"rfc7644-3.8-default-format"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Entra ID's GET and DELETE carry no Content-Type and may carry no Accept; every cycle fails with 406 or 415.",
	Fix:      "Take application/scim+json where Accept is absent, and ask for no Content-Type where there is no body.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{Method: http.MethodGet, Path: alice.Path(), Header: http.Header{"Accept": nil, "Content-Type": nil, "User-Agent": nil}})
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
	},
}

// postAs creates a user with that Content-Type.
func postAs(t *check.T, contentType string) *flow.Exchange {
	return t.Send(flow.Request{
		Method: http.MethodPost, Path: scim.UsersEndpoint,
		Header: http.Header{"Content-Type": {contentType}}, Body: []byte(user(t, "alice")),
	})
}

var mediaJSON = check.Check{
	ID:       "media.request.json",
	Title:    "a body marked application/json is taken",
	Level:    check.Should,
	Source:   check.RFC7644("3.8"),
	Covers:   []string{"rfc7644-3.8-accept-json"},
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta's acceptance suite writes application/json; each of its creates is refused.",
	Fix:      "Read application/json bodies like application/scim+json ones.",
	Run: func(t *check.T) {
		x := postAs(t, scim.MediaTypeJSON)
		t.Expect(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("userName", Text(x.Request.Body, "userName")))
	},
}

var mediaCharset = check.Check{
	ID:       "media.request.charset",
	Title:    "a body marked application/scim+json; charset=utf-8 is taken",
	Level:    check.Must,
	Source:   check.RFC7644("3.8"),
	Covers:   []string{"rfc7644-3.8-accept-scim", "rfc7644-3.8-utf8"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Okta and Entra ID send the charset with every write; all of them are refused with 415.",
	Fix:      "Parse Content-Type and compare the media type without its parameters.",
	Run: func(t *check.T) {
		x := postAs(t, scim.MediaType+"; charset=utf-8")
		t.Expect(x).To(HaveStatus(201))
		t.Expect(x).To(HaveAttribute("userName", Text(x.Request.Body, "userName")))
	},
}

var mediaUnsupported = check.Check{
	ID:       "media.request.unsupported",
	Title:    "a body of another media type is refused",
	Level:    check.Should,
	Source:   check.Source{Name: "RFC 9110", Section: "15.5.16", Evidence: check.Standard},
	Covers:   []string{"rfc9110-15.5.16-415"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A form that a browser was tricked into sending is read as a command.",
	Fix:      "Answer 415 to a Content-Type that is neither application/scim+json nor application/json.",
	Run:      func(t *check.T) { t.Expect(postAs(t, "text/plain")).To(HaveStatus(400, 415)) },
}

var mediaUTF8 = check.Check{
	ID:       "media.encoding.utf-8",
	Title:    "text outside ASCII comes back as it was sent",
	Level:    check.Must,
	Source:   check.RFC7644("3.8"),
	Covers:   []string{"rfc7644-3.8-utf8", "rfc7644-3.8-utf8-default"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "People are shown with broken names, and every later cycle sends the same update again.",
	Fix:      "Read and write bodies as UTF-8, and store names in a column that holds all of Unicode.",
	Run: func(t *check.T) {
		robin := t.CreateUser(people.Robin)
		t.Expect(t.Get(robin)).To(HaveAttribute("name.givenName", people.Robin.GivenName))
		hanako := t.CreateUser(people.Hanako)
		t.Expect(t.Get(hanako)).To(HaveAttribute("name.familyName", people.Hanako.FamilyName))
	},
}

var mediaHeaders = check.Check{
	ID:       "media.headers.unknown",
	Title:    "unknown request headers are ignored",
	Level:    check.Must,
	Source:   check.Source{Name: "RFC 9110", Section: "5.1", Evidence: check.Standard},
	Covers:   []string{"rfc7644-3.2-users-methods"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "Okta sends Accept-Charset and Entra ID ADSCIMVersion; a strict gateway refuses both.",
	Fix:      "Let headers that you do not know pass without effect.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{Method: http.MethodGet, Path: alice.Path(), Header: http.Header{"Accept-Charset": {"utf-8"}, "Adscimversion": {"2"}, "X-Scimproof": {"unknown"}}})
		t.Expect(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("userName", userName(alice)))
	},
}
