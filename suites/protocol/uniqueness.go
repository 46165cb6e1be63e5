// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// uniqueness checks which values two users may share, RFC 7643 §2.2, §3.1 and §7.
func uniqueness() []check.Check {
	return []check.Check{
		shared("create.user.shared-display-name", "two users may have one displayName", "displayName", "2.2",
			"rfc7643-2.2-default-uniqueness",
			"Of two people with the same name one cannot be provisioned.",
			"Ask for unique userNames alone; names of people repeat."),
		shared("create.user.shared-external-id", "two users may have one externalId", "externalId", "3.1",
			"rfc7643-3.1-externalid-no-uniqueness",
			"A person who was made anew at the IdP, or comes by two ways, is refused until somebody clears the old account.",
			"Leave it to the client that its externalIds differ, RFC 7643 §3.1."),
		uniquePublished, externalIDScope,
	}
}

// shared makes the check that a second user with the same value is created.
func shared(id, title, attribute, section, covers, breaks, fix string) check.Check {
	return check.Check{
		ID: id, Title: title, Level: check.Should, Source: check.RFC7643(section), Covers: []string{covers},
		Profiles: check.Profiles("rfc"), Breaks: breaks, Fix: fix,
		Run: func(t *check.T) {
			same := quote(attribute) + ":" + quote(t.Name("same"))
			create(t, "alice", same)
			x := post(t, same)
			t.Expect(x).To(HaveStatus(201))
			t.Expect(x).To(HaveAttribute("userName", Text(x.Request.Body, "userName")))
		},
	}
}

var uniquePublished = check.Check{
	ID:       "create.user.published-unique",
	Title:    "what the User schema calls unique is unique",
	Level:    check.Should,
	Source:   check.RFC7643("7"),
	Covers:   []string{"rfc7643-7-uniqueness-global", "rfc7643-7-uniqueness-server", "rfc7643-7-uniqueness-server-no-two"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An IdP that matches people by an attribute which is called unique changes the wrong one of two.",
	Fix:      "Refuse a second user with the value with 409 uniqueness, or publish uniqueness none.",
	Run: func(t *check.T) {
		_, all := definitions(t)
		for _, p := range all {
			plain := !p.sub && p.schema == scim.UserURN && p.text("type") == "string" && p.text("mutability") == "readWrite" && p.member("multiValued") != true
			if unique := p.text("uniqueness"); !plain || unique != "server" && unique != "global" {
				continue
			}
			name := p.text("name")
			if strings.EqualFold(name, "userName") {
				alice := create(t, "alice")
				t.Expect(t.Post(scim.UsersEndpoint, string(alice.Sent))).To(HaveStatus(400, 409))
				continue
			}
			same := quote(name) + ":" + quote(t.Name("same")+"@mail.example")
			create(t, "alice", same)
			t.Expect(post(t, same)).To(HaveStatus(400, 409))
		}
		t.Expect(all).NotTo(gomega.BeEmpty())
	},
}

var externalIDScope = check.Check{
	ID:       "filter.external-id.scope",
	Title:    "an externalId finds nobody of another tenant",
	Level:    check.Must,
	Source:   check.RFC7643("3.1"),
	Covers:   []string{"rfc7643-3.1-externalid-scope", "rfc7643-9.3-externalid-access"},
	Needs:    check.Needs(check.CapFilter, check.CapTenant),
	Profiles: check.Profiles("rfc"),
	Breaks:   "An IdP that looks people up by externalId finds those of another customer, and changes them.",
	Fix:      "Look externalId up within the tenant of the token.",
	Run: func(t *check.T) {
		id := t.Name("external")
		alice := create(t, "alice", `"externalId":`+quote(id))
		path := scim.UsersEndpoint + check.Query("filter", "externalId eq "+quote(id))
		t.Precondition(t.Send(flow.Request{Method: http.MethodGet, Path: path})).To(HaveOnlyResources(alice.ID))
		x := t.Using(check.CapTenant, flow.Request{Method: http.MethodGet, Path: path})
		t.Require(x).To(HaveStatus(200, 401, 403, 404))
		if x.Status == http.StatusOK {
			t.Require(x).To(BeListResponse())
			t.Expect(x).To(NotContainResource(alice.ID))
		}
	},
}
