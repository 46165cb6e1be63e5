// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"fmt"
	"io"
	"net/url"
	"path"
	"strings"

	"github.com/scimproof/scimproof/suites/check"
)

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool        sarifTool         `json:"tool"`
	Invocations []sarifInvocation `json:"invocations"`
	Results     []sarifResult     `json:"results"`
	Columns     string            `json:"columnKind"`
}

type sarifTool struct {
	Driver sarifDriver `json:"driver"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version,omitempty"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID         string            `json:"id"`
	Short      sarifText         `json:"shortDescription"`
	Full       sarifText         `json:"fullDescription"`
	Help       sarifText         `json:"help"`
	HelpURI    string            `json:"helpUri,omitempty"`
	Properties map[string]string `json:"properties"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifInvocation struct {
	Successful    bool                `json:"executionSuccessful"`
	Start         string              `json:"startTimeUtc"`
	End           string              `json:"endTimeUtc"`
	ExitCode      int                 `json:"exitCode"`
	Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
}

type sarifNotification struct {
	Level   string    `json:"level"`
	Message sarifText `json:"message"`
	Rule    *sarifRef `json:"associatedRule,omitempty"`
}

type sarifRef struct {
	ID string `json:"id"`
}

type sarifResult struct {
	RuleID       string             `json:"ruleId"`
	RuleIndex    int                `json:"ruleIndex"`
	Kind         string             `json:"kind"`
	Level        string             `json:"level"`
	Message      sarifText          `json:"message"`
	Locations    []sarifLocation    `json:"locations"`
	Fingerprints map[string]string  `json:"partialFingerprints"`
	Suppressions []sarifSuppression `json:"suppressions,omitempty"`
}

type sarifLocation struct {
	Physical sarifPhysical  `json:"physicalLocation"`
	Logical  []sarifLogical `json:"logicalLocations,omitempty"`
}

type sarifPhysical struct {
	Artifact sarifArtifact `json:"artifactLocation"`
	Region   sarifRegion   `json:"region"`
}

type sarifRegion struct {
	Line int `json:"startLine"`
}

type sarifArtifact struct {
	URI string `json:"uri"`
}

type sarifLogical struct {
	Name string `json:"fullyQualifiedName"`
}

type sarifSuppression struct {
	Kind          string `json:"kind"`
	Justification string `json:"justification"`
}

// SARIF writes what did not pass as SARIF 2.1.0, for code scanning. A finding
// is a result; a broken check, a needless waiver and the end of a run before its
// end are notifications about the tool, since they say nothing about the provider.
//
// Code scanning wants every result to stand in a file below the root of the
// repository, and refuses http URIs. A provider has no files: the place is the
// path of the endpoint, and the logical location is the request.
func SARIF(w io.Writer, r *Run) error {
	run := sarifRun{
		Tool:    sarifTool{sarifDriver{Name: r.Tool.Name, Version: r.Tool.Version, Rules: []sarifRule{}}},
		Results: []sarifResult{}, Columns: "utf16CodeUnits",
	}
	const instant = "2006-01-02T15:04:05.000Z"
	call := sarifInvocation{Successful: !r.Broken() && r.Incomplete == nil, Start: r.Start.UTC().Format(instant), End: r.End.UTC().Format(instant), ExitCode: r.ExitCode()}
	for i := range r.Results {
		x := &r.Results[i]
		switch s := r.standing(x); s {
		case passed, skipped:
			continue
		case stale:
			call.Notifications = append(call.Notifications, sarifNotification{Level: "error", Message: sarifMessage("the check passes: remove its waiver (" + x.Waiver.Reason + ")"), Rule: &sarifRef{x.ID}})
		case broken:
			call.Notifications = append(call.Notifications, sarifNotification{Level: "error", Message: sarifMessage(x.headline()), Rule: &sarifRef{x.ID}})
		default:
			run.Results = append(run.Results, r.sarifResults(x, s, len(run.Tool.Driver.Rules))...)
		}
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, x.sarifRule())
	}
	if note := r.partNote(); note != "" {
		level := "note"
		if r.Incomplete != nil {
			level = "error"
		}
		call.Notifications = append(call.Notifications, sarifNotification{Level: level, Message: sarifMessage(note)})
	}
	run.Invocations = []sarifInvocation{call}
	log := sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}}
	if err := encode(w, log); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	return nil
}

func (x *Result) sarifRule() sarifRule {
	return sarifRule{
		ID: x.ID, Short: sarifText{x.Title}, Full: sarifText{cmp.Or(x.Breaks, x.Title)}, Help: sarifText{cmp.Or(x.Fix, x.Source.Text)},
		HelpURI:    webAddress(x.Source.URL),
		Properties: map[string]string{"level": string(x.Level), "source": x.Source.Text, "evidence": string(x.Source.Evidence)},
	}
}

// sarifFile gives the place of a finding: the path of the endpoint, relative.
func (r *Run) sarifFile(e *Exchange) string {
	where := r.Target.BaseURL
	if e != nil {
		where = e.URL
	}
	u, err := url.Parse(where)
	if err != nil {
		return "scim"
	}
	return cmp.Or(strings.TrimLeft((&url.URL{Path: path.Clean("/" + u.Path)}).EscapedPath(), "/"), "scim")
}

// sarifResults makes a result of each finding, or one of the reason.
func (r *Run) sarifResults(x *Result, s standing, rule int) []sarifResult {
	base := sarifResult{RuleID: x.ID, RuleIndex: rule, Kind: "fail", Level: "error"}
	switch {
	case x.Outcome == check.Blocked:
		base.Kind, base.Level = "open", "none" // SARIF 2.1.0 §3.27.10: only a fail has a level
	case s == warning:
		base.Level = "warning"
	case s == optional:
		base.Level = "note"
	}
	if s == waived {
		base.Suppressions = []sarifSuppression{{"external", x.Waiver.Reason}}
	}
	var out []sarifResult
	add := func(n int, text, lookedAt string) {
		one := base
		if gone := r.expiry(x); gone != "" {
			text = gone + ": " + text
		}
		one.Message = sarifMessage(text)
		one.Fingerprints = map[string]string{"check/v1": fmt.Sprintf("%s/%d", x.ID, n)}
		place := sarifLocation{Physical: sarifPhysical{sarifArtifact{r.sarifFile(x.exchange(lookedAt))}, sarifRegion{1}}}
		if lookedAt != "" {
			place.Logical = []sarifLogical{{visible(lookedAt, oneLine)}}
		}
		one.Locations = []sarifLocation{place}
		out = append(out, one)
	}
	for n, f := range x.Findings {
		add(n, f.String(), f.LookedAt)
	}
	if len(out) == 0 {
		add(0, x.headline(), "")
	}
	return out
}

// sarifMessage keeps viewers from reading brackets as embedded links, SARIF
// 2.1.0 §3.11.6.
func sarifMessage(s string) sarifText {
	var out []byte
	for _, c := range []byte(visible(s, manyLines)) {
		if c == '[' || c == ']' || c == '\\' {
			out = append(out, '\\')
		}
		out = append(out, c)
	}
	return sarifText{string(out)}
}
