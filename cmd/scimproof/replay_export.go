// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/flow/har"
	"github.com/scimproof/scimproof/fixtures/flow/k6"
	"github.com/scimproof/scimproof/suites/check"
	"github.com/scimproof/scimproof/suites/replay"
)

func (s *replayFlags) validate() error {
	switch {
	case s.compare != compareTolerant && s.compare != compareStrict:
		return fmt.Errorf("--compare %q is unknown; allowed: %s, %s", s.compare, compareTolerant, compareStrict)
	case s.export != "" && s.export != exportHAR && s.export != exportK6:
		return fmt.Errorf("--export %q is unknown; allowed: %s, %s", s.export, exportHAR, exportK6)
	case s.export == "" && s.file != "":
		return errors.New("--output is where --export writes, which is not given; add --export har or --export k6")
	case s.export == exportK6 && (s.target.url != "" || s.compare == compareStrict || s.asPublished || len(s.faults) > 0):
		return errors.New("--export k6 sends nothing and goes with none of --target, --compare, --as-published and --fault; " +
			"the script takes the address from -e SCIM_TARGET=URL when it runs")
	}
	if err := s.target.validate(); err != nil {
		return err
	}
	if s.target.url != "" && len(s.faults) > 0 {
		return errFaultOfTarget
	}
	return nil
}

// comparable refuses a strict comparison with nothing, and names steps that have
// nothing to be compared with.
func (s *replayFlags) comparable(p *program, flows []flow.Flow) error {
	if s.compare != compareStrict {
		return nil
	}
	for _, f := range flows {
		without := 0
		for _, step := range f.Steps {
			if step.Reply == nil {
				without++
			}
		}
		if without == len(f.Steps) {
			return fmt.Errorf("--compare strict: the flow %s holds no replies to compare with; those are in flows that `scimproof record` writes", f.Name)
		}
		if without > 0 {
			fmt.Fprintf(s.output.stderr(p), "%s: %s of %d without a recorded reply: only what they expect is compared\n", f.Name, count(without, "step"), len(f.Steps))
		}
	}
	return nil
}

// judge gives what plays one flow against the target.
func (s *replayFlags) judge(ctx context.Context, p *program, target check.Target) (play func(flow.Flow) check.Result, end func(), err error) {
	strict := s.compare == compareStrict
	if s.asPublished {
		return func(f flow.Flow) check.Result {
			r := published(ctx, target, f, strict)
			if s.target.url == "" {
				r.Leftovers = nil // they go with the embedded server
			}
			return r
		}, func() {}, nil
	}
	provider, keep, err := p.open(ctx, &s.target, target)
	if err != nil {
		return nil, nil, err
	}
	of := replay.Check
	if strict {
		of = replay.Strict
	}
	return func(f flow.Flow) check.Result { return check.Judge(ctx, of(f), provider) }, keep.end, nil
}

// published sends a flow as it stands and nothing else: no names of this run, no
// discovery, no look at the end state, no cleaning up.
func published(ctx context.Context, target check.Target, f flow.Flow, strict bool) check.Result {
	r := check.Result{Check: replay.Check(f), Outcome: check.Passed, Start: time.Now()}
	transport := &flow.Transport{
		Base: target.Client.Transport, BaseURL: target.BaseURL, Redactor: flow.NewRedactor(target.Token),
		Before: func(q *http.Request) {
			maps.Copy(q.Header, target.Header)
			if target.Token != "" {
				q.Header.Set("Authorization", "Bearer "+target.Token.Reveal())
			}
		},
		After: func(x flow.Exchange) { r.Exchanges = append(r.Exchanges, x) },
	}
	player := flow.Player{AsPublished: true, Strict: strict, Do: func(q flow.Request) *flow.Exchange {
		ctx, cancel := context.WithTimeout(ctx, target.Timeout)
		defer cancel()
		sent, err := q.HTTP(ctx, target.BaseURL)
		if err != nil {
			return &flow.Exchange{Method: q.Method, Path: q.Path, Error: err.Error()}
		}
		reply, err := transport.RoundTrip(sent)
		if err == nil {
			_ = reply.Body.Close() // read whole by the transport
		}
		return &r.Exchanges[len(r.Exchanges)-1]
	}}
	f.End = nil
	played, err := player.Play(f)
	r.Duration = time.Since(r.Start)
	for _, d := range played.Findings {
		r.Outcome = check.Failed
		r.Findings = append(r.Findings, check.Finding{LookedAt: d.Step + ": " + d.Exchange.Name(), Where: d.Where, Got: d.Got, Want: d.Want, Text: d.Text})
	}
	if err != nil {
		r.Outcome, r.Reason = check.Blocked, err.Error()
	}
	for _, made := range played.Created {
		if !removed(r.Exchanges, made) {
			r.Leftovers = append(r.Leftovers, target.BaseURL+made.Endpoint+"/"+made.ID)
		}
	}
	return r
}

// unanswered says that a flow, sent as published, met no provider or one that
// refuses the token; otherwise the discovery before it would have.
func unanswered(r check.Result) error {
	if len(r.Exchanges) == 0 {
		return nil
	}
	switch x := r.Exchanges[0]; {
	case x.Status == 0:
		return unreachablef("%s: no answer: %s", x.Name(), x.Error)
	case x.Status == http.StatusUnauthorized:
		return unreachablef("%s: the target refuses the token: 401 (--token-env NAME or --token-file FILE; no flag means the variable %s)", x.Name(), defaultToken)
	}
	return nil
}

// removed says whether a flow deleted what it had made.
func removed(exchanges []flow.Exchange, made flow.Created) bool {
	for _, x := range exchanges {
		if x.Method == http.MethodDelete && x.Status < 300 && x.Path == made.Endpoint+"/"+made.ID {
			return true
		}
	}
	return false
}

// exportK6 writes the flows as a script.
func (p *program) exportK6(s *replayFlags, flows []flow.Flow) error {
	return s.writeExport(p, func(w io.Writer) error { return k6.Write(w, flows...) })
}

// exportHAR writes what was sent and answered.
func (p *program) exportHAR(s *replayFlags, exchanges []flow.Exchange) error {
	return s.writeExport(p, func(w io.Writer) error { return har.Write(w, exchanges) })
}

// writeExport writes whole files or none.
func (s *replayFlags) writeExport(p *program, write func(io.Writer) error) error {
	var b bytes.Buffer
	if err := write(&b); err != nil {
		return err
	}
	if s.file == "" {
		_, err := p.stdout.Write(b.Bytes())
		return err
	}
	if err := replaceFile(s.file, b.Bytes()); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}
