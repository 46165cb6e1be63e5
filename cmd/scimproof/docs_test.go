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
