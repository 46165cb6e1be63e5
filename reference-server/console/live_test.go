// SPDX-License-Identifier: Apache-2.0

package console_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// follow opens the live stream and gives its events.
func (b *bench) follow(ctx context.Context) (<-chan string, *http.Response) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.door.URL+"/console/live", nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	events := make(chan string, 100)
	go func() {
		defer close(events)
		defer res.Body.Close()
		lines := bufio.NewScanner(res.Body)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				events <- data
			}
		}
	}()
	return events, res
}

// While nobody looks nothing is judged, and what did not change is not judged
// again.
func TestNobodyLooks(t *testing.T) {
	b := open(t)
	b.login()
	ctx, cancel := context.WithCancel(t.Context())
	events, _ := b.follow(ctx)
	<-events
	cancel()
	for range events {
	}
	before := b.judged.Load()
	for range 50 {
		b.ask("GET", "/scim/v2/Users", scimToken, "")
	}
	time.Sleep(time.Second / 2)               // twice the pace of a stream
	if n := b.judged.Load() - before; n > 1 { // the stream may not have seen yet that its reader has gone
		t.Errorf("nobody looks, and requests were judged %d times", n)
	}
	eventually(t, "the last request does not come", func() bool { return strings.Contains(b.page("/console/"), `data-number="50"`) })
	before = b.judged.Load()
	b.page("/console/")
	b.page("/console/report")
	if n := b.judged.Load() - before; n != 0 {
		t.Errorf("nothing changed, and requests were judged %d times", n)
	}
}

func TestLiveStream(t *testing.T) {
	b := open(t)
	if _, res := b.follow(t.Context()); res.StatusCode != 401 {
		t.Fatalf("without session: got %d, want 401", res.StatusCode)
	}
	b.login()
	events, res := b.follow(t.Context())
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		t.Fatalf("got %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if first := <-events; !strings.Contains(first, "Nothing has arrived yet") {
		t.Errorf("first event: got %s", first)
	}
	b.create("ann@x.example")
	if next := <-events; !strings.Contains(next, `"number":1`) || !strings.Contains(next, "POST") || !strings.Contains(next, "clean") {
		t.Errorf("next event: got %s", next)
	}
	// Many requests make few events, and each row comes once.
	for range 150 {
		b.ask("GET", "/scim/v2/Users?filter=userName+pr", scimToken, "")
	}
	n, rows := 0, 0
	for e := range events {
		n++
		rows += strings.Count(e, `"html"`)
		if strings.Contains(e, `"number":151`) {
			break
		}
	}
	if n > 60 || rows > 150 || rows < 100 {
		t.Errorf("150 requests: got %d events with %d rows", n, rows)
	}
	b.console.Close()
	select {
	case _, more := <-events:
		if more {
			for range events {
			}
		}
	case <-time.After(10 * time.Second):
		t.Error("the stream does not end with the console")
	}
}

// There are not more streams than are allowed, and one that ends makes room.
func TestStreamsAreBounded(t *testing.T) {
	b := open(t)
	b.login()
	ctx, cancel := context.WithCancel(t.Context())
	for range 16 {
		if _, res := b.follow(ctx); res.StatusCode != 200 {
			t.Fatalf("got %d", res.StatusCode)
		}
	}
	if _, res := b.follow(t.Context()); res.StatusCode != 503 || res.Header.Get("Retry-After") == "" {
		t.Errorf("one too many: got %d, want 503", res.StatusCode)
	}
	cancel()
	eventually(t, "a stream that ended makes no room", func() bool {
		_, res := b.follow(t.Context())
		return res.StatusCode == 200
	})
}
