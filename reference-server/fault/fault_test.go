// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/fault"
)

func TestEveryFaultIsNamedAndSaysWhatItBreaks(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range fault.All() {
		if !regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`).MatchString(f.Name) {
			t.Errorf("%q: a name is lower-case words joined by hyphens", f.Name)
		}
		if seen[f.Name] {
			t.Errorf("%q names two faults", f.Name)
		}
		seen[f.Name] = true
		if !strings.HasSuffix(f.Breaks, ".") {
			t.Errorf("%s: Breaks is %q, want a sentence", f.Name, f.Breaks)
		}
		if (f.Wrap == nil) == (f.Profile == nil) {
			t.Errorf("%s: want exactly one of Wrap and Profile", f.Name)
		}
	}
}

func TestByNameGivesTheFaultsInOrder(t *testing.T) {
	found, err := fault.ByName("sort-ignored", "create-200")
	if err != nil || len(found) != 2 || found[0].Name != "sort-ignored" || found[1].Name != "create-200" {
		t.Fatalf("got %v and %v, want sort-ignored and create-200", found, err)
	}
}

func TestByNameSaysWhatComesClose(t *testing.T) {
	_, err := fault.ByName("sort-wrong")
	if err == nil || !strings.Contains(err.Error(), `"sort-wrong"`) || !strings.Contains(err.Error(), "sort-ignored") {
		t.Fatalf("got %v, want an error that names sort-wrong and sort-ignored", err)
	}
}
