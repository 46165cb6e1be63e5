// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites/check"
)

// replayFlags say what the flows are sent to.
type replayFlags struct {
	target                targetFlags
	output                outputFlags
	faults                []string
	compare, export, file string
	asPublished           bool
}

// Words of --compare and --export.
const (
	compareTolerant = "tolerant"
	compareStrict   = "strict"
	exportHAR       = "har"
	exportK6        = "k6"
)

func (p *program) replay() *cobra.Command {
	s := new(replayFlags)
	c := &cobra.Command{
		Use:   "replay FLOW…",
		Short: "Send recorded flows to a provider and check each reply and the end state",
		Long: `Send flows to a provider, with names of this run and with ids bound anew from the
replies. FLOW is a file or the name of an embedded flow; scimproof list --flows shows
those. Without --target the reference server is started in this process.

--compare tolerant holds each reply against what the flow expects, which is what its
IdP accepts; strict also against the whole reply that scimproof record has kept.
--export har writes what was sent and answered as a HAR file, --export k6 a script that
k6 runs; for k6 nothing is sent. docs/record.md has examples.`,
		Example: `  scimproof replay entra/legacy/user-lifecycle -v
  scimproof replay incident.yaml --compare strict
  scimproof replay okta/oin/user-lifecycle --export k6 -o load.js`,
		RunE: func(c *cobra.Command, args []string) error { return p.runReplay(c.Context(), s, args) },
	}
	s.target.register(c)
	s.output.register(c)
	s.target.registerLimits(c)
	c.Flags().StringSliceVar(&s.faults, "fault", nil, "plant faults in the embedded server, by `NAME[,NAME]`, to see them caught")
	f := c.Flags()
	f.StringVar(&s.compare, "compare", compareTolerant, "tolerant: each reply against what the flow expects; strict: also against the reply that was recorded")
	f.BoolVar(&s.asPublished, "as-published", false, "send the requests as they stand, with the names in the flow, nothing before and after; what the flow makes stays")
	f.StringVar(&s.export, "export", "", "har: write the exchanges as an HTTP archive; k6: write a script for k6 and send nothing")
	f.StringVarP(&s.file, "output", "o", "", "write the export to `FILE` (default standard output)")
	return c
}

func (p *program) runReplay(ctx context.Context, s *replayFlags, names []string) error {
	if err := s.validate(); err != nil {
		return err
	}
	flows, err := openFlows(names)
	if err != nil {
		return err
	}
	if s.export == exportK6 {
		return p.exportK6(s, flows)
	}
	if err := s.comparable(p, flows); err != nil {
		return err
	}
	target, done, err := p.provider(ctx, &s.target, s.faults)
	if err != nil {
		return err
	}
	defer done()
	judge, end, err := s.judge(ctx, p, target)
	if err != nil {
		return err
	}
	defer end()
	w := s.output.stdout(p)
	if s.export == exportHAR && s.file == "" {
		w = s.output.stderr(p) // the archive goes to standard output
	}
	code := reports.ExitConformant
	var sent []flow.Exchange
	for _, f := range flows {
		r := judge(f)
		s.print(w, f, r)
		sent = append(sent, r.Exchanges...)
		code = worse(code, replayCode(r))
		if ctx.Err() != nil {
			code = exitInterrupted
			break
		}
		if s.asPublished {
			if err := unanswered(r); err != nil {
				return err
			}
		}
	}
	if s.export == exportHAR {
		if err := p.exportHAR(s, sent); err != nil {
			return err
		}
	}
	return conclude(code)
}

var errFaultOfTarget = errors.New("--fault plants faults in the embedded server and does not go with --target; run the target as `scimproof serve --fault NAME`")

// openFlows reads the flows that names name: files, or else embedded flows.
func openFlows(names []string) ([]flow.Flow, error) {
	embedded, err := fixtures.AllFlows()
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return nil, errors.New("replay: no flow given; name a file or an embedded flow, `scimproof list --flows` shows those")
	}
	known := make([]string, 0, len(embedded))
	for _, f := range embedded {
		known = append(known, f.Name)
	}
	flows := make([]flow.Flow, 0, len(names))
	for _, name := range names {
		if i := slices.Index(known, name); i >= 0 {
			flows = append(flows, embedded[i])
			continue
		}
		text, err := os.ReadFile(name)
		if errors.Is(err, os.ErrNotExist) {
			return nil, fmt.Errorf("replay: there is neither a file nor an embedded flow %q%s; `scimproof list --flows` shows those", name, didYouMean("", name, known))
		}
		if err != nil {
			return nil, fmt.Errorf("replay: %w", err)
		}
		f, err := flow.Parse(name, text)
		if err != nil {
			return nil, fmt.Errorf("replay: %w", err)
		}
		flows = append(flows, f)
	}
	return flows, nil
}

// replayCode gives the exit code that one replayed flow leads to.
func replayCode(r check.Result) int {
	switch {
	case r.Outcome == check.Broken:
		return reports.ExitBroken
	case r.Outcome == check.Failed || r.Outcome == check.Blocked:
		return reports.ExitNotConformant
	case len(r.Leftovers) > 0:
		return reports.ExitLeftovers
	}
	return reports.ExitConformant
}

// worse returns the code that a run with both must end with: broken before not
// conformant before leftovers, as in reports.
func worse(a, b int) int {
	order := []int{reports.ExitConformant, reports.ExitLeftovers, reports.ExitNotConformant, reports.ExitBroken}
	if slices.Index(order, a) > slices.Index(order, b) {
		return a
	}
	return b
}

// print shows each exchange with the step it belongs to, then what was found.
func (s *replayFlags) print(w io.Writer, f flow.Flow, r check.Result) {
	fmt.Fprintf(w, "%s (%s, %s)\n", f.Name, f.Dialect, f.Provenance.Kind)
	for i := range r.Exchanges {
		x := &r.Exchanges[i]
		fmt.Fprintf(w, "  %-28s %s → %d in %v\n", stepName(f, i, x), printable(x.Name()), x.Status, x.Duration.Round(time.Microsecond))
		if s.output.verbose {
			for _, m := range []struct{ mark, body string }{{">", string(x.Request.Body)}, {"<", string(x.Response.Body)}} {
				for line := range strings.Lines(m.body) {
					fmt.Fprintf(w, "    %s %s\n", m.mark, printable(strings.TrimSuffix(line, "\n")))
				}
			}
		}
	}
	for _, finding := range r.Findings {
		fmt.Fprintf(w, "  ✗ %s\n", printable(finding.String()))
	}
	for _, left := range r.Leftovers {
		fmt.Fprintf(w, "  left behind: %s\n", printable(left))
	}
	if r.Reason != "" {
		fmt.Fprintf(w, "  %s: %s\n\n", r.Outcome, printable(r.Reason))
		return
	}
	fmt.Fprintf(w, "  %s\n\n", r.Outcome)
}

// stepName says what the i-th exchange of a replayed flow was for.
func stepName(f flow.Flow, i int, x *flow.Exchange) string {
	switch {
	case i < len(f.Steps) && f.Steps[i].Request.Method == x.Method:
		return f.Steps[i].Name
	case i >= len(f.Steps) && i < len(f.Steps)+len(f.End) && x.Method == http.MethodGet:
		return "end state"
	}
	return "clean up"
}

// printable replaces what could move the cursor of a terminal.
func printable(s string) string {
	return strings.Map(func(c rune) rune {
		if c != '\t' && (unicode.IsControl(c) || unicode.Is(unicode.Cf, c)) {
			return unicode.ReplacementChar
		}
		return c
	}, s)
}
