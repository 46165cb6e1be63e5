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

// kept holds values by key for handlers that remember.
type kept struct {
	mu sync.Mutex
	m  map[string]any
}

func newKept() *kept { return &kept{m: map[string]any{}} }

func (k *kept) put(key string, v any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.m[key] = v
}

func (k *kept) get(key string) any {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.m[key]
}
