// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/reference-server/store"
	"github.com/scimproof/scimproof/reference-server/store/postgres"
	"github.com/scimproof/scimproof/reference-server/store/sqlite"
)

// storeFlags are the two ways to say where the reference server keeps what it
// is told.
type storeFlags struct{ place, env string }

const storeForms = "want memory, sqlite:FILE or postgres://USER@HOST:PORT/DATABASE"

func (s *storeFlags) register(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.place, "store", "memory", "keep users, teams and the rest in `PLACE`: memory, sqlite:FILE, or postgres://… without a password")
	f.StringVar(&s.env, "store-env", "", "read the place from variable `NAME`; there it may hold a password")
	c.MarkFlagsMutuallyExclusive("store", "store-env")
}

// openStore opens the store. No error shows what the variable holds.
func (p *program) openStore(ctx context.Context, f storeFlags) (store.Store, error) {
	flag, place := "--store", f.place
	if f.env != "" {
		v, ok := p.env(f.env)
		if !ok {
			return nil, fmt.Errorf("--store-env: the variable %s is not set; it has to hold the place, and --store-env its name", f.env)
		}
		flag, place = "--store-env "+f.env, v
	}
	scheme, rest, _ := strings.Cut(place, ":")
	var s store.Store
	var err error
	switch {
	case place == "memory":
		return store.NewMemory(), nil
	case scheme == "sqlite" && rest != "":
		s, err = sqlite.Open(ctx, rest, sqlite.Options{})
	case scheme == "postgres", scheme == "postgresql":
		if f.env == "" && secretive(place) {
			return nil, errors.New("--store: a password is not taken as an argument: every user of this machine could read it, and the shell keeps it; " +
				"put the whole URL in a variable and give its name with --store-env")
		}
		s, err = postgres.Open(ctx, place)
	case f.env != "":
		return nil, fmt.Errorf("%s: no such kind of store; %s", flag, storeForms)
	default:
		return nil, fmt.Errorf("%s %q: no such kind of store; %s", flag, place, storeForms)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", flag, err)
	}
	return s, nil
}

// secretive says whether a URL holds a password, or cannot be told not to.
func secretive(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	_, there := u.User.Password()
	for name := range u.Query() {
		there = there || strings.Contains(strings.ToLower(name), "password")
	}
	return there
}
