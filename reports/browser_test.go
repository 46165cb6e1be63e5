// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
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

	"github.com/scimproof/scimproof/suites/check"
)

// browser starts Chromium for one test, or skips it where there is none; CI sets
// SCIMPROOF_REQUIRE_CHROMIUM, which makes a missing one a failure.
func browser(t *testing.T) context.Context {
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
	options := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.ExecPath(program), chromedp.NoSandbox, chromedp.UserDataDir(t.TempDir()))
	ctx, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(ctx)
	t.Cleanup(cancelTab)
	ctx, cancelTime := context.WithTimeout(ctx, 3*time.Minute)
	t.Cleanup(cancelTime)
	return ctx
}

// pageFile writes a page to a file and gives its URL.
func pageFile(t *testing.T, write func(io.Writer, *Run) error, r *Run) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.html")
	if err := os.WriteFile(file, []byte(render(t, write, r)), 0o600); err != nil {
		t.Fatal(err)
	}
	return (&url.URL{Scheme: "file", Path: file}).String()
}

// trouble collects what a page complains about, and what it asks the network for.
func trouble(ctx context.Context, t *testing.T) func() []string {
	t.Helper()
	var mu sync.Mutex
	var out []string
	add := func(format string, args ...any) {
		mu.Lock()
		defer mu.Unlock()
		out = append(out, fmt.Sprintf(format, args...))
	}
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			add("log: %s", e.Entry.Text)
		case *runtime.EventExceptionThrown:
			add("exception: %s", e.ExceptionDetails.Text)
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, "file://") {
				add("request: %s", e.Request.URL)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(out)
	}
}

func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

// script runs JavaScript in the page and gives what comes of it.
func script[T any](ctx context.Context, t *testing.T, text string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](text, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// look sets the colour scheme and the width of the screen.
func look(ctx context.Context, t *testing.T, scheme string, width int64) {
	t.Helper()
	do(ctx, t, chromedp.EmulateViewport(width, 900), chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		_, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return err
	}))
}

const openAll = `document.querySelectorAll("details").forEach(function (d) { d.open = true; })`

// TestBrowserAccessible runs axe-core over every page, with everything open, in
// both colour schemes and on a narrow screen.
func TestBrowserAccessible(t *testing.T) {
	axe, err := os.ReadFile("testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	ctx := browser(t)
	complaints := trouble(ctx, t)
	for run, newRun := range goldenRuns {
		for _, format := range []string{"html", "diff.html", "matrix.html"} {
			do(ctx, t, chromedp.Navigate(pageFile(t, byName(format), newRun())))
			script[chromedp.Void](ctx, t, openAll)
			script[chromedp.Void](ctx, t, string(axe)+";0")
			for _, l := range []struct {
				scheme string
				width  int64
			}{{"light", 1200}, {"dark", 1200}, {"light", 400}} {
				look(ctx, t, l.scheme, l.width)
				type violation struct {
					ID, Impact string
					Nodes      []string
				}
				found := script[[]violation](ctx, t, `axe.run().then(function (r) { return r.violations.map(function (v) {
					return { id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map(function (n) { return n.html.slice(0, 200) + " " + n.failureSummary; }) }; }); })`)
				for _, v := range found {
					t.Errorf("%s.%s, %s, %d px: %s (%s): %s", run, format, l.scheme, l.width, v.ID, v.Impact, strings.Join(v.Nodes, "\n  "))
				}
			}
			if id := script[string](ctx, t, `Array.from(document.querySelectorAll(".check .body")).filter(function (e) { return e.scrollWidth > e.clientWidth; }).map(function (e) { return e.id; }).join(" ")`); id != "" {
				t.Errorf("%s.%s on 400 px: wider than their frame: %s", run, format, id)
			}
			if script[bool](ctx, t, `document.documentElement.scrollWidth > innerWidth`) {
				t.Errorf("%s.%s is wider than a screen of 400 px", run, format)
			}
		}
	}
	for _, c := range complaints() {
		t.Error(c)
	}
}

// many is a run of n checks, of which every tenth fails.
func many(n int) *Run {
	results := make([]check.Result, 0, n)
	for i := range n {
		o := check.Passed
		if i%10 == 0 {
			o = check.Failed
		}
		r := sample(o, levels[i%3])
		r.Check.ID = fmt.Sprintf("area%d.subject.case-%d", i%25, i)
		r.Check.Title = fmt.Sprintf("Statement number %d about the provider holds in every case", i)
		results = append(results, r)
	}
	return New(meta(), results)
}

// TestBrowserFilter filters 1,500 checks and times each keystroke, from the key
// to the next picture.
func TestBrowserFilter(t *testing.T) {
	ctx := browser(t)
	complaints := trouble(ctx, t)
	do(ctx, t, chromedp.Navigate(pageFile(t, HTML, many(1500))))
	times := script[[]float64](ctx, t, `(async function () {
		var box = document.querySelector("#filter input"), times = [];
		for (const text of ["n", "nu", "num", "numb", "number 14", "number 149", ""]) {
			box.value = text;
			const start = performance.now();
			box.dispatchEvent(new Event("input"));
			await new Promise(function (done) { requestAnimationFrame(function () { requestAnimationFrame(done); }); });
			times.push(performance.now() - start);
		}
		return times; })()`)
	do(ctx, t, chromedp.SendKeys("#filter input", "failed number 149"))
	count := script[string](ctx, t, `new Promise(function (done) {
		requestAnimationFrame(function () { requestAnimationFrame(function () { done(document.getElementById("filter-count").textContent); }); }); })`)
	t.Logf("milliseconds from key to picture, 1,500 checks: %.0f", times)
	if worst := slices.Max(times); worst > 1000 {
		t.Errorf("a keystroke took %.0f ms, want less than 1000 even on a busy machine", worst)
	}
	if count != "1 of 1500" { // every tenth fails: 1490
		t.Errorf("got %q, want 1 of 1500", count)
	}
	for _, c := range complaints() {
		t.Error(c)
	}
}

// TestBrowserLink opens the check that a link names, however deep it is folded.
func TestBrowserLink(t *testing.T) {
	ctx := browser(t)
	page := pageFile(t, HTML, many(300))
	for _, id := range []string{"area0.subject.case-0", "area5.subject.case-280", "area1.subject.case-1"} {
		do(ctx, t, chromedp.Navigate("about:blank"), chromedp.Navigate(page+"#"+id), chromedp.Sleep(300*time.Millisecond))
		type place struct {
			Open                     bool
			Top, Height, InnerHeight float64
		}
		got := script[place](ctx, t, `(function () { var e = document.getElementById("`+id+`").closest("details"), box = e.getBoundingClientRect();
			return { open: e.open, top: box.top, height: box.height, innerHeight: innerHeight }; })()`)
		if !got.Open || got.Height < 60 || got.Top < 0 || got.Top > got.InnerHeight/2 {
			t.Errorf("#%s does not show the check: %+v", id, got)
		}
	}
}
