// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// table is what a run prints.
type table struct {
	rows   []row
	memory []memory
	pauses []pauses
}

// memory is what a directory costs.
type memory struct {
	server  string
	users   int
	heap    int // bytes a user
	process int // bytes a user
	seconds float64
}

// pauses is how long reads took while a large group was replaced.
type pauses struct {
	server   string
	reads    []time.Duration // sorted
	replaced []time.Duration
}

func (t *table) write(w io.Writer) {
	fmt.Fprintln(w, "| operation | server | requests/s | ratio to bare | spread | ratio of CPU | target |")
	fmt.Fprintln(w, "|---|---|--:|--:|---|--:|---|")
	for _, r := range t.rows {
		fmt.Fprintf(w, "| %s | %s | %.0f | %.2f | %.2f to %.2f | %.2f | %s |\n",
			r.name, r.server, median(r.rates), median(r.ratios), slices.Min(r.ratios), slices.Max(r.ratios), median(r.shares), r.verdict())
	}
	fmt.Fprintln(w, "\n| directory | users | heap a user | process a user | filled in |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|")
	for _, m := range t.memory {
		fmt.Fprintf(w, "| %s | %d | %.2f KB | %.2f KB | %.1f s |\n", m.server, m.users, float64(m.heap)/1000, float64(m.process)/1000, m.seconds)
	}
	fmt.Fprintln(w, "\n| reads while a group of all users is replaced | reads | p50 | p99 | longest | one replace |")
	fmt.Fprintln(w, "|---|--:|--:|--:|--:|--:|")
	for _, p := range t.pauses {
		if len(p.reads) == 0 || len(p.replaced) == 0 {
			continue
		}
		n := len(p.reads)
		fmt.Fprintf(w, "| %s | %d | %s | %s | %s | %s |\n", p.server, n,
			ms(p.reads[n/2]), ms(p.reads[n*99/100]), ms(p.reads[n-1]), ms(median(p.replaced)))
	}
}

func (r row) verdict() string {
	switch {
	case r.target == 0:
		return "none"
	case median(r.ratios) >= r.target:
		return fmt.Sprintf("%.2f, reached", r.target)
	}
	return fmt.Sprintf("%.2f, missed", r.target)
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond)) }

func median[N float64 | time.Duration](list []N) N {
	if len(list) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(list))
	return sorted[len(sorted)/2]
}
