// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"log/slog"
	"net"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/fault"
)

// serveFlags say what the reference server is.
type serveFlags struct {
	listen   string
	token    tokenFlags
	profile  string
	statsd   string
	faults   []string
	insecure bool
}

func (p *program) serve() *cobra.Command {
	var s serveFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the reference server: a SCIM provider for tests, with the product behind it",
		Long: `Run the reference server until it is interrupted. It keeps nothing. When it
answers it says so in one line:

  scimproof: serving http://127.0.0.1:8080/scim/v2 token=… admin-key=…

The line shows the token only if serve made it up. The admin key opens the product's
API below /api/v2; it is made up for each start.`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.runServe(c, s) },
	}
	f := c.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8080", "listen on `HOST:PORT`; port 0 takes a free one")
	s.token.register(c, "that clients must send")
	f.StringVar(&s.profile, "profile", "datadog", "what the product does: datadog, rfc or a `FILE`")
	f.StringVar(&s.statsd, "statsd", "", "send the product's metrics as DogStatsD datagrams to `HOST:PORT`")
	f.StringSliceVar(&s.faults, "fault", nil, "plant these faults, by `NAME[,NAME]`; `scimproof list --faults` shows them")
	f.BoolVar(&s.insecure, "insecure", false, "allow to listen beyond this machine: plain HTTP, a test server")
	return c
}

func (p *program) runServe(c *cobra.Command, s serveFlags) error {
	if err := s.permit(); err != nil {
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
	server, err := listen(c.Context(), s.listen, refserver.Options{
		Token: token, AdminKey: key, Profile: profile, StatsD: s.statsd, Faults: faults,
		Log: slog.New(slog.NewTextHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "scimproof: serving %s%s%s admin-key=%s\n", server.origin, scimPath, line, key.Reveal())
	select {
	case <-c.Context().Done():
		return server.close()
	case err := <-server.done:
		return fmt.Errorf("serve: %w", err)
	}
}

// permit refuses to listen beyond this machine unless that is said to be meant.
func (s serveFlags) permit() error {
	host, _, err := net.SplitHostPort(s.listen)
	if err != nil {
		return fmt.Errorf("--listen %q: %w; want HOST:PORT, for instance 127.0.0.1:8080", s.listen, err)
	}
	if loopback(host) || s.insecure {
		return nil
	}
	return fmt.Errorf("--listen %s is open to other machines: this is a test server and speaks plain HTTP; "+
		"listen on 127.0.0.1, or add --insecure if that is meant", s.listen)
}

// faultsByName finds faults, or says which names come close.
func faultsByName(names []string) ([]fault.Fault, error) {
	found, err := fault.ByName(names...)
	if err != nil {
		return nil, fmt.Errorf("--fault: %w", err)
	}
	return found, nil
}
