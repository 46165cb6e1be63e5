// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"net/http"
	"sync"
	"sync/atomic"
)

// What is kept for stale reads.
const (
	maxStale     = 1000
	maxStaleBody = 64 << 10
)

// staleMemory keeps how GETs were answered, for stale reads: what a replica
// that lags behind would say. It knows the last true answer to each URL, so that
// a client does not see what it wrote since it last looked. When it is full the
// URL that it has known longest goes.
type staleMemory struct {
	on      atomic.Bool
	mu      sync.Mutex
	answers map[[sha256.Size]byte]*kept
	order   [][sha256.Size]byte // of the keys of answers
}

// kept is an answer that may be given again.
type kept struct {
	status int
	header http.Header
	body   bytes.Buffer
	over   bool // longer than is kept
}

func (k *kept) send(rw http.ResponseWriter) {
	maps.Copy(rw.Header(), k.header)
	rw.WriteHeader(k.status)
	_, _ = rw.Write(k.body.Bytes()) // a client that has gone
}

func (m *staleMemory) clear(on bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.answers, m.order = map[[sha256.Size]byte]*kept{}, nil
	m.on.Store(on)
}

// keyOf names what an answer depends on, the credentials among it.
func keyOf(r *http.Request) [sha256.Size]byte {
	h := sha256.New()
	for _, s := range []string{r.Host, r.URL.RequestURI(), r.Header.Get("Authorization"), r.Header.Get("Accept")} {
		_, _ = h.Write(append([]byte(s), 0)) // a hash takes everything
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func (m *staleMemory) stale(r *http.Request) *kept {
	if r.Method != http.MethodGet {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.answers[keyOf(r)]
}

// remembering returns own with its answers to GETs kept.
func (m *staleMemory) remembering(own http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.Header.Get("If-None-Match") != "" {
			own.ServeHTTP(rw, r)
			return
		}
		t := &tee{ResponseWriter: rw, kept: kept{status: http.StatusOK}}
		own.ServeHTTP(t, r)
		if t.over || t.status != http.StatusOK && t.status != http.StatusNotFound {
			return
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		t.header = rw.Header().Clone()
		t.header.Del(chaosHeader)
		key := keyOf(r)
		if _, known := m.answers[key]; !known {
			m.order = append(m.order, key)
		}
		m.answers[key] = &t.kept
		if len(m.order) > maxStale {
			delete(m.answers, m.order[0])
			m.order = m.order[1:]
		}
	})
}

// tee sends an answer and keeps it.
type tee struct {
	http.ResponseWriter
	kept
}

// Unwrap lets http.ResponseController reach the connection.
func (t *tee) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// WriteHeader sends and keeps the status.
func (t *tee) WriteHeader(status int) {
	t.status = status
	t.ResponseWriter.WriteHeader(status)
}

func (t *tee) Write(b []byte) (int, error) {
	if t.over = t.over || t.body.Len()+len(b) > maxStaleBody; !t.over {
		t.body.Write(b)
	}
	return t.ResponseWriter.Write(b)
}
