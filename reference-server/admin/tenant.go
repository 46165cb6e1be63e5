// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"net/http"
	"strings"

	refserver "github.com/scimproof/scimproof/reference-server"
)

// tenantPath is where a tenant has its addresses below Path, as it has them
// below the root of the server: /admin/t/acme/seed.
const tenantPath = "/t/"

// tenant is what one tenant holds.
type tenant struct {
	Name   string   `json:"name"`
	Users  int      `json:"users"`
	Groups int      `json:"groups"`
	Teams  int      `json:"teams"`
	Faults []string `json:"faults"` // that are on in it alone
}

func (a *Admin) tenants(ctx context.Context) ([]tenant, error) {
	var list []tenant
	for _, name := range a.server.Tenants() {
		p, ok := a.server.Tenant(name)
		if !ok {
			continue
		}
		t, err := tenantOf(ctx, p)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	return list, nil
}

func tenantOf(ctx context.Context, p *refserver.Part) (tenant, error) {
	n, err := p.Counts(ctx)
	return tenant{Name: p.Name(), Users: n.Users, Groups: n.Groups, Teams: n.Teams, Faults: faultNames(p.Faults())}, err
}

// at finds the endpoints that a path below Path belongs to, their base, and the
// rest of the path.
func (a *Admin) at(path string) (all map[string]map[string]endpoint, base, rest string, err error) {
	base, rest = Path, path
	if below, ok := strings.CutPrefix(path, tenantPath); ok {
		name, _, _ := strings.Cut(below, "/")
		p, ok := a.server.Tenant(name)
		if !ok {
			return nil, "", "", &refusal{Status: http.StatusNotFound, Text: "there is no tenant " + quoted(name), Allowed: a.server.Tenants()}
		}
		base, rest = Path+tenantPath+name, below[len(name):]
		all = a.tenantEndpoints(p)
	} else {
		all = a.endpoints()
	}
	if rest == "" {
		rest = "/"
	}
	return all, base, rest, nil
}

// tenantEndpoints lists what there is for one tenant. Replies, chaos and the
// clock are those of the whole server.
func (a *Admin) tenantEndpoints(p *refserver.Part) map[string]map[string]endpoint {
	theirs := func(rec *recording) bool { return rec.tenant == p.Name() }
	state := func(r *http.Request) (any, error) { return tenantOf(r.Context(), p) }
	return map[string]map[string]endpoint{
		"/":        {get: state},
		"/seed":    {post: a.postSeed(p)},
		"/faults":  {get: getFaults(p), put: putFaults(p)},
		"/login":   {post: postLogin(p)},
		"/history": {get: a.getHistory(theirs), del: a.deleteHistory(theirs)},
		"/reset": {post: func(r *http.Request) (any, error) {
			if err := p.Reset(r.Context()); err != nil {
				return nil, err
			}
			a.chaos.forget()
			return state(r)
		}},
	}
}
