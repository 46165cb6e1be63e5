// SPDX-License-Identifier: Apache-2.0

//go:build linux

package hostile_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/scimproof/scimproof/internal/hostile"
)

// foreign is how many users of others are there while runs are interrupted.
const foreign = 1000

// untouched wants the users of others as they were, and nobody to have tried to
// write to them.
func untouched(t *testing.T, p *hostile.Provider, before []byte) {
	t.Helper()
	if touched := p.Touched(); len(touched) > 0 {
		t.Fatalf("users of others were written to: %v", touched)
	}
	if !bytes.Equal(p.Users(), before) {
		t.Fatal("users of others are not what they were, byte for byte")
	}
}

// TestInterrupts is R13: runs are interrupted at random moments by SIGINT,
// SIGTERM and SIGKILL. After a sweep nothing of them is left. After the first
// two nothing is left without one.
func TestInterrupts(t *testing.T) {
	p := provider(t, hostile.Kind{Name: "none"}, foreign)
	before := p.Users()
	dir := t.TempDir()
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 13))
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM, os.Kill}
	counts, swept := map[string]int{}, 0
	for i := range *interrupts {
		signal := signals[i%len(signals)]
		c := start(t, dir, "check", "--target", p.URL, "--jobs", "4", "--format", "json")
		time.Sleep(time.Duration(random.Int64N(int64(1500 * time.Millisecond))))
		_ = c.Process.Signal(signal)
		e := finish(c)
		left := p.Left()
		switch {
		case signal == os.Kill:
			if left > 0 {
				swept++
			}
			s := run(t, dir, "sweep", "--target", p.URL)
			if s.code != 0 {
				t.Fatalf("seed %d, run %d: the sweep ended with %d:\n%s", seed, i, s.code, s.output)
			}
			left = p.Left()
		case e.code != 130 && e.code != 0: // 0: it had ended before
			t.Fatalf("seed %d, run %d: %v ended it with %d:\n%s", seed, i, signal, e.code, cut(e.output))
		}
		if left != 0 {
			t.Fatalf("seed %d, run %d, %v: %d things are left:\n%s", seed, i, signal, left, cut(e.output))
		}
		if open, _ := filepath.Glob(filepath.Join(dir, "state", "scimproof", "*.journal")); len(open) > 0 {
			t.Fatalf("seed %d, run %d, %v: journals are open although nothing is left: %v", seed, i, signal, open)
		}
		counts[signal.String()]++
	}
	untouched(t, p, before)
	t.Logf("R13: %v, %d of the killed left something, 0 left after the sweep, %d users of others untouched (seed %d)", counts, swept, foreign, seed)
}

// TestRunsAtOnce is R14: two and eight runs on one provider do not meet. Without
// -whole they are of the quick checks.
func TestRunsAtOnce(t *testing.T) {
	p := provider(t, hostile.Kind{Name: "none"}, 50)
	before := p.Users()
	for round := range *rounds {
		for _, n := range []int{2, 8} {
			var all sync.WaitGroup
			ends := make([]ended, n)
			for i := range n {
				c := start(t, t.TempDir(), "check", "--target", p.URL, "--jobs", "2", "--quiet", "--timeout", "2m", "--quick="+strconv.FormatBool(!*whole))
				all.Go(func() { ends[i] = finish(c) })
			}
			all.Wait()
			for i, e := range ends {
				if e.code != 0 {
					t.Errorf("round %d, run %d of %d: got exit code %d:\n%s", round, i, n, e.code, cut(e.output))
				}
			}
			if left := p.Left(); left != 0 {
				t.Errorf("round %d: %d things are left", round, left)
			}
		}
	}
	untouched(t, p, before)
	t.Logf("R14: %d rounds of 2 and 8 runs at once, all passed, nothing left", *rounds)
}

// TestAdoption is R15: whoever answers a create with somebody else's id, or
// deletes more than it is asked to, is told of, and nobody's user is written to.
func TestAdoption(t *testing.T) {
	kinds := hostile.Adoption()
	for _, k := range kinds {
		t.Run(k.Name, func(t *testing.T) {
			p := provider(t, k, foreign/10)
			e := run(t, t.TempDir(), "check", "--target", p.URL, "--timeout", "2s", "--select", "/^id:(create|delete|patch|bulk)/", "--format", "json")
			if touched := p.Touched(); len(touched) > 0 {
				t.Errorf("users of others were written to: %v", touched)
			}
			if e.code != 1 {
				t.Errorf("got exit code %d, want 1:\n%s", e.code, cut(e.output))
			}
			if k.Name == "adopts-in-bulk" { // it makes what it is asked to, and lies of the ids
				if left := p.Left(); left != 0 {
					t.Errorf("%d things are left:\n%s", left, cut(e.output))
				}
				return
			}
			text, err := os.ReadFile(filepath.Join(e.dir, "conformance-report", "run.json"))
			if err != nil || !strings.Contains(string(text), "not sent, because") {
				t.Errorf("got no finding that says why a write was not sent (%v)", err)
			}
		})
	}
	t.Logf("R15: %s of adoption, 0 writes to users of others", fmt.Sprint(len(kinds), " kinds"))
}
