// SPDX-License-Identifier: Apache-2.0

package ginkgosuite_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/ginkgosuite"
)

// The configuration that the flags of this test run ask for, read before
// anything else can change it.
var (
	suiteConfig    types.SuiteConfig
	reporterConfig types.ReporterConfig
)

func TestMain(m *testing.M) {
	flag.Parse()
	suiteConfig, reporterConfig = ginkgo.GinkgoConfiguration()
	os.Exit(m.Run())
}

// TestCatalogue runs the catalogue as a Ginkgo tree, against the provider that
// SCIMPROOF_TARGET names or the reference server. ginkgo -p runs it in parallel
// processes.
func TestCatalogue(t *testing.T) {
	if n := flag.Lookup("test.count"); n != nil && n.Value.String() != "1" {
		t.Skip("Ginkgo ends the process on -count")
	}
	globals.Reset()
	defer globals.Reset()
	ginkgosuite.Describe("SCIM", func() suites.Target { return target(t) })
	ginkgo.It("refuses Run within a tree", func() {
		_, err := ginkgosuite.Run(context.Background(), ginkgosuite.Config{
			Checks: suites.All()[:1], Provider: open(t, target(t)),
		})
		if err == nil || !strings.Contains(err.Error(), "use ginkgosuite.Describe") {
			ginkgo.Fail("got no error that points to Describe")
		}
	})
	ginkgo.RunSpecs(t, "scimproof", suiteConfig, reporterConfig)
}
