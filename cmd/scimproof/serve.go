// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
)

// serveFlags say what the reference server is.
type serveFlags struct {
	listen   string
	token    tokenFlags
	profile  string
	schemas  string
	keyEnv   string
	access   string
	plan     string
	maxBody  int
	audit    int
	auditAge time.Duration
	statsd   string
	faults   []string
	insecure bool
	admin    adminFlags
	store    storeFlags
}

func (p *program) serve() *cobra.Command {
	var s serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the reference server: a SCIM provider for tests, with the product behind it",
		Long: `Run the reference server until it is interrupted. It keeps nothing unless --store
names a place. When it answers it says so in one line:

  scimproof: serving http://127.0.0.1:8080/scim/v2 token=… admin-key=… admin=http://127.0.0.1:8081/admin console=http://127.0.0.1:8081/console admin-token=…

The line shows the tokens only if serve made them up. The admin key opens the
product's API below /api/v2; it is made up for each start. By the admin API a test
changes the server while it serves; docs/admin-api.md describes it.

An access file says who else may come: tenants, each with its own users and its own
address /t/NAME/scim/v2, tokens with rights and an end, and OAuth 2.0 clients, who
get tokens at /oauth/token. docs/access-file.md describes it.`,
		Example: `  scimproof serve
  scimproof serve --store sqlite:scim.db --token-env TOKEN
  scimproof serve --access-file access.yaml --profile rfc
  scimproof serve --chaos 0.05 --seed 7 --seed-file people.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.runServe(c, s) },
	}
	f := c.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 takes a free one")
	s.token.register(c, "that clients must send")
	f.StringVar(&s.profile, "profile", "datadog", "what the product does: datadog, rfc, exact-roles, reject-unknown-roles or a `FILE`")
	f.StringVar(&s.schemas, "schemas", "", "serve the Schema and ResourceType resources of `FILE`, a JSON array, as well")
	f.StringVar(&s.keyEnv, "admin-key-env", "", "read the admin key of the product's API from variable `NAME`; without it serve makes one up")
	f.StringVar(&s.access, "access-file", "", "set up the tenants, tokens and OAuth clients of `FILE`")
	f.StringVar(&s.plan, "plan", "", "begin the organisation on `PLAN`; one that the profile does not list, such as free, has no SCIM (default enterprise)")
	f.IntVar(&s.maxBody, "max-body", 0, "refuse SCIM requests with a body of more than this number of `BYTES` (default 1048576)")
	f.IntVar(&s.audit, "audit-events", 0, "keep the last `N` events of the audit trail (default 100000)")
	f.DurationVar(&s.auditAge, "audit-age", 0, "keep events of the audit trail for this `TIME` (default 2160h, 90 days)")
	f.StringVar(&s.statsd, "statsd", "", "send the product's metrics as DogStatsD datagrams to `HOST:PORT`")
	f.StringSliceVar(&s.faults, "fault", nil, "plant these faults, by `NAME[,NAME]`; `scimproof list --faults` shows them")
	f.BoolVar(&s.insecure, "insecure", false, "allow to listen beyond this machine: plain HTTP, a test server")
	s.admin.register(c)
	s.store.register(c)
	return c
}

func (p *program) runServe(c *cobra.Command, s serveFlags) error {
	if err := permitted("--listen", s.listen, s.insecure); err != nil {
		return err
	}
	if err := s.admin.permit(s.insecure); err != nil {
		return err
	}
	faults, err := faultsByName(s.faults)
	if err != nil {
		return err
	}
	profile, err := profiles.Open(s.profile)
	if err != nil {
		return fmt.Errorf("--profile: %w", err)
	}
	token, err := p.token(s.token)
	if err != nil {
		return err
	}
	line := ""
	if token == "" {
		token = randomToken()
		line = " token=" + token.Reveal()
	}
	key := randomToken()
	if s.keyEnv == "" {
		line += " admin-key=" + key.Reveal()
	} else if key, err = p.secret("--admin-key-env", s.keyEnv); err != nil {
		return err
	}
	access := &refserver.Access{}
	if s.access != "" {
		if access, err = refserver.ReadAccess(s.access, p.env, time.Now()); err != nil {
			return fmt.Errorf("--access-file: %w", err)
		}
	}
	kept, err := p.openStore(c.Context(), s.store)
	if err != nil {
		return err
	}
	server, err := refserver.NewControl(refserver.Options{
		Token: token, AdminKey: key, Store: kept, Profile: profile, Schemas: s.schemas, StatsD: s.statsd, Faults: faults,
		Tenants: access.Tenants, Tokens: access.Tokens, Clients: access.Clients, Plan: s.plan, MaxBody: s.maxBody,
		AuditEvents: s.audit, AuditAge: s.auditAge,
		Log: slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return errors.Join(err, kept.Close())
	}
	return errors.Join(p.serveUntil(c.Context(), s, server, line, append(access.Secrets(), token, key)...), server.Close())
}

// serveUntil serves until the context ends. The line is what there is to be said
// of secrets that were made up.
func (p *program) serveUntil(ctx context.Context, s serveFlags, server *refserver.Control, line string, secrets ...flow.Secret) error {
	control, made, err := p.openAdmin(ctx, s.admin, s.insecure, server, secrets...)
	if err != nil {
		return err
	}
	doors, err := openDoors(ctx, s.listen, s.admin, server, control)
	if err != nil {
		return err
	}
	if doors.admin != nil {
		line += doors.where() + made
	}
	if names := server.Tenants(); len(names) > 0 {
		line += " tenants=" + strings.Join(names, ",")
	}
	fmt.Fprintf(p.stdout, "scimproof: serving %s%s%s\n", doors.server.origin, scimPath, line)
	return doors.wait(ctx)
}

// faultsByName finds faults, or says which names come close.
func faultsByName(names []string) ([]fault.Fault, error) {
	found, err := fault.ByName(names...)
	if err != nil {
		return nil, fmt.Errorf("--fault: %w", err)
	}
	return found, nil
}
