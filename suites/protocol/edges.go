// SPDX-License-Identifier: Apache-2.0

package protocol

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/suites/check"
	. "github.com/scimproof/scimproof/suites/match"
)

// edges checks what a reply may not show and what no request may bring about,
// whatever it asks for.
func edges() []check.Check {
	return []check.Check{
		readBase, readSingular, readHead, acceptOther, headerInjection, errorStatus, versionSegment,
		typesEndpoints, typesPlural, configBasic, configWorks,
	}
}

var readBase = check.Check{
	ID:       "read.location.base",
	Title:    "meta.location keeps the path under which the provider was reached",
	Level:    check.Must,
	Source:   check.RFC7644("1.3"),
	Covers:   []string{"rfc7644-1.3-base-any-prefix", "rfc7644-1.3-base-no-query"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Behind a gateway that adds a prefix every address leads nowhere.",
	Fix:      "Build addresses from the base URL that clients use, prefix and version included, without a query.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice"))
		t.Require(x).To(HaveAttribute("meta.location"))
		asked, _ := url.Parse(x.URL)
		told, err := url.Parse(Text(x, "meta.location"))
		t.Require(err).NotTo(gomega.HaveOccurred())
		t.Expect(told.Path).To(gomega.Equal(asked.Path))
		t.Expect(told.RawQuery + told.Fragment).To(gomega.BeEmpty())
	},
}

var readSingular = check.Check{
	ID:       "read.user.singular",
	Title:    "an attribute with one value is no array",
	Level:    check.Must,
	Source:   check.RFC7644("3.8"),
	Covers:   []string{"rfc7644-3.8-singular-encoding"},
	Profiles: check.Profiles("rfc", "okta", "entra"),
	Breaks:   "A client that reads a title reads a list, and stores nothing or \"[Engineer]\".",
	Fix:      "Write singular attributes as name and value.",
	Run: func(t *check.T) {
		x := t.Get(create(t, "alice", `"title":"Engineer"`, `"nickName":"Al"`))
		text := gomega.BeAssignableToTypeOf("")
		for _, path := range []string{"id", "userName", "title", "nickName", "name.familyName", "meta.resourceType"} {
			t.Expect(x).To(HaveAttribute(path, text))
		}
		t.Expect(x).To(HaveAttribute("active", gomega.BeAssignableToTypeOf(true)))
	},
}

var readHead = check.Check{
	ID:       "read.user.head",
	Title:    "HEAD of a user answers as GET does, or is not supported",
	Level:    check.Should,
	Source:   check.Source{Name: "RFC 9110", Section: "9.3.2", Evidence: check.Standard},
	Covers:   []string{"rfc9110-9.3.2-head"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A probe that asks by HEAD whether a person is there is told the wrong thing.",
	Fix:      "Answer HEAD with the status and headers of GET, or with 405.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		for r, status := range map[*check.Resource]int{alice: 200, nowhere(t, scim.UsersEndpoint): 404} {
			t.Expect(t.Send(flow.Request{Method: http.MethodHead, Path: r.Path()})).To(HaveStatus(status, 405, 501))
		}
	},
}

var acceptOther = check.Check{
	ID:       "media.accept.other",
	Title:    "a client that accepts something else alone is answered 406, or in SCIM JSON",
	Level:    check.Should,
	Source:   check.Source{Name: "RFC 9110", Section: "12.5.1", Evidence: check.Standard},
	Covers:   []string{"rfc9110-12.5.1-406"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A browser is shown a page of the framework, and a client a server error.",
	Fix:      "Ignore an Accept that you cannot satisfy, or answer 406.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		x := t.Send(flow.Request{Method: http.MethodGet, Path: alice.Path(), Header: http.Header{"Accept": {"text/xml"}}})
		t.Require(x).To(HaveStatus(200, 406))
		if x.Status == http.StatusOK {
			t.Expect(x).To(HaveMediaType(scim.MediaType, scim.MediaTypeJSON))
			t.Expect(x).To(HaveAttribute("id", alice.ID))
		}
	},
}

var headerInjection = check.Check{
	ID:       "create.user.header-injection",
	Title:    "a line break in a userName makes no header of the reply",
	Level:    check.Must,
	Source:   check.Source{Name: "RFC 9110", Section: "5.5", Evidence: check.Standard},
	Covers:   []string{"rfc9110-5.5-header-injection"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "Whoever chooses a name sets cookies for whoever looks at it.",
	Fix:      "Refuse control characters in names, or encode what goes into a header.",
	Run: func(t *check.T) {
		name := t.Name("alice") + "\r\nX-Injected: by a name\r\n"
		x := t.Post(scim.UsersEndpoint, user(t, "alice", `"userName":`+quote(name)))
		t.Require(x).To(HaveStatus(201, 400))
		t.Expect(x.Response.Header).NotTo(gomega.HaveKey("X-Injected"))
		if x.Status == http.StatusCreated {
			read := exists(t, t.Resource(x))
			t.Expect(read.Response.Header).NotTo(gomega.HaveKey("X-Injected"))
		}
	},
}

// statuses are those of RFC 7644 table 8 and of RFC 9110 and 6585 that go with it.
var statuses = []int{307, 308, 400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428, 429, 500, 501, 503}

var errorStatus = check.Check{
	ID:       "error.status.known",
	Title:    "errors have a status that a SCIM client knows",
	Level:    check.Should,
	Source:   check.RFC7644("3.12"),
	Covers:   []string{"rfc7644-3.12-codes"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client cannot tell whether to try again, to correct its request or to give up.",
	Fix:      "Use the statuses of RFC 7644 table 8.",
	Run: func(t *check.T) {
		alice := create(t, "alice")
		t.Expect(t.Get(nowhere(t, scim.UsersEndpoint))).To(HaveStatus(statuses...))
		t.Expect(t.Post(scim.UsersEndpoint, string(alice.Sent))).To(HaveStatus(statuses...))
		t.Expect(t.Post(scim.UsersEndpoint, `{`)).To(HaveStatus(statuses...))
		t.Expect(t.Put(nowhere(t, scim.UsersEndpoint), string(alice.Sent))).To(HaveStatus(statuses...))
		t.Expect(as(t)).To(HaveStatus(statuses...))
	},
}

var versionSegment = check.Check{
	ID:       "version.path.unknown",
	Title:    "a version of SCIM that is not served is refused",
	Level:    check.Must,
	Source:   check.RFC7644("3.13"),
	Covers:   []string{"rfc7644-3.13-version-honoured", "rfc7644-3.12-scimtype-invalidvers"},
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that speaks another version takes the reply for one of its own.",
	Fix:      "Answer 400 invalidVers, or 404, to a version in the path that you do not serve.",
	Run: func(t *check.T) {
		x := t.List("/v9" + scim.UsersEndpoint)
		t.Require(x).To(HaveStatus(400, 404, 501))
		if x.Status == http.StatusBadRequest {
			t.Expect(x).To(BeSCIMError(400, scim.InvalidVers))
		}
	},
}

var typesEndpoints = check.Check{
	ID:       "discovery.types.endpoints",
	Title:    "each resource type has one endpoint, and no two share one",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-one-endpoint"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that reads one type by discovery is sent two.",
	Fix:      "Give each resource type an endpoint of its own, as one string.",
	Run: func(t *check.T) {
		x := t.List(scim.ResourceTypesEndpoint)
		t.Require(x).To(HaveAttribute("Resources.endpoint"))
		endpoints := Texts(x, "Resources.endpoint")
		t.Expect(len(endpoints)).To(gomega.Equal(len(Texts(x, "Resources.name"))))
		seen := map[string]bool{}
		for _, e := range endpoints {
			t.Expect(seen).NotTo(gomega.HaveKey(e))
			seen[e] = true
		}
	},
}

var typesPlural = check.Check{
	ID:       "discovery.types.plural",
	Title:    "the endpoint of a resource type is its name with an s",
	Level:    check.Should,
	Source:   check.RFC7644("3.2"),
	Covers:   []string{"rfc7644-3.2-endpoint-plural"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that knows the type by name alone does not find it.",
	Fix:      "Serve the type Device at /Devices.",
	Run: func(t *check.T) {
		x := t.List(scim.ResourceTypesEndpoint)
		t.Require(x).To(HaveAttribute("Resources.name"))
		for _, name := range Texts(x, "Resources.name") {
			got := Text(x, `Resources[name eq `+quote(name)+`].endpoint`)
			t.Expect(strings.TrimSuffix(got, "/")).To(gomega.BeElementOf(plurals(name)))
		}
	},
}

// plurals gives /Devices for Device, and /Policies as well for Policy.
func plurals(name string) []string {
	all := []string{"/" + name + "s", "/" + name + "es"}
	if stem, ok := strings.CutSuffix(name, "y"); ok {
		all = append(all, "/"+stem+"ies")
	}
	return all
}

var configBasic = check.Check{
	ID:       "discovery.config.basic",
	Title:    "HTTP Basic is not the only authentication scheme",
	Level:    check.Should,
	Source:   check.RFC7644("2"),
	Covers:   []string{"rfc7644-2-basic-combined"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "The password of an account that may do everything is sent with each request, and changes for nobody.",
	Fix:      "Offer bearer tokens, and list them in authenticationSchemes.",
	Run: func(t *check.T) {
		types := Texts(t.List(scim.ServiceProviderConfigEndpoint), "authenticationSchemes.type")
		if len(types) == 0 {
			t.Skip("authenticationSchemes is empty")
		}
		t.Expect(types).To(gomega.ContainElement(gomega.Not(gomega.Equal("httpbasic"))))
	},
}

var configWorks = check.Check{
	ID:       "discovery.config.works",
	Title:    "what ServiceProviderConfig calls supported works",
	Level:    check.Must,
	Source:   check.RFC7644("4"),
	Covers:   []string{"rfc7644-4-honest"},
	Needs:    check.Needs(check.CapDiscovery),
	Profiles: check.Profiles("rfc"),
	Breaks:   "A client that plans by the configuration fails with the first request of that kind.",
	Fix:      "Set supported to false for what is not there.",
	Run: func(t *check.T) {
		config := t.List(scim.ServiceProviderConfigEndpoint)
		alice := create(t, "alice")
		for _, feature := range []struct {
			name string
			try  func() *flow.Exchange
		}{
			{"patch", func() *flow.Exchange { return t.Patch(alice, `[{"op":"replace","path":"title","value":"Director"}]`) }},
			{"bulk", func() *flow.Exchange {
				body := `{"schemas":["` + scim.BulkRequestURN + `"],"Operations":[{"method":"DELETE","path":` + quote(nowhere(t, scim.UsersEndpoint).Path()) + `}]}`
				return t.Send(flow.Request{Method: http.MethodPost, Path: "/Bulk", Body: []byte(body)})
			}},
			{"filter", func() *flow.Exchange { return find(t, scim.UsersEndpoint, is(alice)) }},
			{"sort", func() *flow.Exchange { return t.List(scim.UsersEndpoint, "sortBy", "userName", "count", "1") }},
		} {
			if Text(config, feature.name+".supported") == "true" {
				t.Expect(feature.try()).To(HaveStatus(200, 204))
			}
		}
		if Text(config, "etag.supported") == "true" {
			t.Expect(t.Get(alice)).To(HaveHeader("ETag"))
		}
	},
}
