// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"fmt"
	"slices"
	"time"

	"github.com/scimproof/scimproof/simulator/cycle"
)

// work is one object of a cycle, or one reference between two.
type work struct {
	step   step
	id     string // person or group
	member string // step member
}

// step is a pass of a cycle, in the order of Microsoft's description: users,
// their managers, groups, their members.
type step int

const (
	stepUser step = iota
	stepManager
	stepGroup
	stepMember
)

// reference says whether the work is about a reference.
func (s step) reference() bool { return s == stepManager || s == stepMember }

func (w work) subject() string {
	switch w.step {
	case stepUser:
		return "person " + w.id
	case stepManager:
		return "manager of person " + w.id
	case stepGroup:
		return "group " + w.id
	}
	return "member " + w.member + " of group " + w.id
}

// escrowed is work that failed and is tried again in a later cycle.
type escrowed struct {
	work    work
	task    cycle.Task
	release time.Time
}

// maxBackOff is how many times the wait for escrow doubles.
const maxBackOff = 6

// failed puts work into escrow, each time for twice as long.
func (c *Connector) failed(w work, f *failure) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.count.failures++
	if w.step.reference() {
		c.count.references++
	}
	subject := w.subject()
	e := c.escrow[subject]
	if e == nil {
		e = &escrowed{work: w, task: cycle.Task{Subject: subject}}
		c.escrow[subject] = e
		c.order = append(c.order, subject)
	}
	now := c.clock.Now()
	e.release = now.Add(c.options.Times.Interval << min(e.task.Attempts, maxBackOff))
	e.task.Message = fmt.Sprintf("%s. This operation was retried %d times. It will be retried again after this date: %s.",
		f.message, e.task.Attempts, e.release.UTC().Format(time.RFC3339))
	e.task.At, e.task.Exchange = now, f.sent.Exchange
	e.task.Attempts++
}

// mended takes work out of escrow.
func (c *Connector) mended(w work) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.escrow, w.subject())
}

// waiting gives what is in escrow, in the order that it first failed.
func (c *Connector) waiting() []*escrowed {
	out := make([]*escrowed, 0, len(c.escrow))
	seen := make(map[string]bool, len(c.escrow))
	c.order = slices.DeleteFunc(c.order, func(subject string) bool {
		e := c.escrow[subject]
		gone := e == nil || seen[subject]
		if !gone {
			seen[subject] = true
			out = append(out, e)
		}
		return gone
	})
	return out
}

// ready gives the work whose time in escrow is over.
func (c *Connector) ready() []work {
	var out []work
	now := c.clock.Now()
	for _, e := range c.waiting() {
		if !e.release.After(now) {
			out = append(out, e.work)
		}
	}
	return out
}

// release ends the waits of all that is in escrow, and of quarantine.
func (c *Connector) release() {
	for _, e := range c.escrow {
		e.release = time.Time{}
	}
	c.quarantine.next = time.Time{}
}

// Tasks lists the quarantine of the application, and what is in escrow in the
// order that it first failed.
func (c *Connector) Tasks() []cycle.Task {
	var out []cycle.Task
	if c.quarantine.on() {
		out = append(out, c.quarantine.task)
	}
	for _, e := range c.waiting() {
		out = append(out, e.task)
	}
	return out
}

// tally counts what became of a cycle.
type tally struct{ objects, failures, references int }

// Reasons for quarantine.
const (
	escrowProportion = "EncounteredEscrowProportionThreshold"
	quarantined      = "EncounteredQuarantineException"
)

// quarantine is the state of an application whose cycles are held back.
type quarantine struct {
	task     cycle.Task
	attempts int
	since    time.Time
	next     time.Time
	disabled bool
}

func (q *quarantine) on() bool { return q.attempts > 0 }

// Waits between the tries of an application in quarantine: 6, 12 and 24 hours,
// then daily; after 28 days it is switched off.
const (
	quarantineFirst = 6 * time.Hour
	quarantineDaily = 24 * time.Hour
	quarantineEnd   = 28 * 24 * time.Hour
)

func (q *quarantine) enter(now time.Time, reason string, f *failure) {
	if !q.on() {
		q.since = now
	}
	wait := min(quarantineFirst<<min(q.attempts, maxBackOff), quarantineDaily)
	q.attempts++
	q.next = now.Add(wait)
	q.disabled = now.Sub(q.since) >= quarantineEnd
	q.task = cycle.Task{Subject: "application", At: now, Attempts: q.attempts, Message: reason}
	if f != nil {
		q.task.Message += ": " + f.message
		q.task.Exchange = f.sent.Exchange
	}
}

// exceeded says whether a cycle had more failures than an application may.
func (l Limits) exceeded(t tally) bool {
	return t.failures >= l.FailuresOverall || t.failures-t.references > l.Failures ||
		t.failures >= l.Least && float64(t.failures) >= l.Proportion*float64(t.objects)
}
