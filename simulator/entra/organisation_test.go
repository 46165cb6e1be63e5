// SPDX-License-Identifier: Apache-2.0

package entra_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
	"github.com/scimproof/scimproof/simulator/entra"
)

// someone is a person whose name is hard to carry.
func someone(i int) *directory.Person {
	names := []string{"Zoë", "محمد", "Straße", "İpek", "😀", "O'Brien", `Quo"te`, "A+B", strings.Repeat("x", 256)}
	return &directory.Person{
		ID: fmt.Sprintf("p%d", i), UserName: fmt.Sprintf("p+%d'@contoso.example", i), GivenName: names[i%len(names)], FamilyName: "Example",
		Email: fmt.Sprintf("p%d@contoso.example", i), Title: "Engineer", Department: "R&D", Phone: "+1 555 0100", Locale: "en-GB",
		Attributes: map[string]string{"employeeId": fmt.Sprint(i), "city": "Bern", "country": "CH"},
	}
}

// live leads an organisation of n people through joiners, movers, leavers and
// returners.
func (x *tenant) live(n int) {
	x.Helper()
	var ids []string
	for i := range n {
		x.does(join(someone(i)))
		ids = append(ids, fmt.Sprintf("p%d", i))
	}
	x.does(found("eng", "Engineering", ids[:n/2]...), found("ops", "Operations & Co", append([]string{"eng"}, ids[n/2:]...)...),
		on(directory.Assign, append([]string{"eng", "ops"}, ids...)...), set("p1", "manager", "p0"), set("p2", "manager", "p0"))
	if err := x.app.Start(x.Context()); err != nil {
		x.Fatal(err)
	}
	x.cycle(set("p1", "title", "Staff", "department", "Ops", "userName", "renamed@contoso.example", "mobile", "+2"), set("p2", "manager", "p3"))
	x.cycle(on(directory.Disable, "p2"), directory.Change{Kind: directory.Rename, IDs: []string{"ops"}, Name: "Platform"})
	x.cycle(on(directory.Enable, "p2"), directory.Change{Kind: directory.Remove, IDs: []string{"eng"}, Members: []string{"p1"}})
	x.cycle(directory.Change{Kind: directory.Add, IDs: []string{"ops"}, Members: []string{"p1"}}, on(directory.Delete, "p4"))
	x.cycle(on(directory.Purge, "p4"), set("p2", "manager", ""))
	x.cycle(on(directory.Delete, "eng"))
	if err := x.app.Settle(x.Context()); err != nil {
		x.Fatal(err)
	}
}

func TestConverges(t *testing.T) {
	for _, dialect := range []string{flow.EntraLegacy, flow.EntraFlag} {
		for _, concurrency := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s/%d at a time", dialect, concurrency), func(t *testing.T) {
				x := open(t, provider(t), entra.Options{Dialect: dialect, Concurrency: concurrency})
				x.live(12)
				if tasks := x.app.Tasks(); len(tasks) > 0 {
					t.Errorf("got tasks %v, want none", tasks)
				}
				if d := x.differences(); len(d) > 0 {
					t.Errorf("got differences %v, want none", d)
				}
			})
		}
	}
}

// TestSameSeed holds that two runs send the same.
func TestSameSeed(t *testing.T) {
	var runs [2][]string
	for i := range runs {
		x := open(t, provider(t), entra.Options{Seed: 3})
		x.cycle(join(ada()), on(directory.Assign, "ada"))
		runs[i] = lines(x.sent, nil)
	}
	if d := cmp.Diff(runs[0], runs[1]); d != "" {
		t.Errorf("requests differ (-first +second):\n%s", d)
	}
}

var resourcePath = regexp.MustCompile(`^/(Users|Groups)/[^/?]+`)

// TestTraffic holds what is true of every request of Entra ID, in the life of
// an organisation.
func TestTraffic(t *testing.T) {
	op := regexp.MustCompile(`"op":"([A-Za-z]+)"`)
	read := map[string]bool{} // resources that were read since they were last written by another pass
	assertions := []struct {
		id    string
		holds func(e flow.Exchange, flag bool) bool
	}{
		{"sim-entra-methods", func(e flow.Exchange, _ bool) bool {
			return slices.Contains([]string{http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete}, e.Method)
		}},
		{"sim-entra-no-bulk", func(e flow.Exchange, _ bool) bool { return !strings.Contains(e.Path, "Bulk") }},
		{"sim-entra-query", func(e flow.Exchange, _ bool) bool {
			_, query, asked := strings.Cut(e.Path, "?")
			return !asked || regexp.MustCompile(`^(excludedAttributes=members)?&?(filter=\w+\+eq\+%22.*%22)?$`).MatchString(query)
		}},
		{"sim-entra-members-not-read", func(e flow.Exchange, _ bool) bool {
			return e.Method != http.MethodGet || !strings.HasPrefix(e.Path, "/Groups") || strings.Contains(e.Path, "excludedAttributes=members")
		}},
		{"sim-entra-no-null", func(e flow.Exchange, _ bool) bool { return !strings.Contains(string(e.Request.Body), ":null") }},
		{"sim-entra-headers", func(e flow.Exchange, _ bool) bool {
			got := slices.Sorted(maps.Keys(e.Request.Header))
			want := []string{"Adscimversion", "Authorization"}
			if e.Request.Body != nil {
				want = append(want, "Content-Type")
			}
			got = slices.DeleteFunc(got, func(name string) bool { return e.Request.Header.Get(name) == "" }) // User-Agent: none
			return slices.Equal(got, want)
		}},
		{"sim-entra-content-type", func(e flow.Exchange, _ bool) bool {
			return e.Request.Body == nil || e.Request.Header.Get("Content-Type") == "application/scim+json; charset=utf-8"
		}},
		{"sim-entra-read-before-write", func(e flow.Exchange, _ bool) bool {
			path := resourcePath.FindString(e.Path)
			switch e.Method {
			case http.MethodGet:
				read[path] = true
			case http.MethodPost:
				var created struct{ ID string }
				_ = json.Unmarshal(e.Response.Body, &created)
				read[e.Path+"/"+created.ID] = true
			default:
				return read[path]
			}
			return true
		}},
		{"sim-entra-op-form", func(e flow.Exchange, flag bool) bool {
			for _, m := range op.FindAllStringSubmatch(string(e.Request.Body), -1) {
				if lower := strings.ToLower(m[1]) == m[1]; lower != flag {
					return false
				}
			}
			return true
		}},
		{"sim-entra-path-form", func(e flow.Exchange, flag bool) bool {
			return flag || e.Method != http.MethodPatch || strings.Count(string(e.Request.Body), `"op":`) == strings.Count(string(e.Request.Body), `"path":`)
		}},
		{"sim-entra-active", func(e flow.Exchange, flag bool) bool {
			body := string(e.Request.Body)
			if e.Method == http.MethodPatch && !flag {
				return !strings.Contains(body, `"path":"active","value":t`) && !strings.Contains(body, `"path":"active","value":f`)
			}
			return !strings.Contains(body, `"active":"`) && !strings.Contains(body, `"path":"active","value":"`)
		}},
		{"sim-entra-manager-alone", func(e flow.Exchange, _ bool) bool {
			body := string(e.Request.Body)
			return !strings.Contains(body, ":manager") || strings.Count(body, `"op":`) == 1 && !strings.Contains(body, `"value":{`)
		}},
		{"sim-entra-member-alone", func(e flow.Exchange, _ bool) bool {
			body := string(e.Request.Body)
			return !strings.Contains(body, `"path":"members`) || strings.Count(body, `"op":`) == 1 && strings.Count(body, `"value":"`) <= 1
		}},
		{"sim-entra-create-order", func(e flow.Exchange, _ bool) bool {
			return e.Method != http.MethodPost || regexp.MustCompile(
				`^\{"schemas":\[[^]]*\],"externalId":"[^"]*",("userName":"[^"]*","active":true,|"displayName":"[^"]*","members":\[\],"meta":\{"resourceType":"Group"\}\}$)`,
			).Match(e.Request.Body)
		}},
		{"sim-entra-group-after-users", func(e flow.Exchange, _ bool) bool {
			return e.Method != http.MethodPost || e.Path == "/Users" || len(read) > 12
		}},
	}
	for _, dialect := range []string{flow.EntraLegacy, flow.EntraFlag} {
		clear(read)
		x := open(t, provider(t), entra.Options{Dialect: dialect})
		x.live(12)
		for _, a := range assertions {
			t.Run(dialect+"/"+a.id, func(t *testing.T) {
				for _, e := range x.sent {
					if !a.holds(e, dialect == flow.EntraFlag) {
						t.Fatalf("not so: %s %s %v\n%s", e.Method, e.Path, e.Request.Header, e.Request.Body)
					}
				}
			})
		}
		clear(read)
	}
}

// TestHazards holds that what Entra ID is documented to leave behind is named,
// and named as expected.
func TestHazards(t *testing.T) {
	add := entra.WithMapping(entra.DefaultMappings(), entra.Mapping{Target: "roles", Source: "AppRoleAssignmentsComplex([appRoleAssignments])"})
	assert := entra.WithMapping(entra.DefaultMappings(), entra.Mapping{Target: "roles", Source: "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"})
	several := entra.WithMapping(entra.DefaultMappings(), entra.Mapping{Target: "entitlements", Source: `Split([rights], ",")`})
	tests := []struct {
		name   string
		o      entra.Options
		cycles [][]directory.Change
		where  string // of the one difference; "": there is none
		why    string
	}{
		{"roles stay with the add-only function", entra.Options{Mappings: add}, [][]directory.Change{{roles(reader, admin)}, {roles(reader)}}, "roles", "only adds"},
		{"the last role stays too", entra.Options{Mappings: add}, [][]directory.Change{{roles(reader)}, {roles()}}, "roles", "only adds"},
		{"roles go with the assertive function", entra.Options{Mappings: assert}, [][]directory.Change{{roles(reader, admin)}, {roles(reader)}, {roles()}}, "", ""},
		{"a value is never cleared", entra.Options{}, [][]directory.Change{{set("ada", "title", "Engineer")}, {set("ada", "title", "")}}, "title", "never clears"},
		{"several values are only added", entra.Options{Mappings: several}, [][]directory.Change{{set("ada", "rights", "a,b")}, {set("ada", "rights", "b,c")}}, "entitlements", "only added"},
		{"out of scope is skipped", entra.Options{Knobs: entra.Knobs{SkipOutOfScope: true}}, [][]directory.Change{{on(directory.Unassign, "ada")}}, "active", "SkipOutOfScopeDeletions"},
		{"who is unassigned is disabled", entra.Options{}, [][]directory.Change{{on(directory.Unassign, "ada")}}, "", ""},
		{"who returns is enabled", entra.Options{}, [][]directory.Change{{on(directory.Unassign, "ada")}, {on(directory.Assign, "ada")}}, "", ""},
		{"a restored member", entra.Options{},
			[][]directory.Change{{found("g", "G", "ada"), on(directory.Assign, "g")}, {on(directory.Delete, "ada")}, {on(directory.Restore, "ada")}}, "members", "not restored"},
		{"a manager who comes later", entra.Options{},
			[][]directory.Change{{join(boss()), set("ada", "manager", "max")}, {on(directory.Assign, "max")}},
			"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "until a restart"},
	}
	for _, tt := range tests {
		for _, dialect := range []string{flow.EntraLegacy, flow.EntraFlag} {
			t.Run(tt.name+"/"+dialect, func(t *testing.T) {
				tt.o.Dialect = dialect
				x := open(t, provider(t), tt.o)
				x.cycle(join(ada()), on(directory.Assign, "ada"))
				for _, changes := range tt.cycles {
					x.cycle(changes...)
				}
				got := x.differences()
				if !cycle.Converged(got) || len(x.app.Tasks()) > 0 {
					t.Fatalf("got %v and tasks %v, want nothing unexpected", got, x.app.Tasks())
				}
				switch {
				case tt.where == "" && len(got) > 0:
					t.Errorf("got %v, want no difference", got)
				case tt.where != "" && (len(got) != 1 || got[0].Where != tt.where || !strings.Contains(got[0].Expected, tt.why)):
					t.Errorf("got %v, want one of %s, expected because of %q", got, tt.where, tt.why)
				}
			})
		}
	}
}

// TestRestart holds that a restart writes a manager who came later.
func TestRestart(t *testing.T) {
	x := open(t, provider(t), entra.Options{})
	x.cycle(join(ada()), on(directory.Assign, "ada"), join(boss()), set("ada", "manager", "max"))
	x.cycle(on(directory.Assign, "max"))
	x.does(directory.Change{Kind: directory.Initial})
	if d := x.differences(); len(d) != 0 {
		t.Errorf("got differences %v, want none", d)
	}
}

// TestHardDelete holds that thirty days after a soft deletion a user is
// deleted, but not one who was unassigned before.
func TestHardDelete(t *testing.T) {
	x := open(t, provider(t), entra.Options{})
	x.cycle(join(ada()), join(boss()), on(directory.Assign, "ada", "max"))
	x.cycle(on(directory.Unassign, "max"), on(directory.Delete, "ada"))
	x.cycle(on(directory.Delete, "max"))
	_ = x.clock.Sleep(t.Context(), 30*24*time.Hour)
	var deleted []string
	for _, e := range x.cycle() {
		if e.Method == http.MethodDelete {
			deleted = append(deleted, e.Path)
		}
	}
	if len(deleted) != 1 {
		t.Errorf("deleted %v, want ada only", deleted)
	}
	x.cycle(on(directory.Purge, "max"))
	for _, e := range x.sent {
		if e.Method == http.MethodDelete && e.Path != deleted[0] {
			t.Errorf("deleted %s, want ada only", e.Path)
		}
	}
}

// TestCostOfACycle holds that a cycle sends what changed and no more.
func TestCostOfACycle(t *testing.T) {
	x := open(t, provider(t), entra.Options{})
	for i := range 50 {
		x.does(join(someone(i)), on(directory.Assign, fmt.Sprintf("p%d", i)))
	}
	x.cycle()
	if got := x.cycle(); len(got) != 0 {
		t.Errorf("an idle cycle sent %v, want only the probe", lines(got, nil))
	}
	if got := x.cycle(set("p7", "title", "Staff")); len(got) != 2 {
		t.Errorf("one change sent %v, want a GET and a PATCH", lines(got, nil))
	}
	sent := len(x.sent)
	x.does(set("p7", "title", "Head"))
	if len(x.sent) != sent {
		t.Errorf("sent %d requests before the cycle was due, want none", len(x.sent)-sent)
	}
	_ = x.clock.Sleep(t.Context(), 40*time.Minute)
	x.does(directory.Change{Kind: directory.Wait, Wait: "0s"})
	if got := withoutProbes(x.sent[sent:]); len(got) != 2 {
		t.Errorf("the cycle that was due sent %v, want a GET and a PATCH", lines(got, nil))
	}
}

// TestOnDemand holds that on demand the bodies are legacy, a group has at most
// five members, roles are left out and nobody is disabled.
func TestOnDemand(t *testing.T) {
	for _, dialect := range []string{entra.Pod, flow.EntraFlag} {
		t.Run(dialect, func(t *testing.T) {
			x := open(t, provider(t), entra.Options{Dialect: dialect})
			var ids []string
			for i := range 7 {
				x.does(join(someone(i)))
				ids = append(ids, fmt.Sprintf("p%d", i))
			}
			x.does(found("g", "G", ids...), on(directory.Assign, append(ids, "g")...), on(directory.OnDemand, "g"))
			members := 0
			for _, e := range x.sent {
				if e.Method == http.MethodPatch {
					members++
					if !strings.Contains(string(e.Request.Body), `"op":"Add"`) {
						t.Errorf("got %s, want the legacy form", e.Request.Body)
					}
				}
			}
			if members != 5 {
				t.Errorf("got %d members, want 5", members)
			}
		})
	}
	t.Run("does not disable", func(t *testing.T) {
		x := open(t, provider(t), entra.Options{Dialect: entra.Pod})
		x.does(join(ada()), on(directory.Assign, "ada"), on(directory.OnDemand, "ada"), on(directory.Delete, "ada"), on(directory.OnDemand, "ada"))
		d := x.differences()
		if len(d) != 1 || d[0].Expected == "" {
			t.Errorf("got differences %v, want one that is expected", d)
		}
	})
}

// TestDatadog holds the mappings that Datadog documents.
func TestDatadog(t *testing.T) {
	x := open(t, provider(t), entra.Options{Dialect: flow.EntraFlag, Mappings: entra.DatadogMappings(), Knobs: entra.Knobs{NoGroups: true}})
	x.does(join(ada()), roles(reader), set("ada", "title", "Engineer"))
	sent := x.cycle(on(directory.Assign, "ada"))
	want := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
		`"userName":"ada@contoso.example","active":true,"emails":[{"primary":true,"type":"work","value":"ada@contoso.example"}],` +
		`"meta":{"resourceType":"User"},"name":{"formatted":"Ada Example"},` +
		`"roles":[{"primary":false,"type":"WindowsAzureActiveDirectoryRole","displayName":"Read Only","value":"11111111-1111-4111-8111-111111111111"}],"title":"Engineer"}`
	if d := cmp.Diff(want, string(sent[1].Request.Body)); d != "" {
		t.Errorf("body (-want +got):\n%s", d)
	}
	if len(x.sent) != 4 {
		t.Errorf("sent %d requests, want two probes, a match and a POST", len(x.sent))
	}
}

// TestTooManyRoles holds that SingleAppRoleAssignment refuses two roles.
func TestTooManyRoles(t *testing.T) {
	single, err := entra.RoleMapping("SingleAppRoleAssignment")
	if err != nil {
		t.Fatal(err)
	}
	mappings := entra.WithMapping(entra.DefaultMappings(), single)
	x := open(t, provider(t), entra.Options{Mappings: mappings})
	x.cycle(join(ada()), roles(reader, admin), on(directory.Assign, "ada"))
	if tasks := x.app.Tasks(); len(tasks) != 1 || !strings.Contains(tasks[0].Message, "more than one app role") {
		t.Errorf("got tasks %v, want one for the roles", tasks)
	}
}

// TestKnobsOfReports holds the switches of what single reports tell.
func TestKnobsOfReports(t *testing.T) {
	manager := entra.Mapping{Target: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", Source: "manager"}
	begin := append(joined("max"), set("ada", "manager", "max"), found(salesID, "Sales", "ada", "max"), on(directory.Assign, salesID))
	tests := []struct {
		name   string
		o      entra.Options
		then   []directory.Change
		holds  string // is among the requests with the knob, and not without
		misses string // the other way round
	}{
		{"Q21 primary as a text", entra.Options{Knobs: entra.Knobs{PrimaryText: "True"}}, nil, `"emails":[{"primary":"True",`, `"emails":[{"primary":true,`},
		{"Q21 in lower case", entra.Options{Knobs: entra.Knobs{PrimaryText: "true"}}, nil, `"emails":[{"primary":"true",`, `"emails":[{"primary":true,`},
		{"Q41 redundant adds", entra.Options{Knobs: entra.Knobs{RedundantMembers: true}}, []directory.Change{members(directory.Remove, "ada")},
			`{"op":"Remove","path":"members","value":[{"value":"{{adaId}}"}]}]}|PATCH /Groups/{{salesId}} {"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"members","value":[{"value":"{{maxId}}"}`, ""},
		{"Q53 nobody is told of a deletion", entra.Options{Knobs: entra.Knobs{NoDisable: true}}, []directory.Change{on(directory.Delete, "ada")}, "", `"path":"active"`},
		{"Q57 manager as an object", entra.Options{Knobs: entra.Knobs{ManagerObject: true}}, nil, `User:manager","value":{"value":"{{maxId}}"}}`, `User:manager","value":"{{maxId}}"}`},
		{"manager object, emptied", entra.Options{Dialect: flow.EntraFlag, Knobs: entra.Knobs{ManagerObject: true, ManagerEmptied: true}}, []directory.Change{set("ada", "manager", "")},
			`{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":{"value":""}}`, `"op":"remove"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			traffic := func(o entra.Options) string {
				o.Mappings = published(manager)
				x := open(t, provider(t), o)
				x.cycle(begin...)
				x.cycle(tt.then...)
				all, _ := x.wire()
				if len(x.app.Tasks()) > 0 {
					t.Errorf("tasks %v", x.app.Tasks())
				}
				for _, d := range x.differences() {
					if d.Expected == "" {
						t.Errorf("difference %v", d)
					}
				}
				return strings.Join(all, "|")
			}
			with, without := traffic(tt.o), traffic(entra.Options{Dialect: tt.o.Dialect})
			for text, in := range map[string][2]string{tt.holds: {with, without}, tt.misses: {without, with}} {
				if text != "" && (!strings.Contains(in[0], text) || strings.Contains(in[1], text)) {
					t.Errorf("%s is not where it should be\nwith %s\nwithout %s", text, with, without)
				}
			}
		})
	}
}

// TestKnobs holds what the switches put on the wire.
func TestKnobs(t *testing.T) {
	tests := []struct {
		name  string
		knobs entra.Knobs
		holds func(all []flow.Exchange) bool
	}{
		{"version and accept", entra.Knobs{Version: "7", Accept: "application/scim+json"}, func(all []flow.Exchange) bool {
			return all[0].Request.Header.Get("ADSCIMVersion") == "7" && all[0].Request.Header.Get("Accept") == "application/scim+json"
		}},
		{"flag in the URL", entra.Knobs{FlagInURL: true}, func(all []flow.Exchange) bool {
			return strings.HasSuffix(all[0].Path, "&aadOptscim062020") && strings.HasSuffix(all[len(all)-1].Path, "?aadOptscim062020")
		}},
		{"lower hex", entra.Knobs{LowerHex: true}, func(all []flow.Exchange) bool {
			return slices.ContainsFunc(all, func(e flow.Exchange) bool { return strings.Contains(e.Path, "p%2b0%27%40") })
		}},
		{"reference check", entra.Knobs{References: true}, func(all []flow.Exchange) bool {
			return slices.ContainsFunc(all, func(e flow.Exchange) bool {
				return regexp.MustCompile(`^/Users\?attributes=id&filter=id\+eq\+%22[^+]+%22\+and\+manager\+eq\+%22[^+]+%22$`).MatchString(e.Path)
			})
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			x := open(t, provider(t), entra.Options{Knobs: tt.knobs})
			x.cycle(join(someone(0)), join(someone(1)), set("p1", "manager", "p0"), on(directory.Assign, "p0", "p1"))
			if !tt.holds(x.sent) {
				t.Errorf("not so in\n%s", strings.Join(lines(x.sent, nil), "\n"))
			}
		})
	}
}

func TestRoleMapping(t *testing.T) {
	if _, err := entra.RoleMapping("AppRoleAssignments"); err == nil || !strings.Contains(err.Error(), "it must be") {
		t.Errorf("got %v, want an error with what is allowed", err)
	}
}

func TestNewRefuses(t *testing.T) {
	tests := []struct {
		name string
		o    entra.Options
		want string
	}{
		{"dialect", entra.Options{Dialect: "okta"}, `dialect is "okta", it must be one of`},
		{"target", entra.Options{Dialect: entra.Pod, Mappings: []entra.Mapping{{Target: "emails[x]", Source: "mail"}}}, "read target"},
		{"source", entra.Options{Dialect: entra.Pod, Mappings: []entra.Mapping{{Target: "title", Source: "Lower([a])"}}}, "mapping of title: parse expression Lower([a])"},
		{"no matching", entra.Options{Dialect: entra.Pod, Mappings: []entra.Mapping{{Target: "title", Source: "jobTitle"}}}, "used for matching"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := entra.New(directory.New(directory.Options{}), nil, nil, tt.o); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}
