// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxReplies = 1000
	maxDelay   = 5 * time.Minute
)

// headerName is a token of RFC 9110 §5.6.2.
var headerName = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")

// Words of Reply.Drop.
const (
	dropBefore = "before" // the server never sees the request
	dropAfter  = "after"  // the server does the work; the client does not learn of it
)

// Reply is what the next matching request gets in place of the server's own
// answer. A Reply with neither a status, raw bytes nor a drop only delays.
type Reply struct {
	Method string `json:"method,omitzero"` // of the request; "": any
	Path   string `json:"path,omitzero"`   // what the request's path begins with, below the SCIM base or whole; "": any SCIM request
	Times  int    `json:"times,omitzero"`  // how many requests get it; 0: one

	Status     int               `json:"status,omitzero"`
	Headers    map[string]string `json:"headers,omitempty"` // sent as they are, a wrong Content-Length too
	Body       string            `json:"body,omitzero"`     // sent as it is, well-formed or not
	BodyBase64 string            `json:"bodyBase64,omitzero"`
	Raw        string            `json:"raw,omitzero"`   // all bytes of the answer, the status line too; HTTP/1.1 only
	Drop       string            `json:"drop,omitzero"`  // "before" or "after" the work: the connection ends without an answer
	Work       bool              `json:"work,omitzero"`  // the server does the work first, and its own answer is thrown away
	Delay      span              `json:"delay,omitzero"` // before the answer, after the work
}

// valid refuses what cannot be meant.
func (p *Reply) valid() *refusal {
	answers := 0
	for _, there := range []bool{p.Status != 0, p.Raw != "", p.Drop != ""} {
		if there {
			answers++
		}
	}
	switch {
	case answers > 1:
		return wrong("more than one answer").allowing("status", "raw", "drop")
	case answers == 0 && p.Delay == 0:
		return wrong("no answer").allowing("status", "raw", "drop", "delay alone, for the server's own answer")
	case p.Status == 0 && (len(p.Headers) > 0 || p.Body != "" || p.BodyBase64 != ""):
		return wrong("headers and a body go with a status")
	case p.Status != 0 && (p.Status < 200 || p.Status > 999):
		return wrong("status: %d", p.Status).allowing("200 to 999")
	case p.Body != "" && p.BodyBase64 != "":
		return wrong("two bodies").allowing("body", "bodyBase64")
	case p.Drop != "" && p.Drop != dropBefore && p.Drop != dropAfter:
		return wrong("drop: %q", p.Drop).allowing(dropBefore, dropAfter)
	case p.Path != "" && p.Path[0] != '/':
		return wrong("path: %q", p.Path).allowing("what a path begins with, for instance /Users")
	case p.Times < 0:
		return wrong("times: %d", p.Times).allowing("1 and above")
	case time.Duration(p.Delay) > maxDelay:
		return wrong("delay: %s", time.Duration(p.Delay)).allowing("up to " + maxDelay.String())
	}
	if _, err := p.bytes(); err != nil {
		return wrong("bodyBase64: %v", err).allowing("standard base64")
	}
	for _, name := range sortedKeys(p.Headers) {
		if !headerName.MatchString(name) || strings.ContainsAny(p.Headers[name], "\r\n\x00") {
			return wrong("headers.%s: no HTTP header", name).allowing("a header that HTTP can carry; raw for anything else")
		}
	}
	return nil
}

func (p *Reply) bytes() ([]byte, error) {
	if p.BodyBase64 != "" {
		return base64.StdEncoding.DecodeString(p.BodyBase64)
	}
	return []byte(p.Body), nil
}

// matches says whether a request gets this reply. rest is its path below the
// SCIM base, and scim whether it has one.
func (p *Reply) matches(r *http.Request, rest string, scim bool) bool {
	if p.Method != "" && p.Method != r.Method {
		return false
	}
	if p.Path == "" {
		return scim
	}
	return scim && strings.HasPrefix(rest, p.Path) || strings.HasPrefix(r.URL.EscapedPath(), p.Path)
}

// script is the queue of replies.
type script struct {
	mu    sync.Mutex
	queue []Reply
}

// next takes the first reply that a request matches off the queue.
func (s *script) next(r *http.Request, rest string, scim bool) (Reply, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.queue, func(p Reply) bool { return p.matches(r, rest, scim) })
	if i < 0 {
		return Reply{}, false
	}
	p := s.queue[i]
	if p.Times > 1 {
		s.queue[i].Times--
	} else {
		s.queue = slices.Delete(s.queue, i, i+1)
	}
	return p, true
}

func (s *script) list() []Reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.queue)
}

// add puts replies at the end of the queue, or in its place.
func (s *script) add(replies []Reply, replace bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := replies
	if !replace {
		queue = slices.Concat(s.queue, replies)
	}
	if len(queue) > maxReplies {
		return wrong("replies: %d in the queue", len(queue)).allowing("at most " + strconv.Itoa(maxReplies) + "; times repeats one")
	}
	s.queue = queue
	return nil
}

// give answers a request as scripted; own does the server's work.
func (p Reply) give(rw http.ResponseWriter, r *http.Request, own http.Handler) {
	if p.Drop == dropBefore {
		wait(rw, r, time.Duration(p.Delay))
		drop()
	}
	if p.Status == 0 && p.Raw == "" && p.Drop == "" {
		wait(rw, r, time.Duration(p.Delay))
		own.ServeHTTP(rw, r)
		return
	}
	if p.Work || p.Drop == dropAfter {
		own.ServeHTTP(&nowhere{header: http.Header{}}, r)
	}
	wait(rw, r, time.Duration(p.Delay))
	switch {
	case p.Drop != "":
		drop()
	case p.Raw != "":
		sendRaw(rw, p.Raw)
		return
	}
	for name, value := range p.Headers {
		rw.Header().Set(name, value)
	}
	body, _ := p.bytes() // valid has read it
	rw.WriteHeader(p.Status)
	_, _ = rw.Write(body) // a client that has gone, or a status without a body
}

// drop ends the connection without an answer, by the one way that net/http has.
// It does not return.
func drop() {
	panic(http.ErrAbortHandler) //nolint:forbidigo // net/http recovers from just this value
}

// sendRaw writes an answer past net/http, and ends the connection.
func sendRaw(rw http.ResponseWriter, answer string) {
	conn, out, err := http.NewResponseController(rw).Hijack()
	if err != nil {
		drop() // a connection that carries others cannot be written to
	}
	_, _ = out.WriteString(answer) // a client that has gone
	_ = out.Flush()
	_ = conn.Close()
}

// wait waits, unless the client goes away first.
func wait(rw http.ResponseWriter, r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	// Not every writer has a deadline to be moved, in tests for instance.
	_ = http.NewResponseController(rw).SetWriteDeadline(time.Now().Add(d + 30*time.Second))
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

// nowhere is where an answer goes that nobody shall see.
type nowhere struct{ header http.Header }

func (n *nowhere) Header() http.Header       { return n.header }
func (*nowhere) WriteHeader(int)             {}
func (*nowhere) Write(b []byte) (int, error) { return len(b), nil }

type replyList struct {
	Replies []Reply `json:"replies"`
}

func (a *Admin) getReplies(*http.Request) (any, error) {
	return replyList{append([]Reply{}, a.script.list()...)}, nil
}

func (a *Admin) putReplies(r *http.Request) (any, error)  { return a.addReplies(r, true) }
func (a *Admin) postReplies(r *http.Request) (any, error) { return a.addReplies(r, false) }

func (a *Admin) addReplies(r *http.Request, replace bool) (any, error) {
	list, err := read[replyList](r)
	if err != nil {
		return nil, err
	}
	if len(list.Replies) == 0 {
		return nil, wrong("replies: none").allowing(`{"replies":[{"status":500,"body":"<html>"}]}`, "DELETE empties the queue")
	}
	for i := range list.Replies {
		if e := list.Replies[i].valid(); e != nil {
			e.Text = fmt.Sprintf("replies[%d]: %s", i, e.Text)
			return nil, e
		}
	}
	if err := a.script.add(list.Replies, replace); err != nil {
		return nil, err
	}
	return a.getReplies(r)
}

func (a *Admin) deleteReplies(*http.Request) (any, error) {
	return nil, a.script.add(nil, true)
}
