// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// tab is a tab of Chromium with the console in it.
type tab struct {
	*bench
	ctx context.Context
	mu  sync.Mutex
	bad []string // what the pages complained about, or asked of others
}

// browse starts Chromium for one test and logs in. Where there is none the test
// is skipped; CI sets SCIMPROOF_REQUIRE_CHROMIUM, which makes that a failure.
func browse(t *testing.T) *tab {
	t.Helper()
	program := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			program = found
			break
		}
	}
	if program == "" {
		if os.Getenv("SCIMPROOF_REQUIRE_CHROMIUM") != "" {
			t.Fatal("no Chromium in PATH, and SCIMPROOF_REQUIRE_CHROMIUM is set")
		}
		t.Skip("no Chromium in PATH")
	}
	b := &tab{bench: open(t)}
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	b.ctx, cancel = context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancel)
	b.listen()
	b.do(
		chromedp.Navigate(b.door.URL+"/console/"),
		chromedp.SendKeys("#token", adminToken),
		chromedp.Click("form button"),
		chromedp.WaitVisible("#requests"),
	)
	return b
}

// listen collects what the pages complain about: refused by the CSP, exceptions,
// and requests to anywhere else.
func (b *tab) listen() {
	add := func(format string, args ...any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.bad = append(b.bad, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			add("log: %s %s", e.Entry.Text, e.Entry.URL)
		case *runtime.EventExceptionThrown:
			add("exception: %s", e.ExceptionDetails.Text)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, b.door.URL+"/console") {
				add("request: %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, text := range b.bad {
			b.t.Error(text)
		}
	})
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// eval runs JavaScript in the page and gives what comes of it.
func eval[T any](b *tab, text string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](text, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

func (b *tab) look(scheme string, width int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

// A click on the switch of a fault changes what SCIM answers, and a second one
// changes it back.
func TestBrowserSwitchesAFault(t *testing.T) {
	b := browse(t)
	b.create("ann@x.example")
	b.create("bob@x.example")
	path := "/Users?count=10&filter=" + url.QueryEscape(`userName eq "bob@x.example"`)
	found := func() string {
		t.Helper()
		status, text := b.read("/scim/v2" + path)
		if status != http.StatusOK {
			t.Fatalf("got %d %s", status, text)
		}
		return text
	}
	const one, two = `"totalResults":1`, `"totalResults":2`
	if got := found(); !strings.Contains(got, one) {
		t.Fatalf("before: got %s, want %s", got, one)
	}
	const button = `button[role=switch][value="filter-ignored"]`
	b.do(chromedp.Navigate(b.door.URL+"/console/switches"), chromedp.SendKeys("#narrow", "filter-ignored"))
	if n := eval[int](b, `[...document.querySelectorAll(".faults li")].filter((i) => !i.hidden).length`); n < 1 || n > 3 {
		t.Errorf("narrowed to filter-ignored, %d faults are shown", n)
	}
	b.do(chromedp.Click(button), chromedp.WaitVisible(button+`[aria-checked=true]`))
	if got := found(); !strings.Contains(got, two) {
		t.Errorf("fault on: got %s, want %s", got, two)
	}
	b.do(chromedp.Focus(button), chromedp.KeyEvent(" "), chromedp.WaitVisible(button+`[aria-checked=false]`))
	if got := found(); !strings.Contains(got, one) {
		t.Errorf("fault off: got %s, want %s", got, one)
	}
}

// A request that arrives stands on the page without loading it again, and so
// does what is odd about it; a click shows the exchange. A page that is paused
// stays as it is until it goes on.
func TestBrowserShowsRequestsLive(t *testing.T) {
	b := browse(t)
	b.do(chromedp.WaitVisible("#live.on"))
	eval[chromedp.Void](b, `window.here = true; 0`)
	b.create("ann@x.example")
	b.do(chromedp.WaitVisible(`tr[data-number="1"]`))
	b.ask("GET", "/scim/v2/Users?filter=userName+pr", scimToken, "")
	b.do(chromedp.WaitVisible(`tr[data-number="2"] .deviation`))
	if !eval[bool](b, `window.here === true`) {
		t.Error("the page was loaded again")
	}
	if got := eval[string](b, `[...document.querySelectorAll("#requests tbody tr")].map((r) => r.dataset.number).join(" ")`); got != "2 1" {
		t.Errorf("order: got %q, want 2 1", got)
	}
	if got := eval[string](b, `document.getElementById("summary").innerText`); !strings.Contains(got, "1 deviations") || !strings.Contains(got, "test.filter") {
		t.Errorf("summary: got %q", got)
	}
	b.do(chromedp.Click("#pause"))
	b.create("bob@x.example")
	eventually(t, "the pause does not count", func() bool {
		return eval[string](b, `document.getElementById("live").textContent`) == "Paused, 1 new"
	})
	if eval[bool](b, `!!document.querySelector('tr[data-number="3"]')`) {
		t.Error("a paused page changes")
	}
	b.do(chromedp.Click("#pause"), chromedp.WaitVisible(`tr[data-number="3"]`))
	b.do(chromedp.Click(`tr[data-number="2"] .path a`), chromedp.WaitVisible(".finding"))
	if got := eval[string](b, `document.body.innerText`); !strings.Contains(got, "filter=userName+pr") || !strings.Contains(got, "<b>none</b>") || strings.Contains(got, scimToken) {
		t.Errorf("exchange: got %s", got)
	}
}

// Every page passes axe-core in both colour schemes and on a narrow screen, and
// is no wider than that.
func TestBrowserAccessible(t *testing.T) {
	axe, err := os.ReadFile("../../reports/testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	b := browse(t)
	b.login()
	if a := b.submit("/console/seed", url.Values{"text": {"{population: 60, groups: 5}"}}); a.StatusCode != http.StatusSeeOther {
		t.Fatalf("seed: got %d %s", a.StatusCode, a.text)
	}
	b.ask("GET", "/scim/v2/Users?filter=userName+pr", scimToken, "")
	b.ask("GET", "/scim/v2/Users/"+strings.Repeat("x", 300), scimToken, "")
	b.ask("GET", "/scim/v2/Users", "wrong-token-0123456789", "")
	user := eval[string](b, `fetch("/console/users").then((r) => r.text()).then((t) => t.match(/\/console(\/users\/[^"]+)"/)[1])`)
	for _, path := range []string{"/", "/requests/1", "/report", "/users", user, "/groups", "/teams", "/roles", "/keys", "/audit", "/switches", "/t/acme/", "/login"} {
		b.do(chromedp.Navigate(b.door.URL + "/console" + path))
		eval[chromedp.Void](b, `document.querySelectorAll("details").forEach((d) => { d.open = true; })`)
		eval[chromedp.Void](b, string(axe)+";0")
		for _, l := range []struct {
			scheme string
			width  int64
		}{{"light", 1200}, {"dark", 1200}, {"light", 400}} {
			b.look(l.scheme, l.width)
			type violation struct {
				ID, Impact string
				Nodes      []string
			}
			for _, v := range eval[[]violation](b, `axe.run().then((r) => r.violations.map((v) => ({
				id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary) })))`) {
				t.Errorf("%s, %s, %d px: %s (%s): %s", path, l.scheme, l.width, v.ID, v.Impact, strings.Join(v.Nodes, "\n  "))
			}
		}
		if wide := eval[int](b, `document.documentElement.scrollWidth - innerWidth`); wide > 0 {
			t.Errorf("%s is %d px wider than a screen of 400 px", path, wide)
		}
	}
}
