// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/fixtures/flow"
)

// pause is how long a check waits before it reads again.
const pause = 100 * time.Millisecond

// patience waits for a provider that is eventually consistent: one whose reads
// may tell of the past for a time (Target.Consistency). A read is sent again
// until it agrees with the answer to the check's last write, if that was about
// the same resource, or else when the time is over.
type patience struct {
	mu     sync.Mutex
	wrote  time.Time // when the last write was answered
	path   string    // of the resource that it was about
	reply  *flow.Exchange
	waited time.Duration
}

// noted remembers a write.
func (s *patience) noted(r flow.Request, x *flow.Exchange) {
	if reads(r) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	path := pathOf(r)
	if id := replyID(x); r.Method == http.MethodPost && id != "" {
		path += "/" + id
	}
	s.wrote, s.path, s.reply = time.Now(), path, x
}

// reads says whether r asks and changes nothing.
func reads(r flow.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead || strings.HasSuffix(pathOf(r), "/.search")
}

func pathOf(r flow.Request) string {
	path, _, _ := strings.Cut(r.Path, "?")
	return strings.TrimSuffix(path, "/")
}

// agrees says whether x tells the same of a resource as the answer to the last
// write, which was about it.
func (s *patience) agrees(r flow.Request, x *flow.Exchange) bool {
	if r.Path != s.path || r.Method != http.MethodGet || s.reply == nil {
		return false
	}
	if s.reply.Method == http.MethodDelete {
		return x.Status == http.StatusNotFound
	}
	return s.reply.Status/100 == 2 && len(s.reply.Response.Body) > 0 && bytes.Equal(canonical(s.reply), canonical(x))
}

// canonical gives a body whose form does not matter.
func canonical(x *flow.Exchange) []byte {
	v := jsontext.Value(bytes.Clone(x.Response.Body))
	if err := v.Canonicalize(); err != nil {
		return x.Response.Body
	}
	return v
}

// settled sends r for a check. Waiting is not charged to its time.
func (t *T) settled(r flow.Request) (*flow.Exchange, error) {
	within := t.provider.target.Consistency
	s := &t.patience
	s.mu.Lock()
	over, about := s.wrote.Add(within), r.Path == s.path && r.Method == http.MethodGet
	s.mu.Unlock()
	if within <= 0 || !reads(r) || !time.Now().Before(over) {
		return t.send(r)
	}
	defer t.watch.pause()()
	begun := time.Now()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.waited += time.Since(begun)
	}()
	for {
		left := time.Until(over)
		if left <= 0 {
			return t.send(r)
		}
		wait := left // what cannot be compared is read once, when the time is over
		if about {
			x, err := t.send(r)
			s.mu.Lock()
			same := err == nil && s.agrees(r, x)
			s.mu.Unlock()
			if err != nil || same {
				return x, err
			}
			wait = min(left, pause)
		}
		select {
		case <-t.ctx.Done():
			return t.send(r)
		case <-time.After(wait):
		}
	}
}

// quiet waits until reads tell of every write.
func (s *patience) quiet(ctx context.Context, within time.Duration) {
	s.mu.Lock()
	left := time.Until(s.wrote.Add(within))
	s.mu.Unlock()
	if within <= 0 || left <= 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(left):
	}
}
