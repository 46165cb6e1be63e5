// SPDX-License-Identifier: Apache-2.0

package check

import "testing"

func TestAttributesAreSupplied(t *testing.T) {
	const urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	tests := []struct{ name, sent, extra, want string }{
		{"one that lacks", `{"userName":"a"}`, `{"costCenter":"1"}`, `{"userName":"a","costCenter":"1"}`},
		{"one that is there, in other letters", `{"COSTCENTER":"2"}`, `{"costCenter":"1"}`, ""},
		{"within an object", `{"name":{"givenName":"A"}}`, `{"name":{"familyName":"B"}}`, `{"name":{"givenName":"A","familyName":"B"}}`},
		{"an extension, with its URN", `{"schemas":["core"],"userName":"a"}`, `{"` + urn + `":{"costCenter":"1"}}`, `{"schemas":["core","` + urn + `"],"userName":"a","` + urn + `":{"costCenter":"1"}}`},
		{"a number keeps its text", `{"x":1.0e5}`, `{"y":2}`, `{"x":1.0e5,"y":2}`},
		{"no object", `[1]`, `{"y":2}`, ""},
		{"malformed", `{"userName":`, `{"y":2}`, ""},
		{"a member twice", `{"a":1,"a":2}`, `{"y":2}`, ""},
		{"an empty object", `{}`, `{"y":2}`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			extra, err := members([]byte(test.extra))
			if err != nil {
				t.Fatal(err)
			}
			got, ok := supplied([]byte(test.sent), extra)
			if ok != (test.want != "") || ok && string(got) != test.want {
				t.Errorf("got %s, %v, want %s", got, ok, test.want)
			}
		})
	}
}
