// SPDX-License-Identifier: Apache-2.0

package refserver

import "sync"

// Bodies are read into and written from buffers that requests have one after the
// other: most of what a request takes is for its bodies.
var buffers = sync.Pool{New: func() any { return new([]byte) }} //nolint:gochecknoglobals // what is in a pool is nobody's

// takeBuffer returns an empty buffer.
func takeBuffer() []byte { return (*buffers.Get().(*[]byte))[:0] }

// giveBuffer gives a buffer away, of which nobody must hold a part. A large one
// is not kept.
func giveBuffer(b []byte) {
	const most = 512 << 10
	if b = b[:0]; cap(b) <= most {
		buffers.Put(&b)
	}
}
