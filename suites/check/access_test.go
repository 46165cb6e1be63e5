// SPDX-License-Identifier: Apache-2.0

package check

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
)

// fakeKeys is a product that notes what is made and removed.
type fakeKeys struct {
	ProductProbe
	done []string
}

func (f *fakeKeys) did(what, id string) error {
	f.done = append(f.done, what+" "+id)
	return nil
}

func (f *fakeKeys) CreateRole(_ context.Context, name string, _ ...string) (*ProductRole, error) {
	return &ProductRole{ID: "r1", Name: name}, f.did("make role", "r1")
}

func (f *fakeKeys) DeleteRole(_ context.Context, id string) error { return f.did("delete role", id) }

func (f *fakeKeys) CreateServiceAccount(context.Context, string, string, ...string) (string, error) {
	return "a1", f.did("make account", "a1")
}

func (f *fakeKeys) DisableServiceAccount(_ context.Context, id string) error {
	return f.did("disable account", id)
}

func (f *fakeKeys) CreateKey(context.Context, string, string, ...string) (*ProductKey, error) {
	return &ProductKey{ID: "k1", Secret: "secret"}, f.did("make key", "k1")
}

func (f *fakeKeys) CreateOwnKey(context.Context, flow.Secret, string) (*ProductKey, error) {
	return &ProductKey{ID: "k2", Secret: "secret"}, f.did("make key", "k2")
}

func (f *fakeKeys) RevokeKey(_ context.Context, id string) error { return f.did("revoke key", id) }

func (f *fakeKeys) KeyStatus(context.Context, flow.Secret) (int, error) { return http.StatusOK, nil }

func (f *fakeKeys) MapRole(context.Context, string, string, string) (string, error) {
	return "m1", f.did("map", "m1")
}

func (f *fakeKeys) UnmapRole(_ context.Context, id string) error { return f.did("unmap", id) }

func (f *fakeKeys) Login(context.Context, string, map[string][]string) (string, string, error) {
	return "session", "", f.did("log in", "somebody")
}

func keyProvider(f *fakeKeys) *Provider {
	return &Provider{
		target: Target{Product: f, Login: f, RunID: "run", Timeout: time.Second, Profile: profiles.Datadog()},
		caps:   map[string]bool{}, reasons: map[string]string{}, judged: map[string]int{}, now: time.Now, redact: flow.NewRedactor(),
	}
}

func TestWhatGaveAccessIsTakenAway(t *testing.T) {
	f := &fakeKeys{}
	r := Judge(t.Context(), Check{ID: "access.test", Run: func(t *T) {
		id := t.CreateServiceAccount(t.CreateRole("role"))
		t.CreateKey(id)
		session, _ := t.Login(t.Name("alice"))
		t.CreateOwnKey(session)
		t.MapRole("department", t.Name("ops"), "r1")
	}}, keyProvider(f))
	if r.Outcome != Passed || len(r.Leftovers) > 0 {
		t.Fatalf("got %s %s %v", r.Outcome, r.Reason, r.Leftovers)
	}
	i := slices.Index(f.done, "map m1")
	want := []string{"unmap m1", "revoke key k2", "revoke key k1", "disable account a1", "delete role r1"}
	if got := f.done[i+1:]; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNobodyElsesAccessIsTouched(t *testing.T) {
	for name, run := range map[string]func(*T){
		"revoke a key":      func(t *T) { t.RevokeKey(ProductKey{ID: "theirs"}) },
		"delete a role":     func(t *T) { t.DeleteRole(ProductRole{ID: "theirs"}) },
		"disable account":   func(t *T) { t.DisableServiceAccount("theirs") },
		"key of an account": func(t *T) { t.CreateKey("theirs") },
		"log somebody in":   func(t *T) { t.Login("boss@example.test") },
		"map everybody":     func(t *T) { t.MapRole("department", "all", "r1") },
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeKeys{}
			r := Judge(t.Context(), Check{ID: "access.test", Run: run}, keyProvider(f))
			if r.Outcome != Broken || !strings.Contains(r.Reason, "th") || len(f.done) > 0 {
				t.Errorf("got %s (%s) and %q done, want a broken check that did nothing", r.Outcome, r.Reason, f.done)
			}
		})
	}
}
