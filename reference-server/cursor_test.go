// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

var unreserved = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// walk follows cursors from a first page to the last and returns the ids.
func (c *client) walk(path string, between func()) []string {
	c.t.Helper()
	var ids []string
	cursor := ""
	for page := 0; ; page++ {
		a := c.want(c.do("GET", path+"&cursor="+cursor, ""), 200)
		ids = append(ids, a.ids()...)
		if _, there := a.body["startIndex"]; there || page > 20 {
			c.t.Fatalf("page %d: got %s, want no startIndex and an end", page, a.Body)
		}
		next, there := a.body["nextCursor"]
		if !there {
			return ids
		}
		if cursor = fmt.Sprint(next); !unreserved.MatchString(cursor) {
			c.t.Errorf("got cursor %q, want unreserved characters", cursor)
		}
		if between != nil {
			between()
		}
	}
}

func TestCursorWalks(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	var all []string
	for i := range 7 {
		all = append(all, c.user(fmt.Sprintf("user%d", 6-i)).id())
	}
	for _, name := range []string{"a", "b", "c"} {
		all = append(all, c.group(name).id())
	}
	users := all[:7]
	for _, tt := range []struct {
		name, path string
		want       []string
	}{
		{"all users", "/Users?count=2", users},
		{"a page that is full", "/Users?count=7", users},
		{"one by one", "/Users?count=1", users},
		{"filtered", "/Users?count=2&filter=" + url.QueryEscape(`userName sw "user"`), users},
		{"found by index", "/Users?count=2&filter=" + url.QueryEscape(`userName eq "user3"`), users[3:4]},
		{"of the root", "?count=4", all},
		{"of the root, filtered", "?count=3&filter=" + url.QueryEscape(`meta.resourceType eq "Group"`), all[7:]},
		{"nothing", "/Users?count=2&filter=" + url.QueryEscape(`userName eq "nobody"`), nil},
		{"no resources", "/Users?count=0", nil},
		{"negative count", "/Users?count=-1", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := c.walk(neutral+tt.path, nil); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	sorted := slices.Clone(users)
	slices.Reverse(sorted)
	if got := c.walk(neutral+"/Users?count=3&sortBy=userName", nil); !slices.Equal(got, sorted) {
		t.Errorf("sorted: got %v, want %v", got, sorted)
	}
	search := `{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":5,"cursor":%q}`
	first := c.want(c.do("POST", neutral+"/Users/.search", fmt.Sprintf(search, "")), 200)
	second := c.want(c.do("POST", neutral+"/Users/.search", fmt.Sprintf(search, first.body["nextCursor"])), 200)
	if got := append(first.ids(), second.ids()...); !slices.Equal(got, users) || second.body["nextCursor"] != nil {
		t.Errorf("search: got %v, want %v", got, users)
	}
	if a := c.do("GET", neutral+"/Users?count=2", ""); a.body["nextCursor"] != nil || a.body["startIndex"] != 1.0 {
		t.Errorf("without a cursor: got %s, want paging by index", a.Body)
	}
}

// A walk neither repeats nor leaves out a user because others come and go.
func TestCursorWalksAmongChanges(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	var users []string
	for i := range 9 {
		users = append(users, c.user(fmt.Sprintf("user%d", i)).id())
	}
	gone := 0
	got := c.walk(neutral+"/Users?count=3", func() {
		c.want(c.do("DELETE", neutral+"/Users/"+users[gone], ""), 204)
		gone++
	})
	if !slices.Equal(got, users) {
		t.Errorf("got %v, want %v", got, users)
	}
}

// Whatever is asked for, pages can be walked to the end and back, and show the
// same; the first has no previousCursor.
func TestCursorWalksBack(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	for i := range 7 {
		c.user(fmt.Sprintf("user%d", 6-i), fmt.Sprintf(`,"title":"%d"`, i%2))
	}
	c.group("a")
	for _, path := range []string{
		"/Users?count=3", "/Users?count=1", "/Users?count=2&filter=" + url.QueryEscape(`title pr`), "/Users?count=2&sortBy=userName",
		"/Users?count=3&sortBy=title&sortOrder=descending", "/Users?count=2&sortBy=nickName", "/Users?count=3&sortBy=meta.created", "?count=3", "?count=7",
	} {
		t.Run(path, func(t *testing.T) {
			var pages [][]string
			var last answer
			cursor := ""
			for ; ; cursor = fmt.Sprint(last.body["nextCursor"]) {
				last = c.want(c.do("GET", neutral+path+"&cursor="+cursor, ""), 200)
				pages = append(pages, last.ids())
				if len(pages) > 10 || (last.body["previousCursor"] == nil) != (len(pages) == 1) {
					t.Fatalf("page %d: got %s, want a previousCursor on all but the first, and an end", len(pages), last.Body)
				}
				if last.body["nextCursor"] == nil {
					break
				}
			}
			for i := len(pages) - 2; i >= 0; i-- {
				cursor = fmt.Sprint(last.body["previousCursor"])
				last = c.want(c.do("GET", neutral+path+"&cursor="+cursor, ""), 200)
				if got := last.ids(); !slices.Equal(got, pages[i]) || last.body["nextCursor"] == nil {
					t.Errorf("back on page %d: got %s, want %v and a nextCursor", i+1, last.Body, pages[i])
				}
			}
			if last.body["previousCursor"] != nil {
				t.Errorf("back on the first page: got %s, want no previousCursor", last.Body)
			}
		})
	}
}

// A sorted walk goes by what it is sorted by. Among users who come, go and change
// their titles, it gives each that stays as it is once, and in order.
func TestSortedCursorWalksAmongChanges(t *testing.T) {
	for _, order := range []string{"ascending", "descending"} {
		for _, way := range []string{"nextCursor", "previousCursor"} {
			t.Run(order+" "+way, func(t *testing.T) {
				c := open(t, profile(profiles.RFC()))
				var staying []string
				for i := range 20 {
					staying = append(staying, c.user(fmt.Sprintf("stays%d", i), fmt.Sprintf(`,"title":"t%d"`, i%4)).id())
				}
				visitors := []string{}
				come := func(n int) {
					for range 3 {
						visitors = append(visitors, c.user(fmt.Sprintf("visitor%d-%d", n, len(visitors)), fmt.Sprintf(`,"title":"t%d"`, n%5)).id())
					}
				}
				come(0)
				path := neutral + "/Users?count=3&sortBy=title&attributes=title&sortOrder=" + order
				cursor := ""
				if way == "previousCursor" { // from the end
					for range 20 {
						a := c.want(c.do("GET", path+"&cursor="+cursor, ""), 200)
						if a.body["nextCursor"] == nil {
							cursor = fmt.Sprint(a.body["previousCursor"])
							staying = slices.DeleteFunc(staying, func(id string) bool { return slices.Contains(a.ids(), id) })
							break
						}
						cursor = fmt.Sprint(a.body["nextCursor"])
					}
				}
				seen := map[string]int{}
				var titles []string
				for n := 1; ; n++ {
					a := c.want(c.do("GET", path+"&cursor="+cursor, ""), 200)
					var page []string
					for _, r := range a.body["Resources"].([]any) {
						r := r.(map[string]any)
						seen[fmt.Sprint(r["id"])]++
						page = append(page, fmt.Sprint(r["title"]))
					}
					if way == "previousCursor" {
						slices.Reverse(page)
					}
					titles = append(titles, page...)
					if a.body[way] == nil {
						break
					}
					if n > 50 {
						t.Fatal("the walk does not end")
					}
					cursor = fmt.Sprint(a.body[way])
					come(n)
					for _, gone := range visitors[:2] {
						c.want(c.do("DELETE", neutral+"/Users/"+gone, ""), 204)
					}
					visitors = visitors[2:]
					c.want(c.do("PATCH", neutral+"/Users/"+visitors[0], patchBody(`{"op":"replace","path":"title","value":"t0"}`)), 200)
				}
				for _, id := range staying {
					if seen[id] != 1 {
						t.Errorf("a user who stayed as it was is there %d times, want once", seen[id])
					}
				}
				if (order == "ascending") == (way == "previousCursor") {
					slices.Reverse(titles)
				}
				if !slices.IsSorted(titles) {
					t.Errorf("got %v, want them sorted", titles)
				}
			})
		}
	}
}

// When all that a page would show is gone, it leads back to where it was come
// from.
func TestCursorOfAnEmptyPage(t *testing.T) {
	for _, more := range []string{"", "&sortBy=userName", "&filter=userName%20pr"} {
		c := open(t, profile(profiles.RFC()))
		var users []string
		for i := range 4 {
			users = append(users, c.user(fmt.Sprintf("user%d", i)).id())
		}
		path := neutral + "/Users?count=2" + more + "&cursor="
		next := fmt.Sprint(c.do("GET", path, "").body["nextCursor"])
		c.want(c.do("DELETE", neutral+"/Users/"+users[2], ""), 204)
		c.want(c.do("DELETE", neutral+"/Users/"+users[3], ""), 204)
		empty := c.want(c.do("GET", path+next, ""), 200)
		if len(empty.ids()) != 0 || empty.body["nextCursor"] != nil {
			t.Errorf("%q: got %s, want an empty page that is the last", more, empty.Body)
		}
		back := c.want(c.do("GET", path+fmt.Sprint(empty.body["previousCursor"]), ""), 200)
		if got := back.ids(); !slices.Equal(got, users[:2]) || back.body["previousCursor"] != nil {
			t.Errorf("%q: back: got %s, want the first two", more, back.Body)
		}
	}
}

// A cursor shows nothing of what the result is sorted by.
func TestCursorsHideWhatTheyHold(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	c.user("a-name-to-be-kept-private")
	c.user("b-name")
	long := strings.Repeat("n", 5_000)
	c.user("c-name", `,"nickName":"`+long+`a"`)
	c.user("d-name", `,"nickName":"`+long+`b"`)
	cursor := fmt.Sprint(c.do("GET", neutral+"/Users?count=1&sortBy=userName&cursor=", "").body["nextCursor"])
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || strings.Contains(string(text), "private") {
		t.Errorf("got %q, %v, want nothing that can be read", text, err)
	}
	for _, a := range []answer{
		c.do("GET", neutral+"/Users?count=1&sortBy=nickName&cursor=", ""),
		c.do("GET", neutral+"/Users?count=1&sortBy=nickName&sortOrder=descending&cursor=", ""),
	} {
		if n := len(fmt.Sprint(a.body["nextCursor"])); n < 20 || n > 1000 {
			t.Errorf("got a cursor of %d characters, want one that fits into a URL", n)
		}
	}
	if got := c.walk(neutral+"/Users?count=1&sortBy=nickName", nil); len(got) != 4 {
		t.Errorf("values that agree in their first 512 bytes: got %v, want four users", got)
	}
}

func TestCursorsAreBound(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	c := open(t, profile(profiles.RFC()), func(o *refserver.Options) { o.Clock = func() time.Time { return now } })
	for i := range 5 {
		c.user(fmt.Sprintf("user%d", i))
	}
	next := fmt.Sprint(c.do("GET", neutral+"/Users?count=2&cursor=", "").body["nextCursor"])
	changed := "A" + next[1:]
	if next[0] == 'A' {
		changed = "B" + next[1:]
	}
	var forged string
	for _, tt := range []struct{ name, path, scimType string }{
		{"garbage", "/Users?count=2&cursor=garbage", "invalidCursor"},
		{"never issued", "/Users?cursor=AAAA", "invalidCursor"},
		{"one character changed", "/Users?count=2&cursor=" + changed, "invalidCursor"},
		{"truncated", "/Users?count=2&cursor=" + next[:len(next)-1], "invalidCursor"},
		{"other characters", "/Users?count=2&cursor=%20" + next, "invalidCursor"},
		{"of another filter", "/Users?count=2&filter=userName%20pr&cursor=" + next, "invalidCursor"},
		{"of another endpoint", "/Groups?count=2&cursor=" + next, "invalidCursor"},
		{"of another order", "/Users?count=2&sortBy=userName&cursor=" + next, "invalidCursor"},
		{"of another shape", "/Users?count=2&attributes=userName&cursor=" + next, "invalidCursor"},
		{"another count", "/Users?count=3&cursor=" + next, "invalidCount"},
		{"a count that is none", "/Users?count=abc&cursor=", "invalidCount"},
		{"with startIndex", "/Users?startIndex=1&cursor=", "invalidValue"},
	} {
		a := c.do("GET", neutral+tt.path, "")
		if a.Code != 400 || a.body["scimType"] != tt.scimType {
			t.Errorf("%s: got %d %s, want 400 %s", tt.name, a.Code, a.Body, tt.scimType)
		}
		if tt.scimType == "invalidCursor" {
			if forged == "" {
				forged = a.Body.String()
			}
			if a.Body.String() != forged {
				t.Errorf("%s: got %s, want the words for any other: %s", tt.name, a.Body, forged)
			}
		}
	}
	if a := c.do("GET", neutral+"/Users?cursor="+next, ""); len(a.ids()) != 2 {
		t.Errorf("without count: got %s, want the count of the first page", a.Body)
	}
	now = now.Add(10 * time.Minute)
	if a := c.do("GET", neutral+"/Users?count=2&cursor="+next, ""); a.Code != 400 || a.body["scimType"] != "expiredCursor" {
		t.Errorf("late: got %d %s, want 400 expiredCursor", a.Code, a.Body)
	}
}

// What the configuration says of pagination is a switch, off by default: some
// published client models refuse members that they do not know.
func TestPaginationIsAdvertisedWhenAsked(t *testing.T) {
	p := profiles.RFC()
	if got := open(t, profile(p)).do("GET", neutral+"/ServiceProviderConfig", "").body["pagination"]; got != nil {
		t.Errorf("by default: got %v, want none", got)
	}
	p.Wire.Pagination = true
	got := fmt.Sprint(open(t, profile(p)).do("GET", neutral+"/ServiceProviderConfig", "").body["pagination"])
	if want := "map[cursor:true cursorTimeout:600 defaultPageSize:100 defaultPaginationMethod:index index:true maxPageSize:200]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// No cursor but those given out is good.
func FuzzCursor(f *testing.F) {
	s, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		f.Fatal(err)
	}
	ask := func(cursor string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", neutral+"/Users?count=1&cursor="+url.QueryEscape(cursor), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		rec := httptest.NewRecorder()
		s.ServeHTTP(rec, r)
		return rec
	}
	for i := range 3 {
		r := httptest.NewRequest("POST", neutral+"/Users", strings.NewReader(userBody(fmt.Sprint("user", i))))
		r.Header.Set("Authorization", "Bearer "+token)
		s.ServeHTTP(httptest.NewRecorder(), r)
	}
	given := regexp.MustCompile(`"nextCursor":"([^"]*)"`).FindStringSubmatch(ask("").Body.String())[1]
	for _, seed := range []string{"", "AAAA", given, given + "A", given[1:], strings.Repeat("A", 75)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, cursor string) {
		a := ask(cursor)
		if good := cursor == "" || cursor == given; good != (a.Code == 200) || !good && (a.Code != 400 || !strings.Contains(a.Body.String(), `"invalidCursor"`)) {
			t.Errorf("%q: got %d %s", cursor, a.Code, a.Body)
		}
	})
}
