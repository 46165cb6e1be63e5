// SPDX-License-Identifier: Apache-2.0

// Package cycle is what provisioning engines have in common, whatever they put
// on the wire: a Dialect acts on changes of a directory, a Sender sends one
// request under a retry policy that can be read, what fails becomes a Task, and
// what the provider holds differently in the end is a Difference.
package cycle

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Dialect is one IdP's provisioning application. It reads the directory that it
// was made with, and is told of each change after the directory has it.
//
// The methods return an error where the simulation cannot go on (the context
// ended, the change makes no sense to the dialect); what the provider answers
// is never an error but a [Task].
type Dialect interface {
	// Start does what the IdP does when provisioning is switched on.
	Start(ctx context.Context) error
	// Act does what the IdP does at once because of a change. A dialect that
	// works in cycles does nothing until one is due.
	Act(ctx context.Context, c directory.Change, e directory.Effect) error
	// Settle does what is still due after the last change, for instance a
	// last cycle.
	Settle(ctx context.Context) error
	// Compare reads the provider through SCIM and names what is not as the
	// directory says.
	Compare(ctx context.Context) ([]Difference, error)
	// Identify gives the id at the provider of a person or group, "" if the
	// application knows of none.
	Identify(id string) string
	// Tasks lists what failed and was not mended since.
	Tasks() []Task
}

// Task is a piece of work that failed, as an administrator sees it.
type Task struct {
	Subject  string // "person alice", "group eng"
	Message  string // in the IdP's words where they are known
	At       time.Time
	Exchange *flow.Exchange // the last one, nil if it was none of the wire
	Attempts int
}

// String gives one line.
func (t Task) String() string { return t.Subject + ": " + t.Message }

// Difference is one thing that the provider holds otherwise than the directory.
type Difference struct {
	Subject  string // "person alice", "group eng"
	Where    string // "title", "members", "the resource"
	Got      string // what the provider holds
	Want     string // what the directory says
	Expected string // why the dialect is documented to leave it so; "": it is not
}

// String gives one line:
//
//	person alice · title: the provider holds "Engineer", the directory says "Staff Engineer"
func (d Difference) String() string {
	s := fmt.Sprintf("%s · %s: the provider holds %s, the directory says %s", d.Subject, d.Where, d.Got, d.Want)
	if d.Expected != "" {
		s += " (expected: " + d.Expected + ")"
	}
	return s
}

// Converged says whether all differences are expected.
func Converged(differences []Difference) bool {
	for _, d := range differences {
		if d.Expected == "" {
			return false
		}
	}
	return true
}

// Show gives a value for a Difference: text in quotes, "nothing" for none.
func Show(values ...string) string {
	if len(values) == 0 {
		return "nothing"
	}
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(quoted, ", ")
}
