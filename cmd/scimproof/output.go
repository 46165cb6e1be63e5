// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/scimproof/scimproof/reports"
)

// format is one kind of report.
type format struct {
	name  string
	file  string
	write func(io.Writer, *reports.Run) error
}

// formats lists the kinds of reports.
func formats() []format {
	return []format{
		{"html", "index.html", reports.HTML},
		{"json", "run.json", reports.JSON},
		{"junit", "junit.xml", reports.JUnit},
		{"md", "summary.md", reports.Markdown},
		{"sarif", "scimproof.sarif", reports.SARIF},
	}
}

func formatNames() []string {
	all := formats()
	names := make([]string, 0, len(all))
	for _, f := range all {
		names = append(names, f.name)
	}
	return names
}

// save writes r to dir in each of the formats named, and returns the files. A
// file is there whole or not at all.
func save(dir string, names []string, r *reports.Run) (files []string, err error) {
	for _, f := range formats() {
		if !slices.Contains(names, f.name) {
			continue
		}
		var b bytes.Buffer
		if err := f.write(&b, r); err != nil {
			return files, fmt.Errorf("write report: %w", err)
		}
		file := filepath.Join(dir, f.file)
		if err := replaceFile(file, b.Bytes()); err != nil {
			return files, fmt.Errorf("write report: %w", err)
		}
		files = append(files, file)
	}
	return files, nil
}

// replaceFile writes content beside file and moves it there.
func replaceFile(file string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(file), ".scimproof-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // gone already where all went well
	_, err = f.Write(content)
	if e := f.Chmod(0o644); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
