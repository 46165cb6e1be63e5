// SPDX-License-Identifier: Apache-2.0

package idp

import (
	_ "embed" // reasons.yaml
	"fmt"

	"go.yaml.in/yaml/v4"
)

//go:embed reasons.yaml
var reasons []byte

// Covers gives the ids of the rules that cover each row of
// fixtures/requirements, in the order of [Rules]. Rows that none covers are
// not in it; [Reasons] says why not.
func Covers() map[string][]string {
	by := map[string][]string{}
	for _, r := range Rules() {
		for _, row := range r.Covers {
			by[row] = append(by[row], r.ID)
		}
	}
	return by
}

// Reasons gives for rows of fixtures/requirements that bind a client why no
// rule covers them.
func Reasons() (map[string]string, error) {
	var all map[string]string
	if err := yaml.Load(reasons, &all); err != nil {
		return nil, fmt.Errorf("read reasons.yaml: %w", err)
	}
	return all, nil
}
