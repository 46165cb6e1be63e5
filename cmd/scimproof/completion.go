// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/simulator"
	"github.com/scimproof/scimproof/suites"
)

// argumentWords gives, by verb, what makes the words that a shell completes; what
// else there is for an argument is a file. They are made when a shell asks, so
// that nothing else pays for them.
func argumentWords() map[string]func() []string {
	return map[string]func() []string{
		"explain":  checkWords,
		"replay":   flowWords,
		"lint":     flowWords,
		"simulate": func() []string { return []string{"okta", "entra"} },
	}
}

// flagWords gives the same for flags, by name. Those with a set of words of their
// own need no line here.
func flagWords() map[string]func() []string {
	return map[string]func() []string{
		"fault":   faultWords,
		"select":  labelWords,
		"profile": profiles.Names,
		"dialect": simulator.Dialects,
		"ci":      pipelineNames,
		"store":   func() []string { return []string{"memory", "sqlite:"} },
		"clock":   func() []string { return []string{clockVirtual, clockReal} },
		"compare": func() []string { return []string{"tolerant", "strict"} },
		"export":  func() []string { return []string{"har", "k6"} },
	}
}

// complete tells cobra the words for the arguments and flags of every verb.
func complete(root *cobra.Command) {
	for _, c := range root.Commands() {
		complete(c)
		if list, ok := argumentWords()[c.Name()]; ok && c.Parent() == c.Root() {
			c.ValidArgsFunction = func(_ *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
				return beginning(list(), typed, args), cobra.ShellCompDirectiveDefault
			}
		}
		byFlag := flagWords()
		c.Flags().VisitAll(func(f *pflag.Flag) {
			list := byFlag[f.Name]
			if w, ok := f.Value.(*words); ok {
				list = func() []string { return w.allowed }
			}
			if list == nil {
				return
			}
			// The flag is there, and nobody else registers words for it: no error can come.
			_ = c.RegisterFlagCompletionFunc(f.Name, func(_ *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
				return afterComma(list(), typed), cobra.ShellCompDirectiveDefault
			})
		})
	}
}

// beginning gives the words that begin as typed does and are not taken. A word may
// have its description behind a tab.
func beginning(list []string, typed string, taken []string) []string {
	var found []string
	for _, line := range list {
		word, _, _ := strings.Cut(line, "\t")
		if strings.HasPrefix(word, typed) && !slices.Contains(taken, word) {
			found = append(found, line)
		}
	}
	return found
}

// afterComma completes the last word of a list with commas.
func afterComma(list []string, typed string) []string {
	cut := strings.LastIndex(typed, ",") + 1
	found := beginning(list, typed[cut:], strings.Split(typed[:cut], ","))
	for i := range found {
		found[i] = typed[:cut] + found[i]
	}
	return found
}

func checkWords() []string {
	all := suites.All()
	list := make([]string, len(all))
	for i, c := range all {
		list[i] = c.ID + "\t" + c.Title
	}
	return list
}

func flowWords() []string {
	flows, err := fixtures.AllFlows()
	if err != nil { // embedded, and parsed by a test
		return nil
	}
	list := make([]string, len(flows))
	for i, f := range flows {
		list[i] = f.Name + "\t" + f.Dialect + ", " + f.Provenance.Kind
	}
	return list
}

func faultWords() []string {
	all := fault.All()
	list := make([]string, len(all))
	for i, f := range all {
		list[i] = f.Name + "\t" + f.Breaks
	}
	return list
}

// labelWords gives the labels of all checks. A shell completes one label, not an
// expression.
func labelWords() []string {
	labels := map[string]bool{}
	for _, c := range suites.All() {
		for _, label := range suites.Labels(c) {
			labels[label] = true
		}
	}
	return slices.Sorted(maps.Keys(labels))
}
