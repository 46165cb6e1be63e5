// SPDX-License-Identifier: Apache-2.0

package simulator

import (
	"fmt"

	"github.com/scimproof/scimproof/simulator/directory"
)

// Scenario is a directory, the application that provisions it, and what an
// administrator does, one thing after the other.
type Scenario struct {
	File      string // for messages
	Dialect   string // one of Dialects; "": given by the caller
	Seed      uint64
	App       App
	Directory Start
	Changes   []directory.Change
}

// App is how the application is set up in the IdP. Unset fields are what the
// dialect documents.
type App struct {
	Name     string            // of the application, for messages
	Features map[string]bool   // okta: what is provisioned
	Options  map[string]string // switches of what no source settles
	Roles    map[string]string // okta: form, slots; entra: function
	Mappings []Mapping
	Lines    map[string]int // of the keys above in the file, by path
}

// Mapping says which attribute of the directory goes to an attribute of the
// provider; "" for none.
type Mapping struct {
	Target, Source string
}

// Start is the directory as it is before the first change.
type Start struct {
	People   []directory.Person
	Groups   []directory.Group
	Assigned []string // ids of people and groups
}

// SyntaxError says what is wrong in a scenario file, and where.
type SyntaxError struct {
	File    string
	Line    int
	Key     string // "changes[2].set.person"
	Found   string // as in the file
	Allowed string // what may stand there
}

// Error gives one line:
//
//	joiner.yaml:12: changes[2].hire: found an unknown key; allowed: join, …
func (e *SyntaxError) Error() string {
	key := e.Key
	if key == "" {
		key = "the document"
	}
	return fmt.Sprintf("%s:%d: %s: found %s; allowed: %s", e.File, e.Line, key, e.Found, e.Allowed)
}
