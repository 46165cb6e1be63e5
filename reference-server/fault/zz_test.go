// SPDX-License-Identifier: Apache-2.0

package fault_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/fault"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

func TestZZ(t *testing.T) {
	re := regexp.MustCompile(os.Getenv("ZZCHECKS"))
	var cs []check.Check
	for _, c := range suites.All() {
		if re.MatchString(c.ID) {
			cs = append(cs, c)
		}
	}
	fmt.Println(len(cs), "checks")
	bites := map[string][]string{}
	run := func(name string, fs ...fault.Fault) {
		for _, r := range judge(t, cs, fs...) {
			if r.Outcome == check.Passed {
				continue
			}
			if r.Outcome == check.Skipped && name != "(intact)" {
				continue
			}
			if r.Outcome == check.Failed {
				bites[r.Check.ID] = append(bites[r.Check.ID], name)
			}
			if name == "(intact)" || os.Getenv("ZZV") != "" || r.Outcome == check.Broken {
				fmt.Println(name, r.Check.ID, r.Outcome, r.Reason, r.Findings, r.Leftovers)
			}
		}
	}
	run("(intact)")
	for _, n := range strings.Fields(os.Getenv("ZZFAULTS")) {
		fs, err := fault.ByName(n)
		if err != nil {
			t.Fatal(err)
		}
		run(n, fs...)
	}
	if os.Getenv("ZZALL") != "" {
		for _, f := range fault.All() {
			run(f.Name, f)
		}
	}
	for _, c := range cs {
		fmt.Println(c.ID, len(bites[c.ID]), bites[c.ID])
	}
}
