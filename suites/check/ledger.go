// SPDX-License-Identifier: Apache-2.0

package check

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/internal/scim"
)

// ledger knows what a check made. It is the one gate in front of every write:
// a resource that somebody else made is never changed or removed, whatever a
// check or a faulty provider says.
type ledger struct {
	mark    string   // of the run
	journal *Journal // nil: none is kept

	mu      sync.Mutex
	made    []*entry
	denied  map[string]string // "/Users/1" and why it is not the run's own
	lost    []create          // sent, and not known to have left nothing unnamed
	unknown []string          // ids that were made up to belong to nothing
	teams   []string          // ids of product teams that the check made or brought about
}

// entry is a resource that a reply said was made.
type entry struct {
	*Resource

	from    *create // nil: not known
	claimed bool    // the reply that named it carried a name of the run
	proved  bool    // a look has shown it to be the run's own
	changed bool    // written to since
}

// create is a request that makes something.
type create struct {
	n        int // in the journal
	endpoint string
	names    []string // that it gives, as they carry the run's mark
	answered bool
}

// allow lets requests to an id pass that no resource has.
func (l *ledger) allow(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unknown = append(l.unknown, id)
}

// owned finds what was made at a path. An id that was made up is nobody's and
// has no entry.
func (l *ledger) owned(endpoint, id string) (e *entry, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if slices.Contains(l.unknown, id) {
		return nil, true
	}
	i := slices.IndexFunc(l.made, func(e *entry) bool { return e.ID == id && e.Endpoint == endpoint })
	if i < 0 {
		return nil, false
	}
	return l.made[i], true
}

// why says why the run must not write to a path that it does not own.
func (l *ledger) why(endpoint, id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if why := l.denied[endpoint+"/"+id]; why != "" {
		return why
	}
	return "this check did not make " + id
}

// deny takes back that the check made e: it is somebody else's.
func (l *ledger) deny(e *entry, why string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.made = slices.DeleteFunc(l.made, func(m *entry) bool { return m == e })
	if l.denied == nil {
		l.denied = map[string]string{}
	}
	l.denied[e.Endpoint+"/"+e.ID] = why
	if !e.proved && e.from != nil { // what it made goes by another id, if there is any
		l.lost = append(l.lost, *e.from)
	}
}

// refuse says why a request must not be sent, or nothing; then touched is what
// of the run's own it would write to.
func (l *ledger) refuse(r flow.Request) (touched []*entry, why string) {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return nil, ""
	}
	if r.Method == http.MethodPost && strings.HasPrefix(r.Path, "/Bulk") {
		return l.refuseBulk(r.Body)
	}
	e, why := l.refuseTarget(r.Method, r.Path)
	if e != nil {
		touched = []*entry{e}
	}
	return touched, why
}

// refuseTarget says why method must not go to path, or nothing.
func (l *ledger) refuseTarget(method, path string) (*entry, string) {
	raw, _, _ := strings.Cut(path, "?")
	parts := strings.Split(strings.TrimPrefix(raw, "/"), "/")
	for i, part := range parts {
		plain, err := url.PathUnescape(part)
		if err != nil || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\") {
			return nil, "its path could lead elsewhere"
		}
		parts[i] = plain
	}
	switch endpoint := "/" + parts[0]; endpoint {
	case scim.ServiceProviderConfigEndpoint, scim.ResourceTypesEndpoint, scim.SchemasEndpoint:
		return nil, "" // nobody's resources
	case "/.search":
		return nil, ""
	case "/Me":
		return nil, "it would change whoever owns the token"
	}
	switch {
	case method == http.MethodPost && (len(parts) == 1 || parts[1] == ".search"):
		return nil, ""
	case len(parts) < 2 || parts[1] == "":
		return nil, "it is aimed at a whole collection"
	}
	e, ok := l.owned("/"+parts[0], parts[1])
	if !ok {
		return nil, l.why("/"+parts[0], parts[1])
	}
	return e, ""
}

// refuseBulk applies the rule to each operation of a bulk request (RFC 7644
// §3.7). A body that cannot be read this way can name nothing to change.
func (l *ledger) refuseBulk(body []byte) (touched []*entry, why string) {
	var bulk struct {
		Operations []struct {
			Method string `json:"method"`
			Path   string `json:"path"`
		} `json:"Operations"`
	}
	if err := json.Unmarshal(body, &bulk, lax()); err != nil && bytes.Contains(body, []byte("path")) {
		return nil, "its operations cannot be read, so it cannot be known what they change"
	}
	for _, op := range bulk.Operations {
		_, id, _ := strings.Cut(strings.TrimPrefix(op.Path, "/"), "/")
		if strings.HasPrefix(id, "bulkId:") || strings.EqualFold(op.Method, http.MethodGet) {
			continue
		}
		e, why := l.refuseTarget(strings.ToUpper(op.Method), op.Path)
		if why != "" {
			return nil, op.Method + " " + op.Path + ": " + why
		}
		if e != nil {
			touched = append(touched, e)
		}
	}
	return touched, ""
}

// creates says whether a request may make resources: a POST to an endpoint, or
// a bulk request.
func creates(r flow.Request) (endpoint string, ok bool) {
	endpoint, _, _ = strings.Cut(r.Path, "?")
	endpoint = strings.TrimSuffix(endpoint, "/")
	inner := strings.Contains(strings.TrimPrefix(endpoint, "/"), "/")
	return endpoint, r.Method == http.MethodPost && !inner && endpoint != "/.search"
}

// begin writes down what r is about to make, before it is sent. The error is
// that of the journal: without a line in it nothing is made.
func (l *ledger) begin(r flow.Request) (*create, error) {
	endpoint, ok := creates(r)
	if !ok {
		return nil, nil
	}
	c := &create{endpoint: endpoint, names: marked(r.Body, l.mark)}
	var err error
	c.n, err = l.journal.create(c.endpoint, c.names)
	return c, err
}

// marked finds the names in a body that carry the run's mark: that of the
// resource, or else what looks like one.
func marked(body []byte, mark string) (names []string) {
	w := readMade(body)
	for _, name := range []string{w.UserName, w.DisplayName} {
		if strings.Contains(strings.ToLower(name), mark) {
			return []string{name}
		}
	}
	const enough = 64
	plain := regexp.MustCompile(regexp.QuoteMeta(mark) + `[A-Za-z0-9._@-]*`)
	for _, name := range plain.FindAll(body, enough) {
		if !slices.Contains(names, string(name)) {
			names = append(names, string(name))
		}
	}
	return names
}

// learn remembers what a request made: a POST that was answered 201 with an
// id, or another 2xx whose reply carries the run's mark. A reply that shows
// somebody else's name is not believed. What no reply accounts for is lost, and
// looked for at the end.
func (l *ledger) learn(r flow.Request, x *flow.Exchange, c *create) {
	if c == nil {
		return
	}
	c.answered = x.Status != 0
	var found bool
	switch {
	case x.Status/100 != 2:
		found = c.answered && x.Status < http.StatusInternalServerError
	case c.endpoint == "/Bulk":
		found = l.learnBulk(x, c)
	default:
		found = l.learnMade(r, x, c)
	}
	if !found {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.lost = append(l.lost, *c)
		return
	}
	_ = l.journal.write(line{Do: lineEnded, N: c.n}) // without it there is more to look for
}

func (l *ledger) learnMade(r flow.Request, x *flow.Exchange, c *create) bool {
	made := readMade(x.Response.Body)
	name := made.UserName
	if c.endpoint == scim.GroupsEndpoint {
		name = made.DisplayName
	}
	marked := strings.Contains(strings.ToLower(name), l.mark)
	foreign := name != "" && !marked && bytes.Contains(r.Body, []byte(l.mark))
	if made.ID == "" || len(made.ID) > maxID || foreign || (x.Status != http.StatusCreated && !marked) {
		return false
	}
	l.enter(&entry{Resource: &Resource{Endpoint: c.endpoint, ID: made.ID, Sent: r.Body, Exchange: x}, from: c, claimed: marked})
	return true
}

// maxID is how long an id may be that is believed, in bytes.
const maxID = 64 << 10

// learnBulk remembers what the POST operations of a bulk request made.
func (l *ledger) learnBulk(x *flow.Exchange, c *create) bool {
	var reply struct {
		Operations []struct {
			Method   string `json:"method"`
			Location string `json:"location"`
			Status   any    `json:"status"`
		} `json:"Operations"`
	}
	if json.Unmarshal(x.Response.Body, &reply, lax()) != nil {
		return false
	}
	found := true
	for _, op := range reply.Operations {
		status := op.Status
		if o, ok := status.(map[string]any); ok {
			status = o["code"] // an old draft's form
		}
		created := status == "201" || status == float64(http.StatusCreated)
		if !strings.EqualFold(op.Method, http.MethodPost) || !created {
			continue
		}
		parts := strings.Split(op.Location, "/")
		id, err := url.PathUnescape(parts[len(parts)-1])
		if err != nil || id == "" || len(id) > maxID || len(parts) < 2 {
			found = false
			continue
		}
		l.enter(&entry{Resource: &Resource{Endpoint: "/" + parts[len(parts)-2], ID: id, Exchange: x}, from: c})
	}
	return found
}

// saw takes a reply to a GET as proof of what it shows.
func (l *ledger) saw(r flow.Request, x *flow.Exchange, begun time.Time) {
	path, _, _ := strings.Cut(r.Path, "?")
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	if r.Method != http.MethodGet || x.Status != http.StatusOK || len(parts) != 2 {
		return
	}
	id, err := url.PathUnescape(parts[1])
	if e, _ := l.owned("/"+parts[0], id); err == nil && e != nil {
		w := identify(x.Response.Body)
		if w.ID != id || !w.carries(l.mark) || w.before(begun) {
			return
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		e.proved = true
	}
}

// add remembers what a check made without a reply that shows it.
func (l *ledger) add(r *Resource) { l.enter(&entry{Resource: r}) }

func (l *ledger) enter(e *entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := slices.ContainsFunc(l.made, func(m *entry) bool { return m.ID == e.ID && m.Endpoint == e.Endpoint })
	if known {
		return
	}
	l.made = append(l.made, e)
	_ = l.journal.write(line{Do: lineMade, Endpoint: e.Endpoint, ID: e.ID}) // its create is written down, with its name
}

// addTeam remembers a product team.
func (l *ledger) addTeam(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.teams, id) {
		l.teams = append(l.teams, id)
		_ = l.journal.write(line{Do: lineHold, What: holdTeam, ID: id})
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
func (l *ledger) toRemove() (made []*entry, teams []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	made = slices.Clone(l.made)
	slices.Reverse(made)
	slices.SortStableFunc(made, func(a, b *entry) int { return rank(a.Endpoint) - rank(b.Endpoint) })
	return made, slices.Clone(l.teams)
}

// rank orders what is removed: users last.
func rank(endpoint string) int {
	if endpoint == scim.UsersEndpoint {
		return 1
	}
	return 0
}
