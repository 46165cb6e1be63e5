// SPDX-License-Identifier: Apache-2.0

package admin

import "net/http"

// Provider returns the server as its clients shall see it: recorded, scripted
// and with chaos, in this order from the outside. Scripted replies take a
// request before chaos does, so that what was asked for comes for sure.
func (a *Admin) Provider() http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		a.requests.Add(1)
		base, rest, scim := a.server.Below(r.URL.EscapedPath())
		if !scim {
			a.answer(rw, r, rest, false)
			return
		}
		rec := a.history.begin(rw, r, a.server.TenantOf(r), base, rest)
		defer a.history.end(rec)
		a.answer(rec, r, rest, true)
		rec.whole = true
	})
}

func (a *Admin) answer(rw http.ResponseWriter, r *http.Request, rest string, scim bool) {
	own := http.Handler(a.server)
	if p, ok := a.script.next(r, rest, scim); ok {
		p.give(rw, r, own)
		return
	}
	if scim && a.chaos.on() {
		a.chaos.serve(rw, r, own)
		return
	}
	own.ServeHTTP(rw, r)
}
