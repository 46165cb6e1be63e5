// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/suites/check"
)

func TestProgress(t *testing.T) {
	checks := make([]check.Check, 120)
	for i := range checks {
		checks[i].ID = fmt.Sprintf("area.subject.%d", i)
	}
	for _, tt := range []struct {
		name string
		with progress
		fail int // this one fails
		want []string
	}{
		{"terminal", progress{over: true, width: 80}, 30, []string{
			"20/120, 0 not passed, about 1m40s left  area.subject.20",
			"31/120, 1 not passed, about 1m29s left  area.subject.31",
		}},
		{"a narrow one", progress{over: true, width: 20}, 30, []string{"\r\x1b[K31/120, 1 not passe\r"}},
		{"elsewhere", progress{}, 30, []string{"31/120 failed  area.subject.30\n50/120\n100/120\n"}},
		{"verbose", progress{verbose: true}, 0, []string{"1/120 failed  area.subject.0\n2/120 passed  area.subject.1\n"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			g := tt.with
			g.w, g.checks = &b, checks
			g.elapsed = func() time.Duration { return time.Duration(g.done) * time.Second }
			for i, c := range checks {
				r := check.Result{Check: c, Outcome: check.Passed}
				if i == tt.fail {
					r.Outcome = check.Failed
				}
				g.add(r)
			}
			g.end()
			for _, want := range tt.want {
				if !strings.Contains(b.String(), want) {
					t.Errorf("got %q, want %q in it", b.String(), want)
				}
			}
			if g.over && !strings.HasSuffix(b.String(), "\r\x1b[K") {
				t.Errorf("the last line stays: %q", b.String())
			}
		})
	}
}

func TestProgressIsQuiet(t *testing.T) {
	var b bytes.Buffer
	g := (&outputFlags{quiet: true}).progress(&program{stderr: &b}, []check.Check{{ID: "a.b"}})
	g.add(check.Result{Outcome: check.Failed})
	g.end()
	if diff := cmp.Diff(b.String(), ""); diff != "" {
		t.Errorf("--quiet (-got +want):\n%s", diff)
	}
}
