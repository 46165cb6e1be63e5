// SPDX-License-Identifier: Apache-2.0

// Command answers writes docs/requirements.md: for every row of RFC 7643,
// RFC 7644 and RFC 9865 that binds a server, how the reference server answers
// it. What the checks cover comes from the catalogue; the rest is in
// answers.yaml, by hand.
package main

import (
	_ "embed" // answers.yaml
	"fmt"
	"os"
	"slices"

	"go.yaml.in/yaml/v4"

	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/suites"
)

//go:embed answers.yaml
var written []byte

// entry is an answer written by hand, to one row or several. One of Tests,
// Missing and Outside is given.
type entry struct {
	IDs     []string `yaml:"ids"`
	Tests   []string `yaml:"tests"`   // "reference-server/engine.TestPatch": they show that the server meets the rows
	Missing string   `yaml:"missing"` // why the server does not meet them
	Outside string   `yaml:"outside"` // why they are not a server's matter
}

// The answers, in the order in which the totals list them.
const (
	met      = "met"
	optional = "not offered" // a MAY, or what depends on a feature that is not there
	unmet    = "not met"
	outside  = "not a server's matter"
	unshown  = "not yet shown"
)

// row is a requirement with its answer.
type row struct {
	requirements.Requirement
	answer string
	checks []string
	entry  entry
}

func main() {
	rows, err := answered()
	if err == nil {
		err = write(os.Stdout, rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "answers:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

// answered returns the rows that bind a server, with their answers.
func answered() ([]row, error) {
	entries, err := read(written)
	if err != nil {
		return nil, err
	}
	all, err := requirements.All()
	if err != nil {
		return nil, err
	}
	covers := map[string][]string{}
	for _, c := range suites.All() {
		for _, id := range c.Covers {
			covers[id] = append(covers[id], c.ID)
		}
	}
	var rows []row
	for _, r := range all {
		if !binds(r) {
			continue
		}
		e, byHand := entries[r.ID]
		delete(entries, r.ID)
		rows = append(rows, row{r, answer(r, e, byHand, covers[r.ID]), covers[r.ID], e})
	}
	for id := range entries {
		return nil, fmt.Errorf("answers.yaml: %s is no row that binds a server", id)
	}
	return rows, nil
}

func binds(r requirements.Requirement) bool {
	return slices.Contains([]string{"RFC7643", "RFC7644", "RFC9865"}, r.Source) && (r.Party == "server" || r.Party == "both")
}

// answer decides by what was written first: that a row is not met outweighs a
// check that looks at a part of it.
func answer(r requirements.Requirement, e entry, byHand bool, checks []string) string {
	switch {
	case e.Missing != "" && r.Level == "MAY":
		return optional
	case e.Missing != "":
		return unmet
	case e.Outside != "":
		return outside
	case byHand || len(checks) > 0:
		return met
	}
	return unshown
}

// read returns the entries by id.
func read(text []byte) (map[string]entry, error) {
	var list []entry
	if err := yaml.Load(text, &list, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("read answers.yaml: %w", err)
	}
	entries := map[string]entry{}
	for _, e := range list {
		given := 0
		for _, there := range []bool{len(e.Tests) > 0, e.Missing != "", e.Outside != ""} {
			if there {
				given++
			}
		}
		if given != 1 || len(e.IDs) == 0 {
			return nil, fmt.Errorf("answers.yaml: %v: ids and one of tests, missing and outside are wanted", e.IDs)
		}
		for _, id := range e.IDs {
			if _, twice := entries[id]; twice {
				return nil, fmt.Errorf("answers.yaml: %s is answered twice", id)
			}
			entries[id] = e
		}
	}
	return entries, nil
}
