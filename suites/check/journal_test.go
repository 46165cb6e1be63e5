// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/fixtures/people"
	"github.com/scimproof/scimproof/suites/check"
)

// A create is in the journal, with its name, before the request is sent.
func TestJournalIsWrittenBeforeTheRequest(t *testing.T) {
	m := script(t)
	p := open(t, target(m))
	j, err := p.KeepJournal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var then string
	m.RegisterResponder("POST", base+"/Users", func(*http.Request) (*http.Response, error) {
		text, err := os.ReadFile(j.File)
		then = string(text)
		return httpmock.NewStringResponse(500, ""), err
	})
	var name string
	check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
		name = t.Name("alice")
		t.Post("/Users", people.Alice.User(name))
	}}, p)
	if !strings.Contains(then, `"do":"create"`) || !strings.Contains(then, name) {
		t.Errorf("when the request came the journal was %q, want a create of %s", then, name)
	}
	if strings.Contains(then, token) {
		t.Error("the token is in the journal")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(j.File); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no file when nothing is left", err)
	}
}

// What cannot be removed keeps the journal open, and a sweep removes it later.
func TestSweepRemovesWhatIsLeft(t *testing.T) {
	m := script(t)
	m.RegisterResponder("DELETE", "=~^"+base+"/Users/.+", reply(503, ""))
	p := open(t, target(m))
	j, err := p.KeepJournal(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) { t.CreateUser(people.Alice) }}, p)
	if len(r.Leftovers) != 1 || j.Open() != 1 {
		t.Fatalf("got leftovers %v and %d open, want one of each", r.Leftovers, j.Open())
	}
	if _, err := check.OpenJournal(j.File); !errors.Is(err, check.ErrRunning) {
		t.Errorf("got %v, want the journal of a run that goes on to be locked", err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	m.RegisterResponder("DELETE", "=~^"+base+"/Users/.+", reply(204, ""))
	for _, dry := range []bool{true, false} {
		left, err := check.OpenJournal(j.File)
		if err != nil {
			t.Fatal(err)
		}
		before := deletions(m)
		swept, err := check.Sweep(context.Background(), target(m), left, check.SweepOptions{DryRun: dry})
		if err != nil || len(swept.Removed) != 1 || swept.Removed[0] != base+"/Users/made-1" || len(swept.Left) > 0 {
			t.Errorf("dry %v: got %+v %v, want the user removed", dry, swept, err)
		}
		if got := deletions(m) - before; got != map[bool]int{true: 0, false: 1}[dry] {
			t.Errorf("dry %v: got %d deletions", dry, got)
		}
		if err := left.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(j.File); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want no journal after the sweep", err)
	}
}

// A create whose answer never came is found by its name. Of those found, only
// what carries exactly that name, and shows so by GET, is removed.
func TestLostCreatesAreFound(t *testing.T) {
	tests := []struct {
		name, found, shown string
		deletes            int
	}{
		{"it was made", `{"id":"a","userName":"NAME"}`, `{"id":"a","userName":"NAME"}`, 1},
		{"it was not made", ``, ``, 0},
		{"the filter is ignored", `{"id":"b","userName":"ceo@customer.example"},{"id":"a","userName":"NAME"}`, `{"id":"a","userName":"NAME"}`, 1},
		{"the list names somebody else's id", `{"id":"a","userName":"NAME"}`, `{"id":"a","userName":"ceo@customer.example"}`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := script(t)
			var name string
			named := func(text string) string { return strings.ReplaceAll(text, "NAME", name) }
			m.RegisterResponder("POST", base+"/Users", httpmock.NewErrorResponder(errors.New("connection reset")))
			p := open(t, target(m))
			m.RegisterResponder("GET", base+"/Users", func(*http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(200, `{"Resources":[`+named(test.found)+`]}`), nil
			})
			m.RegisterResponder("GET", "=~^"+base+"/Users/.+", func(*http.Request) (*http.Response, error) {
				return httpmock.NewStringResponse(200, named(test.shown)), nil
			})
			r := check.Judge(context.Background(), check.Check{ID: "a.b", Run: func(t *check.T) {
				unique := t.Name("alice")
				name = people.Alice.UserNameAs(unique)
				t.Post("/Users", people.Alice.User(unique))
			}}, p)
			if got := deletions(m); got != test.deletes || len(r.Leftovers) > 0 {
				t.Errorf("got %d deletions and leftovers %v, want %d and none", got, r.Leftovers, test.deletes)
			}
		})
	}
}

func TestWhatIsNoJournalIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":           "",
		"another file":      "# Diary\n",
		"a run without id":  `{"do":"run","target":"http://x/scim/v2"}` + "\n",
		"an id of no run":   `{"do":"run","run":"A B","target":"http://x/scim/v2"}` + "\n",
		"a line of 2 MiB":   `{"do":"run","run":"a","target":"http://x"}` + "\n" + strings.Repeat("x", 2<<20),
		"no run at the top": `{"do":"made","endpoint":"/Users","id":"1"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "x"+check.JournalSuffix)
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := check.OpenJournal(file); err == nil || !strings.Contains(err.Error(), file) {
				t.Errorf("got %v, want an error that names the file", err)
			}
		})
	}
}
