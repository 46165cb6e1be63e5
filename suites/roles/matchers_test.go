// SPDX-License-Identifier: Apache-2.0

package roles

import "testing"

func TestADatagramCountsOnlyForWhomItNames(t *testing.T) {
	const ours, theirs = "6f0c1c1e-0000-4000-8000-000000000001", "6f0c1c1e-0000-4000-8000-000000000002"
	tests := []struct {
		name, line string
		want       bool
	}{
		{"our role", "scim.role.assigned:1|c|#op:patch,role:" + ours, true},
		{"our user under a key of the product's own", "scim.role.assigned:1|c|#member:" + ours, true},
		{"another role", "scim.role.assigned:1|c|#op:patch,role:" + theirs, false},
		{"another user", "scim.role.assigned:1|c|#user_id:" + theirs, false},
		{"nobody", "scim.role.assigned:1|c|#op:patch,source:scim", true},
		{"no tags", "scim.role.assigned:1|c", true},
		{"another counter", "scim.role.assigned_total:1|c|#role:" + ours, false},
		{"no metric", "_e{1,1}:scim.role.assigned|b", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := &holdCount{name: "scim.role.assigned", words: []string{ours}}
			if got, err := h.Match([]string{test.line}); got != test.want || err != nil {
				t.Errorf("got %v, %v, want %v", got, err, test.want)
			}
		})
	}
}
