// SPDX-License-Identifier: Apache-2.0

package match

// Finding says what was looked at, what was got, what was wanted, and where in
// it. It is data about a provider, not an error.
type Finding struct {
	LookedAt string `json:"lookedAt,omitempty"` // the exchange: "GET /Users/1"
	Where    string `json:"where,omitempty"`    // "status", "header ETag" or a SCIM path: "body.emails[0].primary"
	Got      string `json:"got,omitempty"`
	Want     string `json:"want,omitempty"`
	Text     string `json:"text,omitempty"` // free text, where the four do not fit or as an addition
}

// String gives one line:
//
//	GET /Users/1 · body.emails[0].primary: got "true" (string), want true (boolean)
func (f Finding) String() string {
	s := f.LookedAt
	if f.Where != "" {
		if s != "" {
			s += " · "
		}
		s += f.Where
	}
	if f.Got != "" || f.Want != "" {
		if s != "" {
			s += ": "
		}
		s += "got " + f.Got + ", want " + f.Want
	}
	if f.Text != "" {
		if s != "" {
			s += ": "
		}
		s += f.Text
	}
	return s
}
