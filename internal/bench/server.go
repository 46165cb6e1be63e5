// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"time"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
)

const (
	token       = "a-token-of-the-benchmark"
	smallGroups = 2000 // groups of ten, at most
	smallGroup  = 10
	most        = 64 << 20 // bytes of a request: 1,000,000 members are 48 MB
)

// greeting is what a server process says once it answers.
type greeting struct {
	Addr    string   `json:"addr"`
	Brief   string   `json:"brief"` // the same directory, where PATCH is answered with 204
	Base    string   `json:"base"`
	Users   []string `json:"users"`   // ids
	Outside []string `json:"outside"` // ids of users who are in no group
	Small   []string `json:"small"`   // ids of the groups of ten
	Large   string   `json:"large"`   // id of the group that has every user
	Spare   string   `json:"spare"`   // id of a group without members
	PerUser int      `json:"perUser"`
	RSS     int      `json:"rss"` // bytes a user, of the whole process
	Seconds float64  `json:"seconds"`
}

// serve is a server process: it says its greeting on standard output, answers
// what it is asked there and serves until standard input ends.
func serve(ctx context.Context, kind string, o options) error {
	var g greeting
	var full, brief http.Handler
	if kind == "bare" {
		full, brief = http.HandlerFunc(bare), http.HandlerFunc(bare)
	} else {
		d, err := fill(kind, o.users, o.outside, &g)
		if err != nil {
			return err
		}
		full, brief = d.full, d.brief
	}
	var err error
	if g.Addr, err = listen(ctx, full); err != nil {
		return err
	}
	if g.Brief, err = listen(ctx, brief); err != nil {
		return err
	}
	if o.profiles != "" {
		f, err := os.Create(filepath.Join(o.profiles, kind+"-"+strconv.Itoa(o.users)+".cpu.pprof"))
		if err != nil {
			return err
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer func() { pprof.StopCPUProfile(); _ = f.Close() }()
	}
	if err := json.NewEncoder(os.Stdout).Encode(g); err != nil {
		return err
	}
	// Each byte that comes in asks for the processor time used so far.
	for ask := make([]byte, 1); ; {
		if _, err := os.Stdin.Read(ask); err != nil {
			return nil // the end of the input is the end of the run
		}
		if err := json.NewEncoder(os.Stdout).Encode(cpu()); err != nil {
			return err
		}
	}
}

// bare reads a request and returns 600 bytes: what net/http costs by itself.
func bare(rw http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	h := rw.Header()
	h.Set("Content-Type", "application/scim+json")
	h.Set("Content-Length", "600")
	_, _ = rw.Write(fixed[:])
}

var fixed = [600]byte(bytes.Repeat([]byte{' '}, 600)) //nolint:gochecknoglobals // read only: bytes made once, as the comparison asks

func listen(ctx context.Context, h http.Handler) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	s := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.Serve(l) }() // until the process ends
	return l.Addr().String(), nil
}

// directory is two servers on one store: the one as the profile says, the other
// answering PATCH with 204.
type directory struct {
	full, brief *refserver.Server
	base        string
}

func open(kind string) (*directory, error) {
	profile, base := profiles.RFC(), "/scim/v2"
	if kind == "datadog" {
		profile, base = profiles.Datadog(), "/api/v2/scim"
	}
	d, kept := &directory{base: base}, store.NewMemory()
	var err error
	if d.full, err = refserver.New(refserver.Options{Token: token, Profile: profile, Store: kept, MaxBody: most}); err != nil {
		return nil, err
	}
	profile.Wire.PatchReply = "empty"
	d.brief, err = refserver.New(refserver.Options{Token: token, Profile: profile, Store: kept, MaxBody: most})
	return d, err
}

// fill makes the directory and says in g what is in it and what it costs.
func fill(kind string, users, outside int, g *greeting) (*directory, error) {
	d, err := open(kind)
	if err != nil {
		return nil, err
	}
	before, started := heap(), time.Now()
	var body []byte
	for n := range users {
		body = appendUser(body[:0], "user", n)
		id, err := d.post("/Users", body)
		if err != nil {
			return nil, err
		}
		g.Users = append(g.Users, id)
	}
	g.Seconds = time.Since(started).Seconds()
	ids := users * (36 + 16)
	g.PerUser, g.RSS = (heap()-before-ids)/users, resident()/users
	g.Base = d.base
	for n := range min(smallGroups, users/(5*smallGroup)) { // so that nobody is in two of them
		from := n * smallGroup % (users - smallGroup)
		id, err := d.post("/Groups", groupBody(fmt.Sprintf("small %d", n), g.Users[from:from+smallGroup]))
		if err != nil {
			return nil, err
		}
		g.Small = append(g.Small, id)
	}
	for n := range outside {
		id, err := d.post("/Users", appendUser(body[:0], "outside", n))
		if err != nil {
			return nil, err
		}
		g.Outside = append(g.Outside, id)
	}
	if g.Large, err = d.post("/Groups", groupBody("large", g.Users)); err != nil {
		return nil, err
	}
	g.Spare, err = d.post("/Groups", groupBody("spare", nil))
	return d, err
}

// post creates a resource without a connection and returns its id.
func (d *directory) post(endpoint string, body []byte) (string, error) {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://bench"+d.base+endpoint, bytes.NewReader(body))
	if err != nil {
		return "", err
	}
	r.Header = http.Header{"Authorization": {"Bearer " + token}, "Content-Type": {"application/scim+json"}}
	a := &answer{header: http.Header{}}
	d.full.ServeHTTP(a, r)
	location := a.header.Get("Location")
	if a.status != http.StatusCreated {
		return "", fmt.Errorf("create %s: status %d: %s", endpoint, a.status, a.body)
	}
	return location[strings.LastIndexByte(location, '/')+1:], nil
}

// answer is a reply of which the start is kept if it is a refusal.
type answer struct {
	header http.Header
	status int
	body   []byte
}

func (a *answer) Header() http.Header    { return a.header }
func (a *answer) WriteHeader(status int) { a.status = status }
func (a *answer) Write(b []byte) (int, error) {
	if a.status >= http.StatusBadRequest {
		a.body = bytes.Clone(b[:min(len(b), 500)])
	}
	return len(b), nil
}

// heap returns the bytes that are alive.
func heap() int {
	runtime.GC()
	runtime.GC() // what a finaliser held on to
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// resident returns the memory that the process has, 0 where nobody can tell.
func resident() int {
	b, err := os.ReadFile("/proc/self/statm")
	fields := strings.Fields(string(b))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, err := strconv.Atoi(fields[1])
	if errors.Is(err, strconv.ErrSyntax) {
		return 0
	}
	return pages * os.Getpagesize()
}
