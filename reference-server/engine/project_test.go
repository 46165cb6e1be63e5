// SPDX-License-Identifier: Apache-2.0

package engine_test

import (
	"slices"
	"testing"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/reference-server/engine"
)

func TestProject(t *testing.T) {
	const schemas = `"schemas":["` + scim.UserURN + `","` + scim.EnterpriseUserURN + `"],"id":"1"`
	const ext = `"` + scim.EnterpriseUserURN + `"`
	o := parse(t, `{`+schemas+`,"userName":"a","password":"p","name":{"givenName":"g","familyName":"f"},"emails":[{"value":"v","type":"work"},{"type":"home"}],`+ext+`:{"department":"d","manager":{"value":"m"}},"meta":{"location":"l"}}`)
	const rest = `,"name":{"givenName":"g","familyName":"f"},"emails":[{"value":"v","type":"work"},{"type":"home"}],` + ext + `:{"department":"d","manager":{"value":"m"}},"meta":{"location":"l"}`
	for _, c := range []struct {
		name           string
		only, excluded []string
		want           string
	}{
		{"one attribute", []string{"userName"}, nil, `,"userName":"a"`},
		{"a list with blanks", []string{"userName, NAME.givenname"}, nil, `,"userName":"a","name":{"givenName":"g"}`},
		{"a sub-attribute of many", []string{"emails.value"}, nil, `,"emails":[{"value":"v"}]`},
		{"a sub-attribute and its parent", []string{"name.givenName", "name"}, nil, `,"name":{"givenName":"g","familyName":"f"}`},
		{"core URN", []string{scim.UserURN + ":userName"}, nil, `,"userName":"a"`},
		{"extension attribute", []string{scim.EnterpriseUserURN + ":department"}, nil, `,` + ext + `:{"department":"d"}`},
		{"extension sub-attribute", []string{scim.EnterpriseUserURN + ":manager.value"}, nil, `,` + ext + `:{"manager":{"value":"m"}}`},
		{"extension as a whole", []string{scim.EnterpriseUserURN}, nil, `,` + ext + `:{"department":"d","manager":{"value":"m"}}`},
		{"password is never shown", []string{"password"}, nil, ``},
		{"unknown names", []string{"nosuch,/x"}, nil, ``},
		{"excluded", nil, []string{"userName"}, rest},
		{"excluded sub-attribute", nil, []string{"userName,name,meta,emails.type", scim.EnterpriseUserURN}, `,"emails":[{"value":"v"}]`},
		{"always shown", nil, []string{"id,schemas,userName"}, rest},
		{"blank parameters", []string{""}, []string{" ", ","}, `,"userName":"a"` + rest},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := users(engine.Rules{}).Project(o, c.only, c.excluded)
			if err != nil {
				t.Fatal(err)
			}
			if want := `{` + schemas + c.want + `}`; got.String() != want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		})
	}
	_, err := users(engine.Rules{}).Project(o, []string{"userName"}, []string{"name"})
	if status, scimType := kind(err); status != 400 || scimType != "invalidValue" {
		t.Errorf("both parameters: got %v, want 400 invalidValue", err)
	}
}

func TestProjectionWants(t *testing.T) {
	for _, c := range []struct {
		name           string
		only, excluded []string
		members, whole bool
	}{
		{"default", nil, nil, true, true},
		{"Entra's look-up", nil, []string{"members"}, false, false},
		{"something else", []string{"displayName"}, nil, false, false},
		{"a part", []string{"members.value"}, nil, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := groups().Projection(c.only, c.excluded)
			if err != nil {
				t.Fatal(err)
			}
			if p.Wants("members") != c.members || p.Whole() != c.whole {
				t.Errorf("got members %v whole %v", p.Wants("members"), p.Whole())
			}
		})
	}
}

func TestReturnedOnRequest(t *testing.T) {
	o := parse(t, `{"asked":"x","i":1}`)
	plain, err := typed().Project(o, nil, nil)
	if err != nil || plain.String() != `{"i":1}` {
		t.Errorf("got %s, %v", plain, err)
	}
	asked, err := typed().Project(o, []string{"asked"}, nil)
	if err != nil || asked.String() != `{"asked":"x"}` {
		t.Errorf("got %s, %v", asked, err)
	}
}

func TestSorter(t *testing.T) {
	people := map[string]string{
		"a": `{"userName":"b","externalId":"b","title":"M","meta":{"created":"2024-01-01T01:00:00+02:00"},"emails":[{"value":"z"},{"value":"a","primary":true}],"active":true}`,
		"b": `{"userName":"A","externalId":"A","meta":{"created":"2023-12-31T23:30:00Z"},"emails":[{"value":"b"}],"active":false}`,
		"c": `{"userName":"C","externalId":"C","title":"a","meta":{"created":"2025-01-01T00:00:00Z"}}`,
	}
	for _, c := range []struct{ by, order, want string }{
		{"userName", "", "bac"},
		{"userName", "descending", "cab"},
		{"externalId", "ascending", "bca"},
		{"title", "", "cab"},
		{"title", "descending", "bac"},
		{"meta.created", "", "abc"},
		{"emails", "", "abc"},
		{"emails.value", "", "abc"},
		{"active", "", "bac"},
	} {
		t.Run(c.by+" "+c.order, func(t *testing.T) {
			s, err := users(engine.Rules{}).Sorter(c.by, c.order)
			if err != nil {
				t.Fatal(err)
			}
			names := []string{"a", "b", "c"}
			slices.SortStableFunc(names, func(x, y string) int {
				return s.Compare(s.Key(parse(t, people[x])), s.Key(parse(t, people[y])))
			})
			if got := names[0] + names[1] + names[2]; got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
	for _, c := range []struct{ by, order, want string }{
		{"nosuch", "", "invalidPath"}, {"name", "", "invalidPath"}, {"a..b", "", "invalidPath"},
		{"userName", "sideways", "invalidValue"}, {"password", "", "sensitive"},
	} {
		_, err := users(engine.Rules{}).Sorter(c.by, c.order)
		if _, scimType := kind(err); scimType != c.want {
			t.Errorf("%s %s: got %v, want %s", c.by, c.order, err, c.want)
		}
	}
}

func TestSorterNumbers(t *testing.T) {
	s, err := typed().Sorter("i", "")
	if err != nil {
		t.Fatal(err)
	}
	two, ten := s.Key(parse(t, `{"i":2}`)), s.Key(parse(t, `{"i":10}`))
	if s.Compare(two, ten) >= 0 || s.Compare(ten, two) <= 0 || s.Compare(ten, ten) != 0 {
		t.Error("2 and 10 are not in the order of numbers")
	}
}
