// SPDX-License-Identifier: Apache-2.0

// Package statsd hears the DogStatsD datagrams that a product sends, so that
// checks can look at its metrics (Datadog, DogStatsD datagram format, v1.0 and
// v1.1).
package statsd

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/suites/check"
)

const (
	readBuffer  = 8 << 20 // of the socket: a burst must not be lost while we are not scheduled
	maxDatagram = 64 << 10
	maxHeard    = 200_000 // lines that are kept; the oldest go first
)

// Listener is a check.MetricsProbe that listens on a UDP port of this machine.
type Listener struct {
	conn *net.UDPConn
	done chan struct{}

	mu    sync.Mutex
	heard []heard
}

type heard struct {
	at   time.Time
	line string
}

var _ check.MetricsProbe = (*Listener)(nil)

// Listen opens a listener on a loopback address such as 127.0.0.1:0. The
// caller closes it.
func Listen(address string) (*Listener, error) {
	at, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return nil, fmt.Errorf("resolve statsd address: %w", err)
	}
	if !at.IP.IsLoopback() {
		return nil, fmt.Errorf("listen for statsd on %s: not a loopback address, and anybody could be heard", at)
	}
	conn, err := net.ListenUDP("udp", at)
	if err != nil {
		return nil, fmt.Errorf("listen for statsd: %w", err)
	}
	if err := conn.SetReadBuffer(readBuffer); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("set read buffer for statsd: %w", err)
	}
	l := &Listener{conn: conn, done: make(chan struct{})}
	go l.listen()
	return l, nil
}

// Address gives where datagrams are to be sent.
func (l *Listener) Address() string { return l.conn.LocalAddr().String() }

// Close stops listening.
func (l *Listener) Close() error {
	err := l.conn.Close()
	<-l.done
	return err
}

// Since gives the lines heard since a moment, in the order heard.
func (l *Listener) Since(moment time.Time) []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []string
	for _, h := range l.heard {
		if !h.at.Before(moment) {
			lines = append(lines, h.line)
		}
	}
	return lines
}

func (l *Listener) listen() {
	defer close(l.done)
	buffer := make([]byte, maxDatagram)
	for {
		n, err := l.conn.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			l.keep(time.Now(), string(buffer[:n]))
		}
	}
}

func (l *Listener) keep(at time.Time, datagram string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range strings.SplitSeq(datagram, "\n") {
		if line != "" {
			l.heard = append(l.heard, heard{at, line})
		}
	}
	if more := len(l.heard) - maxHeard; more > 0 {
		l.heard = slices.Delete(l.heard, 0, more)
	}
}
