// SPDX-License-Identifier: Apache-2.0

// Package ginkgosuite is the catalogue as a Ginkgo tree. [Describe] adds it to
// the tree of a caller, [Run] is for programs. It is the only package that
// imports Ginkgo.
package ginkgosuite

import (
	"context"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

// Describe adds the whole catalogue to the caller's tree, one spec a check,
// with the labels of suites.Labels. The target is asked for when the first
// spec runs, once in each process, so that a BeforeSuite can start it:
//
//	var _ = ginkgosuite.Describe("SCIM", func() suites.Target {
//		return suites.Target{BaseURL: server.URL + "/scim/v2", Token: "t0ps3cret"}
//	})
//
// A check that is skipped skips its spec with the reason; one that is failed,
// blocked or broken fails it, as suites.Fails says.
func Describe(text string, target func() suites.Target) bool {
	open := sync.OnceValues(func() (*check.Provider, error) {
		return check.Open(context.Background(), target())
	})
	return ginkgo.Describe(text, func() {
		specify(suites.All(), func(ctx context.Context, _ int, c check.Check) check.Result {
			provider, err := open()
			if err != nil {
				ginkgo.Fail("open provider: " + err.Error())
			}
			return check.Judge(ctx, c, provider)
		})
	})
}

// specify makes a spec of each check. The location keeps the order of the
// catalogue: Ginkgo sorts by file and line.
func specify(checks []check.Check, judge func(context.Context, int, check.Check) check.Result) {
	for i, c := range checks {
		at := types.CodeLocation{FileName: "catalogue", LineNumber: i + 1}
		ginkgo.It(c.ID+" "+c.Title, ginkgo.Label(suites.Labels(c)...), at, func(ctx ginkgo.SpecContext) {
			report(judge(ctx, i, c))
		})
	}
}

// report tells Ginkgo what came of a check.
func report(r check.Result) {
	var text strings.Builder
	suites.Describe(&text, r)
	switch {
	case suites.Fails(r):
		ginkgo.Fail(text.String())
	case r.Outcome != check.Passed:
		ginkgo.Skip(text.String())
	}
}
