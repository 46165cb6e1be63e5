// SPDX-License-Identifier: Apache-2.0

package refserver

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/product"
	"github.com/scimproof/scimproof/reference-server/store"
)

// organisation is what the SCIM side asks of the product behind it. It is
// called within the transaction of the write, but for Committed.
type organisation interface {
	Authorize(tx store.Tx, key string) (*product.Actor, error)
	Login(store.Tx, product.Login) (*product.Session, error)
	BeforeUser(store.Tx, *product.UserChange) (*product.Pending, error)
	AfterGroup(store.Tx, *product.GroupChange) (*product.Pending, error)
	Refused(store.Tx, product.Refusal) error
	Committed(*product.Pending)
}

// open starts the organisation that acts the profile.
func (s *Server) open(o Options, profile *profiles.Profile) error {
	options := product.Options{Profile: profile, Directory: s, Now: s.clock, NewID: s.newID, SCIMKey: o.Token, AdminKey: o.AdminKey, Plan: o.Plan,
		AuditEvents: o.AuditEvents, AuditAge: o.AuditAge}
	if o.StatsD != "" {
		metrics, err := product.OpenMetrics(o.StatsD)
		if err != nil {
			return fmt.Errorf("start reference server: %w", err)
		}
		options.Metrics, s.metrics = metrics, metrics
	}
	org, err := product.New(options)
	if err == nil {
		err = s.store.Update(context.Background(), org.Seed)
	}
	if err != nil {
		return fmt.Errorf("start reference server: %w", errors.Join(err, s.Close()))
	}
	s.org, s.teams = org, profile.Teams.Target == "team"
	s.product = org.Handler(s.store)
	return nil
}

// Close sends the last metrics and closes the store.
func (s *Server) Close() error {
	var err error
	if s.metrics != nil {
		err = s.metrics.Close()
	}
	for _, t := range s.gate.tenants {
		if t != s && s.tenant == "" {
			err = errors.Join(err, t.Close())
		}
	}
	return errors.Join(err, s.store.Close())
}

// EditUser changes the SCIM user of that id for the product side, on whose
// behalf no client spoke.
func (s *Server) EditUser(tx store.Tx, id string, edit func(*engine.Object)) error {
	users := shelf{endpoint: s.wires[0].users, tx: tx, now: s.clock()}
	r, o, err := users.load(id)
	if err != nil {
		return err
	}
	edit(o)
	_, err = users.save(r, id, o, false)
	return err
}

// AddUser stores a user whom the product made.
func (s *Server) AddUser(tx store.Tx, id string, user *engine.Object) error {
	users := shelf{endpoint: s.wires[0].users, tx: tx, now: s.clock()}
	_, err := users.save(nil, id, user, false)
	return err
}

// noted returns the error of a write and has the organisation record a refusal.
// That of a resource that is not there, or not in the expected version, concerns
// nobody's data.
func (c *call) noted(e *endpoint, op product.Op, id string, err error) error {
	if err == nil || e.kind != userKind && e.kind != groupKind {
		return err
	}
	refused, _ := wireError(err)
	switch refused.Status {
	case http.StatusBadRequest, http.StatusForbidden, http.StatusConflict:
	default:
		return err
	}
	asset := "user"
	if e.kind == groupKind {
		asset = "group"
	}
	if recordErr := c.s.store.Update(c.r.Context(), func(tx store.Tx) error {
		return c.s.org.Refused(tx, product.Refusal{Op: op, AssetType: asset, AssetID: id, Actor: c.actor.ID, Status: refused.Status, Detail: refused.Detail})
	}); recordErr != nil {
		c.s.log.Error("refusal not recorded", "error", recordErr)
	}
	return err
}
