// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// attacks are strings that have harmed readers of reports: scripts, markup,
// terminal sequences, text that runs the other way, cells that spreadsheets
// compute, characters XML cannot hold, and commands to CI systems.
var attacks = []string{
	hostile,
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, "</script><script>alert(1)</script>", "</style><style>*{display:none}",
	"javascript:alert(1)", "https://evil.example/\" onclick=\"alert(1)", "data:text/html,<script>alert(1)</script>", "<svg/onload=alert(1)>", "<!--", "-->", "<![CDATA[", "]]>", "&lt;script&gt;", "{{.Run.Tool}}", "${alert(1)}",
	"</pre></details></main><h1>Ready", "</title><script>alert(1)</script>", "<base href=https://evil.example/>", "<meta http-equiv=refresh content=0>", "<form action=https://evil.example><button>",
	"\x1b[2J\x1b[H", "\x1b]0;title\a", "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "\x1bP1$r\x1b\\", "\u009b31m", "\x07\x08\x7f", "a\rb", "line\nfeed", "\x00", "\v\f",
	"\u202egpj.exe\u202c", "\u2066hidden\u2069", "\u200b\u200e\ufeff", "\u2028\u2029", "e\u0301\u0301\u0301\u0301", "\U000e0041\U000e0042", "\ufffe\uffff",
	"=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1",
	"::error file=x::no", "\n::set-output name=a::b", "::add-mask::", "##vso[task.setvariable variable=a]b", "##teamcity[testFailed name='x']", "section_start:1:x\r\x1b[0K",
	"[x](javascript:alert(1))", "![x](https://evil.example/p.png)", "@everyone", "#1", "owner/repo#1", "`code`", "| a | b |", "> quote", "www.evil.example", "<details open ontoggle=alert(1)>", ":tada:", "$$x$$",
	strings.Repeat("<", 3000), strings.Repeat("[", 3000), strings.Repeat("A", 5000), "\xff\xfe\x80", "",
}

// ours are the members of a run whose values are words of our own: the schema
// says which are allowed.
var ours = []string{"id", "outcome", "level", "evidence", "start", "end", "expires", "result", "verdicts", "profiles", "bodyBase64", "totals"}

// poison replaces every other string of a run, names of headers included.
func poison(v any, with string) any {
	switch v := v.(type) {
	case string:
		return with
	case []any:
		for i := range v {
			v[i] = poison(v[i], with)
		}
	case map[string]any:
		for name, inner := range v {
			switch {
			case name == "headers":
				v[name] = map[string]any{with: []any{with, with}, "X-" + with: []any{with}}
			case !slices.Contains(ours, name):
				v[name] = poison(inner, with)
			}
		}
	}
	return v
}

// poisoned is a run in which with stands wherever there is text.
func poisoned(t *testing.T, of *Run, with string) *Run {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(render(t, JSON, of)), &v); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(poison(v, with))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Load(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestHostileTextStaysText puts every attack into every text of a run, and wants
// no format to make more of it than of a harmless word.
func TestHostileTextStaysText(t *testing.T) {
	whole := everything()
	whole.Shard, whole.Selection, whole.Incomplete = &Shard{1, 2}, "harmless", unfinished().Incomplete
	allowed := make(map[string]map[string]bool)
	for _, word := range []string{"harmless", "https://harmless.example/"} {
		r := poisoned(t, whole, word)
		for _, f := range formats {
			if allowed[f.name] == nil {
				allowed[f.name] = make(map[string]bool)
			}
			maps.Copy(allowed[f.name], shape(t, f.name, render(t, f.write, r)))
		}
	}
	for _, text := range attacks {
		r := poisoned(t, whole, text)
		for _, f := range formats {
			got := render(t, f.write, r)
			for what := range shape(t, f.name, got) {
				if !allowed[f.name][what] {
					t.Errorf("%s: %.60q makes %.200s", f.name, text, what)
				}
			}
			if f.name == "colour.txt" {
				got = ourColors.ReplaceAllString(got, "")
			}
			if i := strings.IndexFunc(got, func(c rune) bool { return c != '\n' && c != '\t' && hidden(c) }); i >= 0 {
				t.Errorf("%s: %.60q leaves a hidden character: %q", f.name, text, got[i:min(len(got), i+20)])
			}
		}
	}
}

var ourColors = regexp.MustCompile("\x1b\\[(0|1|2|31|32|33)m")

// shape gives what a reader of the format would act on: elements with their
// attributes, links, commands. A text that cannot be read as its format fails.
func shape(t *testing.T, format, text string) map[string]bool {
	t.Helper()
	out := make(map[string]bool)
	switch format[strings.LastIndexByte(format, '.')+1:] {
	case "html":
		root, err := html.Parse(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		for n := range root.Descendants() {
			switch n.Type {
			case html.ElementNode:
				out["<"+n.Data+">"] = true
				for _, a := range n.Attr {
					out["<"+n.Data+" "+a.Key+">"] = true
					if a.Key == "href" && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "https://") {
						t.Errorf("link to %.80q", a.Val)
					}
				}
			case html.CommentNode:
				out["comment"] = true
			}
		}
	case "xml", "svg":
		d := xml.NewDecoder(strings.NewReader(text))
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if e, ok := token.(xml.StartElement); ok {
				out["<"+e.Name.Local+">"] = true
				for _, a := range e.Attr {
					out["<"+e.Name.Local+" "+a.Name.Local+">"] = true
				}
			}
		}
	case "json", "sarif":
		if !json.Valid([]byte(text)) {
			t.Fatal("not JSON")
		}
	case "md":
		for _, tag := range regexp.MustCompile(`<[^>]*>?`).FindAllString(text, -1) {
			out[tag] = true
		}
		for _, bad := range []string{"@", "](", "![", "`", "www.", "http:", "https:", "$"} {
			if strings.Contains(text, bad) {
				out[bad] = true
			}
		}
		fallthrough
	case "txt":
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); strings.HasPrefix(line, "::") || strings.Contains(line, "##vso[") || strings.Contains(line, "##teamcity[") {
				out["the command "+line] = true
			}
		}
	}
	return out
}
