// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// base64UTF16 gives a text in base64, of UTF-16 with the lower byte first.
func base64UTF16(s string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return base64.StdEncoding.EncodeToString(b)
}

// hexUTF8 gives the bytes of a text in capital hex digits.
func hexUTF8(s string) string { return fmt.Sprintf("%X", s) }

// plainLetters takes the marks off letters: those that Unicode takes apart.
func plainLetters(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}
