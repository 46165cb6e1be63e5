// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"scimproof": main})
}

// TestScripts runs testdata/*.txtar: what somebody types, and what comes of it.
// Each script finds a page of HTML at $HTML and a port where nobody listens at
// $DEAD; the command serve starts the reference server in another process.
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
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Values[serverKey{}] = new(*exec.Cmd)
			e.Values[recorderKey{}] = new(*exec.Cmd)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":  exits,
			"serve":  serve,
			"said":   said,
			"send":   send,
			"record": startRecord,
			"end":    end,
			"stop":   stop,
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

// serverKey finds the server that a script has started last.
type serverKey struct{}

// given are the variables of a script that the server sees as well.
var given = []string{defaultToken, "ACME_TOKEN", "ACME_KEY", "AUDIT_TOKEN", "OLD_TOKEN", "ALICE_TOKEN", "PRODUCT_KEY", "SCIMPROOF_ADMIN_TOKEN", "OAUTH_SECRET"}

// serve starts a server in another process, waits until it says that it
// answers, and sets $URL, $ORIGIN, $KEY, $ADMIN and, if the server made them up,
// $TOKEN and $ADMIN_TOKEN: serve [ARG…].
func serve(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serve cannot be negated")
	}
	program, err := exec.LookPath("scimproof")
	ts.Check(err)
	server := exec.Command(program, append([]string{"serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"}, args...)...)
	server.Env = os.Environ()
	for _, name := range given {
		if v := ts.Getenv(name); v != "" {
			server.Env = append(server.Env, name+"="+v)
		}
	}
	server.Dir = ts.Getenv("WORK")
	out, err := server.StdoutPipe()
	ts.Check(err)
	ts.Check(server.Start())
	ts.Defer(func() { _ = server.Process.Kill() }) // an error says that it has ended, as it should
	*ts.Value(serverKey{}).(**exec.Cmd) = server
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("read what the server says: %v", err)
	}
	if given := ts.Getenv(defaultToken); given != "" && strings.Contains(line, given) {
		ts.Fatalf("the server printed a token that it was given: %s", line)
	}
	ts.Setenv("STARTED", line)
	for field := range strings.FieldsSeq(line) {
		switch name, value, _ := strings.Cut(field, "="); {
		case name == "token":
			ts.Setenv("TOKEN", value)
		case name == "admin-key":
			ts.Setenv("KEY", value)
		case name == "admin":
			ts.Setenv("ADMIN", value)
		case name == "console":
			ts.Setenv("CONSOLE", value)
		case name == "admin-token":
			ts.Setenv("ADMIN_TOKEN", value)
		case strings.HasPrefix(field, "http://"):
			ts.Setenv("URL", field)
			ts.Setenv("ORIGIN", strings.TrimSuffix(field, scimPath))
		}
	}
}

// said wants the line by which the server last started to match: [!] said PATTERN.
func said(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: [!] said PATTERN")
	}
	line := ts.Getenv("STARTED")
	if found := regexp.MustCompile(args[0]).MatchString(line); found == neg {
		ts.Fatalf("the server said: %s", line)
	}
}

// recorderKey finds the recorder that a script has started last.
type recorderKey struct{}

// startRecord starts scimproof record in another process, waits until it says
// that it answers, and sets $PROXY to the base URL to send to: record [ARG…].
func startRecord(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("record cannot be negated")
	}
	program, err := exec.LookPath("scimproof")
	ts.Check(err)
	recorder := exec.Command(program, append([]string{"record", "--listen", "127.0.0.1:0"}, args...)...)
	recorder.Dir = ts.Getenv("WORK")
	errors, err := os.Create(ts.MkAbs("record.err"))
	ts.Check(err)
	recorder.Stderr = errors
	out, err := recorder.StdoutPipe()
	ts.Check(err)
	ts.Check(recorder.Start())
	ts.Check(errors.Close())
	ts.Defer(func() { _ = recorder.Process.Kill() }) // an error says that it has ended, as it should
	*ts.Value(recorderKey{}).(**exec.Cmd) = recorder
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		ts.Fatalf("read what the recorder says: %v", err)
	}
	for field := range strings.FieldsSeq(line) {
		if strings.HasPrefix(field, "http") {
			ts.Setenv("PROXY", field)
			return
		}
	}
}

// end ends the recorder: end interrupt, which it must survive well, end empty, where
// it has nothing to write, or end kill.
func end(ts *testscript.TestScript, _ bool, args []string) {
	recorder := *ts.Value(recorderKey{}).(**exec.Cmd)
	if len(args) == 1 && args[0] == "kill" {
		ts.Check(recorder.Process.Kill())
		_ = recorder.Wait() // says that it was killed
		return
	}
	ts.Check(recorder.Process.Signal(os.Interrupt))
	err := recorder.Wait()
	if len(args) == 1 && args[0] == "empty" {
		if err == nil || err.Error() != "exit status 2" {
			ts.Fatalf("the recorder of nothing ended with %v, want exit status 2", err)
		}
		return
	}
	if err != nil {
		b, _ := os.ReadFile(ts.MkAbs("record.err"))
		ts.Fatalf("the interrupted recorder ended with %v: %s", err, b)
	}
}

// send sends a request with a bearer token, and puts the status and the body
// into a file: send FILE TOKEN METHOD URL [BODY].
func send(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 4 {
		ts.Fatalf("usage: send FILE TOKEN METHOD URL [BODY]")
	}
	q, err := http.NewRequest(args[2], args[3], strings.NewReader(strings.Join(args[4:], " ")))
	ts.Check(err)
	q.Header.Set("Authorization", "Bearer "+args[1])
	q.Header.Set("Content-Type", "application/scim+json")
	text := "no answer"
	if res, err := new(http.Transport).RoundTrip(q); err == nil {
		body, err := io.ReadAll(res.Body)
		ts.Check(err)
		ts.Check(res.Body.Close())
		text = fmt.Sprintf("%d\n%s", res.StatusCode, body)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// stop interrupts the server and wants it to end well.
func stop(ts *testscript.TestScript, _ bool, _ []string) {
	server := *ts.Value(serverKey{}).(**exec.Cmd)
	ts.Check(server.Process.Signal(os.Interrupt))
	if err := server.Wait(); err != nil {
		ts.Fatalf("the interrupted server ended with %v", err)
	}
}
