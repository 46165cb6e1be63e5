// SPDX-License-Identifier: Apache-2.0

package ginkgosuite

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/scimproof/scimproof/suites/check"
)

// ahead judges checks in their order on several goroutines. Ginkgo runs its
// specs one after the other in a process; each of them only waits for its own
// result.
type ahead struct {
	results []chan check.Result // each gets one result, or is closed without
	next    atomic.Int64
	workers sync.WaitGroup
}

func judgeAhead(ctx context.Context, cfg Config) *ahead {
	a := &ahead{results: make([]chan check.Result, len(cfg.Checks))}
	for i := range a.results {
		a.results[i] = make(chan check.Result, 1)
	}
	for range max(cfg.Jobs, 1) {
		a.workers.Go(func() {
			for i := a.take(); i < len(cfg.Checks); i = a.take() {
				if ctx.Err() == nil {
					a.results[i] <- check.Judge(ctx, cfg.Checks[i], cfg.Provider)
				}
				close(a.results[i])
			}
		})
	}
	return a
}

func (a *ahead) take() int { return int(a.next.Add(1)) - 1 }

// result waits for what came of a check. There is none if the run was
// cancelled before it began.
func (a *ahead) result(i int) (check.Result, bool) {
	r, ok := <-a.results[i]
	return r, ok
}

// rest gives what came of the checks from the i-th on that were begun, once
// all have ended.
func (a *ahead) rest(i int) (results []check.Result) {
	for ; i < len(a.results); i++ {
		select {
		case r, ok := <-a.results[i]:
			if ok {
				results = append(results, r)
			}
		default: // it was never begun
		}
	}
	return results
}

// wait waits until every check that was begun is cleaned up.
func (a *ahead) wait() { a.workers.Wait() }
