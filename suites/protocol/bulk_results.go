// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// bulkResults checks what a bulk request is answered with, RFC 7644 §3.7.3.
func bulkResults() []check.Check {
	return []check.Check{bulkSchema, bulkIDs, bulkStatus, bulkLocation, bulkError}
}

// mixed sends a request with an operation that can be done and one that fails.
func mixed(t *check.T) *flow.Exchange {
	return bulk(t,
		creating("a", scim.UsersEndpoint, user(t, "alice")),
		changing(http.MethodDelete, nowhere(t, scim.UsersEndpoint), ""))
}

var bulkSchema = check.Check{
	ID:       "bulk.response.schema",
	Title:    "the reply to a bulk request is a BulkResponse",
	Level:    check.Must,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.7-response-schema", "rfc7644-3.7-fail-on-errors-not-in-response", "rfc7644-3.7-method-required"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that decides by the schema how to read a reply cannot read this one.",
	Fix:      "Name the BulkResponse schema and give Operations, each with its method, and nothing else of the request.",
	Run: func(t *check.T) {
		x := t.Post(bulkPath, failing(creating("a", scim.UsersEndpoint, user(t, "alice"))))
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(HaveAttribute("schemas", scim.BulkResponseURN))
		t.Expect(x).To(HaveAttribute("Operations.method", http.MethodPost))
		t.Expect(x).To(NotHaveAttribute("failOnErrors"))
	},
}

var bulkIDs = check.Check{
	ID:       "bulk.response.bulkid",
	Title:    "the bulkId of an operation comes back with the user it created",
	Level:    check.Must,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.7-bulkid-returned"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client cannot tell which of its people got which id, and changes the wrong account.",
	Fix:      "Put the bulkId of the operation in its result, also when results are in another order.",
	Run: func(t *check.T) {
		x := bulk(t,
			creating("a", scim.UsersEndpoint, user(t, "alice", `"title":"Archer"`)),
			creating("b", scim.UsersEndpoint, user(t, "bob", `"title":"Baker"`)))
		t.Expect(x).To(HaveAttribute("Operations.bulkId", "a", "b"))
		t.Expect(t.Get(made(t, x, scim.UsersEndpoint, "a"))).To(HaveAttribute("title", "Archer"))
		t.Expect(t.Get(made(t, x, scim.UsersEndpoint, "b"))).To(HaveAttribute("title", "Baker"))
	},
}

var bulkStatus = check.Check{
	ID:       "bulk.response.status",
	Title:    "the status of an operation is its code as text",
	Level:    check.Should,
	Source:   check.RFC7644("3.7.3"),
	Covers:   []string{"rfc7644-3.7.3-status-code"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads the examples of the RFC finds a number, or an object, where it expects \"201\".",
	Fix:      "Write the code as a string, as errata 7916 and 8096 have it.",
	Run: func(t *check.T) {
		t.Expect(mixed(t)).To(HaveAttribute("Operations.status", "201", "404"))
	},
}

var bulkLocation = check.Check{
	ID:       "bulk.response.location",
	Title:    "every result names the location of its resource",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.3"),
	Covers:   []string{"rfc7644-3.7-location-required", "rfc7644-3.7.3-location"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client never learns the ids of what it created, and creates it again.",
	Fix:      "Give location in each result, except that of a POST that failed.",
	Run: func(t *check.T) {
		alice, nobody := create(t, "alice"), nowhere(t, scim.UsersEndpoint)
		x := bulk(t,
			creating("b", scim.UsersEndpoint, user(t, "bob")),
			changing(http.MethodPut, alice, string(alice.Sent)),
			changing(http.MethodDelete, nobody, ""))
		t.Expect(x).To(HaveAttribute(done(http.MethodPut)+".location", gomega.HaveSuffix(alice.Path())))
		t.Expect(x).To(HaveAttribute(done(http.MethodDelete)+".location", gomega.HaveSuffix(nobody.Path())))
		t.Expect(t.Get(made(t, x, scim.UsersEndpoint, "b"))).To(HaveStatus(200))
	},
}

var bulkError = check.Check{
	ID:       "bulk.response.error",
	Title:    "an operation that fails is answered with a SCIM error",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.3"),
	Covers:   []string{"rfc7644-3.7-response-on-error", "rfc7644-3.7-error-detail", "rfc7644-3.7.3-error-description", "rfc7644-3.12-in-bulk"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Nobody can see which record of an import was wrong, or why.",
	Fix:      "Put the Error message that a request of its own would have been answered with into response.",
	Run: func(t *check.T) {
		x := mixed(t)
		failed := done(http.MethodDelete)
		t.Require(x).To(haveCode(failed, "404"))
		t.Expect(x).To(HaveAttribute(failed+".response.schemas", scim.ErrorURN))
		t.Expect(x).To(HaveAttribute(failed+".response.status", "404"))
		t.Expect(x).To(HaveAttribute(failed + ".response.detail"))
	},
}
