// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

const connections = 8

// request appends the nth request of a measurement, in whole.
type request func(dst []byte, n int) []byte

// appendRequest appends a request with a body, or without where it is nil.
func appendRequest(dst []byte, method, path string, body []byte) []byte {
	dst = append(append(append(dst, method...), ' '), path...)
	dst = append(dst, " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "+token+"\r\nAccept: application/scim+json\r\n"...)
	if body != nil {
		dst = append(dst, "Content-Type: application/scim+json\r\nContent-Length: "...)
		dst = append(strconv.AppendInt(dst, int64(len(body)), 10), "\r\n"...)
	}
	return append(append(dst, "\r\n"...), body...)
}

// client is one kept connection. It knows as much of HTTP as the two servers
// write, and so leaves the processors to them.
type client struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func dial(ctx context.Context, addr string) (*client, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	return &client{conn: conn, in: bufio.NewReaderSize(conn, 64<<10)}, nil
}

// dialAll opens all connections of a measurement.
func dialAll(ctx context.Context, addr string) ([]*client, error) {
	clients := make([]*client, connections)
	for i := range clients {
		c, err := dial(ctx, addr)
		if err != nil {
			closeAll(clients[:i])
			return nil, err
		}
		clients[i] = c
	}
	return clients, nil
}

func closeAll(clients []*client) {
	for _, c := range clients {
		c.close()
	}
}

// close ends the connection. What it was for has been done or has failed.
func (c *client) close() { _ = c.conn.Close() }

// do sends what is in out and reads the reply. The status must be 2xx.
func (c *client) do() error {
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	if len(line) < 12 {
		return fmt.Errorf("reply begins with %q", line)
	}
	refused := line[9] != '2'
	status := string(line[9:12])
	length := 0
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); string(name) == "Content-Length" {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(value))); err != nil {
				return err
			}
		}
	}
	if refused {
		text := make([]byte, min(length, 300))
		_, _ = io.ReadFull(c.in, text)
		end := bytes.IndexByte(c.out, '\r')
		return fmt.Errorf("%s: status %s: %s", c.out[:end], status, text)
	}
	_, err = c.in.Discard(length)
	return err
}

// drive sends requests over all connections for a while and returns how many
// were answered in what time. next numbers the requests of all its calls.
func drive(ctx context.Context, addr string, r request, next *atomic.Int64, long time.Duration) (n int, took time.Duration, err error) {
	clients, err := dialAll(ctx, addr)
	if err != nil {
		return 0, 0, err
	}
	defer closeAll(clients)
	for _, c := range clients {
		c.out = r(c.out[:0], int(next.Add(1)))
		if err := c.do(); err != nil { // the first is not counted
			return 0, 0, err
		}
	}
	var wg sync.WaitGroup
	counts, errs := make([]int, connections), make([]error, connections)
	started := time.Now()
	for i, c := range clients {
		wg.Go(func() {
			for time.Since(started) < long && ctx.Err() == nil && errs[i] == nil {
				c.out = r(c.out[:0], int(next.Add(1)))
				errs[i] = c.do()
				counts[i]++
			}
		})
	}
	wg.Wait()
	took = time.Since(started)
	for _, count := range counts {
		n += count
	}
	return n, took, errors.Join(append(errs, ctx.Err())...)
}

// latencies sends requests at a fixed pace on each connection until done is
// closed, and returns the times from when each was due, sorted: a request that
// had to wait for the one before it has waited.
func latencies(ctx context.Context, addr string, r request, pace time.Duration, done <-chan struct{}) ([]time.Duration, error) {
	var mu sync.Mutex
	var all []time.Duration
	var wg sync.WaitGroup
	errs := make([]error, connections)
	clients, err := dialAll(ctx, addr)
	if err != nil {
		return nil, err
	}
	defer closeAll(clients)
	for i, c := range clients {
		wg.Go(func() {
			var own []time.Duration
			due := time.Now()
			for n := 0; errs[i] == nil; n++ {
				due = due.Add(pace)
				select {
				case <-done:
					mu.Lock()
					all = append(all, own...)
					mu.Unlock()
					return
				case <-ctx.Done():
					errs[i] = ctx.Err()
				case <-time.After(time.Until(due)):
					c.out = r(c.out[:0], n*connections+i)
					errs[i] = c.do()
					own = append(own, time.Since(due))
				}
			}
		})
	}
	wg.Wait()
	slices.Sort(all)
	return all, errors.Join(errs...)
}
