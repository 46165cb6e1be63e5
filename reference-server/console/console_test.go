// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
	"github.com/scimproof/scimproof/reference-server/console"
)

const (
	scimToken  = "scim-token-0123456789"
	adminToken = "admin-token-0123456789"
	acmeToken  = "acme-token-0123456789"
)

// bench is a server with its console, seen from both sides.
type bench struct {
	t       *testing.T
	control *refserver.Control
	console *console.Console
	scim    *httptest.Server
	door    *httptest.Server // of the console
	client  *http.Client     // of the console; keeps cookies, follows no redirect
	judged  atomic.Int32     // how often requests were judged
}

// odd calls requests with a filter a deviation, and the rest clean.
func odd(exchanges []flow.Exchange) console.Judgement {
	j := console.Judgement{Dialect: "rfc", Why: "no sign"}
	for _, x := range exchanges {
		said := console.Said{Verdict: console.Clean}
		if strings.Contains(x.Path, "filter=") {
			said = console.Said{Verdict: console.Deviation, Findings: []console.Finding{{
				Rule: "test.filter", Holds: "it does not filter", Where: "path", Got: x.Path, Want: "<b>none</b>", Verdict: console.Deviation,
			}}}
		}
		j.Said = append(j.Said, said)
	}
	return j
}

func open(t testing.TB) *bench {
	t.Helper()
	control, err := refserver.NewControl(refserver.Options{Token: scimToken, Tokens: []refserver.Token{{Secret: acmeToken, Tenant: "acme"}}})
	if err != nil {
		t.Fatal(err)
	}
	a, err := admin.New(admin.Options{Server: control, Token: adminToken, Secrets: []flow.Secret{scimToken, acmeToken}})
	if err != nil {
		t.Fatal(err)
	}
	scim := httptest.NewServer(a.Provider())
	b := &bench{control: control, scim: scim}
	c, err := console.New(console.Options{Admin: a, Server: control, Origin: scim.URL, Judge: func(x []flow.Exchange) console.Judgement {
		b.judged.Add(1)
		return odd(x)
	}})
	if err != nil {
		t.Fatal(err)
	}
	jar, _ := cookiejar.New(nil) // never fails without options
	b.console, b.door = c, httptest.NewServer(c)
	b.client = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	b.t, _ = t.(*testing.T)
	t.Cleanup(func() {
		c.Close()
		scim.Close()
		b.door.Close()
		if err := control.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// answer is a reply with its body read.
type answer struct {
	*http.Response
	text string
}

func (b *bench) send(method, path, body string, header ...string) answer {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.door.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer{res, string(text)}
}

func (b *bench) login() {
	b.t.Helper()
	if a := b.send("POST", "/console/login", "token="+adminToken); a.StatusCode != 303 {
		b.t.Fatalf("login: got %d %s", a.StatusCode, a.text)
	}
}

// page gets a page of a session.
func (b *bench) page(path string) string {
	b.t.Helper()
	a := b.send("GET", path, "")
	if a.StatusCode != 200 {
		b.t.Fatalf("GET %s: got %d %s", path, a.StatusCode, a.text)
	}
	return a.text
}

var formToken = regexp.MustCompile(`name="form" value="([0-9a-f]+)"`)

// submit sends a form as a page of the session has it, and gives the answer.
func (b *bench) submit(path string, values url.Values) answer {
	b.t.Helper()
	m := formToken.FindStringSubmatch(b.page("/console/"))
	if m == nil {
		b.t.Fatal("the page has no form")
	}
	values.Set("form", m[1])
	return b.send("POST", path, values.Encode())
}

// ask sends a request to the SCIM API and returns the status.
func (b *bench) ask(method, path, token, body string) (status int) {
	b.t.Helper()
	status, _ = b.exchange(method, path, token, body)
	return status
}

// read gets what is at a path of the SCIM API.
func (b *bench) read(path string) (status int, text string) {
	b.t.Helper()
	return b.exchange(http.MethodGet, path, scimToken, "")
}

func (b *bench) exchange(method, path, token, body string) (status int, text string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, b.scim.URL+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/scim+json")
	res, err := b.scim.Client().Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return res.StatusCode, string(answer)
}

func (b *bench) create(name string) {
	b.t.Helper()
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":` + strconv.Quote(name) + `,"active":true,"emails":[{"value":` + strconv.Quote(name) + `,"primary":true}]}`
	if status := b.ask("POST", "/scim/v2/Users", scimToken, body); status != 201 {
		b.t.Fatalf("create %s: got %d", name, status)
	}
}

// eventually waits for what happens just after an answer was sent.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatal(what)
}

func TestWhoMaySeeIt(t *testing.T) {
	b := open(t)
	host := strings.TrimPrefix(b.door.URL, "http://")
	get := func(header ...string) answer { return b.send("GET", "/console/users", "", header...) }
	if a := get(); a.StatusCode != 303 || a.Header.Get("Location") != "/console/login?to=%2Fconsole%2Fusers" {
		t.Fatalf("without session: got %d to %q", a.StatusCode, a.Header.Get("Location"))
	}
	if a := b.send("POST", "/console/reset", "sure=1"); a.StatusCode != 401 {
		t.Errorf("form without session: got %d", a.StatusCode)
	}
	for _, token := range []string{"", "x", scimToken} {
		if a := b.send("POST", "/console/login", "token="+token); a.StatusCode != 403 || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("login with %q: got %d, cookie %q", token, a.StatusCode, a.Header.Get("Set-Cookie"))
		}
	}
	for to, want := range map[string]string{
		"/console/users?page=2": "/console/users?page=2", "https://attacker.example/console/": "/console/", "//attacker.example/console/": "/console/",
		"/admin/": "/console/", "/console/..//attacker.example": "/console/", `/console/\attacker.example`: "/console/",
	} {
		a := b.send("POST", "/console/login?to="+url.QueryEscape(to), "token="+adminToken)
		if got := a.Header.Get("Location"); a.StatusCode != 303 || got != want {
			t.Errorf("login to %q: got %d to %q, want %q", to, a.StatusCode, got, want)
		}
		if c := a.Header.Get("Set-Cookie"); !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Strict") || !strings.Contains(c, "Path=/console") {
			t.Errorf("cookie: got %q", c)
		}
	}
	for _, tt := range []struct {
		name   string
		header []string
		status int
	}{
		{"session", nil, 200},
		{"rebound name", []string{"Host: attacker.example:8081"}, 403},
		{"foreign page reads", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: cors", "Sec-Fetch-Dest: empty"}, 403},
		{"another port reads", []string{"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"}, 403},
		{"foreign page frames", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: iframe"}, 403},
		{"link elsewhere", []string{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 200},
	} {
		if a := get(tt.header...); a.StatusCode != tt.status && !(strings.HasPrefix(tt.name, "rebound") && a.StatusCode == 403) {
			t.Errorf("%s: got %d, want %d", tt.name, a.StatusCode, tt.status)
		}
	}
	form := formToken.FindStringSubmatch(b.page("/console/"))[1]
	for name, header := range map[string][]string{
		"foreign origin": {"Origin: https://attacker.example"}, "another port": {"Origin: http://127.0.0.1:1"}, "null": {"Origin: null"},
		"foreign site": {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"},
		"same site":    {"Sec-Fetch-Site: same-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"},
	} {
		if a := b.send("POST", "/console/forget", "form="+form, header...); a.StatusCode != 403 {
			t.Errorf("form of %s: got %d, want 403", name, a.StatusCode)
		}
	}
	for _, body := range []string{"x=1", "form=", "form=" + strings.Repeat("0", 64)} {
		if a := b.send("POST", "/console/forget", body); a.StatusCode != 403 || !strings.Contains(a.text, "not of your session") {
			t.Errorf("form %q: got %d", body, a.StatusCode)
		}
	}
	if a := b.send("POST", "/console/forget", "form="+form, "Origin: http://"+host); a.StatusCode != 303 {
		t.Errorf("own form: got %d %s", a.StatusCode, a.text)
	}
	if a := b.send("POST", "/console/logout", "form="+form); a.StatusCode != 303 {
		t.Errorf("logout: got %d", a.StatusCode)
	}
	if a := get(); a.StatusCode != 303 {
		t.Errorf("after logout: got %d, want 303", a.StatusCode)
	}
}

// Every page forbids what is inline and what is from elsewhere, and has nothing
// of it; none shows a token.
func TestPagesAreStrict(t *testing.T) {
	b := open(t)
	b.login()
	b.create("ann@x.example")
	b.ask("GET", "/scim/v2/Users?filter=userName+eq+%22"+url.QueryEscape(scimToken)+"%22", scimToken, "")
	b.ask("GET", "/scim/v2/Users", "somebody-else-0123456789", "")
	inline := regexp.MustCompile(`(?i)<script(?: [^>]*)?>[^<]|<style|\son[a-z]+=|\sstyle=|javascript:|(?:src|href|action)="(?:https?:)?//`)
	for _, path := range []string{"/", "/requests/1", "/requests/2", "/report", "/users", "/groups", "/teams", "/roles", "/keys", "/audit", "/switches", "/login", "/t/acme/", "/t/acme/users", "/t/acme/switches"} {
		a := b.send("GET", "/console"+path, "")
		if a.StatusCode != 200 {
			t.Errorf("%s: got %d %s", path, a.StatusCode, a.text)
			continue
		}
		csp := a.Header.Get("Content-Security-Policy")
		if !strings.HasPrefix(csp, "default-src 'none'; script-src 'self'; style-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: CSP %q", path, csp)
		}
		if m := inline.FindString(a.text); m != "" {
			t.Errorf("%s: has %q", path, m)
		}
		for _, secret := range []string{scimToken, adminToken, acmeToken, "somebody-else-0123456789"} {
			if strings.Contains(a.text, secret) {
				t.Errorf("%s: shows %q", path, secret)
			}
		}
		if strings.Contains(a.text, "ZgotmplZ") {
			t.Errorf("%s: a value stands where none may", path)
		}
	}
	for _, path := range []string{"/nothing", "/users/nobody", "/requests/99", "/requests/x", "/t/nobody/", "/?before=x", "/users?page=0"} {
		a := b.send("GET", "/console"+path, "")
		if a.StatusCode != 404 && a.StatusCode != 400 || !strings.Contains(a.text, `role="alert"`) {
			t.Errorf("%s: got %d, want 404 or 400 with a reason", path, a.StatusCode)
		}
	}
	for _, name := range []string{"console.css", "console.js", "icon.svg"} {
		if a := b.send("GET", "/console/assets/"+name, ""); a.StatusCode != 200 || len(a.text) < 100 {
			t.Errorf("%s: got %d", name, a.StatusCode)
		}
	}
	if a := b.send("GET", "/console/assets/..%2fconsole.go", ""); a.StatusCode != 404 {
		t.Errorf("beyond the assets: got %d", a.StatusCode)
	}
}

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

func TestOrganisation(t *testing.T) {
	b := open(t)
	b.login()
	if a := b.submit("/console/seed", url.Values{"text": {"roles: [Auditor]\npeople:\n- {id: ann, userName: ann@x.example, givenName: Ann, familyName: Lee, roles: [Auditor]}\ngroups:\n- {displayName: Crew, members: [ann]}\nteams:\n- {name: Night Watch, members: [ann]}\n"}}); a.StatusCode != 303 {
		t.Fatalf("seed: got %d %s", a.StatusCode, a.text)
	}
	users := b.page("/console/users")
	for _, want := range []string{"Made 1 user, 1 group, 1 role, 1 team.", "Ann Lee", "ann@x.example", "Auditor"} {
		if !strings.Contains(users, want) {
			t.Errorf("users: no %q", want)
		}
	}
	link := regexp.MustCompile(`href="(/console/users/[^"]+)">Ann Lee`).FindStringSubmatch(users)
	if link == nil {
		t.Fatal("users: no link to Ann")
	}
	one := b.page(link[1])
	for _, want := range []string{"What SCIM holds", "&#34;familyName&#34;: &#34;Lee&#34;", "What the product makes of it", "Auditor", "Night Watch", "Crew"} {
		if !strings.Contains(one, want) {
			t.Errorf("Ann: no %q", want)
		}
	}
	for path, want := range map[string]string{
		"/groups": "Crew", "/teams": "Night Watch", "/roles": "Auditor", "/audit": "created", "/users?q=nobody": "No user mentions “nobody”", "/keys": "Application keys", "/users?q=ann": "Ann Lee",
		"/audit?q=%40asset.type%3Auser": "user", "/t/acme/groups": "There is no group yet",
	} {
		if text := b.page("/console" + path); !strings.Contains(text, want) {
			t.Errorf("%s: no %q", path, want)
		}
	}
	if a := b.submit("/console/seed", url.Values{"text": {"population: 120\ngroups: 60\nseed: 7"}}); a.StatusCode != 303 {
		t.Fatalf("seed: got %d %s", a.StatusCode, a.text)
	}
	cell := regexp.MustCompile(`(?s)<tbody>(.*)</tbody>`)
	// The organisation has two users of its own, who are in no directory.
	for list, n := range map[string]int{"users": 123, "groups": 61, "teams": 62} {
		seen, rows := map[string]bool{}, 0
		for page := 1; page <= (n+49)/50; page++ {
			text := b.page("/console/" + list + "?page=" + strconv.Itoa(page))
			for _, row := range strings.Split(cell.FindStringSubmatch(text)[1], "<tr>")[1:] {
				seen[row], rows = true, rows+1
			}
		}
		if rows != n || len(seen) != n {
			t.Errorf("%s: got %d rows, %d different, want %d", list, rows, len(seen), n)
		}
	}
	if a := b.submit("/console/reset", url.Values{}); a.StatusCode != 400 || !strings.Contains(a.text, "Nothing was removed") {
		t.Errorf("reset without a second word: got %d %s", a.StatusCode, a.text)
	}
	if a := b.submit("/console/reset", url.Values{"sure": {"1"}}); a.StatusCode != 303 {
		t.Errorf("reset: got %d", a.StatusCode)
	}
	if text := b.page("/console/groups"); !strings.Contains(text, "There is no group yet") {
		t.Error("reset: there are groups still")
	}
}

func TestSwitches(t *testing.T) {
	b := open(t)
	b.login()
	if a := b.submit("/console/faults", url.Values{"on": {"filter-ignored"}}); a.StatusCode != 303 || a.Header.Get("Location") != "/console/switches#fault-filter-ignored" {
		t.Fatalf("fault on: got %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	text := b.page("/console/switches")
	if !strings.Contains(text, "filter-ignored is on.") || !strings.Contains(text, `aria-checked="true" name="off" value="filter-ignored"`) || !strings.Contains(text, "On now, so that answers are wrong on purpose: 1 fault.") {
		t.Error("the page does not say that the fault is on")
	}
	if f := b.control.Faults(); len(f) != 1 || f[0].Name != "filter-ignored" {
		t.Errorf("faults: got %v", f)
	}
	b.submit("/console/t/acme/faults", url.Values{"on": {"etag-missing"}})
	if acme, _ := b.control.Tenant("acme"); len(acme.Faults()) != 1 || len(b.control.Faults()) != 1 {
		t.Error("a fault of a tenant is not in it alone")
	}
	b.submit("/console/faults", url.Values{"none": {"1"}})
	if f := b.control.Faults(); len(f) != 0 {
		t.Errorf("all off: got %v", f)
	}
	if a := b.submit("/console/faults", url.Values{"on": {"no-such"}}); a.StatusCode != 400 {
		t.Errorf("unknown fault: got %d", a.StatusCode)
	}
	for _, tt := range []struct {
		name   string
		values url.Values
		status int
		says   string
	}{
		{"on", url.Values{"rate 503": {"100"}, "seed": {"3"}}, 303, "Chaos is on."},
		{"no number", url.Values{"rate 503": {"many"}}, 400, "no percentage"},
		{"too much", url.Values{"rate 503": {"60"}, "rate 429": {"60"}}, 400, "in sum"},
		{"delay", url.Values{"delay": {"soon"}}, 400, "delay"},
		{"seed", url.Values{"seed": {"-1"}}, 400, "seed"},
	} {
		a := b.submit("/console/chaos", tt.values)
		said := a.text
		if a.StatusCode == 303 {
			said = b.page("/console/switches")
		}
		if a.StatusCode != tt.status || !strings.Contains(said, tt.says) {
			t.Errorf("chaos %s: got %d, want %d with %q", tt.name, a.StatusCode, tt.status, tt.says)
		}
	}
	if status := b.ask("GET", "/scim/v2/Users", scimToken, ""); status != 503 {
		t.Errorf("with chaos: got %d, want 503", status)
	}
	b.submit("/console/chaos", url.Values{"off": {"1"}, "rate 503": {"100"}})
	if status := b.ask("GET", "/scim/v2/Users", scimToken, ""); status != 200 {
		t.Errorf("without chaos: got %d, want 200", status)
	}
	if a := b.submit("/console/seed", url.Values{"text": {"peeple: []"}}); a.StatusCode != 400 || !strings.Contains(a.text, "allowed keys") || !strings.Contains(a.text, "peeple: []</textarea>") {
		t.Errorf("wrong seed: got %d, want 400, the reason, and what was tried", a.StatusCode)
	}
}

// follow opens the live stream and gives its events.
func (b *bench) follow(ctx context.Context) (<-chan string, *http.Response) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.door.URL+"/console/live", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	events := make(chan string, 100)
	go func() {
		defer close(events)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- data
			}
		}
	}()
	return events, res
}

// While nobody looks nothing is judged, and what did not change is not judged
// again.
func TestNobodyLooks(t *testing.T) {
	b := open(t)
	b.login()
	ctx, cancel := context.WithCancel(t.Context())
	events, _ := b.follow(ctx)
	<-events
	cancel()
	for range events {
	}
	before := b.judged.Load()
	for range 50 {
		b.ask("GET", "/scim/v2/Users", scimToken, "")
	}
	time.Sleep(time.Second / 2)               // twice the pace of a stream
	if n := b.judged.Load() - before; n > 1 { // the stream may not have seen yet that its reader has gone
		t.Errorf("nobody looks, and requests were judged %d times", n)
	}
	eventually(t, "the last request does not come", func() bool { return strings.Contains(b.page("/console/"), `data-number="50"`) })
	before = b.judged.Load()
	b.page("/console/")
	b.page("/console/report")
	if n := b.judged.Load() - before; n != 0 {
		t.Errorf("nothing changed, and requests were judged %d times", n)
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

func TestLiveStream(t *testing.T) {
	b := open(t)
	if _, res := b.follow(t.Context()); res.StatusCode != 401 {
		t.Fatalf("without session: got %d, want 401", res.StatusCode)
	}
	b.login()
	events, res := b.follow(t.Context())
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if first := <-events; !strings.Contains(first, "Nothing has arrived yet") {
		t.Errorf("first event: got %s", first)
	}
	b.create("ann@x.example")
	if next := <-events; !strings.Contains(next, `"number":1`) || !strings.Contains(next, "POST") || !strings.Contains(next, "clean") {
		t.Errorf("next event: got %s", next)
	}
	// Many requests make few events, and each row comes once.
	for range 150 {
		b.ask("GET", "/scim/v2/Users?filter=userName+pr", scimToken, "")
	}
	n, rows := 0, 0
	for e := range events {
		n++
		rows += strings.Count(e, `"html"`)
		if strings.Contains(e, `"number":151`) {
			break
		}
	}
	if n > 60 || rows > 150 || rows < 100 {
		t.Errorf("150 requests: got %d events with %d rows", n, rows)
	}
	b.console.Close()
	select {
	case _, more := <-events:
		if more {
			for range events {
			}
		}
	case <-time.After(10 * time.Second):
		t.Error("the stream does not end with the console")
	}
}

// There are not more streams than are allowed, and one that ends makes room.
func TestStreamsAreBounded(t *testing.T) {
	b := open(t)
	b.login()
	ctx, cancel := context.WithCancel(t.Context())
	for range 16 {
		if _, res := b.follow(ctx); res.StatusCode != 200 {
			t.Fatalf("got %d", res.StatusCode)
		}
	}
	if _, res := b.follow(t.Context()); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: got %d, want 503", res.StatusCode)
	}
	cancel()
	eventually(t, "a stream that ended makes no room", func() bool {
		_, res := b.follow(t.Context())
		return res.StatusCode == 200
	})
}
