// SPDX-License-Identifier: Apache-2.0

package check

import (
	"net/http"
	"testing"

	"github.com/onsi/gomega"
	"github.com/onsi/gomega/types"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/match"
)

// Matchers that Gomega joins say what they found in the words of those joined.
func TestMismatchOfJoinedMatchers(t *testing.T) {
	reply := &flow.Exchange{Method: http.MethodGet, Path: "/Users", Status: 200, Response: flow.Message{Body: []byte(`{"id":"1"}`)}}
	const body = `: body {"id":"1"}`
	for name, test := range map[string]struct {
		matcher types.GomegaMatcher
		want    string
	}{
		"or, one place":  {gomega.Or(match.HaveStatus(400), match.BeSCIMError(501)), "GET /Users · status: got 200, want 400 or 501" + body},
		"or, two places": {gomega.Or(match.HaveStatus(400), match.HaveAttribute("id", "2")), `GET /Users · status: got 200, want 400` + body + `; or body.id: got "1" (string), want "2" (string)`},
		"or, in another": {gomega.Or(match.HaveStatus(400), gomega.Or(match.HaveStatus(409), match.HaveStatus(501))), "GET /Users · status: got 200, want 400 or 409 or 501" + body},
		"and":            {gomega.And(match.HaveStatus(200), match.HaveStatus(201)), "GET /Users · status: got 200, want 201" + body},
		"no data":        {gomega.Or(match.HaveStatus(400), gomega.BeNil()), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if ok, err := test.matcher.Match(reply); ok || err != nil {
				t.Fatalf("it matches (%t), error %v", ok, err)
			}
			f, ok := mismatch(test.matcher)
			if ok != (test.want != "") || ok && f.String() != test.want {
				t.Errorf("got %t %q\nwant %q", ok, f, test.want)
			}
		})
	}
}
