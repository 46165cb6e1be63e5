// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scimproof/scimproof/internal/near"
)

// lookup finds a variable of the environment, as os.LookupEnv does.
type lookup func(name string) (string, bool)

// program is what every verb stands on: the world outside, given by the caller.
type program struct {
	env    lookup
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// run runs one command line and returns the exit code of the process.
func run(ctx context.Context, args []string, env lookup, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{env: env, stdin: stdin, stdout: stdout, stderr: stderr}
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var quiet *verdictError
	if err != nil && !errors.As(err, &quiet) {
		fmt.Fprintf(stderr, "scimproof: %v\n", err)
	}
	return exitCode(err)
}

func (p *program) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "scimproof",
		Short: "Will Okta and Entra ID provisioning work against your SCIM endpoint?",
		Long: `scimproof checks a SCIM provider with the requests that Okta and Entra ID send,
looks at what the product behind it did, and writes a report that shows each
exchange. It is a test tool: point it at test and staging systems.`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		Args:              verbOnly,
		RunE:              func(c *cobra.Command, _ []string) error { return c.Help() },
		PersistentPreRunE: func(c *cobra.Command, _ []string) error { return p.settle(c) },
	}
	root.SetIn(p.stdin)
	root.SetOut(p.stdout)
	root.SetErr(p.stderr)
	root.SetFlagErrorFunc(explainFlag)
	root.AddCommand(p.check(), p.serve(), p.replay(), p.record(), p.simulate(), p.list(), p.explain(), p.lint(), p.report(), p.sweep(), p.init(), p.version())
	complete(root)
	return root
}

// verbOnly refuses what is no verb.
func verbOnly(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	var verbs []string
	for _, verb := range c.Commands() {
		if verb.IsAvailableCommand() {
			verbs = append(verbs, verb.Name())
		}
	}
	return fmt.Errorf("unknown verb %q%s; allowed: %s", args[0], didYouMean("", args[0], verbs), strings.Join(verbs, ", "))
}

// explainFlag turns what pflag says into an error that says what is allowed.
func explainFlag(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var empty *pflag.ValueRequiredError
	var refused *tokenRefused
	switch {
	case errors.As(err, &refused):
		return refused
	case errors.As(err, &empty) && empty.GetSpecifiedName() == tokenFlag:
		return &tokenRefused{}
	case errors.As(err, &unknown) && unknown.GetSpecifiedName() != "":
		name := unknown.GetSpecifiedName()
		return fmt.Errorf("unknown flag --%s%s; %s --help lists the flags", name, didYouMean("--", name, flagNames(c)), c.CommandPath())
	}
	return err
}

func flagNames(c *cobra.Command) []string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	})
	return names
}

// didYouMean gives ", did you mean A or B?" for the known words that are close
// to word, or "".
func didYouMean(prefix, word string, known []string) string { return near.Guess(prefix, word, known) }
