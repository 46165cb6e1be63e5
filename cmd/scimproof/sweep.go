// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites/check"
)

// sweepFlags say after which runs, and where, is cleared up.
type sweepFlags struct {
	target  targetFlags
	output  outputFlags
	journal string
	dryRun  bool
}

func (p *program) sweep() *cobra.Command {
	s := new(sweepFlags)
	c := &cobra.Command{
		Use:   "sweep",
		Short: "Remove what an interrupted run left on a target",
		Long: `Remove the users, groups and teams that a run of check or replay made and could not
remove, because it was killed or the target went away. The journal of the run says what
it made. Nothing is removed but what carries the run's mark, was not there before the
run, and shows so in a look right before.

Without --target nothing is sent: the journals that are open are listed. A run that
still goes on is passed over.

Exit codes: 0 nothing is left, 2 wrong usage, 3 the target does not answer or refuses
the token, 4 something is left, 130 interrupted.`,
		Example: `  scimproof sweep
  scimproof sweep --target https://staging.example.test/scim/v2 --token-file token \
      --allow-writes --confirm staging.example.test`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.runSweep(c.Context(), s) },
	}
	s.target.register(c)
	s.output.register(c)
	f := c.Flags()
	f.StringVar(&s.journal, "journal", "", journalHelp)
	f.BoolVar(&s.dryRun, "dry-run", false, "say what would be removed, and remove nothing")
	return c
}

const journalHelp = "`DIR` of the journals of what runs make on a target, or one of them (default scimproof in the user's state folder)"

// journals gives the folder where journals are kept: the one that was named,
// or ours in the user's folder of states (XDG Base Directory Specification).
func (p *program) journals(named string) string {
	if named != "" {
		return named
	}
	if state, _ := p.env("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "scimproof")
	}
	if local, _ := p.env("LocalAppData"); filepath.IsAbs(local) { // Windows
		return filepath.Join(local, "scimproof")
	}
	if home, _ := p.env("HOME"); filepath.IsAbs(home) {
		return filepath.Join(home, ".local", "state", "scimproof")
	}
	return filepath.Join(os.TempDir(), "scimproof")
}

// journalFiles lists the journals in a folder, or the one file that is named.
func journalFiles(where string, named bool) ([]string, error) {
	info, err := os.Stat(where)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !named:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("--journal: %w", err)
	case !info.IsDir():
		return []string{where}, nil
	}
	entries, err := os.ReadDir(where)
	if err != nil {
		return nil, fmt.Errorf("--journal: %w", err)
	}
	var files []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "scimproof-") && strings.HasSuffix(e.Name(), check.JournalSuffix) {
			files = append(files, filepath.Join(where, e.Name()))
		}
	}
	return files, nil
}

func (p *program) runSweep(ctx context.Context, s *sweepFlags) error {
	if err := s.target.validate(); err != nil {
		return err
	}
	files, err := journalFiles(p.journals(s.journal), s.journal != "")
	if err != nil {
		return err
	}
	w := s.output.stdout(p)
	if len(files) == 0 {
		fmt.Fprintf(w, "no journal is open in %s: nothing is left to remove\n", p.journals(s.journal))
		return nil
	}
	code := reports.ExitConformant
	swept := 0
	for _, file := range files {
		left, done, err := p.sweepOne(ctx, s, file)
		switch {
		case errors.Is(err, check.ErrRunning):
			fmt.Fprintf(w, "%s: %v, so it is passed over\n", file, check.ErrRunning)
			continue
		case err != nil:
			return err
		case done:
			swept++
		}
		if left {
			code = reports.ExitLeftovers
		}
		if ctx.Err() != nil {
			return conclude(exitInterrupted)
		}
	}
	if s.target.url != "" && swept == 0 {
		fmt.Fprintf(w, "no journal of %s is open in %s: nothing is left to remove\n", s.target.url, p.journals(s.journal))
	}
	return conclude(code)
}

// sweepOne clears up after one run. It says whether something is left, and
// whether the journal was of the target.
func (p *program) sweepOne(ctx context.Context, s *sweepFlags, file string) (left, done bool, err error) {
	j, err := check.OpenJournal(file)
	if err != nil {
		return false, false, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	w := s.output.stdout(p)
	about := fmt.Sprintf("run %s on %s, %s", j.Run, printable(j.Target), j.Start.Local().Format(time.DateTime))
	if s.target.url == "" {
		fmt.Fprintf(w, "%s: %s may be left\n  scimproof sweep --target %s --journal %s\n", about, count(j.Open(), "thing"), printable(j.Target), file)
		return j.Open() > 0, false, nil
	}
	if s.journal == "" && strings.TrimRight(s.target.url, "/") != j.Target {
		return false, false, nil // of another target
	}
	target, err := p.remote(ctx, &s.target)
	if err != nil {
		return false, false, err
	}
	swept, err := check.Sweep(ctx, target, j, check.SweepOptions{DryRun: s.dryRun})
	if err != nil {
		return true, true, p.explainTarget(err)
	}
	verb := "removed"
	if s.dryRun {
		verb = "would remove"
	}
	fmt.Fprintf(w, "%s: %s %s\n", about, verb, things(len(swept.Removed), swept.Gone))
	if s.output.verbose || s.dryRun {
		for _, url := range swept.Removed {
			fmt.Fprintf(w, "  %s\n", printable(url))
		}
	}
	for _, text := range swept.Strange {
		fmt.Fprintf(w, "  left alone, since this run did not make it: %s\n", printable(text))
	}
	for _, text := range swept.Left {
		fmt.Fprintf(w, "  left behind: %s\n", printable(text))
	}
	return len(swept.Left) > 0 || s.dryRun && len(swept.Removed) > 0, true, nil
}

// things says how much was removed and how much was gone.
func things(removed, gone int) string {
	text := count(removed, "thing")
	if gone > 0 {
		text += fmt.Sprintf(", found %d gone already", gone)
	}
	return text
}
