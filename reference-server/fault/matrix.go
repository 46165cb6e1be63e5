// SPDX-License-Identifier: Apache-2.0

package fault

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Row is what one fault does to the catalogue of checks, as matrix.txt holds it.
type Row struct {
	Fault string
	Fails []string // ids of the checks that it fails, each time, sorted
	May   []string // ids of those that it fails or not, as requests happen to meet, sorted
}

// Open stands in a row for a provider that cannot even be opened: the command
// says so and ends with exit code 3, which catches a fault as well as any check.
const Open = "(open)"

//go:embed matrix.txt
var matrix string

// Matrix gives the rows of matrix.txt, sorted by fault. TestMatrix holds them
// to what the checks find. O(length of the file).
func Matrix() []Row {
	rows, err := ParseMatrix(matrix)
	if err != nil {
		panic(err) // matrix.txt is part of the program, and a test reads it
	}
	return rows
}

// ParseMatrix reads the form of matrix.txt: a line for each fault, with the ids
// of the checks that it fails; ~ stands before one that it may fail. Lines that
// begin with # are comments.
func ParseMatrix(text string) ([]Row, error) {
	var rows []Row
	for n, line := range strings.Split(text, "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, ids, ok := strings.Cut(line, ": ")
		if !ok {
			return nil, fmt.Errorf("matrix.txt:%d: got %q, want FAULT: ids of checks; make golden writes it", n+1, line)
		}
		row := Row{Fault: name}
		for id := range strings.FieldsSeq(ids) {
			if may, ok := strings.CutPrefix(id, "~"); ok {
				row.May = append(row.May, may)
			} else {
				row.Fails = append(row.Fails, id)
			}
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// String writes r as a line of matrix.txt.
func (r Row) String() string {
	all := slices.Clone(r.Fails)
	for _, id := range r.May {
		all = append(all, "~"+id)
	}
	slices.SortFunc(all, func(a, b string) int {
		return strings.Compare(strings.TrimPrefix(a, "~"), strings.TrimPrefix(b, "~"))
	})
	return r.Fault + ": " + strings.Join(all, " ")
}

// Proof gives for each check the fault that shows best that the check can fail:
// the one that fails the fewest others, and of equals the first by name. It reads
// the matrix: whoever asks of many checks keeps it.
func Proof() map[string]string {
	proof, others := map[string]string{}, map[string]int{}
	for _, row := range Matrix() {
		for _, id := range row.Fails {
			if _, ok := proof[id]; !ok || len(row.Fails) < others[id] {
				proof[id], others[id] = row.Fault, len(row.Fails)
			}
		}
	}
	return proof
}
