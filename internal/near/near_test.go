// SPDX-License-Identifier: Apache-2.0

package near_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/internal/near"
)

func TestWords(t *testing.T) {
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
			if diff := cmp.Diff(near.Words(tt.word, known), tt.want); diff != "" {
				t.Errorf("Words(%q) (-got +want):\n%s", tt.word, diff)
			}
		})
	}
}

func TestGuess(t *testing.T) {
	known := []string{"filter-ignored", "filter-case", "groups-lost"}
	for _, tt := range []struct{ word, want string }{
		{"filter-ignore", ", did you mean --filter-ignored?"},
		{"filter", ", did you mean --filter-case or --filter-ignored?"},
		{"bulk-slow-and-late", ""},
	} {
		if got := near.Guess("--", tt.word, known); got != tt.want {
			t.Errorf("Guess(%q): got %q, want %q", tt.word, got, tt.want)
		}
	}
}
