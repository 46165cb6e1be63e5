// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// Control is a Server that can be changed while it serves: its faults, its
// clock, and everything that it holds. It is an http.Handler, as the Server is.
//
// A change of faults that are wrappers puts another row of handlers before the
// same Server. One that makes the organisation act another profile opens a new
// Server on the same store, and so does Reset: requests under way end on the
// old one.
type Control struct {
	options Options // without faults
	store   store.Store
	own     bool // the store was made here
	ahead   atomic.Int64
	acting  atomic.Pointer[acting]
	mu      sync.Mutex // one change at a time
}

// acting is a Server with the faults that are on.
type acting struct {
	server  *Server // with those that change the profile
	handler http.Handler
	faults  []fault.Fault
	parts   map[string][]fault.Fault // further ones, by tenant
}

// Counts says how much a server holds.
type Counts struct{ Users, Groups, Teams int }

// NewControl starts a Server under control. Where no AdminKey is given the
// product API is open to the control alone.
func NewControl(o Options) (*Control, error) {
	c := &Control{options: o, store: o.Store, own: o.Store == nil}
	if c.own {
		c.store = store.NewMemory()
	}
	now := o.Clock
	if now == nil {
		now = time.Now
	}
	c.options.Clock = func() time.Time { return now().Add(time.Duration(c.ahead.Load())) }
	c.options.AdminKey = cmp.Or(o.AdminKey, flow.Secret(uuid.NewString()))
	c.options.Faults = nil
	parts := map[string][]fault.Fault{}
	for _, t := range o.Tenants {
		parts[t.Name] = slices.Clone(t.Faults)
	}
	a, err := c.start(o.Faults, parts)
	if err != nil {
		return nil, err
	}
	c.acting.Store(a)
	return c, nil
}

// ServeHTTP answers one request.
func (c *Control) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	c.acting.Load().handler.ServeHTTP(rw, r)
}

// HTTPServer returns an http.Server for addr with the limits of
// Server.HTTPServer.
func (c *Control) HTTPServer(addr string) *http.Server {
	s := c.acting.Load().server.HTTPServer(addr)
	s.Handler = c
	return s
}

// Close sends the last metrics and closes the store.
func (c *Control) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.acting.Load().server.Close(), c.store.Close())
}

// Faults returns the faults that are on, the innermost first.
func (c *Control) Faults() []fault.Fault { return slices.Clone(c.acting.Load().faults) }

// SetFaults turns these faults on and all others off.
func (c *Control) SetFaults(faults []fault.Fault) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.acting.Load()
	if slices.EqualFunc(profileFaults(old.faults), profileFaults(faults), sameFault) {
		c.acting.Store(behind(old.server, faults, old.parts))
		return nil
	}
	return c.replace(faults, old.parts)
}

// Reset removes everything and starts the organisation anew. The clock and the
// faults stay as they are.
func (c *Control) Reset(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.acting.Load()
	if c.own {
		c.store = store.NewMemory()
	} else if err := c.store.Update(ctx, old.server.clear); err != nil {
		return fmt.Errorf("empty the store: %w", err)
	}
	return c.replace(old.faults, old.parts)
}

// Now is the time on the server's clock.
func (c *Control) Now() time.Time { return c.options.Clock() }

// Forward moves the server's clock, which never goes back.
func (c *Control) Forward(by time.Duration) { c.ahead.Add(int64(max(by, 0))) }

// Ahead says how far the clock was moved.
func (c *Control) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Profile returns the profile that the organisation acts, before faults.
func (c *Control) Profile() *profiles.Profile { return acted(c.options.Profile, nil) }

// Login acts a SAML login, as Server.Login does.
func (c *Control) Login(ctx context.Context, email string, attributes map[string][]string) (token, refused string, err error) {
	return c.Whole().Login(ctx, email, attributes)
}

// Counts says how much the server holds, without its tenants.
func (c *Control) Counts(ctx context.Context) (Counts, error) { return c.Whole().Counts(ctx) }

// Below cuts the base of the SCIM API off an escaped path: "/scim/v2" or
// "/t/acme/scim/v2", and "/Users". It is false for the path of another API.
func (c *Control) Below(path string) (base, rest string, scim bool) {
	s := c.acting.Load().server
	prefix, path := s.inTenant(path)
	for _, w := range s.wires {
		if rest, ok := below(path, w.path); ok {
			return prefix + w.path, rest, true
		}
	}
	return "", "", false
}

// SCIM sends a request as Part.SCIM does, to the organisation that is no tenant.
func (c *Control) SCIM(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	return c.Whole().SCIM(ctx, method, path, body)
}

// Product sends a request as Part.Product does, to the organisation that is no
// tenant.
func (c *Control) Product(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error) {
	return c.Whole().Product(ctx, method, path, body)
}

func (c *Control) do(ctx context.Context, method, target string, body []byte, h http.Header) (int, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, "http://localhost"+target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("build request: %w", err)
	}
	r.Header = h
	rec := &answer{header: http.Header{}, status: http.StatusOK}
	c.acting.Load().server.ServeHTTP(rec, r)
	return rec.status, rec.body.Bytes(), nil
}

// answer is a reply that stays in memory.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(b []byte) (int, error) { return a.body.Write(b) }

// replace lets a new Server on the store answer from now on. The old one stays
// if there is an error.
func (c *Control) replace(faults []fault.Fault, parts map[string][]fault.Fault) error {
	a, err := c.start(faults, parts)
	if err != nil {
		return err
	}
	old := c.acting.Swap(a)
	return old.server.Close()
}

func (c *Control) start(faults []fault.Fault, parts map[string][]fault.Fault) (*acting, error) {
	o := c.options
	tenants, err := c.partsOf(parts)
	if err != nil {
		return nil, err
	}
	o.Store, o.Faults, o.Tenants = kept{c.store}, profileFaults(faults), tenants
	s, err := New(o)
	if err != nil {
		return nil, err
	}
	return behind(s, faults, parts), nil
}

// kept is a store that outlives the servers on it.
type kept struct{ store.Store }

// Close leaves the store open.
func (kept) Close() error { return nil }

// behind puts the faults that are wrappers before a server, the first
// innermost.
func behind(s *Server, faults []fault.Fault, parts map[string][]fault.Fault) *acting {
	a := &acting{server: s, handler: s, faults: slices.Clone(faults), parts: parts}
	for _, f := range faults {
		if f.Wrap != nil {
			a.handler = f.Wrap(a.handler)
		}
	}
	return a
}

func profileFaults(faults []fault.Fault) []fault.Fault {
	return slices.DeleteFunc(slices.Clone(faults), func(f fault.Fault) bool { return f.Profile == nil })
}

// kinds lists every kind of record that a server keeps.
func kinds() []store.Kind { return append(product.Kinds(), groupKind, userKind, keyKind) }

// clear removes every record, those of all tenants too. O(records + links).
func (s *Server) clear(tx store.Tx) error {
	for name := range s.gate.tenants {
		part := tx
		if name != "" {
			part = &tenantTx{tx, name + "/"}
		}
		if err := s.clearPart(part); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) clearPart(tx store.Tx) error {
	all := kinds()
	for _, e := range s.wires[0].others {
		all = append(all, e.kind)
	}
	for _, kind := range all {
		for _, r := range slices.Collect(tx.Scan(kind, 0)) {
			if err := tx.Delete(kind, r.ID); err != nil {
				return fmt.Errorf("remove %s %s: %w", kind, r.ID, err)
			}
		}
	}
	return nil
}

func sameFault(a, b fault.Fault) bool { return a.Name == b.Name }
