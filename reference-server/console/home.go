// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/scimproof/scimproof/fixtures/flow"
	refserver "github.com/scimproof/scimproof/reference-server"
)

// rowsPerPage is how many requests a page lists, and how many the stream keeps
// up to date.
const rowsPerPage = 100

// rowPage and summary are what the parts of a page need that the stream sends.
type (
	rowPage struct {
		Base string
		row
	}
	summary struct {
		Base string
		*view
	}
)

// page returns the rows that began before a number, the newest first; 0: the
// newest ones. Older says where the page before is, 0 if there is none.
func (v *view) page(before int64) (rows []row, older int64) {
	for _, r := range slices.Backward(v.Rows) {
		if before > 0 && r.Number >= before {
			continue
		}
		if len(rows) == rowsPerPage {
			return rows, rows[rowsPerPage-1].Number
		}
		rows = append(rows, r)
	}
	return rows, 0
}

// home shows what there is, where clients find it, and what came.
func (c *Console) home(rw http.ResponseWriter, v *visit) error {
	n, err := v.part.Counts(v.Context())
	if err != nil {
		return err
	}
	before, err := number(v, "before")
	if err != nil {
		return err
	}
	h := c.viewOf(v.part.Name())
	data := struct {
		Counts      refserver.Counts
		Roles, Keys int
		SCIM        string // base URL, on this machine
		Path        string // of the base URL
		Summary     summary
		Rows        []rowPage
		Before      int64
		Older       int64
		Judges      bool
		Most        int
	}{Counts: n, Path: v.tenant() + "/scim/v2", Summary: summary{v.base(), h}, Before: before, Judges: c.judge != nil, Most: rowsPerPage}
	data.SCIM = c.origin + data.Path
	if data.Roles, err = total(v, "/roles?page[size]=1"); err != nil {
		return err
	}
	if data.Keys, err = total(v, "/application_keys?page[size]=1"); err != nil {
		return err
	}
	rows, older := h.page(before)
	for _, r := range rows {
		data.Rows = append(data.Rows, rowPage{v.base(), r})
	}
	data.Older = older
	c.render(rw, v, http.StatusOK, "home", "Requests", "requests", data)
	return nil
}

// exchange shows one request with its answer, without secrets, and what is odd
// about it.
func (c *Console) exchange(rw http.ResponseWriter, v *visit) error {
	n, err := strconv.ParseInt(v.PathValue("n"), 10, 64)
	if err != nil {
		return refuse(http.StatusNotFound, "%q is no number of a request.", v.PathValue("n"))
	}
	h := c.viewOf(v.part.Name())
	data := struct {
		Row               row
		Origin            string
		Request, Response message
		Previous, Next    int64
	}{}
	for i, r := range h.Rows {
		if r.Number == n {
			data.Row = r
			if i > 0 {
				data.Previous = h.Rows[i-1].Number
			}
			if i+1 < len(h.Rows) {
				data.Next = h.Rows[i+1].Number
			}
		}
	}
	seen, gone := c.admin.Seen(v.part.Name())
	for _, s := range seen {
		if s.Number == n && data.Row.Number == n {
			x := s.Exchange()
			data.Origin, data.Request, data.Response = s.Origin(), messageOf(x.Request), messageOf(x.Response)
			c.render(rw, v, http.StatusOK, "exchange", x.Method+" "+x.Path, "requests", data)
			return nil
		}
	}
	return refuse(http.StatusNotFound, "There is no request %d in the history; %s had to make room, or it was forgotten.", n, count(int(gone), "older one"))
}

// message is a head and a body as a page shows them.
type message struct {
	Header []line
	Body   text
}

type line struct{ Name, Value string }

func messageOf(m flow.Message) message {
	out := message{Body: shown(m.Body)}
	for _, name := range sortedKeys(m.Header) {
		for _, value := range m.Header[name] {
			out.Header = append(out.Header, line{name, value})
		}
	}
	return out
}

// number reads a parameter that is a number above zero, 0 if it is not there.
func number(v *visit, name string) (int64, error) {
	s := v.URL.Query().Get(name)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 1 {
		return 0, refuse(http.StatusBadRequest, "%s=%q is no number from 1.", name, s)
	}
	return n, nil
}

// flow gives the history as a flow file to be saved.
func (c *Console) flow(rw http.ResponseWriter, v *visit) error {
	a, err := c.admin.Do(v.Context(), http.MethodGet, v.tenant()+"/history?format=flow", nil)
	if err != nil {
		return err
	}
	if a.Status != http.StatusOK {
		return refusedBy(a)
	}
	rw.Header().Set("Content-Type", a.Header.Get("Content-Type"))
	rw.Header().Set("Content-Disposition", `attachment; filename="history.yaml"`)
	_, err = rw.Write(a.Body)
	return err
}

// report shows everything that is odd about the IdP's requests.
func (c *Console) report(rw http.ResponseWriter, v *visit) error {
	if c.judge == nil {
		return refuse(http.StatusNotFound, "Nobody judges requests here: the server was started without a judge.")
	}
	c.render(rw, v, http.StatusOK, "report", "IdP report", "report", summary{v.base(), c.viewOf(v.part.Name())})
	return nil
}
