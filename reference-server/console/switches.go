// SPDX-License-Identifier: Apache-2.0

package console

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/reference-server/admin"
)

// The answers of the admin API, as far as pages need them.
type (
	faultList struct {
		Faults []struct {
			Name   string `json:"name"`
			On     bool   `json:"on"`
			Breaks string `json:"breaks"`
			Source string `json:"source"`
			Acts   string `json:"acts"`
		} `json:"faults"`
	}
	chaosState struct {
		Seed  uint64             `json:"seed"`
		Rates map[string]float64 `json:"rates"`
		Delay string             `json:"delay"`
		Came  map[string]int     `json:"came"`
	}
	refused struct {
		Error   string   `json:"error"`
		Allowed []string `json:"allowed"`
	}
)

// order does what a request to the admin API does. Into may be nil.
func (c *Console) order(ctx context.Context, method, target string, body []byte, into any) error {
	a, err := c.admin.Do(ctx, method, target, body)
	if err != nil {
		return err
	}
	if a.Status >= 300 {
		return refusedBy(a)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(a.Body, into)
}

// refusedBy gives the error of an answer of the admin API.
func refusedBy(a admin.Answer) error {
	var r refused
	if err := json.Unmarshal(a.Body, &r); err != nil || r.Error == "" {
		return refuse(http.StatusBadGateway, "The admin API answered with %d.", a.Status)
	}
	return &refusal{Status: a.Status, Text: r.Error, Allowed: r.Allowed}
}

// trouble says which faults and chaos are on, so that nobody looks for the
// cause of what was ordered.
func (c *Console) trouble(v *visit) string {
	var parts []string
	if n := len(c.server.Faults()); n > 0 {
		parts = append(parts, count(n, "fault"))
	}
	if n := len(v.part.Faults()); n > 0 && v.part.Name() != "" {
		parts = append(parts, count(n, "fault")+" of this tenant")
	}
	var s chaosState
	if err := c.order(v.Context(), http.MethodGet, "/chaos", nil, &s); err == nil && len(s.Rates) > 0 {
		parts = append(parts, "chaos")
	}
	return strings.Join(parts, ", ")
}

// kindRow is one kind of trouble on the page.
type kindRow struct {
	Name    string
	Percent string
	Came    int
}

// switchPage is what the page of the switches shows: what is on, and what was
// tried last if that was refused.
type switchPage struct {
	Faults faultList
	On     int
	Kinds  []kindRow
	Chaos  chaosState
	Seed   string // that was tried
	Wrong  *refusal
	Part   string // of the page that was refused: "chaos", "seed", "reset"
}

func (c *Console) switches(rw http.ResponseWriter, v *visit) error {
	return c.showSwitches(rw, v, http.StatusOK, switchPage{})
}

func (c *Console) showSwitches(rw http.ResponseWriter, v *visit, status int, p switchPage) error {
	if err := c.order(v.Context(), http.MethodGet, v.tenant()+"/faults", nil, &p.Faults); err != nil {
		return err
	}
	for _, f := range p.Faults.Faults {
		if f.On {
			p.On++
		}
	}
	if err := c.order(v.Context(), http.MethodGet, "/chaos", nil, &p.Chaos); err != nil {
		return err
	}
	for _, kind := range admin.Kinds() {
		percent := math.Round(p.Chaos.Rates[kind]*1e6) / 1e4
		p.Kinds = append(p.Kinds, kindRow{kind, strconv.FormatFloat(percent, 'f', -1, 64), p.Chaos.Came[kind]})
	}
	c.render(rw, v, status, "switches", "Switches", "switches", p)
	return nil
}

// refusedHere shows the page again with what was refused.
func (c *Console) refusedHere(rw http.ResponseWriter, v *visit, err error, p switchPage) error {
	e, ok := err.(*refusal) //nolint:errorlint // made by refusedBy, wrapped by nobody
	if !ok {
		return err
	}
	p.Wrong = e
	return c.showSwitches(rw, v, e.Status, p)
}

// switchFault turns one fault on or off, or all off.
func (c *Console) switchFault(rw http.ResponseWriter, v *visit) error {
	on, off := v.PostFormValue("on"), v.PostFormValue("off")
	order, said, to := map[string][]string{}, "", "/switches"
	switch {
	case v.PostFormValue("none") != "":
		order["only"], said = []string{}, "All faults are off."
	case on != "":
		order["on"], said, to = []string{on}, on+" is on.", to+"#fault-"+on
	case off != "":
		order["off"], said, to = []string{off}, off+" is off.", to+"#fault-"+off
	}
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	if err := c.order(v.Context(), http.MethodPut, v.tenant()+"/faults", body, nil); err != nil {
		return err
	}
	back(rw, v, to, said)
	return nil
}

// setChaos sets the rates that the form gives in percent.
func (c *Console) setChaos(rw http.ResponseWriter, v *visit) error {
	rates, on := map[string]float64{}, false
	p := switchPage{Part: "chaos"}
	for _, kind := range admin.Kinds() {
		s := strings.TrimSpace(v.PostFormValue("rate " + kind))
		if s == "" || v.PostFormValue("off") != "" {
			continue
		}
		percent, err := strconv.ParseFloat(strings.ReplaceAll(s, ",", "."), 64)
		if err != nil || math.IsNaN(percent) || percent < 0 || percent > 100 {
			return c.refusedHere(rw, v, &refusal{Status: http.StatusBadRequest, Text: kind + ": " + strconv.Quote(s) + " is no percentage.", Allowed: []string{"0 to 100, 100 in sum"}}, p)
		}
		rates[kind] = percent / 100
		on = on || percent > 0
	}
	order := object{"rates": rates}
	if s := strings.TrimSpace(v.PostFormValue("delay")); s != "" {
		order["delay"] = s
	}
	seed, err := strconv.ParseUint(strings.TrimSpace(v.PostFormValue("seed")), 10, 64)
	if err == nil {
		order["seed"] = seed
	} else if v.PostFormValue("seed") != "" {
		return c.refusedHere(rw, v, &refusal{Status: http.StatusBadRequest, Text: "The seed is no whole number from 0."}, p)
	}
	body, err := json.Marshal(order)
	if err != nil {
		return err
	}
	if err := c.order(v.Context(), http.MethodPut, "/chaos", body, nil); err != nil {
		return c.refusedHere(rw, v, err, p)
	}
	said := "Chaos is off."
	if on {
		said = "Chaos is on."
	}
	back(rw, v, "/switches#chaos", said)
	return nil
}

// plant puts a seed into the organisation.
func (c *Console) plant(rw http.ResponseWriter, v *visit) error {
	text := v.PostFormValue("text")
	p := switchPage{Part: "seed", Seed: text}
	if strings.TrimSpace(text) == "" {
		return c.refusedHere(rw, v, &refusal{Status: http.StatusBadRequest, Text: "The seed is empty.", Allowed: []string{"YAML or JSON with people, groups, roles and teams, or with population and groups"}}, p)
	}
	var made struct{ Roles, People, Groups, Teams int }
	a, err := c.admin.Do(v.Context(), http.MethodPost, v.tenant()+"/seed", []byte(text))
	if err != nil {
		return err
	}
	if a.Status >= 300 {
		return c.refusedHere(rw, v, refusedBy(a), p)
	}
	if err := json.Unmarshal(a.Body, &made, json.MatchCaseInsensitiveNames(true)); err != nil {
		return err
	}
	back(rw, v, "/users", "Made "+strings.Join([]string{
		count(made.People, "user"), count(made.Groups, "group"), count(made.Roles, "role"), count(made.Teams, "team"),
	}, ", ")+".")
	return nil
}

// reset removes everything, if that was said twice.
func (c *Console) reset(rw http.ResponseWriter, v *visit) error {
	if v.PostFormValue("sure") == "" {
		return c.refusedHere(rw, v, &refusal{Status: http.StatusBadRequest, Text: "Nothing was removed. Tick the box if everything shall be."}, switchPage{Part: "reset"})
	}
	if err := c.order(v.Context(), http.MethodPost, v.tenant()+"/reset", nil, nil); err != nil {
		return err
	}
	back(rw, v, "/", "The organisation was started anew.")
	return nil
}

// forget empties the history.
func (c *Console) forget(rw http.ResponseWriter, v *visit) error {
	if err := c.order(v.Context(), http.MethodDelete, v.tenant()+"/history", nil, nil); err != nil {
		return err
	}
	back(rw, v, "/", "The history is empty.")
	return nil
}
