// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"strings"
	"sync"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// laws checks what must hold between requests, whatever each answers by itself:
// what undoes what, what agrees with what, and what of several at once may win.
func laws() []check.Check {
	return []check.Check{lawUndo, lawEchoGroup, lawFilter, lawOneName, lawOneWriter, versionNow}
}

var lawUndo = check.Check{
	ID:       "patch.law.undo",
	Title:    "what an add put there a remove takes away, and the user is as before",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.2"),
	Covers:   []string{"rfc7644-3.5.2.1-multivalued-appends", "rfc7644-3.5.2.1-missing-target"},
	Needs:    check.Needs(check.CapPatch),
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Whoever changes the team twice keeps a bit of the first: a number, a title, an empty shell that is sent again in each cycle.",
	Fix:      "Let remove take away all that add made, the empty attribute included.",
	Run: func(t *check.T) {
		alice := create(t, "alice", phones)
		before := exists(t, alice)
		for _, change := range []string{
			`{"op":"add","path":"title","value":"Engineer"},{"op":"remove","path":"title"}`,
			`{"op":"add","path":"name.middleName","value":"Pleasance"},{"op":"remove","path":"name.middleName"}`,
			`{"op":"add","path":"phoneNumbers","value":[{"value":"+47-300","type":"mobile"}]},` +
				`{"op":"remove","path":"phoneNumbers[value eq \"+47-300\"]"}`,
		} {
			there, back, _ := strings.Cut(change, "},{\"op\":\"remove\"")
			t.Expect(t.Patch(alice, "["+there+"}]")).To(HaveStatus(200, 204))
			t.Expect(t.Patch(alice, `[{"op":"remove"`+back+"]")).To(HaveStatus(200, 204))
		}
		t.Expect(t.Get(alice)).To(BeSameResourceAs(before, "name.formatted", "displayName"))
	},
}

var lawEchoGroup = check.Check{
	ID:       "replace.group.echo",
	Title:    "a PUT of the group that was read changes nothing",
	Level:    check.Must,
	Source:   check.RFC7644("3.5.1"),
	Covers:   []string{"rfc7644-3.5.1-readonly-ignored", "rfc7644-3.5.1-replaces-values"},
	Needs:    check.Needs(check.CapGroup),
	Profiles: check.Profiles("rfc", "okta"),
	Breaks:   "Okta writes the group it read with a new name: members that it echoed are lost, or refused for their $ref and display.",
	Fix:      "Take back what you give out: ignore read-only members, and compare the rest.",
	Run: func(t *check.T) {
		group := t.CreateGroup("engineering", create(t, "alice"), create(t, "bob"))
		before := exists(t, group)
		t.Expect(t.Put(group, string(before.Response.Body))).To(HaveStatus(200, 204))
		t.Expect(t.Get(group)).To(BeSameResourceAs(before))
	},
}

// held is a user as a list shows it.
type held struct {
	title  string
	active bool
}

var lawFilter = check.Check{
	ID:       "filter.law.client-side",
	Title:    "a filter finds those of whom it holds, by what the provider itself shows",
	Level:    check.Must,
	Source:   check.RFC7644("3.4.2.2"),
	Covers:   []string{"rfc7644-3.4.2.2-only-matching", "rfc7644-3.4.2.2-precedence", "rfc7644-3.4.2.2-and", "rfc7644-3.4.2.2-or"},
	Needs:    check.Needs(check.CapFilter),
	Profiles: check.Profiles("rfc"),
	Breaks:   "What a filter selects is not what the users look like: people are left out of a report, or of a clean-up.",
	Fix:      "Evaluate filters over the values that you return.",
	Run: func(t *check.T) {
		mark := t.Name("crowd")
		family := `"name":{"givenName":"Alice","familyName":` + quote(mark) + `}`
		create(t, "a", family, `"title":"Engineer"`, `"active":true`)
		create(t, "b", family, `"title":"Director"`, `"active":false`)
		create(t, "c", family, `"active":true`)
		ours := "name.familyName eq " + quote(mark)
		all := find(t, scim.UsersEndpoint, ours)
		t.Precondition(all).To(HaveAttributeCount("Resources.id", 3))
		for filter, holds := range map[string]func(held) bool{
			`not (title pr) or active eq false`:                        func(h held) bool { return h.title == "" || !h.active },
			`title co "ire" and active eq false`:                       func(h held) bool { return strings.Contains(h.title, "ire") && !h.active },
			`(title sw "Eng" or title ew "tor") and active eq true`:    func(h held) bool { return h.title == "Engineer" && h.active },
			`title gt "Director" or title pr and not (active eq true)`: func(h held) bool { return h.title > "Director" || h.title != "" && !h.active },
		} {
			var want []string
			for _, id := range idsOn(all) {
				at := `Resources[id eq ` + quote(id) + `].`
				if holds(held{Text(all, at+"title"), Text(all, at+"active") == "true"}) {
					want = append(want, id)
				}
			}
			t.Expect(find(t, scim.UsersEndpoint, ours+" and ("+filter+")")).To(HaveOnlyResources(want...))
		}
	},
}

// atOnce sends n requests at the same time and counts the answers by status.
func atOnce(t *check.T, n int, send func(i int) *flow.Exchange) map[int]int {
	var mu sync.Mutex
	answers := map[int]int{}
	var sends []func()
	for i := range n {
		sends = append(sends, func() {
			x := send(i)
			mu.Lock()
			defer mu.Unlock()
			answers[x.Status]++
		})
	}
	t.AtOnce(sends...)
	return answers
}

var lawOneName = check.Check{
	ID:       "create.user.concurrent",
	Title:    "of several creates of one userName at once, one succeeds",
	Level:    check.Must,
	Source:   check.RFC7643("4.1.1"),
	Covers:   []string{"rfc7643-4.1.1-username-unique", "rfc7644-3.3-conflict-409"},
	Profiles: check.Profiles("rfc", "entra"),
	Breaks:   "Entra ID works on many people at once, and repeats what timed out: a person has two accounts, one of which nobody takes away.",
	Fix:      "Hold uniqueness by an index of the database, not by a look before the insert.",
	Run: func(t *check.T) {
		body := user(t, "alice")
		answers := atOnce(t, 4, func(int) *flow.Exchange { return t.Post(scim.UsersEndpoint, body) })
		t.Expect(answers).To(gomega.HaveKeyWithValue(http.StatusCreated, 1))
	},
}

var lawOneWriter = check.Check{
	ID:       "version.if-match.concurrent",
	Title:    "of several PUTs at once with one version, one succeeds",
	Level:    check.Must,
	Source:   check.RFC7644("3.14"),
	Covers:   []string{"rfc7644-3.14-concurrent-puts", "rfc7644-3.14-if-match"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "Two clients change a person at the same time, each is told that all is well, and one change is gone.",
	Fix:      "Compare the version in the statement that writes, not before it.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		version := exists(t, alice).Response.Header.Get("ETag")
		t.Precondition(version).NotTo(gomega.BeEmpty())
		answers := atOnce(t, 4, func(i int) *flow.Exchange {
			return on(t, http.MethodPut, alice, "If-Match", version, edited(alice, "Liddell", "Hargreaves "+itoa(i)))
		})
		if strings.HasPrefix(version, "W/") && answers[http.StatusPreconditionFailed] == 4 {
			t.Skip("a weak version matches no If-Match here, as HTTP has it")
		}
		t.Expect(answers[http.StatusOK] + answers[http.StatusNoContent]).To(gomega.Equal(1))
	},
}

var versionNow = check.Check{
	ID:       "version.if-match.current",
	Title:    "a PUT with the current version succeeds, or is refused with 412 when the version is weak",
	Level:    check.Must,
	Source:   check.Source{Name: "RFC 9110", Section: "13.1.1", Evidence: check.Standard},
	Covers:   []string{"rfc9110-13.1.1-if-match-strong", "rfc7644-3.14-if-match"},
	Needs:    check.Needs(check.CapETag),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that is careful can change nothing.",
	Fix:      "Let If-Match with the version that you gave out pass; SCIM's examples use weak tags there, where HTTP compares strongly.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		before := exists(t, alice)
		version := before.Response.Header.Get("ETag")
		t.Precondition(version).NotTo(gomega.BeEmpty())
		x := on(t, http.MethodPut, alice, "If-Match", version, edited(alice, "Liddell", "Hargreaves"))
		if strings.HasPrefix(version, "W/") && x.Status == http.StatusPreconditionFailed {
			t.Expect(t.Get(alice)).To(BeUnchangedSince(before))
			return
		}
		t.Expect(x).To(HaveStatus(200, 204))
		t.Expect(t.Get(alice)).To(HaveAttribute("name.familyName", "Hargreaves"))
	},
}
