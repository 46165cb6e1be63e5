// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/testcontainers/testcontainers-go"

	"github.com/scimproof/scimproof/internal/container"
	"github.com/scimproof/scimproof/reference-server/refcontainer"
	"github.com/scimproof/scimproof/reports"
)

// TestCheckOfContainer builds the image of Dockerfile, runs the reference
// server in it, and checks that over the network.
func TestCheckOfContainer(t *testing.T) {
	container.Need(t)
	image := imageContext(t)

	t.Run("conformant", func(t *testing.T) {
		code, out := checkContainer(t, startContainer(t, image))
		if code != reports.ExitConformant {
			t.Errorf("exit code: got %d, want %d\n%s", code, reports.ExitConformant, out)
		}
	})
	t.Run("with a fault", func(t *testing.T) {
		code, out := checkContainer(t, startContainer(t, image, "filter-ignored"), "--select", "/^id:filter/")
		if code != reports.ExitNotConformant {
			t.Errorf("exit code: got %d, want %d\n%s", code, reports.ExitNotConformant, out)
		}
		if !regexp.MustCompile(`filter\.[a-z]`).MatchString(out) {
			t.Errorf("the output names no check of filters:\n%s", out)
		}
	})
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

// startContainer starts the server, with a fault if one is named.
func startContainer(t *testing.T, image string, faults ...string) *refcontainer.Container {
	t.Helper()
	c, err := refcontainer.Run(t.Context(), "",
		testcontainers.WithDockerfile(testcontainers.FromDockerfile{Context: image, Repo: "scimproof-test"}), refcontainer.WithFaults(faults...))
	testcontainers.CleanupContainer(t, c)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// checkContainer runs `scimproof check` against a server.
func checkContainer(t *testing.T, server *refcontainer.Container, more ...string) (code int, out string) {
	t.Helper()
	origin, err := server.Origin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	at, err := url.Parse(origin)
	if err != nil {
		t.Fatal(err)
	}
	env := map[string]string{defaultToken: server.Token, "PRODUCT_KEY": server.AdminKey}
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
