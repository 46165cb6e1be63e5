// SPDX-License-Identifier: Apache-2.0

package entra

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// documented are the attributes of the examples.
func documented(name string) any {
	return map[string]any{
		"userPrincipalName": "john.doe@contoso.com",
		"alias":             "john.doe",
		"givenName":         "John",
		"surname":           "Doe",
		"middleName":        " ",
		"state":             "QLD",
		"telephoneNumber":   "(425) 555-0100",
		"IsSoftDeleted":     false,
		"accountEnabled":    true,
		"country":           "USA",
		"department":        "Sales",
		"mail":              nil,
		"extension1":        "PermissionSetOne,PermissionSetTwo",
		"several":           []string{"one", "two", "one"},
		"appRoleAssignments": []Role{
			{ID: "r1", Value: "Admin", Display: "Admin"},
		},
	}[name]
}

func TestEvaluate(t *testing.T) {
	tests := []struct {
		name, source string
		want         any
	}{
		// Microsoft, "Reference for writing expressions for attribute mappings".
		{"append", `Append([alias], "@contoso.com")`, "john.doe@contoso.com"},
		{"append to nothing", `Append([mail], "@contoso.com")`, nil},
		{"coalesce", `Coalesce([mail], [userPrincipalName], "none")`, "john.doe@contoso.com"},
		{"coalesce default", `Coalesce([mail], "none")`, "none"},
		{"iif", `IIF([country]="USA",[country],[department])`, "USA"},
		{"iif not equal", `IIF([country]<>"USA",[country],[department])`, "Sales"},
		{"join", `Join(" ", [givenName], [surname])`, "John Doe"},
		{"join with null", `Join(" ", [givenName], [mail], [surname])`, "John Doe"},
		{"join several values", `Join(";", [several], "x")`, "one;two;one;x"},
		{"mid", `Mid([surname], 1, 2)`, "Do"},
		{"mid beyond the end", `Mid("abc", 2, 99)`, "bc"},
		{"mid of letters beyond ASCII", `Mid("Åßö", 2, 1)`, "ß"},
		{"not", `Not([IsSoftDeleted])`, true},
		{"replace characters", `Replace([telephoneNumber], , "[()\\s-]+", , "", , )`, "4255550100"},
		{"replace domain by group", `Replace([userPrincipalName], , "(?<Suffix>@(.)*)", "Suffix", "", , )`, "john.doe"},
		{"replace old value", `Replace([userPrincipalName], "contoso.com", , , "fabrikam.com", , )`, "john.doe@fabrikam.com"},
		{"replace in template", `Replace([alias], "[x]", , , , , "user-[x]-new")`, "user-john.doe-new"},
		{"split", `Split([extension1], ",")`, []string{"PermissionSetOne", "PermissionSetTwo"}},
		{"strip spaces", `StripSpaces("a b c")`, "abc"},
		{"switch", `Switch([state], "true", "NSW", "Australia/Sydney", "QLD", "Australia/Brisbane")`, "Australia/Brisbane"},
		{"switch default", `Switch([country], "true", "NSW", "Australia/Sydney")`, "true"},
		{"switch of the default mapping", `Switch([IsSoftDeleted], , "False", "True", "True", "False")`, "True"},
		{"to lower", `ToLower("JOHN", "en-GB")`, "john"},
		{"to upper", `toUPPER([alias])`, "JOHN.DOE"},
		{"is null", `IsNull([mail])`, true},
		{"is null or empty", `IsNullOrEmpty("")`, true},
		{"is present", `IsPresent([country])`, true},
		{"item", `Item([several], 2)`, "two"},
		{"count", `Count([several])`, 3},
		{"in str", `InStr("The quick brown fox", "quick")`, 5},
		{"left", `Left("Joe", 2)`, "Jo"},
		{"remove duplicates", `RemoveDuplicates([several])`, []string{"one", "two"}},
		{"word", `Word("The quick brown fox", 3, " ")`, "brown"},
		{"trim", `Trim(" a ")`, "a"},
		{"c bool", `CBool("true")`, true},
		{"numbers are compared as such", `IIF(Count([several])>2, "many", "few")`, "many"},
		{"base64 of UTF-16", `ConvertToBase64("Hello world!")`, "SABlAGwAbABvACAAdwBvAHIAbABkACEA"},
		{"hex of UTF-8", `ConvertToUTF8Hex("Hello world!")`, "48656C6C6F20776F726C6421"},
		{"letters without marks", `NormalizeDiacritics("Zoë Šťastný")`, "Zoe Stastny"},
		{"letters that are none with marks", `NormalizeDiacritics("Łøß山")`, "Łøß山"},
		{"nothing without marks", `NormalizeDiacritics([mail])`, nil},
		{"nested", `Append(ToLower(Mid([givenName], 1, 1)), Replace([surname], "D", , , "d", , ))`, "jdoe"},
		{"quotation mark", `Append("Company name: ", "\"Contoso\"")`, `Company name: "Contoso"`},
		{"attribute alone", `[surname]`, "Doe"},
		{"word alone", `surname`, "Doe"},
		{"roles", `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])`, "Admin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := ParseSource(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			got, err := e.Evaluate(documented)
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := got.(roleSet); ok {
				got = s.values()[0]
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("%s (-want +got):\n%s", tt.source, d)
			}
		})
	}
}

func TestParseExpressionErrors(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"nothing", ``, "at character 1: found the end, expected a function"},
		{"unknown function", `Lower([a])`, "at character 1: found Lower, expected one of the functions Append,"},
		{"no parenthesis", `ToLower`, "found the end, expected ( after ToLower"},
		{"no closing", `ToLower([a]`, "at character 12: found the end, expected , or )"},
		{"string without end", `Append([a], "x)`, `at character 13: found a string without an end, expected a closing "`},
		{"attribute without end", `Not([a)`, "at character 5: found [ without an end, expected a closing ]"},
		{"arity", `Mid([a], 1)`, "found Mid with 2 arguments, expected 3"},
		{"at least", `Join(" ")`, "found Join with 1 arguments, expected at least 2"},
		{"between", `ToLower()`, "found ToLower with 0 arguments, expected 1 to 2"},
		{"switch without pairs", `Switch([a], "x", "k", "v", "k")`, "expected a source, a default, and pairs of key and value"},
		{"rest", `Not([a]) x`, "at character 10: found 'x', expected the end"},
		{"logical operator", `IIF([a] AND [b], "x", "y")`, "found 'A', expected , or )"},
		{"position counts characters", `Append("ßß", ?)`, "at character 14"},
		{"too deep", strings.Repeat("Not(", 40) + "[a]" + strings.Repeat(")", 40), "at most 32 calls"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseExpression(tt.source)
			if _, ok := errors.AsType[*SyntaxError](err); !ok {
				t.Fatalf("got %v, want a SyntaxError", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want it to have %q", err, tt.want)
			}
		})
	}
}

func TestEvaluateErrors(t *testing.T) {
	tests := []struct{ name, source, want string }{
		{"start", `Mid("abc", 0, 1)`, "Mid: start is 0"},
		{"no number", `Left("abc", [surname])`, `Left: "Doe" is not a whole number`},
		{"no order of texts", `IIF([surname]>"A", "x", "y")`, "only numbers have an order"},
		{"bad pattern", `Replace([surname], , "(", , "", , )`, "Replace: read pattern"},
		{"no such group", `Replace([surname], , "o", "g", "", , )`, `has no group "g"`},
		{"replace with nothing to do", `Replace([surname], , , , , , )`, "wants an old value"},
		{"roles of something else", `SingleAppRoleAssignment([surname])`, "wants [appRoleAssignments]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, err := ParseExpression(tt.source)
			if err != nil {
				t.Fatal(err)
			}
			if v, err := e.Evaluate(documented); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, %v, want an error with %q", v, err, tt.want)
			}
		})
	}
}

func FuzzParseExpression(f *testing.F) {
	for _, m := range append(DefaultMappings(), DatadogMappings()...) {
		f.Add(m.Source)
	}
	f.Add(`Replace([a], , "[()\\s-]+", , "", , )`)
	f.Add(`IIF([a]<>"b", -1, Switch([c], , "d", "e"))`)
	f.Fuzz(func(t *testing.T, source string) {
		e, err := ParseSource(source)
		var syntax *SyntaxError
		if err != nil {
			if !errors.As(err, &syntax) || syntax.Offset < 0 || syntax.Offset > len(source) {
				t.Fatalf("error is %#v", err)
			}
			return
		}
		if e.String() != source {
			t.Errorf("got %q, want %q", e, source)
		}
		_, _ = e.Evaluate(documented) // must not panic
	})
}
