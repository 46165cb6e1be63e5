// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"fmt"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

// sequence is a picture of who said what to whom in one check: the IdP, the
// provider, and the product behind it. page.html draws it.
type sequence struct {
	Label         string // what the picture shows, in words
	Width, Height int
	Lanes         []lane
	Steps         []turn
}

type lane struct {
	X    int
	Name string
}

// turn is one request and its answer, or a look at the product.
type turn struct {
	Top, Middle  int // of its band, and between its lanes
	Call, Answer string
	Out, Back    int // heights of the two arrows; Back 0: no answer came
	From, To     int
	Tone         string // of the answer
	Failing      bool
	Note         string // instead of arrows: what is left out
}

// Measures of a picture, in its own units: about a pixel each.
const (
	seqTop   = 34 // below the names of the lanes
	seqStep  = 46
	seqSteps = 40 // more are left out, never those that fail
	seqLeft  = 70
)

// picture draws x; nil if there is nothing to draw. marks are the exchanges
// that findings are about.
func (x *Result) picture(marks map[*Exchange][]string) *sequence {
	outside := x.outside()
	if len(x.Exchanges) == 0 {
		return nil
	}
	s := &sequence{Width: 600}
	provider, product := 470, 0
	if len(outside) > 0 || slices.Contains(x.Profiles, check.ProductBehaviour) {
		provider, product = 330, 540
	}
	s.Lanes = []lane{{seqLeft, x.idp()}, {provider, "Provider"}}
	if product > 0 {
		s.Lanes = append(s.Lanes, lane{product, "Product"})
	}
	add := func(t turn, from, to int) {
		t.Top = seqTop + len(s.Steps)*seqStep
		t.Middle, t.Out, t.From, t.To = (from+to)/2, t.Top+20, from, to
		if t.Answer != "" {
			t.Back = t.Top + 38
		}
		s.Steps = append(s.Steps, t)
	}
	var failing []string
	left := 0
	skip := func() {
		if left > 0 {
			add(turn{Note: fmt.Sprintf("%d more", left)}, seqLeft, provider)
			left = 0
		}
	}
	for i := range x.Exchanges {
		e := &x.Exchanges[i]
		_, marked := marks[e]
		if !marked && len(x.Exchanges) > seqSteps && i >= seqSteps/2 && i < len(x.Exchanges)-seqSteps/2 {
			left++
			continue
		}
		skip()
		add(turn{Call: cut(visible(decoded(e.Name()), oneLine), (provider-seqLeft)/7), Answer: e.answer(), Tone: e.tone(), Failing: marked}, seqLeft, provider)
		if marked {
			failing = append(failing, fmt.Sprintf("step %d, %s, answered %s", i+1, e.Name(), e.answer()))
		}
	}
	skip()
	for _, f := range outside {
		where := strings.TrimSpace(f.LookedAt + " · " + f.Where)
		add(turn{Call: cut(visible(strings.Trim(where, "· "), oneLine), (product-provider)/7), Answer: "✕", Tone: "bad", Failing: true}, provider, product)
		failing = append(failing, "what the product shows: "+where)
	}
	s.Height = seqTop + len(s.Steps)*seqStep + 8
	s.Label = fmt.Sprintf("%d %s of %s to the provider", len(x.Exchanges), plural(len(x.Exchanges), "request"), x.idp())
	if len(failing) > 0 {
		s.Label += "; wrong: " + strings.Join(failing, "; ")
	}
	s.Label = cut(visible(s.Label, oneLine), 400)
	return s
}

// outside returns the findings about something that no exchange shows: what the
// product makes of it.
func (x *Result) outside() []check.Finding {
	var out []check.Finding
	for _, f := range x.Findings {
		if f.LookedAt != "" && x.exchange(f.LookedAt) == nil && found.FindString(f.LookedAt) == "" && len(out) < 5 {
			out = append(out, f)
		}
	}
	return out
}

// idp names who speaks to the provider.
func (x *Result) idp() string {
	okta, entra := slices.Contains(x.Profiles, check.Okta), slices.Contains(x.Profiles, check.Entra)
	switch {
	case okta && !entra:
		return "Okta"
	case entra && !okta:
		return "Entra ID"
	}
	return "IdP"
}
