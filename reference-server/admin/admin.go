// SPDX-License-Identifier: Apache-2.0

// Package admin is the door by which a test changes the reference server while
// it serves: seed and reset, the next reply, faults, chaos, the clock, a SAML
// login, and the history of what was asked and answered.
//
// It is served on a listener of its own and not beside the SCIM API, so that no
// client of that API can reach it. Every request needs a token; a page of
// another origin is refused, and so is a Host that is not this machine, which
// is how a page gets past the rule of origins by DNS.
package admin

import (
	"crypto/sha256"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// Path is where the API stands on its listener.
const Path = "/admin"

const minToken = 16 // bytes, 128 bits

// Options say what an Admin is. Server and Token must be given.
type Options struct {
	Server  *refserver.Control
	Token   flow.Secret   // that every request must carry as a bearer token; at least 16 bytes
	Secrets []flow.Secret // that the history must not hold: the tokens and keys of the server
	Version string        // shown in the state
	Seed    *Seed         // what Start and a reset put into the empty server; nil: nothing
	Chaos   Chaos         // at the start
	AnyHost bool          // answers on addresses other than loopback ones
	History Limits        // zero fields: the defaults
}

// Admin is an http.Handler for the API below /admin.
type Admin struct {
	server   *refserver.Control
	token    [sha256.Size]byte
	version  string
	seed     *Seed
	anyHost  bool
	started  time.Time
	requests atomic.Int64
	script   script
	chaos    chaos
	history  *history
}

// New returns an Admin. Serve Provider in place of the server itself, so that
// what is scripted, planted and recorded reaches the clients.
func New(o Options) (*Admin, error) {
	switch {
	case o.Server == nil:
		return nil, errors.New("make admin API: no server")
	case len(o.Token.Reveal()) < minToken:
		return nil, errors.New("make admin API: the token is missing or shorter than 16 bytes")
	}
	a := &Admin{
		server: o.Server, token: sha256.Sum256([]byte(o.Token.Reveal())), version: o.Version,
		seed: o.Seed, anyHost: o.AnyHost, started: time.Now(),
		history: newHistory(o.History, append(slices.Clone(o.Secrets), o.Token)),
	}
	if err := a.chaos.set(o.Chaos); err != nil {
		return nil, err
	}
	return a, nil
}

// endpoint answers a request with a value to be shown as JSON, nil for none.
type endpoint func(*http.Request) (any, error)

const get, put, post, del = http.MethodGet, http.MethodPut, http.MethodPost, http.MethodDelete

// endpoints lists what there is, by path below Path and by method.
func (a *Admin) endpoints() map[string]map[string]endpoint {
	whole := a.server.Whole()
	return map[string]map[string]endpoint{
		"/":        {get: a.getState},
		"/reset":   {post: a.postReset},
		"/seed":    {post: a.postSeed(whole)},
		"/replies": {get: a.getReplies, put: a.putReplies, post: a.postReplies, del: a.deleteReplies},
		"/faults":  {get: getFaults(a.server), put: putFaults(a.server)},
		"/chaos":   {get: a.getChaos, put: a.putChaos},
		"/clock":   {get: a.getClock, post: a.postClock},
		"/login":   {post: postLogin(whole)},
		"/history": {get: a.getHistory(everyone), del: a.deleteHistory(everyone)},
	}
}

// ServeHTTP answers one request.
func (a *Admin) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	h := rw.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if err := a.admit(r); err != nil {
		if errors.Is(err, errToken) {
			h.Set("WWW-Authenticate", `Bearer realm="scimproof admin"`)
		}
		fail(rw, err)
		return
	}
	a.answerTo(rw, r)
}

// answerTo answers a request that may be answered.
func (a *Admin) answerTo(rw http.ResponseWriter, r *http.Request) {
	path, below := strings.CutPrefix(r.URL.Path, Path)
	all, base, path, err := a.at(path)
	if err != nil {
		fail(rw, err)
		return
	}
	at := all[path]
	if !below || at == nil {
		fail(rw, &refusal{Status: http.StatusNotFound, Text: "there is no " + quoted(r.URL.Path), Allowed: addresses(base, all)})
		return
	}
	f := at[r.Method]
	if f == nil {
		allowed := sortedKeys(at)
		rw.Header().Set("Allow", strings.Join(allowed, ", "))
		fail(rw, &refusal{Status: http.StatusMethodNotAllowed, Text: r.Method + " is not for " + base + path, Allowed: allowed})
		return
	}
	r.Body = http.MaxBytesReader(rw, r.Body, maxBody)
	v, err := f(r)
	if err != nil {
		fail(rw, err)
		return
	}
	reply(rw, v)
}

func addresses(base string, all map[string]map[string]endpoint) []string {
	var list []string
	for _, path := range sortedKeys(all) {
		list = append(list, base+path)
	}
	return list
}

// HTTPServer returns an http.Server for addr with the time and size limits of its listener.
func (a *Admin) HTTPServer(addr string) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           a,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       time.Minute,
		WriteTimeout:      10 * time.Minute, // a seed may be large
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    32 << 10,
	}
}

// carries says whether a request carries the token, once. Hashes have one
// length, so that comparing them tells nothing about the token.
func (a *Admin) carries(r *http.Request) bool {
	values := r.Header.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	return a.Knows(flow.Secret(strings.TrimSpace(token))) && strings.EqualFold(scheme, "Bearer")
}
