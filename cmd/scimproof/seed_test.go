// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites"
)

var (
	repeats = flag.Int("repeats", 2, "run the checks so often with one seed")
	allOf   = flag.Bool("repeat-all", false, "repeat all checks, not only the quick ones")
)

// TestSeedRepeatsARun holds that runs with one seed against the embedded server
// are the same but for times: outcomes, findings, names, what was sent and which
// status came back. How often a read is repeated until time has passed is a time.
func TestSeedRepeatsARun(t *testing.T) {
	first := seededRun(t)
	for n := 2; n <= *repeats; n++ {
		again := seededRun(t)
		if len(again) != len(first) {
			t.Fatalf("run %d has %d lines, the first %d", n, len(again), len(first))
		}
		for i, line := range again {
			if line != first[i] {
				t.Errorf("run %d differs:\n%s\nthe first has:\n%s", n, line, first[i])
			}
		}
	}
}

// seededRun runs check with a seed and gives a line for each result, without times.
func seededRun(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	args := []string{"check", "--quiet", "--seed", "7", "--report", dir, "--format", "json"}
	if !*allOf {
		args = append(args, "--quick")
	}
	var out bytes.Buffer
	nothing := func(string) (string, bool) { return "", false }
	if code := run(t.Context(), args, nothing, nil, &out, &out); code != 0 {
		t.Fatalf("exit code %d: %s", code, &out)
	}
	file, err := os.Open(filepath.Join(dir, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	r, err := reports.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if r.Catalogue != suites.Version {
		t.Errorf("catalogue %q, want its own version %q", r.Catalogue, suites.Version)
	}
	lines := []string{fmt.Sprint(r.Seed, r.RunID, r.Catalogue, r.Totals)}
	for i := range r.Results {
		lines = append(lines, timeless(&r.Results[i]))
	}
	return lines
}

// fresh is what the server gives anew in each run, ids, versions, cursors, its port and the
// time, and how often a check had to write until a time stamp moved.
var fresh = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(%[0-9A-F]{2}){36}|127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT([0-9:.]|%3A)+Z|W/\\*"[^"\\]+|cursor=[\w-]+|"cursor":"[\w-]+"|Engineer \d+`)

// timeless writes a result without what comes of the clock and of the server.
func timeless(r *reports.Result) string {
	sent := make([]string, 0, 2*len(r.Exchanges))
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		// Status and body stand apart: of requests sent at once, no seed says which wins.
		for _, line := range []string{fmt.Sprint("\n  ", x.Method, " ", x.Path, " ", x.Status), "\n  " + x.Request.Body} {
			sent = append(sent, fresh.ReplaceAllString(line, "…"))
		}
	}
	slices.Sort(sent)
	text := fmt.Sprint(r.ID, " ", r.Outcome, " ", r.Reason, " ", r.Findings, r.Leftovers)
	return fresh.ReplaceAllString(text, "…") + fmt.Sprint(slices.Compact(sent))
}
