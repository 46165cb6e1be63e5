// SPDX-License-Identifier: Apache-2.0

package scim_test

import (
	"strings"
	"testing"

	"github.com/scimproof/scimproof/internal/scim"
)

// Each schema obeys RFC 7643 §7: names are distinct without regard to case, a
// complex attribute and no other has sub-attributes, a reference and no other
// has referenceTypes, and each attribute is described.
func TestSchemas(t *testing.T) {
	for _, s := range []scim.Schema{
		scim.UserSchema(), scim.GroupSchema(), scim.EnterpriseUserSchema(),
		scim.SchemaSchema(), scim.ResourceTypeSchema(), scim.ServiceProviderConfigSchema(),
	} {
		t.Run(s.Name, func(t *testing.T) {
			if s.ID == "" || s.Description == "" {
				t.Error("id or description is missing")
			}
			checkAttributes(t, s.Attributes)
		})
	}
}

func checkAttributes(t *testing.T, list []scim.Attribute) {
	t.Helper()
	seen := map[string]bool{}
	for _, a := range list {
		if name := strings.ToLower(a.Name); name == "" || seen[name] {
			t.Errorf("%q: a name of its own is wanted", a.Name)
		} else {
			seen[name] = true
		}
		if a.Type == "" || a.Description == "" {
			t.Errorf("%s: type or description is missing", a.Name)
		}
		if (a.Type == scim.Complex) != (len(a.Sub) > 0) {
			t.Errorf("%s: got type %s and %d sub-attributes", a.Name, a.Type, len(a.Sub))
		}
		if (a.Type == scim.Reference) != (len(a.ReferenceTypes) > 0) {
			t.Errorf("%s: got type %s and referenceTypes %v", a.Name, a.Type, a.ReferenceTypes)
		}
		checkAttributes(t, a.Sub)
	}
}

// What RFC 7643 says of single attributes, where the printed schemas of §8.7
// and readers' memories go wrong.
func TestCharacteristics(t *testing.T) {
	find := func(list []scim.Attribute, path string) scim.Attribute {
		for name := range strings.SplitSeq(path, ".") {
			for _, a := range list {
				if a.Name == name && strings.HasSuffix(path, name) {
					return a
				} else if a.Name == name {
					list = a.Sub
					break
				}
			}
		}
		t.Fatalf("no attribute %s", path)
		return scim.Attribute{}
	}
	user, group, enterprise := scim.UserSchema().Attributes, scim.GroupSchema().Attributes, scim.EnterpriseUserSchema().Attributes
	for _, c := range []struct {
		name string
		ok   bool
	}{
		{"userName is required, unique and not caseExact", find(user, "userName").Required && find(user, "userName").Uniqueness == "server" && !find(user, "userName").CaseExact},
		{"password is writeOnly and never returned", find(user, "password").Mutability == "writeOnly" && find(user, "password").Returned == "never"},
		{"groups is readOnly", find(user, "groups").Mutability == "readOnly"},
		{"a certificate is binary", find(user, "x509Certificates.value").Type == scim.Binary},
		{"a group's displayName is required", find(group, "displayName").Required},
		{"a member's value is immutable", find(group, "members.value").Mutability == "immutable"},
		{"manager.value is caseExact", find(enterprise, "manager.value").CaseExact},
		{"manager.displayName is readOnly", find(enterprise, "manager.displayName").Mutability == "readOnly"},
		{"externalId is caseExact", find(scim.CommonAttributes(), "externalId").CaseExact},
		{"id is readOnly and always returned", find(scim.CommonAttributes(), "id").Mutability == "readOnly" && find(scim.CommonAttributes(), "id").Returned == "always"},
	} {
		if !c.ok {
			t.Errorf("%s: not so", c.name)
		}
	}
}
