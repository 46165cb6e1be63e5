// SPDX-License-Identifier: Apache-2.0

package store

// NewColliding returns a memory store in whose tables most hashes collide.
func NewColliding() *Memory {
	m := NewMemory()
	m.hash.mask = 3
	return m
}

// Leftovers counts what a memory store keeps beyond its present state: versions,
// index entries, and links.
func Leftovers(m *Memory) int {
	n := 0
	for o := m.oldest; o != m.now.Load(); o = o.next {
		n++
	}
	for _, t := range m.tables {
		n += len(t.gone.cells)
		entries := len(t.keys.one) + len(t.ids.one)
		for _, index := range []index{t.keys, t.ids} {
			for _, list := range index.many {
				entries += len(list.cells)
			}
		}
		wanted := len(t.cells.cells)
		for _, c := range t.cells.cells {
			if c.head.older != nil || c.head.Version == 0 {
				n++
			}
			hashes := map[uint64]bool{}
			for _, k := range c.head.Keys {
				if k.Index != "" {
					hashes[m.hash.of(k.Index, k.Value)] = true
				}
			}
			wanted += len(hashes)
		}
		n += entries - wanted
	}
	for _, rel := range m.relations {
		for _, l := range rel.in {
			for _, x := range l.links {
				if x != nil && x.until != 0 {
					n++
				}
			}
			if len(l.links) == int(l.holes) {
				n++
			}
		}
	}
	return n
}
