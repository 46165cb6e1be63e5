// SPDX-License-Identifier: Apache-2.0

// Package postgrestest gives tests an empty PostgreSQL database each: in a
// cluster made for the run of the test binary, or in the one that the variable
// SCIMPROOF_POSTGRES_URL names.
package postgrestest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Cluster is a database server.
type Cluster struct {
	url  string
	why  string // why there is none
	stop func()
}

// Start makes a cluster in a directory of its own and has it listen on a
// socket there, and nowhere else. Where no PostgreSQL is installed it returns
// one whose Database skips the test.
func Start() (*Cluster, error) {
	if given := os.Getenv("SCIMPROOF_POSTGRES_URL"); given != "" {
		return &Cluster{url: given}, nil
	}
	bin := binaries()
	if bin == "" {
		return &Cluster{why: "no PostgreSQL server is installed here (initdb and pg_ctl), and SCIMPROOF_POSTGRES_URL is not set"}, nil
	}
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) error {
		command := slices.Concat(as, []string{filepath.Join(bin, name)}, args)
		cmd := exec.CommandContext(context.Background(), command[0], command[1:]...)
		var out bytes.Buffer
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("%s: %w\n%s", name, err, &out)
		}
		return nil
	}
	stop := func() {
		_ = run("pg_ctl", "stop", "-D", data, "-m", "immediate", "-w")
		_ = os.RemoveAll(dir)
	}
	err = run("initdb", "-D", data, "-A", "trust", "-U", "scimproof", "-E", "UTF8", "--no-locale", "--no-sync")
	if err == nil {
		err = run("pg_ctl", "start", "-D", data, "-w", "-s", "-l", filepath.Join(dir, "log"),
			"-o", "-c listen_addresses= -c unix_socket_directories="+dir+" -c max_connections=200 -c shared_buffers=64MB")
	}
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(dir, "log"))
		stop()
		return nil, errors.Join(err, errors.New(string(log)))
	}
	return &Cluster{url: "postgres://scimproof@/postgres?host=" + url.QueryEscape(dir), stop: stop}, nil
}

// binaries finds the server's programs on the path or where Debian puts them.
func binaries() string {
	places, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.Sort(places)
	if len(places) > 0 {
		return filepath.Dir(places[len(places)-1])
	}
	if p, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(p)
	}
	return ""
}

// unprivileged gives dir to the user postgres and returns how to run a program
// as that user, if this is root: PostgreSQL refuses to run as root.
func unprivileged(dir string) ([]string, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	if _, err := user.Lookup("postgres"); err != nil {
		return nil, err
	}
	if out, err := exec.CommandContext(context.Background(), "chown", "postgres", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("chown: %w: %s", err, out)
	}
	return []string{"runuser", "-u", "postgres", "--"}, nil
}

// Stop ends the cluster and removes it, if Start made it.
func (c *Cluster) Stop() {
	if c.stop != nil {
		c.stop()
	}
}

// Database makes an empty database, which is dropped when the test ends, and
// returns its URL. Without a cluster it skips the test, or fails it if
// SCIMPROOF_REQUIRE_POSTGRES is set.
func (c *Cluster) Database(t testing.TB) string {
	t.Helper()
	if c.why != "" {
		if os.Getenv("SCIMPROOF_REQUIRE_POSTGRES") != "" {
			t.Fatal(c.why)
		}
		t.Skip(c.why)
	}
	name := "scimproof_" + strings.ToLower(rand.Text()[:12])
	Exec(t, c.url, "CREATE DATABASE "+name)
	t.Cleanup(func() { Exec(t, c.url, "DROP DATABASE "+name+" WITH (FORCE)") })
	u, err := url.Parse(c.url)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

// Exec runs a statement in the database that address names.
func Exec(t testing.TB, address, statement string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context())
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ctx) //nolint:errcheck // the statement has been answered
	if _, err := c.Exec(ctx, statement); err != nil {
		t.Fatal(err)
	}
}
