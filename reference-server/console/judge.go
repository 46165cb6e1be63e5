// SPDX-License-Identifier: Apache-2.0

package console

import (
	"slices"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// Judge says what is odd about requests of one IdP, in the order in which they
// began. The console brings none of its own: the server knows nothing of who
// judges it or its clients.
type Judge func(exchanges []flow.Exchange) Judgement

// Judgement is what is said of a run of requests.
type Judgement struct {
	Dialect string // judged as
	Why     string // how the dialect is known
	Said    []Said // of each request
}

// Said is what is said of one request.
type Said struct {
	Verdict  Verdict
	Findings []Finding
	More     int // findings that are not told
	Quirks   []Quirk
}

// Names lists the rules that are broken and the quirks that show, each once.
func (s *Said) Names() (names []string) {
	for _, f := range s.Findings {
		if !slices.Contains(names, f.Rule) {
			names = append(names, f.Rule)
		}
	}
	for _, k := range s.Quirks {
		names = append(names, k.ID)
	}
	return names
}

// Verdict is the sum of what is said.
type Verdict string

// The verdicts, from good to bad.
const (
	Clean     Verdict = "clean"
	Known     Verdict = "quirk"     // odd, but the IdP is known to do it
	Warning   Verdict = "warning"   // a SHOULD is broken
	Deviation Verdict = "deviation" // neither an RFC nor the IdP as known
)

func verdicts() []Verdict { return []Verdict{Clean, Known, Warning, Deviation} }

// Finding is a rule that a request breaks.
type Finding struct {
	Rule, Holds, Source, Where, Got, Want string
	Verdict                               Verdict // Warning or Deviation
}

// Quirk is something odd that the IdP is known to do.
type Quirk struct {
	ID, Does, Live, Source string // Live: what a provider has to do to live with it
}
