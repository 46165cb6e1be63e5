// SPDX-License-Identifier: Apache-2.0

package ginkgosuite

import (
	"errors"
	"flag"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
)

const (
	// noLimit is the time that Ginkgo gives a run: each check has a limit of
	// its own.
	noLimit = 7 * 24 * time.Hour
	// grace is the time that Ginkgo gives a spec to end after an interrupt:
	// long enough to clean up.
	grace = 2 * time.Minute
)

// ginkgoState guards what Ginkgo keeps once for a process: its tree, its
// configuration and its console.
var ginkgoState sync.Mutex //nolint:gochecknoglobals // it guards globals, so it is one

// verdict is all of a testing.T that Ginkgo needs. What Ginkgo makes of the
// run is not asked for: the results tell more.
type verdict struct{}

func (verdict) Fail() {}

// isolated runs a suite in a tree of its own and leaves Ginkgo as it was. It
// goes round four things that end the process (Ginkgo 2.34): a second run
// without a reset, a run within a spec, go test's -count and -parallel, and a
// signal handler that swallows signals for ever.
func isolated(out io.Writer, signals bool, suite func(ginkgo.GinkgoTestingT, types.SuiteConfig, types.ReporterConfig)) error {
	if ginkgo.CurrentSpecReport().LeafNodeType == types.NodeTypeIt {
		return errors.New("run checks: a Ginkgo spec is running; use ginkgosuite.Describe in its tree")
	}
	ginkgoState.Lock()
	defer ginkgoState.Unlock()
	if out == nil {
		out = io.Discard
	}
	console := formatter.ColorableStdOut
	formatter.ColorableStdOut = out
	defer func() { formatter.ColorableStdOut = console }()

	// Ginkgo reads -test.count and -test.parallel here and exits on them.
	flags := *flag.CommandLine
	*flag.CommandLine = *flag.NewFlagSet(flags.Name(), flag.ContinueOnError)
	defer func() { *flag.CommandLine = flags }()

	quiet, report := configuration()
	callersSuite, callersReport := ginkgo.GinkgoConfiguration()
	if !signals {
		defer signal.Reset(os.Interrupt, syscall.SIGTERM)
	}
	// A preview is the one way to set the configuration without a run.
	defer ginkgo.PreviewSpecs("restore", callersSuite, callersReport)
	if n := len(ginkgo.PreviewSpecs("look", quiet, report).SpecReports); n > 0 {
		return errors.New("run checks: this process holds a Ginkgo tree already; use ginkgosuite.Describe in it")
	}
	globals.Reset()
	defer globals.Reset()
	suite(verdict{}, quiet, report)
	return nil
}

// configuration gives the configuration of a run: no flag and no variable
// changes what is judged or in which order.
func configuration() (types.SuiteConfig, types.ReporterConfig) {
	suite, report := types.NewDefaultSuiteConfig(), types.NewDefaultReporterConfig()
	suite.RandomSeed, suite.Timeout, suite.GracePeriod = 1, noLimit, grace
	report.NoColor, report.Succinct = true, true
	return suite, report
}
