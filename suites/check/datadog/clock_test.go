// SPDX-License-Identifier: Apache-2.0

package datadog

import (
	"net/http"
	"testing"
	"time"
)

func TestTheProductsClock(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	moment := now.Add(-time.Minute)
	tests := []struct {
		name, date string
		want       time.Duration // before or after moment
	}{
		{"says nothing", "", -30 * time.Second},
		{"is not a date", "noon", -30 * time.Second},
		{"agrees", "Mon, 23 Nov 2026 12:00:00 GMT", -3 * time.Second},
		{"is behind", "Mon, 23 Nov 2026 11:59:10 GMT", -53 * time.Second},
		{"is ahead", "Mon, 23 Nov 2026 12:05:00 GMT", 5*time.Minute - 3*time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := &clock{}
			c.heard(http.Header{"Date": {test.date}}, now)
			if got := c.there(moment).Sub(moment); got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
