// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"
)

func TestParseHistory(t *testing.T) {
	all, gone, err := parseHistory([]byte(`{"exchanges":[{"number":3,"method":"POST","url":"http://tunnel.example/x","path":"/Users","status":201,
		"start":"2026-11-23T12:00:00Z","request":{"headers":{"Accept":["a"]},"body":"{}"},"response":{"bodyBase64":"/w=="}}],"gone":2}`))
	if err != nil || gone != 2 || len(all) != 1 {
		t.Fatalf("got %d exchanges, %d gone, %v", len(all), gone, err)
	}
	x := all[0]
	if x.Method != "POST" || x.Path != "/Users" || x.Status != 201 || x.Request.Header.Get("Accept") != "a" || string(x.Request.Body) != "{}" || string(x.Response.Body) != "\xff" || x.URL != "" || x.Start.IsZero() {
		t.Errorf("got %+v", x)
	}
	if _, _, err := parseHistory([]byte("<html>")); err == nil || !strings.Contains(err.Error(), "admin=") {
		t.Errorf("a page is taken for a history: %v", err)
	}
}
