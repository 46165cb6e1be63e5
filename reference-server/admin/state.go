// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"net/http"
	"slices"
	"time"

	"github.com/scimproof/scimproof/reference-server/fault"
)

// state is what the server is and holds.
type state struct {
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Uptime   span      `json:"uptime"`
	Now      time.Time `json:"now"` // on the server's clock
	Profile  string    `json:"profile"`
	Users    int       `json:"users"`
	Groups   int       `json:"groups"`
	Teams    int       `json:"teams"`
	Faults   []string  `json:"faults"` // that are on
	Chaos    Chaos     `json:"chaos"`
	Replies  int       `json:"replies"` // scripted, not yet given
	Requests int64     `json:"requests"`
	History  int       `json:"history"`
	Tenants  []tenant  `json:"tenants,omitempty"`
}

func (a *Admin) getState(r *http.Request) (any, error) {
	n, err := a.server.Counts(r.Context())
	if err != nil {
		return nil, err
	}
	tenants, err := a.tenants(r.Context())
	if err != nil {
		return nil, err
	}
	return state{
		Version: a.version, Started: a.started.UTC(), Uptime: span(time.Since(a.started).Truncate(time.Millisecond)),
		Now: a.server.Now().UTC(), Profile: a.server.Profile().Name,
		Users: n.Users, Groups: n.Groups, Teams: n.Teams,
		Faults: faultNames(a.server.Faults()), Chaos: a.chaos.show().Chaos,
		Replies: len(a.script.list()), Requests: a.requests.Load(), History: a.history.len(), Tenants: tenants,
	}, nil
}

// clockState is the server's clock.
type clockState struct {
	Now   time.Time `json:"now"`
	Ahead span      `json:"ahead"` // of the time of this machine
}

// maxForward is how far the clock is moved at once.
const maxForward = 10 * 366 * 24 * time.Hour

func (a *Admin) getClock(*http.Request) (any, error) {
	now := a.server.Now()
	return clockState{Now: now.UTC(), Ahead: span(a.server.Ahead())}, nil
}

// postClock moves the clock forward. It never goes back: what was written
// would be from the future.
func (a *Admin) postClock(r *http.Request) (any, error) {
	body, err := read[struct {
		Forward span `json:"forward"`
	}](r)
	if err != nil {
		return nil, err
	}
	by := time.Duration(body.Forward)
	if by <= 0 || by > maxForward {
		return nil, wrong("forward: %s", by).allowing("a duration above 0 and up to ten years: 5m, 1h30m, 720h")
	}
	a.server.Forward(by)
	return a.getClock(r)
}

// faultState is one fault as the API shows it.
type faultState struct {
	Name   string `json:"name"`
	On     bool   `json:"on"`
	Breaks string `json:"breaks"`
	Source string `json:"source,omitempty"`
	Acts   string `json:"acts"` // "wire": what is sent and answered; "profile": what the product does
}

type faultList struct {
	Faults []faultState `json:"faults"`
}

// faulty is what faults are planted in: the whole server, or one tenant.
type faulty interface {
	Faults() []fault.Fault
	SetFaults([]fault.Fault) error
}

func getFaults(of faulty) endpoint {
	return func(*http.Request) (any, error) { return faultsOf(of), nil }
}

func faultsOf(of faulty) faultList {
	on := faultNames(of.Faults())
	var list faultList
	for _, f := range fault.All() {
		acts := "wire"
		if f.Profile != nil {
			acts = "profile"
		}
		list.Faults = append(list.Faults, faultState{
			Name: f.Name, On: slices.Contains(on, f.Name), Breaks: f.Breaks, Source: f.Source, Acts: acts,
		})
	}
	return list
}

// putFaults switches faults. "only" says which are on and all others are off;
// "on" and "off" leave those that they do not name.
func putFaults(of faulty) endpoint {
	return func(r *http.Request) (any, error) {
		if err := switchFaults(of, r); err != nil {
			return nil, err
		}
		return faultsOf(of), nil
	}
}

func switchFaults(of faulty, r *http.Request) error {
	body, err := read[struct {
		On   []string  `json:"on"`
		Off  []string  `json:"off"`
		Only *[]string `json:"only"`
	}](r)
	if err != nil {
		return err
	}
	if (body.Only != nil) == (body.On != nil || body.Off != nil) {
		return wrong("body: name faults in only, or in on and off").
			allowing(`{"on":["filter-ignored"],"off":["etag-missing"]}`, `{"only":["filter-ignored"]}`, `{"only":[]}`)
	}
	names := faultNames(of.Faults())
	if body.Only != nil {
		names = nil
		body.On = *body.Only
	}
	for _, group := range [][]string{body.On, body.Off} {
		if _, err := fault.ByName(group...); err != nil {
			return wrong("%v", err).allowing("the names that GET /admin/faults lists")
		}
	}
	for _, name := range body.On {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(body.Off, name) })
	faults, err := fault.ByName(names...)
	if err != nil {
		return err
	}
	return of.SetFaults(faults)
}

func faultNames(faults []fault.Fault) []string {
	names := make([]string, len(faults))
	for i, f := range faults {
		names[i] = f.Name
	}
	return names
}
