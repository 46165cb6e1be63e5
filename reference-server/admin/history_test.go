// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
)

func exchanges(t *testing.T, a answer) (list []map[string]any) {
	t.Helper()
	found, ok := a.body["exchanges"].([]any)
	if !ok {
		t.Fatalf("got %s, want exchanges", a.text)
	}
	for _, x := range found {
		list = append(list, x.(map[string]any))
	}
	return list
}

func TestHistory(t *testing.T) {
	b := open(t, admin.Options{})
	id := b.create("alice")
	b.must(404, "GET", "/Users/unknown?attributes=userName", "")
	if _, err := b.send("GET", b.scim.URL+"/api/v2/roles", "", "Authorization: Bearer "+adminKey); err != nil {
		t.Fatal(err)
	}
	list := exchanges(t, b.order(200, "GET", "/history", ""))
	if len(list) != 2 {
		t.Fatalf("got %d exchanges, want those two of the SCIM API", len(list))
	}
	x := list[0]
	if x["method"] != "POST" || x["path"] != "/Users" || x["status"] != 201.0 || x["url"] != b.scim.URL+"/scim/v2/Users" {
		t.Errorf("got %v", x)
	}
	if got, want := x["request"].(map[string]any)["body"], user("alice"); got != want {
		t.Errorf("request: got %v, want %s", got, want)
	}
	if got, _ := x["response"].(map[string]any)["body"].(string); !strings.Contains(got, id) {
		t.Errorf("response: got %s, want %s in it", got, id)
	}
	if got := list[1]["path"]; got != "/Users/unknown?attributes=userName" {
		t.Errorf("got path %v", got)
	}
	after := exchanges(t, b.order(200, "GET", fmt.Sprint("/history?since=", x["number"]), ""))
	if len(after) != 1 || after[0]["number"] != list[1]["number"] {
		t.Errorf("since the first: got %v", after)
	}
	if late := exchanges(t, b.order(200, "GET", "/history?since="+time.Now().Add(time.Hour).UTC().Format(time.RFC3339), "")); len(late) != 0 {
		t.Errorf("since an hour from now: got %v", late)
	}
	b.order(204, "DELETE", "/history", "")
	if list := exchanges(t, b.order(200, "GET", "/history", "")); len(list) != 0 {
		t.Errorf("after DELETE: got %v", list)
	}
}

func TestHistoryTellsOfTrouble(t *testing.T) {
	b := open(t, admin.Options{})
	b.only("drop-after")
	if _, err := b.ask("POST", "/Users", user("alice")); err == nil {
		t.Fatal("got an answer")
	}
	b.order(200, "PUT", "/chaos", `{"rate":0}`)
	b.order(200, "PUT", "/replies", `{"replies":[{"status":500,"body":"no JSON"}]}`)
	b.must(500, "GET", "/Users", "")
	list := exchanges(t, b.order(200, "GET", "/history", ""))
	if list[0]["status"] != 0.0 || list[0]["error"] != "the connection was dropped" || list[0]["request"].(map[string]any)["body"] == nil {
		t.Errorf("got %v, want a request without an answer", list[0])
	}
	if list[1]["status"] != 500.0 || list[1]["response"].(map[string]any)["body"] != "no JSON" {
		t.Errorf("got %v, want the scripted reply", list[1])
	}
}

func TestHistoryHoldsNoSecrets(t *testing.T) {
	b := open(t, admin.Options{})
	with := func(member string) string { return strings.Replace(user("alice"), `"active"`, member+`,"active"`, 1) }
	for _, tt := range []struct{ method, path, body string }{
		{"POST", "/Users", with(`"PassWord":"hunter2"`)},
		{"POST", "/Users", with(`"pass\u0077ord":"hunter2"`)},
		{"POST", "/Users", with(`"title":"` + scimToken + `"`)},
		{"GET", "/Users?filter=title%20eq%20%22" + adminKey + "%22", ""},
	} {
		if _, err := b.ask(tt.method, tt.path, tt.body); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.send("GET", b.scim.URL+"/scim/v2/Users", "", "Authorization: Bearer "+scimToken, "Cookie: session=hunter2"); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"json", "flow"} {
		a := b.order(200, "GET", "/history?format="+format, "")
		for _, secret := range []string{"hunter2", scimToken, adminKey} {
			if strings.Contains(a.text, secret) {
				t.Errorf("%s holds %s: %s", format, secret, a.text)
			}
		}
		if !strings.Contains(a.text, "REDACTED") {
			t.Errorf("%s: got %s, want something redacted", format, a.text)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	b := open(t, admin.Options{History: admin.Limits{Exchanges: 3, Bytes: 100_000, Body: 200}})
	for i := range 5 {
		b.create(fmt.Sprintf("user%d", i))
	}
	a := b.order(200, "GET", "/history", "")
	list := exchanges(t, a)
	if len(list) != 3 || a.body["gone"] != 2.0 || list[0]["number"] != 3.0 {
		t.Errorf("got %s, want the last three", a.text)
	}
	if got := len(list[0]["response"].(map[string]any)["body"].(string)); got != 200 || list[0]["error"] == nil {
		t.Errorf("got a body of %d bytes and error %v, want it cut and said", got, list[0]["error"])
	}
	small := open(t, admin.Options{History: admin.Limits{Bytes: 3000}})
	for i := range 5 {
		small.create(fmt.Sprintf("user%d", i))
	}
	if n := len(exchanges(t, small.order(200, "GET", "/history", ""))); n == 0 || n > 3 {
		t.Errorf("got %d exchanges in 3,000 bytes", n)
	}
}

// play sends a flow to a fresh server and returns the flow of what that saw.
func play(t *testing.T, text string) string {
	t.Helper()
	b := open(t, admin.Options{})
	f, err := flow.Parse("recorded.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	transport := &flow.Transport{
		BaseURL: b.scim.URL + "/scim/v2", Base: &http.Transport{DisableCompression: true, DisableKeepAlives: true},
		Before: func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+scimToken) },
	}
	player := flow.Player{AsPublished: true, Do: func(q flow.Request) *flow.Exchange {
		var x flow.Exchange
		transport.After = func(seen flow.Exchange) { x = seen }
		r, err := q.HTTP(t.Context(), transport.BaseURL)
		if err != nil {
			t.Fatal(err)
		}
		if res, err := transport.RoundTrip(r); err == nil {
			res.Body.Close()
		}
		return &x
	}}
	played, err := player.Play(f)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range played.Findings {
		t.Errorf("playing what was recorded: %s", finding)
	}
	return b.order(200, "GET", "/history?format=flow", "").text
}

// Recording, playing and recording again gives the same file.
func TestHistoryAsFlowIsAFixedPoint(t *testing.T) {
	b := open(t, admin.Options{})
	b.must(200, "GET", "/Users?filter=userName%20eq%20%22alice@x.example%22", "")
	alice := b.create("alice")
	bob := b.create("bob")
	b.must(409, "POST", "/Users", user("bob"))
	b.must(404, "GET", "/Users/11111111-1111-4111-8111-111111111111", "")
	group := b.must(201, "POST", "/Groups", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Night Watch","members":[{"value":"`+alice+`"}]}`).body["id"].(string)
	patch := func(path, ops string) {
		b.must(200, "PATCH", path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[`+ops+`]}`)
	}
	patch("/Groups/"+group, `{"op":"add","path":"members","value":[{"value":"`+bob+`"}]}`)
	patch("/Groups/"+group, `{"op":"remove","path":"members[value eq \"`+alice+`\"]"}`)
	patch("/Users/"+alice, `{"op":"replace","path":"active","value":false}`)
	b.must(200, "GET", "/Groups?filter=members.value%20eq%20%22"+bob+"%22", "")
	b.order(200, "PUT", "/replies", `{"replies":[{"status":503}]}`)
	b.must(503, "DELETE", "/Users/"+alice, "")
	b.must(204, "DELETE", "/Users/"+alice, "")
	b.must(200, "PUT", "/Users/"+bob, strings.Replace(user("bob"), `"active"`, `"id":"`+bob+`","active"`, 1))

	a := b.order(200, "GET", "/history?format=flow&name=recorded/test&dialect=okta-oin", "")
	if a.Header.Get("Scimproof-Left-Out") != "1" {
		t.Errorf("got %s left out, want the 503", a.Header.Get("Scimproof-Left-Out"))
	}
	for _, want := range []string{
		"kind: recorded", "source: requests seen by this server", "dialect: okta-oin", "bind: {aliceId: /id}", `path: /Users/{{aliceId}}`,
		`members[value eq \"{{aliceId}}\"]`, "nightWatch: {displayName: Night Watch}", "bob: {userName: bob@x.example}", "name: delete user alice",
	} {
		if !strings.Contains(a.text, want) {
			t.Errorf("the flow has no %s", want)
		}
	}
	for _, id := range []string{alice, bob, group} {
		if strings.Contains(a.text, id) {
			t.Errorf("the flow holds the id %s", id)
		}
	}
	first := b.order(200, "GET", "/history?format=flow", "").text
	again := play(t, first)
	if diff := cmp.Diff(first, again); diff != "" {
		t.Errorf("recording again gives another flow (-first +again):\n%s", diff)
	}
	if t.Failed() {
		t.Log(first)
	}
}

// BenchmarkHistory shows what recording costs a GET that nobody asks about: the
// median of requests to the server as it is, over that of requests to the same
// server behind the admin API, turn by turn, so that a busy machine troubles
// both.
func BenchmarkHistory(b *testing.B) {
	control, err := refserver.NewControl(refserver.Options{Token: scimToken})
	if err != nil {
		b.Fatal(err)
	}
	a, err := admin.New(admin.Options{Server: control, Token: adminToken, Secrets: []flow.Secret{scimToken}})
	if err != nil {
		b.Fatal(err)
	}
	_, body, err := control.SCIM(b.Context(), "POST", "/Users", []byte(user("alice")))
	if err != nil {
		b.Fatal(err)
	}
	_, id, _ := strings.Cut(string(body), `"id":"`)
	ask := func(handler http.Handler) func() {
		srv := httptest.NewServer(handler)
		b.Cleanup(srv.Close)
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, srv.URL+"/scim/v2/Users/"+id[:36], nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+scimToken)
		return func() {
			res, err := srv.Client().Do(r)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil || res.StatusCode != 200 {
				b.Fatal(res.Status, err)
			}
			res.Body.Close()
		}
	}
	without, with := ask(control), ask(a.Provider())
	var took [2][]time.Duration
	for b.Loop() {
		for i, f := range []func(){without, with} {
			begin := time.Now()
			f()
			took[i] = append(took[i], time.Since(begin))
		}
	}
	median := func(d []time.Duration) float64 {
		slices.Sort(d)
		return float64(d[len(d)/2])
	}
	b.ReportMetric(median(took[0])/median(took[1]), "ratio")
}
