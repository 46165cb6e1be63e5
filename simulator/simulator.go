// SPDX-License-Identifier: Apache-2.0

// Package simulator plays the tenant of an identity provider: a directory, a
// provisioning application in the dialect of Okta or Entra ID, and an
// administrator who makes one change after the other. After the last it says
// what the provider holds otherwise than the directory.
package simulator

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
	"github.com/scimproof/scimproof/simulator/okta"
)

// Dialects lists the dialects that a scenario can name.
func Dialects() []string { return append(okta.Dialects(), entra.Dialects()...) }

// Options say what is simulated, and against which provider.
type Options struct {
	Scenario   Scenario
	Population directory.Population // is added to the scenario's directory

	BaseURL   string            // of the SCIM API
	Token     flow.Secret       // bearer token; empty: no Authorization header
	Header    http.Header       // sent with every request
	Transport http.RoundTripper // nil: http.DefaultTransport; compression must be off in it
	Handler   http.Handler      // a provider in this process, in the place of Transport
	Clock     cycle.Clock       // nil: a virtual one, on which waiting is free
	Product   Product           // looks at the product behind the provider; nil: it is not looked at
	Profile   *profiles.Profile // what the product does with what it is sent; needed with Product
	Roles     map[string]string // values of the product's roles, by name; see RolePrefix

	Record   func(flow.Exchange) // is given what the IdP sends, redacted; nil: nobody
	Progress func(Progress)      // is told of each request and of each wait; nil: nobody
}

// Progress is how far a simulation is.
type Progress struct {
	Change   int // how many of the scenario's changes are done
	Changes  int
	Requests int
	Waiting  time.Duration // before the request is sent again; zero: it is not
}

// Simulator is one tenant.
type Simulator struct {
	o       Options
	dir     *directory.Directory
	clock   cycle.Clock
	dialect cycle.Dialect
	groups  []string // of the population, to be pushed
	began   time.Time

	sendsRoles bool

	mu        sync.Mutex // of what follows: a dialect may send several requests at once
	progress  Progress
	waited    time.Duration
	answers   map[int]int // by status
	comparing bool
	last      flow.Exchange // not redacted
}

// Report is what came of a simulation.
type Report struct {
	Dialect     string
	People      int
	Groups      int
	Changes     int
	Requests    int           // of the IdP
	Waited      time.Duration // because the provider asked for it, or failed
	Took        time.Duration // by the simulation's clock
	Tasks       []cycle.Task
	Differences []cycle.Difference
}

// Converged says whether the provider holds what the directory says, but for
// what the dialect is documented to leave, and nothing failed.
func (r *Report) Converged() bool { return len(r.Tasks) == 0 && cycle.Converged(r.Differences) }

// TargetError says that there is no provider at the target that lets us in.
type TargetError struct {
	Refused  bool // the credentials; else nothing answers
	Exchange flow.Exchange
}

// Error says what was sent and what came.
func (e *TargetError) Error() string {
	if e.Refused {
		return fmt.Sprintf("%s: the provider refuses the credentials: %d", e.Exchange.Name(), e.Exchange.Status)
	}
	return fmt.Sprintf("%s: no answer: %s", e.Exchange.Name(), e.Exchange.Error)
}

// New prepares a simulation. An error is about the scenario: the application
// cannot be set up so, or its directory contradicts itself.
func New(o Options) (*Simulator, error) {
	s := &Simulator{o: o, clock: o.Clock, answers: map[int]int{}}
	if s.clock == nil {
		s.clock = cycle.NewVirtual(time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC))
	}
	s.progress.Changes = len(o.Scenario.Changes)
	isOkta := strings.HasPrefix(o.Scenario.Dialect, "okta-")
	s.dir = directory.New(directory.Options{Now: s.clock.Now, Transitive: isOkta})
	if err := s.populate(isOkta); err != nil {
		return nil, err
	}
	var err error
	if isOkta {
		s.dialect, err = s.okta()
	} else {
		s.dialect, err = s.entra()
	}
	return s, err
}

// populate fills the directory.
func (s *Simulator) populate(isOkta bool) error {
	start := s.o.Scenario.Directory
	var changes []directory.Change
	for i := range start.People {
		changes = append(changes, directory.Change{Kind: directory.Join, Person: &start.People[i]})
	}
	for i := range start.Groups {
		changes = append(changes, directory.Change{Kind: directory.Found, Group: &start.Groups[i]})
	}
	if len(start.Assigned) > 0 {
		changes = append(changes, directory.Change{Kind: directory.Assign, IDs: start.Assigned})
	}
	for _, c := range changes {
		c, err := s.withRoles(c)
		if err == nil {
			_, err = s.dir.Apply(c)
		}
		if err != nil {
			return fmt.Errorf("%s: directory: %w", s.o.Scenario.File, err)
		}
	}
	if err := s.dir.Populate(s.o.Population); err != nil {
		return err
	}
	for i := range s.o.Population.Groups {
		s.groups = append(s.groups, directory.TeamID(i))
	}
	if !isOkta && len(s.groups) > 0 { // Entra ID provisions groups that are assigned
		_, err := s.dir.Apply(directory.Change{Kind: directory.Assign, IDs: s.groups})
		return err
	}
	return nil
}

// unreachable says that nothing ever answered, or refused us each time; nil if
// somebody did.
func (s *Simulator) unreachable() *TargetError {
	s.mu.Lock()
	defer s.mu.Unlock()
	refused := s.answers[http.StatusUnauthorized] + s.answers[http.StatusForbidden]
	silent := s.answers[0]
	if all := s.progress.Requests; all == 0 || refused+silent < all {
		return nil
	}
	return &TargetError{Refused: refused > 0, Exchange: flow.NewRedactor(s.o.Token).Exchange(s.last)}
}

// sender gives the sender that the dialect sends with.
func (s *Simulator) sender(retry cycle.Retry, idle time.Duration) *cycle.Sender {
	base := s.o.Transport
	if s.o.Handler != nil {
		base = inProcess{s.o.Handler}
	}
	var record func(flow.Exchange)
	if s.o.Record != nil {
		record = s.record
	}
	return &cycle.Sender{
		BaseURL: s.o.BaseURL, Token: s.o.Token.Reveal(), Header: s.o.Header, Base: base, Clock: s.clock, Retry: retry, Idle: idle,
		Redact: flow.NewRedactor(s.o.Token), Attempt: s.count, Record: record,
		Waiting: func(_ *flow.Exchange, wait time.Duration) {
			s.mu.Lock()
			s.waited += wait
			p := s.progress
			s.mu.Unlock()
			p.Waiting = wait
			s.tell(p)
		},
	}
}

// count takes note of a request of the IdP.
func (s *Simulator) count(x flow.Exchange) {
	s.mu.Lock()
	if s.comparing {
		s.mu.Unlock()
		return // these requests are ours, not the IdP's
	}
	s.answers[x.Status]++
	s.progress.Requests++
	s.last = x
	p := s.progress
	s.mu.Unlock()
	s.tell(p)
}

func (s *Simulator) record(x flow.Exchange) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.comparing {
		s.o.Record(x)
	}
}

func (s *Simulator) tell(p Progress) {
	if s.o.Progress != nil {
		s.o.Progress(p)
	}
}
