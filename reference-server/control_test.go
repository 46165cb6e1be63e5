// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reference-server/store"
)

// A reset forgets nothing that a server keeps: each kind of record that is
// named in the sources is one that it removes.
func TestEveryKindIsRemovedByAReset(t *testing.T) {
	named := regexp.MustCompile(`store\.Kind\s+=\s+"([^"]+)"`)
	found := 0
	for _, pattern := range []string{"*.go", "product/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range named.FindAllSubmatch(text, -1) {
				if found++; !slices.Contains(kinds(), store.Kind(m[1])) {
					t.Errorf("%s: a reset leaves records of kind %q", file, m[1])
				}
			}
		}
	}
	if found < 5 {
		t.Errorf("found %d kinds, want more", found)
	}
}

const testToken = "control-token-0123456789"

func newControl(t *testing.T, o Options) *Control {
	t.Helper()
	o.Token = testToken
	c, err := NewControl(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func (c *Control) mustCreate(t *testing.T, name string) {
	t.Helper()
	body := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"` + name + `@x.example"}`
	if status, answer, err := c.SCIM(t.Context(), "POST", "/Users", []byte(body)); err != nil || status != 201 {
		t.Fatalf("create %s: got %d %s, %v", name, status, answer, err)
	}
}

func (c *Control) users(t *testing.T) int {
	t.Helper()
	n, err := c.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n.Users
}

func TestResetOfAStoreThatIsGiven(t *testing.T) {
	for name, given := range map[string]store.Store{"made here": nil, "given": store.NewMemory()} {
		t.Run(name, func(t *testing.T) {
			c := newControl(t, Options{Store: given})
			c.mustCreate(t, "alice")
			if err := c.Reset(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := c.users(t); n != 0 {
				t.Errorf("got %d users, want none", n)
			}
			c.mustCreate(t, "alice")
			status, answer, err := c.Product(t.Context(), "GET", "/roles", nil)
			if err != nil || status != 200 || !strings.Contains(string(answer), profiles.Datadog().Roles.Default) {
				t.Errorf("got %d %s %v, want the roles of a new organisation", status, answer, err)
			}
		})
	}
}

// Faults are switched and clocks moved while others are served.
func TestChangesWhileServing(t *testing.T) {
	c := newControl(t, Options{Profile: profiles.RFC()})
	i := slices.IndexFunc(fault.All(), func(f fault.Fault) bool { return f.Profile != nil })
	changes := fault.All()[i : i+1]
	var serving sync.WaitGroup
	for range 4 {
		serving.Go(func() {
			for range 50 {
				if status, answer, err := c.SCIM(t.Context(), "GET", "/Users", nil); err != nil || status != 200 {
					t.Errorf("got %d %s %v", status, answer, err)
				}
			}
		})
	}
	c.mustCreate(t, "alice")
	for range 20 {
		if err := c.SetFaults(changes); err != nil {
			t.Error(err)
		}
		c.Forward(1)
		if err := c.SetFaults(nil); err != nil {
			t.Error(err)
		}
	}
	serving.Wait()
	if n := c.users(t); n != 1 {
		t.Errorf("got %d users, want the one", n)
	}
	if c.Ahead() != 20 {
		t.Errorf("got %d ns ahead, want 20", c.Ahead())
	}
}
