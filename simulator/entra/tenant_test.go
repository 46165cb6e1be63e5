// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// tenant is a directory, an application and what the application sent.
type tenant struct {
	*testing.T
	dir    *directory.Directory
	clock  *cycle.Virtual
	app    *entra.Connector
	sender *cycle.Sender
	to     http.RoundTripper
	mu     sync.Mutex
	sent   []flow.Exchange

	before string // id of a user who was there before
}

// inProcess calls a handler as a transport.
type inProcess struct{ http.Handler }

func (p inProcess) RoundTrip(q *http.Request) (*http.Response, error) {
	if q.Body == nil {
		q.Body = http.NoBody
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, q)
	return w.Result(), nil
}

const token = "a-token-of-16-bytes-or-more"

// provider returns the reference server as it is without a product behind it.
func provider(t *testing.T) http.RoundTripper {
	t.Helper()
	srv, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = srv.Close() })
	return inProcess{srv}
}

// open makes an application of Entra ID that sends to a provider.
func open(t *testing.T, to http.RoundTripper, o entra.Options) *tenant {
	t.Helper()
	x := &tenant{T: t, to: to, clock: cycle.NewVirtual(time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC))}
	x.dir = directory.New(directory.Options{Now: x.clock.Now})
	x.sender = &cycle.Sender{
		BaseURL: "http://provider.example/scim/v2", Token: token, Base: to, Clock: x.clock,
		Retry: entra.Policy(o.Knobs), Record: func(e flow.Exchange) {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.sent = append(x.sent, e)
		},
	}
	if o.Dialect == "" {
		o.Dialect = flow.EntraLegacy
	}
	var err error
	if x.app, err = entra.New(x.dir, x.sender, x.clock, o); err != nil {
		t.Fatal(err)
	}
	return x
}

// does applies the changes, each told to the application.
func (x *tenant) does(changes ...directory.Change) {
	x.Helper()
	for _, c := range changes {
		e, err := x.dir.Apply(c)
		if err != nil {
			x.Fatal(err)
		}
		if err := x.app.Act(x.Context(), c, e); err != nil {
			x.Fatal(err)
		}
	}
}

// cycle runs a cycle after the changes, an interval later, and returns what it
// sent beside the probe.
func (x *tenant) cycle(changes ...directory.Change) []flow.Exchange {
	x.Helper()
	x.does(changes...)
	from := len(x.sent)
	if err := x.clock.Sleep(x.Context(), 40*time.Minute); err != nil {
		x.Fatal(err)
	}
	x.does(directory.Change{Kind: directory.Cycle})
	return withoutProbes(x.sent[from:])
}

func (x *tenant) differences() []cycle.Difference {
	x.Helper()
	from := len(x.sent)
	d, err := x.app.Compare(x.Context())
	if err != nil {
		x.Fatal(err)
	}
	x.sent = x.sent[:from] // not Entra ID's
	return d
}

var probed = regexp.MustCompile(`filter=\w+\+eq\+%22(?:nonexistente997dccbd8b7_)?[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}%22`)

func withoutProbes(all []flow.Exchange) []flow.Exchange {
	var out []flow.Exchange
	for _, e := range all {
		if !probed.MatchString(e.Path) {
			out = append(out, e)
		}
	}
	return out
}

// lines gives method, path and body of each request, ids as they were bound.
func lines(all []flow.Exchange, names map[string]string) []string {
	var pairs []string
	for id, name := range names {
		pairs = append(pairs, id, name)
	}
	r := strings.NewReplacer(pairs...)
	var out []string
	for _, e := range all {
		out = append(out, r.Replace(strings.TrimSpace(e.Method+" "+e.Path+" "+string(e.Request.Body))))
	}
	return out
}

func ada() *directory.Person {
	return &directory.Person{ID: "ada", UserName: "ada@contoso.example", GivenName: "Ada", FamilyName: "Example", Email: "ada@contoso.example"}
}

func boss() *directory.Person {
	return &directory.Person{ID: "max", UserName: "max@contoso.example", GivenName: "Max", FamilyName: "Sample", Email: "max@contoso.example"}
}

func join(p *directory.Person) directory.Change {
	return directory.Change{Kind: directory.Join, Person: p}
}

func found(id, name string, members ...string) directory.Change {
	return directory.Change{Kind: directory.Found, Group: &directory.Group{ID: id, DisplayName: name, Members: members}}
}

func on(kind directory.Kind, ids ...string) directory.Change {
	return directory.Change{Kind: kind, IDs: ids}
}

func set(id string, pairs ...string) directory.Change {
	values := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	return directory.Change{Kind: directory.Set, IDs: []string{id}, Values: values}
}
