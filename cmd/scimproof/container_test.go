// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"

	"github.com/scimproof/scimproof/reports"
)

// requireDocker is the variable that makes a missing engine a failure: what a
// workstation may skip, CI may not.
const requireDocker = "SCIMPROOF_REQUIRE_DOCKER"

const containerToken = "container-token-0123456789"

// TestCheckOfContainer builds the image of Dockerfile, runs the reference
// server in it, and checks that over the network.
func TestCheckOfContainer(t *testing.T) {
	needEngine(t)
	image := imageContext(t)

	t.Run("conformant", func(t *testing.T) {
		origin, key := startContainer(t, image, "")
		code, out := checkContainer(t, origin, key)
		if code != reports.ExitConformant {
			t.Errorf("exit code: got %d, want %d\n%s", code, reports.ExitConformant, out)
		}
	})
	t.Run("with a fault", func(t *testing.T) {
		origin, key := startContainer(t, image, "filter-ignored")
		code, out := checkContainer(t, origin, key, "--select", "/^id:filter/")
		if code != reports.ExitNotConformant {
			t.Errorf("exit code: got %d, want %d\n%s", code, reports.ExitNotConformant, out)
		}
		if !regexp.MustCompile(`filter\.[a-z]`).MatchString(out) {
			t.Errorf("the output names no check of filters:\n%s", out)
		}
	})
}

// needEngine skips the test where no container engine answers, or fails it
// where one is required.
func needEngine(t *testing.T) {
	t.Helper()
	// The reaper is an image that would have to be pulled; the test removes
	// its containers itself.
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	provider, err := testcontainers.NewDockerProvider()
	if err == nil {
		err = provider.Health(t.Context())
	}
	switch {
	case err == nil:
	case os.Getenv(requireDocker) != "":
		t.Fatalf("%s is set and no container engine answers: %v", requireDocker, err)
	default:
		t.Skipf("no container engine answers: %v", err)
	}
}

// imageContext returns a folder with what Dockerfile needs: itself and a
// static binary.
func imageContext(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	dockerfile, err := os.ReadFile("../../Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), dockerfile, 0o600); err != nil {
		t.Fatal(err)
	}
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", filepath.Join(dir, "bin", "scimproof"), ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", build, err, out)
	}
	return dir
}

// startContainer starts the server, with a fault if one is named, and returns
// its origin and admin key.
func startContainer(t *testing.T, image, fault string) (origin, key string) {
	t.Helper()
	env := map[string]string{defaultToken: containerToken}
	if fault != "" {
		env["SCIMPROOF_FAULT"] = fault
	}
	c, err := testcontainers.GenericContainer(t.Context(), testcontainers.GenericContainerRequest{
		Started: true,
		ContainerRequest: testcontainers.ContainerRequest{
			FromDockerfile: testcontainers.FromDockerfile{Context: image, Repo: "scimproof-test"},
			Env:            env,
			ExposedPorts:   []string{"8080/tcp"},
			WaitingFor:     wait.ForAll(wait.ForLog("scimproof: serving"), wait.ForListeningPort("8080/tcp").SkipInternalCheck()).WithDeadline(time.Minute),
		},
	})
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	origin, err = c.PortEndpoint(t.Context(), "8080/tcp", "http")
	if err != nil {
		t.Fatal(err)
	}
	logs, err := c.Logs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = logs.Close() }()
	text, err := io.ReadAll(logs)
	if err != nil {
		t.Fatal(err)
	}
	_, key, found := strings.Cut(string(text), "admin-key=")
	fields := strings.Fields(key)
	if !found || len(fields) == 0 {
		t.Fatalf("the server did not print its admin key:\n%s", text)
	}
	if strings.Contains(string(text), containerToken) {
		t.Error("the server printed a token that it was given")
	}
	return origin, fields[0]
}

// checkContainer runs `scimproof check` against the server at origin.
func checkContainer(t *testing.T, origin, key string, more ...string) (code int, out string) {
	t.Helper()
	at, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{defaultToken: containerToken, "PRODUCT_KEY": key}
	args := append([]string{
		"check", "--target", origin + scimPath, "--report", t.TempDir(),
		"--allow-writes", "--confirm", at.Hostname(), // an engine may answer at an address that is not loopback
		"--profile", "datadog", "--product-url", origin, "--product-key-env", "PRODUCT_KEY",
	}, more...)
	var b bytes.Buffer
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	code = run(ctx, args, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, strings.NewReader(""), &b, &b)
	return code, b.String()
}
