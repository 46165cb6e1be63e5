// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// TestCommandPages holds docs/commands and docs/man to the commands themselves.
// Both are made here and not in a verb, so that the program does not link what
// writes them.
func TestCommandPages(t *testing.T) {
	pages := commandPages(t)
	for _, dir := range []string{"commands", "man"} {
		files, err := filepath.Glob("../../docs/" + dir + "/*")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if name := dir + "/" + filepath.Base(file); pages[name] == "" {
				if *update {
					err = os.Remove(file)
				} else {
					t.Errorf("docs/%s is of no command any more; run make docs", name)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, want := range pages {
		file := "../../docs/" + name
		if *update {
			if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, []byte(want), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Errorf("%v; run make docs", err)
		} else if diff := cmp.Diff(string(got), want); diff != "" {
			t.Errorf("docs/%s is not what the command says; run make docs (-got +want):\n%s", name, diff)
		}
	}
}

// commandPages makes a page and a manual page of each command, by name below docs.
func commandPages(t *testing.T) map[string]string {
	t.Helper()
	dir := t.TempDir()
	for _, sub := range []string{"commands", "man"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o750); err != nil {
			t.Fatal(err)
		}
	}
	root := wholeTree()
	if err := doc.GenMarkdownTree(root, filepath.Join(dir, "commands")); err != nil {
		t.Fatal(err)
	}
	// The date is that of the form of the pages, which are the same on every day.
	date := time.Date(2026, time.November, 1, 0, 0, 0, 0, time.UTC)
	if err := doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "scimproof", Manual: "scimproof", Date: &date}, filepath.Join(dir, "man")); err != nil {
		t.Fatal(err)
	}
	pages := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(dir, name))
		pages[path.Clean(name)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

func wholeTree() *cobra.Command {
	root := (&program{stdout: io.Discard, stderr: io.Discard}).root()
	root.InitDefaultCompletionCmd()
	root.DisableAutoGenTag = true
	return root
}

// TestHelp wants an example of every verb, with flags that are there, and lines that a terminal holds.
func TestHelp(t *testing.T) {
	var visit func(c *cobra.Command)
	visit = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.Name() != "completion" && sub.Name() != "help" { // cobra's own
				visit(sub)
			}
		}
		if c.HasSubCommands() {
			return
		}
		if !strings.Contains(c.Example, c.CommandPath()) {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, m := range verbLine.FindAllStringSubmatch(strings.ReplaceAll(c.Example, "\\\n", " "), -1) {
			if err := known(wholeTree(), strings.Fields(m[1])); err != nil {
				t.Errorf("%s has the example scimproof %s: %v", c.CommandPath(), m[1], err)
			}
		}
		if c.Short == "" || strings.HasSuffix(c.Short, ".") {
			t.Errorf("%s: short help %q: want a sentence without its full stop", c.CommandPath(), c.Short)
		}
		for line := range strings.Lines(c.Long) {
			if len([]rune(line)) > 100 && !strings.Contains(line, "http") {
				t.Errorf("%s: a line of the help is too long for a terminal: %s", c.CommandPath(), line)
			}
		}
	}
	visit(wholeTree())
}

// TestReleaseHasManualPages looks whether the archives of a release carry them.
func TestReleaseHasManualPages(t *testing.T) {
	text, err := os.ReadFile("../../.goreleaser.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text, []byte("docs/man/*.1")) {
		t.Error(".goreleaser.yaml does not put docs/man/*.1 into the archives")
	}
}
