// SPDX-License-Identifier: Apache-2.0

package match_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	. "github.com/scimproof/scimproof/suites/match"
)

const alice = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
"id":"1","userName":"alice","name":{"givenName":"Alice","familyName":"Liddell"},"active":true,"nickName":null,"title":"",
"emails":[{"value":"a@work.example","type":"work","primary":"true"},{"value":"a@home.example","type":"home"}],"phoneNumbers":[],
"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D","manager":{"value":"7"}},
"meta":{"resourceType":"User","version":"W/\"1\"","lastModified":"2026-01-01T00:00:00Z"}}`

const list = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"startIndex":1,"itemsPerPage":2,
"Resources":[{"id":"1"},{"id":"2"}]}`

const notFound = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"no such user"}`

func get(body string) *flow.Exchange { return reply(200, body) }

func reply(status int, body string) *flow.Exchange {
	return &flow.Exchange{Method: "GET", Path: "/Users/1", Status: status, Response: flow.Message{
		Header: http.Header{"Content-Type": {"application/scim+json; charset=utf-8"}, "Etag": {`W/"1"`}}, Body: []byte(body),
	}}
}

func with(old, replacement string) string { return strings.Replace(alice, old, replacement, 1) }

func TestMatchers(t *testing.T) {
	type matcher interface {
		gomega.OmegaMatcher
		Mismatch() (Finding, bool)
	}
	unreached := &flow.Exchange{Method: "GET", Path: "/Users/1", Error: "connection refused"}
	tests := []struct {
		name    string
		actual  any
		matcher matcher
		want    string // "" : matches
	}{
		{"status", get(alice), HaveStatus(200, 204), ""},
		{"status wrong", reply(404, notFound), HaveStatus(200, 204), "GET /Users/1 · status: got 404, want 200 or 204: body " + notFound},
		{"status without answer", unreached, HaveStatus(200), "GET /Users/1 · status: got no answer: connection refused, want 200"},
		{"status of three", get(""), HaveStatus(400, 404, 409), "GET /Users/1 · status: got 200, want 400, 404 or 409"},

		{"error", reply(404, notFound), BeSCIMError(404), ""},
		{"error of several statuses", reply(404, notFound), BeSCIMErrorWith([]int{400, 404}), ""},
		{"error with scimType", reply(409, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness"}`), BeSCIMError(409, "uniqueness"), ""},
		{"error without scimType", reply(404, notFound), BeSCIMError(404, "noTarget", "invalidPath"), `GET /Users/1 · body.scimType: got nothing, want "noTarget" or "invalidPath"`},
		{"error without body", reply(404, ""), BeSCIMError(404), "GET /Users/1 · body: got no body, want JSON: read JSON: no content; the answer was 404"},
		{"error without schema", reply(404, `{"status":"404"}`), BeSCIMError(404), `GET /Users/1 · body.schemas: got nothing, want an array with "urn:ietf:params:scim:api:messages:2.0:Error"`},
		{"error with a number", reply(404, strings.Replace(notFound, `"404"`, `404`, 1)), BeSCIMError(404), `GET /Users/1 · body.status: got 404 (number), want "404" (string)`},

		{"header", get(alice), HaveHeader("ETag", `W/"1"`), ""},
		{"header present", get(alice), HaveHeader("ETag"), ""},
		{"header absent", get(alice), HaveHeader("Location"), "GET /Users/1 · header Location: got nothing, want a value"},
		{"header wrong", get(alice), HaveHeader("etag", `"1"`), `GET /Users/1 · header Etag: got "W/\"1\"", want "\"1\""`},
		{"header by matcher", get(alice), HaveHeader("ETag", gomega.HavePrefix("W/")), ""},
		{"header by matcher wrong", get(alice), HaveHeader("Location", gomega.HavePrefix("W/")), "GET /Users/1 · header Location: got nothing, want to have prefix <string>: W/"},
		{"media type", get(alice), HaveMediaType("application/json", "application/scim+json"), ""},
		{"media type wrong", get(alice), HaveMediaType("application/json"), `GET /Users/1 · header Content-Type: got "application/scim+json; charset=utf-8", want application/json`},
		{"body", get(alice), HaveBody(), ""},
		{"body empty", get(""), HaveBody(), "GET /Users/1 · body: got nothing, want a body"},
		{"no body", get(""), BeEmptyBody(), ""},
		{"no body wrong", get("{}"), BeEmptyBody(), "GET /Users/1 · body: got {}, want no body"},
		{"JSON", get(alice), BeJSON(), ""},
		{"JSON is HTML", reply(200, "<html>"), BeJSON(), "GET /Users/1 · body: got <html>, want JSON: read JSON: jsontext: invalid character '<' at start of value"},
		{"JSON with a mark", get("\uFEFF{}"), BeJSON(), "GET /Users/1 · body: got a byte order mark, want JSON from the first byte"},
		{"unique names", get(alice), HaveUniqueNames(), ""},
		{"names twice", get(`{"a":{"id":"1","x":2,"ID":"3"}}`), HaveUniqueNames(), `GET /Users/1 · body.a: got "id", "ID", want each attribute once`},

		{"attribute", get(alice), HaveAttribute("active", true), ""},
		{"attribute in another case", get(alice), HaveAttribute("UserName", "alice"), ""},
		{"attribute of wrong type", get(alice), HaveAttribute("emails[0].primary", true), `GET /Users/1 · body.emails[0].primary: got "true" (string), want true (boolean)`},
		{"attribute absent", get(alice), HaveAttribute("displayName", "Alice"), `GET /Users/1 · body.displayName: got nothing, want "Alice" (string)`},
		{"attribute of an error", reply(404, notFound), HaveAttribute("active", true), "GET /Users/1 · body.active: got nothing, want true (boolean): the answer was 404 " + notFound},
		{"attribute present", get(alice), HaveAttribute("name"), ""},
		{"attribute null", get(alice), HaveAttribute("nickName"), "GET /Users/1 · body.nickName: got null, want a value"},
		{"attribute empty", get(alice), HaveAttribute("title"), `GET /Users/1 · body.title: got "" (string), want a value`},
		{"value path", get(alice), HaveAttribute(`emails[type eq "home"].value`, "a@home.example"), ""},
		{"value path of nothing", get(alice), HaveAttribute(`emails[primary eq true]`), "GET /Users/1 · body.emails[primary eq true]: got nothing, want a value"},
		{"many values in any order", get(alice), HaveAttribute("emails.value", "a@home.example", "a@work.example"), ""},
		{"one value too many", get(alice), HaveAttribute("emails.value", "a@home.example"), `GET /Users/1 · body.emails.value: got ["a@work.example","a@home.example"] (array of 2), want "a@home.example" (string)`},
		{"one value wrong", get(alice), HaveAttribute("emails.type", "work", "other"), `GET /Users/1 · body.emails[1].type: got "home" (string), want "other" (string)`},
		{"extension", get(alice), HaveAttribute("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value", "7"), ""},
		{"extension itself", get(alice), HaveAttribute("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"), ""},
		{"core attribute by URN", get(alice), HaveAttribute("urn:ietf:params:scim:schemas:core:2.0:User:userName", "alice"), ""},
		{"attribute by matcher", get(alice), HaveAttribute("schemas", gomega.ContainElement("urn:ietf:params:scim:schemas:core:2.0:User")), ""},
		{"attribute by matcher of another type", get(alice), HaveAttribute("active", gomega.Not(gomega.Or(gomega.BeEmpty(), gomega.ContainSubstring("x")))), "GET /Users/1 · body.active: got true (boolean), want a value of another type: BeEmpty matcher expects a string/array/map/channel/slice/iterator"},
		{"attribute by matcher wrong", get(alice), HaveAttribute("userName", gomega.HavePrefix("bob")), `GET /Users/1 · body.userName: got "alice" (string), want to have prefix <string>: bob`},
		{"object in any member order", get(alice), HaveAttribute("name", map[string]any{"familyName": "Liddell", "givenName": "Alice"}), ""},
		{"no attribute", get(alice), NotHaveAttribute("phoneNumbers"), ""},
		{"no attribute wrong", get(alice), NotHaveAttribute("name.givenName"), `GET /Users/1 · body.name.givenName: got "Alice" (string), want nothing`},
		{"count", get(alice), HaveAttributeCount("emails", 2), ""},
		{"count of nothing", get(alice), HaveAttributeCount("members", 0), ""},
		{"count wrong", get(alice), HaveAttributeCount("emails.type", 1), `GET /Users/1 · body.emails.type: got 2 values, want 1: they are ["work","home"] (array of 2)`},

		{"list", get(list), BeListResponse(), ""},
		{"list of two", get(list), BeListResponse(2), ""},
		{"list of three", get(list), BeListResponse(3), "GET /Users/1 · body.totalResults: got 2, want 3"},
		{"list empty without Resources", get(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}`), BeListResponse(0), ""},
		{"list with a string count", get(strings.Replace(list, `:2,"s`, `:"2","s`, 1)), BeListResponse(), `GET /Users/1 · body.totalResults: got "2" (string), want an integer`},
		{"list without schema", get(`{"totalResults":0}`), BeListResponse(), `GET /Users/1 · body.schemas: got nothing, want an array with "urn:ietf:params:scim:api:messages:2.0:ListResponse"`},
		{"list of an object", get(strings.Replace(list, `[{"id":"1"},{"id":"2"}]`, `{}`, 1)), BeListResponse(), "GET /Users/1 · body.Resources: got {} (object), want an array"},
		{"list that is partial", get(strings.Replace(list, `"startIndex":1,`, "", 1)), BeListResponse(), ""},
		{"list that is partial without startIndex", get(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":3,"itemsPerPage":1,"Resources":[{"id":"1"}]}`), BeListResponse(), "GET /Users/1 · body.startIndex: got nothing, want an integer"},
		{"list too short a total", get(strings.Replace(list, `"totalResults":2`, `"totalResults":1`, 1)), BeListResponse(), "GET /Users/1 · body.totalResults: got 1, want at least 2, the number of Resources"},
		{"list has", get(list), ContainResource("2"), ""},
		{"list has not", get(list), ContainResource("3"), `GET /Users/1 · body.Resources: got ids 1, 2, want one with id "3"`},
		{"list without", get(list), NotContainResource("3"), ""},
		{"list without wrong", get(list), NotContainResource("2"), `GET /Users/1 · body.Resources[1].id: got "2", want no resource with that id`},
		{"list without is no list", reply(404, notFound), NotContainResource("2"), `GET /Users/1 · body.schemas: got ["urn:ietf:params:scim:api:messages:2.0:Error"] (array of 1), want an array with "urn:ietf:params:scim:api:messages:2.0:ListResponse": the answer was 404 ` + notFound},
		{"list only", get(list), HaveOnlyResources("2", "1"), ""},
		{"list only wrong", get(list), HaveOnlyResources("2"), "GET /Users/1 · body.Resources: got ids 1, 2, want ids 2"},

		{"unchanged", get(with(`2026-01-01`, `2026-01-02`)), BeUnchangedSince(get(alice)), ""},
		{"unchanged, null gone", get(with(`"nickName":null,`, ``)), BeUnchangedSince(alice), ""},
		{"unchanged, version gone", get(with(`"version":"W/\"1\"",`, ``)), BeUnchangedSince(alice), ""},
		{"changed version", get(with(`W/\"1\"`, `W/\"2\"`)), BeUnchangedSince(alice), `GET /Users/1 · body.meta.version: got "W/\"2\"" (string), want "W/\"1\"" (string) as before`},
		{"changed value", get(with(`a@home`, `b@home`)), BeUnchangedSince(alice), `GET /Users/1 · body.emails[1].value: got "b@home.example" (string), want "a@home.example" (string) as before`},
		{"same but", get(with(`"Alice"`, `"Al"`)), BeSameResourceAs(alice, "name.givenName"), ""},
		{"same but an element", get(with(`,{"value":"a@home.example","type":"home"}`, ``)), BeSameResourceAs(alice, `emails[type eq "home"]`), ""},
		{"same but an extension", get(with(`"R&D"`, `"Ops"`)), BeSameResourceAs(alice, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department"), ""},
		{"same but for more", get(with(`"active":true,"nickName":null`, `"active":false,"nickName":"Al"`)), BeSameResourceAs(alice, "name"), "GET /Users/1 · body.active: got false (boolean), want true (boolean) as before: and 1 more difference"},
		{"lost element", get(with(`,{"value":"a@home.example","type":"home"}`, ``)), BeSameResourceAs(alice), `GET /Users/1 · body.emails: got no such value, want {"value":"a@home.example","type":"home"} (object) as before`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ok, err := test.matcher.Match(test.actual)
			if err != nil {
				t.Fatal(err)
			}
			if got := test.matcher.FailureMessage(test.actual); ok != (test.want == "") || got != test.want {
				t.Errorf("got  %v %s\nwant %v %s", ok, got, test.want == "", test.want)
			}
			if f, bad := test.matcher.Mismatch(); bad == ok || f.String() != test.want {
				t.Errorf("finding: got %q, want %q", f, test.want)
			}
		})
	}
}

func TestNegated(t *testing.T) {
	m := HaveStatus(200)
	if ok, err := m.Match(get(alice)); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if got, want := m.NegatedFailureMessage(nil), "GET /Users/1: did not want status 200"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestLongBodiesAreCut(t *testing.T) {
	m := HaveStatus(200)
	_, _ = m.Match(reply(500, strings.Repeat("ä", 300)))
	want := "GET /Users/1 · status: got 500, want 200: body " + strings.Repeat("ä", 200) + "…"
	if got := m.FailureMessage(nil); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestResponseIsReadTwice(t *testing.T) {
	r := &http.Response{
		StatusCode: 200, Request: httptest.NewRequest(http.MethodGet, "/Users/1?count=1", nil),
		Body: io.NopCloser(strings.NewReader(alice)),
	}
	for range 2 {
		m := HaveAttribute("userName", "bob")
		if ok, err := m.Match(r); ok || err != nil {
			t.Fatal(ok, err)
		}
		if got, want := m.FailureMessage(r), `GET /Users/1?count=1 · body.userName: got "alice" (string), want "bob" (string)`; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWrongUseIsAnError(t *testing.T) {
	for _, actual := range []any{7, nil, (*flow.Exchange)(nil), (*http.Response)(nil)} {
		if ok, err := HaveStatus(200).Match(actual); ok || err == nil {
			t.Errorf("%T: got %v, %v, want an error", actual, ok, err)
		}
	}
}

func TestText(t *testing.T) {
	if got := Text(get(alice), "meta.version"); got != `W/"1"` {
		t.Errorf("got %q", got)
	}
	if got := Text(get("no JSON"), "id"); got != "" {
		t.Errorf("got %q, want nothing", got)
	}
	if got := strings.Join(Texts(alice, "emails.value"), " "); got != "a@work.example a@home.example" {
		t.Errorf("got %q", got)
	}
}
