// SPDX-License-Identifier: Apache-2.0

package coverage

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func report(t *testing.T) *Report {
	t.Helper()
	r, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestPageIsCurrent(t *testing.T) {
	var got bytes.Buffer
	if err := report(t).Markdown(&got); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("../../docs/coverage.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("docs/coverage.md is not what the catalogue says; run make docs (-page +now):\n%.4000s", diff)
	}
}

func TestTotalsAddUp(t *testing.T) {
	r := report(t)
	levels := map[string]int{}
	all := map[string]int{}
	for _, total := range r.Totals {
		if total.Covered+total.Unseen+total.Open != total.Cases || total.Cases == 0 {
			t.Errorf("%s %s: %d + %d + %d are not %d", total.Group, total.Level, total.Covered, total.Unseen, total.Open, total.Cases)
		}
		if total.Level == "" {
			all[total.Group] = total.Cases
		} else {
			levels[total.Group] += total.Cases
		}
	}
	for group, n := range levels {
		if n != all[group] {
			t.Errorf("%s: the levels have %d rows, the group %d", group, n, all[group])
		}
	}
}

// Every case of a gate is covered or explained.
func TestNoGateIsOpen(t *testing.T) {
	for _, row := range report(t).Rows {
		if strings.ToLower(row.Group) == row.Group && row.Open() {
			t.Errorf("%s: %s is open", row.Group, row.ID)
		}
	}
}

func TestOnly(t *testing.T) {
	r := report(t)
	for what, wants := range map[string]func(*Report) bool{
		Totals:      func(p *Report) bool { return len(p.Rows) == 0 && len(p.Totals) == len(r.Totals) },
		Rows:        func(p *Report) bool { return len(p.Rows) == len(r.Rows) },
		Open:        func(p *Report) bool { return len(p.Rows) < len(r.Rows) && len(p.Totals) == len(r.Totals) },
		"okta-spec": func(p *Report) bool { return len(p.Rows) == 52 && len(p.Totals) == 1 },
	} {
		p, err := r.Only(what)
		if err != nil || !wants(p) {
			t.Errorf("%s: got %d rows, %d totals, error %v", what, len(p.Rows), len(p.Totals), err)
		}
	}
	if _, err := r.Only("okta-specs"); err == nil || !strings.Contains(err.Error(), "okta-spec") {
		t.Errorf("an unknown group: got %v, want the groups that there are", err)
	}
	if b, err := json.Marshal(r); err != nil || !bytes.Contains(b, []byte(`"id":"okta-spec-1-status"`)) {
		t.Errorf("JSON: %v", err)
	}
}
