// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"io"

	"github.com/scimproof/scimproof/reports"
	"github.com/scimproof/scimproof/suites/check"
)

// The events of --json-lines, one JSON object a line: a begin, a result for each
// check in the order of the catalogue, and an end. docs/events.schema.json has
// their form. A member may be added; none is renamed or removed.
type (
	beginEvent struct {
		Event    string   `json:"event"` // begin
		Version  string   `json:"version"`
		Target   string   `json:"target"`
		Verdicts []string `json:"verdicts"`
		Checks   int      `json:"checks"` // that will be judged
	}
	resultEvent struct {
		Event      string          `json:"event"` // result
		Number     int             `json:"number"`
		ID         string          `json:"id"`
		Level      check.Level     `json:"level"`
		Profiles   []string        `json:"profiles"`
		Outcome    check.Outcome   `json:"outcome"`
		Reason     string          `json:"reason,omitempty"`
		Findings   []check.Finding `json:"findings,omitempty"`
		DurationMS float64         `json:"durationMs"`
	}
	endEvent struct {
		Event    string            `json:"event"` // end
		ExitCode int               `json:"exitCode"`
		Verdicts []reports.Verdict `json:"verdicts"`
		Reports  []string          `json:"reports"` // files written
	}
)

// jsonLines is the flag that asks for events.
const jsonLines = "json-lines"

// writer gives what writes the events, if they are asked for. They are the only
// output then.
func (s *checkFlags) writer(p *program) *events {
	if !s.events {
		return new(events)
	}
	s.output.quiet = true
	return &events{w: p.stdout}
}

// events writes events; the zero value writes none.
type events struct {
	w      io.Writer
	number int
	err    error // of the first that could not be written
}

func (e *events) write(v any) {
	if e.w == nil || e.err != nil {
		return
	}
	encoder := json.NewEncoder(e.w)
	encoder.SetEscapeHTML(false)
	e.err = encoder.Encode(v)
}

func (e *events) begin(provider *check.Provider, verdicts []string, checks int) {
	e.write(beginEvent{"begin", version, provider.BaseURL(), verdicts, checks})
}

func (e *events) result(r check.Result) {
	e.number++
	e.write(resultEvent{
		"result", e.number, r.Check.ID, r.Check.Level, r.Check.Profiles,
		r.Outcome, r.Reason, r.Findings, float64(r.Duration.Microseconds()) / 1e3,
	})
}

func (e *events) end(run *reports.Run, code int, files []string) {
	if files == nil {
		files = []string{}
	}
	e.write(endEvent{"end", code, run.Verdicts(), files})
}
