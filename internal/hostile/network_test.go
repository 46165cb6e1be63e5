// SPDX-License-Identifier: Apache-2.0

//go:build linux

package hostile_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/internal/hostile"
)

// TestNetwork is R7: each check has the same outcome over a network with 200 ms
// of latency, and over one that resets the connection of one read in a hundred,
// as over one without. Without -whole it is of the quick checks, and resets one
// read in twenty: there are fewer.
func TestNetwork(t *testing.T) {
	var resets atomic.Int64
	share := 0.05
	if *whole {
		share = 0.01
	}
	clean, _ := outcomes(t, hostile.Kind{Name: "none"})
	slow, _ := outcomes(t, hostile.Slow(200*time.Millisecond))
	if diff := cmp.Diff(clean, slow); diff != "" {
		t.Errorf("latency changes outcomes (-without +with):\n%s", diff)
	}
	broken, again := outcomes(t, hostile.Resets(share, &resets))
	if diff := cmp.Diff(clean, broken); diff != "" {
		t.Errorf("resets change outcomes (-without +with):\n%s", diff)
	}
	if resets.Load() == 0 {
		t.Error("no connection was reset, so nothing is shown")
	}
	t.Logf("R7: %d checks, same outcomes with 200 ms of latency and with %d reads reset, of which the report shows %d", len(clean), resets.Load(), again)
}

// outcomes gives what came of each check, and how many reads the report says
// were sent again.
func outcomes(t *testing.T, k hostile.Kind) (by map[string]string, again int) {
	t.Helper()
	p := provider(t, k, 3)
	c := start(t, t.TempDir(), "check", "--target", p.URL, "--jobs", "32", "--timeout", "2m", "--format", "json", "--quick="+strconv.FormatBool(!*whole))
	if err := c.Wait(); err != nil {
		t.Fatalf("%s: %v:\n%s", k.Name, err, cut(said(c)))
	}
	text, err := os.ReadFile(filepath.Join(c.Dir, "conformance-report", "run.json"))
	if err != nil {
		t.Fatal(err)
	}
	var run struct {
		Results []struct {
			ID, Outcome string
			Exchanges   []struct{ Error string }
		}
	}
	if err := json.Unmarshal(text, &run); err != nil {
		t.Fatal(err)
	}
	by = map[string]string{}
	for _, r := range run.Results {
		by[r.ID] = r.Outcome
		for _, x := range r.Exchanges {
			if strings.Contains(x.Error, "sent again") {
				again++
			}
		}
	}
	return by, again
}
