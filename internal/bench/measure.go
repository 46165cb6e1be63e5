// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// server is a running server process.
type server struct {
	greeting
	name string
	ask  io.Writer
	told *json.Decoder
	quit func() error
}

// cpu returns the processor time that the server and this process have used.
func (s *server) cpu() (time.Duration, error) {
	var used time.Duration
	if _, err := s.ask.Write([]byte{'?'}); err != nil {
		return 0, err
	}
	err := s.told.Decode(&used)
	return used + cpu(), err
}

// cost is what one turn of driving a server came to.
type cost struct {
	rate float64       // requests a second
	cpu  time.Duration // of one request, at both ends
}

// turn drives a server for a while.
func (s *server) turn(ctx context.Context, brief bool, r request, next *atomic.Int64, long time.Duration) (c cost, err error) {
	addr := s.Addr
	if brief {
		addr = s.Brief
	}
	before, err := s.cpu()
	if err != nil {
		return c, err
	}
	n, took, err := drive(ctx, addr, r, next, long)
	if err != nil {
		return c, fmt.Errorf("%s: %w", s.name, err)
	}
	after, err := s.cpu()
	return cost{float64(n) / took.Seconds(), (after - before) / time.Duration(n)}, err
}

// start runs a server process and waits until it answers.
func start(ctx context.Context, kind string, users, outside int, o options) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	c := exec.CommandContext(ctx, self, "-serve", kind, "-users", strconv.Itoa(users), "-outside", strconv.Itoa(outside), "-cpuprofile", o.profiles)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, err
	}
	s := &server{name: kind, ask: in, told: json.NewDecoder(out), quit: func() error { _ = in.Close(); return c.Wait() }}
	if err := s.told.Decode(&s.greeting); err != nil {
		return nil, fmt.Errorf("start %s: %w", kind, err)
	}
	return s, nil
}

// kind is one thing that is measured.
type kind struct {
	name   string
	target float64 // least ratio wanted; 0: none
	brief  bool    // PATCH is answered with 204
	to     []string
	make   func(*server) request
}

// row is what came of a kind on one server.
type row struct {
	name, server string
	target       float64
	rates        []float64
	ratios       []float64 // of rates
	shares       []float64 // of processor time: the bare handler's to the server's
}

// process is a server process to start.
type process struct {
	name, kind     string
	users, outside int
}

const enough = 1000 // users of the small directory

// measure starts the servers, drives them and returns the table.
func measure(ctx context.Context, o options) (*table, error) {
	servers := map[string]*server{}
	defer func() {
		for _, s := range servers {
			_ = s.quit()
		}
	}()
	wanted := []process{
		{"bare", "bare", 0, 0}, {"rfc, 1,000", "rfc", enough, 0},
		{"rfc", "rfc", o.users, o.outside}, {"datadog", "datadog", o.users, o.outside},
	}
	if o.million {
		wanted = append(wanted, process{"rfc, 1,000,000", "rfc", 1_000_000, 0})
	}
	t := &table{}
	for _, w := range wanted {
		s, err := start(ctx, w.kind, w.users, w.outside, o)
		if err != nil {
			return nil, err
		}
		s.name, servers[w.name] = w.name, s
		if w.users >= o.users {
			t.memory = append(t.memory, memory{w.name, w.users, s.PerUser, s.RSS, s.Seconds})
		}
	}
	for _, k := range kinds(o) {
		if !strings.Contains(k.name, o.only) {
			continue
		}
		rows, err := compare(ctx, k, servers, o)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.name, err)
		}
		t.rows = append(t.rows, rows...)
	}
	for _, name := range []string{"rfc", "datadog"} {
		if o.only != "" {
			break
		}
		p, err := pause(ctx, servers[name])
		if err != nil {
			return nil, fmt.Errorf("reads during a group replace: %w", err)
		}
		t.pauses = append(t.pauses, p)
	}
	return t, nil
}

// compare drives the bare handler and the servers of one kind in turn.
func compare(ctx context.Context, k kind, servers map[string]*server, o options) ([]row, error) {
	rows := make([]row, len(k.to))
	requests := make([]request, len(k.to))
	counters := make([]atomic.Int64, len(k.to)+1)
	for i, name := range k.to {
		rows[i] = row{name: k.name, server: name, target: k.target}
		requests[i] = k.make(servers[name])
	}
	// The bare handler is sent the very requests of the first server.
	for range o.rounds {
		bare, err := servers["bare"].turn(ctx, k.brief, requests[0], &counters[len(k.to)], o.slice)
		if err != nil {
			return nil, err
		}
		for i, name := range k.to {
			c, err := servers[name].turn(ctx, k.brief, requests[i], &counters[i], o.slice)
			if err != nil {
				return nil, err
			}
			rows[i].rates = append(rows[i].rates, c.rate)
			rows[i].ratios = append(rows[i].ratios, c.rate/bare.rate)
			if c.cpu > 0 {
				rows[i].shares = append(rows[i].shares, float64(bare.cpu)/float64(c.cpu))
			}
		}
	}
	return rows, nil
}

// pause measures reads while a group without members is replaced by one of
// all users, and back, over and over for two seconds.
func pause(ctx context.Context, s *server) (pauses, error) {
	p := pauses{server: s.name}
	w, err := dial(ctx, s.Addr)
	if err != nil {
		return p, err
	}
	defer w.close()
	path := s.Base + "/Groups/" + s.Spare + "?attributes=displayName"
	bodies := [][]byte{groupBody("spare", s.Users), groupBody("spare", nil)}
	done, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(done)
		defer close(failed)
		for started := time.Now(); time.Since(started) < 2*time.Second; {
			for _, body := range bodies {
				w.out = appendRequest(w.out[:0], "PUT", path, body)
				began := time.Now()
				if err := w.do(); err != nil {
					failed <- err
					return
				}
				p.replaced = append(p.replaced, time.Since(began))
			}
		}
	}()
	p.reads, err = latencies(ctx, s.Addr, readUser(s), 5*time.Millisecond, done)
	if err == nil {
		err = <-failed
	}
	return p, err
}
