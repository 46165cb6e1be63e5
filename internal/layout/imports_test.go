// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/scimproof/scimproof"

// imports is what the packages of this module import: by its own files, and
// by its tests, which some rules do not bind.
type imports struct {
	code, tests map[string][]string
}

// loadImports reads every Go file. Packages of this module are named by their
// folder, others by their import path.
func loadImports(t *testing.T) imports {
	t.Helper()
	in := imports{code: map[string][]string{}, tests: map[string][]string{}}
	files(t, goFile, func(name string, content []byte) {
		file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ImportsOnly)
		if err != nil {
			t.Errorf("parse %s: %v", name, err)
			return
		}
		into := in.code
		if strings.HasSuffix(name, "_test.go") {
			into = in.tests
		}
		for _, spec := range file.Imports {
			p, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Errorf("%s: import %s: %v", name, spec.Path.Value, err)
				continue
			}
			into[path.Dir(name)] = append(into[path.Dir(name)], strings.TrimPrefix(p, module+"/"))
		}
	})
	return in
}

// chain returns how pkg reaches a package that under accepts, or nil.
func (in imports) chain(pkg string, under func(string) bool) []string {
	seen := map[string]bool{}
	var walk func(string) []string
	walk = func(p string) []string {
		for _, q := range in.code[p] {
			if under(q) {
				return []string{p, q}
			}
			if seen[q] {
				continue
			}
			seen[q] = true
			if rest := walk(q); rest != nil {
				return append([]string{p}, rest...)
			}
		}
		return nil
	}
	return walk(pkg)
}

// within says whether pkg is one of folders or below one.
func within(pkg string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
}

func TestNoChainOfImportsReaches(t *testing.T) {
	rules := []struct {
		name  string
		from  []string
		never []string
	}{
		{"suites and simulator stay strangers to the server they judge", []string{"suites", "simulator"}, []string{"reference-server"}},
		{"suites know nothing of reports", []string{"suites"}, []string{"reports"}},
		{"the server knows nothing of who judges it", []string{"reference-server"}, []string{"suites", "simulator", "reports", "cmd"}},
		{"fixtures are data for everyone", []string{"fixtures"}, []string{"suites", "simulator", "reference-server", "reports", "cmd"}},
		{"reports work on results alone", []string{"reports"}, []string{"reference-server", "simulator", "cmd"}},
		{"words stand on nothing", []string{"internal/scim"}, []string{"suites", "simulator", "reference-server", "reports", "fixtures", "cmd", "encoding", "github.com/go-json-experiment"}},
	}
	in := loadImports(t)
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			for pkg := range in.code {
				if !within(pkg, rule.from...) {
					continue
				}
				if c := in.chain(pkg, func(p string) bool { return within(p, rule.never...) }); c != nil {
					t.Errorf("%s must not reach %s: %s", pkg, strings.Join(rule.never, ", "), strings.Join(c, " → "))
				}
			}
		})
	}
}

func TestOnlyTheseImport(t *testing.T) {
	rules := []struct {
		library string
		code    []string // folders whose code may import it
		tests   []string // folders whose tests may, besides
	}{
		{"github.com/onsi/ginkgo/v2", []string{"suites/ginkgosuite"}, nil},
		{"github.com/onsi/gomega", []string{"suites"}, nil},
		{"github.com/testcontainers/testcontainers-go", []string{"reference-server/refcontainer", "internal/container"}, []string{"cmd/scimproof"}},
		{"github.com/chromedp", nil, []string{"reports", "cmd/scimproof", "reference-server/console"}},
		{"github.com/jarcoal/httpmock", nil, []string{"fixtures", "suites", "cmd", "simulator"}},
		{"github.com/rogpeppe/go-internal", nil, []string{"cmd/scimproof"}},
		{"github.com/DataDog/datadog-go", []string{"reference-server"}, nil},
		{"modernc.org/sqlite", []string{"reference-server/store/sqlite"}, nil},
		{"github.com/jackc/pgx/v5", []string{"reference-server/store/postgres"}, nil},
		{"database/sql", []string{"reference-server/store/internal/sqltx", "reference-server/store/sqlite", "reference-server/store/postgres"}, nil},
		{"reference-server/store/sqlite", []string{"cmd/scimproof"}, []string{"reference-server/store"}},
		{"reference-server/store/postgres", []string{"reference-server/store/postgres", "cmd/scimproof"}, []string{"reference-server/store"}},
		{"github.com/spf13", []string{"cmd/scimproof"}, nil},
		{"testing", []string{"suites", "reference-server/store/storetest", "reference-server/store/postgres/postgrestest", "internal/container"}, []string{"."}},
	}
	in := loadImports(t)
	for _, rule := range rules {
		t.Run(rule.library, func(t *testing.T) {
			complain := func(pkg, what string, imported []string) {
				for _, p := range imported {
					if within(p, rule.library) {
						t.Errorf("%s of %s must not import %s", what, pkg, p)
					}
				}
			}
			for pkg, imported := range in.code {
				if !within(pkg, rule.code...) {
					complain(pkg, "the code", imported)
				}
			}
			for pkg, imported := range in.tests {
				if !slices.Contains(rule.tests, ".") && !within(pkg, rule.code...) && !within(pkg, rule.tests...) {
					complain(pkg, "a test", imported)
				}
			}
		})
	}
}

// A rule that cannot fail is no rule: the walk must find a chain.
func TestChainFindsAChain(t *testing.T) {
	in := imports{code: map[string][]string{"a": {"x", "b"}, "b": {"a", "c"}, "c": {"d/e"}}}
	got := strings.Join(in.chain("a", func(p string) bool { return within(p, "d") }), " ")
	if want := "a b c d/e"; got != want {
		t.Errorf("chain: got %q, want %q", got, want)
	}
	if got := in.chain("c", func(p string) bool { return within(p, "a") }); got != nil {
		t.Errorf("chain: got %v, want none", got)
	}
}
