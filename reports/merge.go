// SPDX-License-Identifier: Apache-2.0

package reports

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Named is a run under the name that people gave it: its file, or a column.
type Named struct {
	Name string
	Run  *Run
}

// Merge joins the parts of one run. They must be all parts of the same whole:
// same target, profile, verdicts, selection, seed, tool and catalogue, each part
// once. Results stand in the order of ids, as New puts them; totals are computed
// anew. What a part did not run is missing from the whole too.
func Merge(order []string, parts []Named) (*Run, error) {
	if len(parts) == 0 {
		return nil, errors.New("merge: no run given")
	}
	first := parts[0]
	if err := complete(parts); err != nil {
		return nil, err
	}
	out := *first.Run
	out.Shard, out.Incomplete, out.Results = nil, nil, nil
	var ids, reasons []string
	var missing []Unrun
	seen := make(map[string]string)
	for _, p := range inTurn(parts) {
		if err := samePlan(first, p); err != nil {
			return nil, err
		}
		for i := range p.Run.Results {
			id := p.Run.Results[i].ID
			if other, twice := seen[id]; twice {
				return nil, fmt.Errorf("merge: %s is in %s and in %s; parts of one run share no check", id, other, p.Name)
			}
			seen[id] = p.Name
		}
		out.Results = append(out.Results, p.Run.Results...)
		if p.Run.Incomplete != nil {
			missing = append(missing, p.Run.Incomplete.NotRun...)
			reasons = append(reasons, "part "+p.Run.Shard.String()+": "+p.Run.Incomplete.Reason)
		}
		if !slices.Contains(ids, p.Run.RunID) {
			ids = append(ids, p.Run.RunID)
		}
		if p.Run.Start.Before(out.Start) {
			out.Start = p.Run.Start
		}
		if p.Run.End.After(out.End) {
			out.End = p.Run.End
		}
	}
	out.RunID = strings.Join(ids, "+")
	if len(missing) > 0 {
		out.Incomplete = &Incomplete{Reason: strings.Join(reasons, "; "), NotRun: missing}
	}
	out.sort(order)
	out.Totals = out.Verdicts()
	return &out, nil
}

// inTurn deals the parts' results out as they were dealt in: parts by index.
func inTurn(parts []Named) []Named {
	return slices.SortedFunc(slices.Values(parts), func(a, b Named) int { return cmp.Compare(a.Run.Shard.Index, b.Run.Shard.Index) })
}

// complete says whether each part of a whole is there once.
func complete(parts []Named) error {
	have := make(map[int]string)
	count := 0
	for _, p := range parts {
		s := p.Run.Shard
		switch {
		case s == nil:
			return fmt.Errorf("merge: %s is no part of a run; parts are made by `scimproof check --shard I/N`", p.Name)
		case count == 0:
			count = s.Count
		case s.Count != count:
			return fmt.Errorf("merge: %s is part %s, %s is one of %d parts; give the parts of one run", p.Name, s, parts[0].Name, count)
		}
		if s.Index < 1 || s.Index > count {
			return fmt.Errorf("merge: %s says that it is part %s, which cannot be", p.Name, s)
		}
		if other, twice := have[s.Index]; twice {
			return fmt.Errorf("merge: %s and %s are both part %s; give each part once", other, p.Name, s)
		}
		have[s.Index] = p.Name
	}
	var missing []string
	for i := 1; len(missing) < 10 && len(have)+len(missing) < count && i <= count; i++ {
		if have[i] == "" {
			missing = append(missing, Shard{i, count}.String())
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("merge: no file has part %s; a verdict needs all %d parts", strings.Join(missing, ", "), count)
	}
	return nil
}

// samePlan says whether two parts were run alike.
func samePlan(a, b Named) error {
	for _, f := range []struct {
		what string
		a, b string
	}{
		{"base URL", a.Run.Target.BaseURL, b.Run.Target.BaseURL},
		{"product", a.Run.Target.Product, b.Run.Target.Product},
		{"profile", a.Run.Target.Profile, b.Run.Target.Profile},
		{"catalogue", a.Run.Catalogue, b.Run.Catalogue},
		{"tool", a.Run.Tool.Name + " " + a.Run.Tool.Version, b.Run.Tool.Name + " " + b.Run.Tool.Version},
		{"verdicts", strings.Join(a.Run.Asked, ","), strings.Join(b.Run.Asked, ",")},
		{"selection", a.Run.Selection, b.Run.Selection},
		{"strict", fmt.Sprint(a.Run.Strict), fmt.Sprint(b.Run.Strict)},
		{"seed", fmt.Sprint(a.Run.Seed), fmt.Sprint(b.Run.Seed)},
	} {
		if f.a != f.b {
			return fmt.Errorf("merge: %s differs: %s in %s, %s in %s; parts of one run are made with the same settings", f.what, quoted(f.a), a.Name, quoted(f.b), b.Name)
		}
	}
	return nil
}
