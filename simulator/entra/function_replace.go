// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// replace is Replace(source, oldValue, regexPattern, regexGroupName,
// replacementValue, replacementAttributeName, template): which of its
// arguments are there says what it does. A pattern is of Go's syntax, which
// has all of .NET's but look-around and back references.
func replace(a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	source, old, pattern, group := text(a[0]), a[1], a[2], text(a[3])
	replacement := a[4]
	if replacement == nil {
		replacement = a[5]
	}
	switch {
	case old != nil && a[6] != nil:
		return strings.ReplaceAll(text(a[6]), text(old), source), nil
	case old != nil && replacement != nil:
		return strings.ReplaceAll(source, text(old), text(replacement)), nil
	case pattern != nil && replacement != nil:
		return replacePattern(source, text(pattern), group, text(replacement))
	}
	return nil, errors.New("wants an old value with a template, or an old value or a pattern with a replacement")
}

// replacePattern replaces what a pattern matches, or one of its groups.
func replacePattern(source, pattern, group, replacement string) (any, error) {
	p, err := regexp.Compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("read pattern: %w", err)
	}
	at := 0
	if group != "" {
		if at = p.SubexpIndex(group); at < 0 {
			return nil, fmt.Errorf("pattern %s has no group %q", pattern, group)
		}
	}
	var out strings.Builder
	last := 0
	for _, m := range p.FindAllStringSubmatchIndex(source, -1) {
		start, end := m[2*at], m[2*at+1]
		if start < last || start == end {
			continue
		}
		out.WriteString(source[last:start])
		out.WriteString(replacement)
		last = end
	}
	out.WriteString(source[last:])
	return out.String(), nil
}
