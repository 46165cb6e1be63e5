// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"sync"
)

// known gives what is known of a person at the provider, nil if nothing.
func (a *Application) known(id string) *user {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.users[id]
}

// keep notes somebody at the provider.
func (a *Application) keep(id string, u *user) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.users[id] = u
}

// assignAll provisions people who came into scope, and puts them into the groups
// that are pushed. One follows the other; in a burst, all are provisioned first,
// several at a time.
func (a *Application) assignAll(ctx context.Context, ids []string) error {
	if a.o.Switches.Burst > 1 {
		if err := a.burst(ctx, ids); err != nil {
			return err
		}
	}
	for _, id := range ids {
		if a.o.Switches.Burst <= 1 {
			if err := a.enter(ctx, id); err != nil {
				return err
			}
		}
		if err := a.refreshGroups(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// burst provisions people, as many at a time as the switch says. It ends at the
// first error.
func (a *Application) burst(ctx context.Context, ids []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	free := make(chan struct{}, a.o.Switches.Burst)
	var running sync.WaitGroup
	for _, id := range ids {
		free <- struct{}{}
		if ctx.Err() != nil {
			break
		}
		running.Go(func() {
			if err := a.enter(ctx, id); err != nil {
				cancel(err)
			}
			<-free
		})
	}
	running.Wait()
	return context.Cause(ctx)
}
