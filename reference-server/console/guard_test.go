// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
)

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
