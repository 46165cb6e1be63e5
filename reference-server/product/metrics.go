// SPDX-License-Identifier: Apache-2.0

package product

import (
	"fmt"
	"strings"

	"github.com/DataDog/datadog-go/v5/statsd"
)

// Metrics sends DogStatsD datagrams.
type Metrics struct{ client *statsd.Client }

// OpenMetrics returns Metrics that sends to a UDP address such as
// 127.0.0.1:8125, or to unix:///path.
func OpenMetrics(addr string) (*Metrics, error) {
	client, err := statsd.New(addr,
		statsd.WithWorkersCount(1), // one buffer: the lines of a write keep their order
		statsd.WithoutTelemetry(), statsd.WithoutClientSideAggregation(), statsd.WithoutOriginDetection())
	if err != nil {
		return nil, fmt.Errorf("open metrics %s: %w", addr, err)
	}
	return &Metrics{client: client}, nil
}

// Close sends what is left and closes the socket.
func (m *Metrics) Close() error { return m.client.Close() }

// count is one increment of a counter.
type count struct {
	name string // assigned, removed, unmatched, fallback, skipped
	op   Op
	role string // id of a role, or the value that names none
}

func (p *Pending) count(name string, op Op, role string) {
	p.counts = append(p.counts, count{name, op, role})
}

// send sends one datagram line a count, at once: who waits for them should
// not wait for a buffer to fill. A lost datagram is nobody's error.
func (m *Metrics) send(prefix string, counts []count) {
	if len(counts) == 0 {
		return
	}
	for _, c := range counts {
		tags := []string{"op:" + string(c.op), "source:scim"}
		if c.role != "" {
			tags = append(tags, "role:"+tagValue(c.role))
		}
		_ = m.client.Incr(prefix+"."+c.name, tags, 1)
	}
	_ = m.client.Flush()
}

// maxTag is the longest tag that Datadog keeps.
const maxTag = 200

// tagValue keeps a value that a client sent from being read as more than one
// tag or datagram.
func tagValue(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(",|#", r) {
			return '_'
		}
		return r
	}, s)
	if len(s) > maxTag-len("role:") {
		s = strings.ToValidUTF8(s[:maxTag-len("role:")], "")
	}
	return s
}
