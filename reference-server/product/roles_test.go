// SPDX-License-Identifier: Apache-2.0

package product

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/profiles"
	"github.com/scimproof/scimproof/reference-server/engine"
	"github.com/scimproof/scimproof/reference-server/store"
)

const unknownRole = "99999999-9999-4999-8999-999999999999"

// rolesJSON writes a roles attribute; $admin and the like stand for role ids.
func rolesJSON(w *world, values ...string) string {
	items := []string{}
	for _, v := range values {
		if !strings.HasPrefix(v, "{") {
			v = fmt.Sprintf(`{"value":%q}`, v)
		}
		items = append(items, v)
	}
	text := strings.Join(items, ",")
	for short, id := range w.roles {
		text = strings.ReplaceAll(text, "$"+short, id)
		text = strings.ReplaceAll(text, "$UPPER-"+short, strings.ToUpper(id))
	}
	return `"roles":[` + text + `]`
}

func noDefault(p *profiles.Profile) { p.Roles.Default = "" }

func TestRoles(t *testing.T) {
	tests := []struct {
		name    string
		profile func(*profiles.Profile)
		before  []string // roles that the user has; nil: the write is a POST
		op      Op
		roles   []string // of the resource as it would be stored
		given   bool
		want    []string
		counts  []string
	}{
		{name: "post: match", op: Create, given: true, roles: []string{"$admin"}, want: []string{"admin"}, counts: []string{"assigned"}},
		{name: "post: UUIDs in upper case match", op: Create, given: true, roles: []string{"$UPPER-admin"}, want: []string{"admin"}, counts: []string{"assigned"}},
		{name: "post: several", op: Create, given: true, roles: []string{"$admin", "$readonly"}, want: []string{"admin", "readonly"}, counts: []string{"assigned", "assigned"}},
		{name: "post: duplicates collapse", op: Create, given: true, roles: []string{"$admin", "$admin", "$UPPER-admin"}, want: []string{"admin"}, counts: []string{"assigned"}},
		{name: "post: only those that match", op: Create, given: true, roles: []string{"$admin", unknownRole}, want: []string{"admin"}, counts: []string{"assigned", "unmatched"}},
		{name: "post: a name is no match", op: Create, given: true, roles: []string{"Datadog Admin Role"}, want: []string{"standard"}, counts: []string{"assigned", "fallback", "unmatched"}},
		{name: "post: none match", op: Create, given: true, roles: []string{unknownRole, "x", unknownRole}, want: []string{"standard"}, counts: []string{"assigned", "fallback", "unmatched", "unmatched"}},
		{name: "post: without roles", op: Create, want: []string{"standard"}, counts: []string{"assigned", "fallback"}},
		{name: "post: empty roles", op: Create, given: true, want: []string{"standard"}, counts: []string{"assigned", "fallback"}},
		{name: "post: none match, no default", profile: noDefault, op: Create, given: true, roles: []string{unknownRole}, want: []string{}, counts: []string{"unmatched"}},
		{name: "post: JSON in a string", op: Create, given: true, roles: []string{`{"value":"{\"id\":\"1\",\"value\":\"$admin\",\"displayName\":\"Admin\"}"}`}, want: []string{"admin"}, counts: []string{"assigned"}},
		{name: "post: JSON in a string without value", op: Create, given: true, roles: []string{`{"value":"{\"id\":\"$admin\"}"}`}, want: []string{"standard"}, counts: []string{"assigned", "fallback", "unmatched"}},

		{name: "put: without roles keeps", before: []string{"$admin"}, op: Replace, want: []string{"admin"}},
		{name: "put: empty roles give the default", before: []string{"$admin"}, op: Replace, given: true, want: []string{"standard"}, counts: []string{"assigned", "fallback", "removed"}},
		{name: "put: replaces", before: []string{"$admin"}, op: Replace, given: true, roles: []string{"$readonly"}, want: []string{"readonly"}, counts: []string{"assigned", "removed"}},
		{name: "put: none match", before: []string{"$admin"}, op: Replace, given: true, roles: []string{unknownRole}, want: []string{"standard"}, counts: []string{"assigned", "fallback", "removed", "unmatched"}},
		{name: "put: none match, no default", profile: noDefault, before: []string{"$admin"}, op: Replace, given: true, roles: []string{unknownRole}, want: []string{"admin"}, counts: []string{"skipped", "unmatched"}},
		{name: "put: without roles, absent clears", profile: func(p *profiles.Profile) { p.Roles.Absent = "clear" }, before: []string{"$admin"}, op: Replace, want: []string{"standard"}, counts: []string{"assigned", "fallback", "removed"}},

		{name: "patch: other attributes leave roles", before: []string{"$admin"}, op: Patch, roles: []string{"$admin"}, want: []string{"admin"}},
		{name: "patch: add accumulates", before: []string{"$admin"}, op: Patch, given: true, roles: []string{"$admin", "$readonly"}, want: []string{"admin", "readonly"}, counts: []string{"assigned"}},
		{name: "patch: add of none that match keeps", before: []string{"$admin"}, op: Patch, given: true, roles: []string{"$admin", unknownRole}, want: []string{"admin"}, counts: []string{"unmatched"}},
		{name: "patch: replace by none that match", before: []string{"$admin"}, op: Patch, given: true, roles: []string{unknownRole}, want: []string{"standard"}, counts: []string{"assigned", "fallback", "removed", "unmatched"}},
		{name: "patch: remove gives the default", before: []string{"$admin"}, op: Patch, given: true, want: []string{"standard"}, counts: []string{"assigned", "fallback", "removed"}},
		{name: "patch: remove, no default", profile: noDefault, before: []string{"$admin"}, op: Patch, given: true, want: []string{"admin"}, counts: []string{"skipped"}},

		{name: "none: keep", profile: func(p *profiles.Profile) { p.Roles.None = "keep" }, before: []string{"$admin"}, op: Replace, given: true, roles: []string{unknownRole}, want: []string{"admin"}, counts: []string{"skipped", "unmatched"}},
		{name: "none: clear", profile: func(p *profiles.Profile) { p.Roles.None = "clear" }, before: []string{"$admin"}, op: Replace, given: true, roles: []string{unknownRole}, want: []string{}, counts: []string{"removed", "unmatched"}},
		{name: "match: name", profile: func(p *profiles.Profile) { p.Roles.Match = "name" }, op: Create, given: true, roles: []string{"Datadog Admin Role", "$readonly"}, want: []string{"admin"}, counts: []string{"assigned", "unmatched"}},
		{name: "match: any", profile: func(p *profiles.Profile) { p.Roles.Match = "any" }, op: Create, given: true, roles: []string{"Datadog Admin Role", "Janitor"}, want: []string{"Janitor", "admin"}, counts: []string{"assigned", "assigned"}},
		{name: "source: none", profile: func(p *profiles.Profile) { p.Roles.Source = "none" }, op: Create, given: true, roles: []string{"$admin"}, want: []string{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.profile)
			x := write{op: test.op, given: test.given}
			if test.before != nil {
				x.id = w.must(write{op: Create, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, test.before...) + `}`}).id
			}
			x.body = `{"userName":"a@example.test"`
			if test.roles != nil {
				x.body += "," + rolesJSON(w, test.roles...)
			}
			got := w.must(write{op: x.op, id: x.id, given: x.given, body: x.body + "}"})
			slices.Sort(test.want)
			if diff := gocmp.Diff(w.rolesHeld(got.id), test.want); diff != "" {
				t.Errorf("roles held: got -, want +:\n%s", diff)
			}
			if diff := gocmp.Diff(got.counts, test.counts); diff != "" {
				t.Errorf("counters: got -, want +:\n%s", diff)
			}
			if w.profile.Roles.Source == "none" {
				return
			}
			shown := []string{}
			for _, v := range got.shown.Array("roles") {
				shown = append(shown, v.(*engine.Object).Text("display"))
			}
			if len(shown) != len(test.want) {
				t.Errorf("SCIM shows %q, want %d roles", shown, len(test.want))
			}
		})
	}
}

func TestRoleValuesKeepWhatTheClientSent(t *testing.T) {
	w := newWorld(t, nil)
	r := w.must(write{op: Create, given: true, body: `{"userName":"a@example.test",` +
		rolesJSON(w, `{"value":"$UPPER-admin","display":"My own","type":"slot1","primary":true}`) + `}`})
	got := r.shown.Array("roles")[0].(*engine.Object).String()
	want := fmt.Sprintf(`{"value":%q,"display":"Datadog Admin Role","type":"slot1","primary":true}`, w.roles["admin"])
	if got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestRolesReject(t *testing.T) {
	w := newWorld(t, func(p *profiles.Profile) { p.Roles.Unmatched = "reject" })
	_, err := w.write(write{op: Create, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, "$admin", unknownRole) + `}`})
	if !errors.Is(err, engine.ErrInvalidValue) {
		t.Fatalf("got %v, want invalidValue", err)
	}
	w.view(func(tx store.Tx) error {
		if n := tx.Count(kindUser); n != 2 {
			t.Errorf("%d users, want the two accounts of every organisation", n)
		}
		return nil
	})
}

func TestRoleAudit(t *testing.T) {
	w := newWorld(t, nil)
	id := w.must(write{op: Create, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, unknownRole, "x", "x") + `}`}).id
	events := w.events()
	want := []string{"SCIM user created", "SCIM role assigned", "SCIM role fallback", "SCIM role unmatched"}
	if diff := gocmp.Diff(eventNames(events), want); diff != "" {
		t.Fatalf("events: got -, want +:\n%s", diff)
	}
	got := events[3]
	if got.AssetType != "user" || got.AssetID != id || got.ActorEmail != serviceEmail || got.Action != "modified" {
		t.Errorf("unmatched event: %+v", got)
	}
	if diff := gocmp.Diff(got.Meta, map[string]any{
		"op": "create", "user_email": "a@example.test", "fallback_role": w.roles["standard"], "unmatched_roles": []any{unknownRole, "x"},
	}); diff != "" {
		t.Errorf("metadata: got -, want +:\n%s", diff)
	}
	if e := events[1]; e.AssetType != "role" || e.AssetID != w.roles["standard"] || metaOf(e)["user_id"] != id {
		t.Errorf("assigned event: %+v", e)
	}
	w.must(write{op: Replace, id: id, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, "$admin") + `}`})
	want = append(want, "SCIM user modified", "SCIM role removed", "SCIM role assigned")
	if diff := gocmp.Diff(eventNames(w.events()), want); diff != "" {
		t.Errorf("events: got -, want +:\n%s", diff)
	}
}

func TestAuditSwitches(t *testing.T) {
	tests := []struct {
		name   string
		change func(*profiles.Audit)
		want   []string
	}{
		{"off", func(a *profiles.Audit) { a.Enabled = false }, []string{}},
		{"no roles", func(a *profiles.Audit) { a.Roles = false }, []string{"SCIM user created", "SCIM role unmatched"}},
		{"no unmatched", func(a *profiles.Audit) { a.Unmatched = false }, []string{"SCIM user created", "SCIM role assigned", "SCIM role fallback"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, func(p *profiles.Profile) { test.change(&p.Audit) })
			w.must(write{op: Create, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, unknownRole) + `}`})
			if diff := gocmp.Diff(eventNames(w.events()), test.want); diff != "" {
				t.Errorf("got -, want +:\n%s", diff)
			}
		})
	}
}

func TestDeletedRoleDrops(t *testing.T) {
	w := newWorld(t, nil)
	id := w.must(write{op: Create, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, "$admin", "$readonly") + `}`}).id
	w.update(func(tx store.Tx) error {
		r, err := w.role(tx, w.roles["admin"])
		if err != nil {
			return err
		}
		return w.deleteRole(tx, r)
	})
	if got := w.rolesHeld(id); !slices.Equal(got, []string{"readonly"}) {
		t.Errorf("roles held: %v", got)
	}
	w.view(func(tx store.Tx) error {
		r, err := tx.Get(scimKind, id)
		if err == nil && (strings.Contains(string(r.Body), w.roles["admin"]) || !strings.Contains(string(r.Body), w.roles["readonly"])) {
			t.Errorf("SCIM shows %s", r.Body)
		}
		return err
	})
	r := w.must(write{op: Patch, id: id, given: true, body: `{"userName":"a@example.test",` + rolesJSON(w, "$readonly", "$admin") + `}`})
	if !slices.Equal(r.counts, []string{"unmatched"}) {
		t.Errorf("a deleted role counts as %v, want unmatched", r.counts)
	}
}

func TestDeletedDefaultRole(t *testing.T) {
	w := newWorld(t, nil)
	w.update(func(tx store.Tx) error {
		r, err := w.defaultRole(tx)
		if err != nil {
			return err
		}
		return w.deleteRole(tx, r)
	})
	if got := w.rolesHeld(w.alice()); len(got) != 0 {
		t.Errorf("without a default role a new user has %v", got)
	}
}
