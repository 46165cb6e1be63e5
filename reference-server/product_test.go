// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	refserver "github.com/scimproof/scimproof/reference-server"
	"github.com/scimproof/scimproof/reference-server/store"
)

// roles maps the names of the organisation's roles to their ids.
func (c *client) roles() map[string]string {
	c.t.Helper()
	ids := map[string]string{}
	for _, r := range c.want(c.do("GET", "/api/v2/roles", ""), 200).body["data"].([]any) {
		r := r.(map[string]any)
		ids[r["attributes"].(map[string]any)["name"].(string)] = r["id"].(string)
	}
	return ids
}

// held lists the roles of a user as the product shows them.
func (c *client) held(id string) string {
	c.t.Helper()
	data := c.want(c.do("GET", "/api/v2/users/"+id, ""), 200).body["data"].(map[string]any)
	var names []string
	for _, r := range data["relationships"].(map[string]any)["roles"].(map[string]any)["data"].([]any) {
		for name, id := range c.roles() {
			if id == r.(map[string]any)["id"] {
				names = append(names, name)
			}
		}
	}
	return strings.Join(names, ", ")
}

func TestRequestsThatSpeakOfRoles(t *testing.T) {
	c := open(t)
	const standard, admin = "Datadog Standard Role", "Datadog Admin Role"
	id := c.roles()[admin]
	roles := `,"roles":[{"value":"` + id + `"}]`
	patch := func(op string) func(string) answer {
		return func(at string) answer { return c.do("PATCH", at, patchBody(op)) }
	}
	put := func(more string) func(string) answer {
		return func(at string) answer { return c.do("PUT", at, userBody("alice", more)) }
	}
	for _, tt := range []struct {
		name string
		send func(at string) answer
		want string
	}{
		{"PATCH of another attribute", patch(`{"op":"replace","path":"title","value":"roles"}`), admin},
		{"PATCH without a path, of another attribute", patch(`{"op":"replace","value":{"title":"x","rolesX":[]}}`), admin},
		{"PUT without roles", put(""), admin},
		{"PUT with other roles", put(`,"roles":[{"value":"nothing"}]`), standard},
		{"PUT with no roles", put(`,"roles":[]`), standard},
		{"remove", patch(`{"op":"remove","path":"roles"}`), standard},
		{"remove of the value", patch(`{"op":"remove","path":"Roles[value eq \"` + id + `\"]"}`), standard},
		{"replace under the schema's URN", patch(`{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:roles","value":[]}`), standard},
		{"replace without a path", patch(`{"op":"replace","value":{"roles":[{"value":"nothing"}]}}`), standard},
	} {
		t.Run(tt.name, func(t *testing.T) {
			alice := c.user("alice", roles)
			defer c.do("DELETE", neutral+"/Users/"+alice.id(), "")
			if got := c.held(alice.id()); got != admin {
				t.Fatalf("before: got %s, want %s", got, admin)
			}
			a := c.want(tt.send(neutral+"/Users/"+alice.id()), 200)
			if got := c.held(alice.id()); got != tt.want || !strings.Contains(a.Body.String(), tt.want) {
				t.Errorf("got %s, want %s here and in %s", got, tt.want, a.Body)
			}
		})
	}
}

func TestProductEditsTheSCIMUser(t *testing.T) {
	c := open(t)
	alice := c.user("alice")
	c.want(c.do("DELETE", "/api/v2/users/"+alice.id(), ""), 204)
	a := c.want(c.do("GET", neutral+"/Users/"+alice.id(), ""), 200)
	if a.body["active"] != false || a.version() == alice.version() {
		t.Errorf("user disabled by an administrator: got %s, want active false and a new version", a.Body)
	}
}

func TestRefusalsAreAudited(t *testing.T) {
	c := open(t)
	c.user("alice")
	c.want(c.do("POST", neutral+"/Users", userBody("alice")), 409)
	c.want(c.do("GET", neutral+"/Users/unknown", ""), 404)
	a := c.want(c.do("GET", "/api/v2/audit/events?page[limit]=100", ""), 200)
	if got := strings.Count(a.Body.String(), `"outcome":"failure"`); got != 1 {
		t.Errorf("got %d events of a refused user, want 1\n%s", got, a.Body)
	}
}

func TestMetricsAreSentAfterTheCommit(t *testing.T) {
	agent, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer agent.Close()
	c := open(t, func(o *refserver.Options) { o.StatsD = agent.LocalAddr().String() })
	c.user("alice")
	if err := agent.SetReadDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	datagram := make([]byte, 4096)
	n, err := agent.Read(datagram)
	if got := string(datagram[:n]); err != nil || !strings.Contains(got, "scim.role.assigned:1|c") {
		t.Errorf("got %q, %v; want a counter of the assigned default role", got, err)
	}
}

// TestAuditBounds has the server keep as many audit events as it is told to.
func TestAuditBounds(t *testing.T) {
	kept := store.NewMemory()
	c := open(t, func(o *refserver.Options) { o.Store, o.AuditEvents = kept, 10 })
	for i := range 20 {
		c.user(fmt.Sprintf("user%d@x.example", i))
	}
	if err := kept.View(t.Context(), func(tx store.Tx) error {
		if got := tx.Count("product.audit"); got != 10 {
			t.Errorf("got %d events, want 10", got)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
