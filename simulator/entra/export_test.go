// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"encoding/json"
	"testing"
)

// PatchFor composes the PATCH that brings held in line with pairs of target
// and value.
func PatchFor(t *testing.T, flag bool, held string, pairs []string) string {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(held), &tree); err != nil {
		t.Fatal(err)
	}
	var values []any
	for i, s := range pairs {
		if values = append(values, s); i%2 == 1 && s == "" {
			values[i] = nil
		}
	}
	k := Knobs{Flag: flag}
	return string(patch(diff(tree, mapped(t, values...), k), k))
}
