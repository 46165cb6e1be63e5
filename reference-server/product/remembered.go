// SPDX-License-Identifier: Apache-2.0

package product

import (
	"bytes"
	"sync"

	"github.com/scimproof/scimproof/reference-server/store"
)

// mostRemembered bounds what is remembered; beyond it, all is forgotten.
const mostRemembered = 1024

// remembered keeps what the few records say that nearly every write looks at:
// the organisation, its roles, the owners of keys. They are read each time, so
// that every server of the organisation sees a change, and decoded only when
// they are other than the last time.
type remembered[T any] struct {
	mu   sync.Mutex
	byID map[string]reading[T]
}

type reading[T any] struct {
	body  []byte
	value T
}

// of returns what a record says. It is shared: a slice in it is to be copied
// before it is changed.
func (m *remembered[T]) of(r *store.Record) (T, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if seen, ok := m.byID[r.ID]; ok && bytes.Equal(seen.body, r.Body) {
		return seen.value, nil
	}
	v, err := decode[T](r)
	if err != nil {
		return v, err
	}
	if m.byID == nil || len(m.byID) >= mostRemembered {
		m.byID = map[string]reading[T]{}
	}
	m.byID[r.ID] = reading[T]{r.Body, v}
	return v, nil
}
