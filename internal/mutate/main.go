// SPDX-License-Identifier: Apache-2.0

// Command mutate measures how much of the reference server's engine the checks
// hold. It makes small changes in the code of filters, PATCH and projection, one
// at a time, and judges the catalogue against the changed server. A change that
// no check notices (a survivor) is a check that is missing, or one that none can
// or may notice; those are listed in equivalent.txt, with class and reason.
//
// All mutants are built at once: each stands in the source behind a number, and
// SCIMPROOF_MUTANT says which one acts. The sources themselves are not touched:
// the changed ones are an overlay of the build.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
)

// engine is the package whose code is changed, and tests the one that judges it.
const (
	engine = "reference-server/engine"
	tests  = "reference-server/fault"
)

// changed are the files of the engine that are about filters, PATCH and projection.
func changed() []string {
	return []string{
		"compare.go", "filter.go", "filter_parse.go", "match.go", "members.go", "patch.go",
		"patch_parse.go", "patch_values.go", "path.go", "project.go",
	}
}

type options struct {
	sample int
	seed   uint64
	jobs   int
	least  float64
	limit  time.Duration
	list   bool
	only   string
}

func main() {
	var o options
	flag.IntVar(&o.sample, "sample", 0, "judge `N` mutants chosen by -seed; 0: all")
	flag.Uint64Var(&o.seed, "seed", 1, "choose the sample by `N`")
	flag.IntVar(&o.jobs, "jobs", runtime.NumCPU(), "judge `N` mutants at a time")
	flag.Float64Var(&o.least, "least", 85, "the `PERCENT` of mutants that must be killed")
	flag.DurationVar(&o.limit, "limit", 2*time.Minute, "a mutant that takes longer is killed: it hangs")
	flag.StringVar(&o.only, "only", "", "of these judge those alone whose line, as -list prints it, matches `REGEXP`")
	flag.BoolVar(&o.list, "list", false, "list the mutants and build nothing")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(ctx context.Context, w io.Writer, o options) error {
	only, err := regexp.Compile(o.only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	mutants, overlay, err := mutateAll()
	if err != nil {
		return err
	}
	if o.list {
		for _, m := range mutants {
			_, _ = fmt.Fprintln(w, m)
		}
		return nil
	}
	dir, err := os.MkdirTemp("", "scimproof-mutate-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary, err := build(ctx, dir, overlay)
	if err != nil {
		return err
	}
	if killed, said := judge(ctx, binary, mutant{}, o.limit); killed {
		return fmt.Errorf("the engine as it is does not pass, so nothing can be told:\n%s", said)
	}
	equivalent, err := readEquivalent()
	if err != nil {
		return err
	}
	if o.sample > 0 && o.sample < len(mutants) {
		rand.New(rand.NewPCG(o.seed, o.seed)).Shuffle(len(mutants), func(i, j int) { mutants[i], mutants[j] = mutants[j], mutants[i] })
		mutants = mutants[:o.sample]
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return !only.MatchString(m.String()) })
	begun := time.Now()
	survivors := judgeAll(ctx, binary, mutants, o)
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	return conclude(w, mutants, survivors, equivalent, o, time.Since(begun))
}

// conclude prints the score and says whether it is enough.
func conclude(w io.Writer, mutants, survivors []mutant, equivalent map[string]string, o options, took time.Duration) error {
	counted := slices.DeleteFunc(slices.Clone(mutants), func(m mutant) bool { return equivalent[m.name()] != "" })
	missed := 0
	for _, m := range survivors {
		if why := equivalent[m.name()]; why != "" {
			_, _ = fmt.Fprintf(w, "left out    %s: %s\n", m, why)
			continue
		}
		missed++
		_, _ = fmt.Fprintf(w, "survived    %s\n", m)
	}
	if len(counted) == 0 {
		return errors.New("there is nothing to change")
	}
	killed := len(counted) - missed
	score := 100 * float64(killed) / float64(len(counted))
	_, _ = fmt.Fprintf(w, "%d of %d mutants killed over the wire, %.1f %%; %d more are left out%s; seed %d, %v\n",
		killed, len(counted), score, len(mutants)-len(counted), classes(mutants, equivalent), o.seed, took.Round(time.Second))
	if score < o.least {
		return fmt.Errorf("%.1f %% of the mutants are killed, want at least %.0f %%: each survivor above needs a check, or a line of internal/mutate/equivalent.txt", score, o.least)
	}
	return nil
}

// classes counts the mutants that equivalent leaves out by the first words of
// their reasons: " (allowed 3, same 2)".
func classes(mutants []mutant, equivalent map[string]string) string {
	counts := map[string]int{}
	for _, m := range mutants {
		if class, _, ok := strings.Cut(equivalent[m.name()], ":"); ok {
			counts[class]++
		}
	}
	var parts []string
	for _, class := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, class+" "+strconv.Itoa(counts[class]))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// build compiles the test that judges a mutant, with the overlay in place.
func build(ctx context.Context, dir string, overlay map[string]string) (string, error) {
	replace := map[string]string{}
	for name, text := range overlay {
		path := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			return "", err
		}
		whole, err := filepath.Abs(name)
		if err != nil {
			return "", err
		}
		replace[whole] = path
	}
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file, binary := filepath.Join(dir, "overlay.json"), filepath.Join(dir, "mutants.test")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		return "", err
	}
	c := exec.CommandContext(ctx, "go", "test", "-c", "-overlay", file, "-o", binary, "./"+tests)
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the mutants: %w\n%s", err, out)
	}
	return binary, nil
}

// judgeAll gives the mutants that no check noticed, in their order.
func judgeAll(ctx context.Context, binary string, mutants []mutant, o options) []mutant {
	alive := make([]bool, len(mutants))
	next := make(chan int)
	var wg sync.WaitGroup
	for range max(o.jobs, 1) {
		wg.Go(func() {
			for i := range next {
				killed, _ := judge(ctx, binary, mutants[i], o.limit)
				alive[i] = !killed
			}
		})
	}
	for i := range mutants {
		next <- i
		if n := i + 1; n%100 == 0 {
			fmt.Fprintf(os.Stderr, "%d of %d mutants\n", n, len(mutants))
		}
	}
	close(next)
	wg.Wait()
	var survivors []mutant
	for i, m := range mutants {
		if alive[i] {
			survivors = append(survivors, m)
		}
	}
	return survivors
}

// judge judges one mutant. A crash and a hang are seen as well as a finding.
func judge(ctx context.Context, binary string, m mutant, limit time.Duration) (killed bool, said string) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	c := exec.CommandContext(ctx, binary, "-test.run", "^TestMutant$", "-test.v")
	c.Dir = tests
	c.Env = append(os.Environ(), "SCIMPROOF_MUTANT="+strconv.Itoa(m.number))
	out, err := c.CombinedOutput()
	return err != nil || !strings.Contains(string(out), "--- PASS: TestMutant"), string(out)
}

// readEquivalent reads equivalent.txt: a mutant's name, a tab and the reason on
// each line; # begins a comment.
func readEquivalent() (map[string]string, error) {
	const name = "internal/mutate/equivalent.txt"
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	reasons := map[string]string{}
	for i, line := range strings.Split(string(b), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		mutant, why, ok := strings.Cut(line, "\t")
		if !ok || why == "" {
			return nil, fmt.Errorf("%s:%d: got %q, want a mutant, a tab and the reason", name, i+1, line)
		}
		reasons[mutant] = why
	}
	return reasons, nil
}
