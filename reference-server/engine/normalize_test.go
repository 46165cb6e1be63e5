// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// document adds schemas to the members of a User.
func document(members string) string {
	return `{"schemas":["` + scim.UserURN + `"],` + members + `}`
}

func TestNormalize(t *testing.T) {
	const enterprise = `"` + scim.EnterpriseUserURN + `"`
	for _, c := range []struct{ name, in, want string }{
		{"canonical names", `"USERNAME":"a","Name":{"GIVENNAME":"g"}`, `"userName":"a","name":{"givenName":"g"}`},
		{"readOnly and unknown dropped", `"userName":"a","id":"x","meta":{"x":1},"groups":[1],"nosuch":{},"urn:example:x":{"a":1}`, `"userName":"a"`},
		{"extension attribute at the top dropped", `"userName":"a","department":"d"`, `"userName":"a"`},
		{"password not kept", `"userName":"a","password":"t0ps3cret"`, `"userName":"a"`},
		{"null and empty", `"userName":"a","title":null,"emails":[],"name":{},"roles":[null,{}]`, `"userName":"a"`},
		{"text for a boolean", `"userName":"a","active":"False","emails":[{"value":"v","primary":"True"}]`, `"userName":"a","active":false,"emails":[{"value":"v","primary":true}]`},
		{"one primary", `"userName":"a","emails":[{"value":"1","primary":true},{"value":"2","primary":true}]`, `"userName":"a","emails":[{"value":"1","primary":false},{"value":"2","primary":true}]`},
		{"duplicates collapse", `"userName":"a","emails":[{"value":"A","type":"work"},{"value":"A","type":"Work"},{"value":"A","type":"home"}]`, `"userName":"a","emails":[{"value":"A","type":"Work"},{"value":"A","type":"home"}]`},
		{"roles as strings", `"userName":"a","roles":["r","s"]`, `"userName":"a","roles":[{"value":"r"},{"value":"s"}]`},
		{"roles below the core URN", `"userName":"a","` + scim.UserURN + `":{"roles":[{"type":"t","value":"v"}],"userName":"b"}`, `"userName":"a","roles":[{"type":"t","value":"v"}]`},
		{"control characters in text", `"userName":"a","addresses":[{"formatted":"a\nb"}]`, `"userName":"a","addresses":[{"formatted":"a\nb"}]`},
		{"unpadded base64", `"userName":"a","x509Certificates":[{"value":"AQI"}]`, `"userName":"a","x509Certificates":[{"value":"AQI"}]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := users(engine.Rules{}).Normalize(parse(t, document(c.in)))
			if err != nil {
				t.Fatal(err)
			}
			if want := document(c.want); got.String() != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
	t.Run("extensions come last and are named", func(t *testing.T) {
		in := `{` + enterprise + `:{"MANAGER":"m","manager2":1,"costCenter":"c"},"userName":"a","schemas":["` + strings.ToUpper(scim.UserURN) + `","urn:ietf:params:scim:schemas:extension:own:2.0:User"]}`
		got, err := users(engine.Rules{}).Normalize(parse(t, in))
		if err != nil {
			t.Fatal(err)
		}
		want := `{"schemas":["` + scim.UserURN + `",` + enterprise + `],"userName":"a",` + enterprise + `:{"manager":{"value":"m"},"costCenter":"c"}}`
		if got.String() != want {
			t.Errorf("got %s\nwant %s", got, want)
		}
	})
}

func TestNormalizeRefuses(t *testing.T) {
	strict := engine.Rules{StrictTypes: true}
	for _, c := range []struct {
		name, in, detail string
		rules            engine.Rules
	}{
		{name: "no userName", in: document(`"title":"x"`), detail: "userName is required"},
		{name: "empty userName", in: document(`"userName":""`), detail: "userName"},
		{name: "userName null", in: document(`"userName":null`), detail: "userName is required"},
		{name: "userName number", in: document(`"userName":5`), detail: "userName: a value of type string"},
		{name: "userName array", in: document(`"userName":[]`), detail: "userName"},
		{name: "userName with NUL", in: document(`"userName":"a\u0000"`), detail: "control character"},
		{name: "userName with CR LF", in: document(`"userName":"a\r\nX: y"`), detail: "control character"},
		{name: "NUL anywhere", in: document(`"userName":"a","title":"\u0000"`), detail: "title holds a control character"},
		{name: "long value", in: document(`"userName":"a","title":"` + strings.Repeat("x", 64<<10+1) + `"`), detail: "title is longer"},
		{name: "emails as object", in: document(`"userName":"a","emails":{"value":"x"}`), detail: "emails is multi-valued"},
		{name: "nested object", in: document(`"userName":"a","name":{"givenName":{}}`), detail: "name.givenName"},
		{name: "boolean word", in: document(`"userName":"a","active":"yes"`), detail: "active"},
		{name: "boolean text, strictly", in: document(`"userName":"a","active":"true"`), detail: "active", rules: strict},
		{name: "emails as strings, strictly", in: document(`"userName":"a","emails":["x"]`), detail: "emails: an object", rules: strict},
		{name: "many values", in: document(`"userName":"a","emails":[{}` + strings.Repeat(`,{}`, 1000) + `]`), detail: "more than 1000 values"},
		{name: "base64", in: document(`"userName":"a","x509Certificates":[{"value":"***"}]`), detail: "base64"},
		{name: "URI", in: document(`"userName":"a","profileUrl":"%%"`), detail: "profileUrl: a URI"},
		{name: "extension is no object", in: document(`"userName":"a","` + scim.EnterpriseUserURN + `":"x"`), detail: "an object is expected"},
		{name: "employeeNumber array", in: document(`"userName":"a","` + scim.EnterpriseUserURN + `":{"employeeNumber":["1"]}`), detail: "employeeNumber"},
		{name: "roles as strings where objects are asked for", in: document(`"userName":"a","roles":["x"]`), detail: "'roles' should be object", rules: engine.Rules{ObjectsOnly: []string{"roles"}}},
		{name: "no schemas", in: `{"userName":"a"}`, detail: "schemas is missing"},
		{name: "empty schemas", in: `{"schemas":[],"userName":"a"}`, detail: "schemas is missing"},
		{name: "extension only", in: `{"schemas":["` + scim.EnterpriseUserURN + `"],"userName":"a"}`, detail: "does not name"},
		{name: "a group", in: `{"schemas":["` + scim.GroupURN + `"],"displayName":"a"}`, detail: "schemas"},
		{name: "user and group", in: `{"schemas":["` + scim.UserURN + `","` + scim.GroupURN + `"],"userName":"a"}`, detail: "schemas"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := users(c.rules).Normalize(parse(t, c.in))
			if status, _ := kind(err); status != 400 || !strings.Contains(err.Error(), c.detail) {
				t.Errorf("got %v, want 400 with %q", err, c.detail)
			}
		})
	}
}

// typed is a resource type with the data types that User does not have.
func typed() *engine.ResourceType {
	return engine.NewResourceType(engine.Definition{Name: "Thing", Schema: scim.Schema{ID: "urn:example:Thing", Attributes: []scim.Attribute{
		{Name: "i", Type: scim.Integer}, {Name: "d", Type: scim.Decimal}, {Name: "t", Type: scim.DateTime},
		{Name: "fixed", Type: scim.String, Mutability: "immutable"},
		{Name: "asked", Type: scim.String, Returned: "request"},
		{Name: "tags", Type: scim.String, MultiValued: true},
	}}})
}

func TestTypes(t *testing.T) {
	for _, c := range []struct {
		name, value string
		ok          bool
	}{
		{"i", `5`, true}, {"i", `-9223372036854775808`, true}, {"i", `1.5`, false}, {"i", `"5"`, false}, {"i", `1e3`, false}, {"i", `1000000000000000000000000000000`, false},
		{"d", `1.5`, true}, {"d", `1e400`, false}, {"d", `"1.5"`, false},
		{"t", `"2011-05-13T04:42:34Z"`, true}, {"t", `"2011-05-13T04:42:34.123+02:00"`, true}, {"t", `"2011-05-13"`, false}, {"t", `"yesterday"`, false}, {"t", `5`, false},
		{"tags", `["a","b"]`, true}, {"tags", `"a"`, false}, {"tags", `[{"value":"a"}]`, false},
	} {
		t.Run(c.name+" "+c.value, func(t *testing.T) {
			_, err := typed().Normalize(parse(t, `{"schemas":["urn:example:Thing"],"`+c.name+`":`+c.value+`}`))
			if (err == nil) != c.ok {
				t.Errorf("got %v, want accepted %v", err, c.ok)
			}
		})
	}
}

func TestCheckImmutable(t *testing.T) {
	rt := typed()
	current := parse(t, `{"schemas":["urn:example:Thing"],"fixed":"Abc"}`)
	for _, c := range []struct{ name, next, want string }{
		{"same", `{"fixed":"Abc"}`, "Abc"},
		{"other letter case", `{"fixed":"ABC"}`, "Abc"},
		{"left out", `{}`, "Abc"},
		{"other", `{"fixed":"x"}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			next := parse(t, c.next)
			err := rt.CheckImmutable(current, next)
			if _, scimType := kind(err); c.want == "" && scimType != "mutability" {
				t.Errorf("got %v, want mutability", err)
			}
			if c.want != "" && (err != nil || next.Text("fixed") != c.want) {
				t.Errorf("got %s, %v", next, err)
			}
		})
	}
}

// CheckImmutable keeps the spelling under which a resource was made; PATCH does
// likewise.
func TestPatchImmutable(t *testing.T) {
	rt, o := typed(), parse(t, `{"schemas":["urn:example:Thing"],"tags":["a"]}`)
	for _, c := range []struct{ name, ops, want string }{
		{"add to an unset one", `[{"op":"add","path":"fixed","value":"x"}]`, ""},
		{"then the same", `[{"op":"add","path":"fixed","value":"x"},{"op":"add","path":"fixed","value":"X"}]`, ""},
		{"then another", `[{"op":"add","path":"fixed","value":"x"},{"op":"add","path":"fixed","value":"y"}]`, "mutability"},
		{"then none", `[{"op":"add","path":"fixed","value":"x"},{"op":"remove","path":"fixed"}]`, "mutability"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ops, err := engine.ParsePatch(parse(t, `{"schemas":["`+scim.PatchOpURN+`"],"Operations":`+c.ops+`}`))
			if err != nil {
				t.Fatal(err)
			}
			got, _, err := rt.Patch(o, ops)
			if _, scimType := kind(err); scimType != c.want || err == nil && got.Text("fixed") != "x" {
				t.Errorf("got %s, %v, want %q", got, err, c.want)
			}
		})
	}
}

// A group of 100,000 members is read in time, each member once.
func TestNormalizeLargeGroup(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"schemas":["` + scim.GroupURN + `"],"displayName":"All","members":[{"value":"u0"}`)
	for i := range 100_000 {
		b.WriteString(`,{"value":"u` + strconv.Itoa(i) + `"}`)
	}
	b.WriteString(`]}`)
	in, err := engine.Parse([]byte(b.String()), engine.Limits{MaxBytes: 16 << 20})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	got, err := groups().Normalize(in)
	if err != nil {
		t.Fatal(err)
	}
	if ms := engine.TakeMembers(got); len(ms) != 100_000 || ms[0].Value != "u0" || ms[99_999].Value != "u99999" {
		t.Errorf("got %d members", len(ms))
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if got.Len() != 2 {
		t.Errorf("got %s, want members gone", got)
	}
}
