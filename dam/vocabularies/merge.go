package vocabularies

import (
	"context"
	"slices"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// MergeArgs asks for a merge to go on.
type MergeArgs struct {
	Library    string `json:"library"`
	Vocabulary string `json:"vocabulary"`
	Term       string `json:"term"`
}

// Kind implements jobs.Args.
func (MergeArgs) Kind() string { return "vocabulary.merge" }

const (
	mergeChunk = 100             // assets changed in one transaction: their events are one batch of the log
	mergeSlice = 5 * time.Second // of work, then other jobs have their turn, and a server may stop
)

// Merge makes one term of two. At once, the other one is found by the words and the id of the first, and has what was
// below it; a job then gives the assets the other one. There is no way back: a dry run counts first.
func (s *Service) Merge(ctx context.Context, library, vocabulary, id, into string, dry bool) (dam.TermMerge, error) {
	fields, err := s.Catalog.Libraries().CustomFields(ctx, library)
	if err != nil {
		return dam.TermMerge{}, err
	}
	// Counting reads every asset with a value, which must not keep others from writing.
	u, err := use(ctx, s.Catalog.Libraries().Vocabularies(), library, fields, vocabulary, []string{id})
	if err != nil {
		return dam.TermMerge{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.TermMerge, error) {
		in := tx.Libraries().Vocabularies()
		if _, err := in.LockVocabulary(ctx, library, vocabulary); err != nil {
			return dam.TermMerge{}, err
		}
		from, err := locked(ctx, in, vocabulary, id, 0)
		if err != nil {
			return dam.TermMerge{}, err
		}
		to, err := target(ctx, in, vocabulary, &from, into)
		if err != nil {
			return dam.TermMerge{}, err
		}
		m := catalog.MergeRow{TermMerge: dam.TermMerge{Term: id, Into: into, Total: u.Assets, DryRun: dry},
			Library: library, Vocabulary: vocabulary}
		if dry {
			m.CreatedAt, m.CreatedBy = tx.Now(), tx.Actor().ID
			return m.TermMerge, nil
		}
		if err := in.Repoint(ctx, vocabulary, id, into); err != nil {
			return dam.TermMerge{}, err
		}
		from.Merged = into
		if err := in.PutTerms(ctx, vocabulary, []dam.Term{from, to}); err != nil {
			return dam.TermMerge{}, err
		}
		emit(tx, library, vocabulary, "terms_merged", id, into)
		if err := in.PutMerge(ctx, &m); err != nil {
			return dam.TermMerge{}, err
		}
		return m.TermMerge, s.Jobs.Enqueue(ctx, tx, MergeArgs{library, vocabulary, id}, jobs.Options{Max: 20})
	})
}

// target is the term that another one is merged into, with the words of both.
func target(ctx context.Context, in catalog.VocabulariesTx, vocabulary string, from *dam.Term, into string) (dam.Term,
	error) {
	to, err := locked(ctx, in, vocabulary, into, 0)
	if dam.CodeOf(err) == dam.NotFound || dam.CodeOf(err) == dam.Gone {
		return to, dam.InvalidInput("into", reasons.NoTermAbove(into))
	}
	if err != nil {
		return to, err
	}
	if into == from.ID || slices.ContainsFunc(to.Path, func(p dam.TermRef) bool { return p.ID == from.ID }) {
		return to, dam.InvalidInput("into", reasons.TermIntoItself())
	}
	if to.Archived && !from.Archived {
		return to, dam.InvalidInput("into", reasons.TermArchived(into))
	}
	height, err := in.Height(ctx, vocabulary, from.ID)
	if err != nil {
		return to, err
	}
	if len(to.Path)+height > dam.MaxTermDepth {
		return to, dam.InvalidInput("into", reasons.TermTooDeep(dam.MaxTermDepth))
	}
	words := map[string][]string{}
	for l, list := range to.Synonyms {
		words[l] = slices.Clone(list)
	}
	for l, s := range from.Labels {
		if to.Labels[l] == "" {
			to.Labels[l] = s
		} else if to.Labels[l] != s {
			words[l] = append(words[l], s)
		}
	}
	for l, list := range from.Synonyms {
		words[l] = append(words[l], list...)
	}
	to.Synonyms = words
	return to, canonical(&to, "")
}

// Merges lists the newest merges of a vocabulary.
func (s *Service) Merges(ctx context.Context, library, vocabulary string) ([]dam.TermMerge, error) {
	in := s.Catalog.Libraries().Vocabularies()
	if _, err := in.Vocabulary(ctx, library, vocabulary); err != nil {
		return nil, err
	}
	rows, err := in.Merges(ctx, vocabulary, 100)
	out := make([]dam.TermMerge, len(rows))
	for i, r := range rows {
		out[i] = r.TermMerge
	}
	return out, err
}

// Run works on a merge for a while and asks to be called again until it has ended. What is done and how far it is
// commit together, so that a merge which is cut off goes on where it was.
func (s *Service) Run(ctx context.Context, args MergeArgs, _ jobs.Info) error {
	for until := time.Now().Add(mergeSlice); time.Now().Before(until); {
		more, err := s.chunk(ctx, args)
		switch {
		case dam.CodeOf(err) == dam.NotFound:
			return nil // the vocabulary or the term is gone
		case err != nil && ctx.Err() != nil:
			return jobs.Snooze(0) // the server stops
		case err != nil || !more:
			return err
		}
	}
	return jobs.Snooze(0)
}

// chunk changes the next assets in one transaction and reports whether there are more.
func (s *Service) chunk(ctx context.Context, args MergeArgs) (bool, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (bool, error) {
		in := tx.Libraries().Vocabularies()
		m, err := in.LockMerge(ctx, args.Vocabulary, args.Term)
		if err != nil || m.EndedAt != nil {
			return false, err
		}
		// Another merge, of the term that this one has become, waits for the commit.
		if err := in.KeepVocabulary(ctx, args.Vocabulary); err != nil {
			return false, err
		}
		now, err := in.Terms(ctx, args.Vocabulary, []string{args.Term})
		t, err := only(now, err, args.Term)
		if err != nil {
			return false, err
		}
		fields, err := tx.Libraries().CustomFields(ctx, m.Library)
		if err != nil {
			return false, err
		}
		keys := using(fields, args.Vocabulary)
		var next []catalog.TermUser
		q := catalog.TermHolders{Library: m.Library, Fields: keys, Terms: []string{args.Term}, After: m.Last}
		if err := in.Users(ctx, q, func(a catalog.TermUser) bool {
			next = append(next, a)
			return len(next) < mergeChunk
		}); err != nil {
			return false, err
		}
		for _, a := range next {
			changed, err := s.Assets.ReplaceTermIn(ctx, tx, m.Library, a.Asset,
				dam.TermChange{Fields: keys, From: args.Term, To: t.Merged})
			if err != nil && dam.CodeOf(err) != dam.NotFound {
				return false, err
			}
			if changed {
				m.Done++
			}
			m.Last = a.Number
		}
		if len(next) < mergeChunk {
			now := tx.Now()
			m.EndedAt = &now
		}
		return m.EndedAt == nil, in.PutMerge(ctx, &m)
	})
}
