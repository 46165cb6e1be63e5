// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// Badge writes a small SVG that says what the run came to: the headline of the
// report, or the answer to one verdict if it is not "". It needs no fonts and
// no network. A verdict that was not asked for is an error.
func Badge(w io.Writer, r *Run, verdict string) error {
	left := "SCIM"
	verdicts := r.Verdicts()
	right, tone := r.verdictInWords(verdicts)
	if verdict != "" {
		i := slices.IndexFunc(verdicts, func(v Verdict) bool { return v.Name == verdict })
		if i < 0 {
			return fmt.Errorf("write badge: verdict %q was not asked for in this run; it has %s", verdict, strings.Join(r.Asked, ", "))
		}
		c := newCard(verdicts[i])
		left, right, tone = "SCIM · "+c.Name, strings.ToLower(c.Answer), c.Tone
		if part := r.part(); part != "" {
			right = part + right
		}
	}
	left, right = cut(visible(left, oneLine), 60), cut(visible(right, oneLine), 80)
	a, b := textWidth(left)+12, textWidth(right)+12
	// The colours have a contrast of 4.5 and more with white.
	color := map[string]string{"good": "#186a3b", "warn": "#855400", "bad": "#ae2420", "none": "#5d5952"}[tone]
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="20" role="img" aria-label="%[5]s: %[6]s">
<title>%[5]s: %[6]s</title>
<clipPath id="r"><rect width="%[1]d" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="%[2]d" height="20" fill="#3d3b38"/><rect x="%[2]d" width="%[3]d" height="20" fill="%[4]s"/></g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
<text x="6" y="14" textLength="%[7]d" lengthAdjust="spacingAndGlyphs">%[5]s</text>
<text x="%[9]d" y="14" textLength="%[8]d" lengthAdjust="spacingAndGlyphs">%[6]s</text>
</g>
</svg>
`, a+b, a, b, color, xmlText(left), xmlText(right), a-12, b-12, a+6)
	if err != nil {
		return fmt.Errorf("write badge: %w", err)
	}
	return nil
}

// textWidth is about how wide s is in Verdana of 11 pixels. The SVG stretches the
// text to it, so that it fits in every font.
func textWidth(s string) int {
	const narrow, wide = "fijltrI.,:;'!|()[] ", "mwMWOQ@%—"
	tenths := 70 * utf8.RuneCountInString(s)
	for _, c := range s {
		switch {
		case strings.ContainsRune(narrow, c):
			tenths -= 28
		case strings.ContainsRune(wide, c):
			tenths += 30
		}
	}
	return (tenths + 9) / 10
}

func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
