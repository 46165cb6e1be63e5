// SPDX-License-Identifier: Apache-2.0

package protocol_test

import (
	"regexp"
	"testing"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/protocol"
)

func TestChecksAreWhole(t *testing.T) {
	known, err := requirements.ByID()
	if err != nil {
		t.Fatal(err)
	}
	gated, err := gates.Counted()
	if err != nil {
		t.Fatal(err)
	}
	wellFormed := regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+){2,}$`)
	seen := map[string]bool{}
	for _, c := range protocol.Checks() {
		t.Run(c.ID, func(t *testing.T) {
			if !wellFormed.MatchString(c.ID) || seen[c.ID] {
				t.Errorf("id %q: want area.subject.condition, once", c.ID)
			}
			seen[c.ID] = true
			for name, text := range map[string]string{"Title": c.Title, "Breaks": c.Breaks, "Fix": c.Fix, "Source.Section": c.Source.Section} {
				if text == "" {
					t.Errorf("%s is empty", name)
				}
			}
			leveled := c.Level == check.Must || c.Level == check.Should || c.Level == check.May
			if c.Counts(check.RFC) && !leveled {
				t.Errorf("level: got %q, want one of RFC 2119 where it counts in rfc", c.Level)
			}
			if c.Counts(check.RFC) && c.Level == check.Must && len(c.Covers) == 0 {
				t.Error("want the requirements that it covers: the RFCs demand nothing else")
			}
			if len(c.Profiles) == 0 && len(gated[c.ID]) == 0 || c.Run == nil {
				t.Error("want the verdicts that it counts in, and Run")
			}
			for _, id := range c.Covers {
				if _, ok := known[id]; !ok {
					t.Errorf("covers %q: no such requirement", id)
				}
			}
		})
	}
	if len(seen) < 70 {
		t.Errorf("got %d checks, want at least 70", len(seen))
	}
}
