// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/scimproof/scimproof/reference-server/store"
)

// ErrClosed says that the store has been closed.
var ErrClosed = errors.New("store is closed")

// maxGroup bounds how long the first change of a group waits for its commit.
const maxGroup = 256

// longestWait bounds how long a group waits for others to join it.
const longestWait = 2 * time.Millisecond

// Group commits the changes of several callers together. Changes run one at a
// time, each in the goroutine of its caller; whoever finds nobody waiting
// behind commits for all who ran since the last commit, and nobody returns
// before that. Under load a commit, which waits for the disk, is thus shared
// by as many changes as arrived during the one before.
type Group struct {
	begin func() (*Batch, error)
	end   func(*Batch) error

	waiting atomic.Int64
	arrived chan struct{} // holds one when somebody has begun to wait
	mu      sync.Mutex
	open    *group
	closed  bool
	last    int           // how many shared the last commit
	took    time.Duration // and how long it took
}

// NewGroup returns a group. Begin starts a transaction. End commits that of a
// batch, or takes it back and returns why.
func NewGroup(begin func() (*Batch, error), end func(*Batch) error) *Group {
	return &Group{begin: begin, end: end, arrived: make(chan struct{}, 1)}
}

// group is the changes that share a transaction.
type group struct {
	batch *Batch
	size  int
	done  chan struct{}
	err   error // read after done
}

// Update runs change and returns when its writes are durable. A change that
// was refused returns as late: what it was refused for is durable then, too.
func (g *Group) Update(ctx context.Context, change func(store.Tx) error) error {
	g.enter()
	own, err := g.join(ctx, change)
	if own == nil {
		return err
	}
	<-own.done
	return errors.Join(own.err, err)
}

// join runs change as one of the open group.
func (g *Group) join(ctx context.Context, change func(store.Tx) error) (own *group, err error) {
	defer g.mu.Unlock()
	defer g.settle()
	switch {
	case g.closed:
		return nil, ErrClosed
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	if g.open == nil {
		b, err := g.begin()
		if err != nil {
			return nil, err
		}
		g.open = &group{batch: b, done: make(chan struct{})}
	}
	own = g.open
	own.size++
	return own, own.batch.Run(ctx, change)
}

// enter waits for its turn, and lets it be known.
func (g *Group) enter() {
	g.waiting.Add(1)
	select {
	case g.arrived <- struct{}{}:
	default:
	}
	g.mu.Lock()
	g.waiting.Add(-1)
}

// settle commits the open group unless somebody is there who will.
func (g *Group) settle() {
	own := g.open
	if own == nil {
		return
	}
	if own.size < g.last && !g.closed {
		g.await()
	}
	if g.waiting.Load() > 0 && own.size < maxGroup {
		return
	}
	g.open = nil
	start := time.Now()
	own.err = g.end(own.batch)
	g.last, g.took = own.size, min(time.Since(start), longestWait)
	close(own.done)
}

// await gives those whom the last commit has released the time that a commit
// takes to come back: otherwise every other commit would be for the first of
// them alone. A lone caller never waits.
func (g *Group) await() {
	timeout := time.NewTimer(g.took)
	defer timeout.Stop()
	for g.waiting.Load() == 0 {
		select {
		case <-g.arrived: // perhaps of one who has had a turn since
		case <-timeout.C:
			return
		}
	}
}

// Close lets nobody in any more. It returns when the changes that were running
// are committed.
func (g *Group) Close() {
	g.enter()
	defer g.mu.Unlock()
	defer g.settle()
	g.closed = true
}
