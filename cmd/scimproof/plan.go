// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/ginkgosuite"
)

// plan is what a run is about to do to its target, as a rehearsal on the
// embedded server has shown.
type plan struct {
	requests, makers     int // makers: checks that make something
	users, groups, bulks int // requests that make them
	product              int // checks that change the product by its own API
}

// dryRun lists the checks, and says what they would do to the target, which is
// sent nothing: they are rehearsed on the embedded server.
func (p *program) dryRun(ctx context.Context, s *checkFlags, checks []check.Check) error {
	if err := listChecks(p.stdout, "text", checks); err != nil {
		return err
	}
	r, err := p.rehearse(ctx, s, checks)
	if err != nil {
		return err
	}
	return r.write(p.stdout, &s.target)
}

// rehearse runs the checks on the embedded server and counts.
func (p *program) rehearse(ctx context.Context, s *checkFlags, checks []check.Check) (plan, error) {
	own := targetFlags{profile: s.target.profile, timeout: s.target.timeout}
	target, done, err := p.embedded(ctx, &own, nil)
	if err != nil {
		return plan{}, err
	}
	defer done()
	provider, keep, err := p.open(ctx, &own, target)
	if err != nil {
		return plan{}, err
	}
	defer keep.end()
	results, err := ginkgosuite.Run(ctx, ginkgosuite.Config{Checks: checks, Provider: provider, Jobs: s.jobs, Signals: true})
	if interrupted(ctx) {
		return plan{}, errors.Join(conclude(exitInterrupted), err)
	}
	var made plan
	for i := range results {
		made.add(&results[i])
	}
	return made, err
}

// add counts one check.
func (r *plan) add(result *check.Result) {
	r.requests += len(result.Exchanges)
	made := r.users + r.groups + r.bulks
	for _, x := range result.Exchanges {
		path, _, _ := strings.Cut(x.Path, "?")
		switch {
		case x.Method != http.MethodPost:
		case path == "/Users":
			r.users++
		case path == "/Groups":
			r.groups++
		case path == "/Bulk":
			r.bulks++
		}
	}
	if r.users+r.groups+r.bulks > made {
		r.makers++
	}
	changes := func(need string) bool {
		return slices.Contains([]string{check.CapTeams, check.CapKeys, check.CapLogin, check.CapOrganisation}, need)
	}
	if slices.ContainsFunc(result.Check.Needs, changes) {
		r.product++
	}
}

// write tells the plan to people.
func (r *plan) write(w io.Writer, t *targetFlags) error {
	most := func(n int) string {
		if n == 0 {
			return "any number of"
		}
		return "at most " + strconv.Itoa(n)
	}
	name, product := t.url, "with --product-url"
	if name == "" {
		name, product = "the embedded server", "here"
	}
	rate := "as many a second as it takes"
	if rps := t.rate(); rps > 0 {
		rate = fmt.Sprintf("%v a second", rps)
	}
	_, err := fmt.Fprintf(w, `
What they would do, as a rehearsal on the embedded server shows; another provider can
lead to somewhat other numbers:
  %d requests, besides looks and clean-up
  %d checks make something: %d requests for users, %d for groups, %d bulk requests
  %d checks also make teams, roles or keys in the product, or change its settings: %s
Every name begins with scimproof-RUN-, where RUN is new in each run; all is removed at the end.
%s is sent %s requests that make something, %s requests in all, %s.
No request went to it now.
`, r.requests, r.makers, r.users, r.groups, r.bulks, r.product, product, name, most(t.maxCreates), most(t.maxRequests), rate)
	return err
}
