// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
)

func TestCreateAndRead(t *testing.T) {
	c := open(t)
	a := c.user("alice", `,"id":"mine","password":"secret-pass","active":true,"meta":{"resourceType":"Group","version":"x"},"groups":[{"value":"x"}],"isAdmin":true`)
	if a.id() == "mine" || strings.Contains(a.Body.String(), "secret-pass") || a.body["groups"] != nil || a.body["isAdmin"] != nil {
		t.Errorf("got %s, want none of what a client may not say", a.Body)
	}
	for name, want := range map[string]string{
		"resourceType": "User", "version": a.Header().Get("ETag"), "location": "http://example.com" + neutral + "/Users/" + a.id(),
		"created": a.meta("lastModified"),
	} {
		if got := a.meta(name); got != want {
			t.Errorf("meta.%s: got %s, want %s", name, got, want)
		}
	}
	if got := a.Header(); got.Get("Location") != a.meta("location") || got.Get("ETag") != a.version() {
		t.Errorf("got Location %q and ETag %q, want those of meta", got.Get("Location"), got.Get("ETag"))
	}
	read := c.want(c.do("GET", neutral+"/Users/"+a.id(), ""), 200)
	if read.Body.String() != a.Body.String() {
		t.Errorf("got %s, want what POST answered: %s", read.Body, a.Body)
	}
}

func TestProjection(t *testing.T) {
	c := open(t)
	alice := c.user("alice", `,"title":"Engineer"`)
	group := c.group("Engineering", alice.id())
	at := neutral + "/Users/" + alice.id()
	for _, tt := range []struct {
		name string
		got  answer
		want string
	}{
		{"GET", c.do("GET", at+"?attributes=userName,groups.display", ""), "groups id schemas userName"},
		{"GET without", c.do("GET", at+"?excludedAttributes=meta,groups,roles,active", ""), "id schemas title userName"},
		{"POST", c.do("POST", neutral+"/Users?attributes=userName", userBody("bob")), "id schemas userName"},
		{"PUT", c.do("PUT", at+"?attributes=title", userBody("alice", `,"title":"Lead"`)), "id schemas title"},
		{"PATCH", c.do("PATCH", at+"?attributes=title", patchBody(`{"op":"replace","path":"title","value":"Boss"}`)), "id schemas title"},
		{"group", c.do("GET", neutral+"/Groups/"+group.id()+"?excludedAttributes=members,meta", ""), "displayName id schemas"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var names []string
			for name := range tt.got.body {
				names = append(names, name)
			}
			slices.Sort(names)
			if got := strings.Join(names, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestVersions(t *testing.T) {
	c := open(t)
	alice := c.user("alice")
	at := neutral + "/Users/" + alice.id()
	title := func(s, header string) answer {
		return c.do("PATCH", at, patchBody(`{"op":"replace","path":"title","value":"`+s+`"}`), header)
	}
	one := title("one", "If-Match: "+alice.version())
	if one.Code != 200 || one.version() == alice.version() || one.Header().Get("ETag") != one.version() {
		t.Fatalf("PATCH: got %d %s, want 200 with a new version", one.Code, one.Body)
	}
	if one.meta("lastModified") <= alice.meta("lastModified") || one.meta("created") != alice.meta("created") {
		t.Errorf("got meta %v, want a later lastModified than %v", one.body["meta"], alice.body["meta"])
	}
	same := title("one", "")
	if same.Body.String() != one.Body.String() {
		t.Errorf("PATCH that changes nothing: got %s, want %s", same.Body, one.Body)
	}
	for _, method := range []string{"PUT", "PATCH", "DELETE"} {
		body := userBody("alice")
		if method == "PATCH" {
			body = patchBody(`{"op":"remove","path":"title"}`)
		}
		for _, match := range []string{alice.version(), "garbage", `W/"77"`} {
			if a := c.do(method, at, body, "If-Match: "+match); a.Code != 412 {
				t.Errorf("%s with If-Match %s: got %d, want 412", method, match, a.Code)
			}
		}
		c.want(c.do(method, neutral+"/Users/unknown", body, "If-Match: x"), 404)
	}
	for _, match := range []string{"*", one.version(), strings.TrimPrefix(one.version(), "W/"), `W/"77", ` + one.version()} {
		a := c.do("GET", at, "", "If-None-Match: "+match)
		if a.Code != 304 || a.Body.Len() > 0 || a.Header().Get("ETag") != one.version() {
			t.Errorf("If-None-Match %s: got %d %s, want 304 without body", match, a.Code, a.Body)
		}
	}
	c.want(c.do("GET", at, "", "If-None-Match: "+alice.version()), 200)

	group := c.group("Engineering", alice.id())
	in := c.do("GET", at, "", "If-None-Match: "+one.version())
	if in.Code != 200 || in.version() == one.version() || in.Header().Get("ETag") != in.version() {
		t.Errorf("after joining a group: got %d %s, want 200 with another version", in.Code, in.version())
	}
	c.do("PATCH", neutral+"/Groups/"+group.id(), patchBody(`{"op":"replace","path":"displayName","value":"Platform"}`))
	c.want(c.do("GET", at, "", "If-None-Match: "+in.version()), 200)
	c.want(c.do("DELETE", at, "", "If-Match: *"), 204)
	after := c.do("GET", neutral+"/Groups/"+group.id(), "")
	if list, _ := after.body["members"].([]any); len(list) != 0 || !strings.HasSuffix(after.version(), `.3"`) {
		t.Errorf("group after its member was deleted: got %s, want no member and version 3", after.Body)
	}
}

func TestGroups(t *testing.T) {
	c := open(t)
	alice := c.user("alice", `,"displayName":"Alice \"A\" Liddell"`)
	bob := c.user("bob")
	inner := c.group("Inner", bob.id())
	outer := c.group("Outer", alice.id(), inner.id())
	want := []any{
		map[string]any{"value": alice.id(), "$ref": alice.meta("location"), "display": `Alice "A" Liddell`, "type": "User"},
		map[string]any{"value": inner.id(), "$ref": inner.meta("location"), "display": "Inner", "type": "Group"},
	}
	if d := cmp.Diff(want, outer.body["members"]); d != "" {
		t.Errorf("members (-want +got):\n%s", d)
	}
	read := c.do("GET", neutral+"/Users/"+alice.id(), "")
	wantGroups := []any{map[string]any{"value": outer.id(), "$ref": outer.meta("location"), "display": "Outer", "type": "direct"}}
	if d := cmp.Diff(wantGroups, read.body["groups"]); d != "" {
		t.Errorf("groups of a user (-want +got):\n%s", d)
	}
	at := neutral + "/Groups/" + outer.id()
	c.want(c.do("PATCH", at, patchBody(`{"op":"remove","path":"members[value eq \"`+alice.id()+`\"]"}`)), 200)
	c.want(c.do("PATCH", at, patchBody(`{"op":"Add","path":"members","value":[{"value":"`+bob.id()+`"},{"value":"`+bob.id()+`"}]}`)), 200)
	if got, want := c.memberIDs(outer.id()), []string{inner.id(), bob.id()}; !slices.Equal(got, want) {
		t.Errorf("after PATCH: got %v, want %v", got, want)
	}
	c.want(c.do("PUT", at, groupBody("Outer", alice.id(), bob.id())), 200)
	if got := c.memberIDs(outer.id()); len(got) != 2 || !slices.Contains(got, alice.id()) || !slices.Contains(got, bob.id()) {
		t.Errorf("after PUT: got %v, want alice and bob", got)
	}
	c.want(c.do("DELETE", neutral+"/Groups/"+outer.id(), ""), 204)
	if read := c.do("GET", neutral+"/Users/"+bob.id(), ""); len(read.body["groups"].([]any)) != 1 {
		t.Errorf("after the group was deleted: got %s, want one group", read.Body)
	}
}

func (c *client) memberIDs(group string) (ids []string) {
	c.t.Helper()
	list, _ := c.want(c.do("GET", neutral+"/Groups/"+group, ""), 200).body["members"].([]any)
	for _, m := range list {
		ids = append(ids, m.(map[string]any)["value"].(string))
	}
	return ids
}

func TestUnknownMembers(t *testing.T) {
	rejecting := profiles.Datadog()
	rejecting.Teams.UnknownMember = "reject"
	for _, tt := range []struct {
		name    string
		profile *profiles.Profile
		status  int
	}{
		{"teams, ignored", profiles.Datadog(), 201},
		{"teams, rejected", rejecting, 400},
		{"no teams", profiles.RFC(), 400},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := open(t, profile(tt.profile))
			alice := c.user("alice")
			a := c.want(c.do("POST", neutral+"/Groups", groupBody("Engineering", "nobody", alice.id())), tt.status)
			if tt.status == 400 {
				if list := c.do("GET", neutral+"/Groups", ""); list.body["totalResults"] != 0.0 {
					t.Errorf("a refused group was kept: %s", list.Body)
				}
				return
			}
			if got := c.memberIDs(a.id()); !slices.Equal(got, []string{alice.id()}) {
				t.Errorf("got members %v, want alice", got)
			}
		})
	}
}

func TestPatchOfALargeGroup(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	var ids []string
	for i := range 1001 {
		ids = append(ids, c.user(fmt.Sprintf("user%d", i)).id())
	}
	group := c.group("Everybody", ids[:1000]...)
	at := neutral + "/Groups/" + group.id()
	add := patchBody(`{"op":"add","path":"members","value":[{"value":"` + ids[1000] + `"}]}`)
	a := c.want(c.do("PATCH", at, add), 204)
	if !strings.HasSuffix(a.Header().Get("ETag"), `.2"`) || a.Body.Len() > 0 {
		t.Errorf("got ETag %s and %d bytes", a.Header().Get("ETag"), a.Body.Len())
	}
	if got := len(c.memberIDs(group.id())); got != 1001 {
		t.Errorf("got %d members, want 1001", got)
	}
	c.want(c.do("PATCH", at+"?attributes=displayName", add), 200)
}

func TestEmptyPatchReply(t *testing.T) {
	p := profiles.RFC()
	p.Wire.PatchReply = "empty"
	c := open(t, profile(p))
	at := neutral + "/Users/" + c.user("alice").id()
	op := patchBody(`{"op":"add","path":"title","value":"x"}`)
	c.want(c.do("PATCH", at, op), 204)
	c.want(c.do("PATCH", at+"?attributes=title", op), 200)
}

func TestConcurrentMembersLoseNothing(t *testing.T) {
	c := open(t, func(o *refserver.Options) { o.Clock = nil })
	const workers, each = 4, 25
	var users []string
	for i := range workers * each {
		users = append(users, c.user(fmt.Sprintf("user%d", i)).id())
	}
	group := c.group("Engineering")
	srv := httptest.NewServer(c)
	defer srv.Close()
	send := func(op string) {
		r, _ := http.NewRequestWithContext(context.Background(), http.MethodPatch, srv.URL+neutral+"/Groups/"+group.id(), strings.NewReader(patchBody(op)))
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := srv.Client().Do(r)
		if err != nil {
			t.Error(err)
			return
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != 200 {
			t.Errorf("got %d, %v", res.StatusCode, err)
		}
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for _, id := range users[w*each : (w+1)*each] {
				send(`{"op":"add","path":"members","value":[{"value":"` + id + `"}]}`)
			}
			send(`{"op":"remove","path":"members[value eq \"` + users[w*each] + `\"]"}`)
		})
	}
	wg.Wait()
	if got := len(c.memberIDs(group.id())); got != workers*(each-1) {
		t.Errorf("got %d members, want %d", got, workers*(each-1))
	}
	if a := c.do("GET", neutral+"/Groups/"+group.id(), ""); !strings.HasSuffix(a.version(), fmt.Sprintf(`.%d"`, 1+workers*(each+1))) {
		t.Errorf("got version %s, want one for each change", a.version())
	}
}

func TestLeaverReturns(t *testing.T) {
	c := open(t)
	alice := c.user("alice@x.example")
	group := c.group("Engineering", alice.id())
	status := func() any {
		a := c.want(c.do("GET", "/api/v2/users/"+alice.id(), ""), 200)
		return a.body["data"].(map[string]any)["attributes"].(map[string]any)["status"]
	}
	c.want(c.do("DELETE", neutral+"/Users/"+alice.id(), ""), 204)
	for _, method := range []string{"GET", "DELETE"} {
		c.want(c.do(method, neutral+"/Users/"+alice.id(), ""), 404)
	}
	if a := c.do("GET", neutral+"/Users?filter=userName%20eq%20%22alice@x.example%22", ""); a.body["totalResults"] != 0.0 {
		t.Errorf("a deleted user is found: %s", a.Body)
	}
	if got := status(); got != "Disabled" {
		t.Errorf("got status %v, want Disabled", got)
	}
	back := c.user("Alice@x.example")
	if back.version() == alice.version() {
		t.Errorf("the returning user has the version %s of before", back.version())
	}
	c.want(c.do("PUT", neutral+"/Users/"+alice.id(), userBody("alice@x.example"), "If-Match: "+alice.version()), 412)
	if back.id() != alice.id() || back.body["groups"] != nil || len(c.memberIDs(group.id())) != 0 {
		t.Errorf("got %s, want the old id and no group", back.Body)
	}
	if got := status(); got == "Disabled" {
		t.Error("the returning user is still disabled")
	}
	c.want(c.do("PATCH", neutral+"/Users/"+alice.id(), patchBody(`{"op":"replace","path":"active","value":false}`)), 200)
	again := c.user("alice@x.example", `,"title":"Lead"`)
	if again.id() != alice.id() || again.body["active"] != true || again.body["title"] != "Lead" {
		t.Errorf("POST of an inactive user: got %s, want the same user active", again.Body)
	}
	c.want(c.do("POST", neutral+"/Users", userBody("alice@x.example")), 409)
}

func TestStoreMayRunAChangeTwice(t *testing.T) {
	c := open(t, func(o *refserver.Options) { o.Store = twice{store.NewMemory()} })
	alice := c.user("alice")
	group := c.group("Engineering", alice.id())
	c.want(c.do("PUT", neutral+"/Groups/"+group.id(), groupBody("Platform", alice.id())), 200)
	c.want(c.do("PATCH", neutral+"/Users/"+alice.id(), patchBody(`{"op":"add","path":"title","value":"x"}`)), 200)
	if got := c.do("GET", neutral+"/Users/"+alice.id(), ""); got.body["title"] != "x" || len(got.body["groups"].([]any)) != 1 {
		t.Errorf("got %s", got.Body)
	}
}

// twice runs each change a first time in vain, as a store that retries does.
type twice struct{ store.Store }

func (s twice) Update(ctx context.Context, change func(store.Tx) error) error {
	_ = s.Store.Update(ctx, func(tx store.Tx) error {
		_ = change(tx)
		return store.ErrConflict
	})
	return s.Store.Update(ctx, change)
}
