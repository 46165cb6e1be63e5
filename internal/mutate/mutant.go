// SPDX-License-Identifier: Apache-2.0

package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// mutant is one small change.
type mutant struct {
	number   int
	file     string
	line     int
	function string
	was      string // the code, on one line
	becomes  string // what is done to it: "negated", "dropped", "or becomes and" …
	nth      int    // of those in the function that read the same
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d %s", filepath.Join(engine, m.file), m.line, m.name())
}

// name names m without its line, which moves.
func (m mutant) name() string {
	name := fmt.Sprintf("%s %s: %s: %s", m.file, m.function, m.was, m.becomes)
	if m.nth > 1 {
		name += fmt.Sprintf(" (%d)", m.nth)
	}
	return name
}

// helpers are what the changed sources call.
const helpers = `package engine

import (
	"os"
	"strconv"
)

var mutant, _ = strconv.Atoi(os.Getenv("SCIMPROOF_MUTANT"))

func mutated(k int) bool { return mutant == k }

func shifted(k int) int {
	if mutant == k {
		return 1
	}
	return 0
}
`

// mutateAll gives the mutants of all files, and the overlay that holds them.
func mutateAll() ([]mutant, map[string]string, error) {
	overlay := map[string]string{filepath.Join(engine, "mutants_of_the_engine.go"): helpers}
	var all []mutant
	for _, name := range changed() {
		path := filepath.Join(engine, name)
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, nil, err
		}
		m := &mutator{file: name, source: string(source), set: token.NewFileSet(), first: len(all), seen: map[string]int{}}
		if overlay[path], err = m.mutate(); err != nil {
			return nil, nil, err
		}
		all = append(all, m.mutants...)
	}
	return all, overlay, nil
}

// mutator changes one file by insertions only, so that mutants nest.
type mutator struct {
	file, source string
	set          *token.FileSet
	first        int // the mutants of the files before
	function     string
	mutants      []mutant
	seen         map[string]int
	insertions   []insertion
}

// insertion puts text into the source. Of several at one place the closing ones
// come first, inner before outer; then the opening ones, outer before inner.
type insertion struct {
	at    int
	close bool
	width int // of the node
	text  string
}

func (m *mutator) mutate() (string, error) {
	file, err := parser.ParseFile(m.set, m.file, m.source, 0)
	if err != nil {
		return "", err
	}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		m.function = f.Name.Name
		ast.Inspect(f.Body, func(n ast.Node) bool {
			m.node(n)
			return true
		})
	}
	return m.text(), nil
}

// text gives the source with the insertions in it.
func (m *mutator) text() string {
	slices.SortStableFunc(m.insertions, func(a, b insertion) int {
		if a.at != b.at {
			return a.at - b.at
		}
		if a.close != b.close {
			if a.close {
				return -1
			}
			return 1
		}
		if a.close {
			return cmp.Compare(a.width, b.width)
		}
		return cmp.Compare(b.width, a.width)
	})
	var b strings.Builder
	at := 0
	for _, i := range m.insertions {
		b.WriteString(m.source[at:i.at] + i.text)
		at = i.at
	}
	return b.String() + m.source[at:]
}

func (m *mutator) of(n ast.Node) (from, to int) {
	return m.set.Position(n.Pos()).Offset, m.set.Position(n.End()).Offset
}

func (m *mutator) code(n ast.Node) string {
	from, to := m.of(n)
	return m.source[from:to]
}

// wrap puts text before and after a node.
func (m *mutator) wrap(n ast.Node, before, after string) {
	from, to := m.of(n)
	m.insertions = append(m.insertions, insertion{from, false, to - from, before}, insertion{to, true, to - from, after})
}

// add makes a mutant and gives its number.
func (m *mutator) add(n ast.Node, becomes string) int {
	was := strings.Join(strings.Fields(m.code(n)), " ")
	if len(was) > 80 {
		was = was[:80] + "…"
	}
	made := mutant{
		number: m.first + len(m.mutants) + 1, file: m.file, line: m.set.Position(n.Pos()).Line,
		function: m.function, was: was, becomes: becomes,
	}
	m.seen[made.name()]++
	made.nth = m.seen[made.name()]
	m.mutants = append(m.mutants, made)
	return made.number
}
