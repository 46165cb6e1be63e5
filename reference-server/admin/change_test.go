// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/admin"
)

func TestReplies(t *testing.T) {
	b := open(t, admin.Options{})
	script := func(replies string) { b.order(200, "PUT", "/replies", `{"replies":[`+replies+`]}`) }

	t.Run("literal, for what matches, so many times", func(t *testing.T) {
		b.t = t
		script(`{"method":"GET","path":"/Users","times":2,"status":500,"headers":{"Content-Type":"text/html","Retry-After":"3"},"body":"<html"}`)
		b.must(200, "GET", "/Groups", "")
		for range 2 {
			if a := b.must(500, "GET", "/Users", ""); a.text != "<html" || a.Header.Get("Retry-After") != "3" || a.Header.Get("Content-Type") != "text/html" {
				t.Errorf("got %v %q", a.Header, a.text)
			}
		}
		b.must(200, "GET", "/Users", "")
	})
	t.Run("in order", func(t *testing.T) {
		b.t = t
		script(`{"status":429},{"status":503}`)
		b.order(200, "POST", "/replies", `{"replies":[{"status":418}]}`)
		for _, want := range []int{429, 503, 418, 200} {
			b.must(want, "GET", "/Users", "")
		}
	})
	t.Run("bytes that are no text", func(t *testing.T) {
		b.t = t
		script(`{"status":200,"bodyBase64":"//4="}`)
		if a := b.must(200, "GET", "/Users", ""); a.text != "\xff\xfe" {
			t.Errorf("got %q", a.text)
		}
	})
	t.Run("past HTTP", func(t *testing.T) {
		b.t = t
		script(`{"raw":"HTTP/1.1 299 \r\nContent-Length: 2\r\n\r\nhi"}`)
		if a := b.must(299, "GET", "/Users", ""); a.text != "hi" {
			t.Errorf("got %q", a.text)
		}
	})
	t.Run("dropped before the work", func(t *testing.T) {
		b.t = t
		script(`{"drop":"before"}`)
		if a, err := b.ask("POST", "/Users", user("before")); err == nil {
			t.Errorf("got %s, want no answer", a.text)
		}
		b.create("before") // 409 if the first had been done
	})
	t.Run("dropped after the work", func(t *testing.T) {
		b.t = t
		script(`{"drop":"after"}`)
		if a, err := b.ask("POST", "/Users", user("after")); err == nil {
			t.Errorf("got %s, want no answer", a.text)
		}
		b.must(409, "POST", "/Users", user("after"))
	})
	t.Run("another answer after the work", func(t *testing.T) {
		b.t = t
		script(`{"status":500,"work":true}`)
		b.must(500, "POST", "/Users", user("worked"))
		b.must(409, "POST", "/Users", user("worked"))
	})
	t.Run("delay alone", func(t *testing.T) {
		b.t = t
		script(`{"delay":"60ms"}`)
		begin := time.Now()
		b.must(200, "GET", "/Users", "")
		if took := time.Since(begin); took < 60*time.Millisecond {
			t.Errorf("took %s, want 60ms at least", took)
		}
	})
	t.Run("product API by its whole path only", func(t *testing.T) {
		b.t = t
		script(`{"status":418},{"path":"/api/v2/roles","status":502}`)
		a, err := b.send("GET", b.scim.URL+"/api/v2/roles", "")
		if err != nil || a.StatusCode != 502 {
			t.Errorf("got %v %s, want 502", err, a.text)
		}
		if got := b.order(200, "GET", "/replies", "").text; !strings.Contains(got, "418") || strings.Contains(got, "502") {
			t.Errorf("got %s, want the first reply left", got)
		}
	})
	t.Run("emptied", func(t *testing.T) {
		b.t = t
		script(`{"status":418,"times":5}`)
		b.order(204, "DELETE", "/replies", "")
		b.must(200, "GET", "/Users", "")
	})
}

func TestChaosIsRepeatable(t *testing.T) {
	b := open(t, admin.Options{})
	sequence := func(seed int) string {
		b.order(200, "PUT", "/chaos", fmt.Sprintf(`{"rates":{"429":0.2,"503":0.2,"drop-before":0.1},"seed":%d}`, seed))
		var s strings.Builder
		for range 60 {
			a, err := b.ask("GET", "/Schemas", "")
			if err != nil {
				s.WriteString(" drop")
				continue
			}
			fmt.Fprintf(&s, " %d", a.StatusCode)
		}
		return s.String()
	}
	first := sequence(7)
	for _, kind := range []string{" 200", " 429", " 503", " drop"} {
		if !strings.Contains(first, kind) {
			t.Errorf("60 requests without%s: %s", kind, first)
		}
	}
	if again := sequence(7); again != first {
		t.Errorf("the same seed gave\n%s and\n%s", first, again)
	}
	if other := sequence(8); other == first {
		t.Error("another seed gave the same")
	}
	if got := b.order(200, "GET", "/chaos", "").body["requests"]; got != 60.0 {
		t.Errorf("got %v requests, want 60", got)
	}
}

// only sets the chaos to one kind for every request.
func (b *bench) only(kind string) {
	b.order(200, "PUT", "/chaos", `{"rates":{"`+kind+`":1},"delay":"60ms","seed":3}`)
}

func TestKindsOfTrouble(t *testing.T) {
	b := open(t, admin.Options{})
	for i := range 9 {
		b.create(fmt.Sprintf("user%d", i))
	}
	id := b.create("alice")

	b.only("429")
	if a := b.must(429, "GET", "/Users", ""); a.Header.Get("Retry-After") == "" || a.body["status"] != "429" {
		t.Errorf("got %v %s, want Retry-After and a SCIM error", a.Header, a.text)
	}
	b.only("429-no-retry-after")
	if a := b.must(429, "GET", "/Users", ""); a.Header.Get("Retry-After") != "" {
		t.Errorf("got Retry-After %s", a.Header.Get("Retry-After"))
	}
	b.only("503")
	b.must(503, "POST", "/Users", user("bob"))
	b.only("slow")
	begin := time.Now()
	b.must(200, "GET", "/Users", "")
	if took := time.Since(begin); took < 60*time.Millisecond {
		t.Errorf("slow took %s", took)
	}
	b.only("drop-before")
	if _, err := b.ask("POST", "/Users", user("bob")); err == nil {
		t.Error("drop-before: got an answer")
	}
	b.only("drop-after")
	if _, err := b.ask("POST", "/Users", user("bob")); err == nil {
		t.Error("drop-after: got an answer")
	}
	b.only("short-page")
	page := b.must(200, "GET", "/Users?startIndex=1&count=10", "")
	resources, _ := page.body["Resources"].([]any)
	if n := len(resources); n == 0 || n > 9 || page.body["totalResults"] != 11.0 || page.body["itemsPerPage"] != float64(n) {
		t.Errorf("got %d of %v resources, itemsPerPage %v, want a short page of 11: bob was made once", n, page.body["totalResults"], page.body["itemsPerPage"])
	}
	if a := b.must(200, "GET", "/Users/"+id, ""); a.Header.Get("X-Scimproof-Chaos") != "" {
		t.Error("a short page came over one resource")
	}

	b.only("stale-read")
	fresh := b.must(200, "GET", "/Users/"+id, "")
	b.must(200, "PATCH", "/Users/"+id, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"active","value":false}]}`)
	if stale := b.must(200, "GET", "/Users/"+id, ""); stale.text != fresh.text || stale.Header.Get("ETag") != fresh.Header.Get("ETag") {
		t.Errorf("got %s, want what was there before the write", stale.text)
	}
	b.order(200, "PUT", "/chaos", `{"rate":0}`)
	if a := b.must(200, "GET", "/Users/"+id, ""); a.body["active"] != false {
		t.Errorf("without chaos: got %s", a.text)
	}
}

func TestChaosLeavesTheProductAlone(t *testing.T) {
	b := open(t, admin.Options{Chaos: admin.Chaos{Rates: map[string]float64{"503": 1}}})
	b.must(503, "GET", "/Users", "")
	a, err := b.send("GET", b.scim.URL+"/api/v2/roles", "", "Authorization: Bearer "+adminKey)
	if err != nil || a.StatusCode != 200 {
		t.Errorf("got %v %s, want 200", err, a.text)
	}
}

const seedFile = `
roles: [Auditor]
people:
  - {id: bob, userName: bob@x.example, givenName: Bob, familyName: Stone}
  - {id: alice, userName: alice@x.example, givenName: Zoë, familyName: Liddell, manager: bob, department: "R&D", roles: [Auditor, Datadog Read Only Role]}
  - {userName: carol@x.example, active: false}
groups:
  - {displayName: Engineering, externalId: eng-1, members: [alice, carol@x.example]}
  - {displayName: Everybody, members: [bob, alice]}
teams:
  - {name: Night Watch, members: [bob]}
`

func TestSeedAndReset(t *testing.T) {
	seed, err := admin.ParseSeed("seed.yaml", []byte(seedFile))
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, admin.Options{Seed: seed})
	counts := func() string {
		s := b.order(200, "GET", "/", "").body
		return fmt.Sprint(s["users"], s["groups"], s["teams"])
	}
	if got, want := counts(), "3 2 3"; got != want { // a team of each group, and one
		t.Errorf("got users, groups, teams %s, want %s", got, want)
	}
	alice := b.must(200, "GET", "/Users?filter=userName%20eq%20%22alice@x.example%22", "").text
	for _, want := range []string{`"Zoë"`, `"R&D"`, `"display":"Auditor"`, `"display":"Datadog Read Only Role"`, `"manager"`, `"display":"Everybody"`} {
		if !strings.Contains(alice, want) {
			t.Errorf("alice has no %s: %s", want, alice)
		}
	}
	if carol := b.must(200, "GET", "/Users?filter=active%20eq%20false", ""); carol.body["totalResults"] != 1.0 {
		t.Errorf("got %s, want carol", carol.text)
	}

	made := b.order(200, "POST", "/seed", `{"people":[{"userName":"dave@x.example"}],"roles":["King"]}`)
	if made.body["people"] != 1.0 || made.body["roles"] != 1.0 || counts() != "4 2 3" {
		t.Errorf("got %s and then %s", made.text, counts())
	}
	twice := b.order(409, "POST", "/seed", `{"people":[{"userName":"dave@x.example"}]}`)
	if !strings.Contains(twice.text, "409") {
		t.Errorf("got %s, want the server's answer in it", twice.text)
	}
	b.order(200, "PUT", "/faults", `{"on":["filter-ignored"]}`)
	if got := b.order(200, "POST", "/reset", ""); got.body["users"] != 3.0 || got.body["teams"] != 3.0 {
		t.Errorf("got %s, want what the seed makes", got.text)
	}
	if got := b.order(200, "GET", "/", "").text; !strings.Contains(got, "filter-ignored") {
		t.Errorf("got %s, want the fault still on", got)
	}
}

func TestMadeUpPeople(t *testing.T) {
	b := open(t, admin.Options{})
	names := func() string {
		b.order(200, "POST", "/reset", "")
		made := b.order(200, "POST", "/seed", `{"population": 50, "groups": 3, "seed": 9}`)
		if made.body["people"] != 50.0 || made.body["groups"] != 3.0 {
			t.Fatalf("got %s", made.text)
		}
		var s strings.Builder
		list := b.must(200, "GET", "/Users?attributes=displayName,groups.display", "").body["Resources"].([]any)
		for _, r := range list {
			u := r.(map[string]any)
			fmt.Fprintln(&s, u["displayName"], u["groups"].([]any)[0].(map[string]any)["display"])
		}
		return s.String()
	}
	if first, again := names(), names(); first != again || strings.Count(first, "\n") != 50 {
		t.Errorf("the same seed gave\n%s and\n%s", first, again)
	}
}

// A seed says what is wrong with it before anything is made.
func TestParseSeed(t *testing.T) {
	for _, tt := range []struct{ name, text, says string }{
		{"unknown key", "persons: []", "persons"},
		{"unknown key of a person", "people: [{name: x}]", "name"},
		{"unknown key of a group", "groups: [{name: x}]", "name"},
		{"no userName", "people: [{givenName: X}]", "people[0]: no userName"},
		{"twice", "people: [{userName: x}, {userName: x}]", `"x" is there twice`},
		{"manager", "people: [{userName: x, manager: y}, {userName: y}]", "further up"},
		{"group without a name", "groups: [{members: []}]", "groups[0]: no displayName"},
		{"team of nobody", "teams: [{name: x, members: [y]}]", `"y" is no person`},
		{"negative", "groups: -1", "groups: -1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := admin.ParseSeed("seed.yaml", []byte(tt.text))
			if err == nil || !strings.Contains(err.Error(), tt.says) || !strings.Contains(err.Error(), "seed.yaml") {
				t.Errorf("got %v, want %q and the file", err, tt.says)
			}
		})
	}
	if s, err := admin.ParseSeed("empty", nil); err != nil || s.Population != 0 {
		t.Errorf("empty: got %v %v", s, err)
	}
}
