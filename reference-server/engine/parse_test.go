// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"strings"
	"testing"

	"github.com/scimproof/scimproof/reference-server/engine"
)

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 65) + "1" + strings.Repeat("}", 65)
	many := `{"a0":1`
	for i := range 40 {
		many += `,"a` + strings.Repeat("x", i+1) + `":1`
	}
	for _, c := range []struct{ name, body, detail string }{
		{"empty", ``, "ends before"},
		{"open object", `{`, "ends before"},
		{"open member", `{"a":{"b":`, "ends before"},
		{"array", `[]`, "array, not an object"},
		{"text", `"x"`, "string, not an object"},
		{"null", `null`, "null, not an object"},
		{"number", `5`, "number, not an object"},
		{"trailing object", `{"a":1}{}`, "goes on after"},
		{"trailing garbage", `{"a":1}x`, "byte 7"},
		{"duplicate", `{"emails":[{"value":1,"value":2}]}`, "/emails/0/value"},
		{"duplicate in other case", `{"userName":"a","USERNAME":"b"}`, "twice, in different letter case, at /USERNAME"},
		{"duplicate in other case among many", many + `,"A0":2}`, "/A0"},
		{"invalid UTF-8", "{\"a\":\"\xff\"}", "/a"},
		{"lone surrogate", `{"a":"\ud800"}`, "/a"},
		{"too deep", deep, "deeper than 64"},
		{"ten thousand deep", strings.Repeat("[", 10000), "not an object"},
		{"comma at the end", `{"a":1,}`, "not JSON"},
		{"comment", `{/**/}`, "not JSON"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := engine.Parse([]byte(c.body), engine.Limits{})
			if status, scimType := kind(err); status != 400 || scimType != "invalidSyntax" || !strings.Contains(err.Error(), c.detail) {
				t.Errorf("got %v, want 400 invalidSyntax with %q", err, c.detail)
			}
		})
	}
}

func TestParseBounds(t *testing.T) {
	body := []byte(`{"a":"0123456789"}`)
	if _, err := engine.Parse(body, engine.Limits{MaxBytes: len(body)}); err != nil {
		t.Errorf("a body of just the limit is refused: %v", err)
	}
	_, err := engine.Parse(body, engine.Limits{MaxBytes: len(body) - 1})
	if status, _ := kind(err); status != 413 {
		t.Errorf("got %v, want 413", err)
	}
}

func TestParseKeepsWhatWasSent(t *testing.T) {
	const body = `{"z":1.50,"a":[null,true,-0,1e400],"Ü":"\"é\n","e":{},"l":[]}`
	o := parse(t, body)
	if got := o.String(); got != body {
		t.Errorf("got %s, want %s", got, body)
	}
	if v, ok := o.Get("Z"); !ok || v != engine.Number("1.50") {
		t.Errorf("got %v, want the text of the number under a name in another case", v)
	}
}

func TestPick(t *testing.T) {
	o, err := engine.Pick([]byte(`{"a":1,"b":{"c":[1,2]},"d":"x"}`), "D", "a")
	if err != nil || o.String() != `{"a":1,"d":"x"}` {
		t.Errorf("got %s, %v", o, err)
	}
}

func TestObject(t *testing.T) {
	o := parse(t, `{"Name":{"x":"1"},"n":2}`)
	c := o.Clone()
	c.Object("name").Set("X", "2")
	c.Set("NAME2", true)
	if got := o.String(); got != `{"Name":{"x":"1"},"n":2}` {
		t.Errorf("a change of the clone shows in the original: %s", got)
	}
	if got := c.String(); got != `{"Name":{"x":"2"},"n":2,"NAME2":true}` {
		t.Errorf("got %s", got)
	}
	if w := o.With("N", nil); o.Text("Name") != "" || w.String() != `{"Name":{"x":"1"},"n":null}` || o.String() == w.String() {
		t.Errorf("got %s from %s", w, o)
	}
	if !o.Delete("NAME") || o.Delete("NAME") || o.Len() != 1 {
		t.Errorf("delete in another case left %s", o)
	}
	var none *engine.Object
	if _, ok := none.Get("x"); ok || none.Object("x").Array("y") != nil {
		t.Error("a nil object has members")
	}
}

func TestEqual(t *testing.T) {
	for _, c := range []struct {
		name, a, b string
		want       bool
	}{
		{"order of members", `{"a":1,"b":[1,{"x":2,"y":3}]}`, `{"b":[1,{"y":3,"x":2}],"a":1}`, true},
		{"order of values", `{"a":[1,2]}`, `{"a":[2,1]}`, false},
		{"null is not absent", `{"a":null}`, `{}`, false},
		{"number text", `{"a":1}`, `{"a":1.0}`, false},
		{"array and scalar", `{"a":[1]}`, `{"a":1}`, false},
		{"scalar and array", `{"a":1}`, `{"a":[1]}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := engine.Equal(parse(t, c.a), parse(t, c.b)); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestFold(t *testing.T) {
	for _, c := range []struct{ name, a, b string }{
		{"ASCII", "ABCxyz[", "abcXYZ["},
		{"Latin", "ÅÉÎ", "åéî"},
		{"NFD and NFC", "A\u030a", "å"},
		{"Kelvin sign", "\u212a", "k"},
		{"long s", "\u017f", "S"},
		{"Greek sigma", "ΣΊΣΥΦΟΣ", "σίσυφος"},
		{"full width", "ＢＯＢ", "bob"},
		{"capital sharp s", "ẞ", "ß"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if a, b := engine.Fold(c.a), engine.Fold(c.b); a != b {
				t.Errorf("got %q and %q, want one key", a, b)
			}
		})
	}
	for _, pair := range [][2]string{{"ß", "ss"}, {"ı", "i"}, {"a", "å"}} {
		if engine.Fold(pair[0]) == engine.Fold(pair[1]) {
			t.Errorf("%q and %q fold to one key", pair[0], pair[1])
		}
	}
}
