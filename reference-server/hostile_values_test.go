// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// hostile is a request that is refused, by a server that takes types strictly and
// has the schemas of testdata.
type hostile struct {
	row, method, path, body string
	status                  []int
	types                   []string // "": an Error without scimType
}

// Rows that need custom schemas, strict types, or something done before.
func TestHostileValues(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	strict := profiles.RFC()
	strict.Wire.Types = "strict"
	c := open(t, profile(strict), func(o *refserver.Options) {
		o.Schemas, o.Clock = "testdata/schemas.json", func() time.Time { return now }
	})
	u, other := c.user("zoë", `,"nickName":"z"`), c.user("v")
	device := c.want(c.do("POST", neutral+"/Devices", deviceBody("S1")), 201)
	cursor := func(path string) string {
		return fmt.Sprint(c.do("GET", neutral+path+"&cursor=", "").body["nextCursor"])
	}
	expired := cursor("/Users?count=1")
	now = now.Add(10 * time.Minute)
	next, sorted := cursor("/Users?count=1"), cursor("/Users?count=1&sortBy=userName")
	before := c.do("GET", neutral, "").Body.String()
	ports := func(v string) string { return deviceBody("S2", `,"ports":[`+v+`]`) }
	since := func(v string) string { return deviceBody("S2", `,"members":[{"value":"x","since":`+v+`}]`) }
	withSchema := func(urn string) string {
		return strings.Replace(userBody("x"), `"schemas":[`, `"schemas":["`+urn+`",`, 1)
	}
	const value, syntax, path, filter = "invalidValue", "invalidSyntax", "invalidPath", "invalidFilter"
	for _, tt := range []hostile{
		{"13 integer 1.5", "POST", "/Devices", ports("1.5"), []int{400}, []string{value}},
		{"13 integer as text", "POST", "/Devices", ports(`"5"`), []int{400}, []string{value}},
		{"13 integer 1e400", "POST", "/Devices", ports("1e400"), []int{400}, []string{value}},
		{"13 integer 10^30", "POST", "/Devices", ports("1" + strings.Repeat("0", 30)), []int{400}, []string{value}},
		{"14 a day alone", "POST", "/Devices", since(`"2011-05-13"`), []int{400}, []string{value}},
		{"14 yesterday", "POST", "/Devices", since(`"yesterday"`), []int{400}, []string{value}},
		{"14 by PATCH", "PATCH", "/Devices/" + device.id(), patchBody(`{"op":"add","path":"members","value":[{"value":"x","since":"2011-05-13"}]}`), []int{400}, []string{value}},
		{"19 userName of 1 MiB", "POST", "/Users", userBody(strings.Repeat("x", 1<<20)), []int{400, 413}, []string{value, ""}},
		{"20 active as text", "POST", "/Users", userBody("x", `,"active":"true"`), []int{400}, []string{value}},
		{"20 active as text, by PATCH", "PATCH", "/Users/" + u.id(), patchBody(`{"op":"replace","path":"active","value":"true"}`), []int{400}, []string{value}},
		{"26 unknown schema", "POST", "/Users", withSchema("urn:example:nobody:knows:2.0:User"), []int{400}, []string{value, syntax}},
		{"26 schema of another type", "POST", "/Users", withSchema("urn:ietf:params:scim:schemas:core:2.0:Group"), []int{400}, []string{value, syntax}},
		{"31 userName in NFD", "POST", "/Users", userBody("zoe\u0308"), []int{409}, []string{"uniqueness"}},
		{"31 userName in NFD, by PUT", "PUT", "/Users/" + other.id(), userBody("zoe\u0308"), []int{409}, []string{"uniqueness"}},
		{"43 immutable", "PUT", "/Devices/" + device.id(), deviceBody("S9"), []int{400}, []string{"mutability"}},
		{"81 sortBy nothing", "GET", "/Users?sortBy=nosuch", "", []int{400}, []string{path, value}},
		{"81 sortBy the name", "GET", "/Users?sortBy=name", "", []int{400}, []string{path, value}},
		{"86 expired cursor", "GET", "/Users?count=1&cursor=" + expired, "", []int{400}, []string{"expiredCursor"}},
		{"87 another count", "GET", "/Users?count=2&cursor=" + next, "", []int{400}, []string{"invalidCount"}},
		{"88 another query", "GET", "/Users?count=1&filter=userName%20pr&cursor=" + next, "", []int{400}, []string{"invalidCursor"}},
		{"88 another order", "GET", "/Users?count=1&cursor=" + sorted, "", []int{400}, []string{"invalidCursor"}},
	} {
		t.Run(tt.row, func(t *testing.T) {
			a := c.do(tt.method, neutral+tt.path, tt.body)
			scimType, _ := a.body["scimType"].(string)
			if !slices.Contains(tt.status, a.Code) || !slices.Contains(tt.types, scimType) || a.body["detail"] == nil {
				t.Errorf("got %d %.300s, want %v of type %q", a.Code, a.Body, tt.status, tt.types)
			}
		})
	}
	for _, tt := range []hostile{ // what RFC and practice allow to be answered: as nothing, or in time
		{"77 boolean as text", "GET", "/Users?filter=" + url.QueryEscape(`active eq "x"`), "", []int{400, 200}, []string{filter}},
		{"78 unknown attribute", "GET", "/Users?filter=" + url.QueryEscape(`nosuch eq "x"`), "", []int{400, 200}, []string{filter}},
		{"84 count 10^9", "GET", "/Users?count=1000000000", "", []int{200}, nil},
		{"115 10,000 attributes", "GET", "/Users?count=0&attributes=" + strings.Repeat("a,", 10_000), "", []int{200, 400, 414}, []string{"", value}},
	} {
		t.Run(tt.row, func(t *testing.T) {
			start := time.Now()
			a := c.do(tt.method, neutral+tt.path, tt.body)
			if scimType, _ := a.body["scimType"].(string); !slices.Contains(tt.status, a.Code) || a.Code != 200 && !slices.Contains(tt.types, scimType) {
				t.Errorf("got %d %.300s, want %v", a.Code, a.Body, tt.status)
			}
			if a.Code == 200 && strings.Contains(tt.path, "filter") && a.body["totalResults"] != 0.0 {
				t.Errorf("got %s, want no match", a.Body)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
	if after := c.do("GET", neutral, "").Body.String(); after != before {
		t.Errorf("refused requests changed something:\ngot  %s\nwant %s", after, before)
	}
	t.Run("22 two primary emails", func(t *testing.T) { // one of them stays primary
		a := c.want(c.do("POST", neutral+"/Users", userBody("x", `,"emails":[{"value":"a@x.example","primary":true},{"value":"b@x.example","primary":true}]`)), 201)
		if n := strings.Count(c.do("GET", neutral+"/Users/"+a.id(), "").Body.String(), `"primary":true`); n != 1 {
			t.Errorf("got %s, want one primary email", a.Body)
		}
	})
}

// Operations of a bulk request are refused one by one.
func TestHostileBulkOperations(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	u := c.user("u")
	before := c.do("GET", neutral, "").Body.String()
	op := func(method, path, more string) string {
		return fmt.Sprintf(`{"method":%q,"path":%q%s}`, method, path, more)
	}
	for _, tt := range []struct{ row, operation, status string }{
		{"95 GET", op("GET", "/Users/"+u.id(), ""), "400 405"},
		{"95 /Bulk", op("POST", "/Bulk", `,"bulkId":"b","data":`+bulkBody()), "400"},
		{"95 another host", op("DELETE", "https://evil.example/Users/"+u.id(), ""), "400"},
		{"96 no bulkId", op("POST", "/Users", `,"data":`+userBody("x")), "400"},
		{"96 no data", op("POST", "/Users", `,"bulkId":"b"`), "400"},
		{"98 unknown bulkId", post("b", "/Groups", groupBody("G", "bulkId:nobody")), "400 409"},
	} {
		t.Run(tt.row, func(t *testing.T) {
			a := c.want(c.do("POST", neutral+"/Bulk", bulkBody(tt.operation)), 200)
			results, _ := a.body["Operations"].([]any)
			if len(results) != 1 {
				t.Fatalf("got %s, want one result", a.Body)
			}
			if got := fmt.Sprint(results[0].(map[string]any)["status"]); !strings.Contains(tt.status, got) || len(got) != 3 {
				t.Errorf("got %s, want %s", a.Body, tt.status)
			}
		})
	}
	t.Run("99 circle", func(t *testing.T) {
		a := c.do("POST", neutral+"/Bulk", bulkBody(post("a", "/Groups", groupBody("A", "bulkId:b")), post("b", "/Groups", groupBody("B", "bulkId:a"))))
		if text := a.Body.String(); a.Code >= 500 || strings.Contains(text, `"status":"5`) || !strings.Contains(text, "409") {
			t.Errorf("got %d %s, want 409", a.Code, text)
		}
	})
	if after := c.do("GET", neutral, "").Body.String(); after != before {
		t.Errorf("refused operations changed something:\ngot  %s\nwant %s", after, before)
	}
}

// hostileRows is how many kinds of request a provider has to refuse. Each has a
// number, with which the rows of the tests begin.
const hostileRows = 117

func TestEveryHostileRowIsSent(t *testing.T) {
	files, err := filepath.Glob("hostile*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	sent := map[string]bool{}
	row := regexp.MustCompile(`(?m)(?:^\s*\{|t\.Run\()"(\d+) `)
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range row.FindAllSubmatch(text, -1) {
			sent[string(m[1])] = true
		}
	}
	for n := 1; n <= hostileRows; n++ {
		if !sent[fmt.Sprint(n)] {
			t.Errorf("row %d is sent by no test", n)
		}
	}
}
