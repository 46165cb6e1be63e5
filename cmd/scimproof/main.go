// SPDX-License-Identifier: Apache-2.0

// Command scimproof tells whether Okta and Entra ID provisioning will work
// against a SCIM provider, and whether the product behind it does the right
// thing. Each verb has its own file; see `scimproof help`.
package main

import (
	"context"
	"fmt"
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
// SIGTERM cancels. A second one ends the process at once; what it made by then
// stays, and is in its journal.
func interruptible(args []string, env lookup, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		fmt.Fprintln(stderr, "scimproof: stopped at once; `scimproof sweep` tells whether something was left on a target, and removes it")
		os.Exit(exitInterrupted)
	}()
	return run(ctx, args, env, stdin, stdout, stderr)
}
