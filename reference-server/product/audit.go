// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"

	"github.com/scimproof/scimproof/reference-server/store"
)

// event is one entry of the audit trail, as kept. The published catalogue of
// Datadog's audit events has no SCIM entry: evt.name and the kinds of asset are
// the published ones of access management, metadata is this project's choice.
type event struct {
	Name       string `json:"name,omitzero"` // evt.name; "": Access Management
	EventName  string `json:"eventName"`     // metadata.event_name
	Action     string `json:"action"`        // created, modified, deleted, login
	AssetType  string `json:"assetType"`     // user, role, team, application_key, identity_provider
	AssetID    string `json:"assetId,omitzero"`
	Outcome    string `json:"outcome"` // success, failure
	Actor      string `json:"actor"`
	ActorEmail string `json:"actorEmail"`
	Method     string `json:"method,omitzero"` // auth_method; "": APPLICATION_KEY
	Meta       any    `json:"meta,omitempty"`  // an object: a map, or one of the structs below
}

// What the events of each write say, in structs: they cost half of a map.
type (
	userMeta struct {
		Op        Op     `json:"op"`
		Email     string `json:"user_email"`
		Status    string `json:"user_status"`
		Returning bool   `json:"returning"`
	}
	roleMeta struct {
		Op    Op     `json:"op"`
		Role  string `json:"role_name"`
		User  string `json:"user_id"`
		Email string `json:"user_email"`
	}
	decisionMeta struct {
		Op        Op       `json:"op"`
		Email     string   `json:"user_email"`
		Fallback  any      `json:"fallback_role"` // its id, or null
		Unmatched []string `json:"unmatched_roles,omitempty"`
	}
)

// record adds an event to the trail, if the profile keeps one. actor is the id
// of the user who owns the key; "" stands for the service account.
func (o *Organisation) record(tx store.Tx, actor string, e event) error {
	if !o.profile.Audit.Enabled {
		return nil
	}
	if actor == "" {
		org, err := o.org(tx)
		if err != nil {
			return err
		}
		actor = org.ServiceAccount
	}
	r, err := tx.Get(kindUser, userNode(actor))
	if err != nil {
		return fmt.Errorf("find the actor of an audit event: %w", err)
	}
	u, err := o.owners.of(r)
	if err != nil {
		return err
	}
	return o.recordAs(tx, &Actor{ID: actor, Email: u.Email}, e)
}

// recordAs is record for an actor who is known.
func (o *Organisation) recordAs(tx store.Tx, actor *Actor, e event) error {
	if !o.profile.Audit.Enabled {
		return nil
	}
	e.Actor, e.ActorEmail = actor.ID, actor.Email
	if err := o.insert(tx, kindAudit, o.newID(), e); err != nil {
		return err
	}
	if (o.written.Add(1)-1)%o.trimEvery() > 0 {
		return nil
	}
	return o.trimAudit(tx)
}

// trimEvery is how many events are written before old ones are removed: 64, or
// fewer where the trail is short.
func (o *Organisation) trimEvery() int64 { return int64(min(max(o.auditEvents/64, 1), 64)) }

// trimmed is how many old events are removed at most for each that is written.
const trimmed = 4

// trimAudit removes the oldest events that are too many or too old. More are
// removed than added, so that the trail comes to its bounds whatever it was
// before.
func (o *Organisation) trimAudit(tx store.Tx) error {
	surplus := tx.Count(kindAudit) - o.auditEvents
	most := trimmed * int(o.trimEvery())
	var old []string
	for r := range tx.Scan(kindAudit, 0) {
		if len(old) >= most || len(old) >= surplus && o.now().Sub(r.Created) <= o.auditAge {
			break
		}
		old = append(old, r.ID)
	}
	for _, id := range old {
		if err := tx.Delete(kindAudit, id); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return nil
}

func actionOf(op Op) string {
	switch op {
	case Create:
		return "created"
	case Delete:
		return "deleted"
	}
	return "modified"
}

// recordUser records a write to a user.
func (o *Organisation) recordUser(tx store.Tx, c *UserChange, u *user) error {
	if !o.profile.Audit.Enabled {
		return nil
	}
	action := actionOf(c.Op)
	return o.record(tx, c.Actor, event{
		EventName: "SCIM user " + action, Action: action, AssetType: "user", AssetID: u.ID, Outcome: "success",
		Meta: userMeta{c.Op, u.Email, u.status(), c.Returning},
	})
}

// recordRole records that a write gave or took a role: change is assigned or
// removed.
func (o *Organisation) recordRole(tx store.Tx, c *UserChange, u *user, r *role, change string) error {
	if !o.profile.Audit.Roles {
		return nil
	}
	return o.record(tx, c.Actor, event{
		EventName: "SCIM role " + change, Action: "modified", AssetType: "role", AssetID: r.ID, Outcome: "success",
		Meta: roleMeta{c.Op, r.Name, u.ID, u.Email},
	})
}

// recordDecision records the values that name no role, each once, and the
// default role if it stood in.
func (o *Organisation) recordDecision(tx store.Tx, c *UserChange, u *user, d *decision) error {
	var fallback any
	if d.fallback != nil {
		fallback = d.fallback.ID
	}
	meta := decisionMeta{Op: c.Op, Email: u.Email, Fallback: fallback}
	e := event{Action: "modified", AssetType: "user", AssetID: u.ID, Outcome: "success", Meta: meta}
	if d.fallback != nil && o.profile.Audit.Roles {
		e.EventName = "SCIM role fallback"
		if err := o.record(tx, c.Actor, e); err != nil {
			return err
		}
	}
	if len(d.unmatched) == 0 || !o.profile.Audit.Unmatched {
		return nil
	}
	e.EventName = "SCIM role unmatched"
	meta.Unmatched = d.unmatched
	e.Meta = meta
	return o.record(tx, c.Actor, e)
}

// recordTeam records what a write to a group did to its team.
func (o *Organisation) recordTeam(tx store.Tx, c *GroupChange, t *team, meta map[string]any) error {
	action := actionOf(c.Op)
	meta["op"], meta["team_name"], meta["team_handle"], meta["group_id"] = string(c.Op), t.Name, t.Handle, c.ID
	if len(c.Unknown) > 0 {
		meta["unknown_members"] = c.Unknown
	}
	return o.record(tx, c.Actor, event{
		EventName: "SCIM team " + action, Action: action, AssetType: "team", AssetID: t.ID, Outcome: "success", Meta: meta,
	})
}
