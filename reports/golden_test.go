// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/scimproof/scimproof/suites/check"
)

var update = flag.Bool("update", false, "write the golden files anew")

type writer = func(io.Writer, *Run) error

// formats are all writers, by the end of the name of their golden file.
var formats = []struct {
	name  string
	write writer
}{
	{"json", JSON},
	{"html", HTML},
	{"junit.xml", JUnit},
	{"md", Markdown},
	{"sarif", SARIF},
	{"txt", func(w io.Writer, r *Run) error { return Console(w, r, false, "conformance-report/index.html") }},
	{"colour.txt", func(w io.Writer, r *Run) error { return Console(w, r, true) }},
	{"svg", func(w io.Writer, r *Run) error { return Badge(w, r, "") }},
	{"diff.json", func(w io.Writer, r *Run) error { return Compare(allPassed(), r).JSON(w) }},
	{"diff.html", func(w io.Writer, r *Run) error { return Compare(allPassed(), r).HTML(w) }},
	{"diff.md", func(w io.Writer, r *Run) error { return Compare(allPassed(), r).Markdown(w) }},
	{"diff.txt", func(w io.Writer, r *Run) error { return Compare(allPassed(), r).Text(w) }},
	{"matrix.json", func(w io.Writer, r *Run) error { return beside(r).JSON(w) }},
	{"matrix.html", func(w io.Writer, r *Run) error { return beside(r).HTML(w) }},
	{"matrix.md", func(w io.Writer, r *Run) error { return beside(r).Markdown(w) }},
	{"matrix.txt", func(w io.Writer, r *Run) error { return beside(r).Text(w) }},
}

func beside(r *Run) *Matrix { return Beside([]Named{{"1.0", allPassed()}, {hostile, r}}) }

// goldenRuns are the runs of which golden files are kept, in every format.
var goldenRuns = map[string]func() *Run{"everything": everything, "unfinished": unfinished, "passed": allPassed}

func render(t *testing.T, write func(io.Writer, *Run) error, r *Run) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// byName gives the writer of a format.
func byName(name string) writer {
	for _, f := range formats {
		if f.name == name {
			return f.write
		}
	}
	panic("no format " + name)
}

func saved(t *testing.T) *Run {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "everything.golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := Load(f)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGolden(t *testing.T) {
	for run, make := range goldenRuns {
		for _, f := range formats {
			t.Run(run+"."+f.name, func(t *testing.T) {
				got := render(t, f.write, make())
				file := filepath.Join("testdata", run+".golden."+f.name)
				if *update {
					if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got); diff != "" {
					t.Errorf("%s differs; look at it, then run with -update (-want +got):\n%s", file, diff)
				}
			})
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			first := render(t, f.write, everything())
			for range 5 {
				if diff := cmp.Diff(first, render(t, f.write, everything())); diff != "" {
					t.Fatalf("two renderings differ:\n%s", diff)
				}
			}
			if diff := cmp.Diff(first, render(t, f.write, saved(t))); diff != "" {
				t.Errorf("a run that was saved and loaded renders otherwise:\n%s", diff)
			}
		})
	}
}

func TestNoCredentialInAnyFormat(t *testing.T) {
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			if got := render(t, f.write, everything()); strings.Contains(got, canary) {
				t.Errorf("the report holds the credential: …%s…", around(got, canary))
			}
		})
	}
}

func TestNewLeavesResultsAlone(t *testing.T) {
	in := primary()
	New(Meta{}, []check.Result{in})
	if diff := cmp.Diff(primary().Exchanges, in.Exchanges); diff != "" {
		t.Errorf("the caller's exchanges changed (-want +got):\n%s", diff)
	}
}

// TestLoadRedacts holds that a run saved by a careless program is cleaned.
func TestLoadRedacts(t *testing.T) {
	text := strings.ReplaceAll(render(t, JSON, everything()), `"Bearer REDACTED"`, `"Bearer `+canary+`"`)
	if !strings.Contains(text, canary) {
		t.Fatal("the test lost its canary")
	}
	r, err := Load(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range formats {
		if got := render(t, f.write, r); strings.Contains(got, canary) {
			t.Errorf("%s holds the credential", f.name)
		}
	}
}

func TestNoControlCharacters(t *testing.T) {
	for _, f := range formats {
		if strings.Contains(f.name, "colour") {
			continue
		}
		t.Run(f.name, func(t *testing.T) {
			for _, c := range render(t, f.write, everything()) {
				if c != '\n' && c != '\t' && hidden(c) {
					t.Fatalf("the report holds %q", c)
				}
			}
		})
	}
	t.Run("console in colour", func(t *testing.T) {
		text := render(t, byName("colour.txt"), everything())
		for _, code := range []string{"0", bold, dim, red, green, yellow} {
			text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
		}
		if i := strings.IndexByte(text, 0x1b); i >= 0 {
			t.Errorf("an escape sequence that is not ours: %q", text[i:min(i+20, len(text))])
		}
	})
}

func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("run.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	valid := func(text string) error {
		v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(v)
	}
	for name, r := range map[string]*Run{"everything": everything(), "unfinished": unfinished(), "passed": allPassed(), "part": deal(2)[1].Run, "nothing": New(Meta{}, nil)} {
		if err := valid(render(t, JSON, r)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if valid(strings.Replace(render(t, JSON, everything()), `"outcome": "failed"`, `"outcome": "fine"`, 1)) == nil {
		t.Error("the schema accepts an outcome that does not exist")
	}
}

func TestLoadErrors(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"not JSON", "<html>", "read run: invalid character"},
		{"empty", "", "read run: EOF"},
		{"another version", `{"version":2}`, "version is 2, this program reads version 1"},
		{"no version", `{}`, "version is 0"},
		{"two runs", `{"version":1}{"version":1}`, "something follows"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Load(strings.NewReader(tt.in))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func around(s, part string) string {
	i := strings.Index(s, part)
	return s[max(0, i-60):min(len(s), i+len(part)+20)]
}
