package vocabularies

import (
	"context"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Page says which terms of a vocabulary are listed.
type Page struct {
	Parent string   // the terms directly below this one, "" the topmost ones
	Text   string   // the beginning of a word of a label or synonym, wherever the term is
	IDs    []string // these, merged ones too
	After  string   // Next of the page before
	Limit  int
}

// Terms lists terms of a vocabulary, and returns the cursor of the next page, "" at the end.
func (s *Service) Terms(ctx context.Context, library, vocabulary string, p Page) (list []dam.Term, next string,
	err error) {
	in := s.Catalog.Libraries().Vocabularies()
	if _, err := in.Vocabulary(ctx, library, vocabulary); err != nil {
		return nil, "", err
	}
	switch {
	case len(p.IDs) > 0:
		list, err = in.Terms(ctx, vocabulary, p.IDs)
		return list, "", err
	case strings.TrimSpace(p.Text) != "":
		list, err = in.Beginning(ctx, vocabulary, p.Text, p.After, p.Limit+1)
		if len(list) > p.Limit && p.After == "" && err == nil {
			return s.exactFirst(ctx, in, vocabulary, p, list)
		}
	default:
		list, err = in.In(ctx, vocabulary, p.Parent, p.After, p.Limit+1)
	}
	if len(list) > p.Limit {
		list = list[:p.Limit]
		next = list[p.Limit-1].ID
	}
	return list, next, err
}

// exactFirst puts the terms that are called exactly so before the first page of those that only begin so.
func (s *Service) exactFirst(ctx context.Context, in catalog.Vocabularies, vocabulary string, p Page,
	list []dam.Term) ([]dam.Term, string, error) {
	named, err := in.Named(ctx, vocabulary, p.Text)
	list = list[:p.Limit]
	next := list[p.Limit-1].ID
	out := named
	for _, t := range list {
		if !slices.ContainsFunc(named, func(n dam.Term) bool { return n.ID == t.ID }) {
			out = append(out, t)
		}
	}
	return out, next, err
}

// Term returns one term; a merged one as it is.
func (s *Service) Term(ctx context.Context, library, vocabulary, id string) (dam.Term, error) {
	in := s.Catalog.Libraries().Vocabularies()
	if _, err := in.Vocabulary(ctx, library, vocabulary); err != nil {
		return dam.Term{}, err
	}
	list, err := in.Terms(ctx, vocabulary, []string{id})
	return only(list, err, id)
}

func only(list []dam.Term, err error, id string) (dam.Term, error) {
	if err == nil && len(list) == 0 {
		err = &dam.Error{Code: dam.NotFound, Reason: reasons.NotFound("term", id)}
	}
	if err != nil {
		return dam.Term{}, err
	}
	return list[0], nil
}

// NewTerm is a term to be made.
type NewTerm struct {
	ID       string              `json:"id,omitempty" maxLength:"64" doc:"Lower-case letters, digits and . _ : - inside; without it one is made. It stays"`
	Parent   string              `json:"parent,omitempty" maxLength:"64" doc:"Id of the term above it; without it the top"`
	Before   string              `json:"before,omitempty" maxLength:"64" doc:"Id of the sibling that it stands before; without it behind all"`
	Labels   dam.Text            `json:"labels" doc:"What people see, by locale"`
	Synonyms map[string][]string `json:"synonyms,omitempty" maxProperties:"50" doc:"What it is found by beside its labels, by locale"`
	Archived bool                `json:"archived,omitempty"`
}

// EditTerm is a change of a term; what it leaves out stays.
type EditTerm struct {
	Labels   dam.Text            `json:"labels,omitempty" doc:"Locales left out stay; an empty text removes one"`
	Synonyms map[string][]string `json:"synonyms,omitempty" maxProperties:"50" doc:"Locales left out stay; an empty list removes those of one"`
	Archived *bool               `json:"archived,omitempty" doc:"Assets keep an archived term; none is given it any more"`
}

// change holds a vocabulary and lets fn change it.
func (s *Service) change(ctx context.Context, library, vocabulary string,
	fn func(tx *catalog.Tx, in catalog.VocabulariesTx) (dam.Term, error)) (dam.Term, error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return dam.Term{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Term, error) {
		in := tx.Libraries().Vocabularies()
		if _, err := in.LockVocabulary(ctx, library, vocabulary); err != nil {
			return dam.Term{}, err
		}
		t, err := fn(tx, in)
		if err != nil {
			return t, err
		}
		if err := canonical(&t, lib.Locale); err != nil {
			return t, err
		}
		if err := in.PutTerms(ctx, vocabulary, []dam.Term{t}); err != nil {
			return t, err
		}
		list, err := in.Terms(ctx, vocabulary, []string{t.ID})
		return only(list, err, t.ID)
	})
}

// canonical puts a term's texts into canonical form and checks them.
func canonical(t *dam.Term, locale string) error {
	labels := dam.Text{}
	for l, s := range t.Labels.Localise(locale) {
		if s = canon.Name(s); s != "" {
			labels[dam.Locale(l)] = s
		}
	}
	synonyms := map[string][]string{}
	for l, list := range t.Synonyms {
		if list = canon.Unique(list); len(list) > 0 {
			synonyms[dam.Locale(l)] = list
		}
	}
	t.Labels, t.Synonyms = labels, synonyms
	return t.Validate("")
}

// CreateTerm adds a term.
func (s *Service) CreateTerm(ctx context.Context, library, vocabulary string, n NewTerm) (dam.Term, error) {
	if n.ID == "" {
		n.ID = dam.NewID(dam.TermPrefix)
	}
	return s.change(ctx, library, vocabulary, func(tx *catalog.Tx, in catalog.VocabulariesTx) (t dam.Term, err error) {
		t = dam.Term{ID: n.ID, Labels: n.Labels, Synonyms: n.Synonyms, Archived: n.Archived}
		there, err := in.Terms(ctx, vocabulary, []string{n.ID})
		if err != nil {
			return t, err
		}
		if len(there) > 0 {
			return t, &dam.Error{Code: dam.Conflict, Field: "id", Reason: reasons.TermExists(n.ID)}
		}
		v, err := in.Vocabulary(ctx, library, vocabulary)
		if err != nil {
			return t, err
		}
		if v.Terms >= dam.MaxTerms {
			return t, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyTerms(dam.MaxTerms)}
		}
		emit(tx, library, vocabulary, "term_added", t.ID)
		return t, place(ctx, in, vocabulary, &t, n.Parent, n.Before)
	})
}

// place puts a term below a parent, and returns an error if it can't be there. The vocabulary is locked.
func place(ctx context.Context, in catalog.VocabulariesTx, vocabulary string, t *dam.Term, parent,
	before string) error {
	level := 1
	if parent != "" {
		list, err := in.Terms(ctx, vocabulary, []string{parent})
		if err != nil {
			return err
		}
		if len(list) == 0 || list[0].Merged != "" {
			return dam.InvalidInput("parent", reasons.NoTermAbove(parent))
		}
		if parent == t.ID || slices.ContainsFunc(list[0].Path, func(p dam.TermRef) bool { return p.ID == t.ID }) {
			return dam.InvalidInput("parent", reasons.TermInItself())
		}
		level = len(list[0].Path) + 2
	}
	height, err := in.Height(ctx, vocabulary, t.ID) // 0 of one that is new
	if err != nil {
		return err
	}
	if level+max(height, 1)-1 > dam.MaxTermDepth {
		return dam.InvalidInput("parent", reasons.TermTooDeep(dam.MaxTermDepth))
	}
	t.Parent = parent
	t.Position, err = in.Place(ctx, vocabulary, parent, before)
	if dam.CodeOf(err) == dam.NotFound {
		return dam.InvalidInput("before", reasons.NoTermAbove(before))
	}
	return err
}

// locked returns a term of a locked vocabulary that hasn't been merged.
func locked(ctx context.Context, in catalog.VocabulariesTx, vocabulary, id string, ifMatch int64) (dam.Term, error) {
	list, err := in.Terms(ctx, vocabulary, []string{id})
	t, err := only(list, err, id)
	if err != nil {
		return t, err
	}
	if t.Merged != "" {
		return t, &dam.Error{Code: dam.Gone, Reason: reasons.TermMerged(t.Merged)}
	}
	return t, match(t.Revision, ifMatch)
}

// ChangeTerm edits a term's words, or archives it. No asset changes by it.
func (s *Service) ChangeTerm(ctx context.Context, library, vocabulary, id string, ifMatch int64, e EditTerm) (dam.Term,
	error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return dam.Term{}, err
	}
	return s.change(ctx, library, vocabulary, func(tx *catalog.Tx, in catalog.VocabulariesTx) (dam.Term, error) {
		t, err := locked(ctx, in, vocabulary, id, ifMatch)
		if err != nil {
			return t, err
		}
		t.Labels = t.Labels.Merge(e.Labels.Localise(lib.Locale))
		if e.Synonyms != nil {
			synonyms := maps.Clone(t.Synonyms)
			if synonyms == nil {
				synonyms = map[string][]string{}
			}
			for l, list := range e.Synonyms {
				synonyms[dam.Locale(l)] = list
			}
			t.Synonyms = synonyms
		}
		if e.Archived != nil {
			t.Archived = *e.Archived
		}
		emit(tx, library, vocabulary, "term_changed", id)
		return t, nil
	})
}

// MoveTerm puts a term, with everything below it, below another one ("" is the top), before a sibling or behind all.
func (s *Service) MoveTerm(ctx context.Context, library, vocabulary, id string, ifMatch int64, to Place) (dam.Term,
	error) {
	return s.change(ctx, library, vocabulary, func(tx *catalog.Tx, in catalog.VocabulariesTx) (dam.Term, error) {
		t, err := locked(ctx, in, vocabulary, id, ifMatch)
		if err != nil {
			return t, err
		}
		if to.Before == id {
			return t, dam.InvalidInput("before", reasons.TermInItself())
		}
		emit(tx, library, vocabulary, "term_moved", id)
		return t, place(ctx, in, vocabulary, &t, to.Parent, to.Before)
	})
}

// Place is where a term is put.
type Place struct {
	Parent string `json:"parent" maxLength:"64" doc:"Id of the term above it; empty: the top"`
	Before string `json:"before,omitempty" maxLength:"64" doc:"Id of the sibling that it stands before; without it behind all"`
}

// examples is how many assets a count names.
const examples = 10

// use counts the assets that hold one of the terms.
func use(ctx context.Context, in catalog.Vocabularies, library string, fields []dam.CustomField, vocabulary string,
	terms []string) (u dam.TermUse, err error) {
	u.Examples = []string{}
	// A removed field leaves its values with the assets, and may come back.
	var others []string
	for _, f := range fields {
		if f.Vocabulary != vocabulary {
			others = append(others, f.Key)
		}
	}
	q := catalog.TermHolders{Library: library, Fields: others, Except: true, Terms: terms}
	err = in.Users(ctx, q, func(a catalog.TermUser) bool {
		if u.Assets++; len(u.Examples) < examples {
			u.Examples = append(u.Examples, a.Asset)
		}
		return true
	})
	return u, err
}

// live counts the terms of a list that haven't been merged.
func live(ctx context.Context, in catalog.Vocabularies, vocabulary string, ids []string) (int, error) {
	list, err := in.Terms(ctx, vocabulary, ids)
	n := 0
	for _, t := range list {
		if t.Merged == "" {
			n++
		}
	}
	return n, err
}

// Use counts what the deletion of a term would touch.
func (s *Service) Use(ctx context.Context, library, vocabulary, id string) (dam.TermUse, error) {
	t, err := s.Term(ctx, library, vocabulary, id)
	if err != nil {
		return dam.TermUse{}, err
	}
	in := s.Catalog.Libraries().Vocabularies()
	fields, err := s.Catalog.Libraries().ShownFields(ctx, library)
	if err != nil {
		return dam.TermUse{}, err
	}
	ids, err := in.Below(ctx, vocabulary, []string{t.ID})
	if err != nil {
		return dam.TermUse{}, err
	}
	n, err := live(ctx, in, vocabulary, ids)
	if err != nil {
		return dam.TermUse{}, err
	}
	u, err := use(ctx, in, library, fields, vocabulary, ids)
	if err != nil {
		return u, err
	}
	u.Terms = max(n-1, 0)
	if u.Products, err = productsWith(ctx, s.Catalog.Products(), library, vocabulary, ids); err != nil {
		return u, err
	}
	seen, err := s.Catalog.Assets().List(ctx, u.Examples) // counts are for all, ids for who may see the asset
	u.Examples = []string{}
	for _, a := range catalog.Visible(ctx, seen) {
		u.Examples = append(u.Examples, a.ID)
	}
	return u, err
}

// DeleteTerm removes a term that no asset holds; with below, also what is below it, if no asset holds that either.
func (s *Service) DeleteTerm(ctx context.Context, library, vocabulary, id string, ifMatch int64, below bool) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		in := tx.Libraries().Vocabularies()
		if _, err := in.LockVocabulary(ctx, library, vocabulary); err != nil {
			return err
		}
		t, err := locked(ctx, in, vocabulary, id, ifMatch)
		if err != nil {
			return err
		}
		if t.Children > 0 && !below {
			return &dam.Error{Code: dam.Conflict, Field: "below", Reason: reasons.TermHasChildren(t.Children)}
		}
		fields, err := tx.Libraries().CustomFields(ctx, library)
		if err != nil {
			return err
		}
		ids, err := in.Below(ctx, vocabulary, []string{id})
		if err != nil {
			return err
		}
		u, err := use(ctx, in.Vocabularies, library, fields, vocabulary, ids)
		if err != nil {
			return err
		}
		if u.Assets > 0 {
			return &dam.Error{Code: dam.Conflict, Field: "assets", Reason: reasons.TermInUse(u.Assets)}
		}
		n, err := productsWith(ctx, tx.Products().Products, library, vocabulary, ids)
		if err != nil {
			return err
		}
		if n > 0 {
			return &dam.Error{Code: dam.Conflict, Field: "products", Reason: reasons.TermInUseByProducts(n)}
		}
		emit(tx, library, vocabulary, "term_deleted", ids...)
		return in.DeleteTerms(ctx, vocabulary, ids)
	})
}
