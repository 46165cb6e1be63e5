// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// behind is a provider whose reads know of a user only after some of them.
func behind(reads *atomic.Int32, until int32) http.Handler {
	const user = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"scimproof-run-a"}`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/scim+json")
		switch {
		case r.Method == http.MethodPost:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, user)
		case r.Method == http.MethodDelete:
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Path == "/Users/1" && reads.Add(1) > until:
			_, _ = io.WriteString(w, `{"id": "1", "userName": "scimproof-run-a", "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"]}`)
		case r.URL.Path == "/Users":
			_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	})
}

func TestReadsWaitUntilTheyAgree(t *testing.T) {
	tests := []struct {
		name        string
		consistency time.Duration
		until       int32
		outcome     check.Outcome
		waits       bool
	}{
		{"no time is given", 0, 1, check.Failed, false},
		{"the second read agrees", 2 * time.Second, 1, check.Passed, true},
		{"no read ever agrees", 300 * time.Millisecond, 1 << 30, check.Failed, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var reads atomic.Int32
			srv := httptest.NewServer(behind(&reads, test.until))
			defer srv.Close()
			p, err := check.Open(t.Context(), check.Target{BaseURL: srv.URL, RunID: "run", Timeout: time.Minute, Consistency: test.consistency})
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			r := check.Judge(t.Context(), check.Check{ID: "read.own", Run: func(t *check.T) {
				t.Expect(t.Get(t.CreateUser(people.Alice))).To(HaveStatus(200))
			}}, p)
			if r.Outcome != test.outcome {
				t.Errorf("got %s %s %v, want %s", r.Outcome, r.Reason, r.Findings, test.outcome)
			}
			if (r.Waited > 0) != test.waits || r.Waited > time.Since(begun) {
				t.Errorf("waited %v of %v", r.Waited, time.Since(begun))
			}
			if test.outcome == check.Passed && r.Waited > time.Second {
				t.Errorf("waited %v: a read that agrees ends the wait", r.Waited)
			}
		})
	}
}
