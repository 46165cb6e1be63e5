// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/scimproof/scimproof/fixtures/vectors"
	"github.com/scimproof/scimproof/reference-server/engine"
)

// documents are bodies on both sides of every rule of JSON and of SCIM.
func documents(tb testing.TB) []string {
	tb.Helper()
	set, err := vectors.Filters()
	if err != nil {
		tb.Fatal(err)
	}
	var many, twice []string
	for i := range 70 {
		many = append(many, fmt.Sprintf(`"name%d":%d`, i, i))
	}
	for _, i := range []int{0, 31, 32, 33, 69} {
		twice = append(twice, `{`+strings.Join(append(slices.Clip(many), fmt.Sprintf(`"NAME%d":0`, i)), ",")+`}`)
	}
	list := append([]string{`{` + strings.Join(many, ",") + `}`, set.Resources["alice"]}, twice...)
	list = append(list,
		"", " ", "{", "}", "{}", " {\t} \r\n", "{}{}", "{},", "[]", `"a"`, "1", "null", "\ufeff{}", "{}\x00", "{\v}",
		`{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a":1 "b":2}`, `{"a":1,"b":2}`, `{a:1}`, `{1:1}`, `{"":""}`, `{"a":1,"A":1}`, `{"a":1,"a":1}`, `{"é":1,"É":1}`,
		`{"a":[]}`, `{"a":[ ]}`, `{"a":[,]}`, `{"a":[1,]}`, `{"a":[1 2]}`, `{"a":[1}`, `{"a":[1,[2,{"b":[]}],{}]}`, `{"a":{"b":{"c":{}}}}`, `{"a":[[[]]]}`, `{"a":[[[[]]]]}`,
		`{"a":true}`, `{"a":tru}`, `{"a":trueish}`, `{"a":True}`, `{"a":false}`, `{"a":null}`, `{"a":nul`, `{"a":NaN}`,
		`{"a":"\"\\\/\b\f\n\r\t\u00e9"}`, `{"a":"\x"}`, `{"a":"\u12"}`, `{"a":"\ud83d\ude00"}`, `{"a":"\ud800"}`, `{"a":"\udc00\ud800"}`, `{"a":"\`, `{"a":"\"`, `{"a":"x`,
		"{\"a\":\"\n\"}", "{\"a\":\"\x7f\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\\n\xff\"}", "{\"a\":\"\xed\xa0\x80\"}", "{\"\xff\":1}", `{"\u0061":1,"A":2}`, `{"a":'x'}`,
	)
	for _, n := range []string{"0", "-0", "-", "+1", "1", "10", "01", "-01", "00", "1.", ".5", "1.5", "1.50", "1e5", "1E+5", "1e-5", "1e", "1e+", "1.e5", "0x1", "1_0", "--1", "1.5.5", strings.Repeat("9", 400)} {
		list = append(list, `{"a":`+n+`}`, `{"a":[`+n+`]}`)
	}
	return list
}

// Parse has a reader for what is right and one that also says what is wrong:
// the two agree on what is right, and on what it means.
func FuzzScan(f *testing.F) {
	for _, s := range documents(f) {
		f.Add(s, 4)
		f.Add(s, 64)
	}
	f.Fuzz(func(t *testing.T, src string, depth int) {
		depth = min(max(depth, 1), 100)
		o, ok := engine.Scan(src, depth)
		want, err := engine.Read([]byte(src), src, depth)
		if ok != (err == nil) {
			t.Fatalf("%q, depth %d: read by one is %v, by the other %v", src, depth, ok, err)
		}
		if ok && o.String() != want.String() {
			t.Fatalf("%q: %s is not %s", src, o, want)
		}
	})
}
