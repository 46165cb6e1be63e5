// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"encoding/binary"
	"strconv"
	"time"
)

// maxSortKey is how many bytes of a text a shortened key has.
const maxSortKey = 512

// Short returns a key of bounded size, to be carried from one page of a sorted
// result to the next. It orders as k does, but that texts which agree in their
// first 512 bytes, as they are compared, are equal.
func (k SortKey) Short() SortKey {
	k.text = k.text[:min(len(k.text), maxSortKey)]
	if len(k.number) > 32 { // beyond 64 bits: compared as binary64
		f, _ := strconv.ParseFloat(string(k.number), 64)
		k.number = Number(strconv.FormatFloat(f, 'g', -1, 64))
	}
	return k
}

// Append writes the key to dst, for ParseSortKey to read.
func (k SortKey) Append(dst []byte) []byte {
	some := byte(0)
	if k.some {
		some = 1
	}
	dst = append(dst, some)
	dst = binary.AppendUvarint(dst, uint64(len(k.text)))
	dst = append(dst, k.text...)
	dst = binary.AppendUvarint(dst, uint64(len(k.number)))
	dst = append(dst, k.number...)
	if !k.time.IsZero() {
		dst = binary.AppendVarint(dst, k.time.Unix())
		dst = binary.AppendUvarint(dst, uint64(k.time.Nanosecond())) //nolint:gosec // nanoseconds of a second fit any number
	}
	return dst
}

// ParseSortKey reads all of what Append wrote.
func ParseSortKey(b []byte) (k SortKey, ok bool) {
	if len(b) == 0 || b[0] > 1 {
		return k, false
	}
	k.some, b = b[0] == 1, b[1:]
	text, b, ok := cutText(b)
	if !ok {
		return k, false
	}
	number, b, ok := cutText(b)
	if !ok {
		return k, false
	}
	k.text, k.number = text, Number(number)
	if len(b) == 0 {
		return k, true
	}
	seconds, n := binary.Varint(b)
	if n <= 0 {
		return k, false
	}
	nanos, m := binary.Uvarint(b[n:])
	if m <= 0 || n+m != len(b) || nanos >= 1e9 {
		return k, false
	}
	k.time = time.Unix(seconds, int64(nanos)).UTC() //nolint:gosec // nanoseconds of a second fit any number
	return k, true
}

func cutText(b []byte) (text string, rest []byte, ok bool) {
	n, size := binary.Uvarint(b)
	if size <= 0 || n > uint64(len(b)-size) { //nolint:gosec // Uvarint reads no more than there is
		return "", nil, false
	}
	b = b[size:]
	return string(b[:n]), b[n:], true
}
