// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

const perPage = 50

type object = map[string]any

// door is one of the APIs of an organisation.
type door func(ctx context.Context, method, path string, body []byte) (int, []byte, error)

// column is one of a list: its head, and what it says of an item.
type column struct {
	Head string
	cell func(object) string
}

// Moment says whether the column holds times.
func (k column) Moment() bool { return k.Head == changed || k.Head == made || k.Head == lastUsed }

// Heads of columns that hold times.
const (
	changed  = "Changed"
	made     = "Made"
	lastUsed = "Last used"
)

// listing is a list of the organisation and how it is asked for.
type listing struct {
	name, title, what string
	product           bool // else SCIM
	path              string
	found             string // parameter that looks for text, "" for none
	columns           []column
	link              string // below the base, for the first column: "/users/"
}

// listings are the lists of the organisation.
func listings() []listing {
	return []listing{
		{name: "users", title: "Users", what: "user", product: true, path: "/users?sort=name", found: "filter", link: "/users/", columns: []column{
			{"Name", either("name", "handle")}, {"Handle", attribute("handle")}, {"E-mail", attribute("email")}, {"Status", attribute("status")},
			{"Roles", included}, {"Kind", kindOf}, {changed, moment(attribute("modified_at"))},
		}},
		{name: "groups", title: "Groups", what: "group", path: "/Groups?excludedAttributes=members", columns: []column{
			{"displayName", member("displayName")}, {"externalId", member("externalId")}, {"id", member("id")}, {changed, moment(member("meta", "lastModified"))},
		}},
		{name: "teams", title: "Teams", what: "team", product: true, path: "/team?sort=name", found: "filter[keyword]", columns: []column{
			{"Name", attribute("name")}, {"Handle", attribute("handle")}, {"Members", attribute("user_count")}, {"Managed by the IdP", attribute("is_managed")}, {changed, moment(attribute("modified_at"))},
		}},
		{name: "roles", title: "Roles", what: "role", product: true, path: "/roles?sort=name", found: "filter", columns: []column{
			{"Name", attribute("name")}, {"Users", attribute("user_count")}, {"id", member("id")}, {changed, moment(attribute("modified_at"))},
		}},
		{name: "keys", title: "Application keys", what: "key", product: true, path: "/application_keys?sort=name", found: "filter", columns: []column{
			{"Name", attribute("name")}, {"Ends with", attribute("last4")}, {"Owner", owner}, {made, moment(attribute("created_at"))}, {lastUsed, moment(attribute("last_used_at"))},
		}},
	}
}

// list shows one page of a list.
func (c *Console) list(rw http.ResponseWriter, v *visit) error {
	all := listings()
	at := slices.IndexFunc(all, func(l listing) bool { return l.name == v.PathValue("list") })
	if at < 0 {
		return refuse(http.StatusNotFound, "There is no page %q.", v.PathValue("list"))
	}
	l := all[at]
	page, err := number(v, "page")
	if err != nil {
		return err
	}
	page = max(page, 1)
	text := v.URL.Query().Get("q")
	items, n, err := l.items(v, page, text)
	if err != nil {
		return err
	}
	type itemRow struct {
		Link  string
		Cells []string
	}
	data := struct {
		What, Name string
		Lists      []listing
		Columns    []column
		Items      []itemRow
		Total      int
		Page, Last int64
		Query      string
		Search     bool
	}{What: l.what, Name: l.name, Lists: all, Columns: l.columns, Total: n, Page: page, Last: int64((n + perPage - 1) / perPage), Query: text, Search: l.found != ""}
	for _, item := range items {
		r := itemRow{}
		if id, ok := item["id"].(string); ok && l.link != "" {
			r.Link = v.base() + l.link + url.PathEscape(id)
		}
		for _, k := range l.columns {
			r.Cells = append(r.Cells, k.cell(item))
		}
		data.Items = append(data.Items, r)
	}
	c.render(rw, v, http.StatusOK, "list", l.title, "organisation", data)
	return nil
}

// Name and Title are for the row of links between lists.
func (l listing) Name() string  { return l.name }
func (l listing) Title() string { return l.title }

// items asks for one page, and how many items there are on all.
func (l listing) items(v *visit, page int64, text string) ([]object, int, error) {
	if !l.product {
		var answer struct {
			Total     int      `json:"totalResults"`
			Resources []object `json:"Resources"`
		}
		err := ask(v, v.part.SCIM, fmt.Sprintf("%s&startIndex=%d&count=%d", l.path, (page-1)*perPage+1, perPage), &answer)
		return answer.Resources, answer.Total, err
	}
	// Teams count pages from 0 as the rest of the product API does.
	path := fmt.Sprintf("%s&page[size]=%d&page[number]=%d", l.path, perPage, page-1)
	if text != "" {
		path += "&" + l.found + "=" + url.QueryEscape(text)
	}
	var answer document
	if err := ask(v, v.part.Product, path, &answer); err != nil {
		return nil, 0, err
	}
	for _, item := range answer.Data {
		item["included"] = answer.named(item, "roles")
	}
	return answer.Data, answer.total(), nil
}

// document is an answer of the product API with a list in it.
type document struct {
	Data     []object `json:"data"`
	Included []object `json:"included"`
	Meta     object   `json:"meta"`
}

// total finds the number of items that were found: the product API counts
// teams under another name than the rest.
func (d document) total() int {
	for _, at := range [][]string{{"page", "total_filtered_count"}, {"pagination", "total"}} {
		if n, ok := dig(d.Meta, at...).(float64); ok {
			return int(n)
		}
	}
	return len(d.Data)
}

// named gives the names of what an item is related to and the answer includes.
func (d document) named(item object, relation string) string {
	refs, _ := dig(item, "relationships", relation, "data").([]any)
	var names []string
	for _, ref := range refs {
		id, _ := dig(ref, "id").(string)
		for _, r := range d.Included {
			if r["id"] == id {
				names = append(names, said(dig(r, "attributes", "name")))
			}
		}
	}
	return strings.Join(names, ", ")
}

// total says how many items a list of the product API has.
func total(v *visit, path string) (int, error) {
	var answer document
	err := ask(v, v.part.Product, path, &answer)
	return answer.total(), err
}

// ask asks an API of the organisation, and reads what it answers.
func ask(v *visit, api door, path string, into any) error {
	status, answer, err := api(v.Context(), http.MethodGet, path, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return refuse(http.StatusBadGateway, "The server answered %s with %d: %s", path, status, short(string(answer)))
	}
	if err := json.Unmarshal(answer, into); err != nil {
		return refuse(http.StatusBadGateway, "The server answered %s with what is no such JSON: %v", path, err)
	}
	return nil
}

// dig follows names into objects.
func dig(x any, names ...string) any {
	for _, name := range names {
		o, _ := x.(object)
		x = o[name]
	}
	return x
}

// said writes a value of JSON for a cell.
func said(x any) string {
	switch x := x.(type) {
	case nil:
		return ""
	case string:
		return x
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	return fmt.Sprint(x)
}

func member(names ...string) func(object) string {
	return func(o object) string { return said(dig(o, names...)) }
}
func attribute(name string) func(object) string { return member("attributes", name) }

// moment shortens a time to its second, in UTC.
func moment(of func(object) string) func(object) string {
	return func(o object) string { return shortTime(of(o)) }
}

func shortTime(s string) string {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return s
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func either(name, other string) func(object) string {
	return func(o object) string {
		if s := attribute(name)(o); s != "" {
			return s
		}
		return attribute(other)(o)
	}
}

func included(o object) string { return said(o["included"]) }

func kindOf(o object) string {
	if dig(o, "attributes", "service_account") == true {
		return "service account"
	}
	return "person"
}

func owner(o object) string { return member("relationships", "owned_by", "data", "id")(o) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func short(s string) string { return cut(s, 500) }

// cut shortens a text to some characters.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
