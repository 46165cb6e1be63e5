// SPDX-License-Identifier: Apache-2.0

// Package replay puts the embedded flows to a provider: one check a flow,
// which plays the published requests of Okta or Entra ID with names of its own
// and holds each answer and the end state against what that IdP accepts.
package replay

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/fixtures"
	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/match"
)

// Checks returns one check for each embedded flow, sorted by file name.
func Checks() []check.Check {
	flows, err := fixtures.AllFlows()
	if err != nil {
		panic("replay: " + err.Error()) // the flows are embedded, and a test reads them all
	}
	checks := make([]check.Check, len(flows))
	for i, f := range flows {
		checks[i] = Check(f)
	}
	return checks
}

// Check makes a check of a flow: flow.<dialect>.<name>.
func Check(f flow.Flow) check.Check { return of(f, false) }

// Strict makes a check of a flow that also holds each answer against the reply
// that was recorded, where the flow has it.
func Strict(f flow.Flow) check.Check { return of(f, true) }

func of(f flow.Flow, strict bool) check.Check {
	leaf := f.Name[strings.LastIndexByte(f.Name, '/')+1:]
	return check.Check{
		ID:       "flow." + f.Dialect + "." + leaf,
		Title:    fmt.Sprintf("answers the flow %s as %s accepts it and ends in the right state", f.Name, idp(f)),
		Level:    check.Vendor,
		Source:   source(f),
		Needs:    needs(f),
		Profiles: check.Profiles(f.IDP()),
		Breaks:   breaks(leaf, idp(f)),
		Fix:      "Replay the flow with -v, compare the first answer that differs with what the step expects, and correct that endpoint.",
		Run:      func(t *check.T) { play(t, f, strict) },
	}
}

// play sends the flow and turns what differs into findings. What the flow
// makes is removed with everything else that T made.
func play(t *check.T, f flow.Flow, strict bool) {
	player := flow.Player{Do: func(q flow.Request) *flow.Exchange { return t.Send(bare(q)) }, Name: t.Name, Role: roles(t, f), Strict: strict}
	played, err := player.Play(f)
	if errors.Is(err, flow.ErrNoRole) {
		t.Precondition(err).To(deviation{Text: err.Error()})
	}
	if err != nil {
		panic(err) // Parse has held what else could be wrong with a flow
	}
	for _, d := range played.Findings {
		t.Expect(d.Exchange).To(deviation{
			LookedAt: d.Step + ": " + d.Exchange.Name(),
			Where:    d.Where,
			Got:      d.Got,
			Want:     d.Want,
			Text:     d.Text,
		})
	}
}

// bare keeps off the wire what the sender of a flow does not send: Entra ID
// has no User-Agent, and not every request an Accept.
func bare(q flow.Request) flow.Request {
	if q.Header == nil {
		return q // a look at the end state, which is ours
	}
	for _, name := range []string{"Accept", "Content-Type", "User-Agent"} {
		if _, listed := q.Header[name]; !listed {
			q.Header[name] = nil
		}
	}
	return q
}

// roles hands out the role values that the provider knows, one for each role
// of the flow. They are asked for only if the flow has roles.
func roles(t *check.T, f flow.Flow) func(role string) string {
	var names []string
	for _, attributes := range f.Variables {
		if role := attributes["role"]; role != "" {
			names = append(names, role)
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	slices.Reverse(names) // Read Only before Admin: the provider's least role goes to the flow's least
	values := t.Roles()
	return func(role string) string {
		if i := slices.Index(names, role); i >= 0 && i < len(values) {
			return values[i]
		}
		return ""
	}
}

// deviation is a matcher that nothing matches: the player has looked already,
// and this says what it saw.
type deviation match.Finding

// Match is always false.
func (d deviation) Match(any) (bool, error) { return false, nil }

// FailureMessage says what the player saw.
func (d deviation) FailureMessage(any) string { return match.Finding(d).String() }

// NegatedFailureMessage is never asked for.
func (d deviation) NegatedFailureMessage(any) string { return "nothing differs" }

// Mismatch gives what the player saw as data.
func (d deviation) Mismatch() (match.Finding, bool) { return match.Finding(d), true }

func idp(f flow.Flow) string {
	if f.IDP() == "okta" {
		return "Okta"
	}
	return "Entra ID"
}

var link = regexp.MustCompile(`https://[^\s;]+`)

func source(f flow.Flow) check.Source {
	evidence := map[string]check.Evidence{
		flow.KindRecorded:   check.Recorded,
		flow.KindDocumented: check.Documented,
		flow.KindComposed:   check.Reported,
	}
	return check.Source{
		Name:     idp(f),
		Section:  f.Provenance.Source,
		URL:      link.FindString(f.Provenance.Source),
		Date:     f.Provenance.Date,
		Evidence: evidence[f.Provenance.Kind],
	}
}

// needs lists what an IdP can be set up to do without. PATCH and filters are
// not among them: an IdP uses those whatever the provider says of itself.
func needs(f flow.Flow) []string {
	if slices.ContainsFunc(f.Steps, func(s flow.Step) bool { return strings.HasPrefix(s.Request.Path, "/Groups") }) {
		return check.Needs(check.CapGroup)
	}
	return nil
}
