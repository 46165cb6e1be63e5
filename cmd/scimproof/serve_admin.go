// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
	"github.com/scimproof/scimproof/reference-server/console"
)

// adminOff is the word that leaves the admin API out.
const adminOff = "off"

// adminFlags say how the server can be changed while it serves.
type adminFlags struct {
	listen   string
	tokenEnv string
	seedFile string
	chaos    float64
	seed     uint64
}

func (a *adminFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&a.listen, "admin-listen", "127.0.0.1:8081", "serve the admin API and the console on `HOST:PORT`; port 0 takes a free one, off leaves it out")
	f.StringVar(&a.tokenEnv, "admin-token-env", "", "read the token of the admin API from variable `NAME`; without it serve makes one up")
	f.StringVar(&a.seedFile, "seed-file", "", "begin with the people, groups, roles and teams of `FILE`, YAML or JSON")
	f.Float64Var(&a.chaos, "chaos", 0, "trouble for this `RATE` of the SCIM requests, 0 to 1: 429, 503, delays, dropped connections, short pages, stale reads")
	f.Uint64Var(&a.seed, "seed", 1, "seed of the chaos: the same one gives the same sequence")
}

// open puts the admin API before a server, seeded, and says what its token is
// if that was made up.
func (p *program) openAdmin(ctx context.Context, f adminFlags, insecure bool, server *refserver.Control, secrets ...flow.Secret) (*admin.Admin, string, error) {
	o := admin.Options{
		Server: server, Token: randomToken(), Secrets: secrets, Version: version, AnyHost: insecure,
		Chaos: admin.Chaos{Seed: f.seed, Rates: admin.Evenly(f.chaos)},
	}
	said := " admin-token=" + o.Token.Reveal()
	if f.tokenEnv != "" {
		token, err := p.secret("--admin-token-env", f.tokenEnv)
		if err != nil {
			return nil, "", err
		}
		o.Token, said = token, ""
	}
	if f.seedFile != "" {
		text, err := os.ReadFile(f.seedFile)
		if err != nil {
			return nil, "", fmt.Errorf("--seed-file: %w", err)
		}
		if o.Seed, err = admin.ParseSeed(f.seedFile, text); err != nil {
			return nil, "", fmt.Errorf("--seed-file: %w", err)
		}
	}
	a, err := admin.New(o)
	if err != nil {
		return nil, "", err
	}
	if err := a.Start(ctx); err != nil {
		return nil, "", fmt.Errorf("--seed-file %s: %w", f.seedFile, err)
	}
	return a, said, nil
}

// permit refuses what the flags cannot mean.
func (a *adminFlags) permit(insecure bool) error {
	if a.chaos < 0 || a.chaos > 1 {
		return fmt.Errorf("--chaos %v: want a rate from 0 to 1, for instance 0.05", a.chaos)
	}
	if a.listen == adminOff {
		return nil
	}
	return permitted("--admin-listen", a.listen, insecure)
}

// permitted refuses to listen beyond this machine unless that is said to be
// meant.
func permitted(flag, addr string, insecure bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("%s %q: %w; want HOST:PORT, for instance 127.0.0.1:0", flag, addr, err)
	}
	if loopback(host) || insecure {
		return nil
	}
	return fmt.Errorf("%s %s is open to other machines: this is a test server and speaks plain HTTP; "+
		"listen on 127.0.0.1, or add --insecure if that is meant", flag, addr)
}

// doors are the listeners of serve: the server itself, and the admin API unless
// it is left out.
type doors struct {
	server, admin *listening
}

// openDoors opens both, or none.
func openDoors(ctx context.Context, listenOn string, f adminFlags, server *refserver.Control, a *admin.Admin) (doors, error) {
	h := server.HTTPServer(listenOn)
	h.Handler = a.Provider()
	if f.listen == adminOff && f.chaos == 0 {
		h.Handler = server // nobody can ask what was recorded
	}
	scim, err := accept(ctx, listenOn, h)
	if err != nil || f.listen == adminOff {
		return doors{server: scim}, err
	}
	beside, err := besideAdmin(f.listen, scim.origin, server, a)
	if err != nil {
		return doors{}, errors.Join(err, scim.close())
	}
	side, err := accept(ctx, f.listen, beside)
	if err != nil {
		return doors{}, errors.Join(fmt.Errorf("--admin-listen: %w; name another port, 0 for a free one, or %s", err, adminOff), scim.close())
	}
	return doors{scim, side}, nil
}

// where says at which addresses the admin API and the console are, for the start line.
func (d doors) where() string {
	if d.admin == nil {
		return ""
	}
	return " admin=" + d.admin.origin + admin.Path + " console=" + d.admin.origin + console.Path
}

// wait serves until the context ends or one of the doors fails.
func (d doors) wait(ctx context.Context) error {
	var failed chan error
	if d.admin != nil {
		failed = d.admin.done
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-d.server.done:
		d.server.done <- err
	case err = <-failed:
		failed <- err
	}
	if d.admin != nil {
		err = errors.Join(err, d.admin.close())
	}
	err = errors.Join(err, d.server.close())
	if err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
