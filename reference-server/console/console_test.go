// SPDX-License-Identifier: Apache-2.0

package console_test

import (
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
