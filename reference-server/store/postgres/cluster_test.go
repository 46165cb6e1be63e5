// SPDX-License-Identifier: Apache-2.0

package postgres_test

import (
	"bytes"
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
)

// cluster is where the tests' databases are: a cluster that lives as long as
// the test binary, or the one that SCIMPROOF_POSTGRES_URL names.
type cluster struct {
	url  string
	why  string // no cluster is there
	stop func()
}

var server cluster

func TestMain(m *testing.M) {
	if worker := os.Getenv("SCIMPROOF_TEST_WORKER"); worker != "" {
		os.Exit(work(worker))
	}
	var err error
	if server, err = start(); err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL:", err)
		os.Exit(1)
	}
	code := m.Run()
	if server.stop != nil {
		server.stop()
	}
	os.Exit(code)
}

// start makes a cluster in a directory of its own and has it listen on a
// socket there, and nowhere else.
func start() (c cluster, err error) {
	if given := os.Getenv("SCIMPROOF_POSTGRES_URL"); given != "" {
		return cluster{url: given}, nil
	}
	bin := binaries()
	if bin == "" {
		return cluster{why: "no PostgreSQL server is installed here (initdb and pg_ctl), and SCIMPROOF_POSTGRES_URL is not set"}, nil
	}
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return c, err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return c, err
	}
	data := filepath.Join(dir, "data")
	run := func(name string, args ...string) error {
		command := slices.Concat(as, []string{filepath.Join(bin, name)}, args)
		cmd := exec.Command(command[0], command[1:]...)
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
		return c, errors.Join(err, errors.New(string(log)))
	}
	return cluster{url: "postgres://scimproof@/postgres?host=" + url.QueryEscape(dir), stop: stop}, nil
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
	if out, err := exec.Command("chown", "postgres", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("chown: %w: %s", err, out)
	}
	return []string{"runuser", "-u", "postgres", "--"}, nil
}

// database makes an empty database and returns its URL.
func database(t testing.TB) string {
	t.Helper()
	if server.why != "" {
		if os.Getenv("SCIMPROOF_REQUIRE_POSTGRES") != "" {
			t.Fatal(server.why)
		}
		t.Skip(server.why)
	}
	return create(t, server.url, strings.ToLower(fmt.Sprintf("scimproof_%d_%s", os.Getpid(), randomName())))
}
