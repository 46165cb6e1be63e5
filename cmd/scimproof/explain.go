// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

func (p *program) explain() *cobra.Command {
	format := &words{what: "format", allowed: []string{"text", "json"}, chosen: []string{"text"}}
	c := &cobra.Command{
		Use:   "explain ID",
		Short: "Say what a check demands, why, and what to do when it fails",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return fmt.Errorf("explain: got %d ids, want one; `scimproof list` shows them", len(args))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			all := suites.All()
			i := slices.IndexFunc(all, func(c check.Check) bool { return c.ID == args[0] })
			if i < 0 {
				return unknownCheck(args[0], all)
			}
			if slices.Equal(format.chosen, []string{"json"}) {
				return listChecks(p.stdout, "json", all[i:i+1])
			}
			return p.explainCheck(all[i])
		},
	}
	c.Flags().Var(format, "format", "how to write it")
	return c
}

func (p *program) explainCheck(c check.Check) error {
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
	_, err = fmt.Fprint(p.stdout, b.String())
	return err
}

// unknownCheck says which ids come close.
func unknownCheck(id string, all []check.Check) error {
	ids := make([]string, 0, len(all))
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	return fmt.Errorf("there is no check %q%s; `scimproof list` shows them all", id, didYouMean("", id, ids))
}
