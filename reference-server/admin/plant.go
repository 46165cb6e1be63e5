// SPDX-License-Identifier: Apache-2.0

package admin

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/scimproof/scimproof/internal/scim"
)

// planter plants one seed by the server's own APIs, so that what it makes is
// what a client would have made.
type planter struct {
	ctx    context.Context
	server server
	byName bool              // the profile matches roles by name
	ids    map[string]string // by ID in the seed
	roles  map[string]string // value by name
	made   seeded
}

// server is what a planter needs of a refserver.Part.
type server interface {
	SCIM(ctx context.Context, method, path string, body []byte) (int, []byte, error)
	Product(ctx context.Context, method, path string, body []byte) (int, []byte, error)
}

// plant makes all of a seed, or says where it stopped: what came before stays.
func (a *Admin) plant(ctx context.Context, into server, s *Seed) (seeded, error) {
	p := &planter{
		ctx: ctx, server: into, byName: a.server.Profile().Roles.Match != "uuid",
		ids: map[string]string{}, roles: map[string]string{},
	}
	for i, name := range s.Roles {
		if err := p.role(name); err != nil {
			return p.made, fmt.Errorf("roles[%d]: %w", i, err)
		}
	}
	for i, person := range s.People {
		if err := p.person(person); err != nil {
			return p.made, fmt.Errorf("people[%d] %s: %w", i, person.UserName, err)
		}
	}
	for i, g := range s.Groups {
		if err := p.group(g); err != nil {
			return p.made, fmt.Errorf("groups[%d] %s: %w", i, g.DisplayName, err)
		}
	}
	for i, t := range s.Teams {
		if err := p.team(t); err != nil {
			return p.made, fmt.Errorf("teams[%d] %s: %w", i, t.Name, err)
		}
	}
	return p.made, p.crowd(s)
}

// created is the part of an answer that says what was made.
type created struct {
	ID   string `json:"id"`
	Data struct {
		ID string `json:"id"`
	} `json:"data"`
}

type object = map[string]any

// door is one of the APIs of a server.
type door func(ctx context.Context, method, path string, body []byte) (status int, answer []byte, err error)

// send sends what is to be made and returns its id.
func (p *planter) send(to door, method, path string, body object) (string, error) {
	text, err := json.Marshal(body, json.Deterministic(true))
	if err != nil {
		return "", fmt.Errorf("write request: %w", err)
	}
	status, answer, err := to(p.ctx, method, path, text)
	if err != nil {
		return "", err
	}
	if status >= 300 {
		return "", &refusal{Status: http.StatusConflict, Text: fmt.Sprintf("%s %s was answered with %d: %s", method, path, status, answer)}
	}
	var c created
	if len(answer) > 0 {
		if err := json.Unmarshal(answer, &c); err != nil {
			return "", fmt.Errorf("read answer: %w", err)
		}
	}
	if c.ID == "" {
		return c.Data.ID, nil
	}
	return c.ID, nil
}

func (p *planter) role(name string) error {
	id, err := p.send(p.server.Product, http.MethodPost, "/roles", object{"data": object{"type": "roles", "attributes": object{"name": name}}})
	if err == nil {
		p.made.Roles++
		p.roles[name] = p.valueOf(id, name)
	}
	return err
}

func (p *planter) valueOf(id, name string) string {
	if p.byName {
		return name
	}
	return id
}

// roleValue returns what names a role in SCIM.
func (p *planter) roleValue(name string) (string, error) {
	if value := p.roles[name]; value != "" {
		return value, nil
	}
	status, answer, err := p.server.Product(p.ctx, http.MethodGet, "/roles?page[size]=100&filter="+url.QueryEscape(name), nil)
	if err != nil {
		return "", err
	}
	var list struct {
		Data []struct {
			ID         string `json:"id"`
			Attributes struct {
				Name string `json:"name"`
			} `json:"attributes"`
		} `json:"data"`
	}
	if err := json.Unmarshal(answer, &list); err != nil || status != http.StatusOK {
		return "", fmt.Errorf("list roles: status %d, %w", status, err)
	}
	for _, r := range list.Data {
		if r.Attributes.Name == name {
			p.roles[name] = p.valueOf(r.ID, name)
			return p.roles[name], nil
		}
	}
	return "", wrong("roles: there is no role %q; name it in roles of the seed to have it made", name)
}

func (p *planter) person(person Person) error {
	body := object{
		"schemas": []string{scim.UserURN}, "userName": person.UserName,
		"active": person.Active == nil || *person.Active,
		"emails": []object{{"value": or(person.Email, person.UserName), "type": "work", "primary": true}},
	}
	display := or(person.DisplayName, strings.TrimSpace(person.GivenName+" "+person.FamilyName))
	set(body, "displayName", display)
	set(body, "externalId", person.ExternalID)
	set(body, "title", person.Title)
	if person.GivenName != "" || person.FamilyName != "" {
		name := object{"formatted": display}
		set(name, "givenName", person.GivenName)
		set(name, "familyName", person.FamilyName)
		body["name"] = name
	}
	enterprise := object{}
	set(enterprise, "department", person.Department)
	if person.Manager != "" {
		enterprise["manager"] = object{"value": p.ids[person.Manager]}
	}
	if len(enterprise) > 0 {
		body["schemas"] = []string{scim.UserURN, scim.EnterpriseUserURN}
		body[scim.EnterpriseUserURN] = enterprise
	}
	var roles []object
	for _, name := range person.Roles {
		value, err := p.roleValue(name)
		if err != nil {
			return err
		}
		roles = append(roles, object{"value": value})
	}
	if roles != nil {
		body["roles"] = roles
	}
	id, err := p.send(p.server.SCIM, http.MethodPost, "/Users", body)
	if err == nil {
		p.made.People++
		p.ids[person.id()] = id
	}
	return err
}

// portion is how many members go into one request.
const portion = 1000

func (p *planter) group(g Group) error {
	members := make([]object, len(g.Members))
	for i, m := range g.Members {
		members[i] = object{"value": p.ids[m]}
	}
	first := members[:min(len(members), portion)]
	body := object{"schemas": []string{scim.GroupURN}, "displayName": g.DisplayName, "members": first}
	set(body, "externalId", g.ExternalID)
	id, err := p.send(p.server.SCIM, http.MethodPost, "/Groups?excludedAttributes=members", body)
	if err != nil {
		return err
	}
	p.made.Groups++
	p.ids[g.id()] = id
	for rest := members[len(first):]; len(rest) > 0; {
		next := rest[:min(len(rest), portion)]
		rest = rest[len(next):]
		_, err := p.send(p.server.SCIM, http.MethodPatch, "/Groups/"+id+"?excludedAttributes=members", object{
			"schemas":    []string{scim.PatchOpURN},
			"Operations": []object{{"op": "add", "path": "members", "value": next}},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *planter) team(t Team) error {
	users := make([]object, len(t.Members))
	for i, m := range t.Members {
		users[i] = object{"type": "users", "id": p.ids[m]}
	}
	attributes := object{"name": t.Name, "handle": t.handle()}
	set(attributes, "description", t.Description)
	_, err := p.send(p.server.Product, http.MethodPost, "/team", object{"data": object{
		"type": "team", "attributes": attributes, "relationships": object{"users": object{"data": users}},
	}})
	if err == nil {
		p.made.Teams++
	}
	return err
}

func set(o object, name, value string) {
	if value != "" {
		o[name] = value
	}
}

func or(s, other string) string {
	if s != "" {
		return s
	}
	return other
}
