// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// block is a fenced block of a page: its language and its text.
var block = regexp.MustCompile("(?s)\n```(sh|yaml)\n(.*?\n)```\n")

// TestSimulatePage runs the commands of docs/simulate.md as they stand there,
// with its files. The output that it shows must be that of the first.
func TestSimulatePage(t *testing.T) {
	page, err := os.ReadFile("../../docs/simulate.md")
	if err != nil {
		t.Fatal(err)
	}
	var script, files strings.Builder
	commands := 0
	for _, m := range block.FindAllStringSubmatch(string(page), -1) {
		if m[1] == "yaml" {
			name, _, _ := strings.Cut(strings.TrimPrefix(m[2], "# "), "\n")
			files.WriteString("-- " + name + " --\n" + m[2])
			continue
		}
		for line := range strings.Lines(m[2]) {
			script.WriteString(strings.Replace(line, "scimproof ", "exits 0 ", 1))
			if commands++; commands == 1 {
				script.WriteString("cmp stdout shown\n")
			}
		}
	}
	shown := regexp.MustCompile(`(?m)^    (okta-oin: .*)\n    (converged.*)$`).FindSubmatch(page)
	if shown == nil {
		t.Fatal("the page shows no output")
	}
	files.WriteString("-- shown --\n" + string(shown[1]) + "\n" + string(shown[2]) + "\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "page.txtar"), []byte(script.String()+files.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits}})
}

// commandLine is a line of a block of commands, also of one within a list.
var commandLine = regexp.MustCompile("(?m)^ *scimproof ([^\n]*)$")

// TestRecordPage runs the commands in the sh blocks of docs/record.md: a
// recording of a replay, and the conversion of an archive of one.
func TestRecordPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/record.md")
	if err != nil {
		t.Fatal(err)
	}
	script := strings.Builder{}
	script.WriteString("env SCIMPROOF_TOKEN=record-page-t0ken-12345\nserve\n")
	commands := 0
	for _, b := range regexp.MustCompile("(?s)\n *```sh\n(.*?)\n *```").FindAllStringSubmatch(string(page), -1) {
		for _, m := range commandLine.FindAllStringSubmatch(b[1], -1) {
			line := strings.ReplaceAll(m[1], `"`, `'`)
			if rest, ok := strings.CutPrefix(line, "record --target"); ok {
				line = "record --target" + rest + "\nexits 4 replay okta/oin/leaver --as-published --target $PROXY\nend interrupt\nexits 0 replay joiner.yaml\n" +
					"exits 0 replay okta/oin/leaver --export har -o incident.har"
			} else {
				line = "exits 0 " + line
			}
			script.WriteString(line + "\n")
			commands++
		}
	}
	if commands < 6 {
		t.Fatalf("the page has %d commands, want 6 at least", commands)
	}
	for _, name := range []string{"joiner.yaml", "incident.yaml", "sent.har", "load.js"} {
		script.WriteString("exists " + name + "\n")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "record.txtar"), []byte(script.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(e *testscript.Env) error {
			e.Values[serverKey{}] = new(*exec.Cmd)
			e.Values[recorderKey{}] = new(*exec.Cmd)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serve": serve, "record": startRecord, "end": end},
	})
}
