// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/suites/check"
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

// TestHTMLOfACleanRunIsSmall holds that what passed costs the page little,
// however much was sent, and that the page says what it leaves out.
func TestHTMLOfACleanRunIsSmall(t *testing.T) {
	long := strings.Repeat(`{"userName":"alice@example.test"},`, 200)
	results := make([]check.Result, 0, 800)
	for i := range 800 {
		r := sample(check.Passed, check.Must)
		r.Check.ID = fmt.Sprintf("area%d.subject.case-%d", i%25, i)
		for range 3 {
			r.Exchanges = append(r.Exchanges, exchange("POST", "/Users", long, 201, long))
		}
		results = append(results, r)
	}
	page := render(t, HTML, New(meta(), results))
	if limit := 3 << 19; len(page) > limit {
		t.Errorf("got %d bytes, want at most %d", len(page), limit)
	}
	if !strings.Contains(page, "run.json has them all") {
		t.Error("the page does not say that it leaves bodies out")
	}
	failed := sample(check.Failed, check.Must)
	failed.Exchanges = append([]flow.Exchange{exchange("POST", "/Users", "", 201, long)}, exchange("PATCH", "/Users/2819c223", long, 200, long+"the end"))
	page = render(t, HTML, New(meta(), []check.Result{failed}))
	if !strings.Contains(page, "the end") {
		t.Error("the exchange that shows a failure is cut")
	}
	if !strings.Contains(page, fmt.Sprintf("The first %d of %d bytes", bodyLimit, len(long))) {
		t.Error("the page does not say that it cut the exchange that led to a failure")
	}
}

// TestCausesGroupWhatFailsAtTheSamePlace holds that values which differ from
// check to check do not part what belongs together.
func TestCausesGroupWhatFailsAtTheSamePlace(t *testing.T) {
	at := func(n int, o check.Outcome, finding check.Finding, reason string) check.Result {
		r := sample(o, check.Must)
		r.Check.ID, r.Reason, r.Findings = fmt.Sprintf("a.b.c%d", n), reason, nil
		if finding.Got != "" {
			r.Findings = []check.Finding{finding}
		}
		return r
	}
	other := at(7, check.Failed, check.Finding{LookedAt: "POST /Users", Where: "status", Got: "201", Want: "400"}, "")
	other.Check.Source = check.RFC7643("2.4")
	r := New(Meta{Verdicts: []string{check.RFC}}, []check.Result{
		at(0, check.Failed, check.Finding{LookedAt: "GET /Users?filter=userName%20eq%20%22a%22", Where: "body.Resources", Got: "ids 1", Want: "none"}, ""),
		at(1, check.Failed, check.Finding{LookedAt: "look up bob: GET /Users?filter=x&startIndex=1&count=2", Where: "body.Resources[0].id", Got: "1", Want: "2"}, ""),
		at(2, check.Blocked, check.Finding{}, "GET /Users?filter=userName%20eq%20%22c%22 · body.Resources: got ids 1, 2, want ids 1"),
		at(3, check.Failed, check.Finding{LookedAt: "PATCH /Users/1", Where: "status", Got: "500", Want: "200"}, ""),
		at(4, check.Failed, check.Finding{LookedAt: "PATCH /Users/2", Where: "status", Got: "500", Want: "400"}, ""),
		at(5, check.Failed, check.Finding{LookedAt: "POST /Users", Where: "status", Got: "201", Want: "400"}, ""),
		at(6, check.Blocked, check.Finding{}, "the provider has no group"),
		other,
	})
	var got []string
	for _, c := range r.causes(pointers(r.Results)) {
		got = append(got, fmt.Sprintf("%s: %d", c.Place, len(c.Results)))
	}
	want := []string{"GET /Users?filter · Resources: 3", "PATCH /Users/… · status 500: 2", "POST /Users · status 201: 1", ": 1", "POST /Users · status 201: 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("causes (-want +got):\n%s", diff)
	}
}

// TestPictureMarksTheStepThatFails holds what the sequence picture says to those
// who see it and to those who do not.
func TestPictureMarksTheStepThatFails(t *testing.T) {
	in := primary()
	in.Findings = append(in.Findings, check.Finding{LookedAt: "product user alice", Where: "roles", Got: "none", Want: "admin"})
	r := New(meta(), []check.Result{in})
	x := &r.Results[0]
	p := x.picture(x.marks())
	var failing []string
	for _, s := range p.Steps {
		if s.Failing {
			failing = append(failing, s.Call)
		}
	}
	if diff := cmp.Diff([]string{"GET /Users/2819c223", "product user alice · roles"}, failing); diff != "" {
		t.Errorf("failing steps (-want +got):\n%s", diff)
	}
	if len(p.Lanes) != 3 || !strings.Contains(p.Label, "step 2, GET /Users/2819c223, answered 200; what the product shows: product user alice · roles") {
		t.Errorf("got %d lanes, label %q", len(p.Lanes), p.Label)
	}
	for range 200 {
		in.Exchanges = append([]flow.Exchange{exchange("GET", "/Users", "", 200, "{}")}, in.Exchanges...)
	}
	r = New(meta(), []check.Result{in})
	x = &r.Results[0]
	if n := len(x.picture(x.marks()).Steps); n > seqSteps+3 {
		t.Errorf("200 requests make %d steps, want about %d", n, seqSteps)
	}
}
