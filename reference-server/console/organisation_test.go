// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestOrganisation(t *testing.T) {
	b := open(t)
	b.login()
	if a := b.submit("/console/seed", url.Values{"text": {"roles: [Auditor]\npeople:\n- {id: ann, userName: ann@x.example, givenName: Ann, familyName: Lee, roles: [Auditor]}\ngroups:\n- {displayName: Crew, members: [ann]}\nteams:\n- {name: Night Watch, members: [ann]}\n"}}); a.StatusCode != 303 {
		t.Fatalf("seed: got %d %s", a.StatusCode, a.text)
	}
	users := b.page("/console/users")
	for _, want := range []string{"Made 1 user, 1 group, 1 role, 1 team.", "Ann Lee", "ann@x.example", "Auditor"} {
		if !strings.Contains(users, want) {
			t.Errorf("users: no %q", want)
		}
	}
	link := regexp.MustCompile(`href="(/console/users/[^"]+)">Ann Lee`).FindStringSubmatch(users)
	if link == nil {
		t.Fatal("users: no link to Ann")
	}
	one := b.page(link[1])
	for _, want := range []string{"What SCIM holds", "&#34;familyName&#34;: &#34;Lee&#34;", "What the product makes of it", "Auditor", "Night Watch", "Crew"} {
		if !strings.Contains(one, want) {
			t.Errorf("Ann: no %q", want)
		}
	}
	for path, want := range map[string]string{
		"/groups": "Crew", "/teams": "Night Watch", "/roles": "Auditor", "/audit": "created", "/users?q=nobody": "No user mentions “nobody”", "/keys": "Application keys", "/users?q=ann": "Ann Lee",
		"/audit?q=%40asset.type%3Auser": "user", "/t/acme/groups": "There is no group yet",
	} {
		if text := b.page("/console" + path); !strings.Contains(text, want) {
			t.Errorf("%s: no %q", path, want)
		}
	}
	if a := b.submit("/console/seed", url.Values{"text": {"population: 120\ngroups: 60\nseed: 7"}}); a.StatusCode != 303 {
		t.Fatalf("seed: got %d %s", a.StatusCode, a.text)
	}
	cell := regexp.MustCompile(`(?s)<tbody>(.*)</tbody>`)
	// The organisation has two users of its own, who are in no directory.
	for list, n := range map[string]int{"users": 123, "groups": 61, "teams": 62} {
		seen, rows := map[string]bool{}, 0
		for page := 1; page <= (n+49)/50; page++ {
			text := b.page("/console/" + list + "?page=" + strconv.Itoa(page))
			for _, row := range strings.Split(cell.FindStringSubmatch(text)[1], "<tr>")[1:] {
				seen[row], rows = true, rows+1
			}
		}
		if rows != n || len(seen) != n {
			t.Errorf("%s: got %d rows, %d different, want %d", list, rows, len(seen), n)
		}
	}
	if a := b.submit("/console/reset", url.Values{}); a.StatusCode != 400 || !strings.Contains(a.text, "Nothing was removed") {
		t.Errorf("reset without a second word: got %d %s", a.StatusCode, a.text)
	}
	if a := b.submit("/console/reset", url.Values{"sure": {"1"}}); a.StatusCode != 303 {
		t.Errorf("reset: got %d", a.StatusCode)
	}
	if text := b.page("/console/groups"); !strings.Contains(text, "There is no group yet") {
		t.Error("reset: there are groups still")
	}
}
