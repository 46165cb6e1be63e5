// SPDX-License-Identifier: Apache-2.0

package refcontainer_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/testcontainers/testcontainers-go"

	"github.com/scimproof/scimproof/internal/container"
	"github.com/scimproof/scimproof/reference-server/refcontainer"
)

// TestRun uses all that a program in another process can use of the server.
func TestRun(t *testing.T) {
	container.Need(t)
	server, err := refcontainer.Run(t.Context(), "scimproof-refcontainer-test",
		refcontainer.WithBinary(build(t)), refcontainer.WithProfile("rfc"), refcontainer.WithFaults("filter-ignored"))
	testcontainers.CleanupContainer(t, server)
	if err != nil {
		t.Fatal(err)
	}
	base, err := server.BaseURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	origin, err := server.Origin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	admin, err := server.AdminURL(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	user := `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.test"}`
	for _, step := range []struct {
		name, method, url, token, body string
		status                         int
		shows                          string
	}{
		{"nobody is served without the token", http.MethodGet, base + "/Users", "", "", http.StatusUnauthorized, ""},
		{"a user is made", http.MethodPost, base + "/Users", server.Token, user, http.StatusCreated, "ada@example.test"},
		{"the fault is planted", http.MethodGet, base + "/Users?filter=userName+eq+%22nobody%22", server.Token, "", http.StatusOK, "ada@example.test"},
		{"the admin API answers", http.MethodGet, admin, server.AdminToken, "", http.StatusOK, `"rfc"`},
		{"and not to others", http.MethodGet, admin, server.Token, "", http.StatusUnauthorized, ""},
		{"the SCIM token opens no product API", http.MethodGet, origin + "/api/v2/users", server.Token, "", http.StatusForbidden, ""},
	} {
		t.Run(step.name, func(t *testing.T) {
			status, body := send(t, step.method, step.url, step.token, step.body)
			if status != step.status || !strings.Contains(body, step.shows) {
				t.Errorf("got %d %s, want %d with %q", status, body, step.status, step.shows)
			}
		})
	}
	logs, err := server.Logs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer logs.Close()
	text, err := io.ReadAll(logs)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{server.Token, server.AdminKey, server.AdminToken} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the server printed a secret that it was given:\n%s", text)
		}
	}
}

func send(t *testing.T, method, url, token, body string) (status int, reply string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/scim+json")
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(content)
}

// build makes a static Linux binary.
func build(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "scimproof")
	command := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", path, "../../cmd/scimproof")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", command, err, out)
	}
	return path
}

func TestBinaryThatIsNotThere(t *testing.T) {
	_, err := refcontainer.Run(t.Context(), "scimproof-none", refcontainer.WithBinary(filepath.Join(t.TempDir(), "none")))
	if err == nil || !strings.Contains(err.Error(), "read the binary of the image") {
		t.Errorf("got %v, want an error that says what could not be read", err)
	}
}
