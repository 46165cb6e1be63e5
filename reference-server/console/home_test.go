// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/flow"
)

func TestRequestsAndWhatIsOddAboutThem(t *testing.T) {
	b := open(t)
	b.login()
	if text := b.page("/console/"); !strings.Contains(text, "Nothing has arrived yet") || !strings.Contains(text, b.scim.URL+"/scim/v2") {
		t.Error("an empty console does not say how to begin")
	}
	b.create("<script>alert(1)</script>@x.example")
	b.ask("GET", "/scim/v2/Users?filter=userName+eq+%22a%22", scimToken, "")
	b.ask("GET", "/scim/v2/Users", "wrong-token-0123456789", "")
	b.ask("GET", "/scim/v2/Users", acmeToken, "")
	eventually(t, "four requests are not in the history", func() bool {
		return strings.Contains(b.page("/console/"), "/requests/3") && strings.Contains(b.page("/console/t/acme/"), "/requests/4")
	})
	home := b.page("/console/")
	for _, want := range []string{"1</b> deviations", "2</b> clean", "1 request came with a token that nobody has", "<code>test.filter</code> does not hold: it does not filter", "<b>1</b> users by SCIM"} {
		if !strings.Contains(home, want) {
			t.Errorf("home: no %q", want)
		}
	}
	if strings.Contains(home, "/requests/4") {
		t.Error("home: shows the request of a tenant")
	}
	one := b.page("/console/requests/1")
	if strings.Contains(one, "<script>alert") || !strings.Contains(one, "&lt;script&gt;alert(1)") {
		t.Error("a body is not shown as text")
	}
	if strings.Contains(one, "Bearer") || !strings.Contains(one, "application/scim&#43;json") {
		t.Errorf("headers: got %s", one)
	}
	if text := b.page("/console/requests/2"); !strings.Contains(text, "&lt;b&gt;none&lt;/b&gt;") {
		t.Error("a finding is not shown as text")
	}
	report := b.page("/console/report")
	if !strings.Contains(report, "test.filter") || !strings.Contains(report, "3 requests, judged as <b>rfc</b>") {
		t.Error("the report lacks the finding or the sum")
	}
	a := b.send("GET", "/console/history.yaml", "")
	if a.StatusCode != 200 || !strings.Contains(a.Header.Get("Content-Disposition"), "attachment") || !strings.HasPrefix(a.text, "flow: ") {
		t.Errorf("flow: got %d %s", a.StatusCode, a.text)
	}
	if _, err := flow.Parse("history", []byte(a.text)); err != nil {
		t.Errorf("the flow is none: %v", err)
	}
	b.submit("/console/forget", url.Values{})
	if a := b.send("GET", "/console/history.yaml", ""); a.StatusCode != 409 {
		t.Errorf("flow of nothing: got %d", a.StatusCode)
	}
}

func TestOlderRequests(t *testing.T) {
	b := open(t)
	b.login()
	for range 205 {
		b.ask("GET", "/scim/v2/ServiceProviderConfig", scimToken, "")
	}
	seen, path := map[string]bool{}, "/console/"
	row, older := regexp.MustCompile(`data-number="(\d+)"`), regexp.MustCompile(`href="(/console/\?before=\d+)"`)
	eventually(t, "the last request does not come", func() bool { return strings.Contains(b.page("/console/"), `data-number="205"`) })
	pages := 0
	for ; path != "" && pages < 5; pages++ {
		text := b.page(path)
		for _, m := range row.FindAllStringSubmatch(text, -1) {
			if seen[m[1]] {
				t.Errorf("%s is there twice", m[1])
			}
			seen[m[1]] = true
		}
		path = ""
		if m := older.FindStringSubmatch(text); m != nil {
			path = m[1]
		}
	}
	if len(seen) != 205 || pages != 3 {
		t.Errorf("got %d requests on %d pages, want 205 on 3", len(seen), pages)
	}
}

// A request as long as can be does not make the list long.
func TestLongRequests(t *testing.T) {
	b := open(t)
	b.login()
	path := "/scim/v2/Users?filter=" + strings.Repeat("x", 8000)
	b.ask("GET", path, scimToken, "")
	eventually(t, "the request does not come", func() bool { return strings.Contains(b.page("/console/"), `data-number="1"`) })
	row := regexp.MustCompile(`(?s)<tr data-number="1">.*?</tr>`).FindString(b.page("/console/"))
	if len(row) == 0 || len(row) > 2000 {
		t.Errorf("the row has %d bytes, want some, 2000 at most", len(row))
	}
	if text := b.page("/console/requests/1"); !strings.Contains(text, strings.Repeat("x", 8000)) {
		t.Error("the exchange does not show the whole path")
	}
}
