// SPDX-License-Identifier: Apache-2.0

// Command scimproof tells whether Okta and Entra ID provisioning will work
// against a SCIM provider, and whether the product behind it does the right
// thing. Each verb has its own file; see `scimproof help`.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

// version is set by the linker; see the Makefile.
var version = "dev"

func main() {
	os.Exit(interruptible(os.Args[1:], os.LookupEnv, os.Stdin, os.Stdout, os.Stderr))
}

// interruptible runs the command under a context that the first SIGINT or
// SIGTERM cancels. A second one ends the process at once.
func interruptible(args []string, env lookup, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	return run(ctx, args, env, stdin, stdout, stderr)
}
