// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

// Op is what a SCIM request does to a resource.
type Op string

// The writes of SCIM.
const (
	Create  Op = "create"
	Replace Op = "replace"
	Patch   Op = "patch"
	Delete  Op = "delete"
)

// UserChange is one SCIM write to a user, as it is about to be stored. A store
// may run a transaction again: make a new UserChange each time.
type UserChange struct {
	Op Op
	// ID of the user. On Create it is the id that the server chose, and
	// BeforeUser may put that of a returning user in its place: the server then
	// replaces the SCIM resource of that id or, if SCIM shows none, inserts it.
	ID  string
	Old *engine.Object // as stored; nil on Create
	// New is what will be stored; nil on Delete. BeforeUser may rewrite roles
	// and active in it.
	New *engine.Object
	// RolesGiven says that the request names roles at all, be it as null, as
	// an empty list or in a remove. It tells "no roles" from "nothing said".
	RolesGiven bool
	Actor      string // id of the user who owns the key; "": the organisation's service account
	Returning  bool   // set by BeforeUser: ID is that of a user who was there before

	fresh bool // the product's user is new, too: they have neither roles nor keys
}

// GroupChange is one SCIM write to a group, after its links were changed.
type GroupChange struct {
	Op      Op
	ID      string
	Name    string   // displayName after the write; before it on Delete
	OldName string   // displayName before the write; "" on Create
	Added   []string // ids of resources that became members
	Removed []string // ids of resources that are no longer members; not needed on Delete
	Unknown []string // member values of the request that name no resource
	Actor   string   // as in UserChange
}

// Refusal is a SCIM write that was refused. It is recorded in a transaction of
// its own, since that of the write was rolled back.
type Refusal struct {
	Op        Op
	AssetType string // "user" or "group"
	AssetID   string // "" on Create
	Actor     string
	Status    int
	Detail    string
}

// BeforeUser lets the product act on a write to a user before it is stored. A
// refusal is an *engine.Error; the transaction must then be rolled back.
func (o *Organisation) BeforeUser(tx store.Tx, c *UserChange) (*Pending, error) {
	p := &Pending{}
	var err error
	switch c.Op {
	case Create:
		err = o.createUser(tx, c, p)
	case Delete:
		err = o.deleteUser(tx, c)
	default:
		err = o.changeUser(tx, c, p)
	}
	return p, conflict(err)
}

// AfterGroup lets the product act on a write to a group. Its cost depends on
// what changed, not on the size of the group. A refusal is an *engine.Error;
// the transaction must then be rolled back.
func (o *Organisation) AfterGroup(tx store.Tx, c *GroupChange) (*Pending, error) {
	if len(c.Unknown) > 0 && o.profile.Teams.UnknownMember == "reject" {
		return nil, &engine.Error{Status: 400, Type: scim.InvalidValue, Detail: fmt.Sprintf("members: %q names no user", c.Unknown[0])}
	}
	return &Pending{}, conflict(o.syncTeam(tx, c))
}

// Committed sends what a write left pending. Call it once the transaction is
// committed; nil is allowed.
func (o *Organisation) Committed(p *Pending) {
	if p != nil && o.metrics != nil && o.profile.Metrics.Enabled {
		o.metrics.send(o.profile.Metrics.Prefix, p.counts)
	}
}

// Refused records a refused write in the audit trail.
func (o *Organisation) Refused(tx store.Tx, r Refusal) error {
	return o.record(tx, r.Actor, event{
		Action: actionOf(r.Op), AssetType: r.AssetType, AssetID: r.AssetID, Outcome: "failure",
		EventName: fmt.Sprintf("SCIM %s not %s", r.AssetType, actionOf(r.Op)),
		Meta:      map[string]any{"status": r.Status, "detail": r.Detail},
	})
}

// Pending is what a write leaves to be done after its commit.
type Pending struct{ counts []count }

// conflict makes a SCIM error of a unique key that is taken, RFC 7644 §3.3.
func conflict(err error) error {
	var taken *store.UniquenessError
	if !errors.As(err, &taken) {
		return err
	}
	return &engine.Error{Status: 409, Type: scim.Uniqueness, Detail: fmt.Sprintf("%s %s is taken", word(taken.Kind), taken.Index)}
}
