// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/scimproof/scimproof/reference-server/store/postgres/postgrestest"
)

const (
	postgresKills   = 5
	postgresClients = 8
	postgresToken   = "a-token-of-a-test-run"
)

// TestServePostgres kills a server that writes to PostgreSQL again and again,
// each time at another moment, and finds each user that it had acknowledged
// through the one that is started after it.
func TestServePostgres(t *testing.T) {
	cluster, err := postgrestest.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Stop)
	place := cluster.Database(t)
	acknowledged := map[string]bool{}
	for n := range postgresKills {
		server, users := servePostgres(t, place)
		kill := time.AfterFunc(time.Duration(100+rand.IntN(300))*time.Millisecond, func() { _ = server.Process.Kill() })
		var mu sync.Mutex
		var wg sync.WaitGroup
		for w := range postgresClients {
			wg.Go(func() {
				for i := 0; ; i++ {
					name := fmt.Sprintf("u%d-%d-%d@x.example", n, w, i)
					status, _, err := askPostgres(http.MethodPost, users, `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"`+name+`"}`)
					if err != nil {
						return // killed
					}
					if status != http.StatusCreated {
						t.Errorf("create %s: got status %d", name, status)
						return
					}
					mu.Lock()
					acknowledged[name] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		kill.Stop()
		if err := server.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
			t.Fatalf("the server was not killed: %v", err)
		}
	}
	if len(acknowledged) == 0 {
		t.Fatal("nothing was acknowledged before a kill")
	}
	server, users := servePostgres(t, place)
	for name := range acknowledged {
		query := "?filter=" + url.QueryEscape(`userName eq "`+name+`"`)
		if _, found, err := askPostgres(http.MethodGet, users+query, ""); err != nil || found != 1 {
			t.Errorf("%s was acknowledged: got %d of them after the restart, %v", name, found, err)
		}
	}
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("the interrupted server ended with %v", err)
	}
	t.Logf("%d kills, %d acknowledged users, none lost", postgresKills, len(acknowledged))
}

// servePostgres starts scimproof serve on a database and returns the address
// of its users, once it says that it answers.
func servePostgres(t *testing.T, place string) (*exec.Cmd, string) {
	t.Helper()
	program, err := exec.LookPath("scimproof") // testscript.Main has put it on the path
	if err != nil {
		t.Fatal(err)
	}
	server := exec.CommandContext(t.Context(), program, "serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0",
		"--store-env", "TEST_STORE", "--profile", "rfc")
	server.Env = append(os.Environ(), "TEST_STORE="+place, defaultToken+"="+postgresToken)
	server.Stderr = os.Stderr
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("read what the server says: %v", err)
	}
	for field := range strings.FieldsSeq(line) {
		if strings.HasPrefix(field, "http://") {
			return server, field + "/Users"
		}
	}
	t.Fatalf("the server names no address: %s", line)
	return nil, ""
}

// askPostgres sends one request and returns the status and totalResults.
func askPostgres(method, address, body string) (status, found int, err error) {
	q, err := http.NewRequest(method, address, strings.NewReader(body))
	if err != nil {
		return 0, 0, err
	}
	q.Header.Set("Authorization", "Bearer "+postgresToken)
	q.Header.Set("Content-Type", "application/scim+json")
	res, err := http.DefaultClient.Do(q)
	if err != nil {
		return 0, 0, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, 0, err
	}
	var list struct {
		Total int `json:"totalResults"`
	}
	return res.StatusCode, list.Total, json.Unmarshal(text, &list)
}
