// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"slices"
	"testing"
	"time"

	"github.com/scimproof/scimproof/simulator/cycle"
)

// TestLimits holds the thresholds of quarantine as Microsoft's page on it has
// them: 40 % of the objects with 5,000 failures, more than 40,000 without
// references, 60,000 in all.
func TestLimits(t *testing.T) {
	tests := []struct {
		name                          string
		objects, failures, references int
		want                          bool
	}{
		{"none", 100_000, 0, 0, false},
		{"all of few", 4999, 4999, 0, false},
		{"5,000 of 12,500", 12_500, 5000, 0, true},
		{"5,000 of 12,501", 12_501, 5000, 0, false},
		{"references count for the proportion", 5000, 5000, 5000, true},
		{"40,000", 1_000_000, 40_000, 0, false},
		{"40,001", 1_000_000, 40_001, 0, true},
		{"40,001 with a reference", 1_000_000, 40_001, 1, false},
		{"59,999, most references", 1_000_000, 59_999, 30_000, false},
		{"60,000, most references", 1_000_000, 60_000, 30_000, true},
	}
	for _, tt := range tests {
		if got := (Limits{}).orDefault().exceeded(tally{tt.objects, tt.failures, tt.references}); got != tt.want {
			t.Errorf("%s: got %t, want %t", tt.name, got, tt.want)
		}
	}
}

// TestQuarantineSchedule holds the tries of an application in quarantine: after
// 6, 12 and 24 hours, then daily, and no more after 28 days.
func TestQuarantineSchedule(t *testing.T) {
	began := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	now := began
	q := quarantine{}
	var waits []time.Duration
	for !q.disabled && len(waits) < 100 {
		q.enter(now, quarantined, nil)
		waits = append(waits, q.next.Sub(now))
		now = q.next
	}
	if want := []time.Duration{6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour}; !slices.Equal(waits[:4], want) {
		t.Errorf("waits %v, want %v", waits[:4], want)
	}
	for _, w := range waits[4:] {
		if w != 24*time.Hour {
			t.Errorf("a wait of %v, want a day", w)
		}
	}
	if last := now.Add(-24 * time.Hour).Sub(began); last < 28*24*time.Hour || last > 29*24*time.Hour {
		t.Errorf("disabled after %v, want 28 days", last)
	}
}

// TestEscrowSchedule holds that each failure of an object waits for twice as
// long, up to a limit, and that success ends it.
func TestEscrowSchedule(t *testing.T) {
	clock := cycle.NewVirtual(time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC))
	c := &Connector{escrow: map[string]*escrowed{}, clock: clock, options: Options{Times: Times{}.orDefault()}}
	w := work{step: stepUser, id: "ada"}
	var waits []time.Duration
	for range 9 {
		c.failed(w, &failure{message: "no"})
		waits = append(waits, c.escrow[w.subject()].release.Sub(clock.Now()))
	}
	const interval = 40 * time.Minute
	want := []time.Duration{interval, 2 * interval, 4 * interval, 8 * interval, 16 * interval, 32 * interval, 64 * interval, 64 * interval, 64 * interval}
	if !slices.Equal(waits, want) {
		t.Errorf("waits %v, want %v", waits, want)
	}
	if len(c.ready()) != 0 {
		t.Error("it is ready before its time")
	}
	if c.mended(w); len(c.Tasks()) != 0 {
		t.Errorf("tasks %v, want none", c.Tasks())
	}
}
