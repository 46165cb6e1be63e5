// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// TestEvents runs a check that finds something and one that does not, and holds
// each line to the schema.
func TestEvents(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("../../docs/events.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	code := run(t.Context(), []string{
		"check", "--json-lines", "--fault", "filter-ignored", "--report", t.TempDir(), "--format", "json",
		"--select", "id:filter.operator.eq || id:patch.remove.no-path",
	}, os.LookupEnv, strings.NewReader(""), &out, &said)
	if code != 1 || said.Len() > 0 {
		t.Errorf("got exit code %d and %q, want 1 and nothing", code, &said)
	}
	var kinds, outcomes []string
	var last endEvent
	for line := range strings.Lines(out.String()) {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(line))
		if err == nil {
			err = schema.Validate(v)
		}
		if err != nil {
			t.Errorf("%s: %v", line, err)
		}
		var e struct{ Event, Outcome string }
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, e.Event)
		if e.Event == "result" {
			outcomes = append(outcomes, e.Outcome)
		}
		if e.Event == "end" {
			if err := json.Unmarshal([]byte(line), &last); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got, want := strings.Join(kinds, " "), "begin result result end"; got != want {
		t.Errorf("got events %s, want %s", got, want)
	}
	if got := strings.Join(outcomes, " "); !strings.Contains(got, "failed") || !strings.Contains(got, "passed") {
		t.Errorf("got outcomes %s, want one failed, one passed", got)
	}
	if last.ExitCode != code || len(last.Reports) != 1 {
		t.Errorf("got %+v, want exit code %d and one report", last, code)
	}
	wrong, err := jsonschema.UnmarshalJSON(strings.NewReader(`{"event":"end","exitCode":3,"verdicts":[],"reports":[]}`))
	if err != nil || schema.Validate(wrong) == nil {
		t.Errorf("the schema takes an exit code that no run has (%v)", err)
	}
}
