// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

func TestRefusals(t *testing.T) {
	c := open(t)
	alice, bob := c.user("alice"), c.user("bob")
	group := c.group("Engineering")
	u, g := "/Users/"+alice.id(), "/Groups/"+group.id()
	patch := patchBody
	for _, tt := range []struct {
		name, method, path, body, header string
		status                           int
		scimType                         string
	}{
		{"unknown user", "GET", "/Users/unknown", "", "", 404, ""},
		{"userName is no id", "GET", "/Users/alice", "", "", 404, ""},
		{"unknown endpoint", "GET", "/Devices", "", "", 404, ""},
		{"below a resource", "GET", u + "/emails", "", "", 404, ""},
		{"empty segment", "GET", "//Users", "", "", 404, ""},
		{"trailing slash", "GET", "/Users/", "", "", 404, ""},
		{"dots", "GET", "/../v2/Users", "", "", 404, ""},
		{"escaped dots", "GET", "/%2e%2e/v2/Users", "", "", 404, ""},
		{"escaped slashes", "GET", "/Users/..%2f..%2fetc%2fpasswd", "", "", 404, ""},
		{"NUL", "GET", "/Users/%00", "", "", 404, ""},
		{"bad UTF-8", "GET", "/Users/%ff", "", "", 404, ""},
		{"PUT of nothing", "PUT", "/Users/unknown", userBody("x"), "", 404, ""},
		{"bad PUT of nothing", "PUT", "/Users/unknown", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`, "", 404, ""},
		{"PATCH of nothing", "PATCH", "/Users/unknown", patch(`{"op":"remove","path":"title"}`), "", 404, ""},
		{"DELETE of nothing", "DELETE", "/Groups/unknown", "", "", 404, ""},
		{"a user is no group", "GET", "/Groups/" + alice.id(), "", "", 404, ""},
		{"Me", "GET", "/Me", "", "", 501, ""},
		{"PUT on the collection", "PUT", "/Users", "{}", "", 405, ""},
		{"POST on a resource", "POST", u, "{}", "", 405, ""},
		{"override is ignored", "POST", u, "{}", "X-HTTP-Method-Override: DELETE", 405, ""},
		{"POST on schemas", "POST", "/Schemas", "{}", "", 405, ""},
		{"DELETE of a config", "DELETE", "/ServiceProviderConfig", "", "", 405, ""},
		{"filter on schemas", "GET", "/Schemas?filter=id%20pr", "", "", 403, ""},
		{"filter on types", "GET", "/ResourceTypes?filter=id%20pr", "", "", 403, ""},
		{"empty body", "POST", "/Users", "", "", 400, "invalidSyntax"},
		{"array", "POST", "/Users", "[]", "", 400, "invalidSyntax"},
		{"duplicate member", "POST", "/Users", `{"userName":"x","userName":"y"}`, "", 400, "invalidSyntax"},
		{"bytes behind", "POST", "/Users", userBody("x") + "x", "", 400, "invalidSyntax"},
		{"no userName", "POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}`, "", 400, "invalidValue"},
		{"no displayName", "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}`, "", 400, "invalidValue"},
		{"taken userName", "POST", "/Users", userBody("ALICE"), "", 409, "uniqueness"},
		{"taken displayName", "POST", "/Groups", groupBody("ENGINEERING"), "", 409, "uniqueness"},
		{"PUT takes a userName", "PUT", u, userBody("Bob"), "", 409, "uniqueness"},
		{"PATCH takes a userName", "PATCH", u, patch(`{"op":"replace","path":"userName","value":"BOB"}`), "", 409, "uniqueness"},
		{"group in itself", "PATCH", g, patch(`{"op":"add","path":"members","value":[{"value":"` + group.id() + `"}]}`), "", 400, "invalidValue"},
		{"no target", "PATCH", u, patch(`{"op":"remove"}`), "", 400, "noTarget"},
		{"id", "PATCH", u, patch(`{"op":"replace","path":"id","value":"x"}`), "", 400, "mutability"},
		{"groups", "PATCH", u, patch(`{"op":"add","path":"groups","value":[{"value":"` + group.id() + `"}]}`), "", 400, "mutability"},
		{"XML", "POST", "/Users", userBody("x"), "Content-Type: text/xml", 415, ""},
		{"malformed type", "POST", "/Users", userBody("x"), "Content-Type: ;", 415, ""},
		{"Latin-1", "POST", "/Users", userBody("x"), "Content-Type: application/json; charset=iso-8859-1", 415, ""},
		{"gzip", "POST", "/Users", userBody("x"), "Content-Encoding: gzip", 415, ""},
		{"large body", "POST", "/Users", userBody(strings.Repeat("x", 1<<20)), "", 413, ""},
		{"long URL", "GET", "/Users?x=" + strings.Repeat("x", 16<<10), "", "", 414, ""},
		{"query escapes", "GET", "/Users?filter=%zz", "", "", 400, "invalidSyntax"},
		{"empty filter", "GET", "/Users?filter=", "", "", 400, "invalidFilter"},
		{"bad filter", "GET", "/Users?filter=userName%20like%20%22a%22", "", "", 400, "invalidFilter"},
		{"password filter", "GET", "/Users?filter=password%20sw%20%22a%22", "", "", 403, "sensitive"},
		{"count", "GET", "/Users?count=abc", "", "", 400, "invalidValue"},
		{"startIndex", "GET", "/Users?startIndex=1.5", "", "", 400, "invalidValue"},
		{"endless startIndex", "GET", "/Users?startIndex=100000000000000000000", "", "", 400, "invalidValue"},
		{"sortOrder", "GET", "/Users?sortBy=userName&sortOrder=sideways", "", "", 400, "invalidValue"},
		{"search of another message", "POST", "/.search", patch(""), "", 400, "invalidSyntax"},
		{"search with a filter list", "POST", "/Users/.search", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":["a"]}`, "", 400, "invalidSyntax"},
		{"search by GET", "GET", "/Users/.search", "", "", 405, ""},
		{"attributes both ways", "POST", "/Users?attributes=userName&excludedAttributes=name", userBody("y"), "", 400, "invalidValue"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.do(tt.method, neutral+tt.path, tt.body, tt.header)
			if a.Code != tt.status || a.body["status"] != strconv.Itoa(tt.status) {
				t.Fatalf("got %d %s, want %d", a.Code, a.Body, tt.status)
			}
			if got, _ := a.body["scimType"].(string); got != tt.scimType {
				t.Errorf("got scimType %q, want %q", got, tt.scimType)
			}
			if got, want := a.Header().Get("Content-Type"), "application/scim+json"; got != want {
				t.Errorf("got Content-Type %q, want %q", got, want)
			}
			if tt.status == 405 && a.Header().Get("Allow") == "" {
				t.Error("405 without Allow")
			}
			if a.body["detail"] == "" {
				t.Error("no detail")
			}
		})
	}
	for _, was := range []answer{alice, bob} {
		if now := c.do("GET", neutral+"/Users/"+was.id(), ""); now.Body.String() != was.Body.String() {
			t.Errorf("refusals changed a user:\ngot  %s\nwant %s", now.Body, was.Body)
		}
	}
}

func TestNoRouteRedirects(t *testing.T) {
	c := open(t)
	for _, path := range []string{"/", "/scim", "/scim/v1/Users", "/scim/v20/Users", "//scim/v2/Users", "/api/v2//users", "/api/v2/./users", "/api/v2/scim/../users"} {
		r := httptest.NewRequest("GET", "http://host.example/", nil)
		r.URL.Path = path
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		c.ServeHTTP(rec, r)
		if rec.Code != 404 || !strings.HasPrefix(rec.Body.String(), "{") {
			t.Errorf("%s: got %d %s, want 404 as JSON", path, rec.Code, rec.Body)
		}
	}
}

func TestMediaTypes(t *testing.T) {
	c := open(t)
	const scim, plain = "application/scim+json", "application/json"
	for _, tt := range []struct{ name, path, header, want string }{
		{"neutral default", neutral, "", scim},
		{"own default", own, "", plain},
		{"json asked", neutral, "Accept: application/json", plain},
		{"scim asked", own, "Accept: application/scim+json, application/json;q=0.5", scim},
		{"json refused", neutral, "Accept: application/json;q=0, */*", scim},
		{"anything", neutral, "Accept: */*", scim},
		{"something else", neutral, "Accept: text/html", scim},
		{"GET with Content-Type", neutral, "Content-Type: text/plain", scim},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.want(c.do("GET", tt.path+"/Users", "", tt.header), 200)
			if got := a.Header().Get("Content-Type"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	for i, header := range []string{"Content-Type: ", "Content-Type: application/json", "Content-Type: application/scim+json; charset=UTF-8", "Content-Encoding: identity"} {
		if a := c.do("POST", neutral+"/Users", userBody("user"+strconv.Itoa(i)), header); a.Code != 201 {
			t.Errorf("%q: got %d, want 201", header, a.Code)
		}
	}
}

func TestHeadIsGetWithoutBody(t *testing.T) {
	c := open(t)
	alice := c.user("alice")
	for _, path := range []string{"/Users", "/Users/" + alice.id(), "/Users/unknown", "/Schemas"} {
		get, head := c.do("GET", neutral+path, ""), c.do("HEAD", neutral+path, "")
		if head.Code != get.Code || head.Body.Len() > 0 || head.Header().Get("Content-Length") != strconv.Itoa(get.Body.Len()) {
			t.Errorf("HEAD %s: got %d, %d bytes, Content-Length %s; GET has %d and %d", path, head.Code, head.Body.Len(), head.Header().Get("Content-Length"), get.Code, get.Body.Len())
		}
	}
}

func TestProfileWire(t *testing.T) {
	c := open(t)
	alice := c.want(c.do("POST", own+"/Users?aadOptscim062020", userBody("alice@x.example")), 201)
	at := own + "/Users/" + alice.id()
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		text                     string
	}{
		{"unknown", "GET", own + "/Users/unknown", "", 404, ""},
		{"no config", "GET", own + "/ServiceProviderConfig", "", 404, ""},
		{"userName by PUT", "PUT", at, userBody("other@x.example"), 400, "userName"},
		{"userName by PATCH", "PATCH", at, patchBody(`{"op":"replace","path":"userName","value":"other@x.example"}`), 400, "userName"},
		{"roles as strings", "PATCH", at, patchBody(`{"op":"add","path":"roles","value":["x"]}`), 400, "'roles' should be object"},
		{"unquoted filter", "GET", own + "/Users?filter=userName%20eq%20alice@x.example", "", 200, alice.id()},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.do(tt.method, tt.path, tt.body)
			if a.Code != tt.status || !strings.Contains(a.Body.String(), tt.text) {
				t.Fatalf("got %d %s, want %d with %q", a.Code, a.Body, tt.status, tt.text)
			}
			if list, ok := a.body["errors"].([]any); tt.status >= 400 && (!ok || len(list) != 1 || len(a.body) != 1) {
				t.Errorf("got %s, want one member errors", a.Body)
			}
		})
	}
	if a := c.do("PUT", own+"/Users/"+alice.id(), userBody("alice@x.example", `,"title":"Engineer"`)); a.Code != 200 {
		t.Errorf("PUT with the same userName: got %d, want 200", a.Code)
	}
	if a := c.do("PUT", neutral+"/Users/"+alice.id(), userBody("other@x.example")); a.Code != 200 {
		t.Errorf("PUT on the neutral wire: got %d, want 200", a.Code)
	}
	if got := c.do("GET", at, ""); !strings.HasSuffix(got.meta("location"), at) || got.body["userName"] != "other@x.example" {
		t.Errorf("got %s, want the same user under %s", got.Body, at)
	}
}

func TestDiscovery(t *testing.T) {
	c := open(t)
	config := c.want(c.do("GET", neutral+"/ServiceProviderConfig", ""), 200)
	for name, want := range map[string]bool{"patch": true, "filter": true, "sort": true, "etag": true, "bulk": true, "changePassword": false} {
		feature, _ := config.body[name].(map[string]any)
		if feature["supported"] != want {
			t.Errorf("%s: got %v, want supported %v", name, feature, want)
		}
	}
	if _, there := config.body["pagination"]; there {
		t.Error("config has pagination")
	}
	for _, tt := range []struct {
		path string
		want []string
	}{
		{neutral + "/Schemas?count=1&startIndex=3", []string{
			"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group",
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig",
			"urn:ietf:params:scim:schemas:core:2.0:ResourceType", "urn:ietf:params:scim:schemas:core:2.0:Schema",
		}},
		{neutral + "/ResourceTypes", []string{"User", "Group"}},
		{own + "/Schemas", []string{
			"urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group",
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
		}},
	} {
		a := c.want(c.do("GET", tt.path, ""), 200)
		if got, want := strings.Join(a.ids(), " "), strings.Join(tt.want, " "); got != want {
			t.Errorf("%s: got %s, want %s", tt.path, got, want)
		}
		base, _, _ := strings.Cut(tt.path, "?")
		for _, id := range a.ids() {
			one := c.want(c.do("GET", base+"/"+id, ""), 200)
			if !strings.HasSuffix(one.meta("location"), base+"/"+id) || one.id() != id {
				t.Errorf("%s/%s: got %s", base, id, one.Body)
			}
		}
		c.want(c.do("GET", base+"/unknown", ""), 404)
	}
	mutability := func(base string) any {
		schema := c.do("GET", base+"/Schemas/urn:ietf:params:scim:schemas:core:2.0:User", "")
		for _, a := range schema.body["attributes"].([]any) {
			if a := a.(map[string]any); a["name"] == "userName" {
				return a["mutability"]
			}
		}
		return nil
	}
	if mutability(neutral) != "readWrite" || mutability(own) != "immutable" {
		t.Errorf("userName: got %v and %v, want readWrite and immutable", mutability(neutral), mutability(own))
	}
}
