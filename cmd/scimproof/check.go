// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/gates"
	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/ginkgosuite"
)

// checkFlags say what is checked and what becomes of the results.
type checkFlags struct {
	target  targetFlags
	output  outputFlags
	verdict words
	choose  string
	faults  []string
	jobs    int
	shard   shard
	report  string
	format  words
	waivers string
	strict  bool
	dryRun  bool
	quick   bool
	events  bool
	seed    int64
}

func (p *program) check() *cobra.Command {
	s := &checkFlags{
		verdict: words{what: "verdict", allowed: slices.Concat(verdicts(), gates.Drafts()), chosen: verdicts()},
		format:  words{what: "format", allowed: formatNames(), chosen: []string{"html", "json", "junit"}},
	}
	c := &cobra.Command{
		Use:   "check",
		Short: "Check a provider, or the embedded reference server, and write reports",
		Long: `Check a SCIM provider: replay what Okta and Entra ID send, run the suites, look at the
product where that is possible, write reports and print one verdict each. Without
--target the reference server is started in this process and checked.

Every flag can be set by a variable, SCIMPROOF_ and its name in capitals, and in a
file scimproof.yaml; the command line comes first, then the variable, then the file.

Exit codes: 0 conformant, 1 not conformant, 2 wrong usage or a broken check,
3 the target does not answer or refuses the token, 4 something was left behind on the
target, 130 interrupted.`,
		Example: `  scimproof check
  SCIMPROOF_TOKEN=… scimproof check --target http://127.0.0.1:8080/scim/v2
  scimproof check --target https://staging.example.test/scim/v2 --token-file token \
      --allow-writes --confirm staging.example.test --verdict okta`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.runCheck(c.Context(), s) },
	}
	s.target.register(c)
	s.output.register(c)
	s.target.registerLimits(c)
	s.target.peculiar.register(c)
	f := c.Flags()
	f.Var(&s.verdict, "verdict", "the verdicts asked for; those of drafts (ipsie-al1, ipsie-al2, interop) are given only when named")
	f.StringVar(&s.choose, "select", "", selectHelp)
	f.StringSliceVar(&s.faults, "fault", nil, "plant faults in the embedded server, by `NAME[,NAME]`, to see them caught")
	f.IntVar(&s.jobs, "jobs", runtime.NumCPU(), "judge `N` checks at a time (default one for each processor)")
	f.Lookup("jobs").DefValue = "0" // is told in words
	f.Var(&s.shard, "shard", "only the I-th of N equal parts of the checks")
	f.StringVar(&s.report, "report", "conformance-report", "write the reports to `DIR`")
	f.Var(&s.format, "format", "the reports to write")
	f.StringVar(&s.waivers, "waivers", "", "accept the failures listed in `FILE`")
	f.Int64Var(&s.seed, "seed", unset, "give what is made the same names in each run with the same `N`; only for a provider on this machine, where no other run uses it")
	f.Lookup("seed").DefValue = "0" // chance
	f.BoolVar(&s.strict, "strict", false, "count a failed SHOULD as not conformant")
	f.BoolVar(&s.quick, "quick", false, "a first verdict: only the checks that find most, in a tenth of the time")
	f.BoolVar(&s.events, jsonLines, false, "print events for programs, a JSON object a line, and nothing else (docs/events.schema.json)")
	c.MarkFlagsMutuallyExclusive(jsonLines, "quiet", "verbose")
	f.BoolVar(&s.dryRun, "dry-run", false, "list the checks that would run and count what they would make, and send the target nothing")
	return c
}

// verdicts lists those that are asked for unless others are named.
func verdicts() []string {
	return []string{check.RFC, check.Okta, check.Entra, check.ProductBehaviour}
}

func (p *program) runCheck(ctx context.Context, s *checkFlags) error {
	if err := s.validate(); err != nil {
		return err
	}
	checks, err := s.checks()
	if err != nil {
		return err
	}
	if s.dryRun {
		return p.dryRun(ctx, s, checks)
	}
	waivers, err := readWaivers(s.waivers, suites.All())
	if err != nil {
		return err
	}
	target, done, err := p.provider(ctx, &s.target, s.faults)
	if err != nil {
		return err
	}
	defer done()
	if s.seed != unset {
		target.RunID = fmt.Sprintf("seed%d", s.seed)
	}
	provider, keep, err := p.open(ctx, &s.target, target)
	if err != nil {
		return err
	}
	defer keep.end()
	if err := os.MkdirAll(s.report, 0o755); err != nil {
		return fmt.Errorf("--report: %w", err)
	}
	start := time.Now()
	events := s.writer(p)
	events.begin(provider, s.verdict.chosen, len(checks))
	results, err := p.judge(ctx, s, checks, provider, events)
	if err != nil {
		return err
	}
	meta, err := s.meta(provider)
	if err != nil {
		return err
	}
	meta.Start, meta.End, meta.Waivers = start, time.Now(), waivers
	meta.NotRun = without(checks, results)
	if ctx.Err() != nil {
		meta.Incomplete = "interrupted"
	}
	return p.conclude(ctx, s, reports.New(meta, results), events)
}

func (s *checkFlags) validate() error {
	target := s.target
	if s.dryRun { // nothing is sent there, so nobody has to allow it
		target.confirm = nil
		for _, address := range []string{target.url, target.productURL} {
			if host, err := hostOf(address); err == nil {
				target.confirm = append(target.confirm, host)
			}
		}
		target.allowWrites = len(target.confirm) > 0
	}
	if err := target.validate(); err != nil {
		return err
	}
	switch {
	case s.jobs < 1:
		return fmt.Errorf("--jobs %d: want 1 or more", s.jobs)
	case s.seed < 0 && s.seed != unset:
		return fmt.Errorf("--seed %d: want 0 or more", s.seed)
	case s.seed != unset && !s.target.here():
		return errors.New("--seed: names that come again are for a provider on this machine; elsewhere they could be those of another run")
	case s.target.url != "" && len(s.faults) > 0:
		return errFaultOfTarget
	}
	_, err := faultsByName(s.faults)
	return err
}

// checks returns what is to be judged: what is selected, counts in a verdict
// that was asked for, and belongs to this shard.
func (s *checkFlags) checks() ([]check.Check, error) {
	all, err := selected(s.choose)
	if err != nil {
		return nil, err
	}
	if s.quick {
		all = suites.Quick(all)
	}
	var checks []check.Check
	n := 0
	for _, c := range all {
		if !slices.ContainsFunc(s.verdict.chosen, c.Counts) {
			continue
		}
		if s.shard.count == 0 || n%s.shard.count == s.shard.index-1 {
			checks = append(checks, c)
		}
		n++
	}
	if len(checks) == 0 {
		return nil, fmt.Errorf("no check is left to run with --verdict %s --select %q --shard %q --quick=%t", &s.verdict, s.choose, &s.shard, s.quick)
	}
	return checks, nil
}

// judge runs the checks under Ginkgo. After an interrupt the results are those
// of the checks that were judged until then.
func (p *program) judge(ctx context.Context, s *checkFlags, checks []check.Check, provider *check.Provider, events *events) ([]check.Result, error) {
	progress := s.output.progress(p, checks)
	defer progress.end()
	told := func(r check.Result) {
		progress.add(r)
		events.result(r)
	}
	results, err := ginkgosuite.Run(ctx, ginkgosuite.Config{
		Checks: checks, Provider: provider, Jobs: s.jobs, OnResult: told, Signals: true,
	})
	if err != nil && interrupted(ctx) {
		return results, nil
	}
	return results, err
}

// without gives the checks that have no result.
func without(checks []check.Check, results []check.Result) []check.Check {
	judged := make(map[string]bool, len(results))
	for i := range results {
		judged[results[i].Check.ID] = true
	}
	return slices.DeleteFunc(slices.Clone(checks), func(c check.Check) bool { return judged[c.ID] })
}

// interrupted says whether a signal has ended ctx. Ginkgo hears a signal for
// itself and can be back before ctx has ended, so that is waited for.
func interrupted(ctx context.Context) bool {
	select {
	case <-ctx.Done():
		return true
	case <-time.After(100 * time.Millisecond):
		return false
	}
}

// meta is what the report says besides results.
func (s *checkFlags) meta(provider *check.Provider) (reports.Meta, error) {
	known, err := requirements.All()
	if err != nil {
		return reports.Meta{}, err
	}
	texts := make(map[string]string, len(known))
	for _, r := range known {
		texts[r.ID] = r.Text
	}
	var order []string
	for _, c := range suites.All() {
		order = append(order, c.ID)
	}
	profile := provider.Profile()
	var part *reports.Shard
	if s.shard.count > 0 {
		part = &reports.Shard{Index: s.shard.index, Count: s.shard.count}
	}
	return reports.Meta{
		Tool:      reports.Tool{Name: "scimproof", Version: version},
		Catalogue: suites.Version,
		Target:    reports.Target{BaseURL: provider.BaseURL(), Product: profile.Product, Profile: profile.Name},
		Verdicts:  s.verdict.chosen, Seed: max(s.seed, 0), Strict: s.strict, Selection: s.selection(), RunID: provider.RunID(),
		Shard: part, Order: order, Requirements: texts,
	}, nil
}

// selection is what the report says of the choice of checks.
func (s *checkFlags) selection() string {
	if s.quick {
		return strings.TrimSpace("quick " + s.choose)
	}
	return s.choose
}

// conclude writes the reports, prints the verdicts, and gives the exit code.
func (p *program) conclude(ctx context.Context, s *checkFlags, run *reports.Run, events *events) error {
	files, err := save(s.report, s.format.chosen, run)
	if err != nil {
		return err
	}
	code := run.ExitCode()
	if ctx.Err() != nil {
		code = exitInterrupted
	}
	if events.end(run, code, files); events.err != nil {
		return fmt.Errorf("--%s: %w", jsonLines, events.err)
	}
	if err := reports.Console(s.output.stdout(p), run, s.output.color(p), files...); err != nil {
		return err
	}
	if ctx.Err() != nil {
		fmt.Fprintf(s.output.stderr(p), "scimproof: interrupted after %d checks; what they made was removed, and the report says the rest\n", len(run.Results))
	}
	return conclude(code)
}
