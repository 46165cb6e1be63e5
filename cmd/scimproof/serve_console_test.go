// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/reference-server/console"
	"github.com/scimproof/scimproof/suites/idp"
)

// The console says of each request what lint says, and of each finding how bad
// it is: the worst of them makes the verdict.
func TestConsoleSaysWhatLintSays(t *testing.T) {
	ask := func(method, path, body string) flow.Exchange {
		h := http.Header{
			"User-Agent": {"Okta SCIM Client 1.0.0"}, "Accept": {"application/scim+json"}, "Accept-Charset": {"utf-8"}, "Accept-Encoding": {"gzip,deflate"},
		}
		if body != "" {
			h.Set("Content-Type", "application/scim+json; charset=utf-8")
		}
		return flow.Exchange{
			Method: method, URL: "http://127.0.0.1/scim/v2" + path, Path: path, Status: 200,
			Request: flow.Message{Header: h, Body: []byte(body)},
		}
	}
	all := []flow.Exchange{
		ask("GET", "/Users?filter=userName%20eq%20%22a%40example.test%22&startIndex=1&count=100", ""),
		ask("GET", "/Users?filter=userName%20equals%20x", ""),
		ask("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"a@example.test","password":"x","active":true}`),
		ask("PATCH", "/Users/1", `{"Operations":[{"op":"remove"}]}`),
	}
	want, got := idp.JudgeExchanges("history", "", all), judgeForConsole(all)
	if got.Dialect != want.Dialect || got.Why != want.Why || len(got.Said) != len(all) {
		t.Fatalf("got %s (%s) and %d verdicts, want %s (%s) and %d", got.Dialect, got.Why, len(got.Said), want.Dialect, want.Why, len(all))
	}
	seen := map[console.Verdict]bool{}
	for i, said := range got.Said {
		q := want.Requests[i]
		seen[said.Verdict] = true
		if string(said.Verdict) != string(q.Verdict) || len(said.Findings) != len(q.Findings) || len(said.Quirks) != len(q.Quirks) {
			t.Errorf("request %d: got %+v, want %+v", i+1, said, q)
		}
		worst := console.Clean
		if len(said.Quirks) > 0 {
			worst = console.Known
		}
		for _, f := range said.Findings {
			if worst != console.Deviation {
				worst = f.Verdict
			}
			if f.Rule == "" || f.Holds == "" || f.Source == "" || f.Where == "" {
				t.Errorf("request %d: a finding says too little: %+v", i+1, f)
			}
		}
		if worst != said.Verdict {
			t.Errorf("request %d: the findings are %s, the request %s", i+1, worst, said.Verdict)
		}
	}
	if !seen[console.Known] || !seen[console.Deviation] {
		t.Errorf("got verdicts %v, want a quirk and a deviation among them", seen)
	}
}
