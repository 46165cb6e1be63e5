// SPDX-License-Identifier: Apache-2.0

package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	known := []string{"verdict", "verbose", "format", "rps", "no-color", "report"}
	for _, tt := range []struct {
		name, word string
		want       []string
	}{
		{"a letter is missing", "verdit", []string{"verdict"}},
		{"letter case", "FORMAT", []string{"format"}},
		{"a part", "color", []string{"no-color"}},
		{"nothing is near", "waivers", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(nearest(tt.word, known), tt.want); diff != "" {
				t.Errorf("nearest(%q) (-got +want):\n%s", tt.word, diff)
			}
		})
	}
}
