// SPDX-License-Identifier: Apache-2.0

package check_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jarcoal/httpmock"

	"github.com/scimproof/scimproof/suites/check"
)

const (
	base  = "https://provider.example/scim/v2"
	token = "t0ps3cret/+value"
)

// script is a provider whose answers are scripted. Where a test says nothing
// else, it makes users and groups and forgets them.
func script(t *testing.T) *httpmock.MockTransport {
	t.Helper()
	m := httpmock.NewMockTransport()
	m.RegisterResponder("GET", base+"/Users", reply(200, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}`))
	m.RegisterResponder("GET", base+"/ServiceProviderConfig", reply(200, `{"patch":{"supported":true},"filter":{"supported":true},"bulk":{"supported":false}}`))
	m.RegisterResponder("GET", base+"/ResourceTypes", reply(404, ``))
	var n atomic.Int64
	var stored sync.Map // what each path shows
	for _, endpoint := range []string{"/Users", "/Groups"} {
		m.RegisterResponder("POST", base+endpoint, func(q *http.Request) (*http.Response, error) {
			body, err := io.ReadAll(q.Body)
			var members map[string]any
			if err != nil || json.Unmarshal(body, &members) != nil {
				return httpmock.NewStringResponse(400, `{}`), err
			}
			members["id"] = fmt.Sprintf("made-%d", n.Add(1))
			echo, err := json.Marshal(members)
			stored.Store(endpoint+"/"+members["id"].(string), string(echo))
			return httpmock.NewStringResponse(201, string(echo)), err
		})
		m.RegisterResponder("DELETE", "=~^"+base+endpoint+"/.+", reply(204, ""))
		m.RegisterResponder("GET", "=~^"+base+endpoint+"/.+", func(q *http.Request) (*http.Response, error) {
			shown, ok := stored.Load(strings.TrimPrefix(q.URL.Path, "/scim/v2"))
			if !ok {
				return httpmock.NewStringResponse(404, `{}`), nil
			}
			return httpmock.NewStringResponse(200, shown.(string)), nil
		})
	}
	return m
}

func reply(status int, body string) httpmock.Responder {
	return httpmock.NewStringResponder(status, body)
}

// target is one whose requests go to m.
func target(m *httpmock.MockTransport) check.Target {
	return check.Target{BaseURL: base, Token: token, RunID: "run1", Client: &http.Client{Transport: m}}
}

func open(t *testing.T, target check.Target) *check.Provider {
	t.Helper()
	p, err := check.Open(context.Background(), target)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	return p
}

// deletions counts the requests to delete that m was sent.
func deletions(m *httpmock.MockTransport) (sum int) {
	for call, n := range m.GetCallCountInfo() {
		if strings.HasPrefix(call, "DELETE =~") {
			sum += n
		}
	}
	return sum
}
