// SPDX-License-Identifier: Apache-2.0

package fault

import "sync"

// set is a set of JSON values for handlers that remember.
type set struct {
	mu sync.Mutex
	m  map[any]bool
}

func newSet() *set { return &set{m: map[any]bool{}} }

func (s *set) add(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.m[v] = true
}

func (s *set) has(v any) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[v]
}
