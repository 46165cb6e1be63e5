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
	"github.com/scimproof/scimproof/internal/scim"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// TestValuesAreKept holds what RFC 7643 §2.4 and §4.1 leave to providers: this one
// restricts no vocabulary, and gives back what it was sent, each value once.
func TestValuesAreKept(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	for i, members := range []string{
		`"name":{"formatted":"Ms. Alice Liddell"}`,
		`"name":{"familyName":"Liddell","givenName":"Alice"}`,
		`"name":{"formatted":"Alice Liddell","familyName":"Liddell"}`,
		`"displayName":"aliddell"`,
		`"locale":"en_US"`,
		`"emails":[{"value":"a@x.example","type":"club","display":"Club"}]`,
		`"emails":[{"value":"a@x.example","type":"work"},{"value":"a@x.example","type":"home"}]`,
		`"phoneNumbers":[{"value":"+47-100","type":"satellite","display":"Boat"}]`,
		`"ims":[{"value":"alice","type":"matrix"}]`,
		`"photos":[{"value":"https://x.example/a.png","type":"photo"},{"value":"https://x.example/a-small.png","type":"thumbnail"}]`,
		`"entitlements":[{"value":"Parking"}]`,
		`"roles":[{"value":"Student"}]`,
		`"x509Certificates":[{"value":"TUlJQg"}]`,
	} {
		t.Run(members, func(t *testing.T) {
			a := c.do("POST", neutral+"/Users", userBody(fmt.Sprintf("kept%d", i), ","+members))
			c.want(a, 201)
			got := c.do("GET", neutral+"/Users/"+a.id(), "").Body.String()
			if !strings.Contains(got, members) {
				t.Errorf("got %s, want %s in it", got, members)
			}
			if strings.Contains(got, `"title"`) {
				t.Errorf("got %s, want nothing of what is unassigned", got)
			}
		})
	}
	a := c.do("POST", neutral+"/Users", userBody("shoe", `,"shoeSize":43`))
	if c.want(a, 201); strings.Contains(a.Body.String(), "shoeSize") {
		t.Errorf("got %s, want nothing that the schema does not have", a.Body)
	}
}

// TestDefinitions holds what the published schemas say where RFC 7643 §2 to §8 leaves a
// choice, or contradicts the schemas it prints.
func TestDefinitions(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	kinds, suggested, nested := map[string]bool{}, map[string]string{}, false
	var walk func(schema, above string, list any)
	walk = func(schema, above string, list any) {
		for _, e := range list.([]any) {
			a := e.(map[string]any)
			name := above + a["name"].(string)
			switch kind := a["type"]; {
			case (kind == "binary" || kind == "reference") && (a["caseExact"] != true || a["uniqueness"] != "none"):
				t.Errorf("%s %s: got %v, want caseExact and no uniqueness, §2.3.6 and §2.3.7", schema, name, a)
			case kind == "complex" && (a["caseExact"] == true || a["uniqueness"] != "none"):
				t.Errorf("%s %s: got %v, want neither case nor uniqueness, §2.3.8", schema, name, a)
			case kind == "complex" && above != "":
				nested = nested || schema == scim.SchemaURN
			}
			for _, k := range asList(a["referenceTypes"]) {
				kinds[fmt.Sprint(k)] = true
			}
			if v := a["canonicalValues"]; v != nil {
				suggested[schema+" "+name] = fmt.Sprint(v)
			}
			if sub := a["subAttributes"]; sub != nil {
				walk(schema, name+".", sub)
			}
		}
	}
	for _, s := range asList(c.want(c.do("GET", neutral+"/Schemas", ""), 200).body["Resources"]) {
		schema := s.(map[string]any)
		walk(schema["id"].(string), "", schema["attributes"])
	}
	for _, kind := range []string{"external", "uri", "User", "Group"} {
		if !kinds[kind] {
			t.Errorf("no reference leads to %s", kind)
		}
	}
	for name, want := range map[string]string{"emails.type": "[work home other]", "photos.type": "[photo thumbnail]", "title": "", "roles.type": ""} {
		if got := suggested[scim.UserURN+" "+name]; got != want {
			t.Errorf("canonical values of %s: got %q, want %q", name, got, want)
		}
	}
	if !nested {
		t.Error("the schema of schemas has no complex sub-attribute, §7")
	}
	if id, has := c.do("GET", neutral+"/ServiceProviderConfig", "").body["id"]; has {
		t.Errorf("ServiceProviderConfig has the id %v, want none, §5", id)
	}
}

// TestSharedNames holds that names of groups are unique here, which RFC 7643
// §4.2 leaves open, and that a duplicate is told as such.
func TestSharedNames(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	c.want(c.do("POST", neutral+"/Groups", groupBody("Everyone")), 201)
	a := c.do("POST", neutral+"/Groups", groupBody("Everyone"))
	if a.Code != 201 && (a.Code != 409 || a.body["scimType"] != scim.Uniqueness) {
		t.Errorf("got %d %s, want 201, or 409 uniqueness", a.Code, a.Body)
	}
	q := neutral + "/Users?filter=" + url.QueryEscape(`password eq "x"`)
	if a := c.do("GET", q, ""); a.Code != 400 && a.Code != 403 {
		t.Errorf("a filter by password: got %d %s, want it refused", a.Code, a.Body)
	}
}

// TestMembersNeedAValue holds a choice of RFC 7643 §4.2: a member is its value.
func TestMembersNeedAValue(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	a := c.do("POST", neutral+"/Groups", `{"schemas":["`+scim.GroupURN+`"],"displayName":"Everyone","members":[{"display":"Alice"}]}`)
	if a.Code != 400 || a.body["scimType"] != scim.InvalidValue {
		t.Errorf("a member without value: got %d %s, want 400 invalidValue", a.Code, a.Body)
	}
}

// TestTypeDefaultsToString holds RFC 7643 §2.2 of a schema file.
func TestTypeDefaultsToString(t *testing.T) {
	good, err := os.ReadFile("testdata/schemas.json")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "schemas.json")
	if err := os.WriteFile(file, []byte(strings.Replace(string(good), `"name": "serial", "type": "string"`, `"name": "serial"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	c := open(t, profile(profiles.RFC()), func(o *refserver.Options) { o.Schemas = file })
	first, _ := asList(c.want(c.do("GET", neutral+"/Schemas/"+deviceURN, ""), 200).body["attributes"])[0].(map[string]any)
	if first["name"] != "serial" || first["type"] != "string" {
		t.Errorf("got %v, want serial of type string", first)
	}
	if a := c.do("POST", neutral+"/Devices", `{"schemas":["`+deviceURN+`"],"serial":5}`); a.Code != 400 {
		t.Errorf("a number as serial: got %d %s, want 400", a.Code, a.Body)
	}
}

func asList(v any) []any { list, _ := v.([]any); return list }
