// SPDX-License-Identifier: Apache-2.0

// Package fault names defects that a SCIM provider can have and plants them in
// a correct one. Each fault either wraps an HTTP handler, rewriting requests or
// replies so that a right answer becomes wrong, or makes the reference server
// act another profile than the one it is checked by. The server itself stays
// clean, and a wrapper can be put in front of anybody's handler.
//
// The fault matrix holds that every fault is caught by a check and that every
// check is failed by a fault. People who write SCIM clients use the same faults
// to see what their client does when a provider is wrong.
package fault

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/internal/near"
)

// Fault is one defect. Exactly one of Wrap and Profile is set.
type Fault struct {
	Name    string // for flags and the matrix: "filter-ignored"
	Breaks  string // what a provider with it does, in one sentence
	Source  string // where a real product did it, if we know; empty otherwise
	Wrap    func(http.Handler) http.Handler
	Profile func(*profiles.Profile)
}

// All returns every fault, in the order of the areas below and within an area
// in the order written.
func All() []Fault {
	return slices.Concat(
		discoveryFaults(),
		schemaFaults(),
		honestFaults(),
		referenceFaults(),
		valueFaults(),
		commonFaults(),
		transportFaults(),
		createFaults(),
		readFaults(),
		listFaults(),
		cursorFaults(),
		filterFaults(),
		projectionFaults(),
		patchFaults(),
		putFaults(),
		versionFaults(),
		groupFaults(),
		lifecycleFaults(),
		leaverFaults(),
		roleFaults(),
		teamFaults(),
		bulkFaults(),
		accessFaults(),
		organisationFaults(),
		rightsFaults(),
		credentialFaults(),
		queryFaults(),
		edgeFaults(),
		raceFaults(),
		gateFaults(),
		recordFaults(),
	)
}

// ByName returns the faults with the given names, in that order. An unknown
// name is an error that lists those that come close.
func ByName(names ...string) ([]Fault, error) {
	all := All()
	found := make([]Fault, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(all, func(f Fault) bool { return f.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no fault is named %q%s; `scimproof list --faults` shows them all", name, near.Guess("", name, namesOf(all)))
		}
		found = append(found, all[i])
	}
	return found, nil
}

func namesOf(all []Fault) []string {
	names := make([]string, len(all))
	for i, f := range all {
		names[i] = f.Name
	}
	return names
}
