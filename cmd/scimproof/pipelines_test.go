// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v4"
)

// TestPipelines runs the commands of the GitHub action and of the pipelines that
// init writes, as a runner would: each in a shell that ends at the first failure.
// Go is played by a script, which only wants to be asked for the right thing.
func TestPipelines(t *testing.T) {
	for _, test := range []struct {
		name     string
		commands []string
	}{
		{"action", actionSteps(t)},
		{"gitlab", gitlabScript(t)},
		{"jenkins", jenkinsSteps(t)},
	} {
		t.Run(test.name, func(t *testing.T) {
			if len(test.commands) < 2 {
				t.Fatalf("found %d commands, want that which installs and that which checks", len(test.commands))
			}
			var script, files strings.Builder
			for i, command := range test.commands {
				fmt.Fprintf(&script, "exec bash -eo pipefail step%d.sh\n", i)
				fmt.Fprintf(&files, "-- step%d.sh --\n%s\n", i, command)
			}
			script.WriteString("exists conformance-report/junit.xml conformance-report/run.json conformance-report/index.html installed\n")
			if test.name == "action" {
				script.WriteString("grep 'RFC 7643 and 7644' summary.md\nexists conformance-report/scimproof.sarif\n")
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "pipeline.txtar"), []byte(script.String()+files.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			testscript.Run(t, testscript.Params{Dir: dir, Setup: playGo})
		})
	}
}

// playGo puts a go first on the path that installs nothing, and sets what a
// runner sets.
func playGo(e *testscript.Env) error {
	bin := filepath.Join(e.WorkDir, "bin")
	if err := os.MkdirAll(bin, 0o750); err != nil {
		return err
	}
	const played = `#!/bin/sh
case "$1 $2" in
"install github.com/scimproof/scimproof/cmd/scimproof@latest") touch "$WORK/installed" ;;
"env GOPATH") echo "$WORK" ;;
*) echo "go $*: not what a pipeline should ask for" >&2; exit 1 ;;
esac
`
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(played), 0o700); err != nil { //nolint:gosec // a script has to be executable
		return err
	}
	e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
	e.Setenv("GITHUB_PATH", filepath.Join(e.WorkDir, "path"))
	e.Setenv("GITHUB_STEP_SUMMARY", filepath.Join(e.WorkDir, "summary.md"))
	e.Setenv("VERSION", "latest")
	e.Setenv("REPORT", "conformance-report")
	e.Setenv("PROFILE", "datadog")
	e.Setenv("VERDICT", "rfc,okta")
	for _, input := range []string{"TARGET", "CONFIRM", "WAIVERS", "SCIMPROOF_TOKEN"} {
		e.Setenv(input, "")
	}
	return nil
}

func actionSteps(t *testing.T) (commands []string) {
	t.Helper()
	var action struct {
		Inputs map[string]any
		Runs   struct {
			Steps []struct {
				Run string
				Env map[string]string
			}
		}
	}
	load(t, "../../action.yml", &action)
	used := regexp.MustCompile(`inputs\.([a-z]+)`)
	for _, step := range action.Runs.Steps {
		commands = append(commands, step.Run)
		if strings.Contains(step.Run, "${{") {
			t.Errorf("an input is a part of the script, so that it could be a command: %s", step.Run)
		}
		for name, value := range step.Env {
			m := used.FindStringSubmatch(value)
			if len(m) < 2 || action.Inputs[m[1]] == nil {
				t.Errorf("variable %s is of %s, which is no input", name, value)
			}
		}
	}
	return commands
}

func gitlabScript(t *testing.T) []string {
	t.Helper()
	var pipeline map[string]struct{ Script []string }
	load(t, "starters/gitlab-ci.yml", &pipeline)
	return pipeline["scim"].Script
}

func jenkinsSteps(t *testing.T) (commands []string) {
	t.Helper()
	text, err := os.ReadFile("starters/Jenkinsfile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`\bsh '([^']*)'`).FindAllStringSubmatch(string(text), -1) {
		commands = append(commands, m[1])
	}
	return commands
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestWorkflowGivesInputsThatTheActionKnows compares the workflow that init
// writes with the action that it uses.
func TestWorkflowGivesInputsThatTheActionKnows(t *testing.T) {
	var action struct{ Inputs map[string]any }
	load(t, "../../action.yml", &action)
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct {
				Uses string
				With map[string]string
			}
		}
	}
	load(t, "starters/github.yml", &workflow)
	used := 0
	for _, step := range workflow.Jobs["scim"].Steps {
		if !strings.HasPrefix(step.Uses, "scimproof/scimproof@") {
			continue
		}
		used++
		for input := range step.With {
			if action.Inputs[input] == nil {
				t.Errorf("the workflow gives %s, and the action has no such input", input)
			}
		}
	}
	if used != 1 {
		t.Errorf("the workflow uses the action %d times, want once", used)
	}
}
