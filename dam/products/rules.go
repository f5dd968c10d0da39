package products

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// Rules say what file names mean in a library.
type Rules struct {
	// Patterns are tried in order; the first that matches counts.
	Patterns []string `json:"patterns" maxItems:"20" nullable:"false" doc:"File names with {sku}, {slot}, {n}, {ext} and {*}; {sku} is required"`
	Slots    []string `json:"slots" maxItems:"50" nullable:"false" doc:"The slots a file name may speak of; the first counts where a pattern has no {slot}"`
	Revision int64    `json:"revision" readOnly:"true"`
}

// DefaultRules are those of a library that has none of its own.
func DefaultRules() Rules {
	return Rules{Patterns: []string{"{sku}_{slot}_{n}.{ext}"}, Slots: dam.DefaultSlots()}
}

// Match is what a file name means.
type Match struct {
	Name    string `json:"name"`
	Matches bool   `json:"matches"`
	Pattern string `json:"pattern,omitempty"`
	SKU     string `json:"sku,omitempty" doc:"A SKU, or a GTIN where no SKU is like that"`
	Slot    string `json:"slot,omitempty"`
	N       int    `json:"n,omitempty"`
	Reason  string `json:"reason,omitempty" doc:"Why it does not match"`
}

// Trial is a file name tried out: what it means, and what an upload under it would do now.
type Trial struct {
	Match
	Product string `json:"product,omitempty" doc:"SKU of the product it would be linked to; empty when it would wait for one"`
	Taken   string `json:"taken,omitempty" doc:"Id of the asset that is in that slot: the new one would wait"`
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// compile makes a pattern a regular expression. Any slot: one that need not be among the rules'.
func (r Rules) compile(pattern string, anySlot bool) (*regexp.Regexp, error) {
	slot := `[a-z][a-z0-9-]*`
	if !anySlot {
		quoted := make([]string, len(r.Slots))
		for i, s := range r.Slots {
			quoted[i] = regexp.QuoteMeta(s)
		}
		slot = strings.Join(quoted, "|")
	}
	pattern = canon.Code(pattern)
	parts := map[string]string{"{sku}": `(?P<sku>.+)`, "{slot}": `(?P<slot>` + slot + `)`, "{n}": `(?P<n>[0-9]{1,3})`,
		"{ext}": `(?P<ext>[a-z0-9]{1,8})`, "{*}": `.*`}
	var b strings.Builder
	b.WriteString(`(?is)^`)
	at, seen := 0, map[string]bool{}
	for _, m := range placeholder.FindAllStringIndex(pattern, -1) {
		name := pattern[m[0]:m[1]]
		part, known := parts[name]
		if !known || seen[name] && name != "{*}" {
			return nil, dam.InvalidInput("patterns", reasons.PatternUnknownPart(pattern, name))
		}
		seen[name] = true
		b.WriteString(regexp.QuoteMeta(pattern[at:m[0]]) + part)
		at = m[1]
	}
	b.WriteString(regexp.QuoteMeta(pattern[at:]) + `$`)
	if !seen["{sku}"] {
		return nil, dam.InvalidInput("patterns", reasons.PatternWithoutSku(pattern))
	}
	return regexp.Compile(b.String())
}

func (r Rules) validate() error {
	if len(r.Slots) == 0 {
		return dam.InvalidInput("slots", reasons.NoRequiredSlot())
	}
	for i, s := range r.Slots {
		if err := dam.CheckSlot(s, 1); err != nil {
			return err
		}
		if slices.Contains(r.Slots[:i], s) {
			return dam.InvalidInput("slots", reasons.RequiredSlotTwice(s))
		}
	}
	for _, p := range r.Patterns {
		if len(p) > 200 {
			return dam.InvalidInput("patterns", reasons.LongerThan200())
		}
		if _, err := r.compile(p, false); err != nil {
			return err
		}
	}
	return nil
}

// match reads a file name in canonical form: macOS hands over É as two characters. The rules are valid.
func (r Rules) match(name string) Match {
	name = canon.Code(path.Base(strings.ReplaceAll(name, `\`, "/")))
	m := Match{Name: name, Reason: "no pattern is like this name: " + strings.Join(r.Patterns, ", ")}
	for _, p := range r.Patterns {
		if expression, err := r.compile(p, false); err == nil {
			if found := expression.FindStringSubmatch(name); found != nil {
				got := func(part, otherwise string) string {
					if i := expression.SubexpIndex(part); i > 0 {
						return found[i]
					}
					return otherwise
				}
				m.Pattern, m.SKU, m.Slot = p, strings.TrimSpace(got("sku", "")),
					strings.ToLower(got("slot", r.Slots[0]))
				m.N, _ = strconv.Atoi(got("n", "1")) // up to three digits
				if err := check(m); err != nil {
					_, why := explained(err)
					m.Reason = why.Text()
					continue
				}
				m.Matches, m.Reason = true, ""
				return m
			}
		}
		if expression, err := r.compile(p, true); err == nil && expression.MatchString(name) {
			found := expression.FindStringSubmatch(name)
			m.Reason = fmt.Sprintf("“%s” is none of the slots %s", found[expression.SubexpIndex("slot")],
				strings.Join(r.Slots, ", "))
		}
	}
	return m
}

func check(m Match) error {
	if err := dam.CheckSKU(m.SKU); err != nil {
		return err
	}
	return dam.CheckSlot(m.Slot, m.N)
}

func loadRules(ctx context.Context, c interface{ Products() catalog.Products }, library string) (Rules, error) {
	raw, revision, err := c.Products().ProductRules(ctx, library)
	if err != nil || raw == "" {
		return DefaultRules(), err
	}
	var r Rules
	err = json.Unmarshal([]byte(raw), &r)
	r.Revision = revision
	return r, err
}

// Rules returns the library's rules.
func (s *Service) Rules(ctx context.Context, library string) (Rules, error) {
	return loadRules(ctx, s.Catalog, library)
}

// SetRules replaces the library's rules; ifMatch is the revision seen, 0 for any,
// dam.Unwritten for the rules that a library begins with. Assets that
// have no slot are held against them by a job; links that exist stay.
func (s *Service) SetRules(ctx context.Context, library string, ifMatch int64, r Rules) (Rules, error) {
	if err := r.validate(); err != nil {
		return r, err
	}
	r.Patterns = slices.Clone(r.Patterns)
	for i, p := range r.Patterns {
		r.Patterns[i] = canon.Code(p)
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (Rules, error) {
		old, err := loadRules(ctx, tx.Conn, library)
		if err != nil {
			return r, err
		}
		over := max(ifMatch, 0)
		if ifMatch == 0 {
			over = old.Revision
		}
		r.Revision = 0 // it is in a column of its own
		raw, err := json.Marshal(r)
		if err != nil {
			return r, err
		}
		if err := tx.Products().SetProductRules(ctx, library, string(raw), over); err != nil {
			return r, err
		}
		tx.Emit(dam.Event{Type: dam.ProductRulesChanged, Library: library, Subject: library})
		if err := s.Jobs.Enqueue(ctx, tx, MatchArgs{library, over + 1}, jobs.Options{}); err != nil {
			return r, err
		}
		return loadRules(ctx, tx.Conn, library)
	})
}

// TryRules says what a file name means under the library's rules, or under others that are not stored yet.
func (s *Service) TryRules(ctx context.Context, library, name string, r *Rules) (Trial, error) {
	if r == nil {
		stored, err := s.Rules(ctx, library)
		if err != nil {
			return Trial{}, err
		}
		r = &stored
	} else if err := r.validate(); err != nil {
		return Trial{}, err
	}
	t := Trial{Match: r.match(name)}
	if !t.Matches {
		return t, nil
	}
	p, err := s.Catalog.Products().Product(ctx, library, t.SKU)
	if dam.CodeOf(err) == dam.NotFound {
		var key string
		if key, err = s.Catalog.Products().ProductByGTIN(ctx, library, canon.ProductKey(t.SKU)); err != nil ||
			key == "" {
			return t, err
		}
		p, err = s.Catalog.Products().Product(ctx, library, key)
	}
	if err != nil {
		return t, err
	}
	t.Product = p.SKU
	t.Taken, err = s.Catalog.Products().InSlot(ctx, library, p.Key, t.Slot, t.N)
	return t, err
}

// MatchArgs is the job that holds a library's assets against its rules.
type MatchArgs struct {
	Library  string `json:"library"`
	Revision int64  `json:"revision"`
}

// Kind implements jobs.Args.
func (MatchArgs) Kind() string { return "products.match" }

// MatchAll is the job. It may run again: what has a slot is left alone.
func (s *Service) MatchAll(ctx context.Context, args MatchArgs, _ jobs.Info) error {
	for after := uint32(0); ; {
		list, err := s.Catalog.Assets().Scan(ctx, after, 200)
		if err != nil || len(list) == 0 {
			return err
		}
		after = list[len(list)-1].Number
		list = slices.DeleteFunc(list, func(a dam.Asset) bool {
			return a.Library != args.Library || a.DeletedAt != nil
		})
		if len(list) == 0 {
			continue
		}
		newer := false
		err = s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
			rules, err := loadRules(ctx, tx.Conn, args.Library)
			if err != nil {
				return err
			}
			newer = rules.Revision > args.Revision // its own job does the rest
			for _, a := range list {
				if err := s.rematch(ctx, tx, rules, a); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil || newer {
			return err
		}
	}
}

func (s *Service) rematch(ctx context.Context, tx *catalog.Tx, rules Rules, a dam.Asset) error {
	has, err := tx.Products().SlotsOf(ctx, []string{a.ID})
	if err != nil || len(has) > 0 {
		return err
	}
	if m := rules.match(a.Latest.FileName); m.Matches {
		return s.assign(ctx, tx, a.Library, a.ID, m)
	}
	return tx.Products().StopWaiting(ctx, a.ID)
}
