// SPDX-License-Identifier: Apache-2.0

package ginkgosuite_test

import (
	"context"
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/ginkgosuite"
)

// TestShardsGiveWhatTheWholeGives holds that shards, each with a run and a
// provider of its own, do not change what comes of any check.
func TestShardsGiveWhatTheWholeGives(t *testing.T) {
	faults, err := fault.ByName("patch-501")
	if err != nil {
		t.Fatal(err)
	}
	all := suites.All()
	const shards = 3
	parts := map[string]check.Outcome{}
	for n := range shards {
		var part []check.Check
		for i := n; i < len(all); i += shards {
			part = append(part, all[i])
		}
		maps.Copy(parts, outcomes(t, part, faults))
	}
	if diff := cmp.Diff(outcomes(t, all, faults), parts); diff != "" {
		t.Errorf("%d shards give other results than one run (-one +shards):\n%s", shards, diff)
	}
}

func outcomes(t *testing.T, checks []check.Check, faults []fault.Fault) map[string]check.Outcome {
	t.Helper()
	results, err := ginkgosuite.Run(context.Background(), ginkgosuite.Config{
		Checks: checks, Provider: open(t, reference(t, faults...)), Jobs: 8,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]check.Outcome{}
	for _, r := range results {
		got[r.Check.ID] = r.Outcome
	}
	return got
}
