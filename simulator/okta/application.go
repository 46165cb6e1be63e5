// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// Dialects lists the dialects that an Application speaks.
func Dialects() []string { return []string{flow.OktaOIN, flow.OktaAIW} }

// Options say how the application is set up.
type Options struct {
	Dialect  string    // one of Dialects
	Name     string    // "": "SCIM app"
	Seed     uint64    // of ids and passwords that nobody gave
	Features *Features // nil: Preset(Dialect)
	Mappings []Mapping // nil: DefaultMappings
	Roles    RoleForm  // "": RolesStrings, the template's
	Chunk    int       // changes of membership in one PATCH; 0: 100, what the questionnaire of 2021 calls the default
	Switches Switches
}

// Application is a provisioning application of Okta. It implements
// [cycle.Dialect]. Its methods are called by one goroutine at a time.
type Application struct {
	dir      *directory.Directory
	sender   Sender
	clock    cycle.Clock
	o        Options
	features Features

	mu       sync.Mutex        // of users and tasks: several people may be provisioned at once
	users    map[string]*user  // by person
	groups   map[string]*group // by group: those that are pushed
	imported map[string]string // name of a group: its id at the provider
	tasks    []failed
}

// user is what is known of somebody at the provider.
type user struct {
	id     string
	name   string // the app user name that was sent last
	active bool
	missed string   // why changes were not sent; "": none was missed
	roles  []string // values that were ever written
}

// New returns the application for a directory, whose requests go through send.
func New(dir *directory.Directory, send Sender, clock cycle.Clock, o Options) (*Application, error) {
	if o.Dialect != flow.OktaOIN && o.Dialect != flow.OktaAIW {
		return nil, fmt.Errorf("open application: dialect is %q, it must be one of %v", o.Dialect, Dialects())
	}
	if clock == nil {
		clock = cycle.Real{}
	}
	if o.Mappings == nil {
		o.Mappings = DefaultMappings()
	}
	if o.Roles == "" {
		o.Roles = RolesStrings
	}
	if o.Name == "" {
		o.Name = "SCIM app"
	}
	const least, most = 100, 1000
	if o.Chunk == 0 {
		o.Chunk = least
	}
	if o.Chunk < least || o.Chunk > most {
		return nil, fmt.Errorf("open application: chunk is %d, it must be %d to %d", o.Chunk, least, most)
	}
	if !slices.Contains(RoleForms(), o.Roles) {
		return nil, fmt.Errorf("open application: roles are %q, they must be one of %v", o.Roles, RoleForms())
	}
	if err := checkMappings(o.Mappings); err != nil {
		return nil, err
	}
	a := &Application{
		dir: dir, sender: send, clock: clock, o: o, features: Preset(o.Dialect),
		users: map[string]*user{}, groups: map[string]*group{}, imported: map[string]string{},
	}
	if o.Features != nil {
		a.features = *o.Features
	}
	return a, nil
}

// Start tests the connection, as saving the application does, reads what the
// provider declares if a feature wants it, and provisions who is assigned already.
func (a *Application) Start(ctx context.Context) error {
	if err := a.probe(ctx); err != nil {
		return err
	}
	if len(a.tasks) == 0 { // the probe went well
		if err := a.discover(ctx); err != nil {
			return err
		}
	}
	var assigned []string
	for p := range a.dir.People() {
		if a.dir.InScope(p.ID) {
			assigned = append(assigned, p.ID)
		}
	}
	return a.assignAll(ctx, assigned)
}

// probe is "Test Connector Configuration": constant queries (documented,
// recorded).
func (a *Application) probe(ctx context.Context) error {
	return a.do(ctx, job{"probe", "the connection", func(ctx context.Context) error {
		const few = 2
		s, err := a.query(ctx, scim.UsersEndpoint, "", "", 1, few)
		if err == nil && s.OK() && a.features.ImportGroups {
			s, err = a.query(ctx, scim.GroupsEndpoint, "", "", 1, page)
		}
		if err != nil {
			return err
		}
		return testList("Error authenticating", s)
	}})
}

// Act does at once what a change brings about: people first, then the groups
// that hold them.
func (a *Application) Act(ctx context.Context, c directory.Change, e directory.Effect) error {
	people := slices.DeleteFunc(slices.Clone(e.Assigned), func(id string) bool { return a.dir.Person(id) == nil })
	if err := a.assignAll(ctx, people); err != nil {
		return err
	}
	if err := a.actOnPeople(ctx, c, e); err != nil {
		return err
	}
	for _, id := range e.Renamed {
		if err := a.rename(ctx, id); err != nil {
			return err
		}
	}
	for _, m := range e.Members {
		if err := a.membership(ctx, m); err != nil {
			return err
		}
	}
	return a.command(ctx, c)
}

func (a *Application) actOnPeople(ctx context.Context, c directory.Change, e directory.Effect) error {
	for _, id := range e.Unassigned {
		if err := a.deactivate(ctx, id); err != nil {
			return err
		}
	}
	for _, id := range e.Changed {
		if a.maps(c) {
			if err := a.update(ctx, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// command does what an administrator asks of the application itself.
func (a *Application) command(ctx context.Context, c directory.Change) error {
	switch c.Kind {
	case directory.Probe:
		return a.probe(ctx)
	case directory.Retry:
		return a.retry(ctx)
	case directory.SetPassword:
		return a.password(ctx, c.ID(), c.Password)
	case directory.Import:
		return a.imports(ctx, c.Values["of"])
	case directory.Features:
		return a.switchFeatures(ctx, c.Values)
	case directory.Cycle, directory.Initial, directory.OnDemand:
		return fmt.Errorf("%s: Okta works without cycles, it acts on each change by itself", c.Kind)
	}
	for _, id := range c.IDs {
		if err := a.commandGroup(ctx, c, id); err != nil {
			return err
		}
	}
	return nil
}

// Settle does nothing: Okta leaves nothing for later.
func (a *Application) Settle(context.Context) error { return nil }

// Identify gives the id at the provider of a person or of a pushed group, "" if
// it has none.
func (a *Application) Identify(id string) string {
	if u := a.users[id]; u != nil {
		return u.id
	}
	if g := a.groups[id]; g != nil {
		return g.id
	}
	return ""
}
