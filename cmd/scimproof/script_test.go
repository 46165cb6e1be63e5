// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scimproof": main})
}

// TestScripts runs testdata/*.txtar: what somebody types, and what comes of it.
// Each script finds a page of HTML at $HTML, a port where nobody listens at
// $DEAD, and the reference server, in another process, by the command serving.
func TestScripts(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprint(w, "<!DOCTYPE html><title>Sign in</title>")
	}))
	t.Cleanup(page.Close) // scripts run in parallel and end after this function returns
	dead := httptest.NewServer(nil)
	dead.Close()
	testscript.Run(t, testscript.Params{
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("HTML", page.URL)
			e.Setenv("DEAD", dead.URL)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":   exits,
			"serving": serving,
		},
		RequireUniqueNames: true,
	})
}

// exits runs scimproof and wants it to end with a code: exits 2 check --nonsense.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE VERB [ARG…]")
	}
	err := ts.Exec("scimproof", args[1:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("got exit code %s, want %s", code, args[0])
	}
}

// serving waits until the server that a script started in the background, with
// its output in FILE, says that it answers, and sets $URL, $ORIGIN, $TOKEN and
// $KEY: serving FILE.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: serving FILE")
	}
	for range 200 {
		text, err := os.ReadFile(ts.MkAbs(args[0]))
		if line := string(text); err == nil && strings.HasSuffix(line, "\n") {
			fields := strings.Fields(line)
			for _, f := range fields {
				if v, ok := strings.CutPrefix(f, "token="); ok {
					ts.Setenv("TOKEN", v)
				}
				if v, ok := strings.CutPrefix(f, "admin-key="); ok {
					ts.Setenv("KEY", v)
				}
				if strings.HasPrefix(f, "http://") {
					ts.Setenv("URL", f)
					ts.Setenv("ORIGIN", strings.TrimSuffix(f, scimPath))
				}
			}
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	ts.Fatalf("%s: no server said that it answers within 10 s", args[0])
}
