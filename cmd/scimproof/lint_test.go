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
