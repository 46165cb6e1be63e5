// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const root = "../.."

func TestPageIsCurrent(t *testing.T) {
	rows, err := answered()
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := write(&got, rows); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join(root, "docs", "requirements.md"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("docs/requirements.md is not what the answers say; run make docs (-page +answers):\n%s", diff)
	}
}

// A test that was renamed proves nothing any more.
func TestEveryNamedTestExists(t *testing.T) {
	entries, err := read(written)
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]map[string]bool{}
	for id, e := range entries {
		for _, name := range e.Tests {
			dir, test, ok := cutLast(name)
			if !ok {
				t.Errorf("%s: %q: want folder.TestName", id, name)
				continue
			}
			if known[dir] == nil {
				known[dir] = testsIn(t, dir)
			}
			if !known[dir][test] {
				t.Errorf("%s: %s has no test %s", id, dir, test)
			}
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, test := range []struct{ name, text string }{
		{"nothing said", "- ids: [a]"},
		{"two things said", "- {ids: [a], missing: x, outside: y}"},
		{"no ids", "- {missing: x}"},
		{"a row twice", "- {ids: [a], missing: x}\n- {ids: [a], missing: y}"},
		{"unknown field", "- {ids: [a], mising: x}"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := read([]byte(test.text)); err == nil {
				t.Error("got no error")
			}
		})
	}
}

func cutLast(name string) (dir, test string, ok bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

// testsIn returns the names of the tests and fuzz targets in a folder.
func testsIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				names[f.Name.Name] = strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")
			}
		}
	}
	return names
}
