// SPDX-License-Identifier: Apache-2.0

package sqltx

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"github.com/scimproof/scimproof/reference-server/store"
)

// ErrClosed: the store has been closed.
var ErrClosed = errors.New("store is closed")

// maxGroup bounds how long the first change of a group waits for its commit.
const maxGroup = 256

// Group commits the changes of several callers together. Changes run one at a
// time, each in the goroutine of its caller; whoever finds nobody waiting
// behind commits for all who ran since the last commit, and nobody returns
// before that. Under load a commit, which waits for the disk, is thus shared
// by as many changes as arrived during the one before.
type Group struct {
	// Begin starts a transaction.
	Begin func() (*Batch, error)
	// End commits the transaction of b, or takes it back if that or err says
	// so, and returns why it was not committed.
	End func(b *Batch, err error) error

	waiting atomic.Int64
	mu      sync.Mutex
	open    *group
	closed  bool
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
	g.waiting.Add(1)
	g.mu.Lock()
	g.waiting.Add(-1)
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
		b, err := g.Begin()
		if err != nil {
			return nil, err
		}
		g.open = &group{batch: b, done: make(chan struct{})}
	}
	own = g.open
	own.size++
	return own, own.batch.Run(ctx, change)
}

// settle commits the open group unless somebody is there who will.
func (g *Group) settle() {
	own := g.open
	if own == nil || g.waiting.Load() > 0 && own.size < maxGroup {
		return
	}
	g.open = nil
	own.err = g.End(own.batch, own.batch.Flush())
	close(own.done)
}

// Close lets nobody in any more. It returns when the changes that were running
// are committed.
func (g *Group) Close() {
	g.waiting.Add(1)
	g.mu.Lock()
	g.waiting.Add(-1)
	defer g.mu.Unlock()
	defer g.settle()
	g.closed = true
}
