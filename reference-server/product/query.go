// SPDX-License-Identifier: Apache-2.0

package product

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// query is a search of the audit trail in the language that Datadog publishes:
// words and "quoted texts" found anywhere in the event, @field:value, AND, OR,
// a leading - or NOT, brackets (also after a colon), * for any text.
type query interface{ match(*subject) bool }

type (
	every  []query // all of them; none: everything
	either []query
	negate struct{ q query }
	// term is one word. Without a field it is looked for in the whole event.
	term struct{ field, pattern string }
)

// subject is an event under a query.
type subject struct {
	text   jsontext.Value
	folded string         // the text in lower case, once asked for
	fields map[string]any // attributes.attributes, once asked for
}

func (q every) match(s *subject) bool {
	return !slices.ContainsFunc(q, func(x query) bool { return !x.match(s) })
}

func (q either) match(s *subject) bool {
	return slices.ContainsFunc(q, func(x query) bool { return x.match(s) })
}

func (q negate) match(s *subject) bool { return !q.q.match(s) }

func (q term) match(s *subject) bool {
	if q.field != "" {
		return s.holds(strings.Split(q.field, "."), q.pattern)
	}
	if strings.Trim(q.pattern, "*") == "" {
		return true
	}
	if s.folded == "" {
		s.folded = strings.ToLower(string(s.text))
	}
	return glob("*"+inJSON(q.pattern)+"*", s.folded)
}

// inJSON is a text as it stands within a JSON string.
func inJSON(text string) string {
	quoted, err := json.Marshal(text)
	if err != nil { // no UTF-8: nothing can hold it
		return text
	}
	return string(quoted[1 : len(quoted)-1])
}

// holds says whether the field, or any element of it if it is a list, is what
// the pattern says.
func (s *subject) holds(path []string, pattern string) bool {
	if s.fields == nil {
		var event struct {
			Attributes struct {
				Attributes map[string]any `json:"attributes"`
			} `json:"attributes"`
		}
		if json.Unmarshal(s.text, &event) != nil {
			return false
		}
		s.fields = event.Attributes.Attributes
	}
	var value any = s.fields
	for _, name := range path {
		object, ok := value.(map[string]any)
		if !ok {
			return false
		}
		value = object[name]
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	return slices.ContainsFunc(list, func(v any) bool {
		if v == nil {
			return false
		}
		text, ok := v.(string)
		if !ok {
			raw, err := json.Marshal(v, json.Deterministic(true))
			if err != nil {
				return false
			}
			text = string(raw)
		}
		return glob(pattern, strings.ToLower(text))
	})
}

// glob says whether the text is what the pattern says, * standing for any
// text.
func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, parts[0])
	if !ok {
		return false
	}
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, found := strings.Cut(text, part)
		if !found {
			return false
		}
		text = after
	}
	return strings.HasSuffix(text, last)
}

func badQuery() error { return refuse(http.StatusBadRequest, "Invalid filter[query]") }

// maxNesting bounds brackets and negations within each other.
const maxNesting = 32

// parseQuery reads a query; an empty one finds everything.
func parseQuery(text string) (query, error) {
	p := &queryParser{tokens: queryTokens(text)}
	if len(p.tokens) == 0 {
		return every{}, nil
	}
	q, err := p.either("", 0)
	if err != nil {
		return nil, err
	}
	if len(p.tokens) > 0 {
		return nil, badQuery()
	}
	return q, nil
}
