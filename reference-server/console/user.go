// SPDX-License-Identifier: Apache-2.0

package console

import (
	"net/http"
	"net/url"

	"github.com/go-json-experiment/json"
)

// maxTeams is how many teams of a user are shown by name.
const maxTeams = 20

// user shows one user from both sides: what SCIM holds, and what the product
// makes of it.
func (c *Console) user(rw http.ResponseWriter, v *visit) error {
	id := url.PathEscape(v.PathValue("id"))
	status, scim, err := v.part.SCIM(v.Context(), http.MethodGet, "/Users/"+id, nil)
	if err != nil {
		return err
	}
	product, answer, err := v.part.Product(v.Context(), http.MethodGet, "/users/"+id, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK && product != http.StatusOK {
		return refuse(http.StatusNotFound, "Neither SCIM nor the product knows a user %q.", v.PathValue("id"))
	}
	data := struct {
		ID, Name   string
		SCIMStatus int
		SCIM       text
		Product    bool
		Attributes []line
		Roles      string
		Teams      []string
		More       int // teams
	}{ID: v.PathValue("id"), Name: v.PathValue("id"), SCIMStatus: status, SCIM: shown(scim), Product: product == http.StatusOK}
	if data.Product {
		var d struct {
			Data     object   `json:"data"`
			Included []object `json:"included"`
		}
		if err := json.Unmarshal(answer, &d); err != nil {
			return err
		}
		data.Name = either("name", "handle")(d.Data)
		data.Roles = document{Included: d.Included}.named(d.Data, "roles")
		for _, f := range []struct{ name, label string }{
			{"name", "Name"}, {"handle", "Handle"}, {"email", "E-mail"}, {"title", "Title"}, {"status", "Status"}, {"disabled", "Disabled"},
			{"verified", "Verified"}, {"service_account", "Service account"}, {"last_login_time", "Last login"}, {"created_at", "Made"}, {"modified_at", "Changed"},
		} {
			data.Attributes = append(data.Attributes, line{f.label, shortTime(attribute(f.name)(d.Data))})
		}
		if data.Teams, data.More, err = teamsOf(v, id); err != nil {
			return err
		}
	}
	c.render(rw, v, http.StatusOK, "user", data.Name, "organisation", data)
	return nil
}

// teamsOf names the teams of a user, and says how many it does not name.
func teamsOf(v *visit, id string) (names []string, more int, err error) {
	var held document
	if err := ask(v, v.part.Product, "/users/"+id+"/memberships", &held); err != nil {
		return nil, 0, err
	}
	for i, m := range held.Data {
		if i == maxTeams {
			return names, len(held.Data) - i, nil
		}
		team := said(dig(m, "relationships", "team", "data", "id"))
		var t struct {
			Data object `json:"data"`
		}
		if err := ask(v, v.part.Product, "/team/"+url.PathEscape(team), &t); err != nil {
			return nil, 0, err
		}
		names = append(names, attribute("name")(t.Data))
	}
	return names, 0, nil
}

// audit shows the audit trail, the newest event first.
func (c *Console) audit(rw http.ResponseWriter, v *visit) error {
	q := v.URL.Query()
	var answer document
	path := "/audit/events?sort=-timestamp&filter[from]=0&page[limit]=50&filter[query]=" + url.QueryEscape(q.Get("q")) +
		"&page[cursor]=" + url.QueryEscape(q.Get("after"))
	type event struct {
		Time, Name, Action, Asset, AssetID, Actor, Outcome string
		Whole                                              text
	}
	data := struct {
		Events       []event
		Query, After string
		Later        bool
		Wrong        string
	}{Query: q.Get("q"), Later: q.Get("after") != ""}
	if err := ask(v, v.part.Product, path, &answer); err != nil {
		if data.Query == "" {
			return err
		}
		data.Wrong = err.Error()
	}
	for _, e := range answer.Data {
		at := func(names ...string) string {
			return member(append([]string{"attributes", "attributes"}, names...)...)(e)
		}
		whole, err := json.Marshal(e, json.Deterministic(true))
		if err != nil {
			return err
		}
		actor := at("usr", "email")
		if actor == "" {
			actor = at("usr", "uuid")
		}
		data.Events = append(data.Events, event{
			Time: shortTime(attribute("timestamp")(e)), Name: attribute("message")(e), Action: at("action"), Outcome: at("evt", "outcome"),
			Asset: at("asset", "type"), AssetID: at("asset", "id"), Actor: actor, Whole: shown(whole),
		})
	}
	data.After = said(dig(answer.Meta, "page", "after"))
	c.render(rw, v, http.StatusOK, "audit", "Audit trail", "audit", data)
	return nil
}
