// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	neutralPath = "/scim/v2"
	productPath = "/api/v2"
	minToken    = 16 // bytes, 128 bits
)

// Options say what a Server is. The zero values are useful except for Token.
// scimproof serve has a flag for each but Clock, NewID and Log; ReadAccess reads
// Tenants, Tokens and Clients from a file.
type Options struct {
	Token    flow.Secret       // bearer token of the SCIM API, an application key of a service account; at least 16 bytes
	AdminKey flow.Secret       // application key of an account that may do everything, for the product API; "": nobody has one
	Tenants  []Tenant          // further organisations, each apart from all others
	Tokens   []Token           // further bearer tokens of the SCIM API
	Clients  []Client          // who gets tokens at /oauth/token; none: it is not there
	Schemas  string            // file with custom schemas and resource types; "": none
	Plan     string            // of a new organisation: a word of Profile.Access.Plans, or one that SCIM is not part of; "": enterprise
	Profile  *profiles.Profile // what the organisation does; nil: profiles.Datadog()
	Store    store.Store       // where it is kept; nil: a memory store
	StatsD   string            // host:port that gets the metrics as DogStatsD datagrams; "": nobody
	Faults   []fault.Fault     // defects to plant, the first innermost
	// What the audit trail of each organisation keeps: so many events, some 64
	// more at times, and none older. 0: 100,000 events and 90 days, the longest
	// that Datadog keeps them.
	AuditEvents int
	AuditAge    time.Duration
	MaxBody     int              // longest request body of the SCIM API in bytes; 0: 1 MiB
	Clock       func() time.Time // nil: time.Now
	NewID       func() string    // ids of resources; nil: random UUIDs
	Log         *slog.Logger     // what goes wrong inside; nil: nothing is logged
}

// Server is the reference server, an http.Handler.
type Server struct {
	handler http.Handler
	marker  []string // header value of every reply
	wires   []*wire
	product http.Handler
	org     organisation
	teams   bool // the organisation makes teams of groups
	metrics *product.Metrics
	store   store.Store

	gate      *gate
	tenant    string      // its name, if this is the server of one
	key       flow.Secret // of the account that SCIM is meant to use
	adminKey  flow.Secret // "": there is none
	cursorKey []byte
	maxBody   int

	clock func() time.Time
	newID func() string
	log   *slog.Logger
}

// New returns a Server with an organisation that nobody has been provisioned
// to. It refuses to start without a token.
func New(o Options) (*Server, error) {
	if n := len(o.Token.Reveal()); n < minToken {
		return nil, errors.New("start reference server: the token is missing or shorter than 16 bytes")
	}
	if o.AuditEvents < 0 || o.AuditAge < 0 {
		return nil, fmt.Errorf("start reference server: the audit trail is to keep %d events for %v; allowed: 1 and more, or 0 for 100,000 events and 90 days", o.AuditEvents, o.AuditAge)
	}
	if o.MaxBody < 0 {
		return nil, fmt.Errorf("start reference server: the longest body is %d bytes; allowed: 1 and more, or 0 for 1 MiB", o.MaxBody)
	}
	gate, err := newGate(o)
	if err != nil {
		return nil, fmt.Errorf("start reference server: %w", err)
	}
	more, err := readSchemas(o.Schemas)
	if err != nil {
		return nil, fmt.Errorf("start reference server: %w", err)
	}
	profile := acted(o.Profile, o.Faults)
	s := &Server{
		marker:   []string{"reference server, for tests only"},
		store:    o.Store,
		gate:     gate,
		key:      o.Token,
		adminKey: o.AdminKey,
		maxBody:  cmp.Or(o.MaxBody, maxBody),
		clock:    o.Clock,
		newID:    o.NewID,
		log:      cmp.Or(o.Log, slog.New(slog.DiscardHandler)),
	}
	if s.store == nil {
		s.store = store.NewMemory()
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if s.newID == nil {
		s.newID = uuid.NewString
	}
	s.wires = wiresOf(profile, more)
	if err := s.open(o, profile); err != nil {
		return nil, err
	}
	if err := s.openCursors(); err != nil {
		return nil, fmt.Errorf("start reference server: %w", errors.Join(err, s.Close()))
	}
	gate.tenants[""] = s
	if err := s.openTenants(o); err != nil {
		return nil, fmt.Errorf("start reference server: %w", errors.Join(err, s.Close()))
	}
	s.handler = http.HandlerFunc(s.route)
	for _, f := range o.Faults {
		if f.Wrap != nil {
			s.handler = f.Wrap(s.handler)
		}
	}
	return s, nil
}

// acted returns the profile that the server acts: a copy of the one given, as
// the faults have changed it.
func acted(p *profiles.Profile, faults []fault.Fault) *profiles.Profile {
	if p == nil {
		p = profiles.Datadog()
	}
	own := *p
	own.Roles.Catalogue = slices.Clone(p.Roles.Catalogue)
	for _, f := range faults {
		if f.Profile != nil {
			f.Profile(&own)
		}
	}
	return &own
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	rw.Header()["X-Scimproof"] = s.marker
	s.handler.ServeHTTP(rw, r)
}

// route lets the faults of a tenant see its requests.
func (s *Server) route(rw http.ResponseWriter, r *http.Request) {
	if len(s.gate.faulty) > 0 {
		if h := s.gate.faulty[s.tenantOf(r)]; h != nil {
			h.ServeHTTP(rw, r)
			return
		}
	}
	s.dispatch(rw, r)
}

// dispatch finds the door that a path belongs to.
func (s *Server) dispatch(rw http.ResponseWriter, r *http.Request) {
	path, prefix := r.URL.EscapedPath(), ""
	if path == tokenPath && len(s.gate.clients) > 0 {
		s.serveToken(rw, r)
		return
	}
	t := s
	if rest, ok := strings.CutPrefix(path, tenantPath); ok {
		name, _, _ := strings.Cut(rest, "/")
		if t = s.gate.tenants[name]; t == nil || name == "" {
			(&call{s: s, wire: s.wires[len(s.wires)-1], rw: rw, r: r}).fail(unauthorized(""))
			return
		}
		prefix = tenantPath + name
		path = path[len(prefix):]
	}
	for _, w := range s.wires {
		if below, ok := below(path, w.path); ok {
			t.serveSCIM(rw, r, w, prefix, below)
			return
		}
	}
	c := &call{s: t, wire: s.wires[len(s.wires)-1], rw: rw, r: r}
	if below, ok := below(path, productPath); ok {
		if _, clean := split(below); clean {
			http.StripPrefix(prefix, t.product).ServeHTTP(rw, r)
			return
		}
		c.wire = s.wires[0]
	}
	c.fail(notFound("no such address"))
}

// below returns what follows base in path, "" or with a leading slash.
func below(path, base string) (string, bool) {
	rest, ok := strings.CutPrefix(path, base)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// HTTPServer returns an http.Server for addr with the time and size limits
// that keep a slow or greedy client from holding on to it.
func (s *Server) HTTPServer(addr string) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}
