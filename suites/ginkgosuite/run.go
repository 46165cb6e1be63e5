// SPDX-License-Identifier: Apache-2.0

package ginkgosuite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/scimproof/scimproof/suites/check"
)

// Config says what Run does.
type Config struct {
	Checks   []check.Check
	Provider *check.Provider
	Jobs     int                // checks that are judged at the same time; less than 2: one
	Out      io.Writer          // gets Ginkgo's own console output; nil: nobody
	OnResult func(check.Result) // is given each result, in the order of Checks; nil: nobody
	Signals  bool               // the caller handles SIGINT and SIGTERM for as long as the process lives
}

// errEnded stops what is judged ahead when Ginkgo has ended early.
var errEnded = errors.New("the runner has ended")

// Run judges checks with Ginkgo as the runner and gives their results in the
// order of cfg.Checks. It may be called again and again in one process; calls
// queue up, because Ginkgo's state is the process's. It cannot be called
// within a Ginkgo spec or beside a Ginkgo tree: use Describe there.
//
// When ctx ends, the checks that are under way are cleaned up, the others are
// not begun, and the results so far are given back with the cause.
//
// Ginkgo handles SIGINT and SIGTERM while it runs: the first ends the run as
// ctx would. Afterwards both signals are back to their default, also for a
// caller who had asked for them; with Signals they are left as they are.
func Run(ctx context.Context, cfg Config) ([]check.Result, error) {
	if cfg.Provider == nil {
		return nil, errors.New("run checks: no provider")
	}
	if len(cfg.Checks) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var results []check.Result
	var suite types.Report
	var cause error
	err := isolated(cfg.Out, cfg.Signals, func(t ginkgo.GinkgoTestingT, sc types.SuiteConfig, rc types.ReporterConfig) {
		work := judgeAhead(ctx, cfg)
		defer func() {
			cause = context.Cause(ctx)
			cancel(errEnded)
			work.wait()
			results = append(results, work.rest(len(results))...)
		}()
		ginkgo.Describe("scimproof", func() {
			specify(cfg.Checks, func(spec context.Context, i int, _ check.Check) check.Result {
				stop := context.AfterFunc(spec, func() { cancel(context.Cause(spec)) })
				defer stop()
				r, ok := work.result(i)
				if !ok {
					ginkgo.AbortSuite(fmt.Sprintf("the run was cancelled: %v", context.Cause(ctx)))
				}
				results = append(results, r)
				if cfg.OnResult != nil {
					cfg.OnResult(r)
				}
				return r
			})
		})
		ginkgo.ReportAfterSuite("", func(r ginkgo.Report) { suite = r })
		ginkgo.RunSpecs(t, "scimproof", sc, rc)
	})
	switch {
	case err != nil:
		return nil, err
	case cause != nil:
		return results, cause
	case len(results) != len(cfg.Checks):
		return results, fmt.Errorf("run checks: ginkgo ran %d of %d: %s", len(results), len(cfg.Checks),
			strings.Join(suite.SpecialSuiteFailureReasons, "; "))
	}
	return results, nil
}
