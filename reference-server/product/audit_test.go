// SPDX-License-Identifier: Apache-2.0

package product

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAuditAPI(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	alice := w.must(write{op: Create, given: true, body: `{"userName":"alice",` + rolesJSON(w, `not "a" role`) + `}`}).id
	w.must(write{op: Create, body: `{"userName":"bob"}`})
	w.mustGroup(&GroupChange{Op: Create, ID: "g", Name: "Eng", Added: []string{alice}})
	names := func(v any) []string {
		list := []string{}
		all, _ := dig(v, "data").([]any)
		for _, e := range all {
			name, _ := dig(e, "attributes", "attributes", "metadata", "event_name").(string)
			list = append(list, name)
		}
		return list
	}
	unmatched := []string{"SCIM role unmatched"}
	tests := []struct {
		query string
		want  []string
	}{
		{`@metadata.event_name:"SCIM role unmatched"`, unmatched},
		{`unmatched`, unmatched},
		{`"not \"a\" role"`, unmatched},
		{`@metadata.unmatched_roles:"not \"a\" role"`, unmatched},
		{`@evt.name:"Access Management" @asset.type:team`, []string{"SCIM team created"}},
		{`@asset.type:(team OR role) -@metadata.user_id:*`, []string{"SCIM team created"}},
		{`@asset.type:user AND ` + alice, []string{"SCIM user created", "SCIM role fallback", "SCIM role unmatched"}},
		{`@asset.type:user AND NOT @action:modified`, []string{"SCIM user created", "SCIM user created"}},
		{`(@metadata.user_email:al* @asset.type:user @action:created) OR @asset.type:team`, []string{"SCIM user created", "SCIM team created"}},
		{`@usr.email:` + serviceEmail + ` unmatched`, unmatched},
		{`nothing-of-the-kind`, []string{}},
	}
	for _, test := range tests {
		v := c.want(200, "GET", "/api/v2/audit/events?page[limit]=100&filter[query]="+url.QueryEscape(test.query), "")
		if got := names(v); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.query, got, test.want)
		}
	}
	all := names(c.want(200, "POST", "/api/v2/audit/events/search", ""))
	if len(all) != 8 {
		t.Errorf("all events: %q", all)
	}
	e := dig(c.want(200, "POST", "/api/v2/audit/events/search", `{"filter":{"query":"*"}}`), "data", 0)
	for path, want := range map[string]any{
		"action": "created", "evt.name": "Access Management", "evt.actor.type": "USER", "evt.outcome": "success",
		"asset.type": "user", "asset.id": alice, "usr.email": serviceEmail,
	} {
		steps := []any{"attributes", "attributes"}
		for step := range strings.SplitSeq(path, ".") {
			steps = append(steps, step)
		}
		if got := dig(e, steps...); got != want {
			t.Errorf("%s: got %v, want %v", path, got, want)
		}
	}
	for _, query := range []string{"(", "a)", "OR", "@a:", strings.Repeat("(", 100)} {
		c.want(400, "GET", "/api/v2/audit/events?filter[query]="+url.QueryEscape(query), "")
	}
	c.want(400, "GET", "/api/v2/audit/events?filter[from]=yesterday", "")
	c.want(400, "GET", "/api/v2/audit/events?page[cursor]=!", "")
	c.want(400, "POST", "/api/v2/audit/events/search", `{"sort":"name"}`)
}

func TestAuditWindow(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	w.alice()
	before := w.clock
	w.clock = w.clock.Add(20 * time.Minute)
	w.must(write{op: Create, body: `{"userName":"bob"}`})
	tests := []struct {
		name, from, to string
		want           int
	}{
		{"the last quarter of an hour", "", "", 3},
		{"more", "now-1h", "now", 6},
		{"days", "now-2d", "", 6},
		{"a date", before.Add(time.Second).Format(time.RFC3339), "", 3},
		{"milliseconds", fmt.Sprint(before.Add(-time.Minute).UnixMilli()), fmt.Sprint(before.UnixMilli() + 1), 3},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			q := url.Values{"filter[from]": {test.from}, "filter[to]": {test.to}, "page[limit]": {"100"}}
			if got := len(ids(c.want(200, "GET", "/api/v2/audit/events?"+q.Encode(), ""))); got != test.want {
				t.Errorf("got %d events, want %d", got, test.want)
			}
		})
	}
}

func TestAuditCursor(t *testing.T) {
	w := newWorld(t, nil)
	c := w.client()
	w.alice()
	w.must(write{op: Create, body: `{"userName":"bob"}`})
	want := ids(c.want(200, "POST", "/api/v2/audit/events/search", `{"page":{"limit":100}}`))
	if len(want) != 6 {
		t.Fatalf("%d events, want 6", len(want))
	}
	for _, sort := range []string{"timestamp", "-timestamp"} {
		got, after := []string{}, ""
		for range 3 {
			v := c.want(200, "POST", "/api/v2/audit/events/search", fmt.Sprintf(`{"page":{"limit":2,"cursor":%q},"sort":%q}`, after, sort))
			got = append(got, ids(v)...)
			after, _ = dig(v, "meta", "page", "after").(string)
		}
		if after != "" {
			t.Errorf("%s: the last page has an after", sort)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", sort, got, want)
		}
		slices.Reverse(want)
	}
}
