// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

const (
	deviceURN = "urn:example:scim:schemas:2.0:Device"
	badgeURN  = "urn:example:scim:schemas:extension:2.0:Badge"
)

func withSchemas(t *testing.T) *client {
	return open(t, profile(profiles.RFC()), func(o *refserver.Options) { o.Schemas = "testdata/schemas.json" })
}

func deviceBody(serial string, more ...string) string {
	return fmt.Sprintf(`{"schemas":[%q],"serial":%q%s}`, deviceURN, serial, strings.Join(more, ""))
}

func TestCustomResourceType(t *testing.T) {
	c := withSchemas(t)
	alice := c.user("alice")
	a := c.want(c.do("POST", neutral+"/Devices", deviceBody("S1", `,"ports":[80,443],"members":[{"value":"`+alice.id()+`","since":"2026-01-02T03:04:05Z"}],"pin":"1234","notes":"on request"`)), 201)
	at := neutral + "/Devices/" + a.id()
	if a.meta("resourceType") != "Device" || !strings.HasSuffix(a.meta("location"), at) {
		t.Errorf("got %s, want a Device at %s", a.Body, at)
	}
	if text := a.Body.String(); strings.Contains(text, "1234") || strings.Contains(text, "on request") || !strings.Contains(text, alice.id()) {
		t.Errorf("got %s, want members, but no pin and no notes", text)
	}
	if got := c.do("GET", at+"?attributes=notes", "").body["notes"]; got != "on request" {
		t.Errorf("asked for: got notes %v", got)
	}
	for _, tt := range []struct {
		name, method, path, body string
		status                   int
		text                     string
	}{
		{"taken serial", "POST", neutral + "/Devices", deviceBody("S1"), 409, `"uniqueness"`},
		{"serial in another case", "POST", neutral + "/Devices", deviceBody("s1"), 201, `"s1"`},
		{"no serial", "POST", neutral + "/Devices", `{"schemas":["` + deviceURN + `"]}`, 400, "serial is required"},
		{"port as text", "POST", neutral + "/Devices", deviceBody("S2", `,"ports":["x"]`), 400, `"invalidValue"`},
		{"user document", "POST", neutral + "/Devices", userBody("x"), 400, `"invalid`},
		{"other serial", "PUT", at, deviceBody("S9"), 400, `"mutability"`},
		{"replace", "PUT", at, deviceBody("S1", `,"ports":[22]`), 200, "[22]"},
		{"add", "PATCH", at, patchBody(`{"op":"add","path":"ports","value":[23]}`), 200, "[22,23]"},
		{"add members", "PATCH", at, patchBody(`{"op":"add","path":"members","value":[{"value":"a"},{"value":"b"}]}`), 200, `"b"`},
		{"remove one", "PATCH", at, patchBody(`{"op":"remove","path":"members[value eq \"a\"]"}`), 200, `[{"value":"b"}]`},
		{"filter", "GET", neutral + "/Devices?filter=" + url.QueryEscape(`ports eq 23`), "", 200, a.id()},
		{"filter by members", "GET", neutral + "/Devices?filter=" + url.QueryEscape(`members.value eq "b"`), "", 200, a.id()},
		{"filter by serial", "GET", neutral + "/Devices?filter=" + url.QueryEscape(`serial eq "S1"`), "", 200, a.id()},
		{"root", "GET", neutral + "?filter=" + url.QueryEscape(`meta.resourceType eq "Device" and serial eq "S1"`), "", 200, a.id()},
		{"resource type", "GET", neutral + "/ResourceTypes/Device", "", 200, `"endpoint":"/Devices"`},
		{"schema", "GET", neutral + "/Schemas/" + deviceURN, "", 200, `"mutability":"immutable"`},
		{"unknown", "GET", neutral + "/Devices/unknown", "", 404, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := c.do(tt.method, tt.path, tt.body)
			if a.Code != tt.status || !strings.Contains(a.Body.String(), tt.text) {
				t.Errorf("got %d %s, want %d with %s", a.Code, a.Body, tt.status, tt.text)
			}
		})
	}
	results := c.bulk(bulkBody(post("d", "/Devices", deviceBody("S3", `,"members":[{"value":"bulkId:u"}]`)), post("u", "/Users", userBody("bob")), `{"method":"DELETE","path":"/Devices/`+a.id()+`"}`))
	if got := statuses(results); got != "201 201 204" {
		t.Errorf("bulk: got %s, want 201 201 204", got)
	}
	c.want(c.do("GET", at, ""), 404)
}

func TestCustomExtension(t *testing.T) {
	c := withSchemas(t)
	alice := c.user("alice", `,"`+badgeURN+`":{"number":"B1","color":"red"}`)
	at := neutral + "/Users/" + alice.id()
	if got := fmt.Sprint(alice.body["schemas"]); !strings.Contains(got, badgeURN) {
		t.Errorf("got schemas %s, want %s among them", got, badgeURN)
	}
	a := c.do("POST", neutral+"/Users", userBody("bob", `,"`+badgeURN+`":{"number":"b1"}`))
	if a.Code != 409 || a.body["scimType"] != "uniqueness" {
		t.Errorf("taken number: got %d %s, want 409 uniqueness", a.Code, a.Body)
	}
	c.want(c.do("PATCH", at, patchBody(`{"op":"replace","path":"`+badgeURN+`:color","value":"blue"}`)), 200)
	found := c.do("GET", neutral+"/Users?attributes="+badgeURN+":color&filter="+url.QueryEscape(badgeURN+`:number eq "B1"`), "")
	if got := found.Body.String(); !strings.Contains(got, `{"color":"blue"}`) || strings.Contains(got, "B1") {
		t.Errorf("got %s, want the colour only", got)
	}
	for path, want := range map[string]string{"/ResourceTypes/User": badgeURN, "/Schemas/" + badgeURN: `"canonicalValues":["red","blue"]`} {
		if got := c.do("GET", neutral+path, "").Body.String(); !strings.Contains(got, want) {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}

func TestSchemaFilesAreChecked(t *testing.T) {
	good, err := os.ReadFile("testdata/schemas.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"no JSON", `[`, `[[`, "body"},
		{"a name twice", `"name": "Device", "description"`, `"name": "Device", "NAME": "x", "description"`, "twice"},
		{"another thing", `core:2.0:Schema"]`, `core:2.0:User"]`, "item 1.schemas: found something else"},
		{"no URN", `"id": "urn:example:scim:schemas:2.0:Device"`, `"id": "Device"`, `item 1.id: found "Device", allowed: a URN`},
		{"core schema", badgeURN, "urn:ietf:params:scim:schemas:core:2.0:User", "item 2.id: found urn:ietf:params:scim:schemas:core:2.0:User"},
		{"attribute name", `"name": "serial"`, `"name": "a.b"`, `item 1.attributes[0].name: found "a.b"`},
		{"attribute twice", `"name": "ports"`, `"name": "SERIAL"`, "item 1.attributes[1].name: found SERIAL"},
		{"common attribute", `"name": "ports"`, `"name": "id"`, "item 1.attributes[1].name: found id"},
		{"type", `"type": "integer"`, `"type": "number"`, "item 1.attributes[1].type: found number, allowed: string, boolean"},
		{"boolean", `"required": true`, `"required": "yes"`, "item 1.attributes[0].required: found no boolean"},
		{"mutability", `"immutable"`, `"fixed"`, "item 1.attributes[0].mutability: found fixed"},
		{"complex in complex", `"type": "dateTime"`, `"type": "complex"`, "item 1.attributes[2].subAttributes[1].type: found complex"},
		{"simple with sub-attributes", `"type": "complex"`, `"type": "string"`, "item 1.attributes[2].subAttributes: found string"},
		{"unique number", `"multiValued": true, "description": "Open`, `"uniqueness": "server", "description": "Open`, "item 1.attributes[1].uniqueness: found server"},
		{"taken endpoint", `"/Devices"`, `"/groups"`, `item 3.endpoint: found "/groups"`},
		{"endpoint with a path", `"/Devices"`, `"/a/../b"`, `item 3.endpoint: found "/a/../b"`},
		{"no such schema", `"schema": "urn:example:scim:schemas:2.0:Device"`, `"schema": "urn:example:x"`, `resource type Device: schema: found "urn:example:x"`},
		{"user elsewhere", `"endpoint": "/Users"`, `"endpoint": "/People"`, "item 4: found /People"},
		{"no such extension", `"schema": "` + badgeURN, `"schema": "urn:example:y`, `resource type User: schemaExtensions: found "urn:example:y"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "schemas.json")
			if err := os.WriteFile(file, []byte(strings.Replace(string(good), tt.old, tt.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := refserver.New(refserver.Options{Token: token, Schemas: file})
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want an error with the file and %q", err, tt.want)
			}
		})
	}
	if _, err := refserver.New(refserver.Options{Token: token, Schemas: "no/such/file"}); err == nil {
		t.Error("missing file: got no error")
	}
}
