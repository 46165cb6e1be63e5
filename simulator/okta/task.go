// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/scimproof/scimproof/simulator/cycle"
)

// failure is what the provider did so that a piece of work failed.
type failure struct {
	message string
	sent    cycle.Sent // no exchange if it was none of the wire
}

// Error gives the text that an administrator reads.
func (f *failure) Error() string { return f.message }

// job is a piece of work that can be asked for again.
type job struct {
	name    string // "assign"
	subject string // "person alice"
	run     func(ctx context.Context) error
}

// failed is a job that is listed under Tasks.
type failed struct {
	job
	task cycle.Task
}

// do runs a job. What the provider refuses becomes a task, and what succeeds
// ends the one that was there.
func (a *Application) do(ctx context.Context, j job) error {
	err := j.run(ctx)
	var f *failure
	if err != nil && !errors.As(err, &f) {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	at := slices.IndexFunc(a.tasks, func(t failed) bool { return t.name == j.name && t.subject == j.subject })
	if f == nil {
		if at >= 0 {
			a.tasks = slices.Delete(a.tasks, at, at+1)
		}
		return nil
	}
	t := failed{j, cycle.Task{Subject: j.subject, Message: f.message, At: a.clock.Now(), Exchange: f.sent.Exchange, Attempts: f.sent.Attempts}}
	if at >= 0 {
		a.tasks[at] = t
	} else {
		a.tasks = append(a.tasks, t)
	}
	return nil
}

// drop ends the tasks of somebody for whom there is nothing to do any more.
func (a *Application) drop(subject string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tasks = slices.DeleteFunc(a.tasks, func(t failed) bool { return t.subject == subject })
}

// retry is "Retry Selected" with all tasks selected.
func (a *Application) retry(ctx context.Context) error {
	for _, t := range slices.Clone(a.tasks) {
		if err := a.do(ctx, t.job); err != nil {
			return err
		}
	}
	return nil
}

// Tasks lists what failed and was not mended since, oldest first.
func (a *Application) Tasks() []cycle.Task {
	var all []cycle.Task
	for _, t := range a.tasks {
		all = append(all, t.task)
	}
	return all
}

// refused makes the failure for an answer that is not a success: what Okta was
// doing, the reason phrase, and the provider's text (reported and recorded).
func refused(doing string, s cycle.Sent) *failure {
	if s.Status == 0 {
		return &failure{doing + ": " + s.Error, s}
	}
	reason := http.StatusText(s.Status)
	if reason == "" {
		reason = fmt.Sprintf("HTTP %d", s.Status)
	}
	if s.Status == http.StatusTooManyRequests {
		reason += fmt.Sprintf(", %d attempts", s.Attempts)
	}
	if remote := remoteText(s); remote != "" {
		reason += ". Errors reported by remote server: " + remote
	}
	return &failure{doing + ": " + reason, s}
}

// unreadable makes the failure for a body that is not what it has to be.
func unreadable(doing string, s cycle.Sent) *failure {
	return &failure{doing + ": " + invalid(s.Response.Body), s}
}

// remoteText gives the detail of an error (RFC 7644 §3.12), or what Okta's
// parser says to a body that is not JSON (recorded).
func remoteText(s cycle.Sent) string {
	if len(s.Response.Body) == 0 {
		return ""
	}
	o, err := parseObject(s.Response.Body)
	if err != nil {
		return invalid(s.Response.Body)
	}
	return o.text("detail")
}

// invalid names the first token of a body that is no JSON object.
func invalid(body []byte) string {
	s := strings.TrimSpace(string(body))
	if s == "" {
		return "Invalid JSON: No content"
	}
	end := strings.IndexFunc(s, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) })
	if end == 0 {
		_, end = utf8.DecodeRuneInString(s)
	} else if end < 0 {
		end = len(s)
	}
	const most = 40
	return fmt.Sprintf("Invalid JSON: Unrecognized token %q", s[:min(end, most)])
}
