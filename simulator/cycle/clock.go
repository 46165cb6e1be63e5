// SPDX-License-Identifier: Apache-2.0

package cycle

import (
	"context"
	"sync"
	"time"
)

// Clock is time as a simulator sees it.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error // returns early with the error of ctx
}

// Virtual is a clock on which waiting is free: Sleep moves it forward and
// returns at once. It is safe for use by several goroutines.
type Virtual struct {
	mu  sync.Mutex
	now time.Time
}

// NewVirtual returns a clock that shows start.
func NewVirtual(start time.Time) *Virtual { return &Virtual{now: start} }

// Now gives the time that the clock shows.
func (v *Virtual) Now() time.Time {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Sleep moves the clock forward.
func (v *Virtual) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.now = v.now.Add(d)
	return nil
}

// Real is the clock on the wall.
type Real struct{}

// Now gives the time.
func (Real) Now() time.Time { return time.Now() }

// Sleep waits.
func (Real) Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
