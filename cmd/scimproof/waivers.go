// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites/check"
)

// waiver is one entry of a waivers file: a failure that somebody has accepted.
type waiver struct {
	ID      string `yaml:"id"`
	Reason  string `yaml:"reason"`
	Owner   string `yaml:"owner"`
	Expires string `yaml:"expires"` // YYYY-MM-DD: the last day it holds
}

// readWaivers reads a waivers file, a list of entries. One that has expired is
// read too: the failure it was for counts again, and the reports say why.
func readWaivers(file string, all []check.Check) (map[string]reports.Waiver, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("--waivers: %w", err)
	}
	var entries []waiver
	if err := yaml.Load(text, &entries, yaml.WithKnownFields()); err != nil {
		return nil, fmt.Errorf("--waivers %s: %w; want a list of entries with id, reason, owner, expires", file, err)
	}
	waivers := make(map[string]reports.Waiver, len(entries))
	for i, w := range entries {
		if err := w.validate(all); err != nil {
			return nil, fmt.Errorf("--waivers %s: entry %d: %w", file, i+1, err)
		}
		if _, twice := waivers[w.ID]; twice {
			return nil, fmt.Errorf("--waivers %s: entry %d: %s is waived twice", file, i+1, w.ID)
		}
		waivers[w.ID] = reports.Waiver{Reason: w.Reason + " (" + w.Owner + ")", Expires: w.Expires}
	}
	return waivers, nil
}

func (w waiver) validate(all []check.Check) error {
	if !slices.ContainsFunc(all, func(c check.Check) bool { return c.ID == w.ID }) {
		return unknownCheck(w.ID, all)
	}
	if w.Reason == "" || w.Owner == "" {
		return fmt.Errorf("%s: reason and owner are needed", w.ID)
	}
	if _, err := time.Parse(time.DateOnly, w.Expires); err != nil {
		return fmt.Errorf("%s: expires is %q, want a day such as 2027-01-31", w.ID, w.Expires)
	}
	return nil
}
