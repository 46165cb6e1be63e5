// SPDX-License-Identifier: Apache-2.0

package engine

import (
	"strings"
	"testing"
	"time"
)

func sortKeys() []SortKey {
	long := strings.Repeat("ä", 600)
	at := time.Date(2026, 11, 23, 12, 0, 0, 1, time.FixedZone("", 3600))
	return []SortKey{
		{}, {some: true}, {some: true, text: "a"}, {some: true, text: "b\x00c"}, {some: true, text: long}, {some: true, text: long + "x"},
		{some: true, number: "-5"}, {some: true, number: "1.5e3"}, {some: true, number: "9223372036854775807"},
		{some: true, number: Number("1" + strings.Repeat("0", 400))}, {some: true, number: Number("3." + strings.Repeat("1", 400))},
		{some: true, time: at}, {some: true, time: at.Add(1)}, {some: true, time: time.Date(1, 1, 1, 0, 0, 0, 5, time.UTC)}, {some: true, time: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	}
}

func TestSortKeysAreReadAsTheyWereWritten(t *testing.T) {
	for _, k := range sortKeys() {
		short := k.Short()
		b := short.Append(nil)
		got, ok := ParseSortKey(b)
		if !ok || got.compare(short) != 0 || got.some != short.some || len(b) > 1+2*maxSortKey {
			t.Errorf("%+v: got %+v, %v of %d bytes", k, got, ok, len(b))
		}
		for n := range b { // no part of it is read as another key with something left over
			if got, ok := ParseSortKey(b[:n]); ok && got.compare(short) == 0 && !short.time.IsZero() {
				t.Errorf("%+v: its first %d bytes are the same key", k, n)
			}
		}
		if _, ok := ParseSortKey(append(b, 0)); ok {
			t.Errorf("%+v: a byte more is read as well", k)
		}
	}
	for _, b := range [][]byte{nil, {2}, {1, 5}, {1, 0}, {1, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}} {
		if k, ok := ParseSortKey(b); ok {
			t.Errorf("%x: got %+v, want none", b, k)
		}
	}
}

// A short key keeps the order, but for texts that are long and alike.
func TestShortSortKeysKeepTheOrder(t *testing.T) {
	for _, a := range sortKeys() {
		for _, b := range sortKeys() {
			got, want := a.Short().compare(b.Short()), a.compare(b)
			if alike := min(len(a.text), len(b.text)) > maxSortKey; got != want && !alike {
				t.Errorf("%.20v and %.20v: got %d, want %d", a, b, got, want)
			}
		}
	}
}
