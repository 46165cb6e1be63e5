// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/scimproof/scimproof/fixtures/flow"
	"github.com/scimproof/scimproof/fixtures/flow/record"
)

// recordFlags say what is recorded, and as what.
type recordFlags struct {
	listen, cert, key        string
	insecure                 bool
	target                   targetFlags // of its flags, those of an address
	preserveHost             bool
	har                      string
	out, name, dialect, date string
	source, note             string
	pseudonymise, force      bool
	output                   outputFlags
}

func (p *program) record() *cobra.Command {
	s := new(recordFlags)
	c := &cobra.Command{
		Use:   "record",
		Short: "Stand between an IdP and a provider and write what is sent as a flow",
		Long: `Pass the requests of an IdP on to a provider until interrupted, then write them and
the replies as a flow that scimproof replay plays. Tokens, passwords and cookies are
taken out before anything is kept. The IdP brings its own credentials: record needs
none. With --har FILE nothing is sent, and the file is read in the place of the wire.

Until the flow is written, what was recorded stands in OUT.part.har; if record is
killed, scimproof record --har OUT.part.har --out OUT makes the flow of it.

Exit codes: 0 the flow is written, 2 wrong usage, or nothing was recorded.`,
		Example: `  scimproof record --target http://127.0.0.1:8080/scim/v2 --out joiner.yaml
  scimproof record --har incident.har --pseudonymise --out incident.yaml`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.runRecord(c.Context(), s) },
	}
	f := c.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:9090", "listen on `HOST:PORT`; port 0 takes a free one")
	f.StringVar(&s.target.url, "target", "", "base `URL` of the provider's SCIM API; with --har that of the requests that are meant (default that of most)")
	f.StringVar(&s.out, "out", "", "write the flow to `FILE`")
	f.StringVar(&s.har, "har", "", "convert the HAR 1.2 `FILE`")
	f.BoolVar(&s.pseudonymise, "pseudonymise", false, "put invented names, addresses and telephone numbers in the place of real ones")
	f.StringVar(&s.cert, "cert", "", "speak TLS with the certificate in `FILE` (PEM, chain and all)")
	f.StringVar(&s.key, "key", "", "the key of that certificate, in `FILE` (PEM)")
	f.BoolVar(&s.insecure, "insecure", false, "allow plain HTTP on an address that other machines reach")
	f.BoolVar(&s.preserveHost, "preserve-host", false, "send the provider the Host that the IdP sent, and not that of --target")
	f.StringVar(&s.name, "name", "", "`NAME` of the flow, such as okta/joiner (default recorded/ and the name of the file)")
	f.StringVar(&s.dialect, "dialect", "", "`NAME` of the dialect (default: by what was sent): "+strings.Join(flow.Dialects(), ", "))
	f.StringVar(&s.source, "source", "scimproof record", "where the traffic comes from, as the flow will say")
	f.StringVar(&s.note, "note", "", "what else the flow will say of itself")
	f.StringVar(&s.date, "date", "", "`DAY` of the recording, YYYY-MM-DD (default that of the first request)")
	f.BoolVar(&s.force, "force", false, "overwrite the file of --out")
	f.StringVar(&s.target.caFile, "ca-file", "", "trust the certificates in `FILE` (PEM) besides the system's, for the target")
	f.StringVar(&s.target.clientCert, "client-cert", "", "present the certificate and key in `FILE` (PEM, both in it) to the target")
	f.BoolVar(&s.target.allowWrites, "allow-writes", false, "pass requests on to a target that is not on this machine")
	f.StringSliceVar(&s.target.confirm, "confirm", nil, "the `HOST` of that target, written out")
	f.String(configFlag, defaultConfig, "read flags not given here from `FILE`; its keys are the names of the flags")
	s.output.register(c)
	return c
}

func (p *program) runRecord(ctx context.Context, s *recordFlags) error {
	if err := s.validate(); err != nil {
		return err
	}
	if s.har != "" {
		return p.convertHAR(s)
	}
	return p.recordProxy(ctx, s)
}

func (s *recordFlags) validate() error {
	switch {
	case s.out == "":
		return errors.New("record: no --out FILE, which is where the flow goes")
	case s.har == "" && s.target.url == "":
		return errors.New("record: nothing to record; give --target URL to stand before a provider, or --har FILE to convert")
	case s.dialect != "" && !slices.Contains(flow.Dialects(), s.dialect):
		return fmt.Errorf("--dialect %q is unknown; allowed: %s", s.dialect, strings.Join(flow.Dialects(), ", "))
	case (s.cert == "") != (s.key == ""):
		return errors.New("--cert and --key go together: TLS needs a certificate and its key")
	case strings.TrimSpace(s.source) == "":
		return errors.New("--source is empty; say where the traffic comes from, for instance \"Okta preview tenant of ACME\"")
	}
	if _, err := time.Parse(time.DateOnly, s.date); s.date != "" && err != nil {
		return fmt.Errorf("--date %q: want a day as YYYY-MM-DD", s.date)
	}
	if err := s.free(); err != nil {
		return err
	}
	if s.name == "" {
		s.name = "recorded/" + plainName(s.out)
	}
	if _, err := flow.Parse("--name", sample(s.name)); err != nil {
		return fmt.Errorf("--name %q: want words of a-z, 0-9 and - joined by /, two at least, for instance okta/joiner", s.name)
	}
	if s.target.url == "" {
		return nil
	}
	host, err := hostOf(s.target.url)
	switch {
	case err != nil:
		return fmt.Errorf("--target %w", err)
	case s.har != "":
		return nil
	case strings.Contains(s.target.url, "?"):
		return fmt.Errorf("--target %s has a query; want the base URL alone, and the query in the IdP's settings", s.target.url)
	}
	if s.cert == "" {
		if err := permitted("--listen", s.listen, s.insecure); err != nil {
			return fmt.Errorf("%w; --cert and --key make it speak TLS", err)
		}
	}
	return s.permitTarget(host)
}

// free refuses to overwrite a flow, or what a recording that was killed has left.
func (s *recordFlags) free() error {
	if _, err := os.Stat(s.out); err == nil && !s.force {
		return fmt.Errorf("--out %s is there already; take another name, or --force to overwrite it", s.out)
	}
	info, err := os.Stat(filepath.Dir(s.out))
	if err != nil || !info.IsDir() {
		return fmt.Errorf("--out %s: there is no folder %s", s.out, filepath.Dir(s.out))
	}
	if s.har != "" {
		return nil
	}
	if _, err := os.Stat(s.journal()); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%[1]s is left of a recording that was killed; make a flow of it with `scimproof record --har %[1]s --out FILE`, or remove it", s.journal())
	}
	return nil
}

func (s *recordFlags) journal() string { return s.out + ".part.har" }

// permitTarget refuses hosts beyond this machine until somebody has said twice
// that they are meant, as every verb does.
func (s *recordFlags) permitTarget(host string) error {
	if err := s.target.permit("--target", host); err == nil {
		return nil
	} else if s.target.allowWrites && len(s.target.confirm) > 0 {
		return err
	}
	return fmt.Errorf("--target is on %s, which is not this machine: whatever reaches the proxy would be written there; "+
		"if that is meant, add --allow-writes --confirm %[1]s", host)
}

// sample is a flow with a name, to see whether it may have it.
func sample(name string) []byte {
	text, _ := flow.Marshal(flow.Flow{ // what cannot be marshalled does not parse either
		Name: name, Dialect: flow.OktaOIN, Provenance: flow.Provenance{Kind: flow.KindRecorded, Source: "-", Date: "2026-01-01"},
		Steps: []flow.Step{{Name: "-", Request: flow.StepRequest{Method: "GET", Path: "/"}}},
	})
	return text
}

// plainName gives the name of a file as the name of a flow can have it.
func plainName(file string) string {
	base := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
	if name := strings.Trim(notInName.ReplaceAllString(strings.ToLower(base), "-"), "-"); name != "" {
		return name
	}
	return "flow"
}

// writeFlow makes a flow of what was recorded and writes it.
func (p *program) writeFlow(s *recordFlags, r *record.Recording) error {
	exchanges := r.Exchanges()
	o := flow.Origin{
		Name: s.name, Dialect: s.dialect, Replies: true,
		Provenance: flow.Provenance{Kind: flow.KindRecorded, Source: s.source, Date: s.date, Note: s.note},
	}
	if s.pseudonymise {
		o.Provenance.Note = strings.TrimSpace("Names, addresses and telephone numbers are invented. " + s.note)
	}
	if o.Dialect == "" {
		o.Dialect = flow.DialectOf(exchanges)
	}
	if o.Provenance.Date == "" {
		day := time.Now()
		if len(exchanges) > 0 && !exchanges[0].Start.IsZero() {
			day = exchanges[0].Start
		}
		o.Provenance.Date = day.UTC().Format(time.DateOnly)
	}
	f, left := flow.FromExchanges(o, exchanges)
	w := s.output.stderr(p)
	for i, x := range left {
		if i == maxNotes {
			fmt.Fprintf(w, "… and %d more\n", len(left)-i)
			break
		}
		fmt.Fprintf(w, "not in the flow, since it would not be answered so again: %s → %s\n", printable(x.Name()), outcomeOf(x))
	}
	if len(f.Steps) == 0 {
		return fmt.Errorf("nothing was recorded that can be played again (%s seen); no flow was written", count(len(exchanges), "request"))
	}
	text, err := flow.Marshal(f)
	if err != nil {
		return err
	}
	if _, err := flow.Parse(s.out, text); err != nil {
		return fmt.Errorf("the flow would not be readable, which is a defect of scimproof; please report it: %w", err)
	}
	if err := replaceFile(s.out, text); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := os.Chmod(s.out, 0o600); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	fmt.Fprintf(s.output.stdout(p), "%s: %s as %s, in the dialect %s; play it with scimproof replay %[1]s\n", s.out, count(len(f.Steps), "request"), f.Name, f.Dialect)
	return nil
}

// outcomeOf says how an exchange ended.
func outcomeOf(x flow.Exchange) string {
	if x.Error != "" {
		return printable(x.Error)
	}
	return fmt.Sprint(x.Status)
}
