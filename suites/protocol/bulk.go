// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// bulkPath is where bulk requests go, RFC 7644 §3.2.
const bulkPath = "/Bulk"

// job writes a bulk request, RFC 7644 §3.7.
func job(operations ...string) string {
	return `{"schemas":["` + scim.BulkRequestURN + `"],"Operations":[` + strings.Join(operations, ",") + `]}`
}

// failing writes a bulk request that ends at its first error.
func failing(operations ...string) string {
	return strings.Replace(job(operations...), `"Operations"`, `"failOnErrors":1,"Operations"`, 1)
}

// bulk sends operations as one request and requires that they are answered.
func bulk(t *check.T, operations ...string) *flow.Exchange {
	x := t.Post(bulkPath, job(operations...))
	t.Require(x).To(HaveStatus(200))
	return x
}

// creating writes an operation that creates a resource.
func creating(bulkID, endpoint, data string) string {
	return `{"method":"POST","path":"` + endpoint + `","bulkId":"` + bulkID + `","data":` + data + `}`
}

// changing writes an operation on r; data may be empty.
func changing(method string, r *check.Resource, data string) string {
	if data != "" {
		data = `,"data":` + data
	}
	return `{"method":"` + method + `","path":` + quote(r.Path()) + data + `}`
}

// patching writes a PatchOp message.
func patching(operations string) string {
	return `{"schemas":["` + scim.PatchOpURN + `"],"Operations":[` + operations + `]}`
}

// named gives the path of the result with that bulkId, and done that of the
// one with that method. Results may come in any order.
func named(bulkID string) string { return `Operations[bulkId eq "` + bulkID + `"]` }
func done(method string) string  { return `Operations[method eq "` + method + `"]` }

// haveCode matches a reply whose result says one of codes: as text, or as the
// object with a code that the prose of RFC 7644 §3.7.3 speaks of.
func haveCode(result string, codes ...string) *Matcher {
	return HaveAttribute(result+".status", gomega.WithTransform(codeOf, gomega.MatchRegexp("^("+strings.Join(codes, "|")+")$")))
}

// codeOf gives the status code in the status of a result.
func codeOf(status any) string {
	if o, ok := status.(map[string]any); ok {
		status = o["code"]
	}
	text, _ := status.(string)
	return text
}

// made gives the resource that the result with that bulkId leads to.
func made(t *check.T, x *flow.Exchange, endpoint, bulkID string) *check.Resource {
	t.Require(x).To(haveCode(named(bulkID), "201"))
	at := named(bulkID) + ".location"
	t.Require(x).To(HaveAttribute(at, gomega.ContainSubstring(endpoint+"/")))
	location := Text(x, at)
	id, err := url.PathUnescape(location[strings.LastIndex(location, "/")+1:])
	t.Require(err).NotTo(gomega.HaveOccurred())
	return &check.Resource{Endpoint: endpoint, ID: id, Exchange: x}
}

// bulkJobs checks that the operations of a request are done, RFC 7644 §3.7.
func bulkJobs() []check.Check {
	return []check.Check{bulkCreate, bulkPut, bulkPatch, bulkDelete, bulkVersion, bulkContinues, bulkStops}
}

var bulkCreate = check.Check{
	ID:       "bulk.job.create",
	Title:    "one bulk request creates several users",
	Level:    check.Must,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.2-bulk-post", "rfc7644-3.2-post-bulk", "rfc7644-3.7-optional", "rfc7644-3.7-job-200", "rfc7644-3.7.3-all-results"},
	Needs:    check.Needs(check.CapBulk, check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A first import of thousands of people arrives in part.",
	Fix:      "Do every operation and answer 200 with a result for each.",
	Run: func(t *check.T) {
		alice, bob := user(t, "alice"), user(t, "bob")
		x := bulk(t, creating("a", scim.UsersEndpoint, alice), creating("b", scim.UsersEndpoint, bob))
		t.Expect(x).To(HaveAttributeCount("Operations", 2))
		t.Expect(x).To(haveCode(named("a"), "201"))
		t.Expect(x).To(haveCode(named("b"), "201"))
		for _, sent := range []string{alice, bob} {
			t.Expect(find(t, scim.UsersEndpoint, is(&check.Resource{Sent: []byte(sent)}))).To(BeListResponse(1))
		}
	},
}

// bulkChange is a statement about an operation on a user whose title is Carver:
// what it is answered with, and what the user is like afterwards.
func bulkChange(method, does, covers string, data func(*check.Resource) string, codes []string, after func() types.GomegaMatcher, needs ...string) check.Check {
	return check.Check{
		ID: "bulk.job." + strings.ToLower(method), Title: "a " + method + " in a bulk request " + does + " a user",
		Level: check.Must, Source: check.RFC7644("3.7"),
		Covers:   []string{covers, "rfc7644-3.7.3-status-code"},
		Needs:    append(check.Needs(check.CapBulk), needs...),
		Profiles: check.Profiles("rfc"),
		Breaks:   "A client that sends its changes in bulk believes them done, and they are not.",
		Fix:      "Treat a " + method + " operation as the request of its own that it stands for, and give its status code.",
		Run: func(t *check.T) {
			alice := create(t, "alice", `"title":"Carver"`)
			x := bulk(t, changing(method, alice, data(alice)))
			t.Expect(x).To(haveCode(done(method), codes...))
			t.Expect(t.Get(alice)).To(after())
		},
	}
}

// titled makes a matcher each time it is asked: checks are judged at once, and
// a matcher remembers what it looked at.
func titled(title string) func() types.GomegaMatcher {
	return func() types.GomegaMatcher { return HaveAttribute("title", title) }
}

var (
	bulkPut = bulkChange(http.MethodPut, "replaces", "rfc7644-3.7-methods",
		func(r *check.Resource) string { return edited(r, "Carver", "Baker") },
		[]string{"200"}, titled("Baker"))
	bulkPatch = bulkChange(http.MethodPatch, "changes", "rfc7644-3.7-patch-data",
		func(*check.Resource) string { return patching(`{"op":"replace","path":"title","value":"Baker"}`) },
		[]string{"200", "204"}, titled("Baker"), check.CapPatch)
	bulkDelete = bulkChange(http.MethodDelete, "removes", "rfc7644-3.7-methods",
		func(*check.Resource) string { return "" },
		[]string{"204"}, func() types.GomegaMatcher { return HaveStatus(404) })
)

var bulkVersion = check.Check{
	ID:       "bulk.job.stale-version",
	Title:    "an operation with an old version is refused with 412 and changes nothing",
	Level:    check.Should,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.7-version"},
	Needs:    check.Needs(check.CapBulk, check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Of two changes made at the same time one is lost without a word.",
	Fix:      "Treat the version of an operation as the If-Match of a request.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		version := stale(t, alice)
		before := exists(t, alice)
		put := changing(http.MethodPut, alice, string(alice.Sent))
		x := bulk(t, strings.Replace(put, `{`, `{"version":`+quote(version)+`,`, 1))
		t.Expect(x).To(haveCode(done(http.MethodPut), "412"))
		t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
	},
}

var bulkContinues = check.Check{
	ID:       "bulk.failure.continues",
	Title:    "an operation that fails does not keep the others from being done",
	Level:    check.Must,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.7-continue", "rfc7644-3.7-fail-on-errors-optional", "rfc7644-3.7-job-200", "rfc7644-3.7.3-all-results"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "One bad record in an import keeps everybody behind it out.",
	Fix:      "Go on after an error unless failOnErrors says otherwise; do not roll back what was done.",
	Run: func(t *check.T) {
		x := bulk(t,
			creating("a", scim.UsersEndpoint, user(t, "alice")),
			changing(http.MethodDelete, nowhere(t, scim.UsersEndpoint), ""),
			creating("b", scim.UsersEndpoint, user(t, "bob")))
		t.Expect(x).To(HaveAttributeCount("Operations", 3))
		t.Expect(x).To(haveCode(done(http.MethodDelete), "404"))
		t.Expect(t.Get(made(t, x, scim.UsersEndpoint, "a"))).To(HaveStatus(200))
		t.Expect(t.Get(made(t, x, scim.UsersEndpoint, "b"))).To(HaveStatus(200))
	},
}

var bulkStops = check.Check{
	ID:       "bulk.failure.stops",
	Title:    "failOnErrors ends a bulk request after that many errors",
	Level:    check.Should,
	Source:   check.RFC7644("3.7"),
	Covers:   []string{"rfc7644-3.7-fail-on-errors"},
	Needs:    check.Needs(check.CapBulk),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that wants to stop at the first mistake finds the rest done.",
	Fix:      "Count the errors, and leave the operations that follow undone when failOnErrors is reached.",
	Run: func(t *check.T) {
		bob := create(t, "bob")
		x := t.Post(bulkPath, failing(
			changing(http.MethodPut, nowhere(t, scim.UsersEndpoint), user(t, "alice")),
			changing(http.MethodDelete, bob, "")))
		t.Require(x).To(HaveStatus(200))
		t.Expect(x).To(haveCode(done(http.MethodPut), "404"))
		t.Expect(x).NotTo(haveCode(done(http.MethodDelete), "204"))
		t.Expect(t.Get(bob)).To(HaveStatus(200))
	},
}
