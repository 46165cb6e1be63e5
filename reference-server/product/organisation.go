// SPDX-License-Identifier: Apache-2.0

// Package product is the organisation behind the SCIM API of the reference
// server: users with a status, roles, teams made of groups, an audit trail and
// metrics, as a product profile says. It knows nothing of HTTP on the SCIM
// side: the server calls it inside the transaction of each SCIM write, so that
// the write and what the product makes of it are kept or dropped together.
//
// The body of the SCIM resource is the one truth for attributes. The product
// keeps beside it what SCIM cannot say (status, links between users, roles and
// teams) and writes back, into the resource that is about to be stored, what it
// decided: the roles that were granted and whether the user is active. What an
// administrator changes by the product API goes into the SCIM resource through
// Directory.
package product

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// Directory is the SCIM side as the product sees it.
type Directory interface {
	// EditUser changes the stored SCIM user of that id. It returns an error
	// that is store.ErrNotFound when SCIM shows no such user.
	EditUser(tx store.Tx, id string, edit func(*engine.Object)) error
	// AddUser stores a user whom the product made, so that SCIM shows them.
	AddUser(tx store.Tx, id string, user *engine.Object) error
}

// Options of an Organisation. Profile and Directory must be given.
type Options struct {
	Profile   *profiles.Profile
	Directory Directory
	Now       func() time.Time // nil: time.Now
	NewID     func() string    // nil: random UUIDs; ids must be lower-case UUIDs
	Metrics   *Metrics         // nil: nothing is sent

	SCIMKey  flow.Secret // application key of the service account that SCIM is meant to use; "": it has none
	AdminKey flow.Secret // application key of an account that may do everything; "": it has none
	Plan     string      // of a new organisation; "": enterprise

	AuditEvents int           // how many the audit trail keeps, some 64 more at times; 0: 100,000
	AuditAge    time.Duration // how long it keeps them; 0: 90 days
	NewSecret   func() string // nil: 40 random hexadecimal digits; for application keys
}

// Organisation acts a profile. All that it knows is in the store, so that it
// may be used by many goroutines.
type Organisation struct {
	profile   *profiles.Profile
	directory Directory
	now       func() time.Time
	newID     func() string
	metrics   *Metrics
	scimKey   flow.Secret
	adminKey  flow.Secret
	plan      string

	auditEvents int
	auditAge    time.Duration
	newSecret   func() string
	actors      sync.Map     // SHA-256 of a key: known
	written     atomic.Int64 // events since the start of the process

	organisations remembered[organisation]
	roles         remembered[role]
	owners        remembered[user]
}

// New returns an organisation. Call Seed before anything else.
func New(opts Options) (*Organisation, error) {
	if opts.Profile == nil {
		return nil, errors.New("make organisation: no profile")
	}
	if opts.Directory == nil {
		return nil, errors.New("make organisation: no directory")
	}
	profile := *opts.Profile
	o := &Organisation{
		profile: &profile, directory: opts.Directory, now: opts.Now, newID: opts.NewID, metrics: opts.Metrics,
		scimKey: opts.SCIMKey, adminKey: opts.AdminKey, plan: cmp.Or(opts.Plan, "enterprise"),
		auditEvents: cmp.Or(opts.AuditEvents, 100_000), auditAge: cmp.Or(opts.AuditAge, 90*24*time.Hour), newSecret: opts.NewSecret,
	}
	if o.now == nil {
		o.now = time.Now
	}
	if o.newID == nil {
		o.newID = uuid.NewString
	}
	if o.newSecret == nil {
		o.newSecret = randomSecret
	}
	return o, nil
}

func randomSecret() string {
	var b [20]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// organisation is the one record of its kind.
type organisation struct {
	Name           string `json:"name"`
	DefaultRole    string `json:"defaultRole"`    // id; "": none
	ServiceAccount string `json:"serviceAccount"` // id of the user who owns the SCIM key
	Administrator  string `json:"administrator"`  // id of the user who owns the administrator's key
	UUID           string `json:"uuid"`
	Plan           string `json:"plan"`
	// JITDomains are those whose people are made at their first login.
	JITDomains []string `json:"jitDomains,omitempty"`
}

// Addresses of the two accounts that every organisation starts with.
const (
	serviceEmail       = "scim@service-account.example"
	administratorEmail = "admin@service-account.example"
)

// Seed makes what a new organisation has: the roles of the catalogue, a
// default role among them, a service account that owns the SCIM key and one
// that may do everything. It leaves an organisation that is there as it is, but
// for the two keys.
func (o *Organisation) Seed(tx store.Tx) error {
	org, err := o.org(tx)
	if errors.Is(err, store.ErrNotFound) {
		org, err = o.found(tx)
	}
	if err != nil {
		return err
	}
	if err := o.seedKey(tx, org.ServiceAccount, "scim", o.scimKey); err != nil {
		return err
	}
	return o.seedKey(tx, org.Administrator, "administrator", o.adminKey)
}

// found makes a new organisation.
func (o *Organisation) found(tx store.Tx) (organisation, error) {
	org := organisation{Name: "Reference organisation", ServiceAccount: o.newID(), Administrator: o.newID(), UUID: o.newID(), Plan: o.plan}
	for _, name := range o.profile.Roles.Catalogue {
		r, err := o.addRole(tx, name, o.usualPermissions(name)...)
		if err != nil {
			return org, err
		}
		if name == o.profile.Roles.Default {
			org.DefaultRole = r.ID
		}
	}
	service := &user{
		ID: org.ServiceAccount, Handle: org.ServiceAccount, Email: serviceEmail, Name: "SCIM service account",
		Verified: true, Service: true, Grants: o.profile.Access.Permissions,
	}
	administrator := &user{
		ID: org.Administrator, Handle: org.Administrator, Email: administratorEmail, Name: "Administrator",
		Verified: true, Service: true, Grants: allPermissions(),
	}
	return org, errors.Join(
		o.insert(tx, kindOrg, orgID, org), o.insert(tx, kindAccess, orgID, struct{}{}),
		o.insertUser(tx, service), o.insertUser(tx, administrator),
	)
}

// usualPermissions returns what a role of the catalogue may do: everything for
// administrators, one's own keys besides what all may for the default role.
func (o *Organisation) usualPermissions(name string) []string {
	switch {
	case slices.Contains(o.profile.Access.Administrators, name):
		return allPermissions()
	case name == o.profile.Roles.Default:
		return permissionNames(func(p permission) bool { return p.restricted || p.name == mayOwnKeys })
	}
	return restrictedPermissions()
}

func (o *Organisation) org(tx store.Tx) (organisation, error) {
	r, err := tx.Get(kindOrg, orgID)
	if err != nil {
		return organisation{}, err
	}
	return o.organisations.of(r)
}
