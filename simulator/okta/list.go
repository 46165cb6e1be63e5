// SPDX-License-Identifier: Apache-2.0

package okta

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/scimproof/scimproof/internal/scim"
	"github.com/scimproof/scimproof/simulator/cycle"
	"github.com/scimproof/scimproof/simulator/directory"
)

// list is a ListResponse as far as Okta reads it.
type list struct {
	total     int
	resources []jsontext.Value
}

// readList reads a ListResponse.
func readList(doing string, s cycle.Sent) (list, *failure) {
	if !s.OK() {
		return list{}, refused(doing, s)
	}
	o, err := parseObject(s.Response.Body)
	if err != nil {
		return list{}, unreadable(doing, s)
	}
	total, err := strconv.Atoi(string(o.anyCase("totalResults")))
	if err != nil {
		return list{}, &failure{doing + ": totalResults is not a number", s}
	}
	return list{total, elements(o.anyCase("Resources"))}, nil
}

// testList is readList for those who want the reply to be one and no more.
func testList(doing string, s cycle.Sent) error {
	if _, f := readList(doing, s); f != nil {
		return f
	}
	return nil
}

// firstOf gives the first resource that was found, nil if none was: 200 with an
// empty list and 404 are the same to Okta (documented). What it does with several
// is not known.
func firstOf(doing string, s cycle.Sent) (*object, *failure) {
	if s.Status == http.StatusNotFound {
		return nil, nil
	}
	l, f := readList(doing, s)
	if f != nil || l.total == 0 {
		return nil, f
	}
	if len(l.resources) == 0 {
		return nil, &failure{doing + fmt.Sprintf(": totalResults is %d, but there are no Resources", l.total), s}
	}
	o, err := parseObject(l.resources[0])
	if err != nil || o.text("id") == "" {
		return nil, &failure{doing + ": the user or group that was found has no id", s}
	}
	return o, nil
}

// imports reads all users, then all groups if they are imported too; or the
// groups alone.
func (a *Application) imports(ctx context.Context, of string) error {
	if of == "users" && a.features.ImportUsers {
		err := a.do(ctx, job{"import", "the users", func(ctx context.Context) error {
			return a.pages(ctx, scim.UsersEndpoint, "Error while importing users", func(*object, cycle.Sent) {})
		}})
		if err != nil {
			return err
		}
	}
	if !a.features.ImportGroups {
		return nil
	}
	return a.do(ctx, job{"import", "the groups", a.importGroups})
}

func (a *Application) importGroups(ctx context.Context) error {
	return a.pages(ctx, scim.GroupsEndpoint, "Error while importing groups", func(o *object, _ cycle.Sent) {
		a.imported[o.text(directory.DisplayName)] = o.text("id")
	})
}

// pages reads a list to its end: startIndex goes on by 100, not by the number
// received (documented). What Okta does when a page is empty before the end is
// not known; here that is a failure, for resources are missing. The total is
// that of the first page.
func (a *Application) pages(ctx context.Context, endpoint, doing string, visit func(*object, cycle.Sent)) error {
	for start, total := 1, 1; start <= total; start += page {
		s, err := a.query(ctx, endpoint, "", "", start, page)
		if err != nil {
			return err
		}
		l, f := readList(doing, s)
		if f != nil {
			return f
		}
		if start == 1 {
			total = l.total
		}
		if len(l.resources) == 0 && total > 0 {
			return &failure{fmt.Sprintf("%s: the page at %d of %d is empty", doing, start, total), s}
		}
		for _, r := range l.resources {
			if o, err := parseObject(r); err == nil {
				visit(o, s)
			}
		}
	}
	return nil
}
