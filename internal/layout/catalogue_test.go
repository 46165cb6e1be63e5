// SPDX-License-Identifier: Apache-2.0

package layout

import (
	"bytes"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/requirements"
	"github.com/scimproof/scimproof/suites"
)

const idsFile = "suites/ids.txt"

// Ids are for ever: waivers, saved runs and other people's notes hold them.
func TestEveryIDIsWrittenDown(t *testing.T) {
	written := lines(read(t, idsFile))
	if twice := firstTwice(written); twice != "" {
		t.Errorf("%s: %s stands there twice", idsFile, twice)
	}
	var current []string
	form := regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+){2,}$`)
	for _, c := range suites.All() {
		current = append(current, c.ID)
		if !form.MatchString(c.ID) {
			t.Errorf("%s: want area.subject.condition of a-z, 0-9, - and .", c.ID)
		}
		if !slices.Contains(written, c.ID) {
			t.Errorf("%s is not in %s: add it at the end", c.ID, idsFile)
		}
	}
	if twice := firstTwice(current); twice != "" {
		t.Errorf("two checks have the id %s", twice)
	}
	if len(current) == 0 {
		t.Error("the catalogue is empty")
	}
}

// What was ever committed to ids.txt stays there.
func TestNoIDIsEverRemoved(t *testing.T) {
	log, err := git(t, "log", "--format=%H", "--", idsFile)
	commits := strings.Fields(log)
	if err != nil || len(commits) == 0 {
		t.Skipf("no history of %s to compare with (git log: %v)", idsFile, err)
	}
	written := lines(read(t, idsFile))
	for _, commit := range commits {
		then, err := git(t, "show", commit+":"+idsFile)
		if err != nil {
			continue // the commit removed the file, and the ones before it are compared
		}
		for _, id := range lines([]byte(then)) {
			if !slices.Contains(written, id) {
				t.Errorf("%s was in %s at %.10s and is gone: put it back, with # retired behind it", id, idsFile, commit)
			}
		}
	}
}

func TestEveryCoveredRequirementExists(t *testing.T) {
	known, err := requirements.ByID()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range suites.All() {
		for _, id := range c.Covers {
			if _, ok := known[id]; !ok {
				t.Errorf("%s covers %s, which fixtures/requirements does not have", c.ID, id)
			}
		}
	}
}

func TestGeneratedPageIsCurrent(t *testing.T) {
	c := exec.CommandContext(t.Context(), "go", "run", "./cmd/scimproof", "list", "--format", "md")
	c.Dir = root
	want, err := c.Output()
	if err != nil {
		t.Fatalf("%v: %v", c, err)
	}
	if diff := cmp.Diff(string(want), string(read(t, "docs/checks.md"))); diff != "" {
		t.Errorf("docs/checks.md is not what the catalogue says; run make docs (-want +got):\n%s", diff)
	}
}

func git(t *testing.T, args ...string) (string, error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	c.Dir = root
	var out bytes.Buffer
	c.Stdout = &out
	err := c.Run()
	return out.String(), err
}

func firstTwice(all []string) string {
	sorted := slices.Sorted(slices.Values(all))
	for i := 1; i < len(sorted); i++ {
		if sorted[i] == sorted[i-1] {
			return sorted[i]
		}
	}
	return ""
}
