// SPDX-License-Identifier: Apache-2.0

package lifecycle

import (
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/url"

	"github.com/onsi/gomega"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// dialect is how one IdP writes the changes in a person's life. The bodies are
// written as they were recorded or published, member order kept.
type dialect struct {
	name   string // okta-oin
	idp    string // the verdict it counts in
	people string // the IdP's name for people
	source check.Source
	lookup string // query of the look-up before a create; %s: the user name
	create string // body of a create; %[1]s: user name, %[2]s: external id
	header http.Header

	title  func(t *check.T, r *check.Resource, title string) *flow.Exchange
	active func(t *check.T, r *check.Resource, active bool) *flow.Exchange
}

const (
	oktaReference = "https://developer.okta.com/docs/api/openapi/okta-scim/guides/scim-20/"
	entraSCIM     = "https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups"
	entraFlag     = "https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility"
)

func oktaSource(section string, evidence check.Evidence) check.Source {
	return check.Source{Name: "Okta", Section: section, URL: oktaReference, Date: "2026-09-18", Evidence: evidence}
}

func entraSource(section, page, date string) check.Source {
	return check.Source{Name: "Microsoft Entra ID", Section: section, URL: page, Date: date, Evidence: check.Documented}
}

// The two dialects of each IdP differ in how they change a person, not in how
// they find and create one.
const (
	oktaLookup  = "/Users?filter=userName%%20eq%%20%%22%s%%22&startIndex=1&count=100"
	entraLookup = "/Users?filter=userName+eq+%%22%s%%22"

	oktaCreate = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"%[1]s",` +
		`"name":{"givenName":"Ada","familyName":"Test"},"emails":[{"primary":true,"value":"%[1]s","type":"work"}],` +
		`"title":"Engineer","displayName":"Ada Test","locale":"en-US","externalId":"%[2]s","groups":[],"password":"r4nd0mPw","active":true}`
	entraCreate = `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],` +
		`"externalId":"%[2]s","userName":"%[1]s","active":true,"displayName":"Ada Test",` +
		`"emails":[{"primary":true,"type":"work","value":"%[1]s"}],"meta":{"resourceType":"User"},` +
		`"name":{"formatted":"Ada Test","familyName":"Test","givenName":"Ada"},"title":"Engineer"}`
)

// dialects lists the four ways in which Okta and Entra ID change a person.
func dialects() []dialect {
	header := http.Header{"Content-Type": {"application/scim+json; charset=utf-8"}, "Accept": {"application/scim+json"}, "User-Agent": nil}
	okta := dialect{idp: check.Okta, people: "Okta", lookup: oktaLookup, create: oktaCreate, header: header.Clone()}
	okta.header["User-Agent"] = []string{"Okta SCIM Client 1.0.0"}
	entra := dialect{idp: check.Entra, people: "Entra ID", lookup: entraLookup, create: entraCreate, header: header}

	oin, aiw, legacy, flag := okta, okta, entra, entra
	oin.name, oin.source = "okta-oin", oktaSource("SCIM 2.0 protocol reference, Update and deactivate users (PATCH)", check.Documented)
	oin.title = oktaPut("title")
	oin.active = patch(`[{"op":"replace","value":{"active":%t}}]`)

	aiw.name, aiw.source = "okta-aiw", oktaSource("SCIM 2.0 protocol reference, Update and deactivate users (PUT)", check.Recorded)
	aiw.title = oktaPut("title")
	aiw.active = func(t *check.T, r *check.Resource, active bool) *flow.Exchange {
		return echo(t, r, "active", fmt.Sprint(active))
	}

	legacy.name, legacy.source = "entra-legacy", entraSource("Known issues with SCIM 2.0 protocol compliance, without the flag", entraFlag, "2025-04-15")
	legacy.title = patchTitle(`[{"op":"Replace","path":"title","value":"%s"}]`)
	legacy.active = func(t *check.T, r *check.Resource, active bool) *flow.Exchange {
		word := map[bool]string{true: "True", false: "False"}[active]
		return t.Patch(r, `[{"op":"Replace","path":"active","value":"`+word+`"}]`)
	}

	flag.name, flag.source = "entra-flag", entraSource("Known issues with SCIM 2.0 protocol compliance, with aadOptscim062020", entraFlag, "2025-04-15")
	flag.title = patchTitle(`[{"op":"replace","value":{"title":"%s","name.familyName":"Test"}}]`)
	flag.active = patch(`[{"op":"replace","path":"active","value":%t}]`)
	return []dialect{oin, aiw, legacy, flag}
}

// idps lists one dialect of each IdP, for what its dialects have in common.
func idps() []dialect {
	okta, entra := dialects()[0], dialects()[2]
	okta.name, entra.name = check.Okta, check.Entra
	okta.source = oktaSource("SCIM 2.0 protocol reference, Create users", check.Documented)
	entra.source = entraSource("Develop a SCIM endpoint, Create User", entraSCIM, "2025-03-04")
	return []dialect{okta, entra}
}

// patch sends operations with a boolean in them.
func patch(operations string) func(*check.T, *check.Resource, bool) *flow.Exchange {
	return func(t *check.T, r *check.Resource, active bool) *flow.Exchange {
		return t.Patch(r, fmt.Sprintf(operations, active))
	}
}

// patchTitle sends operations with a title in them.
func patchTitle(operations string) func(*check.T, *check.Resource, string) *flow.Exchange {
	return func(t *check.T, r *check.Resource, title string) *flow.Exchange {
		return t.Patch(r, fmt.Sprintf(operations, title))
	}
}

// oktaPut writes a text over what a GET returned and sends all of it back, as
// both kinds of Okta app update a profile.
func oktaPut(member string) func(*check.T, *check.Resource, string) *flow.Exchange {
	return func(t *check.T, r *check.Resource, text string) *flow.Exchange {
		return echo(t, r, member, `"`+text+`"`)
	}
}

// echo sends back what a GET returned with one member changed.
func echo(t *check.T, r *check.Resource, member, value string) *flow.Exchange {
	x := t.Get(r)
	body, err := overwrite(x.Response.Body, member, value)
	t.Precondition(err).To(gomega.BeNil(), "GET must return a JSON object that can be sent back")
	return t.Put(r, string(body))
}

// mail gives a run-unique user name that is an address, too.
func mail(t *check.T) string { return t.Name("ada") + "@scimproof.example" }

// body writes the body that creates a user. The external id has the form of
// Okta's own, twenty characters, and is unique because the user name is.
func (d dialect) body(userName string) string {
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, userName)
	return fmt.Sprintf(d.create, userName, fmt.Sprintf("00u%017X", sum.Sum64()))
}

// find sends the look-up before a create.
func (d dialect) find(t *check.T, userName string) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodGet, Header: d.header, Path: fmt.Sprintf(d.lookup, url.QueryEscape(userName))})
}

// post creates a user as the IdP does.
func (d dialect) post(t *check.T, userName string) *flow.Exchange {
	return t.Send(flow.Request{Method: http.MethodPost, Path: "/Users", Header: d.header, Body: []byte(d.body(userName))})
}

// join creates a user as a precondition.
func (d dialect) join(t *check.T) (userName string, r *check.Resource) {
	userName = mail(t)
	return userName, t.Create("/Users", d.body(userName))
}
