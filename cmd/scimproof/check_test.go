// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

func TestShardsAreDisjointAndMakeUpTheWhole(t *testing.T) {
	ids := func(s shard) (ids []string) {
		flags := checkFlags{verdict: words{chosen: verdicts()}, shard: s}
		checks, err := flags.checks()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			ids = append(ids, c.ID)
		}
		return ids
	}
	whole := ids(shard{})
	var parts []string
	for i := range 3 {
		parts = append(parts, ids(shard{i + 1, 3})...)
	}
	slices.Sort(whole)
	slices.Sort(parts)
	if !slices.Equal(parts, whole) {
		t.Errorf("three shards have %d checks, the whole has %d, or others", len(parts), len(whole))
	}
}

// An interrupt ends the run, and the report says what was done until then.
func TestInterruptWritesTheReport(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stderr := &trigger{after: "1/", do: cancel}
	var stdout bytes.Buffer
	nothing := func(string) (string, bool) { return "", false }
	code := run(ctx, []string{"check", "-v", "--jobs", "1", "--report", dir, "--format", "json"}, nothing, nil, &stdout, stderr)
	if code != exitInterrupted {
		t.Errorf("exit code: got %d, want %d\n%s", code, exitInterrupted, stderr)
	}
	f, err := os.Open(filepath.Join(dir, "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := reports.Load(f)
	if err != nil {
		t.Fatal(err)
	}
	if n, all := len(r.Results), len(suites.All()); n == 0 || n >= all {
		t.Errorf("results in the report: got %d, want some but not all %d", n, all)
	}
	if left := r.Leftovers(); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// trigger calls do once it was given after.
type trigger struct {
	bytes.Buffer
	after string
	do    func()
}

func (g *trigger) Write(p []byte) (int, error) {
	n, err := g.Buffer.Write(p)
	if bytes.Contains(g.Bytes(), []byte(g.after)) {
		g.do()
	}
	return n, err
}

func TestReplayCode(t *testing.T) {
	left := []string{"http://127.0.0.1/Users/1"}
	for _, tt := range []struct {
		name string
		in   check.Result
		want int
	}{
		{"passed", check.Result{Outcome: check.Passed}, 0},
		{"failed", check.Result{Outcome: check.Failed, Leftovers: left}, 1},
		{"blocked", check.Result{Outcome: check.Blocked}, 1},
		{"broken", check.Result{Outcome: check.Broken, Leftovers: left}, 2},
		{"left something behind", check.Result{Outcome: check.Passed, Leftovers: left}, 4},
		{"skipped", check.Result{Outcome: check.Skipped}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := replayCode(tt.in); got != tt.want {
				t.Errorf("code: got %d, want %d", got, tt.want)
			}
		})
	}
	if got := worse(worse(0, 4), 1); got != 1 {
		t.Errorf("worse of 0, 4, 1: got %d, want 1", got)
	}
}

func TestReplaceFileLeavesNothingBeside(t *testing.T) {
	dir := t.TempDir()
	for _, content := range []string{"first", "second"} {
		if err := replaceFile(filepath.Join(dir, "f"), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("entries: got %v, %v, want f alone", entries, err)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "f")); err != nil || string(got) != "second" {
		t.Errorf("content: got %q, %v, want second", got, err)
	}
}
