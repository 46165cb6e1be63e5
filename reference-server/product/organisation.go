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
	"errors"
	"time"

	"github.com/google/uuid"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// Directory is the SCIM side as the product sees it.
type Directory interface {
	// EditUser changes the stored SCIM user of that id. It returns an error
	// that is store.ErrNotFound when SCIM shows no such user.
	EditUser(tx store.Tx, id string, edit func(*engine.Object)) error
}

// Options of an Organisation. Profile and Directory must be given.
type Options struct {
	Profile   *profiles.Profile
	Directory Directory
	Now       func() time.Time // nil: time.Now
	NewID     func() string    // nil: random UUIDs; ids must be lower-case UUIDs
	Metrics   *Metrics         // nil: nothing is sent
}

// Organisation acts a profile. All that it knows is in the store, so that it
// may be used by many goroutines.
type Organisation struct {
	profile   *profiles.Profile
	directory Directory
	now       func() time.Time
	newID     func() string
	metrics   *Metrics
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
	o := &Organisation{profile: &profile, directory: opts.Directory, now: opts.Now, newID: opts.NewID, metrics: opts.Metrics}
	if o.now == nil {
		o.now = time.Now
	}
	if o.newID == nil {
		o.newID = uuid.NewString
	}
	return o, nil
}

// organisation is the one record of its kind.
type organisation struct {
	Name           string `json:"name"`
	DefaultRole    string `json:"defaultRole"`    // id; "": none
	ServiceAccount string `json:"serviceAccount"` // id of the user who owns the SCIM key
	UUID           string `json:"uuid"`
}

// serviceEmail is the address of the account that owns the SCIM key.
const serviceEmail = "scim@service-account.example"

// Seed makes what a new organisation has: the roles of the catalogue, a
// default role among them and a service account that owns the SCIM key. It
// leaves an organisation that is there as it is.
func (o *Organisation) Seed(tx store.Tx) error {
	if _, err := tx.Get(kindOrg, orgID); !errors.Is(err, store.ErrNotFound) {
		return err // nil: it is there
	}
	org := organisation{Name: "Reference organisation", ServiceAccount: o.newID(), UUID: o.newID()}
	for _, name := range o.profile.Roles.Catalogue {
		r, err := o.addRole(tx, name)
		if err != nil {
			return err
		}
		if name == o.profile.Roles.Default {
			org.DefaultRole = r.ID
		}
	}
	if err := o.insert(tx, kindOrg, orgID, org); err != nil {
		return err
	}
	return o.insertUser(tx, &user{
		ID: org.ServiceAccount, Handle: org.ServiceAccount, Email: serviceEmail,
		Name: "SCIM service account", Verified: true, Service: true,
	})
}

func (o *Organisation) org(tx store.Tx) (organisation, error) {
	r, err := tx.Get(kindOrg, orgID)
	if err != nil {
		return organisation{}, err
	}
	return decode[organisation](r)
}
