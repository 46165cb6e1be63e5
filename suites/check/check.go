// SPDX-License-Identifier: Apache-2.0

// Package check says what a check is and how one is judged. A check is a
// value: an id that is for ever, what it rests on, and a function that talks to
// a provider through a [T]. [Judge] runs one and gives back a [Result];
// nothing here knows who runs the checks or prints the results.
package check

import (
	"slices"
	"time"
)

// Level says how binding a check is. It belongs to the check, never to a
// single assertion.
type Level string

// The levels. A Must that fails makes a provider not conformant, a Should is a
// warning, a May only a capability. Vendor and Product checks count in the
// verdicts that the check names in Profiles.
const (
	Must    Level = "must"
	Should  Level = "should"
	May     Level = "may"
	Vendor  Level = "vendor"
	Product Level = "product"
)

// Verdicts that a check can count in.
const (
	RFC              = "rfc"
	Okta             = "okta"
	Entra            = "entra"
	ProductBehaviour = "product"
)

// Evidence tells how we know what a check demands.
type Evidence string

// Kinds of evidence, from firm to soft.
const (
	Standard   Evidence = "standard"   // an RFC or another published standard says so
	Documented Evidence = "documented" // the vendor's own documentation says so
	Recorded   Evidence = "recorded"   // published traffic shows it
	Reported   Evidence = "reported"   // somebody says so, without the bytes
	Assumed    Evidence = "assumed"    // documentation is silent; the profile chooses
)

// Source is what a check rests on.
type Source struct {
	Name     string // RFC 7644, Okta, Microsoft Entra ID, Datadog ...
	Section  string // section, page or key, for instance "3.5.2.2"
	URL      string // empty for RFCs: the writers derive it
	Date     string // of a vendor's page as seen, YYYY-MM-DD; empty for RFCs
	Evidence Evidence
}

// String gives "RFC 7644 §3.5.2.2" or "Okta, SCIM 2.0 protocol reference".
func (s Source) String() string {
	if s.Evidence == Standard {
		return s.Name + " §" + s.Section
	}
	return s.Name + ", " + s.Section
}

// RFC7643 cites a section of RFC 7643 (core schema).
func RFC7643(section string) Source {
	return Source{Name: "RFC 7643", Section: section, Evidence: Standard}
}

// RFC7644 cites a section of RFC 7644 (protocol).
func RFC7644(section string) Source {
	return Source{Name: "RFC 7644", Section: section, Evidence: Standard}
}

// Check is one statement about a provider that can be true or false.
type Check struct {
	ID       string // area.subject.condition; [a-z0-9.-]; never renumbered, never reused
	Title    string // a statement about the provider in the present tense
	Level    Level
	Source   Source
	Covers   []string      // ids of rows in fixtures/requirements
	Needs    []string      // capabilities without which the check is skipped; see Capability
	Profiles []string      // verdicts the check counts in: RFC, Okta, Entra, ProductBehaviour
	Breaks   string        // what breaks, for a user of which IdP, when the check fails
	Fix      string        // what to change
	Timeout  time.Duration // zero: the target's
	// Unadvertised says that the check sends what the provider says it does not
	// have. Any other check is skipped at such a request.
	Unadvertised bool
	Alone        bool // no other check may be judged meanwhile: it changes, or counts, what all share
	Run          func(t *T)
}

// Needs lists capabilities, for use in a Check literal.
func Needs(capabilities ...string) []string { return capabilities }

// Profiles lists verdicts, for use in a Check literal.
func Profiles(verdicts ...string) []string { return verdicts }

// Counts says whether c counts in verdict.
func (c Check) Counts(verdict string) bool { return slices.Contains(c.Profiles, verdict) }
