// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
)

const enterpriseURN = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

func managedBy(id string) string {
	return `,"` + enterpriseURN + `":{"manager":{"value":"` + id + `"}}`
}

func TestManagersWhoGoAway(t *testing.T) {
	for _, p := range []*profiles.Profile{profiles.RFC(), profiles.Datadog()} {
		c := open(t, profile(p))
		boss := c.user("boss")
		alice := c.user("alice", managedBy(boss.id()))
		bob := c.user("bob", `,"`+enterpriseURN+`":{"department":"R&D","manager":{"value":"`+boss.id()+`"}}`)
		carol := c.user("carol", managedBy(alice.id()))
		found := c.do("GET", neutral+"/Users?filter="+url.QueryEscape(enterpriseURN+`:manager.value eq "`+boss.id()+`"`), "")
		if got, want := fmt.Sprint(found.ids()), fmt.Sprint([]string{alice.id(), bob.id()}); got != want {
			t.Errorf("%s: by manager: got %s, want %s", p.Name, got, want)
		}
		c.want(c.do("DELETE", neutral+"/Users/"+boss.id(), ""), 204)
		now := c.do("GET", neutral+"/Users/"+alice.id(), "")
		if strings.Contains(now.Body.String(), enterpriseURN) || now.version() == alice.version() {
			t.Errorf("%s: got %s, want no manager, no extension, a new version", p.Name, now.Body)
		}
		if got := c.do("GET", neutral+"/Users/"+bob.id(), "").body[enterpriseURN]; fmt.Sprint(got) != "map[department:R&D]" {
			t.Errorf("%s: got %v, want the department only", p.Name, got)
		}
		if got := c.do("GET", neutral+"/Users/"+carol.id(), ""); got.version() != carol.version() {
			t.Errorf("%s: got %s, want a user with another manager unchanged", p.Name, got.Body)
		}
	}
}

func TestGroupsDoNotGoInCircles(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	inner := c.group("inner")
	middle := c.group("middle", inner.id())
	outer := c.group("outer", middle.id())
	for _, group := range []answer{middle, outer} {
		for name, a := range map[string]answer{
			"PATCH": c.do("PATCH", neutral+"/Groups/"+inner.id(), patchBody(`{"op":"add","path":"members","value":[{"value":"`+group.id()+`"}]}`)),
			"PUT":   c.do("PUT", neutral+"/Groups/"+inner.id(), groupBody("inner", group.id())),
		} {
			if a.Code != 400 || a.body["scimType"] != "invalidValue" {
				t.Errorf("%s: got %d %s, want 400 invalidValue", name, a.Code, a.Body)
			}
		}
	}
	if got := c.do("GET", neutral+"/Groups/"+inner.id(), ""); got.version() != inner.version() {
		t.Errorf("got %s, want inner unchanged", got.Body)
	}
	c.want(c.do("PATCH", neutral+"/Groups/"+outer.id(), patchBody(`{"op":"add","path":"members","value":[{"value":"`+inner.id()+`"}]}`)), 200)
}

func TestIndirectGroupsAreASwitch(t *testing.T) {
	p := profiles.RFC()
	shown := func(c *client, id string) string {
		var list []string
		groups, _ := c.do("GET", neutral+"/Users/"+id, "").body["groups"].([]any)
		for _, g := range groups {
			g := g.(map[string]any)
			list = append(list, fmt.Sprint(g["display"], " ", g["type"]))
		}
		return strings.Join(list, ", ")
	}
	for _, tt := range []struct{ how, want, found string }{
		{"direct", "inner direct", ""},
		{"indirect", "inner direct, middle indirect, outer indirect", "alice"},
	} {
		t.Run(tt.how, func(t *testing.T) {
			p.Wire.Groups = tt.how
			c := open(t, profile(p))
			alice := c.user("alice")
			middle := c.group("middle", c.group("inner", alice.id()).id())
			before := c.do("GET", neutral+"/Users/"+alice.id(), "").version()
			outer := c.group("outer", middle.id())
			if got := shown(c, alice.id()); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			after := c.do("GET", neutral+"/Users/"+alice.id(), "").version()
			if (after != before) != (tt.how == "indirect") {
				t.Errorf("got version %s after %s, want a new one exactly if what is shown changed", after, before)
			}
			found := c.do("GET", neutral+"/Users?filter="+url.QueryEscape(`groups.value eq "`+outer.id()+`"`), "")
			if got := strings.Contains(found.Body.String(), alice.id()); got != (tt.found != "") {
				t.Errorf("filter by the outer group: got %s, want %q", found.Body, tt.found)
			}
		})
	}
}

func TestStrictnessIsASwitch(t *testing.T) {
	for _, tt := range []struct {
		name          string
		wire          func(*profiles.Wire)
		typed, patted int
	}{
		{"as it comes", func(*profiles.Wire) {}, 201, 400},
		{"strict types", func(w *profiles.Wire) { w.Types = "strict" }, 400, 400},
		{"replace creates", func(w *profiles.Wire) { w.Replace = "create" }, 201, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := profiles.RFC()
			tt.wire(&p.Wire)
			c := open(t, profile(p))
			c.want(c.do("POST", neutral+"/Users", userBody("typed", `,"active":"True"`)), tt.typed)
			alice := c.user("alice")
			a := c.do("PATCH", neutral+"/Users/"+alice.id(), patchBody(`{"op":"replace","path":"emails[type eq \"work\"].value","value":"a@x.example"}`))
			if a.Code != tt.patted || a.Code == 400 && a.body["scimType"] != "noTarget" {
				t.Errorf("replace without a match: got %d %s, want %d", a.Code, a.Body, tt.patted)
			}
		})
	}
}

// A root query asks all types, and a type without an attribute has no match.
func TestRootQuery(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	alice := c.user("alice", `,"displayName":"shared"`)
	group := c.group("shared", alice.id())
	both := fmt.Sprint([]string{alice.id(), group.id()})
	for _, tt := range []struct{ filter, want string }{
		{`id eq "` + alice.id() + `" or id eq "` + group.id() + `"`, both},
		{`displayName eq "shared"`, both},
		{`userName eq "alice"`, fmt.Sprint([]string{alice.id()})},
		{`userName eq "alice" or members.value eq "` + alice.id() + `"`, both},
		{`members pr`, fmt.Sprint([]string{group.id()})},
		{`not (userName pr)`, fmt.Sprint([]string{group.id()})},
		{`meta.resourceType eq "Group"`, fmt.Sprint([]string{group.id()})},
	} {
		body := fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"filter":%q}`, tt.filter)
		for name, a := range map[string]answer{
			"GET":   c.do("GET", neutral+"?filter="+url.QueryEscape(tt.filter), ""),
			"GET /": c.do("GET", neutral+"/?filter="+url.QueryEscape(tt.filter), ""),
			"POST":  c.do("POST", neutral+"/.search", body),
		} {
			if got := fmt.Sprint(a.ids()); a.Code != 200 || got != tt.want {
				t.Errorf("%s %s: got %d %s, want %s", name, tt.filter, a.Code, a.Body, tt.want)
			}
		}
	}
	if a := c.do("GET", neutral+"?filter="+url.QueryEscape(`nosuch eq "x"`), ""); a.Code != 200 || len(a.ids()) != 0 {
		t.Errorf("attribute of no type: got %d %s, want no match", a.Code, a.Body)
	}
	if a := c.do("GET", neutral+"?filter="+url.QueryEscape(`userName like "x"`), ""); a.Code != 400 || a.body["scimType"] != "invalidFilter" {
		t.Errorf("malformed: got %d %s, want 400 invalidFilter", a.Code, a.Body)
	}
}
