// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON writes the saved run, one member a line. Characters that a terminal
// would act on are escaped, so that the file can be printed.
func JSON(w io.Writer, r *Run) error {
	fresh := *r
	fresh.Totals = r.Verdicts()
	if err := encode(w, &fresh); err != nil {
		return fmt.Errorf("write run: %w", err)
	}
	return nil
}

func encode(w io.Writer, v any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(escapeHidden(b.Bytes()))
	return err
}

// escapeHidden rewrites hidden characters of a JSON text as \u escapes. Beyond
// ASCII they can only stand inside strings, where the escape means the same.
func escapeHidden(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for len(text) > 0 {
		c, n := utf8.DecodeRune(text)
		switch {
		case c >= 0x10000 && hidden(c):
			high, low := utf16.EncodeRune(c)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		case c != '\n' && hidden(c):
			out = fmt.Appendf(out, `\u%04x`, c)
		default:
			out = append(out, text[:n]...)
		}
		text = text[n:]
	}
	return out
}
