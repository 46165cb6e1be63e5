// SPDX-License-Identifier: Apache-2.0

package main

import (
	"io"

	"github.com/scimproof/scimproof/internal/coverage"
)

// listCoverage writes what covers the requirements and the gates.
func listCoverage(w io.Writer, format, what string) error {
	all, err := coverage.New()
	if err != nil {
		return err
	}
	part, err := all.Only(what)
	if err != nil {
		return err
	}
	switch format {
	case "json":
		return writeJSON(w, part)
	case "md":
		return part.Markdown(w)
	}
	return part.Text(w)
}
