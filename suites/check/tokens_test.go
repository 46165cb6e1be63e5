// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// TestOtherTokens holds that a check with a token of its own sends that token
// and shows it to nobody, and is skipped where the target gives none.
func TestOtherTokens(t *testing.T) {
	const reader = flow.Secret("the-token-that-may-only-read")
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"))
		_, _ = io.WriteString(w, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,
			"pagination":{"cursor":true,"index":true},"said":"`+r.Header.Get("Authorization")+`"}`)
	}))
	defer server.Close()
	c := check.Check{ID: "tokens.read.only", Needs: check.Needs(check.CapReadOnly), Run: func(t *check.T) {
		t.Expect(t.Using(check.CapReadOnly, flow.Request{Method: "GET", Path: "/Users"})).To(match.HaveStatus(200))
	}}
	for _, tt := range []struct {
		name   string
		tokens check.Tokens
		want   check.Outcome
		reason string
	}{
		{"given", check.Tokens{ReadOnly: reader}, check.Passed, ""},
		{"not given", check.Tokens{Expired: reader}, check.Skipped, "needs read-only-token: the target gives no token that may only read"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			seen = nil
			p, err := check.Open(t.Context(), check.Target{BaseURL: server.URL, Token: "the-token-of-the-run", Tokens: tt.tokens})
			if err != nil {
				t.Fatal(err)
			}
			if !p.Has(check.CapCursor) {
				t.Error("got no capability cursor, want the one that the configuration tells of")
			}
			r := check.Judge(t.Context(), c, p)
			if r.Outcome != tt.want || r.Reason != tt.reason {
				t.Errorf("got %s %q, want %s %q", r.Outcome, r.Reason, tt.want, tt.reason)
			}
			if sent := slices.Contains(seen, "Bearer "+reader.Reveal()); sent != (tt.want == check.Passed) {
				t.Errorf("sent the token: %t", sent)
			}
			told, err := json.Marshal(r.Exchanges)
			if err != nil || bytes.Contains(told, []byte(reader)) || strings.Contains(r.Reason, reader.Reveal()) {
				t.Errorf("the token is in the result: %s, %v", told, err)
			}
		})
	}
}
