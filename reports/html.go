// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed page.html
var pageText string

//go:embed page.css
var pageStyle string

//go:embed page.js
var pageScript string

// HTML writes the report that people read: one file that needs nothing else,
// neither a network nor scripts. Its content security policy admits exactly
// its own style and script, by hash, so that nothing a provider sends could
// ever run, even if escaping failed.
func HTML(w io.Writer, r *Run) error { return writePage(w, "page", pageText, newPage(r)) }

// writePage fills a template of ours with data that is not. Hidden characters are
// spelt out once more at the end, whatever way they came.
func writePage(w io.Writer, name, text string, data any) error {
	source := strings.NewReplacer("/*style*/", pageStyle, "/*script*/", pageScript).Replace(text)
	page, err := template.New(name).Option("missingkey=error").Parse(source)
	if err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	var b strings.Builder
	if err := page.Execute(&b, data); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	if _, err := io.WriteString(w, visible(b.String(), manyLines)); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	return nil
}

// policy is the page's content security policy.
func policy() string {
	return "default-src 'none'; style-src '" + digest(pageStyle) + "'; script-src '" + digest(pageScript) +
		"'; base-uri 'none'; form-action 'none'"
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
