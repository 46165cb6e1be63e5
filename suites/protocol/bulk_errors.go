// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// bulkErrors checks bulk requests that are wrong, as a whole or in an
// operation, RFC 7644 §3.7.
func bulkErrors() []check.Check {
	return []check.Check{bulkNoJSON, bulkNoSchema, bulkNoOperations, operationNoBulkID, operationNoData, operationNoMethod, operationGet}
}

// refusedJob is a statement about a request that is refused as a whole.
func refusedJob(id, title string, level check.Level, covers, fix string, write func(t *check.T) string) check.Check {
	return check.Check{
		ID: id, Title: title, Level: level, Source: check.RFC7644("3.7"), Covers: []string{covers},
		Needs: check.Needs(check.CapBulk), Profiles: check.Profiles("rfc"),
		Breaks: "A client with a mistake is told that all is well, and nothing was done.", Fix: fix,
		Run: func(t *check.T) {
			t.Expect(t.Post(bulkPath, write(t))).To(BeSCIMError(400, scim.InvalidSyntax))
		},
	}
}

var (
	bulkNoJSON = refusedJob("bulk.request.no-json", "a bulk request that is not JSON is refused with 400", check.Must,
		"rfc7644-3.7-job-error", "Answer what cannot be read as a bulk request with an HTTP error, not with 200.",
		func(*check.T) string { return `{"schemas":[` })
	bulkNoSchema = refusedJob("bulk.request.no-schema", "a bulk request that does not name its schema is refused", check.Should,
		"rfc7644-3.7-request-schema", "Require the BulkRequest schema, so that another message is not taken for one.",
		func(t *check.T) string {
			operation := changing(http.MethodDelete, nowhere(t, scim.UsersEndpoint), "")
			return strings.Replace(job(operation), `"`+scim.BulkRequestURN+`"`, "", 1)
		})
	bulkNoOperations = refusedJob("bulk.request.no-operations", "a bulk request without Operations is refused", check.Must,
		"rfc7644-3.7-operations-required", "Require Operations in a bulk request.",
		func(*check.T) string { return `{"schemas":["` + scim.BulkRequestURN + `"]}` })
)

// refusedOperation is a statement about an operation that is refused: with 400
// as its own result, or together with its request.
func refusedOperation(id, title string, level check.Level, covers, fix string, write func(alice *check.Resource, bob string) string) check.Check {
	return check.Check{
		ID: id, Title: title, Level: level, Source: check.RFC7644("3.7"), Covers: []string{covers},
		Needs: check.Needs(check.CapBulk), Profiles: check.Profiles("rfc"),
		Breaks: "What a client meant is guessed at, and its next request builds on the guess.", Fix: fix,
		Run: func(t *check.T) {
			alice := create(t, "alice")
			before := exists(t, alice)
			x := t.Post(bulkPath, job(write(alice, user(t, "bob"))))
			if x.Status == http.StatusOK {
				t.Expect(x).To(haveCode("Operations[0]", "400"))
			} else {
				t.Expect(x).To(BeSCIMError(400))
			}
			t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
		},
	}
}

var (
	operationNoBulkID = refusedOperation("bulk.operation.no-bulkid", "a POST without a bulkId is refused", check.Should,
		"rfc7644-3.7-bulkid-required-post", "Require bulkId where the method is POST.",
		func(_ *check.Resource, bob string) string {
			return strings.Replace(creating("b", scim.UsersEndpoint, bob), `"bulkId":"b",`, "", 1)
		})
	operationNoData = refusedOperation("bulk.operation.no-data", "a PUT without data is refused", check.Must,
		"rfc7644-3.7-data-required", "Require data where the method is POST, PUT or PATCH.",
		func(alice *check.Resource, _ string) string { return changing(http.MethodPut, alice, "") })
	operationNoMethod = refusedOperation("bulk.operation.no-method", "an operation without a method is refused", check.Must,
		"rfc7644-3.7-method-required", "Require method, and guess none.",
		func(alice *check.Resource, _ string) string {
			return strings.Replace(changing(http.MethodPut, alice, edited(alice, "Liddell", "Hargreaves")), `"method":"PUT",`, "", 1)
		})
	operationGet = refusedOperation("bulk.operation.get", "a GET in a bulk request is refused", check.Should,
		"rfc7644-3.7-methods", "Allow POST, PUT, PATCH and DELETE only.",
		func(alice *check.Resource, _ string) string { return changing(http.MethodGet, alice, "") })
)

// bulkLimits checks the limits of bulk requests, RFC 7644 §3.7.4.
func bulkLimits() []check.Check {
	return []check.Check{limitDefined, limitOperations, limitPayload}
}

// The largest limits that a check goes beyond: what is more would be a burden
// on the provider.
const (
	mostOperations = 2000
	mostPayload    = 2 << 20
)

// limit reads a limit of bulk requests. One that is not given, or that is more
// than a check is willing to send, leaves nothing to put to the test.
func limit(t *check.T, name string, most int) int {
	x := t.List(scim.ServiceProviderConfigEndpoint)
	text := Text(x, "bulk."+name)
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		t.Skip("ServiceProviderConfig says bulk." + name + " " + quote(text) + "; the check goes beyond limits from 1 to " + strconv.Itoa(most))
	}
	return n
}

// sayWhich matches the detail of an error that names a limit, or its value.
func sayWhich(name string, n int) *Matcher {
	return HaveAttribute("detail", gomega.Or(gomega.ContainSubstring(name), gomega.ContainSubstring(strconv.Itoa(n))))
}

var limitDefined = check.Check{
	ID:       "bulk.limit.defined",
	Title:    "a provider with bulk requests says how large they may be",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.4"),
	Covers:   []string{"rfc7644-3.7.4-limits-defined", "rfc7643-5-bulk"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client finds the limits out by failing.",
	Fix:      "Give bulk.maxOperations and bulk.maxPayloadSize, both above 0.",
	Run: func(t *check.T) {
		x := t.List(scim.ServiceProviderConfigEndpoint)
		t.Expect(x).To(HaveAttribute("bulk.maxOperations", gomega.BeNumerically(">", 0)))
		t.Expect(x).To(HaveAttribute("bulk.maxPayloadSize", gomega.BeNumerically(">", 0)))
	},
}

var limitOperations = check.Check{
	ID:       "bulk.limit.operations",
	Title:    "more operations than maxOperations are refused with 413, and none is done",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.4"),
	Covers:   []string{"rfc7644-3.7.4-over-413", "rfc7644-3.7.4-limit-in-body", "rfc7644-3.12-413"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Part of an import is left out without a word.",
	Fix:      "Count the operations before the first is done; name maxOperations in the error.",
	Run: func(t *check.T) {
		n := limit(t, "maxOperations", mostOperations)
		alice := create(t, "alice")
		nobody := changing(http.MethodDelete, nowhere(t, scim.UsersEndpoint), "") + ","
		x := t.Post(bulkPath, job(strings.Repeat(nobody, n)+changing(http.MethodDelete, alice, "")))
		t.Expect(x).To(BeSCIMError(413))
		t.Expect(x).To(sayWhich("maxOperations", n))
		t.Expect(t.Get(alice)).To(HaveStatus(200))
	},
}

var limitPayload = check.Check{
	ID:       "bulk.limit.payload",
	Title:    "a bulk request above maxPayloadSize is refused with 413, and nothing is done",
	Level:    check.Must,
	Source:   check.RFC7644("3.7.4"),
	Covers:   []string{"rfc7644-3.7.4-over-413", "rfc7644-3.7.4-limit-in-body", "rfc7644-3.12-413"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that keeps to the limits cannot rely on them.",
	Fix:      "Stop reading at maxPayloadSize bytes; name the limit in the error.",
	Run: func(t *check.T) {
		n := limit(t, "maxPayloadSize", mostPayload)
		alice := create(t, "alice")
		x := t.Post(bulkPath, job(strings.Repeat(" ", n)+changing(http.MethodDelete, alice, "")))
		t.Expect(x).To(BeSCIMError(413))
		t.Expect(x).To(sayWhich("maxPayloadSize", n))
		t.Expect(t.Get(alice)).To(HaveStatus(200))
	},
}
