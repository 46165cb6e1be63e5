// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestLintPage runs the commands of docs/lint.md as they stand there. The
// output that it shows must be that of the first.
func TestLintPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/lint.md")
	if err != nil {
		t.Fatal(err)
	}
	var script strings.Builder
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		for line := range strings.Lines(m[2]) {
			if script.Len() > 0 {
				script.WriteString(strings.Replace(line, "scimproof ", "exits 0 ", 1))
				continue
			}
			script.WriteString(strings.Replace(line, "scimproof ", "exits 0 ", 1) + "cmp stdout shown\n")
		}
	}
	shown := regexp.MustCompile(`(?m)^    entra/legacy/leaver: (.*\n)+?    4 requests: .*\n`).Find(page)
	if shown == nil {
		t.Fatal("the page shows no output")
	}
	text := script.String() + "-- shown --\n" + regexp.MustCompile(`(?m)^    `).ReplaceAllString(string(shown), "")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page.txtar"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits}})
}

func TestParseHistory(t *testing.T) {
	all, gone, err := parseHistory([]byte(`{"exchanges":[{"number":3,"method":"POST","url":"http://tunnel.example/x","path":"/Users","status":201,
		"start":"2026-11-23T12:00:00Z","request":{"headers":{"Accept":["a"]},"body":"{}"},"response":{"bodyBase64":"/w=="}}],"gone":2}`))
	if err != nil || gone != 2 || len(all) != 1 {
		t.Fatalf("got %d exchanges, %d gone, %v", len(all), gone, err)
	}
	x := all[0]
	if x.Method != "POST" || x.Path != "/Users" || x.Status != 201 || x.Request.Header.Get("Accept") != "a" || string(x.Request.Body) != "{}" || string(x.Response.Body) != "\xff" || x.URL != "" || x.Start.IsZero() {
		t.Errorf("got %+v", x)
	}
	if _, _, err := parseHistory([]byte("<html>")); err == nil || !strings.Contains(err.Error(), "admin=") {
		t.Errorf("a page is taken for a history: %v", err)
	}
}
