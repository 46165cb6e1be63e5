// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

func (p *program) explain() *cobra.Command {
	format := &words{what: "format", allowed: []string{"text", "json"}, chosen: []string{"text"}}
	c := &cobra.Command{
		Use:   "explain ID",
		Short: "Say what a check demands, why, what to do when it fails, and what it sends",
		Long: `Say what a check demands, why, and what to do when it fails. The check is put to the
embedded reference server, and what went over the wire is shown as well. A planted
fault of that server proves that the check can fail.`,
		Example: `  scimproof explain patch.remove.no-path
  scimproof explain patch.remove.no-path --format json`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("explain: got %d ids, want one; `scimproof list` shows them", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			all := suites.All()
			i := slices.IndexFunc(all, func(c check.Check) bool { return c.ID == args[0] })
			if i < 0 {
				return unknownCheck(args[0], all)
			}
			result, err := p.demonstrate(c.Context(), all[i])
			if err != nil {
				return err
			}
			if slices.Equal(format.chosen, []string{"json"}) {
				return writeJSON(p.stdout, explanationOf(result))
			}
			return p.explainCheck(result)
		},
	}
	c.Flags().Var(format, "format", "how to write it")
	return c
}

// demonstrate puts a check to the embedded server.
func (p *program) demonstrate(ctx context.Context, c check.Check) (check.Result, error) {
	target, done, err := p.embedded(ctx, &targetFlags{timeout: 30 * time.Second}, nil)
	if err != nil {
		return check.Result{}, err
	}
	defer done()
	provider, err := check.Open(ctx, target)
	if err != nil {
		return check.Result{}, p.explainTarget(err)
	}
	return check.Judge(ctx, c, provider), nil
}

// explanation is what explain says, as programs read it.
type explanation struct {
	listed
	Outcome   check.Outcome      `json:"outcome"` // against the embedded server
	Reason    string             `json:"reason,omitempty"`
	Exchanges []reports.Exchange `json:"exchanges,omitempty"`
}

func explanationOf(r check.Result) explanation {
	run := reports.New(reports.Meta{}, []check.Result{r})
	return explanation{listedOf(r.Check, fault.Proof()), r.Outcome, r.Reason, run.Results[0].Exchanges}
}

func (p *program) explainCheck(r check.Result) error {
	c := r.Check
	known, err := requirements.ByID()
	if err != nil {
		return err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n  %s\n\n", c.ID, c.Title)
	row := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%-9s %s\n", name, text)
		}
	}
	row("level", string(c.Level))
	row("source", strings.TrimSpace(c.Source.String()+" "+c.Source.URL))
	row("evidence", strings.TrimSpace(string(c.Source.Evidence)+" "+c.Source.Date))
	row("counts in", strings.Join(c.Profiles, ", "))
	row("needs", strings.Join(c.Needs, ", "))
	for _, id := range c.Covers {
		row("covers", id+": "+known[id].Text)
	}
	row("breaks", c.Breaks)
	row("fix", c.Fix)
	if name := fault.Proof()[c.ID]; name != "" {
		row("proof", "scimproof check --fault "+name+" --select id:"+c.ID)
		if f, err := fault.ByName(name); err == nil {
			row("", f[0].Breaks)
		}
	}
	fmt.Fprintf(&b, "\nPut to the embedded server, it is %s%s.\n", r.Outcome, because(r.Reason))
	suites.Transcript(&b, r.Exchanges)
	_, err = fmt.Fprint(p.stdout, b.String())
	return err
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(reason, ".")
}

// unknownCheck says which ids come close.
func unknownCheck(id string, all []check.Check) error {
	ids := make([]string, 0, len(all))
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return fmt.Errorf("there is no check %q%s; `scimproof list` shows them all", id, didYouMean("", id, ids))
}
