// SPDX-License-Identifier: Apache-2.0

package refserver_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/profiles"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// The server speaks TLS 1.2 (RFC 7644 §7.2) and 1.3, and nothing older.
func TestTLSVersions(t *testing.T) {
	handler, err := refserver.New(refserver.Options{Token: token, Profile: profiles.RFC()})
	if err != nil {
		t.Fatal(err)
	}
	defer handler.Close()
	server := httptest.NewUnstartedServer(nil)
	server.Config = handler.HTTPServer("")
	server.Config.ErrorLog = nil
	server.StartTLS()
	defer server.Close()
	for version, works := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		transport := server.Client().Transport.(*http.Transport).Clone()
		transport.TLSClientConfig.MinVersion, transport.TLSClientConfig.MaxVersion = version, version
		t.Cleanup(transport.CloseIdleConnections)
		r := httptest.NewRequest(http.MethodGet, server.URL+neutral+"/Users", nil)
		r.RequestURI = ""
		r.Header.Set("Authorization", "Bearer "+token)
		reply, err := (&http.Client{Transport: transport}).Do(r)
		if (err == nil) != works {
			t.Errorf("%s: got %v, want it to work: %t", tls.VersionName(version), err, works)
		}
		if err == nil {
			if reply.StatusCode != http.StatusOK {
				t.Errorf("%s: got %s", tls.VersionName(version), reply.Status)
			}
			_ = reply.Body.Close()
		}
	}
}

// An extension needs no mention in schemas before its first attribute is set, and
// a request need not repeat the schemas that the user has (RFC 7644 §3.5.2).
func TestSchemasAreAssumed(t *testing.T) {
	c := open(t, profile(profiles.RFC()))
	alice := c.user("alice")
	const urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	at := neutral + "/Users/" + alice.id()
	c.want(c.do("PATCH", at, patchBody(`{"op":"add","path":"`+urn+`:department","value":"tea"}`)), 200)
	a := c.want(c.do("PATCH", at, patchBody(`{"op":"replace","path":"`+urn+`:department","value":"toys"}`)), 200)
	if body := a.Body.String(); !strings.Contains(body, `"department":"toys"`) || strings.Count(body, urn) != 2 {
		t.Errorf("got %s, want the department, and the extension in schemas once", body)
	}
}
