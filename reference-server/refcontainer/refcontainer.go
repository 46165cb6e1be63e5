// SPDX-License-Identifier: Apache-2.0

// Package refcontainer starts the reference server in a container, for tests of
// programs that want a SCIM provider on the network and do not embed one
// (package refserver is lighter where they are in Go). It is made like the
// modules of testcontainers-go:
//
//	server, err := refcontainer.Run(ctx, "scimproof", refcontainer.WithProfile("rfc"))
//	testcontainers.CleanupContainer(t, server)
//	…
//	url, err := server.BaseURL(ctx) // requests carry server.Token
package refcontainer

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

const (
	scimPort  = "8080/tcp"
	adminPort = "8081/tcp"

	// The command reads each flag from a variable of its name, too.
	tokenVariable      = "SCIMPROOF_TOKEN"
	adminKeyVariable   = "SCIMPROOF_TEST_ADMIN_KEY"
	adminTokenVariable = "SCIMPROOF_TEST_ADMIN_TOKEN" //nolint:gosec // the name of a variable
	profileVariable    = "SCIMPROOF_PROFILE"
	faultVariable      = "SCIMPROOF_FAULT"

	// startWithin bounds the start of the server, not that of a build.
	startWithin = time.Minute
)

// Container is a running reference server. The secrets are made up for it, and
// it does not print them.
type Container struct {
	testcontainers.Container
	Token      string // bearer token of SCIM clients
	AdminKey   string // opens the product's API, /api/v2
	AdminToken string // bearer token of the admin API
}

// Run starts the server of an image that was built with the project's
// Dockerfile, or with WithBinary of the binary at hand; then image is the name
// that the build gets. Like the modules of testcontainers-go it returns the
// container beside an error if there is one to clean up.
func Run(ctx context.Context, image string, options ...testcontainers.ContainerCustomizer) (*Container, error) {
	c := &Container{Token: rand.Text(), AdminKey: rand.Text(), AdminToken: rand.Text()}
	running, err := testcontainers.Run(ctx, image, append([]testcontainers.ContainerCustomizer{
		testcontainers.WithCmd("serve", "--listen", "0.0.0.0:8080", "--admin-listen", "0.0.0.0:8081", "--insecure",
			"--admin-key-env", adminKeyVariable, "--admin-token-env", adminTokenVariable),
		testcontainers.WithEnv(map[string]string{tokenVariable: c.Token, adminKeyVariable: c.AdminKey, adminTokenVariable: c.AdminToken}),
		testcontainers.WithExposedPorts(scimPort, adminPort),
		testcontainers.WithWaitStrategyAndDeadline(startWithin,
			wait.ForLog("scimproof: serving"), wait.ForListeningPort(scimPort).SkipInternalCheck(), wait.ForListeningPort(adminPort).SkipInternalCheck()),
	}, options...)...)
	if running != nil {
		c.Container = running
	}
	if err != nil {
		return c, fmt.Errorf("start the reference server of image %s: %w", image, err)
	}
	return c, nil
}

// WithProfile makes the server act one of its profiles, such as rfc; without it
// that is datadog.
func WithProfile(name string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithEnv(map[string]string{profileVariable: name})
}

// WithFaults plants faults; `scimproof list --faults` shows their names.
func WithFaults(names ...string) testcontainers.CustomizeRequestOption {
	return testcontainers.WithEnv(map[string]string{faultVariable: strings.Join(names, ",")})
}

const dockerfile = `FROM scratch
COPY scimproof /scimproof
USER 65532:65532
ENTRYPOINT ["/scimproof"]
`

// WithBinary builds the image of the static Linux binary at path, such as `make
// build` makes on Linux, and pulls nothing.
func WithBinary(path string) testcontainers.CustomizeRequestOption {
	return func(request *testcontainers.GenericContainerRequest) error {
		binary, err := os.ReadFile(filepath.Clean(path))
		if err != nil {
			return fmt.Errorf("read the binary of the image: %w", err)
		}
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		err = errors.Join(add(w, "Dockerfile", 0o644, []byte(dockerfile)), add(w, "scimproof", 0o755, binary), w.Close())
		if err != nil {
			return fmt.Errorf("pack the image: %w", err)
		}
		repo, tag, tagged := strings.Cut(request.Image, ":")
		if !tagged {
			tag = "latest"
		}
		request.FromDockerfile = testcontainers.FromDockerfile{ContextArchive: bytes.NewReader(archive.Bytes()), Repo: repo, Tag: tag}
		request.Image = ""
		return nil
	}
}

func add(w *tar.Writer, name string, mode int64, content []byte) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err := w.Write(content)
	return err
}

// Origin is the server's address, such as http://localhost:32768. The product's
// API is below its /api/v2.
func (c *Container) Origin(ctx context.Context) (string, error) {
	return c.PortEndpoint(ctx, scimPort, "http")
}

// BaseURL is that of the SCIM API.
func (c *Container) BaseURL(ctx context.Context) (string, error) {
	origin, err := c.Origin(ctx)
	return origin + "/scim/v2", err
}

// AdminURL is that of the admin API; requests carry AdminToken.
func (c *Container) AdminURL(ctx context.Context) (string, error) {
	origin, err := c.PortEndpoint(ctx, adminPort, "http")
	return origin + "/admin", err
}
