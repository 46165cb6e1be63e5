// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/simulator/entra"
)

// simulateFlags say what is played, and against what.
type simulateFlags struct {
	target   targetFlags
	output   outputFlags
	scenario string
	dialect  string
	record   string
	people   int
	groups   int
	seed     uint64
	clock    string
	faults   []string
	soak     soakFlags
}

// The clocks of --clock.
const (
	clockVirtual = "virtual"
	clockReal    = "real"
)

func (p *program) simulate() *cobra.Command {
	s := new(simulateFlags)
	c := &cobra.Command{
		Use:   "simulate okta|entra",
		Short: "Play the tenant of an identity provider: a directory, and what an administrator does",
		Long: `Play a tenant of Okta or Entra ID. A scenario file has the directory and the changes;
the requests that follow from each are sent as the real service sends them. At the end
it is said what the provider holds otherwise than the directory. Without --target the
reference server is started in this process.

Exit codes: 0 converged, 1 not converged, 2 wrong usage or scenario, 3 the target does
not answer or refuses the token, 130 interrupted.`,
		Example: `  scimproof simulate okta --scenario joiner.yaml
  scimproof simulate entra --population 100 --groups 5 --seed 7
  scimproof simulate okta --soak 10m --seed 7`,
		Args: oneIDP,
		RunE: func(c *cobra.Command, args []string) error {
			return p.runSimulate(c.Context(), s, args[0], c.Flags().Changed("seed"))
		},
	}
	s.target.register(c)
	s.output.register(c)
	s.soak.register(c)
	f := c.Flags()
	f.StringVar(&s.scenario, "scenario", "", "the directory and the changes, in `FILE` (docs/simulate.md)")
	f.StringVar(&s.dialect, "dialect", "", "`NAME` of the dialect, in the place of the scenario's: "+strings.Join(simulator.Dialects(), ", "))
	f.StringVar(&s.record, "record", "", "write what was sent to `FILE`, as a flow")
	f.IntVar(&s.people, "population", 0, "add `N` invented people to the directory, all assigned")
	f.IntVar(&s.groups, "groups", 0, "add `N` invented groups of them")
	f.Uint64Var(&s.seed, "seed", 0, "`N` for what is invented, in the place of the scenario's")
	f.StringVar(&s.clock, "clock", "", "virtual: waiting is free; real: as on the wall (default virtual without --target, else real)")
	f.StringSliceVar(&s.faults, "fault", nil, "plant faults in the embedded server, by `NAME[,NAME]`, to see them named")
	return c
}

// oneIDP wants the name of one identity provider.
func oneIDP(_ *cobra.Command, args []string) error {
	if len(args) != 1 || args[0] != "okta" && args[0] != "entra" {
		return fmt.Errorf("simulate: found %q; want one identity provider: okta, entra", strings.Join(args, " "))
	}
	return nil
}

func (p *program) runSimulate(ctx context.Context, s *simulateFlags, idp string, seeded bool) error {
	if err := s.validate(); err != nil {
		return err
	}
	scenario, err := s.read(idp, seeded)
	if err != nil {
		return err
	}
	target, done, err := p.provider(ctx, &s.target, s.faults)
	if err != nil {
		return err
	}
	defer done()
	if s.soak.on() {
		return p.runSoak(ctx, s, scenario, target)
	}
	var sent []flow.Exchange
	o, err := s.options(ctx, scenario, target)
	if err != nil {
		return err
	}
	o.Progress = s.progress(p)
	if s.record != "" || s.output.verbose {
		o.Record = func(x flow.Exchange) {
			sent = append(sent, x)
			if s.output.verbose {
				fmt.Fprintf(p.stdout, "%s → %d\n", printable(x.Name()), x.Status)
			}
		}
	}
	simulation, err := simulator.New(o)
	if err != nil {
		return err
	}
	report, err := simulation.Run(ctx)
	if e := s.write(p, scenario.Dialect, sent); e != nil {
		err = errors.Join(err, e)
	}
	if err != nil || ctx.Err() != nil {
		return p.simulationError(ctx, err)
	}
	printSimulation(s.output.stdout(p), report)
	if !report.Converged() {
		return conclude(reports.ExitNotConformant)
	}
	return nil
}

// simulationError gives why a simulation ended its exit code.
func (p *program) simulationError(ctx context.Context, err error) error {
	var away *simulator.TargetError
	switch {
	case ctx.Err() != nil:
		return conclude(exitInterrupted)
	case errors.As(err, &away) && away.Refused:
		return unreachablef("%w (--token-env NAME or --token-file FILE; no flag means the variable %s)", err, defaultToken)
	case errors.As(err, &away):
		return &unreachable{err}
	}
	return err
}

func (s *simulateFlags) validate() error {
	if err := errors.Join(s.target.validate(), s.soak.validate()); err != nil {
		return err
	}
	switch {
	case s.target.url != "" && len(s.faults) > 0:
		return errFaultOfTarget
	case s.people < 0 || s.groups < 0:
		return fmt.Errorf("--population %d --groups %d: want 0 or more", s.people, s.groups)
	case s.groups > 0 && s.people == 0:
		return errors.New("--groups needs people to be in them: add --population N")
	case s.soak.on() && s.record != "":
		return errors.New("--record does not go with --soak or --changes: record the scenario that a soak has written")
	case s.scenario == "" && s.people == 0 && !s.soak.on():
		return errors.New("simulate: nothing to play; give --scenario FILE, --population N or --soak TIME (docs/simulate.md has examples)")
	case s.dialect != "" && !slices.Contains(simulator.Dialects(), s.dialect):
		return fmt.Errorf("--dialect %q is unknown; allowed: %s", s.dialect, strings.Join(simulator.Dialects(), ", "))
	case s.clock != "" && s.clock != clockVirtual && s.clock != clockReal:
		return fmt.Errorf("--clock %q is unknown; allowed: %s, %s", s.clock, clockVirtual, clockReal)
	}
	return nil
}

func isOkta(dialect string) bool { return strings.HasPrefix(dialect, "okta-") }

// read gives the scenario with what the flags say in the place of what it says.
func (s *simulateFlags) read(idp string, seeded bool) (simulator.Scenario, error) {
	scenario := simulator.Scenario{File: "--population"}
	if s.scenario != "" {
		text, err := os.ReadFile(s.scenario)
		if err != nil {
			return scenario, fmt.Errorf("--scenario: %w", err)
		}
		if scenario, err = simulator.Parse(s.scenario, text); err != nil {
			return scenario, err
		}
	}
	if s.dialect != "" {
		scenario.Dialect = s.dialect
	}
	if scenario.Dialect == "" {
		scenario.Dialect = map[string]string{"okta": flow.OktaOIN, "entra": flow.EntraLegacy}[idp]
	}
	if !strings.HasPrefix(scenario.Dialect, idp+"-") {
		other, _, _ := strings.Cut(scenario.Dialect, "-")
		return scenario, fmt.Errorf("simulate %s: the dialect is %s; use `scimproof simulate %s` or --dialect", idp, scenario.Dialect, other)
	}
	if seeded {
		scenario.Seed = s.seed
	}
	return scenario, nil
}

// progress tells how far the simulation is: on a terminal in one line, elsewhere
// now and then, and of each wait.
func (s *simulateFlags) progress(p *program) func(simulator.Progress) {
	w := s.output.stderr(p)
	over := !s.output.quiet && !s.output.verbose && terminal(p.stderr)
	return func(g simulator.Progress) {
		const every = 1000
		switch {
		case g.Waiting > 0:
			fmt.Fprintf(w, "the provider asks for patience: waiting %v\n", g.Waiting)
		case over:
			fmt.Fprintf(w, "\r\x1b[Kchange %d/%d, %d requests\r", g.Change, g.Changes, g.Requests)
		case g.Requests%every == 0:
			fmt.Fprintf(w, "change %d/%d, %d requests\n", g.Change, g.Changes, g.Requests)
		}
	}
}

// notInName is what the name of a flow cannot hold.
var notInName = regexp.MustCompile(`[^a-z0-9]+`)

// write keeps what was sent.
func (s *simulateFlags) write(p *program, dialect string, sent []flow.Exchange) error {
	if s.record == "" {
		return nil
	}
	idp, _, _ := strings.Cut(dialect, "-")
	name := strings.Trim(notInName.ReplaceAllString(strings.ToLower(strings.TrimSuffix(filepath.Base(s.scenario), filepath.Ext(s.scenario))), "-"), "-")
	if name == "" {
		name = "population"
	}
	if dialect == entra.Pod {
		dialect = flow.EntraLegacy // its bodies
	}
	f, left := flow.FromExchanges(flow.Origin{
		Name: idp + "/simulated/" + name, Dialect: dialect,
		Provenance: flow.Provenance{Kind: flow.KindComposed, Source: "scimproof simulate", Date: time.Now().UTC().Format(time.DateOnly)},
	}, sent)
	text, err := flow.Marshal(f)
	if err != nil {
		return err
	}
	if err := os.WriteFile(s.record, text, 0o600); err != nil {
		return fmt.Errorf("--record: %w", err)
	}
	for _, x := range left {
		fmt.Fprintf(s.output.stderr(p), "not in %s, since it cannot be played: %s → %d\n", s.record, printable(x.Name()), x.Status)
	}
	return nil
}

// printSimulation writes the end report.
func printSimulation(w io.Writer, r *simulator.Report) {
	fmt.Fprintf(w, "%s: %d people, %s, %s, %s", r.Dialect, r.People, count(r.Groups, "group"), count(r.Changes, "change"), count(r.Requests, "request"))
	if r.Waited > 0 {
		fmt.Fprintf(w, ", waited %v", r.Waited)
	}
	fmt.Fprintln(w)
	for _, t := range r.Tasks {
		fmt.Fprintf(w, "  ✗ task: %s\n", printable(t.String()))
	}
	wrong := 0
	for _, d := range r.Differences {
		mark := "✗"
		if d.Expected != "" {
			mark = "·"
		} else {
			wrong++
		}
		fmt.Fprintf(w, "  %s %s\n", mark, printable(d.String()))
	}
	expected := len(r.Differences) - wrong
	switch {
	case r.Converged() && expected == 0:
		fmt.Fprintln(w, "converged: the provider holds what the directory says")
	case r.Converged():
		fmt.Fprintf(w, "converged, but for %s that the dialect is documented to leave\n", count(expected, "difference"))
	default:
		fmt.Fprintf(w, "not converged: %s, %s\n", count(wrong, "unexpected difference"), count(len(r.Tasks), "task"))
	}
}

// count gives "1 task" or "2 tasks".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
