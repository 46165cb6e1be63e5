// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mapped gives values as if a directory had them.
func mapped(t *testing.T, pairs ...any) []wanted {
	t.Helper()
	var out []wanted
	for i := 0; i < len(pairs); i += 2 {
		target, err := ParseTarget(pairs[i].(string))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, wanted{target: target, value: pairs[i+1]})
	}
	return out
}

const custom = "urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:"

func TestCreateUser(t *testing.T) {
	admin := []Role{{"r1", "Admin", "Administrator"}}
	tests := []struct {
		name   string
		values []wanted
		knobs  Knobs
		want   string
	}{
		{"order and shape",
			mapped(t, "userName", "ada@contoso.example", "active", "True", "title", "Engineer", "displayName", nil,
				`emails[type eq "work"].value`, "ada@contoso.example", "name.givenName", "Ada", "name.familyName", "Example",
				"name.formatted", "Ada Example", `addresses[type eq "work"].country`, "UK", `addresses[type eq "work"].formatted`, "Room 1",
				`phoneNumbers[type eq "mobile"].value`, "+1", `phoneNumbers[type eq "work"].value`, "+2",
				custom+"badge", "7", enterprise+"department", "R&D", "externalId", "ada"),
			Knobs{},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
				`"externalId":"ada","userName":"ada@contoso.example","active":true,` +
				`"addresses":[{"type":"work","formatted":"Room 1","country":"UK"}],` +
				`"emails":[{"primary":true,"type":"work","value":"ada@contoso.example"}],"meta":{"resourceType":"User"},` +
				`"name":{"formatted":"Ada Example","familyName":"Example","givenName":"Ada"},` +
				`"phoneNumbers":[{"type":"mobile","value":"+1"},{"type":"work","value":"+2"}],"title":"Engineer",` +
				`"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User":{"badge":"7"},` +
				`"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"R&D"}}`},
		{"single role", mapped(t, `roles[primary eq "True"].value`, roleSet{singleRole, admin}), Knobs{},
			user(`"meta":{"resourceType":"User"},"roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]`)},
		{"added roles", mapped(t, "roles", roleSet{addRoles, admin}), Knobs{},
			user(`"meta":{"resourceType":"User"},"roles":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"Administrator","value":"Admin"}]`)},
		{"asserted roles", mapped(t, "roles", roleSet{assertRoles, admin}), Knobs{},
			user(`"meta":{"resourceType":"User"},"roles":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Administrator","value":"Admin"}]`)},
		{"empty roles", nil, Knobs{EmptyRoles: true}, user(`"meta":{"resourceType":"User"},"roles":[]`)},
		{"several values", mapped(t, custom+"ids", []string{"1", "2"}), Knobs{},
			user(`"meta":{"resourceType":"User"},"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User":{"ids":[{"value":"1"},{"value":"2"}]}`)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, string(createUser(tt.values, tt.knobs))); d != "" {
				t.Errorf("body (-want +got):\n%s", d)
			}
		})
	}
}

func user(rest string) string {
	return `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` + rest + `}`
}

func TestCreateGroup(t *testing.T) {
	values := mapped(t, "displayName", "Sales", "externalId", "8f1c")
	tests := []struct {
		name  string
		knobs Knobs
		want  string
	}{
		{"as recorded", Knobs{},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"8f1c","displayName":"Sales","members":[],"meta":{"resourceType":"Group"}}`},
		{"as the page once had it", Knobs{ADSCIMSchema: true},
			`{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],` +
				`"externalId":"8f1c","displayName":"Sales","members":[],"meta":{"resourceType":"Group"}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, string(createGroup(values, tt.knobs))); d != "" {
				t.Errorf("body (-want +got):\n%s", d)
			}
		})
	}
}

func TestPatchFromReply(t *testing.T) {
	two := []Role{{"r1", "Admin", "Administrator"}, {"r2", "Read", "Reader"}}
	one := two[:1]
	rolePath := `roles[primary eq "True"].value`
	tests := []struct {
		name         string
		held         string
		values       []wanted
		knobs        Knobs
		legacy, flag string // operations; "": no request
	}{
		{"absent, different, equal",
			`{"userName":"a","displayName":"Old","emails":[{"type":"work","value":"old@x"}],"name":{"givenName":"Ada"}}`,
			mapped(t, "userName", "a", "displayName", "New", "title", "T", "name.givenName", "Ada", "name.familyName", "F", `emails[type eq "work"].value`, "new@x"),
			Knobs{},
			`{"op":"Replace","path":"displayName","value":"New"},{"op":"Add","path":"title","value":"T"},{"op":"Add","path":"name.familyName","value":"F"},` +
				`{"op":"Replace","path":"emails[type eq \"work\"].value","value":"new@x"}`,
			`{"op":"replace","path":"emails[type eq \"work\"].value","value":"new@x"},{"op":"replace","value":{"displayName":"New"}},` +
				`{"op":"add","value":{"title":"T","name.familyName":"F"}}`},
		{"nothing differs", `{"USERNAME":"a","active":true}`, mapped(t, "userName", "a", "active", "True"), Knobs{}, "", ""},
		{"letter case differs", `{"userName":"A"}`, mapped(t, "userName", "a"), Knobs{},
			`{"op":"Replace","path":"userName","value":"a"}`, `{"op":"replace","value":{"userName":"a"}}`},
		{"an empty source clears nothing", `{"title":"T"}`, mapped(t, "title", nil), Knobs{}, "", ""},
		{"null and empty are absent", `{"title":null,"displayName":"","emails":[]}`,
			mapped(t, "title", "T", "displayName", "D", `emails[type eq "work"].value`, "e"), Knobs{},
			`{"op":"Add","path":"title","value":"T"},{"op":"Add","path":"displayName","value":"D"},{"op":"Add","path":"emails[type eq \"work\"].value","value":"e"}`,
			`{"op":"add","path":"emails[type eq \"work\"].value","value":"e"},{"op":"add","value":{"title":"T","displayName":"D"}}`},
		{"disable", `{"active":true}`, mapped(t, "active", "False"), Knobs{},
			`{"op":"Replace","path":"active","value":"False"}`, `{"op":"replace","path":"active","value":false}`},
		{"disable by Not", `{"active":true}`, mapped(t, "active", false), Knobs{},
			`{"op":"Replace","path":"active","value":"False"}`, `{"op":"replace","path":"active","value":false}`},
		{"one added attribute", `{}`, mapped(t, "nickName", "Babs"), Knobs{},
			`{"op":"Add","path":"nickName","value":"Babs"}`, `{"op":"add","path":"nickName","value":"Babs"}`},
		{"one added attribute, pathless", `{}`, mapped(t, "nickName", "Babs"), Knobs{SingleAddPathless: true},
			`{"op":"Add","path":"nickName","value":"Babs"}`, `{"op":"add","value":{"nickName":"Babs"}}`},
		{"extension", `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"A"}}`,
			mapped(t, enterprise+"department", "B", enterprise+"employeeNumber", "1", "title", "T"), Knobs{},
			`{"op":"Replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"B"},` +
				`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber","value":"1"},{"op":"Add","path":"title","value":"T"}`,
			`{"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"B"}},` +
				`{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber":"1","title":"T"}}`},
		{"roles are added", `{"roles":[{"value":"Gone"},{"value":"Admin"}]}`, mapped(t, "roles", roleSet{addRoles, two}), Knobs{},
			`{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"r2\",\"value\":\"Read\",\"displayName\":\"Reader\"}"}]}`,
			`{"op":"add","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"Reader","value":"Read"}]}`},
		{"roles kept as text are there", `{"roles":[{"value":"{\"value\":\"Admin\"}"}]}`, mapped(t, "roles", roleSet{addRoles, one}), Knobs{}, "", ""},
		{"roles are asserted", `{"roles":[{"value":"Gone"},{"value":"Admin"}]}`, mapped(t, "roles", roleSet{assertRoles, one}), Knobs{},
			`{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Administrator","value":"Admin"}]}`,
			`{"op":"replace","path":"roles","value":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","display":"Administrator","value":"Admin"}]}`},
		{"no roles are asserted", `{"roles":[{"value":"Gone"}]}`, mapped(t, "roles", roleSet{mode: assertRoles}), Knobs{},
			`{"op":"replace","path":"roles","value":[]}`, `{"op":"replace","path":"roles","value":[]}`},
		{"single role", `{}`, mapped(t, rolePath, roleSet{singleRole, one}), Knobs{},
			`{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"r1\",\"value\":\"Admin\",\"displayName\":\"Administrator\"}"}]}`,
			`{"op":"add","path":"roles","value":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]}`},
		{"single role by path", `{"roles":[{"primary":true,"value":"Read"}]}`, mapped(t, rolePath, roleSet{singleRole, one}), Knobs{SingleRolePath: true},
			`{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"r1\",\"value\":\"Admin\",\"displayName\":\"Administrator\"}"}]}`,
			`{"op":"replace","path":"roles[primary eq \"True\"].value","value":"Admin"}`},
		{"several values", `{"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User":{"ids":[{"value":"1"},{"value":"0"}]}}`,
			mapped(t, custom+"ids", []string{"1", "2"}), Knobs{},
			`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:ids","value":[{"value":"2"}]}`,
			`{"op":"add","path":"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:ids","value":[{"value":"2"}]}`},
		{"several values unchanged", `{"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User":{"ids":["1"]}}`,
			mapped(t, custom+"ids", []string{"1"}), Knobs{EmptyObject: true},
			`{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:ids","value":{}}`,
			`{"op":"add","path":"urn:ietf:params:scim:schemas:extension:Contoso:2.0:User:ids","value":{}}`},
	}
	for _, tt := range tests {
		for form, want := range map[string]string{"legacy": tt.legacy, "flag": tt.flag} {
			t.Run(tt.name+"/"+form, func(t *testing.T) {
				var held map[string]any
				if err := json.Unmarshal([]byte(tt.held), &held); err != nil {
					t.Fatal(err)
				}
				k := tt.knobs
				k.Flag = form == "flag"
				got := ""
				if changes := diff(held, tt.values, k); len(changes) > 0 {
					got = string(patch(changes, k))
					want = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + want + `]}`
				}
				if d := cmp.Diff(want, got); d != "" {
					t.Errorf("body (-want +got):\n%s", d)
				}
			})
		}
	}
}

func TestMemberPatch(t *testing.T) {
	tests := []struct {
		name  string
		in    bool
		knobs Knobs
		want  string
	}{
		{"add", true, Knobs{}, `{"op":"Add","path":"members","value":[{"value":"8"}]}`},
		{"add, flag", true, Knobs{Flag: true}, `{"op":"add","path":"members","value":[{"value":"8"}]}`},
		{"remove", false, Knobs{}, `{"op":"Remove","path":"members","value":[{"value":"8"}]}`},
		{"remove, flag", false, Knobs{Flag: true}, `{"op":"remove","path":"members[value eq \"8\"]"}`},
		{"null reference", true, Knobs{NullReference: true}, `{"op":"Add","path":"members","value":[{"$ref":null,"value":"8"}]}`},
		{"replace that means add", true, Knobs{ReplaceMembers: true}, `{"op":"Replace","path":"members","value":[{"value":"8"}]}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[` + tt.want + `]}`
			if d := cmp.Diff(want, string(memberPatch(tt.in, "8", tt.knobs))); d != "" {
				t.Errorf("body (-want +got):\n%s", d)
			}
		})
	}
}

func TestOperationsFirst(t *testing.T) {
	got := string(memberPatch(true, "8", Knobs{OperationsFirst: true}))
	want := `{"Operations":[{"op":"Add","path":"members","value":[{"value":"8"}]}],"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("body (-want +got):\n%s", d)
	}
}

func TestParseTargetErrors(t *testing.T) {
	for _, s := range []string{"", "emails[type eq \"work\"", "emails[type eq \"work\"]", "emails[type].value", "a b", "emails[type co \"x\"].value", "urn:x:"} {
		if _, err := ParseTarget(s); err == nil {
			t.Errorf("%q was read, want an error", s)
		}
	}
}
