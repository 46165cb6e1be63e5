// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/profiles"
)

func listen(t *testing.T) (*Metrics, func() []string) {
	t.Helper()
	heard, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = heard.Close() })
	m, err := OpenMetrics(heard.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m, func() []string {
		buf := make([]byte, 65536)
		if err := heard.SetReadDeadline(time.Now().Add(2 * time.Second)); err != nil {
			t.Fatal(err)
		}
		n, _, err := heard.ReadFrom(buf)
		if err != nil {
			t.Fatalf("no datagram: %v", err)
		}
		lines := strings.Split(strings.TrimSpace(string(buf[:n])), "\n")
		slices.Sort(lines)
		return lines
	}
}

func TestDatagrams(t *testing.T) {
	m, next := listen(t)
	w := newWorld(t, nil)
	w.metrics = m
	p := &Pending{}
	p.count("assigned", Patch, w.roles["admin"])
	p.count("unmatched", Patch, "a,b|c#d\n"+strings.Repeat("é", 200))
	p.count("skipped", Replace, "")
	w.Committed(p)
	got := next()
	want := []string{
		"scim.role.assigned:1|c|#op:patch,source:scim,role:" + w.roles["admin"],
		"scim.role.skipped:1|c|#op:replace,source:scim",
		"scim.role.unmatched:1|c|#op:patch,source:scim,role:a_b_c_d_" + strings.Repeat("é", 93),
	}
	if diff := gocmp.Diff(got, want); diff != "" {
		t.Errorf("got -, want +:\n%s", diff)
	}
}

func TestNoDatagramsWithoutMetrics(t *testing.T) {
	m, next := listen(t)
	w := newWorld(t, func(p *profiles.Profile) { p.Metrics.Enabled = false })
	w.metrics = m
	p := &Pending{}
	p.count("assigned", Create, "role")
	w.Committed(p)
	w.Committed(nil)
	w.profile.Metrics.Enabled = true
	p = &Pending{}
	p.count("removed", Create, "role")
	w.Committed(p)
	if got := next(); len(got) != 1 || !strings.HasPrefix(got[0], "scim.role.removed:1|c") {
		t.Errorf("got %q, want the second write's alone", got)
	}
}
