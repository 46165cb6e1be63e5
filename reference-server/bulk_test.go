// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
)

// result is one operation of a BulkResponse.
type result struct {
	Method, BulkID, Version, Location, Status string
	Response                                  map[string]any
}

func bulkBody(operations ...string) string {
	return `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[` + strings.Join(operations, ",") + `]}`
}

// post is an operation that creates.
func post(bulkID, path, data string) string {
	return fmt.Sprintf(`{"method":"POST","path":%q,"bulkId":%q,"data":%s}`, path, bulkID, data)
}

// bulk sends operations and returns their results.
func (c *client) bulk(body string) []result {
	c.t.Helper()
	a := c.want(c.do("POST", neutral+"/Bulk", body), 200)
	var response struct{ Operations []result }
	if err := json.Unmarshal(a.Body.Bytes(), &response); err != nil {
		c.t.Fatal(err)
	}
	if _, there := a.body["failOnErrors"]; there || fmt.Sprint(a.body["schemas"]) != "[urn:ietf:params:scim:api:messages:2.0:BulkResponse]" {
		c.t.Errorf("got %s, want a BulkResponse", a.Body)
	}
	for _, r := range response.Operations {
		failed := r.Status >= "300"
		switch {
		case failed != (r.Response != nil), failed && r.Response["status"] != r.Status, failed && r.Response["detail"] == "":
			c.t.Errorf("%s %s: got status %s with response %v, want an Error exactly if it failed", r.Method, r.BulkID, r.Status, r.Response)
		case (failed && r.Method == "POST") == (r.Location != ""):
			c.t.Errorf("%s %s: got status %s with location %q, want one but for a failed POST", r.Method, r.BulkID, r.Status, r.Location)
		}
	}
	return response.Operations
}

// statuses joins the statuses of results.
func statuses(results []result) string {
	var list []string
	for _, r := range results {
		list = append(list, r.Status)
	}
	return strings.Join(list, " ")
}

// at returns the path of a location.
func at(location string) string {
	_, below, _ := strings.Cut(location, neutral)
	return neutral + below
}

func lastID(location string) string { return location[strings.LastIndex(location, "/")+1:] }

func TestBulkDoesWhatSingleRequestsDo(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	alice := c.user("alice")
	bob := c.user("bob")
	results := c.bulk(bulkBody(
		post("new", "/Users", userBody("carol")),
		`{"method":"PUT","path":"/Users/`+alice.id()+`","version":`+fmt.Sprintf("%q", alice.version())+`,"data":`+userBody("alice", `,"title":"put"`)+`}`,
		`{"method":"PATCH","path":"/Users/`+alice.id()+`","data":`+patchBody(`{"op":"add","path":"nickName","value":"patched"}`)+`}`,
		`{"method":"PUT","path":"/Users/`+bob.id()+`","version":"W/\"99\"","data":`+userBody("bob", `,"title":"stale"`)+`}`,
		`{"method":"DELETE","path":"/Users/`+bob.id()+`"}`,
	))
	if got, want := statuses(results), "201 200 200 412 204"; got != want {
		t.Fatalf("got %s, want %s: %+v", got, want, results)
	}
	carol := c.want(c.do("GET", at(results[0].Location), ""), 200)
	if results[0].BulkID != "new" || carol.body["userName"] != "carol" || results[0].Version != carol.version() {
		t.Errorf("got %+v, want carol in version %s", results[0], carol.version())
	}
	now := c.do("GET", neutral+"/Users/"+alice.id(), "")
	if now.body["title"] != "put" || now.body["nickName"] != "patched" || now.version() != results[2].Version {
		t.Errorf("got %s, want both changes, version %s", now.Body, results[2].Version)
	}
	c.want(c.do("GET", neutral+"/Users/"+bob.id(), ""), 404)
}

func TestBulkRefusesOperationsOneByOne(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	alice := c.user("alice")
	for _, tt := range []struct{ name, operation, status string }{
		{"GET", `{"method":"GET","path":"/Users/` + alice.id() + `"}`, "400"},
		{"no method", `{"path":"/Users/` + alice.id() + `"}`, "400"},
		{"no path", `{"method":"DELETE"}`, "400"},
		{"path of Bulk", post("b", "/Bulk", `{}`), "400"},
		{"path with scheme and host", `{"method":"DELETE","path":"http://example.com` + neutral + `/Users/` + alice.id() + `"}`, "400"},
		{"path of another host", `{"method":"DELETE","path":"//example.com/Users/` + alice.id() + `"}`, "400"},
		{"path with a query", `{"method":"DELETE","path":"/Users/` + alice.id() + `?x"}`, "400"},
		{"path of search", post("b", "/Users/.search", `{}`), "400"},
		{"path of no type", post("b", "/Devices", `{}`), "400"},
		{"dots", `{"method":"DELETE","path":"/Users/../Users/` + alice.id() + `"}`, "400"},
		{"POST on a resource", post("b", "/Users/"+alice.id(), userBody("x")), "400"},
		{"DELETE on an endpoint", `{"method":"DELETE","path":"/Users"}`, "400"},
		{"POST without bulkId", `{"method":"POST","path":"/Users","data":` + userBody("x") + `}`, "400"},
		{"POST without data", `{"method":"POST","path":"/Users","bulkId":"b"}`, "400"},
		{"data as a string", post("b", "/Users", `"x"`), "400"},
		{"PATCH with a bare list", `{"method":"PATCH","path":"/Users/` + alice.id() + `","data":{"Operations":[]}}`, "400"},
		{"unknown resource", `{"method":"DELETE","path":"/Users/unknown"}`, "404"},
		{"taken userName", post("b", "/Users", userBody("ALICE")), "409"},
		{"reference to nothing", post("b", "/Groups", groupBody("g", "bulkId:nosuch")), "400"},
		{"path to nothing", `{"method":"DELETE","path":"/Users/bulkId:nosuch"}`, "400"},
		{"reference to itself", post("b", "/Groups", groupBody("g", "bulkId:b")), "409"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			results := c.bulk(bulkBody(tt.operation, post("good", "/Users", userBody("user of "+tt.name))))
			if got, want := statuses(results), tt.status+" 201"; got != want {
				t.Errorf("got %s, want %s: %+v", got, want, results)
			}
		})
	}
	if got := c.do("GET", neutral+"/Users/"+alice.id(), ""); got.version() != alice.version() {
		t.Errorf("a refused operation changed a user: %s", got.Body)
	}
	if got := c.do("GET", neutral+"/Groups", "").ids(); len(got) != 0 {
		t.Errorf("a refused operation left groups %v", got)
	}
}

func TestBulkRefusesJobs(t *testing.T) {
	c := open(t)
	one := `{"method":"DELETE","path":"/Users/x"}`
	for _, tt := range []struct {
		name, body, scimType, detail string
		status                       int
	}{
		{"no operations", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"]}`, "invalidSyntax", "Operations", 400},
		{"empty operations", bulkBody(), "invalidSyntax", "Operations", 400},
		{"an operation that is none", bulkBody(`5`), "invalidSyntax", "Operations[0]", 400},
		{"another message", strings.Replace(bulkBody(one), "BulkRequest", "PatchOp", 1), "invalidSyntax", "BulkRequest", 400},
		{"no JSON", `{`, "invalidSyntax", "", 400},
		{"a bulkId twice", bulkBody(post("b", "/Users", userBody("x")), post("b", "/Users", userBody("y"))), "invalidValue", "bulkId", 400},
		{"failOnErrors 0", strings.Replace(bulkBody(one), `"Operations"`, `"failOnErrors":0,"Operations"`, 1), "invalidValue", "failOnErrors", 400},
		{"failOnErrors as text", strings.Replace(bulkBody(one), `"Operations"`, `"failOnErrors":"1","Operations"`, 1), "invalidValue", "failOnErrors", 400},
		{"maxOperations", bulkBody(strings.Repeat(one+",", 1000) + one), "", "maxOperations, 1000", 413},
		{"maxPayloadSize", bulkBody(post("b", "/Users", userBody(strings.Repeat("x", 1<<20)))), "", "maxPayloadSize, 1048576", 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.want(c.do("POST", neutral+"/Bulk", tt.body), tt.status)
			got, _ := a.body["scimType"].(string)
			if detail := fmt.Sprint(a.body["detail"]); got != tt.scimType || !strings.Contains(detail, tt.detail) {
				t.Errorf("got %s, want scimType %q and %q", a.Body, tt.scimType, tt.detail)
			}
		})
	}
	if got := c.do("GET", neutral+"/Users", "").ids(); len(got) != 0 {
		t.Errorf("a refused job made users %v", got)
	}
	if a := c.do("GET", neutral+"/Bulk", ""); a.Code != 405 || a.Header().Get("Allow") != "POST" {
		t.Errorf("GET: got %d, Allow %q, want 405 and POST", a.Code, a.Header().Get("Allow"))
	}
	if a := c.do("POST", own+"/Bulk", bulkBody(one)); a.Code != 501 {
		t.Errorf("on a wire without a configuration: got %d, want 501", a.Code)
	}
	bulk := c.do("GET", neutral+"/ServiceProviderConfig", "").body["bulk"]
	if got, want := fmt.Sprint(bulk), "map[maxOperations:1000 maxPayloadSize:1.048576e+06 supported:true]"; got != want {
		t.Errorf("config: got %s, want %s", got, want)
	}
}

func TestBulkReferences(t *testing.T) {
	const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	managed := func(name, manager string) string {
		return userBody(name, `,"`+enterprise+`":{"manager":{"value":"`+manager+`"}}`)
	}
	user := func(name string) string { return post(name, "/Users", userBody(name)) }
	for _, tt := range []struct {
		name       string
		operations []string
		statuses   string
	}{
		{"backward", []string{user("u"), post("g", "/Groups", groupBody("G", "bulkId:u"))}, "201 201"},
		{"forward", []string{post("g", "/Groups", groupBody("G", "bulkId:u")), user("u")}, "201 201"},
		{"forward over two", []string{post("h", "/Groups", groupBody("H", "bulkId:g")), post("g", "/Groups", groupBody("G", "bulkId:u")), user("u")}, "201 201 201"},
		{"in an extension", []string{user("u"), post("v", "/Users", managed("v", "bulkId:u"))}, "201 201"},
		{"in a path", []string{user("u"), `{"method":"PATCH","path":"/Users/bulkId:u","data":` + patchBody(`{"op":"add","path":"title","value":"t"}`) + `}`}, "201 200"},
		{"in a PATCH", []string{user("u"), post("g", "/Groups", groupBody("G")), `{"method":"PATCH","path":"/Groups/bulkId:g","data":` + patchBody(`{"op":"add","path":"members","value":[{"value":"bulkId:u"}]}`) + `}`}, "201 201 200"},
		{"in a filter", []string{user("u"), post("g", "/Groups", groupBody("G", "bulkId:u")), `{"method":"PATCH","path":"/Groups/bulkId:g","data":` + patchBody(`{"op":"remove","path":"members[value eq \"bulkId:u\"]"}`) + `}`}, "201 201 200"},
		{"circle of managers", []string{post("u", "/Users", managed("u", "bulkId:v")), post("v", "/Users", managed("v", "bulkId:u"))}, "201 201"},
		{"behind a circle", []string{post("g", "/Groups", groupBody("G", "bulkId:u")), post("u", "/Users", managed("u", "bulkId:v")), post("v", "/Users", managed("v", "bulkId:u"))}, "201 201 201"},
		{"circle with an error", []string{post("u", "/Users", managed("u", "bulkId:v")), post("v", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"manager":"bulkId:u"}`), user("w")}, "409 400 201"},
		{"circle of groups", []string{post("g", "/Groups", groupBody("G", "bulkId:h")), post("h", "/Groups", groupBody("H", "bulkId:g"))}, "409 409"},
		{"to a failed one", []string{post("u", "/Users", `{}`), post("g", "/Groups", groupBody("G", "bulkId:u"))}, "400 409"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := open(t, profile(profiles.RFC()))
			results := c.bulk(bulkBody(tt.operations...))
			if got := statuses(results); got != tt.statuses {
				t.Fatalf("got %s, want %s: %+v", got, tt.statuses, results)
			}
			made := c.do("GET", neutral, "")
			if strings.Contains(made.Body.String(), "bulkId:") {
				t.Errorf("got %s, want ids in the place of references", made.Body)
			}
			for i, r := range results {
				if r.Status == "201" && !strings.Contains(made.Body.String(), lastID(r.Location)) || r.BulkID == "" && r.Method == "POST" {
					t.Errorf("operation %d: got %+v, which is not there", i, r)
				}
			}
		})
	}
	c := open(t, profile(profiles.RFC()))
	results := c.bulk(bulkBody(post("u", "/Users", managed("u", "bulkId:v")), post("v", "/Users", managed("v", "bulkId:u"))))
	for i, r := range results {
		other := lastID(results[1-i].Location)
		if got := c.do("GET", at(r.Location), ""); !strings.Contains(got.Body.String(), `"manager":{"value":"`+other+`"`) {
			t.Errorf("got %s, want manager %s", got.Body, other)
		}
	}
}

func TestBulkStopsAfterErrors(t *testing.T) {
	c := open(t)
	bad := `{"method":"DELETE","path":"/Users/unknown"}`
	body := bulkBody(bad, post("a", "/Users", userBody("a")), bad, post("b", "/Users", userBody("b")))
	if got := statuses(c.bulk(strings.Replace(body, `"Operations"`, `"failOnErrors":2,"Operations"`, 1))); got != "404 201 404" {
		t.Errorf("got %s, want 404 201 404", got)
	}
	if got := len(c.do("GET", neutral+"/Users", "").ids()); got != 1 {
		t.Errorf("got %d users, want 1", got)
	}
}

// A long job in the worst order is still done in time, and so is a body with
// many names.
func TestBulkAtItsLimits(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	var operations []string
	for i := range 1000 {
		member := fmt.Sprintf("bulkId:g%d", i+1)
		if i == 999 {
			operations = append(operations, post("g999", "/Groups", groupBody("g999")))
			break
		}
		operations = append(operations, post(fmt.Sprintf("g%d", i), "/Groups", groupBody(fmt.Sprintf("g%d", i), member)))
	}
	for i, r := range c.bulk(bulkBody(operations...)) {
		if r.Status != "201" {
			t.Fatalf("operation %d: got %+v, want 201", i, r)
		}
	}
	var many strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&many, `,"name%d":1`, i)
	}
	if got := statuses(c.bulk(bulkBody(post("u", "/Users", userBody("many", many.String()))))); got != "201" {
		t.Errorf("got %s, want 201", got)
	}
}

// Whatever is sent, a job is answered within the rules: never by a server
// error, with as many results as operations at most, and no reference is stored.
func FuzzBulk(f *testing.F) {
	f.Add(bulkBody(post("u", "/Users", userBody("u")), post("g", "/Groups", groupBody("G", "bulkId:u"))))
	f.Add(bulkBody(post("g", "/Groups", groupBody("G", "bulkId:h")), post("h", "/Groups", groupBody("H", "bulkId:g"))))
	f.Add(bulkBody(`{"method":"PATCH","path":"/Users/bulkId:u","data":`+patchBody(`{"op":"remove","path":"members[value eq \"bulkId:u\"]"}`)+`}`, post("u", "/Users", userBody("bulkId:u"))))
	f.Add(bulkBody(`{"method":"DELETE","path":"/Bulk"}`))
	f.Fuzz(func(t *testing.T, body string) {
		s, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC(), Store: store.NewMemory()})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", neutral+"/Bulk", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		if rec.Code >= 500 || !json.Valid(rec.Body.Bytes()) || !utf8.Valid(rec.Body.Bytes()) {
			t.Fatalf("got %d %s", rec.Code, rec.Body)
		}
		if rec.Code != http.StatusOK {
			return
		}
		var request struct{ Operations []struct{ Method string } }
		var response struct{ Operations []result }
		if err := json.Unmarshal([]byte(body), &request); err != nil {
			t.Fatalf("answered 200: %v", err)
		}
		if err := json.Unmarshal(rec.Body.Bytes(), &response); err != nil || len(response.Operations) > len(request.Operations) {
			t.Fatalf("got %s (%v) for %d operations", rec.Body, err, len(request.Operations))
		}
		for _, o := range response.Operations {
			if len(o.Status) != 3 || o.Status >= "500" {
				t.Errorf("got status %q in %s", o.Status, rec.Body)
			}
		}
	})
}
