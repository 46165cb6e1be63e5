// SPDX-License-Identifier: Apache-2.0

package idp_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/idp"
)

// FuzzJudge holds that whatever an IdP sends, and a provider answers, is judged
// in every dialect, twice the same, and with a reason for each bad verdict.
func FuzzJudge(f *testing.F) {
	flows, err := fixtures.AllFlows()
	if err != nil {
		f.Fatal(err)
	}
	for _, fl := range flows {
		for _, s := range fl.Steps {
			f.Add(s.Request.Method, s.Request.Path, s.Request.Body, `{"id":"1","Resources":[{"id":"2"}],"nextCursor":"x"}`, 200)
		}
	}
	f.Add("PATCH", "/Users/1", `{"Operations":[5,null,{"op":7,"path":[],"value":{"a":{}}},{"op":"add","path":"urn:","value":[[]]}]}`, `[]`, 308)
	f.Add("POST", "/Bulk", `{"Operations":[null,{"method":1,"path":{},"data":[]}]}`, ``, 429)
	f.Add("GET", "/Users?filter=((((&count=%zz&cursor", ``, `null`, 0)
	f.Fuzz(func(t *testing.T, method, path, body, reply string, status int) {
		q := flow.Exchange{
			Method: method, URL: "https://p.example/scim/v2" + path, Path: path, Status: status, Start: time.Unix(1, 0),
			Request:  flow.Message{Header: http.Header{"Accept": {path}}, Body: []byte(body)},
			Response: flow.Message{Header: http.Header{"Location": {path}, "Retry-After": {reply}}, Body: []byte(reply)},
		}
		for _, dialect := range append(idp.Dialects(), "") {
			got := idp.JudgeExchanges("x", dialect, []flow.Exchange{q, q})
			for _, j := range got.Requests {
				reason := len(j.Findings) > 0
				if !slices.Contains(idp.Verdicts(), j.Verdict) || reason != (j.Verdict == idp.Deviation || j.Verdict == idp.Warning) {
					t.Errorf("%s of %d findings", j.Verdict, len(j.Findings))
				}
			}
			again := idp.JudgeExchanges("x", dialect, []flow.Exchange{q, q})
			if d := cmp.Diff(got, again, cmpopts.IgnoreTypes(idp.Rule{}, idp.Quirk{}), cmpopts.IgnoreUnexported(idp.Shown{})); d != "" {
				t.Errorf("judged otherwise the second time:\n%s", d)
			}
		}
	})
}

// TestPlaces holds that a quirk excuses a rule where it shows and nowhere else,
// and that a rule that is broken everywhere is not told of everywhere.
func TestPlaces(t *testing.T) {
	judge := func(method, path, body string) idp.Judged {
		x := flow.Exchange{Method: method, Path: path, Request: flow.Message{Body: []byte(body)}}
		return idp.JudgeExchanges("x", flow.EntraLegacy, []flow.Exchange{x}).Requests[0]
	}
	has := func(j idp.Judged, rule string) bool {
		return slices.ContainsFunc(j.Findings, func(f idp.Finding) bool { return f.Rule.ID == rule })
	}
	patch := judge("PATCH", "/Users/1", `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}`)
	if has(patch, "type.boolean") || len(patch.Quirks) == 0 {
		t.Errorf(`"False" in a PATCH: findings %v`, patch.Findings)
	}
	i := slices.IndexFunc(patch.Quirks, func(s idp.Shown) bool { return s.Quirk.ID == "entra.legacy.boolean-text" })
	if i < 0 || len(patch.Quirks[i].Breaches) != 1 || patch.Quirks[i].Breaches[0].Rule.ID != "type.boolean" {
		t.Errorf("the quirk does not say what it excuses: %+v", patch.Quirks)
	}
	if post := judge("POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"x","active":"False"}`); !has(post, "type.boolean") {
		t.Errorf(`"False" in a POST: findings %v`, post.Findings)
	}
	many := judge("POST", "/Users", `{"userName":"x","roles":[`+strings.TrimSuffix(strings.Repeat(`{"value":5},`, 50_000), ",")+`]}`)
	if n := len(many.Findings); n > 30 || many.More < 49_990 {
		t.Errorf("%d findings, %d more", n, many.More)
	}
	for _, f := range many.Findings {
		if f.Rule.Level == check.Must && (f.Got == "" || f.Want == "") {
			t.Errorf("%s says nothing: %+v", f.Rule.ID, f)
		}
	}
}

func BenchmarkJudge(b *testing.B) {
	flows, err := fixtures.AllFlows()
	if err != nil {
		b.Fatal(err)
	}
	requests := 0
	for b.Loop() {
		for _, f := range flows {
			requests += len(idp.Judge(f).Requests)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(requests), "ns/request")
}
