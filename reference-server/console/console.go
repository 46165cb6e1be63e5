// SPDX-License-Identifier: Apache-2.0

// Package console is the web console of the reference server: what the
// organisation holds, the requests as they come, and the switches of the admin
// API. It is made for the person who points an IdP at the server and wants to
// see what arrives and what is odd about it.
//
// Whatever it shows or does goes through the APIs that everybody has: SCIM, the
// product API and the admin API. Pages are made on the server and can be read
// without JavaScript, which only adds the live stream. Who may see them has given
// the admin token once; a cookie stands for it from then on.
package console

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
)

// Path is where the console stands on its listener.
const Path = "/console"

const tenantPath = "/t/"

// Options say what a Console shows. All but Judge must be given.
type Options struct {
	Admin  *admin.Admin
	Server *refserver.Control
	Origin string // of the SCIM API, as clients on this machine find it: "http://127.0.0.1:8080"
	Judge  Judge  // says what is odd about requests; nil: nothing is said
}

// Console is an http.Handler for what is below Path.
type Console struct {
	admin     *admin.Admin
	server    *refserver.Control
	origin    string
	judge     Judge
	templates *template.Template
	sessions  sessions
	routes    *http.ServeMux
	views     sync.Map // *views by tenant
	streams   atomic.Int32
	ctx       context.Context // of the streams
	end       context.CancelFunc
}

// New returns a Console. Close ends its streams.
func New(o Options) (*Console, error) {
	if o.Admin == nil || o.Server == nil || o.Origin == "" {
		return nil, errors.New("make console: Admin, Server and Origin are needed")
	}
	c := &Console{admin: o.Admin, server: o.Server, origin: o.Origin, judge: o.Judge}
	var err error
	if c.templates, err = parse(); err != nil {
		return nil, fmt.Errorf("make console: %w", err)
	}
	c.ctx, c.end = context.WithCancel(context.Background())
	c.routes = c.newRoutes()
	return c, nil
}

// Close ends the live streams, which else last as long as somebody looks.
func (c *Console) Close() { c.end() }

// page answers a request of somebody who may see it, about one organisation.
type page func(http.ResponseWriter, *visit) error

// visit is a request of somebody with a session.
type visit struct {
	*http.Request
	session *session
	part    *refserver.Part // the organisation that is looked at
}

// base is where the pages of the organisation are.
func (v *visit) base() string { return Path + v.tenant() }

// tenant names the organisation in an address, of the console and of the admin
// API alike.
func (v *visit) tenant() string {
	if v.part.Name() == "" {
		return ""
	}
	return tenantPath + v.part.Name()
}

// pages lists what there is for an organisation.
func (c *Console) pages() map[string]page {
	return map[string]page{
		"GET /{$}":          c.home,
		"GET /requests/{n}": c.exchange,
		"GET /live":         c.live,
		"GET /{list}":       c.list,
		"GET /users/{id}":   c.user,
		"GET /audit":        c.audit,
		"GET /switches":     c.switches,
		"POST /faults":      c.switchFault,
		"POST /chaos":       c.setChaos,
		"POST /seed":        c.plant,
		"POST /reset":       c.reset,
		"POST /forget":      c.forget,
		"GET /history.yaml": c.flow,
		"GET /report":       c.report,
		"POST /logout":      c.logout,
	}
}

// newRoutes puts the pages below Path, and once more for each tenant.
func (c *Console) newRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	for pattern, p := range c.pages() {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+Path+path, c.visited(p))
		mux.Handle(method+" "+Path+tenantPath+"{tenant}"+path, c.visited(p))
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		mux.HandleFunc(method+" "+Path+"/login", c.login)
	}
	mux.HandleFunc("GET "+Path+assetPath+"{name}", serveAsset)
	mux.Handle("GET "+Path, http.RedirectHandler(Path+"/", http.StatusSeeOther))
	return mux
}

// ServeHTTP answers one request.
func (c *Console) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	protect(rw.Header())
	if err := c.admin.CheckHost(r); err != nil {
		http.Error(rw, err.Error(), http.StatusForbidden)
		return
	}
	if err := foreign(r); err != nil {
		http.Error(rw, err.Error(), http.StatusForbidden)
		return
	}
	c.routes.ServeHTTP(rw, r)
}

// protect sets the headers that every answer has. Nothing is loaded from
// elsewhere, nothing is inline, and no other page may frame or read what is here.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}
