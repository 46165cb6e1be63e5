// SPDX-License-Identifier: Apache-2.0

package console

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

//go:embed pages/*.html
var pages embed.FS

//go:embed assets
var assets embed.FS

const assetPath = "/assets/"

// parse reads the templates of the pages.
func parse() (*template.Template, error) {
	return template.New("").Funcs(template.FuncMap{
		"clock": func(t time.Time) string { return t.UTC().Format("15:04:05") },
		"day":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") },
		"took":  took,
		"count": count,
		"older": func(n int64) string { return count(int(n), "older request") },
		"asset": asset,
		"line":  func(s string) string { return cut(s, 300) }, // a client can make it as long as a request
		"brief": func(s string) string { return cut(s, 80) },
		"add":   func(a, b int64) int64 { return a + b },
		"last":  func(n []int64) int64 { return n[len(n)-1] },
		"worst": func(all []odd, n int) []odd { return all[:min(len(all), n)] },
		"first": func(all []int64, n int) []int64 { return all[:min(len(all), n)] },
	}).ParseFS(pages, "pages/*.html")
}

// asset gives the address of a file that pages load, which changes with it.
func asset(name string) (string, error) {
	b, err := assets.ReadFile("assets/" + name)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return Path + assetPath + name + "?" + hex.EncodeToString(sum[:6]), nil
}

func serveAsset(rw http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	b, err := assets.ReadFile("assets/" + name)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		http.NotFound(rw, r)
		return
	}
	rw.Header().Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	rw.Header().Set("Cache-Control", "public, max-age=31536000, immutable") // its address changes with it
	_, _ = rw.Write(b)                                                      // a client that has gone needs no answer
}

// shell is what is around each page of a session.
type shell struct {
	Title, Here string // Here: the entry of the navigation
	Base        string // of the addresses of the organisation
	Form        string // what its forms carry
	Told        string // what came of the last form
	Tenant      string
	Tenants     []string
	Profile     string
	Trouble     string // faults and chaos that are on, "" for none
	Page        any
}

// render writes a page of a session.
func (c *Console) render(rw http.ResponseWriter, v *visit, status int, name, title, here string, data any) {
	c.show(rw, status, name, shell{
		Title: title, Here: here, Base: v.base(), Form: v.session.form, Told: v.session.told(),
		Tenant: v.part.Name(), Tenants: c.server.Tenants(), Profile: c.server.Profile().Name, Trouble: c.trouble(v), Page: data,
	})
}

// show writes a page, whole or not at all.
func (c *Console) show(rw http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := c.templates.ExecuteTemplate(&b, name+".html", data); err != nil {
		http.Error(rw, "the page cannot be written: "+err.Error(), http.StatusInternalServerError)
		return
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.WriteHeader(status)
	_, _ = rw.Write(b.Bytes()) // a client that has gone needs no answer
}

// refusal is an error that is told as a page.
type refusal struct {
	Status  int
	Text    string
	Allowed []string
}

func (e *refusal) Error() string { return e.Text }

func refuse(status int, format string, args ...any) *refusal {
	return &refusal{Status: status, Text: fmt.Sprintf(format, args...)}
}

// fail shows an error. Who is here owns the server, and is told what went wrong.
func (c *Console) fail(rw http.ResponseWriter, v *visit, err error) {
	var e *refusal
	if !errors.As(err, &e) {
		e = refuse(http.StatusInternalServerError, "%v", err)
	}
	c.render(rw, v, e.Status, "wrong", http.StatusText(e.Status), "", struct {
		Text    string
		Allowed []string
	}{e.Text, e.Allowed})
}

// back leads from a form to the page that had it.
func back(rw http.ResponseWriter, v *visit, to, said string) {
	v.session.tell(said)
	http.Redirect(rw, v.Request, v.base()+to, http.StatusSeeOther)
}

// count gives "1 user", "3 users".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// took gives a duration in three digits or so.
func took(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Second:
		return d.Round(100 * time.Microsecond).String()
	}
	return d.Round(10 * time.Millisecond).String()
}

// maxShown is how much of a body a page shows.
const maxShown = 256 << 10

// text is a body as a page shows it.
type text struct {
	Size   int
	Pretty string // JSON, put in lines; "": none, or no JSON
	Raw    string // as it was sent
	Cut    bool   // only the beginning
	Binary bool   // no text
}

// shown puts a body in lines. Values are not changed: numbers and strings stay as
// they are spelled.
func shown(b []byte) text {
	t := text{Size: len(b), Binary: !utf8.Valid(b)}
	if t.Binary {
		return t
	}
	if v := jsontext.Value(bytes.Clone(b)); len(b) <= maxShown && v.Format(
		jsontext.AllowDuplicateNames(true), jsontext.PreserveRawStrings(true), jsontext.Multiline(true), jsontext.WithIndent("  "),
	) == nil {
		t.Pretty = string(v)
	}
	t.Raw = string(b)
	if len(t.Raw) > maxShown {
		t.Raw, t.Cut = strings.ToValidUTF8(t.Raw[:maxShown], ""), true
	}
	return t
}
