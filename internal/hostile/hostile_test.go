// SPDX-License-Identifier: Apache-2.0

//go:build linux

package hostile_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/hostile"
)

// canary is the token: no byte of any output may hold it.
const canary = "c4nary/T0ken+0123456789abcdefghijklmnop=="

// few are the checks that most kinds meet: they create, change, list, page,
// send bulk requests and delete.
const few = "/^id:(patch.remove.no-path|create.user.concurrent|cursor.walk.once|bulk.job.create|delete.group.members-stay|filter.name.case)$/"

// The whole of each proof is for make proof. go test puts check in front of
// every kind, each other verb in front of every sixth, and interrupts a few runs.
var (
	whole      = flag.Bool("whole", false, "put every verb in front of every kind, and let runs of all checks meet")
	interrupts = flag.Int("interrupts", 6, "interrupt so many runs")
	rounds     = flag.Int("rounds", 1, "repeat runs at once so often")
)

// program is the command under test.
var program string

func TestMain(m *testing.M) {
	flag.Parse()
	if f := flag.Lookup("test.parallel"); f.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		_ = f.Value.Set("8") // most runs wait for one who does not answer
	}
	dir, err := os.MkdirTemp("", "hostile")
	if err == nil {
		program = filepath.Join(dir, "scimproof")
		// The command has no race detector, which takes many times the memory.
		build := exec.Command("go", "build", "-race=false", "-o", program, "../../cmd/scimproof")
		build.Stderr = os.Stderr
		err = build.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "build scimproof:", err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// ended is what came of one run of the command.
type ended struct {
	code   int
	peak   int64 // VmHWM in bytes, as read every 10 ms
	output string
	dir    string
	hung   bool
	took   time.Duration
}

// limit is how long one run may take.
const limit = 45 * time.Second

// start starts the command in a folder of its own.
func start(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	out, err := os.Create(filepath.Join(dir, output))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = out.Close() }() // the command has it open by then
	c := exec.Command(program, args...)
	c.Dir, c.Stdout, c.Stderr = dir, out, out
	c.Env = []string{"SCIMPROOF_TOKEN=" + canary, "HOME=" + dir, "XDG_STATE_HOME=" + filepath.Join(dir, "state"), "PATH=/nowhere"}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// output is the file that takes what a command prints.
const output = "output.txt"

func said(c *exec.Cmd) string {
	text, err := os.ReadFile(filepath.Join(c.Dir, output))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// finish waits for a command, and kills one that hangs.
func finish(c *exec.Cmd) ended {
	begun := time.Now()
	var hung atomic.Bool
	timer := time.AfterFunc(limit, func() { hung.Store(true); _ = c.Process.Signal(syscall.SIGQUIT) })
	peak := watched(c.Process.Pid)
	err := c.Wait()
	timer.Stop()
	e := ended{peak: peak(), output: said(c), dir: c.Dir, hung: hung.Load(), took: time.Since(begun)}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		e.code = exit.ExitCode()
	}
	return e
}

// watched reads the most memory that a process has had, until the function it
// gives is called. (What wait4 tells of a child begins with its parent's.)
func watched(pid int) (peak func() int64) {
	done, most := make(chan struct{}), make(chan int64)
	go func() {
		var high int64
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status") // none: it has ended
			if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
				kib, _, _ := strings.Cut(strings.TrimSpace(rest), " ")
				n, _ := strconv.ParseInt(kib, 10, 64)
				high = max(high, n<<10)
			}
			select {
			case <-done:
				most <- high
				return
			case <-tick.C:
			}
		}
	}()
	return func() int64 { close(done); return <-most }
}

func run(t *testing.T, dir string, args ...string) ended {
	t.Helper()
	return finish(start(t, dir, args...))
}

// sound is what holds of every run, whatever it met.
func sound(t *testing.T, e ended, codes ...int) {
	t.Helper()
	switch {
	case e.hung:
		t.Errorf("it hung for %v:\n%s", limit, cut(e.output))
	case strings.Contains(e.output, "goroutine ") || strings.Contains(e.output, "panic"):
		t.Errorf("it panicked:\n%s", cut(e.output))
	case !slices.Contains(codes, e.code):
		t.Errorf("got exit code %d, want one of %v:\n%s", e.code, codes, cut(e.output))
	}
	if e.peak > 256<<20 {
		t.Errorf("it took %d MiB of memory, want 256 at most", e.peak>>20)
	}
	if strings.ContainsAny(e.output, "\x1b\x00") || strings.Contains(e.output, "\u202e") {
		t.Errorf("it printed control characters: %q", cut(e.output))
	}
	leaks(t, "what it printed", e.output)
	err := filepath.WalkDir(e.dir, func(file string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		leaks(t, file, string(text))
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func cut(s string) string {
	if len(s) > 3000 {
		return s[:3000] + "…"
	}
	return s
}

// leaks looks for the token in every spelling, and for either half of it.
func leaks(t *testing.T, where, text string) {
	t.Helper()
	quoted, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	for _, spelling := range []string{
		canary, canary[:len(canary)/2], canary[len(canary)/2:], url.QueryEscape(canary), url.PathEscape(canary), url.QueryEscape(url.QueryEscape(canary)),
		strings.Trim(string(quoted), `"`), strings.ReplaceAll(canary, "/", `\/`), fmt.Sprintf("%x", canary),
		base64.StdEncoding.EncodeToString([]byte(canary)), base64.RawURLEncoding.EncodeToString([]byte(canary)),
		base64.StdEncoding.EncodeToString([]byte("Bearer " + canary))[12:40],
	} {
		if i := strings.Index(text, spelling); i >= 0 {
			t.Errorf("the token is in %s, as %q: …%s…", where, spelling, text[max(0, i-80):i])
			return
		}
	}
}

func provider(t *testing.T, k hostile.Kind, foreign int) *hostile.Provider {
	t.Helper()
	p, err := hostile.Start(k, flow.Secret(canary), foreign)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// journal is what a run has left that was killed on p.
func journal(t *testing.T, dir string, p *hostile.Provider) string {
	t.Helper()
	file := filepath.Join(dir, "scimproof-abc.journal")
	text := `{"do":"run","run":"abc","target":"` + p.URL + `","start":"` + time.Now().UTC().Format(time.RFC3339) + `"}
{"do":"create","n":1,"endpoint":"/Users","names":["scimproof-abc-1-alice@scimproof.example"]}
{"do":"made","endpoint":"/Users","id":"1"}
{"do":"made","endpoint":"/Users","id":"` + p.Foreign[0] + `"}
`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestEveryKindAgainstEveryVerb is R6, R8 and R11: each verb that talks to a
// target ends in time, with its exit code, within its memory, without the token
// in any output, and with a report where it makes one.
func TestEveryKindAgainstEveryVerb(t *testing.T) {
	kinds := hostile.Kinds()
	var runs, reports atomic.Int64
	var mu sync.Mutex
	var peak int64 // the most memory of any run
	var by string  // whose
	t.Cleanup(func() {
		t.Logf("R6 R8 R11: %d kinds, %d runs, %d reports, at most %d MiB (%s)", len(kinds), runs.Load(), reports.Load(), peak>>20, by)
	})
	if len(kinds) < 60 {
		t.Errorf("got %d kinds, want 60 at least", len(kinds))
	}
	for i, k := range kinds {
		t.Run(k.Name, func(t *testing.T) {
			t.Parallel()
			p := provider(t, k, 3)
			note := func(t *testing.T, e ended, codes ...int) {
				t.Helper()
				runs.Add(1)
				mu.Lock()
				if e.peak > peak {
					peak, by = e.peak, t.Name()
				}
				mu.Unlock()
				sound(t, e, codes...)
				if touched := p.Touched(); len(touched) > 0 && !strings.HasSuffix(t.Name(), "/simulate") {
					t.Errorf("users of others were written to: %v", touched)
				}
				if e.took > 15*time.Second {
					t.Logf("it took %v", e.took)
				}
			}
			t.Run("check", func(t *testing.T) {
				e := run(t, t.TempDir(), "check", "--target", p.URL, "--select", few, "--timeout", "1s", "--jobs", "2", "--format", "html,json,junit,md,sarif")
				note(t, e, k.Exit...)
				if e.code != 3 {
					reports.Add(1)
					text, err := os.ReadFile(filepath.Join(e.dir, "conformance-report", "run.json"))
					if err != nil || !json.Valid(text) {
						t.Errorf("got a report of %d bytes (%v), want one in JSON", len(text), err)
					}
				}
			})
			if i%6 != 0 && !*whole {
				return
			}
			t.Run("sweep", func(t *testing.T) {
				dir := t.TempDir()
				note(t, run(t, dir, "sweep", "--target", p.URL, "--journal", journal(t, dir, p), "--timeout", "1s"), 0, 3, 4)
			})
			t.Run("replay", func(t *testing.T) {
				note(t, run(t, t.TempDir(), "replay", "okta/oin/user-lifecycle", "--target", p.URL, "--timeout", "1s"), 0, 1, 3, 4)
			})
			t.Run("record", func(t *testing.T) { note(t, recorded(t, p), 0, 2) })
			// An IdP believes what it is told, so this comes last.
			t.Run("simulate", func(t *testing.T) {
				note(t, run(t, t.TempDir(), "simulate", "okta", "--population", "1", "--clock", "virtual", "--target", p.URL, "--timeout", "1s"), 0, 1, 3)
			})
		})
	}
}

// recorded sends a few requests through scimproof record and interrupts it.
func recorded(t *testing.T, p *hostile.Provider) ended {
	t.Helper()
	dir := t.TempDir()
	c := start(t, dir, "record", "--listen", "127.0.0.1:0", "--target", p.URL, "--out", "flow.yaml")
	proxy := ""
	for begun := time.Now(); proxy == "" && time.Since(begun) < 10*time.Second; time.Sleep(5 * time.Millisecond) {
		_, rest, _ := strings.Cut(said(c), "recording ")
		proxy, _, _ = strings.Cut(rest, " ")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Second}
	for _, q := range []struct{ method, path, body string }{
		{"GET", "/Users?filter=userName+eq+%22alice%22", ""},
		{"POST", "/Users", `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"alice@example.test"}`},
	} {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		r, err := http.NewRequestWithContext(ctx, q.method, proxy+q.path, strings.NewReader(q.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+canary)
		r.Header.Set("Content-Type", "application/scim+json")
		if reply, err := client.Do(r); err == nil {
			_ = reply.Body.Close()
		}
		cancel()
	}
	_ = c.Process.Signal(os.Interrupt)
	return finish(c)
}
