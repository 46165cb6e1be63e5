// SPDX-License-Identifier: Apache-2.0

package product

import "strings"

// token is a bracket, an operator or a word of a query.
type token struct {
	text   string
	quoted bool
	field  bool // @name: what follows is its value
}

func (t token) is(word string) bool { return !t.quoted && !t.field && t.text == word }

// queryTokens splits a query. A quote that is never closed ends with the text.
func queryTokens(text string) []token {
	var tokens []token
	for text != "" {
		switch c := text[0]; {
		case c == ' ' || c == '\t' || c == '\n':
			text = text[1:]
		case c == '(' || c == ')' || c == '-':
			tokens, text = append(tokens, token{text: text[:1]}), text[1:]
		case c == '"':
			var t token
			t, text = quotedToken(text[1:])
			tokens = append(tokens, t)
		default:
			n := strings.IndexAny(text, " \t\n()\"")
			if n < 0 {
				n = len(text)
			}
			if colon := strings.IndexByte(text[:n], ':'); c == '@' && colon > 0 {
				tokens, text = append(tokens, token{text: text[1:colon], field: true}), text[colon+1:]
				continue
			}
			tokens, text = append(tokens, token{text: text[:n]}), text[n:]
		}
	}
	return tokens
}

func quotedToken(text string) (token, string) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '"':
			return token{text: b.String(), quoted: true}, text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return token{text: b.String(), quoted: true}, ""
}

type queryParser struct{ tokens []token }

func (p *queryParser) take(word string) bool {
	if len(p.tokens) > 0 && p.tokens[0].is(word) {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

// either reads terms joined by OR, which binds less than AND. field is that of
// the bracket around them, if it follows a colon.
func (p *queryParser) either(field string, depth int) (query, error) {
	var all either
	for {
		q, err := p.every(field, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
		if !p.take("OR") {
			return all, nil
		}
	}
}

// every reads terms joined by AND or by nothing.
func (p *queryParser) every(field string, depth int) (query, error) {
	var all every
	for {
		q, err := p.one(field, depth)
		if err != nil {
			return nil, err
		}
		all = append(all, q)
		if p.take("AND") {
			continue
		}
		if len(p.tokens) == 0 || p.tokens[0].is(")") || p.tokens[0].is("OR") {
			return all, nil
		}
	}
}

func (p *queryParser) one(field string, depth int) (query, error) {
	if len(p.tokens) == 0 || depth > maxNesting {
		return nil, badQuery()
	}
	t := p.tokens[0]
	p.tokens = p.tokens[1:]
	switch {
	case t.field:
		return p.one(t.text, depth+1)
	case t.is("-") || t.is("NOT"):
		q, err := p.one(field, depth+1)
		return negate{q}, err
	case t.is("("):
		q, err := p.either(field, depth+1)
		if err == nil && !p.take(")") {
			err = badQuery()
		}
		return q, err
	case t.is(")") || t.is("AND") || t.is("OR"):
		return nil, badQuery()
	}
	return term{field: field, pattern: strings.ToLower(t.text)}, nil
}
