// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

// Version is the version of the saved run that this package reads and writes.
const Version = 1

// Run is one run of the suites against one provider: all that every report is
// made of. It holds no secret.
type Run struct {
	Version   int       `json:"version"`
	Tool      Tool      `json:"tool"`
	Catalogue string    `json:"catalogue"` // version of the catalogue of checks
	Target    Target    `json:"target"`
	Asked     []string  `json:"verdicts"`         // verdicts asked for, in the order shown
	Strict    bool      `json:"strict,omitempty"` // a Should that fails makes a provider not conformant
	Selection string    `json:"selection,omitempty"`
	Seed      int64     `json:"seed"`
	RunID     string    `json:"runId"`
	Start     time.Time `json:"start"`
	End       time.Time `json:"end"`

	Shard      *Shard      `json:"shard,omitempty"`      // nil: the run is no part of another
	Incomplete *Incomplete `json:"incomplete,omitempty"` // nil: all that was to be run was
	Totals     []Verdict   `json:"totals"`               // written for readers of the file; computed anew from Results
	Results    []Result    `json:"results"`
}

// Shard says which part of a run this is.
type Shard struct {
	Index int `json:"index"` // from 1
	Count int `json:"count"`
}

// String gives "1/3".
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// Incomplete says why a run ended before its end, and what it did not come to.
// No verdict that one of these checks counts in says conformant.
type Incomplete struct {
	Reason string  `json:"reason"`
	NotRun []Unrun `json:"notRun"`
}

// Unrun is a check that was to be run and was not.
type Unrun struct {
	ID       string      `json:"id"`
	Title    string      `json:"title"`
	Level    check.Level `json:"level"`
	Profiles []string    `json:"profiles"`
}

// Tool is the program that made a run.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Target is the provider a run was made against.
type Target struct {
	BaseURL string `json:"baseUrl"`
	Product string `json:"product,omitempty"` // for people
	Profile string `json:"profile,omitempty"` // what the product promises
}

// Result is what came of one check, with what a reader needs to know about the
// check itself.
type Result struct {
	ID         string          `json:"id"`
	Title      string          `json:"title"`
	Level      check.Level     `json:"level"`
	Source     Source          `json:"source"`
	Covers     []Requirement   `json:"covers,omitempty"`
	Profiles   []string        `json:"profiles"` // verdicts the check counts in
	Needs      []string        `json:"needs,omitempty"`
	Breaks     string          `json:"breaks,omitempty"`
	Fix        string          `json:"fix,omitempty"`
	Outcome    check.Outcome   `json:"outcome"`
	Reason     string          `json:"reason,omitempty"`
	Waiver     *Waiver         `json:"waiver,omitempty"`
	Findings   []check.Finding `json:"findings,omitempty"`
	Exchanges  []Exchange      `json:"exchanges,omitempty"`
	Leftovers  []string        `json:"leftovers,omitempty"`
	DurationMS float64         `json:"durationMs"`
}

// Source is what a check rests on.
type Source struct {
	Text     string         `json:"text"` // "RFC 7644 §3.5.2.2"
	Name     string         `json:"name"`
	Section  string         `json:"section,omitempty"`
	URL      string         `json:"url,omitempty"`
	Date     string         `json:"date,omitempty"` // of a vendor's page as seen
	Evidence check.Evidence `json:"evidence"`
}

// Requirement is one sentence that a check covers.
type Requirement struct {
	ID   string `json:"id"`
	Text string `json:"text,omitempty"`
}

// Waiver is a known failure that somebody has accepted.
type Waiver struct {
	Reason  string `json:"reason"`
	Expires string `json:"expires,omitempty"` // YYYY-MM-DD, the last day it holds
}

// Exchange is one request and its answer, redacted.
type Exchange struct {
	Method     string    `json:"method"`
	URL        string    `json:"url"`
	Path       string    `json:"path"` // below the base URL
	Request    Message   `json:"request"`
	Status     int       `json:"status"` // 0: no answer
	Response   Message   `json:"response"`
	Error      string    `json:"error,omitempty"` // why there was no answer, or no whole one
	Start      time.Time `json:"start,omitzero"`
	DurationMS float64   `json:"durationMs"`
}

// Message is the head and body of a request or an answer. A body that is not
// UTF-8 is kept in Base64, so that no byte is lost.
type Message struct {
	Header map[string][]string `json:"headers,omitempty"`
	Body   string              `json:"body,omitempty"`
	Base64 []byte              `json:"bodyBase64,omitempty"`
}

// Name gives "GET /Users/1".
func (x *Exchange) Name() string { return x.Method + " " + x.Path }

// Meta is what a run knows besides its results.
type Meta struct {
	Tool      Tool
	Catalogue string
	Target    Target
	Verdicts  []string // empty: all four
	Strict    bool
	Selection string
	Seed      int64
	RunID     string
	Start     time.Time
	End       time.Time

	Shard      *Shard        // nil: no part of another run
	Incomplete string        // why NotRun were not run
	NotRun     []check.Check // what was to be run besides the results

	Order        []string          // ids in the order of the catalogue; empty: results keep theirs
	Requirements map[string]string // text of the requirements, by id
	Waivers      map[string]Waiver // by check id
}

// New makes a run of results, in the order of the catalogue.
func New(m Meta, results []check.Result) *Run {
	r := &Run{
		Version: Version, Tool: m.Tool, Catalogue: m.Catalogue, Target: m.Target,
		Asked: m.Verdicts, Strict: m.Strict, Selection: m.Selection, Seed: m.Seed, RunID: m.RunID,
		Start: m.Start.UTC(), End: m.End.UTC(), Results: make([]Result, 0, len(results)),
	}
	if len(r.Asked) == 0 {
		r.Asked = []string{check.RFC, check.Okta, check.Entra, check.ProductBehaviour}
	}
	for i := range results {
		r.Results = append(r.Results, newResult(m, &results[i]))
	}
	r.Shard = m.Shard
	r.Incomplete = newIncomplete(m)
	r.sort(m.Order)
	r.redact()
	r.Totals = r.Verdicts()
	return r
}

// sort puts results in the order of ids; those that are not named come last
// and keep their order.
func (r *Run) sort(ids []string) {
	if len(ids) == 0 {
		return
	}
	rank := make(map[string]int, len(ids))
	for i, id := range ids {
		rank[id] = i
	}
	of := func(id string) int {
		if i, ok := rank[id]; ok {
			return i
		}
		return len(ids)
	}
	slices.SortStableFunc(r.Results, func(a, b Result) int { return cmp.Compare(of(a.ID), of(b.ID)) })
}

// Load reads a saved run. A run of another version is an error that says which
// is understood; members that this version does not know are passed over.
func Load(in io.Reader) (*Run, error) {
	r := new(Run)
	d := json.NewDecoder(in)
	if err := d.Decode(r); err != nil {
		return nil, fmt.Errorf("read run: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("read run: something follows the JSON object; a file holds one run")
	}
	if r.Version != Version {
		return nil, fmt.Errorf("read run: version is %d, this program reads version %d; render the run with the scimproof that made it", r.Version, Version)
	}
	r.redact()
	r.Totals = r.Verdicts()
	return r, nil
}
