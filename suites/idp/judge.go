// SPDX-License-Identifier: Apache-2.0

package idp

import (
	"slices"
	"strings"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
)

// Verdict is what is said of one request.
type Verdict string

// The verdicts, from good to bad.
const (
	Clean     Verdict = "clean"     // nothing odd
	Known     Verdict = "quirk"     // odd, but the dialect is known to do it
	Warning   Verdict = "warning"   // a SHOULD is broken, which no quirk explains
	Deviation Verdict = "deviation" // neither an RFC nor the dialect as known
)

// Verdicts lists the verdicts, from good to bad.
func Verdicts() []Verdict { return []Verdict{Clean, Known, Warning, Deviation} }

// Report is what is said of a flow.
type Report struct {
	Name     string // of the flow
	Dialect  string // judged as
	Why      string // how the dialect is known
	Requests []Judged
}

// Judged is one request with what is said of it.
type Judged struct {
	Number   int    // from 1
	Name     string // of the step, if it has one
	Method   string
	Path     string // below the base URL
	Status   int    // of the reply; 0: not known
	Verdict  Verdict
	Findings []Finding // of rules that no quirk excuses
	More     int       // findings that are not kept: a rule is shown broken in ten places at most
	Quirks   []Shown
}

// Finding says that a request breaks a rule.
type Finding struct {
	Rule  Rule
	Where string // "path", "header Accept", "body.Operations[0].op"
	Got   string
	Want  string
}

// Shown is a quirk with the places where it shows in a request.
type Shown struct {
	Quirk    Quirk
	Where    []string
	Breaches []Finding // of rules that the quirk excuses
	at       map[string]bool
}

// Count gives the number of requests with a verdict.
func (r *Report) Count(v Verdict) int {
	n := 0
	for _, q := range r.Requests {
		if q.Verdict == v {
			n++
		}
	}
	return n
}

// Worst gives the worst verdict; of no requests it is Clean.
func (r *Report) Worst() Verdict {
	worst := 0
	for _, q := range r.Requests {
		worst = max(worst, slices.Index(Verdicts(), q.Verdict))
	}
	return Verdicts()[worst]
}

// Judge judges the requests of a flow as the dialect that it names.
func Judge(f flow.Flow) Report { return JudgeAs(f, f.Dialect, "the flow says so") }

// JudgeAs judges the requests of a flow as a dialect of [Dialects]; why says
// how that is known.
func JudgeAs(f flow.Flow, dialect, why string) Report {
	all := make([]*request, len(f.Steps))
	for i := range f.Steps {
		all[i] = fromStep(i+1, &f.Steps[i])
	}
	return judge(Report{Name: f.Name, Dialect: dialect, Why: why}, all)
}

// JudgeExchanges judges recorded exchanges, in the order in which they began.
// Replies are looked at too where a rule is about what came before. An empty
// dialect is guessed.
func JudgeExchanges(name, dialect string, exchanges []flow.Exchange) Report {
	all := make([]*request, len(exchanges))
	for i := range exchanges {
		all[i] = fromExchange(i+1, &exchanges[i])
	}
	why := "given"
	if dialect == "" {
		dialect, why = guess(all)
	}
	return judge(Report{Name: name, Dialect: dialect, Why: why}, all)
}

// judge holds every request against every rule of the dialect.
func judge(r Report, all []*request) Report {
	var rules []Rule
	for _, rule := range Rules() {
		if rule.Binds(r.Dialect) {
			rules = append(rules, rule)
		}
	}
	var quirks []Quirk
	for _, k := range Quirks() {
		if slices.Contains(k.For, r.Dialect) {
			quirks = append(quirks, k)
		}
	}
	s := newSeen()
	r.Requests = make([]Judged, 0, len(all))
	for _, q := range all {
		r.Requests = append(r.Requests, verdict(q, s, rules, quirks))
		s.add(q)
	}
	return r
}

func verdict(q *request, s *seen, rules []Rule, quirks []Quirk) Judged {
	j := Judged{Number: q.number, Name: q.name, Method: q.method, Path: q.target, Status: q.status, Verdict: Clean}
	for _, k := range quirks {
		if where := k.shows(q, s); len(where) > 0 {
			at := make(map[string]bool, len(where))
			for _, w := range where {
				at[w] = true
			}
			j.Quirks = append(j.Quirks, Shown{Quirk: k, Where: where, at: at})
			j.Verdict = Known
		}
	}
	const most = 10 // places for a rule
	for _, rule := range rules {
		shown := 0
		rule.look(q, s, func(where, got, want string) {
			f := Finding{rule, where, short(got), short(want)}
			switch {
			case excused(j.Quirks, f):
			case shown == most:
				j.More++
			default:
				shown++
				j.Findings = append(j.Findings, f)
			}
		})
	}
	for _, f := range j.Findings {
		if f.Rule.Level != check.Should {
			j.Verdict = Deviation
		} else if j.Verdict != Deviation {
			j.Verdict = Warning
		}
	}
	return j
}

// excused says whether a quirk explains a finding, and puts it there. It does
// where it shows, and below.
func excused(quirks []Shown, f Finding) bool {
	for i := range quirks {
		if !slices.Contains(quirks[i].Quirk.Excuses, f.Rule.ID) {
			continue
		}
		for where := f.Where; where != ""; where = where[:max(0, strings.LastIndexAny(where, ".["))] {
			if quirks[i].at[where] {
				quirks[i].Breaches = append(quirks[i].Breaches, f)
				return true
			}
		}
	}
	return false
}
