// SPDX-License-Identifier: Apache-2.0

package admin_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/admin"
)

// A door with a guard of its own does what the API does, by the same rules.
func TestInsideDoesWhatTheAPIDoes(t *testing.T) {
	b := open(t, admin.Options{})
	for _, tt := range []struct {
		method, target, body string
		status               int
		says                 string
	}{
		{http.MethodPut, "/faults", `{"only":["filter-ignored"]}`, 200, `"on": true`},
		{http.MethodPut, "/faults", `{"only":["x"]}`, 400, `\"x\"`},
		{http.MethodGet, "/t/acme/", "", 200, `"name": "acme"`},
		{http.MethodDelete, "/faults", "", 405, "is not for"},
		{http.MethodGet, "/nowhere", "", 404, "there is no"},
	} {
		a, err := b.inside.Do(t.Context(), tt.method, tt.target, []byte(tt.body))
		if err != nil || a.Status != tt.status || !strings.Contains(string(a.Body), tt.says) {
			t.Errorf("%s %s: got %d %s, %v, want %d with %q", tt.method, tt.target, a.Status, a.Body, err, tt.status, tt.says)
		}
	}
	if f := b.control.Faults(); len(f) != 1 || f[0].Name != "filter-ignored" {
		t.Errorf("faults: got %v", f)
	}
	if !b.inside.Knows(adminToken) || b.inside.Knows(scimToken) || b.inside.Knows("") {
		t.Error("the token is not told apart from others")
	}
}

// Whoever watches hears of an exchange once it is over, and of no more than one
// while not listening; exchanges are those of one tenant.
func TestWatch(t *testing.T) {
	b := open(t, admin.Options{})
	changed, stop := b.inside.Watch()
	turn := b.inside.Turn()
	b.create("ann")
	b.create("bob")
	select {
	case <-changed:
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was heard of an exchange")
	}
	seen, _ := b.inside.Seen("")
	for range 100 { // an answer is sent before its exchange is over
		if seen, _ = b.inside.Seen(""); len(seen) == 2 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(seen) != 2 || seen[0].Number != 1 || b.inside.Turn() != turn+2 {
		t.Fatalf("got %d exchanges, turn %d after %d", len(seen), b.inside.Turn(), turn)
	}
	x := seen[1].Exchange()
	if x.Status != 201 || !strings.Contains(string(x.Request.Body), "bob@") || !strings.HasPrefix(seen[1].Origin(), "http://127.0.0.1:") {
		t.Errorf("got %+v at %s", x, seen[1].Origin())
	}
	if theirs, _ := b.inside.Seen("acme"); len(theirs) != 0 {
		t.Errorf("acme: got %d exchanges, want none", len(theirs))
	}
	stop()
	for len(changed) > 0 {
		<-changed
	}
	b.create("cid")
	for range 100 {
		if b.inside.Turn() == turn+3 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if len(changed) != 0 {
		t.Error("heard of an exchange after stop")
	}
}
