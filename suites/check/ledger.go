// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// ledger knows what a check made. It is the one gate in front of every write:
// a resource that somebody else made is never changed or removed, whatever a
// check or a faulty provider says.
type ledger struct {
	mark string // of the run

	mu      sync.Mutex
	made    []*Resource
	unknown []string // ids that were made up to belong to nothing
	teams   []string // ids of product teams that the check made or brought about
}

// allow lets requests to an id pass that no resource has.
func (l *ledger) allow(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unknown = append(l.unknown, id)
}

// owns says whether id is of something this check made, or was made up.
func (l *ledger) owns(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.unknown, id) ||
		slices.ContainsFunc(l.made, func(r *Resource) bool { return r.ID == id })
}

// refuse says why a request must not be sent, or nothing.
func (l *ledger) refuse(r flow.Request) string {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return ""
	}
	if r.Method == http.MethodPost && strings.HasPrefix(r.Path, "/Bulk") {
		return l.refuseBulk(r.Body)
	}
	return l.refuseTarget(r.Method, r.Path)
}

// refuseTarget says why method must not go to path, or nothing.
func (l *ledger) refuseTarget(method, path string) string {
	raw, _, _ := strings.Cut(path, "?")
	parts := strings.Split(strings.TrimPrefix(raw, "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\") {
			return "its path could lead elsewhere"
		}
		parts[i] = plain
	}
	switch endpoint := "/" + parts[0]; endpoint {
	case scim.ServiceProviderConfigEndpoint, scim.ResourceTypesEndpoint, scim.SchemasEndpoint:
		return "" // nobody's resources
	case "/.search":
		return ""
	case "/Me":
		return "it would change whoever owns the token"
	}
	switch {
	case method == http.MethodPost && (len(parts) == 1 || parts[1] == ".search"):
		return ""
	case len(parts) < 2 || parts[1] == "":
		return "it is aimed at a whole collection"
	case !l.owns(parts[1]):
		return "this check did not make " + parts[1]
	}
	return ""
}

// refuseBulk applies the rule to each operation of a bulk request (RFC 7644
// §3.7). A body that cannot be read this way can name nothing to change.
func (l *ledger) refuseBulk(body []byte) string {
	var bulk struct {
		Operations []struct {
			Method string `json:"method"`
			Path   string `json:"path"`
		} `json:"Operations"`
	}
	if err := json.Unmarshal(body, &bulk, lax()); err != nil && bytes.Contains(body, []byte("path")) {
		return "its operations cannot be read, so it cannot be known what they change"
	}
	for _, op := range bulk.Operations {
		_, id, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
		if strings.HasPrefix(id, "bulkId:") || strings.EqualFold(op.Method, http.MethodGet) {
			continue
		}
		if why := l.refuseTarget(strings.ToUpper(op.Method), op.Path); why != "" {
			return op.Method + " " + op.Path + ": " + why
		}
	}
	return ""
}

// learn remembers what a request made: a POST that was answered 201 with an
// id, or another 2xx whose reply carries the run's mark. A reply that shows
// somebody else's name is not believed.
func (l *ledger) learn(r flow.Request, x *flow.Exchange) {
	if r.Method != http.MethodPost || x.Status/100 != 2 {
		return
	}
	endpoint, _, _ := strings.Cut(r.Path, "?")
	endpoint = strings.TrimSuffix(endpoint, "/")
	if endpoint == "/Bulk" {
		l.learnBulk(x)
		return
	}
	if strings.Contains(strings.TrimPrefix(endpoint, "/"), "/") || endpoint == "/.search" {
		return
	}
	made := readMade(x.Response.Body)
	name := made.UserName
	if endpoint == scim.GroupsEndpoint {
		name = made.DisplayName
	}
	marked := strings.Contains(strings.ToLower(name), l.mark)
	foreign := name != "" && !marked && bytes.Contains(r.Body, []byte(l.mark))
	if made.ID == "" || foreign || (x.Status != http.StatusCreated && !marked) {
		return
	}
	l.add(&Resource{Endpoint: endpoint, ID: made.ID, Sent: r.Body, Exchange: x})
}

// learnBulk remembers what the POST operations of a bulk request made.
func (l *ledger) learnBulk(x *flow.Exchange) {
	var reply struct {
		Operations []struct {
			Method   string `json:"method"`
			Location string `json:"location"`
			Status   any    `json:"status"`
		} `json:"Operations"`
	}
	if json.Unmarshal(x.Response.Body, &reply, lax()) != nil {
		return
	}
	for _, op := range reply.Operations {
		status := op.Status
		if o, ok := status.(map[string]any); ok {
			status = o["code"] // an old draft's form
		}
		created := status == "201" || status == float64(http.StatusCreated)
		parts := strings.Split(op.Location, "/")
		if !strings.EqualFold(op.Method, http.MethodPost) || !created || len(parts) < 2 {
			continue
		}
		id, err := url.PathUnescape(parts[len(parts)-1])
		if err == nil && id != "" {
			l.add(&Resource{Endpoint: "/" + parts[len(parts)-2], ID: id, Exchange: x})
		}
	}
}

func (l *ledger) add(r *Resource) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := slices.ContainsFunc(l.made, func(m *Resource) bool { return m.ID == r.ID && m.Endpoint == r.Endpoint })
	if !known {
		l.made = append(l.made, r)
	}
}

// addTeam remembers a product team.
func (l *ledger) addTeam(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.teams, id) {
		l.teams = append(l.teams, id)
	}
}

// ownsTeam says whether the check made a product team or brought it about.
func (l *ledger) ownsTeam(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Contains(l.teams, id)
}

// toRemove gives what was made in the order to remove it: groups before users,
// the youngest first.
func (l *ledger) toRemove() (made []*Resource, teams []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	made = slices.Clone(l.made)
	slices.Reverse(made)
	slices.SortStableFunc(made, func(a, b *Resource) int { return rank(a) - rank(b) })
	return made, slices.Clone(l.teams)
}

func rank(r *Resource) int {
	if r.Endpoint == scim.UsersEndpoint {
		return 1
	}
	return 0
}
