// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites/idp"
)

// guessDialect is the word of --dialect that looks at the requests alone.
const guessDialect = "guess"

// lintFlags say what is judged, and as what.
type lintFlags struct {
	dialect string
	history string
	token   string // of the admin API: the name of a variable
	base    string // of a HAR
	format  *words
	rules   bool
	strict  bool
	output  outputFlags
}

func (p *program) lint() *cobra.Command {
	s := &lintFlags{format: &words{what: "format", allowed: []string{"text", "json", "md"}, chosen: []string{"text"}}}
	c := &cobra.Command{
		Use:   "lint FLOW|HAR…",
		Short: "Judge an identity provider's own requests by the RFCs and by what is known of its dialect",
		Long: `Judge requests that an identity provider sent, one by one: clean; a known quirk, with
what a provider has to do to live with it; a warning, where an RFC's SHOULD is broken;
or a deviation, which neither an RFC nor the dialect as known explains. FLOW is a file
or the name of an embedded flow, HAR a file of HTTP Archive 1.2. With --history the
requests that scimproof serve was sent are judged. Nothing is sent to a provider.

Exit codes: 0 clean or known quirks, 1 deviations (with --strict also warnings), 2 wrong
usage or a file that cannot be read, 3 the server of --history does not answer or
refuses the token.`,
		Example: `  scimproof lint entra/legacy/leaver
  scimproof lint --format md incident.har
  scimproof lint --history http://127.0.0.1:8081/admin --dialect guess
  scimproof lint --rules --dialect okta-oin`,
		RunE: func(c *cobra.Command, args []string) error { return p.runLint(c.Context(), s, args) },
	}
	f := c.Flags()
	f.StringVar(&s.dialect, "dialect", "", "judge as `NAME`, or guess (default: what a flow says of itself, else guess): "+strings.Join(idp.Dialects(), ", "))
	f.StringVar(&s.history, "history", "", "judge what the reference server was sent, by the `URL` of its admin API")
	f.StringVar(&s.token, "admin-token-env", defaultAdminToken, "read the token of the admin API from variable `NAME`")
	f.StringVar(&s.base, "base", "", "base `URL` of the SCIM API in a HAR file (default that of most requests)")
	f.Var(s.format, "format", "how to write it")
	f.BoolVar(&s.rules, "rules", false, "list the rules and quirks, with --dialect those of one, and judge nothing")
	f.BoolVar(&s.strict, "strict", false, "let warnings make the exit code 1")
	s.output.register(c)
	return c
}

func (p *program) runLint(ctx context.Context, s *lintFlags, names []string) error {
	if err := s.validate(names); err != nil {
		return err
	}
	w := s.output.stdout(p)
	if s.rules {
		return listRules(w, s.dialect)
	}
	judged, err := p.judgeAll(ctx, s, names)
	if err != nil {
		return err
	}
	if err := s.write(w, judged); err != nil {
		return err
	}
	for i := range judged {
		worst := judged[i].Worst()
		if worst == idp.Deviation || s.strict && worst == idp.Warning {
			return conclude(reports.ExitNotConformant)
		}
	}
	return nil
}

func (s *lintFlags) validate(names []string) error {
	known := append(idp.Dialects(), guessDialect)
	switch {
	case s.dialect != "" && !slices.Contains(known, s.dialect):
		return fmt.Errorf("--dialect %q is unknown%s; allowed: %s", s.dialect, didYouMean("", s.dialect, known), strings.Join(known, ", "))
	case s.rules && (len(names) > 0 || s.history != ""):
		return errors.New("--rules lists rules and judges nothing; leave out the files and --history")
	case s.rules && s.dialect == guessDialect:
		return errors.New("--rules has no requests to guess by; name a dialect, or leave out --dialect for all rules")
	case s.rules:
		return nil
	case s.history != "" && len(names) > 0:
		return errors.New("--history and files do not go together; judge one after the other")
	case s.history == "" && len(names) == 0:
		return errors.New("lint: nothing to judge; name a flow or HAR file, an embedded flow (`scimproof list --flows`), or give --history URL")
	case len(s.format.chosen) != 1:
		return fmt.Errorf("--format %s: want one of %s", s.format, strings.Join(s.format.allowed, ", "))
	}
	return nil
}

// write writes the reports in the format asked for.
func (s *lintFlags) write(w io.Writer, judged []idp.Report) error {
	switch s.format.chosen[0] {
	case "json":
		return lintJSON(w, judged)
	case "md":
		return lintMarkdown(w, judged)
	}
	return lintText(w, judged, s.output.verbose)
}

// listRules lists what is judged by.
func listRules(w io.Writer, dialect string) error {
	var b strings.Builder
	for _, r := range idp.Rules() {
		if dialect == "" || r.Binds(dialect) {
			fmt.Fprintf(&b, "%-34s %-7s %s (%s)\n", r.ID, r.Level, r.Holds, sourceOf(r.Source))
		}
	}
	for _, k := range idp.Quirks() {
		if dialect == "" || slices.Contains(k.For, dialect) {
			fmt.Fprintf(&b, "%-34s %-7s %s (%s)\n", k.ID, "quirk", k.Does, sourceOf(k.Source))
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
