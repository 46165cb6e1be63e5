// SPDX-License-Identifier: Apache-2.0

package suites_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites"
	"github.com/scimproof/scimproof/suites/check"
)

var update = flag.Bool("update", false, "add new ids to ids.txt")

// Ids are for ever: -update adds to the list and takes nothing away.
func TestIDs(t *testing.T) {
	b, err := os.ReadFile("ids.txt")
	if err != nil && !*update {
		t.Fatal(err)
	}
	written := strings.Split(strings.TrimSpace(string(b)), "\n")
	all := slices.Clone(written)
	for _, c := range suites.All() {
		all = append(all, c.ID)
	}
	slices.Sort(all)
	all = slices.DeleteFunc(slices.Compact(all), func(id string) bool { return id == "" })
	if *update {
		if err := os.WriteFile("ids.txt", []byte(strings.Join(all, "\n")+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(written, all); diff != "" {
		t.Errorf("ids.txt; go test ./suites -run IDs -update adds what is missing (-got +want):\n%s", diff)
	}
}

func TestEveryCheckIsComplete(t *testing.T) {
	for _, c := range suites.All() {
		t.Run(c.ID, func(t *testing.T) {
			for _, field := range []struct{ name, value string }{
				{"Title", c.Title}, {"Level", string(c.Level)}, {"Source", c.Source.Name}, {"Section", c.Source.Section},
				{"Evidence", string(c.Source.Evidence)}, {"Breaks", c.Breaks}, {"Fix", c.Fix}, {"Profiles", strings.Join(c.Profiles, "")},
			} {
				if field.value == "" {
					t.Errorf("%s is empty", field.name)
				}
			}
			// A flow names its sources in its file, with a link and a date for each.
			flows := strings.HasPrefix(c.ID, "flow.")
			if !flows && c.Source.Evidence != check.Standard && (c.Source.URL == "" || c.Source.Date == "") {
				t.Errorf("source %v has no page or date", c.Source)
			}
			if strings.HasSuffix(c.Title, ".") {
				t.Errorf("title ends in a full stop: %q", c.Title)
			}
		})
	}
}

func sample() []check.Check {
	return []check.Check{
		{ID: "patch.remove.no-path", Level: check.Must, Needs: check.Needs("patch"), Profiles: check.Profiles("rfc", "okta"), Source: check.RFC7644("3.5.2.2")},
		{ID: "list.sort.ascending", Level: check.Should, Needs: check.Needs("sort", "filter"), Profiles: check.Profiles("rfc"), Source: check.RFC7644("3.4.2.3")},
		{ID: "lifecycle.leaver.entra-flag", Level: check.Vendor, Profiles: check.Profiles("entra"), Source: check.Source{Name: "Microsoft Entra ID", Section: "Update, (flag)", Evidence: check.Documented}},
	}
}

func TestSelect(t *testing.T) {
	const remove, sort, leaver = "patch.remove.no-path", "list.sort.ascending", "lifecycle.leaver.entra-flag"
	tests := []struct {
		expression string
		want       []string
	}{
		{"", []string{remove, sort, leaver}},
		{"id:list.sort.ascending", []string{sort}},
		{"LEVEL:Must", []string{remove}},
		{"level:must || level:vendor", []string{remove, leaver}},
		{"level:must, level:vendor", []string{remove, leaver}},
		{"!level:must", []string{sort, leaver}},
		{"profile:rfc && !needs:sort", []string{remove}},
		{"level:vendor || profile:rfc && level:should", []string{sort, leaver}},
		{"(level:vendor || profile:rfc) && level:should", []string{sort}},
		{"!(level:vendor || level:must)", []string{sort}},
		{"/^id:l/", []string{sort, leaver}},
		{"profile: containsAny {okta, entra}", []string{remove, leaver}},
		{"profile: containsAll {rfc, okta}", []string{remove}},
		{"profile: consistsOf rfc", []string{sort}},
		{"profile: isSubsetOf {rfc, okta} && level:must", []string{remove}},
		{"needs: isEmpty", []string{leaver}},
		{"source:rfc 7644 §3.5.2.2", []string{remove}},
		{"source:microsoft entra id update flag", []string{leaver}},
		{"source:microsoft entra id", []string{leaver}},
	}
	for _, test := range tests {
		t.Run(test.expression, func(t *testing.T) {
			got, err := suites.Select(sample(), test.expression)
			if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, c := range got {
				ids = append(ids, c.ID)
			}
			if diff := cmp.Diff(test.want, ids); diff != "" {
				t.Errorf("selected (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSelectSaysWhatIsWrong(t *testing.T) {
	tests := []struct {
		expression, want string
		at               int
	}{
		{"level:must &&", "ends where a label is wanted", 13},
		{"level:must & level:may", "an operator is missing", 11},
		{"(level:must", "this ( is not closed", 0},
		{"level:must)", "this ) closes nothing", 10},
		{"levle:must", "none of the keys id: level: needs: source: profile:", 0},
		{"must", "none of the keys", 0},
		{"level", "the value of level is missing", 0},
		{"/^id:(/", "missing closing )", 0},
		{"/^id", "this / is not closed", 0},
		{"profile: anyOf {a}", "no operation on a set", 9},
		{"level: must", "level:VALUE without a blank", 7},
		{"profile: containsAny {a", "this { is not closed", 21},
		{"profile: containsAny", "the argument of containsAny", 20},
		{"|| level:must", "a label is wanted here", 0},
	}
	for _, test := range tests {
		t.Run(test.expression, func(t *testing.T) {
			_, err := suites.Select(sample(), test.expression)
			var wrong *suites.SelectError
			if !errors.As(err, &wrong) || !strings.Contains(wrong.Text, test.want) || wrong.At != test.at {
				t.Errorf("got %v, want %q at %d", err, test.want, test.at+1)
			}
		})
	}
}

func TestFails(t *testing.T) {
	tests := []struct {
		name   string
		result check.Result
		want   bool
	}{
		{"a must that failed", check.Result{Check: check.Check{Level: check.Must}, Outcome: check.Failed}, true},
		{"a vendor's that is blocked", check.Result{Check: check.Check{Level: check.Vendor}, Outcome: check.Blocked}, true},
		{"a should that failed", check.Result{Check: check.Check{Level: check.Should}, Outcome: check.Failed}, false},
		{"a should that is broken", check.Result{Check: check.Check{Level: check.Should}, Outcome: check.Broken}, true},
		{"a must that is skipped", check.Result{Check: check.Check{Level: check.Must}, Outcome: check.Skipped}, false},
		{"passed and left something", check.Result{Outcome: check.Passed, Leftovers: []string{"x"}}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := suites.Fails(test.result); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

func ExampleSelect() {
	chosen, err := suites.Select(suites.All(), "id:lifecycle.leaver.entra-flag")
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range chosen {
		fmt.Println(c.Title)
	}
	// Output:
	// a person whom Entra ID (entra-flag) deactivates is inactive, and still there
}

func ExampleDescribe() {
	suites.Describe(os.Stdout, check.Result{
		Check:    check.Check{Title: "an unknown user answers 404", Source: check.RFC7644("3.12"), Fix: "Answer 404."},
		Outcome:  check.Failed,
		Findings: []check.Finding{{LookedAt: "GET /Users/1", Where: "status", Got: "200", Want: "404"}},
		Exchanges: []flow.Exchange{{
			Method: "GET", URL: "https://host/scim/v2/Users/1", Status: 200, Response: flow.Message{Body: []byte(`{}`)},
		}},
	})
	// Output:
	// failed: an unknown user answers 404
	//   GET /Users/1 · status: got 200, want 404
	//   source: RFC 7644 §3.12
	//   fix:    Answer 404.
	//
	//   > GET https://host/scim/v2/Users/1
	//   < 200 OK
	//   < {}
}
