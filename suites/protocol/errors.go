// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// errorReplies checks errors that belong to no operation, RFC 7644 §3.12.
func errorReplies() []check.Check {
	return []check.Check{errorEndpoint, errorMalformed, errorEmpty, errorArray, errorDuplicate, errorMediaType, errorKeyword, errorMethod}
}

var errorEndpoint = check.Check{
	ID:       "error.endpoint.unknown",
	Title:    "an unknown endpoint answers 404 with a SCIM error",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-404", "rfc7644-3.2-error-in-status", "rfc7644-3.2-error-in-body"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A wrong base URL ends in a page of HTML, and the administrator reads \"unexpected character <\".",
	Fix:      "Answer every path below the base URL in SCIM JSON, those you do not know with 404.",
	Run:      func(t *check.T) { t.Expect(t.List("/ScimproofNothing")).To(BeSCIMError(404)) },
}

// bodied is a statement that POST /Users with that body is refused with 400.
func bodied(id, title, breaks, fix, body string, scimTypes ...string) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Should, Source: check.RFC7644("3.12"),
		Covers:   []string{"rfc7644-3.12-400", "rfc7644-3.12-json-body", "rfc7644-3.12-scimtype-invalidsyntax"},
		Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) { t.Expect(t.Post(scim.UsersEndpoint, body)).To(BeSCIMError(400, scimTypes...)) },
	}
}

var (
	errorMalformed = bodied("error.body.malformed", "a body that is no JSON is refused with 400",
		"A request that was cut off on its way ends in a server error, and is repeated for ever.",
		"Answer 400 invalidSyntax when the body does not parse.",
		`{"schemas":["`+scim.UserURN+`"],"userName":`, scim.InvalidSyntax, scim.InvalidValue)
	errorEmpty = bodied("error.body.empty", "an empty body is refused with 400",
		"A proxy that drops the body makes a nameless account.",
		"Answer 400 invalidSyntax when a body is needed and there is none.", ``)
	errorArray = bodied("error.body.array", "a body that is no object is refused with 400",
		"A client that sends a list believes that all its users were made.",
		"Answer 400 invalidSyntax when the body is JSON but no object.", `[{"userName":"x"}]`)
)

var errorDuplicate = check.Check{
	ID:       "error.body.duplicate",
	Title:    "a body that names an attribute twice is refused with 400",
	Level:    check.May,
	Source:   check.Source{Name: "RFC 8259", Section: "4", Evidence: check.Standard},
	Covers:   []string{"rfc7643-2.1-names-case-insensitive", "rfc7644-3.12-scimtype-invalidsyntax"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A gateway that reads the first value and a provider that reads the last one do not agree on what was allowed.",
	Fix:      "Refuse duplicate names while parsing, in any letter case.",
	Run: func(t *check.T) {
		t.Expect(post(t, `"title":"Engineer"`, `"title":"Director"`)).To(BeSCIMError(400))
	},
}

var errorMediaType = check.Check{
	ID:       "error.reply.media-type",
	Title:    "an error is SCIM JSON like other replies",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-json-body", "rfc7644-3.12-valid-json-examples", "rfc7644-3.1-media-type"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that chooses its reader by media type cannot say what went wrong.",
	Fix:      "Send errors with Content-Type application/scim+json, also those of a router or gateway.",
	Run: func(t *check.T) {
		x := t.Get(nowhere(t, scim.UsersEndpoint))
		t.Require(x).To(HaveStatus(404))
		t.Expect(x).To(BeJSON())
		t.Expect(x).To(HaveMediaType(scim.MediaType))
		t.Expect(x).To(HaveUniqueNames())
	},
}

var errorKeyword = check.Check{
	ID:       "error.reply.scim-type",
	Title:    "scimType, where an error has one, is a defined keyword",
	Level:    check.Must,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-scimtype-optional"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that decides by scimType meets a word it does not know.",
	Fix:      "Use the words of RFC 7644 table 9 in their spelling, or leave scimType out.",
	Run: func(t *check.T) {
		x := t.Post(scim.UsersEndpoint, `{"schemas":["`+scim.UserURN+`"]}`)
		t.Require(x).To(BeSCIMError(400))
		if len(Texts(x, "scimType")) > 0 {
			t.Expect(x).To(BeSCIMError(400, scim.InvalidValue, scim.InvalidSyntax, scim.InvalidPath, scim.Mutability))
		}
	},
}

var errorMethod = check.Check{
	ID:       "error.method.unsupported",
	Title:    "a method that an endpoint does not have is refused",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-501", "rfc9110-15.5.6-405-allow"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A mistake in a client looks like success.",
	Fix:      "Answer 405 with Allow (or 404, 501) to methods that you do not serve.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{Method: http.MethodPost, Path: alice.Path(), Body: alice.Sent})
		t.Expect(x).To(HaveStatus(400, 404, 405, 501))
	},
}
