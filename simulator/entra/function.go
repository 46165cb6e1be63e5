// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// function is one function of mapping expressions.
type function struct {
	name     string
	min, max int // arguments; max 0: any number
	call     func(args []any) (any, error)
}

// functions lists what expressions may call, by name.
var functions = [...]function{
	{"Append", 2, 2, appendText},
	{"AppRoleAssignmentsComplex", 1, 1, roleFunction(addRoles)},
	{"AssertiveAppRoleAssignmentsComplex", 1, 1, roleFunction(assertRoles)},
	{"CBool", 1, 1, func(a []any) (any, error) { return isTrue(a[0]), nil }},
	{"Coalesce", 1, 0, coalesce},
	{"ConvertToBase64", 1, 1, func(a []any) (any, error) { return eachText(a[0], base64UTF16), nil }},
	{"ConvertToUTF8Hex", 1, 1, func(a []any) (any, error) { return eachText(a[0], hexUTF8), nil }},
	{"Count", 1, 1, func(a []any) (any, error) { return len(texts(a[0])), nil }},
	{"CStr", 1, 1, func(a []any) (any, error) { return optional(a[0], func(s string) any { return s }), nil }},
	{"IgnoreFlowIfNullOrEmpty", 1, 1, func(a []any) (any, error) { return optional(a[0], func(string) any { return a[0] }), nil }},
	{"IIF", 3, 3, iif},
	{"InStr", 2, 4, inStr},
	{"IsNull", 1, 1, func(a []any) (any, error) { return a[0] == nil, nil }},
	{"IsNullOrEmpty", 1, 1, func(a []any) (any, error) { return empty(a[0]), nil }},
	{"IsPresent", 1, 1, func(a []any) (any, error) { return !empty(a[0]), nil }},
	{"IsString", 1, 1, func(a []any) (any, error) { _, ok := a[0].(string); return ok, nil }},
	{"Item", 2, 2, item},
	{"Join", 2, 0, join},
	{"Left", 2, 2, func(a []any) (any, error) { return mid([]any{a[0], 1, a[1]}) }},
	{"Mid", 3, 3, mid},
	{"NormalizeDiacritics", 1, 1, func(a []any) (any, error) { return eachText(a[0], plainLetters), nil }},
	{"Not", 1, 1, not},
	{"RemoveDuplicates", 1, 1, removeDuplicates},
	{"Replace", 7, 7, replace},
	{"SingleAppRoleAssignment", 1, 1, roleFunction(singleRole)},
	{"Split", 2, 2, split},
	{"StripSpaces", 1, 1, func(a []any) (any, error) { return eachText(a[0], stripSpaces), nil }},
	{"Switch", 4, 0, switchValue},
	{"ToLower", 1, 2, func(a []any) (any, error) { return eachText(a[0], strings.ToLower), nil }},
	{"ToUpper", 1, 2, func(a []any) (any, error) { return eachText(a[0], strings.ToUpper), nil }},
	{"Trim", 1, 1, func(a []any) (any, error) { return eachText(a[0], strings.TrimSpace), nil }},
	{"Word", 3, 3, word},
}

// lookUp finds a function by its name in any letter case.
func lookUp(name string) *function {
	for i := range functions {
		if strings.EqualFold(functions[i].name, name) {
			return &functions[i]
		}
	}
	return nil
}

func functionNames() string {
	var names []string
	for i := range functions {
		names = append(names, functions[i].name)
	}
	return strings.Join(names, ", ")
}

// arity says how many arguments are wanted, "" if n will do.
func (f *function) arity(n int) string {
	switch {
	case f.max == 0 && n < f.min:
		return fmt.Sprintf("at least %d", f.min)
	case f.max != 0 && f.min == f.max && n != f.min:
		return strconv.Itoa(f.min)
	case f.max != 0 && (n < f.min || n > f.max):
		return fmt.Sprintf("%d to %d", f.min, f.max)
	case f.name == "Switch" && n%2 != 0:
		return "a source, a default, and pairs of key and value"
	}
	return ""
}

func appendText(a []any) (any, error) {
	return optional(a[0], func(s string) any { return s + text(a[1]) }), nil
}

// coalesce gives the first value that is there.
func coalesce(a []any) (any, error) {
	for _, v := range a {
		if !empty(v) {
			return v, nil
		}
	}
	return nil, nil
}

func iif(a []any) (any, error) {
	if isTrue(a[0]) {
		return a[1], nil
	}
	return a[2], nil
}

// inStr gives where a text begins within another, from 1; 0 if nowhere.
func inStr(a []any) (any, error) {
	in := []rune(text(a[0]))
	from := 1
	if len(a) > 2 && a[2] != nil {
		var err error
		if from, err = number(a[2]); err != nil {
			return nil, err
		}
	}
	if from < 1 || from > len(in)+1 {
		return 0, nil
	}
	before, _, found := strings.Cut(string(in[from-1:]), text(a[1]))
	if !found {
		return 0, nil
	}
	return from + len([]rune(before)), nil
}

// item gives one value of several, the first being 1.
func item(a []any) (any, error) {
	n, err := number(a[1])
	if err != nil {
		return nil, err
	}
	all := texts(a[0])
	if n < 1 || n > len(all) {
		return nil, nil
	}
	return all[n-1], nil
}

// join puts the values that are there in a row, each of several values too.
func join(a []any) (any, error) {
	var parts []string
	for _, v := range a[1:] {
		if !empty(v) {
			parts = append(parts, texts(v)...)
		}
	}
	if parts == nil {
		return nil, nil
	}
	return strings.Join(parts, text(a[0])), nil
}

// mid gives length characters from start on, which is 1 for the first; what is
// beyond the end is left out.
func mid(a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	start, err := number(a[1])
	if err != nil {
		return nil, err
	}
	length, err := number(a[2])
	if err != nil {
		return nil, err
	}
	if start < 1 || length < 0 {
		return nil, fmt.Errorf("start is %d and length %d, start must be at least 1 and length at least 0", start, length)
	}
	runes := []rune(text(a[0]))
	if start > len(runes) {
		return "", nil
	}
	runes = runes[start-1:]
	return string(runes[:min(length, len(runes))]), nil
}

func not(a []any) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	return !isTrue(a[0]), nil
}

func removeDuplicates(a []any) (any, error) {
	var out []string
	for _, s := range texts(a[0]) {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out, nil
}

func split(a []any) (any, error) {
	delimiter := text(a[1])
	if delimiter == "" {
		return nil, errors.New("the delimiter is empty")
	}
	return optional(a[0], func(s string) any { return strings.Split(s, delimiter) }), nil
}

func stripSpaces(s string) string { return strings.ReplaceAll(s, " ", "") }

// switchValue gives the value of the key that is the source, else the default.
func switchValue(a []any) (any, error) {
	for i := 2; i < len(a); i += 2 {
		if a[0] != nil && text(a[0]) == text(a[i]) {
			return a[i+1], nil
		}
	}
	return a[1], nil
}

// word gives the n-th word, from 1, of a text that any of the delimiters parts.
func word(a []any) (any, error) {
	n, err := number(a[1])
	if err != nil {
		return nil, err
	}
	words := strings.FieldsFunc(text(a[0]), func(r rune) bool { return strings.ContainsRune(text(a[2]), r) })
	if n < 1 || n > len(words) {
		return "", nil
	}
	return words[n-1], nil
}
