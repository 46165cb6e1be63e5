// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"slices"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// RFC is the dialect of an IdP of which nothing more is known.
const RFC = "rfc"

// Dialects lists what requests can be judged as.
func Dialects() []string { return append(flow.Dialects(), RFC) }

// Groups of dialects that rules are about: Okta and its kinds of app, the
// provisioning service of Entra ID and its forms of PATCH, the same with the
// SCIM Validator.
func okta() []string      { return []string{flow.OktaOIN, flow.OktaAIW} }
func oin() []string       { return []string{flow.OktaOIN} }
func aiw() []string       { return []string{flow.OktaAIW} }
func entra() []string     { return []string{flow.EntraLegacy, flow.EntraFlag} }
func legacy() []string    { return []string{flow.EntraLegacy} }
func flag() []string      { return []string{flow.EntraFlag} }
func microsoft() []string { return append(entra(), flow.EntraValidator) }

// Rule is one statement about an IdP that a request can break.
type Rule struct {
	ID     string // "patch.remove.path", "okta.user.lookup-first"; for ever
	Holds  string // what the IdP does, in the present tense
	Level  check.Level
	Source check.Source
	Covers []string // ids of rows in fixtures/requirements
	For    []string // dialects; nil: every one
	look   func(q *request, s *seen, say say)
}

// say reports a breach: where in the request, what stands there, and what the
// rule wants.
type say func(where, got, want string)

// Binds says whether the rule is about dialect.
func (r Rule) Binds(dialect string) bool { return r.For == nil || slices.Contains(r.For, dialect) }

// Quirk is what a dialect is known to do that a provider may not expect.
type Quirk struct {
	ID      string
	Does    string // what the IdP does
	Live    string // what a provider has to do to live with it
	Source  check.Source
	For     []string // dialects
	Excuses []string // ids of rules that it breaks, in the places that it shows
	shows   func(q *request, s *seen) []string
}

// Rules lists every rule: those of the RFCs, then those of the dialects.
func Rules() []Rule {
	return slices.Concat(
		urlRules(), headerRules(), tokenRules(), queryRules(), cursorRules(), redirectRules(),
		resourceRules(), typeRules(), valueRules(), patchRules(), searchRules(), bulkRules(),
		oktaWireRules(), oktaUserRules(), oktaGroupRules(),
		entraWireRules(), entraUserRules(), entraPatchRules(), entraGroupRules(),
	)
}

// Quirks lists what the dialects are known to do.
func Quirks() []Quirk {
	return slices.Concat(
		commonQuirks("okta", okta(), oktaReference()), oktaQuirks(),
		commonQuirks("entra", microsoft(), entraTutorial()), entraQuirks(),
	)
}

// source says what a rule about a vendor rests on.
func source(name string, evidence check.Evidence, where, date string) check.Source {
	return check.Source{Name: name, Section: where, Date: date, Evidence: evidence}
}

func byOkta(evidence check.Evidence, where, date string) check.Source {
	return source("Okta", evidence, where, date)
}

func byEntra(evidence check.Evidence, where, date string) check.Source {
	return source("Microsoft Entra ID", evidence, where, date)
}

func rfc(number, section string) check.Source {
	return check.Source{Name: "RFC " + number, Section: section, Evidence: check.Standard}
}
