// SPDX-License-Identifier: Apache-2.0

// Command bench measures the reference server against a bare net/http handler
// that reads the same request and returns 600 fixed bytes. Both run as child
// processes on loopback and are driven by the same load generator in short turns,
// so that what else the machine does falls on both alike.
// It prints ratios, with their spread over the rounds. docs/performance.md says
// how to read them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// options are the flags of a run.
type options struct {
	rounds   int
	slice    time.Duration
	users    int
	outside  int // users who are not in the large group
	million  bool
	only     string
	profiles string // directory for CPU profiles of the children; "": none
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // this is main
	}
}

func run(ctx context.Context, args []string) error {
	var o options
	var child string
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.IntVar(&o.rounds, "rounds", 15, "how often each measurement is repeated")
	f.DurationVar(&o.slice, "slice", 60*time.Millisecond, "how long one server is driven at a time")
	f.IntVar(&o.users, "users", 100_000, "users in the large directory, and members of the large group")
	f.IntVar(&o.outside, "outside", 30_000, "users besides, to be added to groups one by one")
	f.BoolVar(&o.million, "million", false, "also measure a directory of 1,000,000 users (takes some minutes and 3 GB)")
	f.StringVar(&o.profiles, "cpuprofile", "", "write a CPU profile of each server process into `DIR`")
	f.StringVar(&o.only, "only", "", "measure only what has `TEXT` in its name")
	f.StringVar(&child, "serve", "", "be a server process: bare, rfc or datadog (used by bench itself)")
	if err := f.Parse(args); err != nil {
		return err
	}
	if child != "" {
		return serve(ctx, child, o)
	}
	started := time.Now()
	t, err := measure(ctx, o)
	if err != nil {
		return err
	}
	t.write(os.Stdout)
	fmt.Fprintf(os.Stdout, "\n%d rounds of %v each, %d connections, %.0f s in all.\n", o.rounds, o.slice, connections, time.Since(started).Seconds())
	return nil
}
