// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func escaped(filter string) string { return strings.ReplaceAll(url.QueryEscape(filter), "+", "%20") }

// directory makes ten users in two groups, one of them deleted.
func directory(t *testing.T) (c *client, users, groups []string) {
	c = open(t)
	for i := range 10 {
		users = append(users, c.user(fmt.Sprintf("User%d@x.example", i), fmt.Sprintf(
			`,"externalId":"Ext%d","displayName":"Display %d","title":"T%d","emails":[{"type":"work","value":"U%d@x.example"}]`, i, i%3, 9-i, i)).id())
	}
	groups = []string{c.group("Red", users[4], users[1], users[3]).id(), c.group("Blue", users[3], users[2]).id()}
	c.want(c.do("DELETE", neutral+"/Users/"+users[0], ""), 204)
	return c, users[1:], groups
}

func TestIndexAndScanAgree(t *testing.T) {
	c, users, groups := directory(t)
	for _, tt := range []struct {
		endpoint, filter string
		want             []string
	}{
		{"/Users", `userName eq "uSER3@x.example"`, users[2:3]},
		{"/Users", `userName eq "nobody"`, nil},
		{"/Users", `externalId eq "Ext3"`, users[2:3]},
		{"/Users", `externalId eq "ext3"`, nil},
		{"/Users", `displayName eq "display 1"`, []string{users[0], users[3], users[6]}},
		{"/Users", `displayName eq "display 1" and title eq "t2"`, users[6:7]},
		{"/Users", `emails.value eq "u5@X.example"`, users[4:5]},
		{"/Users", `emails[type eq "work" and value eq "u5@x.example"]`, users[4:5]},
		{"/Users", `emails[type eq "home" and value eq "u5@x.example"]`, nil},
		{"/Users", `id eq "` + users[7] + `"`, users[7:8]},
		{"/Users", `id eq "` + strings.ToUpper(users[7]) + `"`, nil},
		{"/Users", `groups.value eq "` + groups[0] + `"`, []string{users[0], users[2], users[3]}},
		{"/Users", `groups[value eq "` + groups[1] + `" and display eq "blue"]`, users[1:3]},
		{"/Users", `meta.created gt "2020-01-01T00:00:00Z" and userName eq "user3@x.example"`, users[2:3]},
		{"/Groups", `displayName eq "RED"`, groups[:1]},
		{"/Groups", `members.value eq "` + users[2] + `"`, groups},
		{"/Groups", `members eq "` + users[1] + `"`, groups[1:]},
		{"/Groups", `members[value eq "` + users[0] + `"]`, groups[:1]},
		{"/Groups", `id eq "` + groups[0] + `" and members eq "` + users[0] + `"`, groups[:1]},
		{"/Groups", `members eq "` + users[0] + `" and id eq "` + groups[1] + `"`, nil},
		{"/Groups", `members eq "` + users[0] + `" or id eq "` + groups[1] + `"`, groups},
	} {
		t.Run(tt.filter, func(t *testing.T) {
			if tt.want == nil {
				tt.want = []string{}
			}
			for _, filter := range []string{tt.filter, "not (not (" + tt.filter + "))"} { // the second is never planned
				a := c.want(c.do("GET", neutral+tt.endpoint+"?filter="+escaped(filter), ""), 200)
				if d := cmp.Diff(tt.want, a.ids()); d != "" {
					t.Errorf("%s (-want +got):\n%s", filter, d)
				}
				if a.body["totalResults"] != float64(len(tt.want)) || a.body["itemsPerPage"] != float64(len(tt.want)) {
					t.Errorf("%s: got %s, want %d results", filter, a.Body, len(tt.want))
				}
			}
		})
	}
}

func TestPagesAreStable(t *testing.T) {
	c, users, _ := directory(t)
	reversed := slices.Clone(users)
	slices.Reverse(reversed)
	for _, tt := range []struct {
		name, query string
		want        []string
	}{
		{"all", "", users},
		{"filtered", "&filter=userName%20sw%20%22user%22", users},
		{"sorted", "&sortBy=title", reversed},
		{"sorted down", "&sortBy=title&sortOrder=descending", users},
		{"sorted with ties", "&sortBy=displayName", []string{
			users[2], users[5], users[8], users[0], users[3], users[6], users[1], users[4], users[7],
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for count := 1; count <= 4; count++ {
				var got []string
				for start := 1; start <= len(users)+count; start += count {
					a := c.want(c.do("GET", fmt.Sprintf("%s/Users?startIndex=%d&count=%d%s", neutral, start, count, tt.query), ""), 200)
					if a.body["startIndex"] != float64(start) || a.body["totalResults"] != float64(len(users)) || len(a.ids()) > count {
						t.Fatalf("got %s", a.Body)
					}
					got = append(got, a.ids()...)
				}
				if d := cmp.Diff(tt.want, got); d != "" {
					t.Errorf("pages of %d (-want +got):\n%s", count, d)
				}
			}
		})
	}
}

func TestPageBounds(t *testing.T) {
	c := open(t)
	for i := range 205 {
		c.user(fmt.Sprintf("user%d", i))
	}
	for _, tt := range []struct {
		query       string
		start, page float64
	}{
		{"", 1, 100},
		{"?count=0", 1, 0},
		{"?count=-3", 1, 0},
		{"?count=1000000000", 1, 200},
		{"?startIndex=0&count=2", 1, 2},
		{"?startIndex=-9&count=2", 1, 2},
		{"?startIndex=201&count=200", 201, 5},
		{"?startIndex=206", 206, 0},
		{"?startIndex=9223372036854775807&sortBy=userName", 9223372036854775807, 0},
		{"?aadOptscim062020&unknown=1&count=3", 1, 3},
	} {
		a := c.want(c.do("GET", neutral+"/Users"+tt.query, ""), 200)
		if a.body["startIndex"] != tt.start || a.body["itemsPerPage"] != tt.page || float64(len(a.ids())) != tt.page || a.body["totalResults"] != 205.0 {
			t.Errorf("%s: got startIndex %v, itemsPerPage %v, totalResults %v; want %v, %v, 205",
				tt.query, a.body["startIndex"], a.body["itemsPerPage"], a.body["totalResults"], tt.start, tt.page)
		}
	}
}

func TestSearch(t *testing.T) {
	c, users, groups := directory(t)
	search := func(path, members string) answer {
		return c.want(c.do("POST", neutral+path, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]`+members+`}`), 200)
	}
	all := append(slices.Clone(users), groups...)
	for _, tt := range []struct {
		name string
		got  answer
		want []string
	}{
		{"users", search("/Users/.search", `,"filter":"title eq \"T0\"","attributes":["userName"]`), users[8:]},
		{"groups", search("/Groups/.search", `,"startIndex":2,"count":1`), groups[1:]},
		{"root", search("/.search", ``), all},
		{"root by GET", c.do("GET", neutral+"/", ""), all},
		{"root, one type", search("/.search", `,"filter":"meta.resourceType eq \"Group\""`), groups},
		{"root, attribute of one type", search("/.search", `,"filter":"displayName eq \"red\" or title eq \"t8\""`), []string{users[0], groups[0]}},
		{"root, page over both", search("/.search", `,"startIndex":9,"count":2`), []string{users[8], groups[0]}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if d := cmp.Diff(tt.want, tt.got.ids()); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
		})
	}
	if first := search("/Users/.search", `,"count":1,"attributes":["userName"]`).body["Resources"].([]any)[0].(map[string]any); len(first) != 3 {
		t.Errorf("got %v, want id, schemas and userName", first)
	}
}
