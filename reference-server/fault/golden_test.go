// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"hash/fnv"
	"maps"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites/check"
)

// golden is the file that holds which checks each fault fails.
const golden = "matrix.txt"

const heading = `# The checks that each fault fails, sorted; ~ stands before one that it may fail,
# as requests happen to meet. Written by make golden; read the diff.
`

// matrix is what is expected of each fault, and what was seen.
type matrix struct {
	faults    []fault.Fault
	catalogue []check.Check
	named     map[string]bool      // ids that a row has
	rows      map[string]fault.Row // by fault, as the file has them

	mu       sync.Mutex
	next     map[string]fault.Row // by fault, as they were seen
	pairs    int                  // of fault and check, judged
	findings int
}

// newMatrix reads the file.
func newMatrix(t *testing.T, catalogue []check.Check) *matrix {
	t.Helper()
	chosen, err := regexp.Compile(*only)
	if err != nil {
		t.Fatalf("-faults: %v", err)
	}
	text, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := fault.ParseMatrix(string(text))
	if err != nil {
		t.Fatal(err)
	}
	m := &matrix{catalogue: catalogue, named: map[string]bool{}, rows: map[string]fault.Row{}, next: map[string]fault.Row{}}
	for _, f := range fault.All() {
		if chosen.MatchString(f.Name) {
			m.faults = append(m.faults, f)
		}
	}
	for _, row := range rows {
		m.rows[row.Fault] = row
		for _, id := range slices.Concat(row.Fails, row.May) {
			m.named[id] = true
		}
	}
	return m
}

// judgeAll judges every fault.
func (m *matrix) judgeAll(t *testing.T) {
	t.Helper()
	work := make(chan fault.Fault)
	var wg sync.WaitGroup
	many := 4 // a check that fails often waits first, which leaves room for others
	if *full {
		many = 2
	}
	for range many * runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for f := range work {
				m.judge(t, f)
			}
		})
	}
	for _, f := range m.faults {
		work <- f
	}
	close(work)
	wg.Wait()
}

// chosen gives the checks to judge against a fault.
func (m *matrix) chosen(f fault.Fault) []check.Check {
	row, ok := m.rows[f.Name]
	if *full || !ok {
		return m.catalogue
	}
	var checks []check.Check
	for _, c := range m.catalogue {
		if !m.named[c.ID] || slices.Contains(row.Fails, c.ID) || slices.Contains(row.May, c.ID) || partOf(f.Name+" "+c.ID) == *part {
			checks = append(checks, c)
		}
	}
	return checks
}

func partOf(pair string) int {
	h := fnv.New32a()
	_, _ = h.Write([]byte(pair))
	return int(h.Sum32() % parts)
}

// judge judges one fault and says where the outcome is not as its row says; with
// -update it puts that into the row instead.
func (m *matrix) judge(t *testing.T, f fault.Fault) {
	t.Helper()
	checks := m.chosen(f)
	seen := see(t, f, checks)
	old := m.rows[f.Name]
	next := fault.Row{Fault: f.Name}
	var changed []string
	for _, id := range concerned(old, seen) {
		switch expected, may := slices.Contains(old.Fails, id), slices.Contains(old.May, id); {
		case may && (!*update || !*full):
			next.May = append(next.May, id)
		case !m.exists(id):
		case !seen.judged(id, checks), expected && seen.fails(id):
			next.Fails = append(next.Fails, id)
		default:
			changed = append(changed, id)
		}
	}
	if *update {
		m.settle(t, f, changed, seen, &next)
	} else {
		for _, id := range changed {
			t.Error(seen.differs(id))
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.next[f.Name] = next
	m.pairs += len(checks)
	m.findings += len(seen.failed)
}

// settle judges again, three times and without the other checks, what is not in
// the row or no longer fails, and puts it into next.
func (m *matrix) settle(t *testing.T, f fault.Fault, changed []string, first sight, next *fault.Row) {
	t.Helper()
	if len(changed) == 0 {
		return
	}
	var checks []check.Check
	for _, c := range m.catalogue {
		if slices.Contains(changed, c.ID) {
			checks = append(checks, c)
		}
	}
	sights := []sight{first}
	for range 3 {
		sights = append(sights, see(t, f, checks))
	}
	for _, id := range changed {
		n := 0
		for _, s := range sights {
			if s.fails(id) {
				n++
			}
		}
		switch n {
		case 0:
		case len(sights):
			next.Fails = append(next.Fails, id)
		default:
			next.May = append(next.May, id)
		}
	}
}

// exists says whether there is such a check.
func (m *matrix) exists(id string) bool {
	return id == fault.Open || slices.ContainsFunc(m.catalogue, func(c check.Check) bool { return c.ID == id })
}

// total holds what is asked of the rows together.
func (m *matrix) total(t *testing.T) {
	t.Helper()
	proved := map[string]bool{}
	for _, f := range fault.All() {
		row, ok := m.next[f.Name]
		if !ok {
			row = m.rows[f.Name]
		}
		delete(m.rows, f.Name)
		if len(row.Fails) == 0 {
			t.Errorf("the fault %s is not caught by any check: %s", f.Name, f.Breaks)
		}
		for _, id := range row.Fails {
			proved[id] = true
			if !m.exists(id) {
				t.Errorf("%s: the row of %s names %s, which is no check; make golden takes it out", golden, f.Name, id)
			}
		}
	}
	for _, c := range m.catalogue {
		if !proved[c.ID] {
			t.Errorf("the check %s is failed by no fault: %s", c.ID, c.Title)
		}
	}
	for name := range m.rows {
		if !*update {
			t.Errorf("%s has a row of %s, which is no fault; make golden takes it out", golden, name)
		}
	}
}

// write writes the file.
func (m *matrix) write(t *testing.T) {
	t.Helper()
	var lines []string
	for _, f := range fault.All() {
		row, ok := m.next[f.Name]
		if !ok {
			row, ok = m.rows[f.Name]
		}
		if ok {
			lines = append(lines, row.String())
		}
	}
	slices.Sort(lines)
	if err := os.WriteFile(golden, []byte(heading+strings.Join(lines, "\n")+"\n"), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sight is what one run of checks against a fault showed.
type sight struct {
	fault  string
	failed map[string]string // id: what was found first
}

// see judges checks against a fault.
func see(t *testing.T, f fault.Fault, checks []check.Check) sight {
	t.Helper()
	s := sight{f.Name, map[string]string{}}
	for _, r := range judge(t, checks, f) {
		for _, found := range r.Findings {
			if strings.Contains(found.String(), "<*flow.Exchange") {
				t.Errorf("%s: %s prints an exchange as Go has it: %s", f.Name, r.Check.ID, found)
			}
		}
		switch r.Outcome {
		case check.Failed:
			s.failed[r.Check.ID] = r.Reason
			if len(r.Findings) > 0 {
				s.failed[r.Check.ID] = r.Findings[0].String()
			}
		case check.Broken:
			t.Errorf("%s breaks the check %s: %s", f.Name, r.Check.ID, r.Reason)
		}
	}
	return s
}

func (s sight) fails(id string) bool {
	_, ok := s.failed[id]
	return ok
}

// judged says whether id was among checks. A provider that cannot be opened
// fails none of them.
func (s sight) judged(id string, checks []check.Check) bool {
	return id == fault.Open || s.fails(fault.Open) || slices.ContainsFunc(checks, func(c check.Check) bool { return c.ID == id })
}

// differs says what is not as the row says.
func (s sight) differs(id string) string {
	text := s.fault + " no longer fails " + id + ", which its row of " + golden + " has."
	if found, ok := s.failed[id]; ok {
		text = s.fault + " now fails " + id + ", which its row of " + golden + " does not have: " + found
	}
	return text + "\nLook whether that is right; if so, make golden writes it down."
}

// concerned gives the ids of a row and of what was seen, sorted.
func concerned(row fault.Row, s sight) []string {
	ids := slices.Concat(row.Fails, row.May, slices.Collect(maps.Keys(s.failed)))
	slices.Sort(ids)
	return slices.Compact(ids)
}
