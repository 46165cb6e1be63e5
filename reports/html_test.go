// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestHTMLPolicyAdmitsExactlyItsOwnStyleAndScript(t *testing.T) {
	page := render(t, HTML, everything())
	meta := regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`).FindStringSubmatch(page)
	if meta == nil {
		t.Fatal("the page has no content security policy")
	}
	got := strings.NewReplacer("&#39;", "'", "&#43;", "+").Replace(meta[1])
	for _, want := range []string{"default-src 'none'", "'" + digest(between(t, page, "<style>", "</style>")) + "'", "'" + digest(between(t, page, "<script>", "</script>")) + "'"} {
		if !strings.Contains(got, want) {
			t.Errorf("policy %q lacks %q", got, want)
		}
	}
	if strings.Contains(got, "unsafe") {
		t.Errorf("policy %q is not strict", got)
	}
}

// TestHTMLTree reads the page back as a tree: every element is closed where it
// should be, nothing outside the template's own elements and attributes turns
// up, and each anchor exists once.
func TestHTMLTree(t *testing.T) {
	page := render(t, HTML, everything())
	script := between(t, page, "<script>", "</script>")
	d := xml.NewDecoder(strings.NewReader(strings.Replace(page, script, "", 1)))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta"}, xml.HTMLEntity
	ids, links := make(map[string]int), []string{}
	scripts := 0
	for {
		token, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		e, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		switch e.Name.Local {
		case "script":
			scripts++
		case "img", "iframe", "object", "embed", "link", "base":
			t.Errorf("the page has a <%s>", e.Name.Local)
		}
		for _, a := range e.Attr {
			switch name := a.Name.Local; {
			case name == "id":
				ids[a.Value]++
			case name == "href":
				links = append(links, a.Value)
			case strings.HasPrefix(name, "on"), name == "style", name == "src":
				t.Errorf("<%s> has the attribute %s=%q", e.Name.Local, name, a.Value)
			}
		}
	}
	if scripts != 1 {
		t.Errorf("got %d scripts, want 1", scripts)
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("anchor %q: got %d, want 1", id, n)
		}
	}
	for _, x := range everything().Results {
		if ids[x.ID] == 0 {
			t.Errorf("no anchor for %s", x.ID)
		}
	}
	for _, l := range links {
		if anchor, ok := strings.CutPrefix(l, "#"); ok && ids[anchor] == 0 {
			t.Errorf("%s leads nowhere", l)
		} else if !ok && !strings.HasPrefix(l, "https://") {
			t.Errorf("link to %q", l)
		}
	}
}

func TestHTMLMarksWhatAFindingIsAbout(t *testing.T) {
	page := render(t, HTML, everything())
	for _, want := range []string{
		`&#34;primary&#34;:<mark>&#34;true&#34;</mark>`,
		`<dt>Etag</dt><dd><mark>W/&#34;1&#34;</mark></dd>`,
		`<mark>200</mark>`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}

func TestHTMLShowsFindingsBeforeThePassed(t *testing.T) {
	page := render(t, HTML, everything())
	var at []int
	for _, id := range []string{`id="first"`, `id="broken"`, `id="to-fix"`, `id="must.sample.failed"`, `id="warnings"`, `id="passed"`, `id="must.sample.passed"`, `id="skipped"`} {
		i := strings.Index(page, id)
		if i < 0 {
			t.Fatalf("the page lacks %s", id)
		}
		at = append(at, i)
	}
	if !slices.IsSorted(at) {
		t.Errorf("sections are out of order: %v", at)
	}
}

func TestHeadline(t *testing.T) {
	for _, tt := range []struct {
		name     string
		verdicts []Verdict
		want     string
		tone     string
	}{
		{"ready", []Verdict{{Name: "rfc", Result: Conformant}, {Name: "okta", Result: Conformant}, {Name: "entra", Result: Conformant}}, "Ready for Okta and Entra ID", "good"},
		{"one of two", []Verdict{{Name: "okta", Result: Conformant}, {Name: "entra", Result: NotConformant}}, "Ready for Okta, not for Entra ID", "bad"},
		{"neither", []Verdict{{Name: "okta", Result: NotConformant}, {Name: "entra", Result: NotConformant}}, "Not ready for Okta and Entra ID", "bad"},
		{"ready, product not", []Verdict{{Name: "okta", Result: ConformantWithWarnings}, {Name: "product", Result: NotConformant}}, "Ready for Okta, with other faults", "bad"},
		{"product alone", []Verdict{{Name: "product", Result: NotConformant}}, "Not conformant", "bad"},
		{"RFC alone", []Verdict{{Name: "rfc", Result: ConformantWithWarnings}}, "Conformant", "warn"},
		{"nothing", []Verdict{{Name: "rfc", Result: NothingChecked}, {Name: "okta", Result: NothingChecked}}, "Nothing was checked", "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, tone := new(Run).verdictInWords(tt.verdicts)
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if tone != tt.tone {
				t.Errorf("tone: got %s, want %s", tone, tt.tone)
			}
		})
	}
}

func between(t *testing.T, s, from, to string) string {
	t.Helper()
	_, after, ok := strings.Cut(s, from)
	inside, _, closed := strings.Cut(after, to)
	if !ok || !closed {
		t.Fatalf("nothing between %s and %s", from, to)
	}
	return inside
}
