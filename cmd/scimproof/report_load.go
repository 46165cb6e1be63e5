// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/scimproof/scimproof/reports"
)

// runLimit is the size of a saved run that is read: some 40 times that of the
// whole catalogue.
const runLimit = 256 << 20

// loadRuns reads saved runs, each named by its file or as NAME=RUN says.
func (p *program) loadRuns(args []string) ([]reports.Named, error) {
	runs := make([]reports.Named, 0, len(args))
	if n := len(slices.DeleteFunc(slices.Clone(args), func(a string) bool { return a != "-" })); n > 1 {
		return nil, errors.New("standard input (-) holds one run; name files for the others")
	}
	for _, arg := range args {
		file, name := arg, ""
		if before, after, ok := strings.Cut(arg, "="); ok && before != "" && !strings.ContainsAny(before, `/\.`) {
			name, file = before, after
		}
		run, err := p.loadRun(file)
		if err != nil {
			return nil, err
		}
		if name == "" {
			name = runName(file)
		}
		for n := 2; slices.ContainsFunc(runs, func(r reports.Named) bool { return r.Name == name }); n++ {
			name = fmt.Sprintf("%s (%d)", runName(file), n)
		}
		runs = append(runs, reports.Named{Name: name, Run: run})
	}
	return runs, nil
}

// runName calls a run by its file, or by its directory if the file has the name
// that all have.
func runName(file string) string {
	name := filepath.Base(file)
	if dir := filepath.Base(filepath.Dir(file)); name == savedRun && dir != "." && dir != string(filepath.Separator) {
		return dir
	}
	return strings.TrimSuffix(name, ".json")
}

const savedRun = "run.json"

// loadRun reads one saved run.
func (p *program) loadRun(file string) (*reports.Run, error) {
	in := p.stdin
	if file != "-" {
		if info, err := os.Stat(file); err == nil && info.IsDir() {
			file = filepath.Join(file, savedRun)
		}
		f, err := os.Open(file)
		if err != nil {
			return nil, fmt.Errorf("read run: %w; RUN is the %s that check writes, or its directory", err, savedRun)
		}
		defer f.Close() //nolint:errcheck // it was only read
		in = f
	}
	limited := &io.LimitedReader{R: in, N: runLimit + 1}
	run, err := reports.Load(limited)
	switch {
	case limited.N <= 0:
		return nil, fmt.Errorf("%s: read run: larger than %d MiB, which no run of ours is", file, runLimit>>20)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return run, nil
}
