// SPDX-License-Identifier: Apache-2.0

// Package container helps the tests that need a container engine.
package container

import (
	"os"
	"testing"

	"github.com/testcontainers/testcontainers-go"
)

// Required is the variable that makes a missing engine a failure: what a
// workstation may skip, CI may not.
const Required = "SCIMPROOF_REQUIRE_DOCKER"

// Need skips the test where no container engine answers, or fails it where one
// is required.
func Need(t *testing.T) {
	t.Helper()
	// The reaper is an image that would have to be pulled; tests remove their
	// containers themselves.
	t.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true")
	provider, err := testcontainers.NewDockerProvider()
	if err == nil {
		err = provider.Health(t.Context())
	}
	switch {
	case err == nil:
	case os.Getenv(Required) != "":
		t.Fatalf("%s is set and no container engine answers: %v", Required, err)
	default:
		t.Skipf("no container engine answers: %v", err)
	}
}
