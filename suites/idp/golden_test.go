// SPDX-License-Identifier: Apache-2.0

package idp_test

import (
	"testing"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/idp"
)

// somebodyElse is the name of the step that puts a user there by other hands
// than the IdP's, in flows that were composed.
const somebodyElse = "ada is there before"

// TestFlows holds that what a vendor published, or was seen to send, is clean
// or a known quirk, and what was composed too.
func TestFlows(t *testing.T) {
	all, err := fixtures.AllFlows()
	if err != nil {
		t.Fatal(err)
	}
	firm := 0
	for _, f := range all {
		t.Run(f.Name, func(t *testing.T) {
			if f.Provenance.Kind != flow.KindComposed {
				firm++
			}
			complain(t, idp.Judge(f))
		})
	}
	if firm < 20 {
		t.Errorf("%d flows are recorded or documented, want 20 at least", firm)
	}
}

// complain reports every finding that no quirk explains.
func complain(t *testing.T, r idp.Report) {
	t.Helper()
	if len(r.Requests) == 0 {
		t.Errorf("%s: no requests", r.Name)
	}
	for _, q := range r.Requests {
		if q.Name == somebodyElse {
			if q.Verdict != idp.Deviation {
				t.Errorf("%s: the request of other hands is %s, want a deviation", r.Name, q.Verdict)
			}
			continue
		}
		for _, f := range q.Findings {
			t.Errorf("%d %s %s %s: %s: %s: got %s, want %s", q.Number, q.Name, q.Method, q.Path, f.Rule.ID, f.Where, f.Got, f.Want)
		}
	}
}
