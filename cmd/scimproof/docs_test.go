// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/spf13/cobra"
)

// How the pages of this repository are written, README.md and docs/*.md:
//
//	sh        commands that are run, in their order, in one folder for each page.
//	          `# exit code 1` behind a command wants that code, else it is 0.
//	          A reference server answers at $URL and $ADMIN where the table of
//	          pages starts one, or the page itself by `scimproof serve`.
//	output    what the last command of the block before it prints
//	yaml      a file, if its first line is its name, as in `# acme.yaml`
//	console   what cannot be run here: a real tenant, a tunnel, another program.
//	          Its verbs and flags have to exist, no more; so in indented blocks.
var (
	fence      = regexp.MustCompile("(?s)\n *```([a-z]*)\n(.*?\n) *```\n")
	fileName   = regexp.MustCompile(`^# ([\w.-]+\.(?:yaml|csv|json))\n`)
	wantedCode = regexp.MustCompile(` +# exit code (\d+)$`)
	verbLine   = regexp.MustCompile(`(?m)^ *(?:\$ )?(?:[A-Z_]+=\S+ )*scimproof +([a-z].*)$`)
	indented   = regexp.MustCompile(`(?m)^ {4,}\S.*$`)
	link       = regexp.MustCompile(`\]\(([^)#:]+)(?:#[^)]*)?\)`)
)

// page is what running a page takes beside what stands on it.
type page struct {
	skip    string            // who runs its commands, if not this test
	before  string            // lines of the script before the first command
	instead map[string]string // by the start of a command: what is run in its place, %s being its arguments
	after   string            // lines after the last
}

const servePage = "env SCIMPROOF_TOKEN=token-of-a-page-0123456789\nserve\n"

var pages = map[string]page{
	"docs/admin-api.md":   {skip: "reference-server/admin"},
	"docs/access-file.md": {skip: "reference-server"},
	"docs/record.md": {
		before: servePage,
		instead: map[string]string{"record --target": "record %s\nexits 4 replay okta/oin/leaver --as-published --target $PROXY\n" +
			"end interrupt\nexits 0 replay okta/oin/leaver --export har -o incident.har"},
		after: "exists joiner.yaml incident.yaml sent.har load.js\n",
	},
	"docs/real-tenant.md": {
		before:  "env SCIMPROOF_TOKEN=token-of-a-page-0123456789\nenv SCIMPROOF_ADMIN_TOKEN=admin-token-of-a-page-0123456789\n",
		instead: map[string]string{"record --target": "record %s\nexits 4 replay okta/oin/leaver --as-published --target $PROXY\nend interrupt"},
	},
	"docs/staging.md": {before: servePage},
}

// TestPages runs the commands of every page as they stand there.
func TestPages(t *testing.T) {
	found := guides(t)
	for name := range pages {
		if found[name] == "" {
			t.Errorf("the table knows %s, which is not there", name)
		}
	}
	dir := t.TempDir()
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if pages[name].skip != "" {
			continue
		}
		script, err := scriptOf(found[name], pages[name])
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		file := strings.NewReplacer("/", "-", ".md", ".txtar").Replace(name)
		if err := os.WriteFile(filepath.Join(dir, file), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_STATE_HOME", filepath.Join(e.WorkDir, "state"))
			e.Values[serverKey{}] = new(*exec.Cmd)
			e.Values[recorderKey{}] = new(*exec.Cmd)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "serve": serve, "record": startRecord, "end": end},
	})
}

// TestPagesNameWhatIsThere looks at commands that no test can run, those for a
// real tenant for instance: their verbs and flags exist.
func TestPagesNameWhatIsThere(t *testing.T) {
	p := &program{stdout: io.Discard}
	targets, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range guides(t) {
		blocks := strings.Join(append(fence.FindAllString(text, -1), indented.FindAllString(text, -1)...), "\n")
		for _, m := range verbLine.FindAllStringSubmatch(strings.ReplaceAll(blocks, "\\\n", " "), -1) {
			if err := known(p.root(), strings.Fields(m[1])); err != nil {
				t.Errorf("%s: scimproof %s: %v", name, m[1], err)
			}
		}
		for _, m := range regexp.MustCompile("(?m)^ *make ([a-z]+)").FindAllStringSubmatch(blocks, -1) {
			if !strings.Contains(string(targets), "\n"+m[1]+":") {
				t.Errorf("%s: make %s: there is no such target", name, m[1])
			}
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join("..", "..", filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			}
		}
	}
}

// known finds the verb that words begin with, and each flag among them.
func known(root *cobra.Command, words []string) error {
	root.InitDefaultCompletionCmd(words...)
	c, _, err := root.Find(words)
	if err != nil {
		return err
	}
	if c == root {
		return errors.New("there is no such verb")
	}
	for _, word := range words {
		name, long := strings.CutPrefix(word, "--")
		name, _, _ = strings.Cut(name, "=")
		if long && name != "help" && c.Flags().Lookup(name) == nil {
			return fmt.Errorf("%s has no flag --%s", c.CommandPath(), name)
		}
		if word == "#" || word == "&" {
			break
		}
	}
	return nil
}

// guides reads the pages that people write, by name.
func guides(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range append(files, "../../README.md") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(file, "../../")
		if !slices.Contains([]string{"docs/checks.md", "docs/coverage.md", "docs/requirements.md"}, name) {
			found[name] = string(text)
		}
	}
	return found
}

// scriptOf makes a testscript of a page.
func scriptOf(text string, p page) (string, error) {
	script, files := strings.Builder{}, strings.Builder{}
	script.WriteString(p.before)
	for i, m := range fence.FindAllStringSubmatch(text, -1) {
		switch language, body := m[1], m[2]; language {
		case "sh":
			for line := range strings.Lines(strings.ReplaceAll(body, "\\\n", " ")) {
				command, err := commandOf(strings.TrimSpace(line), p.instead)
				if err != nil {
					return "", err
				}
				script.WriteString(command + "\n")
			}
		case "output":
			fmt.Fprintf(&script, "cmp stdout shown%d\n", i)
			fmt.Fprintf(&files, "-- shown%d --\n%s", i, body)
		case "yaml", "json":
			if name := fileName.FindStringSubmatch(body); name != nil {
				fmt.Fprintf(&files, "-- %s --\n%s", name[1], body)
			}
		case "console", "go", "text":
		default:
			return "", fmt.Errorf("a block of %q: want sh, output, yaml, json, go, text, or console for what cannot be run", language)
		}
	}
	return script.String() + p.after + files.String(), nil
}

// commandOf makes the line of a testscript of that of a shell.
func commandOf(line string, instead map[string]string) (string, error) {
	code := "0"
	if m := wantedCode.FindStringSubmatch(line); m != nil {
		code, line = m[1], strings.TrimSuffix(line, m[0])
	}
	line, _, _ = strings.Cut(line, " # ")
	line = strings.ReplaceAll(strings.TrimSpace(line), `"`, `'`)
	args, ours := strings.CutPrefix(line, "scimproof ")
	for start, lines := range instead {
		if ours && strings.HasPrefix(args, start) {
			_, args, _ = strings.Cut(args, " ")
			return strings.ReplaceAll(lines, "%s", args), nil
		}
	}
	switch {
	case ours && strings.HasPrefix(args, "serve"):
		return strings.TrimSuffix(args, " &"), nil
	case ours:
		return "exits " + code + " " + args, nil
	case line == "" || strings.HasPrefix(line, "#"), strings.HasPrefix(line, "make "): // TestPagesNameWhatIsThere looks for the target
		return "", nil
	}
	return "", fmt.Errorf("a block of sh has %q, which no test runs: only scimproof and make can stand there", line)
}
