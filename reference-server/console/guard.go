// SPDX-License-Identifier: Apache-2.0

package console

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/scimproof/scimproof/fixtures/flow"
)

const (
	sessionTime = 12 * time.Hour
	maxSessions = 64
	maxForm     = 16 << 20 // bytes, what the admin API reads of a seed
)

var errForeign = errors.New("a page of another origin may not use the console; open it in a tab of its own")

// oldForm answers a form that is not of the session.
const oldForm = "This form is not of your session. Load the page again and repeat what you did."

// foreign refuses what a page of another origin sends. Such a page may only
// lead here, by a link that opens a whole page.
func foreign(r *http.Request) error {
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		return errForeign
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site":
		if r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" {
			return errForeign
		}
	}
	return nil
}

// session is somebody who has given the admin token.
type session struct {
	form  string // that each form of the session carries, so that no other page can send one
	until time.Time
	mu    sync.Mutex
	said  string // to be told on the next page
}

// tell keeps what the next page says.
func (s *session) tell(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.said = text
}

func (s *session) told() (text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text, s.said = s.said, ""
	return text
}

// sessions are kept by the hash of what the cookie says.
type sessions struct {
	mu sync.Mutex
	by map[[sha256.Size]byte]*session
}

func random() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// begin starts a session and returns what its cookie says. The one that would
// end first makes room.
func (s *sessions) begin(now time.Time) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil {
		s.by = map[[sha256.Size]byte]*session{}
	}
	if len(s.by) >= maxSessions {
		var first [sha256.Size]byte
		for key, old := range s.by {
			if x := s.by[first]; x == nil || old.until.Before(x.until) {
				first = key
			}
		}
		delete(s.by, first)
	}
	value := random()
	s.by[sha256.Sum256([]byte(value))] = &session{form: random(), until: now.Add(sessionTime)}
	return value
}

func (s *sessions) find(value string, now time.Time) *session {
	s.mu.Lock()
	defer s.mu.Unlock()
	x := s.by[sha256.Sum256([]byte(value))]
	if x == nil || now.After(x.until) {
		return nil
	}
	return x
}

func (s *sessions) end(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.by, sha256.Sum256([]byte(value)))
}

// cookieName has the port in it: cookies do not know ports, and two servers on
// one machine shall not end each other's sessions.
func cookieName(r *http.Request) string {
	name := "scimproof-console"
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		name += "-" + port
	}
	return name
}

func cookie(r *http.Request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName(r), Value: value, Path: Path, MaxAge: age,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode,
	}
}

// sessionOf returns the session of a request, or nil.
func (c *Console) sessionOf(r *http.Request) *session {
	k, err := r.Cookie(cookieName(r))
	if err != nil {
		return nil
	}
	return c.sessions.find(k.Value, time.Now())
}

// login shows the form and takes it.
func (c *Console) login(rw http.ResponseWriter, r *http.Request) {
	type form struct{ To, Wrong string }
	f := form{To: within(r.URL.Query().Get("to"))}
	if r.Method != http.MethodPost {
		c.show(rw, http.StatusOK, "login", f)
		return
	}
	r.Body = http.MaxBytesReader(rw, r.Body, 1<<16)
	if !c.admin.Knows(flow.Secret(strings.TrimSpace(r.PostFormValue("token")))) {
		f.Wrong = "This is not the admin token. It stands behind admin-token= in the line that serve prints when it starts."
		c.show(rw, http.StatusForbidden, "login", f)
		return
	}
	http.SetCookie(rw, cookie(r, c.sessions.begin(time.Now()), int(sessionTime/time.Second)))
	http.Redirect(rw, r, f.To, http.StatusSeeOther)
}

func (c *Console) logout(rw http.ResponseWriter, v *visit) error {
	if k, err := v.Cookie(cookieName(v.Request)); err == nil {
		c.sessions.end(k.Value)
	}
	http.SetCookie(rw, cookie(v.Request, "", -1))
	http.Redirect(rw, v.Request, Path+"/login", http.StatusSeeOther)
	return nil
}

// visited lets those in who have a session, and forms that are of it.
func (c *Console) visited(p page) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s := c.sessionOf(r)
		if s == nil {
			if r.Method != http.MethodGet || r.Header.Get("Accept") == "text/event-stream" {
				http.Error(rw, "log in at "+Path+"/login", http.StatusUnauthorized)
				return
			}
			http.Redirect(rw, r, Path+"/login?to="+url.QueryEscape(r.URL.RequestURI()), http.StatusSeeOther)
			return
		}
		v := &visit{Request: r, session: s, part: c.server.Whole()}
		if name := r.PathValue("tenant"); name != "" {
			part, there := c.server.Tenant(name)
			if !there {
				c.fail(rw, v, refuse(http.StatusNotFound, "There is no tenant %q.", name))
				return
			}
			v.part = part
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			r.Body = http.MaxBytesReader(rw, r.Body, maxForm)
			if subtle.ConstantTimeCompare([]byte(r.PostFormValue("form")), []byte(s.form)) != 1 {
				c.fail(rw, v, refuse(http.StatusForbidden, oldForm))
				return
			}
		}
		if err := p(rw, v); err != nil {
			c.fail(rw, v, err)
		}
	})
}

// within returns an address of the console to go to, never one elsewhere.
func within(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(path.Clean(u.Path)+"/", Path+"/") || strings.Contains(to, "\\") {
		return Path + "/"
	}
	return u.RequestURI()
}
