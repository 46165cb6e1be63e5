// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"net/url"
	"strings"
	"testing"
)

func TestSwitches(t *testing.T) {
	b := open(t)
	b.login()
	if a := b.submit("/console/faults", url.Values{"on": {"filter-ignored"}}); a.StatusCode != 303 || a.Header.Get("Location") != "/console/switches#fault-filter-ignored" {
		t.Fatalf("fault on: got %d %s", a.StatusCode, a.Header.Get("Location"))
	}
	text := b.page("/console/switches")
	if !strings.Contains(text, "filter-ignored is on.") || !strings.Contains(text, `aria-checked="true" name="off" value="filter-ignored"`) || !strings.Contains(text, "On now, so that answers are wrong on purpose: 1 fault.") {
		t.Error("the page does not say that the fault is on")
	}
	if f := b.control.Faults(); len(f) != 1 || f[0].Name != "filter-ignored" {
		t.Errorf("faults: got %v", f)
	}
	b.submit("/console/t/acme/faults", url.Values{"on": {"etag-missing"}})
	if acme, _ := b.control.Tenant("acme"); len(acme.Faults()) != 1 || len(b.control.Faults()) != 1 {
		t.Error("a fault of a tenant is not in it alone")
	}
	b.submit("/console/faults", url.Values{"none": {"1"}})
	if f := b.control.Faults(); len(f) != 0 {
		t.Errorf("all off: got %v", f)
	}
	if a := b.submit("/console/faults", url.Values{"on": {"no-such"}}); a.StatusCode != 400 {
		t.Errorf("unknown fault: got %d", a.StatusCode)
	}
	for _, tt := range []struct {
		name   string
		values url.Values
		status int
		says   string
	}{
		{"on", url.Values{"rate 503": {"100"}, "seed": {"3"}}, 303, "Chaos is on."},
		{"no number", url.Values{"rate 503": {"many"}}, 400, "no percentage"},
		{"too much", url.Values{"rate 503": {"60"}, "rate 429": {"60"}}, 400, "in sum"},
		{"delay", url.Values{"delay": {"soon"}}, 400, "delay"},
		{"seed", url.Values{"seed": {"-1"}}, 400, "seed"},
	} {
		a := b.submit("/console/chaos", tt.values)
		said := a.text
		if a.StatusCode == 303 {
			said = b.page("/console/switches")
		}
		if a.StatusCode != tt.status || !strings.Contains(said, tt.says) {
			t.Errorf("chaos %s: got %d, want %d with %q", tt.name, a.StatusCode, tt.status, tt.says)
		}
	}
	if status := b.ask("GET", "/scim/v2/Users", scimToken, ""); status != 503 {
		t.Errorf("with chaos: got %d, want 503", status)
	}
	b.submit("/console/chaos", url.Values{"off": {"1"}, "rate 503": {"100"}})
	if status := b.ask("GET", "/scim/v2/Users", scimToken, ""); status != 200 {
		t.Errorf("without chaos: got %d, want 200", status)
	}
	if a := b.submit("/console/seed", url.Values{"text": {"peeple: []"}}); a.StatusCode != 400 || !strings.Contains(a.text, "allowed keys") || !strings.Contains(a.text, "peeple: []</textarea>") {
		t.Errorf("wrong seed: got %d, want 400, the reason, and what was tried", a.StatusCode)
	}
}
