// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"testing"
)

func TestUsersAreOfOneKilobyte(t *testing.T) {
	body := appendUser(nil, "user", 12345)
	if n := len(body); n < 1000 || n > 1050 || !json.Valid(body) {
		t.Errorf("got %d bytes, want JSON of about 1024: %s", n, body)
	}
}
