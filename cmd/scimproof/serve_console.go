// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/http"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/admin"
	"github.com/scimproof/scimproof/reference-server/console"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/idp"
)

// besideAdmin returns the http.Server of the admin listener: the admin API and
// the console beside it. Origin is where the SCIM API is.
func besideAdmin(addr, origin string, server *refserver.Control, a *admin.Admin) (*http.Server, error) {
	c, err := console.New(console.Options{Admin: a, Server: server, Origin: origin, Judge: judgeForConsole})
	if err != nil {
		return nil, err
	}
	s := a.HTTPServer(addr)
	s.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == console.Path || strings.HasPrefix(r.URL.Path, console.Path+"/") {
			c.ServeHTTP(rw, r)
			return
		}
		a.ServeHTTP(rw, r)
	})
	s.RegisterOnShutdown(c.Close) // else the streams would be waited for
	return s, nil
}

// judgeForConsole judges requests as lint does, and guesses the dialect.
func judgeForConsole(exchanges []flow.Exchange) console.Judgement {
	r := idp.JudgeExchanges("history", "", exchanges)
	j := console.Judgement{Dialect: r.Dialect, Why: r.Why, Said: make([]console.Said, len(r.Requests))}
	for i, q := range r.Requests {
		said := console.Said{Verdict: console.Verdict(q.Verdict), More: q.More}
		for _, f := range q.Findings {
			verdict := console.Deviation
			if f.Rule.Level == check.Should {
				verdict = console.Warning
			}
			said.Findings = append(said.Findings, console.Finding{
				Rule: f.Rule.ID, Holds: f.Rule.Holds, Source: sourceOf(f.Rule.Source), Where: f.Where, Got: f.Got, Want: f.Want, Verdict: verdict,
			})
		}
		for _, k := range q.Quirks {
			said.Quirks = append(said.Quirks, console.Quirk{ID: k.Quirk.ID, Does: k.Quirk.Does, Live: k.Quirk.Live, Source: sourceOf(k.Quirk.Source)})
		}
		j.Said[i] = said
	}
	return j
}
