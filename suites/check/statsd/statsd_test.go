// SPDX-License-Identifier: Apache-2.0

package statsd_test

import (
	"net"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/suites/check/statsd"
)

func TestListenerHearsLines(t *testing.T) {
	l, err := statsd.Listen("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	conn, err := net.Dial("udp", l.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	begun := time.Now()
	if _, err := conn.Write([]byte("a:1|c\nb:2|g\n")); err != nil {
		t.Fatal(err)
	}
	for len(l.Since(begun)) < 2 && time.Since(begun) < 5*time.Second {
		time.Sleep(time.Millisecond)
	}
	if diff := cmp.Diff([]string{"a:1|c", "b:2|g"}, l.Since(begun)); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if got := l.Since(time.Now()); len(got) != 0 {
		t.Errorf("got %v since now, want none", got)
	}
}

func TestListenRefusesAnAddressThatOthersReach(t *testing.T) {
	if l, err := statsd.Listen("0.0.0.0:0"); err == nil {
		_ = l.Close()
		t.Error("got no error, want one about loopback")
	}
}

func TestParse(t *testing.T) {
	tests := []struct {
		name, line string
		want       statsd.Metric
		wantErr    bool
	}{
		{"a counter", "scim.role.assigned:1|c", statsd.Metric{Name: "scim.role.assigned", Values: []string{"1"}, Type: "c", Rate: 1, Tags: map[string]string{}}, false},
		{"rate and tags", "a:1|c|@0.5|#op:patch,role:x:y,bare", statsd.Metric{Name: "a", Values: []string{"1"}, Type: "c", Rate: 0.5, Tags: map[string]string{"op": "patch", "role": "x:y", "bare": ""}}, false},
		{"packed values", "a:1:2:3|d", statsd.Metric{Name: "a", Values: []string{"1", "2", "3"}, Type: "d", Rate: 1, Tags: map[string]string{}}, false},
		{"a set", "a:x:y|s|c:container", statsd.Metric{Name: "a", Values: []string{"x:y"}, Type: "s", Rate: 1, Tags: map[string]string{}}, false},
		{"an event", "_e{1,1}:a|b", statsd.Metric{}, true},
		{"no type", "a:1", statsd.Metric{}, true},
		{"another type", "a:1|q", statsd.Metric{}, true},
		{"a rate of none", "a:1|c|@0", statsd.Metric{}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := statsd.Parse(test.line)
			if (err != nil) != test.wantErr {
				t.Fatalf("got error %v, want error %v", err, test.wantErr)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("metric (-want +got):\n%s", diff)
			}
		})
	}
}
