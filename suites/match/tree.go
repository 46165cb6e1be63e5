// SPDX-License-Identifier: Apache-2.0

package match

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Limits of what Parse reads: a provider is not trusted to be small.
const (
	maxBytes = 32 << 20
	maxNodes = 2 << 20
	maxDepth = 64
)

// Kind is the JSON type of a Node.
type Kind byte

// The JSON types of RFC 8259 §3, true and false taken together.
const (
	KindNull Kind = iota
	KindBoolean
	KindNumber
	KindString
	KindArray
	KindObject
)

// String gives the word used in findings.
func (k Kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// Node is one JSON value as it was received.
type Node struct {
	Kind     Kind
	Raw      string   // of scalars: the JSON text as received, quotes and escapes included
	Text     string   // of strings: the decoded text; of other scalars: Raw
	Members  []Member // of objects: in the order received, duplicates kept
	Elements []*Node  // of arrays
}

// Member is a name with its value, the name spelt as received.
type Member struct {
	Name  string
	Value *Node
}

// Tree is a JSON text that was read without loss: member order, duplicate
// names, letter case, number text, string bytes, and null versus absent stay.
type Tree struct {
	Root *Node
	BOM  bool // the text began with a byte order mark, which RFC 8259 §8.1 forbids

	nodes int
}

// Duplicate is a fact about a tree: an object has names that are the same
// attribute, either to the letter or by RFC 7643 §2.1, which ignores case.
type Duplicate struct {
	Where string   // "body.emails[0]"; "body" is the root
	Names []string // as received, in order
}

// Parse reads one JSON text. It takes what a client's reader would have to
// take, duplicate names and malformed UTF-8 included, and refuses what is not
// JSON, is followed by other bytes, or goes beyond depth 64 or 32 MiB.
func Parse(b []byte) (*Tree, error) {
	if len(b) > maxBytes {
		return nil, fmt.Errorf("read JSON: %d bytes are more than %d", len(b), maxBytes)
	}
	t := &Tree{}
	b, t.BOM = bytes.CutPrefix(b, []byte("\uFEFF"))
	dec := jsontext.NewDecoder(bytes.NewReader(b), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	root, err := t.read(dec, 0)
	if err != nil {
		if errors.Is(err, io.EOF) && len(bytes.TrimSpace(b)) == 0 {
			return nil, errors.New("read JSON: no content")
		}
		return nil, fmt.Errorf("read JSON: %w", err)
	}
	end := dec.InputOffset()
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read JSON: more bytes follow the value at offset %d", end)
	}
	t.Root = root
	return t, nil
}

func (t *Tree) read(dec *jsontext.Decoder, depth int) (*Node, error) {
	if t.nodes++; t.nodes > maxNodes {
		return nil, fmt.Errorf("more than %d values", maxNodes)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("nested deeper than %d", maxDepth)
	}
	switch dec.PeekKind() {
	case '{':
		return t.readObject(dec, depth)
	case '[':
		return t.readArray(dec, depth)
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	n := &Node{Raw: string(raw), Text: string(raw)}
	switch raw.Kind() {
	case 'n':
		n.Kind = KindNull
	case 't', 'f':
		n.Kind = KindBoolean
	case '0':
		n.Kind = KindNumber
	default:
		n.Kind, n.Text = KindString, unquote(raw)
	}
	return n, nil
}

func (t *Tree) readObject(dec *jsontext.Decoder, depth int) (*Node, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	n := &Node{Kind: KindObject}
	for dec.PeekKind() != '}' {
		raw, err := dec.ReadValue()
		if err != nil {
			return nil, err
		}
		name := unquote(raw)
		value, err := t.read(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.Members = append(n.Members, Member{name, value})
	}
	_, err := dec.ReadToken()
	return n, err
}

func (t *Tree) readArray(dec *jsontext.Decoder, depth int) (*Node, error) {
	if _, err := dec.ReadToken(); err != nil {
		return nil, err
	}
	n := &Node{Kind: KindArray}
	for dec.PeekKind() != ']' {
		value, err := t.read(dec, depth+1)
		if err != nil {
			return nil, err
		}
		n.Elements = append(n.Elements, value)
	}
	_, err := dec.ReadToken()
	return n, err
}

// unquote decodes a JSON string. Malformed UTF-8 becomes U+FFFD in the text;
// the bytes themselves stay in Raw.
func unquote(raw jsontext.Value) string {
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil && len(text) == 0 {
		return strings.Trim(string(raw), `"`)
	}
	return string(text)
}

// Duplicates reports every object that names an attribute more than once, in
// the order of the text. Names that differ only in letter case count, because
// attribute names ignore case (RFC 7643 §2.1).
func (t *Tree) Duplicates() []Duplicate {
	var all []Duplicate
	t.Root.walk("body", func(where string, n *Node) {
		seen := map[string][]string{}
		for _, m := range n.Members {
			key := strings.ToLower(m.Name)
			seen[key] = append(seen[key], m.Name)
		}
		for _, m := range n.Members {
			key := strings.ToLower(m.Name)
			if names := seen[key]; len(names) > 1 {
				all = append(all, Duplicate{where, names})
			}
			delete(seen, key)
		}
	})
	return all
}

// walk visits n and everything below it, outermost first.
func (n *Node) walk(where string, visit func(where string, n *Node)) {
	visit(where, n)
	for _, m := range n.Members {
		m.Value.walk(where+"."+m.Name, visit)
	}
	for i, e := range n.Elements {
		e.walk(where+"["+strconv.Itoa(i)+"]", visit)
	}
}

// Member returns the value of the member called name. A name spelt exactly so
// goes before one that differs in letter case; of duplicates the last counts,
// as it does for most readers.
func (n *Node) Member(name string) (Member, bool) {
	var folded Member
	found := false
	for _, m := range slices.Backward(n.Members) {
		if m.Name == name {
			return m, true
		}
		if !found && strings.EqualFold(m.Name, name) {
			folded, found = m, true
		}
	}
	return folded, found
}

// Unassigned says whether n stands for no value: null, an empty array, or an
// object without assigned members (RFC 7643 §2.5). An absent value is nil.
func (n *Node) Unassigned() bool {
	if n == nil || n.Kind == KindNull {
		return true
	}
	if n.Kind == KindArray {
		return len(n.Elements) == 0
	}
	if n.Kind != KindObject {
		return false
	}
	for _, m := range n.Members {
		if !m.Value.Unassigned() {
			return false
		}
	}
	return true
}

// JSON gives the value as compact JSON text, scalars as received.
func (n *Node) JSON() string {
	var b strings.Builder
	n.write(&b)
	return b.String()
}

func (n *Node) write(b *strings.Builder) {
	switch n.Kind {
	case KindObject:
		b.WriteByte('{')
		for i, m := range n.Members {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString(quote(m.Name))
			b.WriteByte(':')
			m.Value.write(b)
		}
		b.WriteByte('}')
	case KindArray:
		b.WriteByte('[')
		for i, e := range n.Elements {
			if i > 0 {
				b.WriteByte(',')
			}
			e.write(b)
		}
		b.WriteByte(']')
	default:
		b.WriteString(n.Raw)
	}
}

func quote(s string) string {
	b, err := jsontext.AppendQuote(nil, strings.ToValidUTF8(s, "\uFFFD"))
	if err != nil {
		return strconv.Quote(s)
	}
	return string(b)
}

// Value gives n as plain Go data for use with other matchers: nil, bool,
// float64, string, []any or map[string]any.
func (n *Node) Value() any {
	switch {
	case n == nil || n.Kind == KindNull:
		return nil
	case n.Kind == KindBoolean:
		return n.Text == "true"
	case n.Kind == KindNumber:
		return n.float()
	case n.Kind == KindString:
		return n.Text
	case n.Kind == KindArray:
		list := make([]any, len(n.Elements))
		for i, e := range n.Elements {
			list[i] = e.Value()
		}
		return list
	}
	object := make(map[string]any, len(n.Members))
	for _, m := range n.Members {
		object[m.Name] = m.Value.Value()
	}
	return object
}

// float reads a number; out of range it is infinite.
func (n *Node) float() float64 {
	f, _ := strconv.ParseFloat(n.Raw, 64)
	return f
}
