// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
)

const (
	maxStreams = 16
	pace       = 250 * time.Millisecond // between two events at least
	heartbeat  = 20 * time.Second
	patience   = 10 * time.Second // for a reader that does not read
)

// event is what a stream sends: the summary, and those rows of the first page
// that are new or say something else now.
type event struct {
	Summary string    `json:"summary"`
	Rows    []liveRow `json:"rows"`
	Only    []int64   `json:"only"` // the numbers of the page, the newest first; others are gone
	Fresh   int       `json:"fresh"`
}

type liveRow struct {
	Number int64  `json:"number"`
	HTML   string `json:"html"`
}

// live is the stream of requests, as Server-Sent Events. Nothing is done while
// nobody looks; while somebody does, at most one part in five of the time goes
// into making views, however many requests come.
func (c *Console) live(rw http.ResponseWriter, v *visit) error {
	if c.streams.Add(1) > maxStreams {
		c.streams.Add(-1)
		rw.Header().Set("Retry-After", "30")
		return refuse(http.StatusServiceUnavailable, "%d live streams are open, more are not served. Close some tabs.", maxStreams)
	}
	defer c.streams.Add(-1)
	changed, stop := c.admin.Watch()
	defer stop()
	rw.Header().Set("Content-Type", "text/event-stream")
	s := &stream{c: c, v: v, rw: rw, to: http.NewResponseController(rw), seed: maphash.MakeSeed(), sent: map[int64]uint64{}}
	for {
		wait, err := s.send()
		if err != nil || !s.rest(wait) {
			return nil // nobody is there to be told
		}
		for quiet := true; quiet; {
			select {
			case <-changed:
				quiet = false
			case <-time.After(heartbeat):
				if s.write(": still here\n\n") != nil {
					return nil
				}
			case <-v.Context().Done():
				return nil
			case <-c.ctx.Done():
				return nil
			}
		}
	}
}

// stream is one reader with what it knows.
type stream struct {
	c    *Console
	v    *visit
	rw   http.ResponseWriter
	to   *http.ResponseController
	seed maphash.Seed
	sent map[int64]uint64 // hashes of rows by number
	last int64            // number of the newest row that was sent
}

// send sends what is new, and says how long to rest after it.
func (s *stream) send() (time.Duration, error) {
	if s.c.sessionOf(s.v.Request) == nil {
		return 0, http.ErrNoCookie
	}
	v := s.c.viewOf(s.v.part.Name())
	e := event{Only: []int64{}}
	rows, _ := v.page(0)
	known, newest := map[int64]uint64{}, s.last
	for _, r := range rows {
		var b bytes.Buffer
		if err := s.c.templates.ExecuteTemplate(&b, "row", rowPage{s.v.base(), r}); err != nil {
			return 0, err
		}
		sum := maphash.Bytes(s.seed, b.Bytes())
		if old, there := s.sent[r.Number]; !there || old != sum {
			e.Rows = append(e.Rows, liveRow{r.Number, b.String()})
		}
		if r.Number > s.last && s.last > 0 {
			e.Fresh++
		}
		known[r.Number], newest = sum, max(newest, r.Number)
		e.Only = append(e.Only, r.Number)
	}
	s.sent, s.last = known, newest
	var b bytes.Buffer
	if err := s.c.templates.ExecuteTemplate(&b, "summary", summary{s.v.base(), v}); err != nil {
		return 0, err
	}
	e.Summary = b.String()
	text, err := json.Marshal(e)
	if err != nil {
		return 0, err
	}
	return max(pace, 4*v.cost), s.write(fmt.Sprintf("event: requests\ndata: %s\n\n", text))
}

// write sends text now. A reader that does not read is not waited for.
func (s *stream) write(text string) error {
	// Not every writer knows deadlines; then that of the server holds.
	_ = s.to.SetWriteDeadline(time.Now().Add(patience))
	if _, err := s.rw.Write([]byte(text)); err != nil {
		return err
	}
	return s.to.Flush()
}

// rest waits, and says whether there is somebody still.
func (s *stream) rest(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.v.Context().Done():
	case <-s.c.ctx.Done():
	}
	return false
}
