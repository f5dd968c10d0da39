package catalog

import (
	"context"
	"slices"
	"strings"

	"vitrine/dam"
)

// VocabulariesTx reads and writes vocabularies and their terms.
type VocabulariesTx struct {
	Vocabularies
	tx *Tx
}

// Vocabularies reads and writes vocabularies and their terms.
func (s LibrariesTx) Vocabularies() VocabulariesTx {
	return VocabulariesTx{Vocabularies{s.tx.Conn}, s.tx}
}

// LockVocabulary returns a vocabulary and holds it until the commit: nobody else changes its terms, or gives one to an
// asset.
func (s VocabulariesTx) LockVocabulary(ctx context.Context, library, id string) (dam.Vocabulary, error) {
	_, err := one(ctx, s.db, value[string], `SELECT id FROM vocabularies WHERE library=$1 AND id=$2`+s.tx.forUpdate(),
		library, id)
	if err != nil {
		_, err = oneOr("", err, "vocabulary", id)
		return dam.Vocabulary{}, err
	}
	return s.Vocabulary(ctx, library, id)
}

// KeepVocabulary keeps the terms of a vocabulary as they are until the commit.
func (s VocabulariesTx) KeepVocabulary(ctx context.Context, id string) error {
	if !s.tx.pg {
		return nil // there is one writer
	}
	_, err := all(ctx, s.db, value[string], `SELECT id FROM vocabularies WHERE id=$1 FOR SHARE`, id)
	return err
}

// PutVocabulary stores a new or changed vocabulary and increments its revision.
func (s VocabulariesTx) PutVocabulary(ctx context.Context, v *dam.Vocabulary) error {
	v.Revision++
	if v.CreatedBy == "" {
		v.CreatedAt, v.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx, `INSERT INTO vocabularies(id,library,revision,name,key,created_at,created_by)
		VALUES($1,$2,$3,$4,$5,$6,$7) ON CONFLICT(id) DO UPDATE SET revision=excluded.revision, name=excluded.name,
		key=excluded.key`, v.ID, v.Library, v.Revision, v.Name, termKey(v.Name), micros(v.CreatedAt), v.CreatedBy)
	return err
}

// NameTaken reports whether a library has another vocabulary of a name.
func (s VocabulariesTx) NameTaken(ctx context.Context, v *dam.Vocabulary) (bool, error) {
	n, err := one(ctx, s.db, value[int64], `SELECT count(*) FROM vocabularies WHERE library=$1 AND key=$2 AND id<>$3`,
		v.Library, termKey(v.Name), v.ID)
	return n > 0, err
}

// DeleteVocabulary removes a vocabulary and all its terms.
func (s VocabulariesTx) DeleteVocabulary(ctx context.Context, id string) error {
	_, err := s.tx.exec(ctx, `DELETE FROM vocabularies WHERE id=$1`, id)
	return err
}

// PutTerms stores new and changed terms, increments their revisions, and finds them by what they are called now.
func (s VocabulariesTx) PutTerms(ctx context.Context, vocabulary string, list []dam.Term) error {
	const width = 9
	for chunk := range slices.Chunk(list, 200) {
		var q strings.Builder
		q.WriteString(`INSERT INTO vocabulary_terms(vocabulary_id,id,revision,parent_id,position,labels,synonyms,
			archived,merged_into) VALUES `)
		args := make([]any, 0, width*len(chunk))
		ids := make([]string, len(chunk))
		for i := range chunk {
			t := &chunk[i]
			t.Revision++
			ids[i] = t.ID
			placeholders(&q, i, width)
			args = append(args, vocabulary, t.ID, t.Revision, t.Parent, t.Position, asJSON{t.Labels},
				asJSON{t.Synonyms}, t.Archived, t.Merged)
		}
		q.WriteString(` ON CONFLICT(vocabulary_id,id) DO UPDATE SET revision=excluded.revision,
			parent_id=excluded.parent_id, position=excluded.position, labels=excluded.labels,
			synonyms=excluded.synonyms, archived=excluded.archived, merged_into=excluded.merged_into`)
		if _, err := s.tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
		in, args := inList(ids, 2)
		if _, err := s.tx.exec(ctx, `DELETE FROM vocabulary_names WHERE vocabulary_id=$1 AND term_id IN `+in,
			append([]any{vocabulary}, args...)...); err != nil {
			return err
		}
		if err := s.name(ctx, vocabulary, chunk); err != nil {
			return err
		}
	}
	return nil
}

// name stores what terms are called.
func (s VocabulariesTx) name(ctx context.Context, vocabulary string, list []dam.Term) error {
	type name struct{ key, term string }
	var names []name
	for i := range list {
		if t := &list[i]; t.Merged == "" {
			for _, n := range t.Names() {
				if k := (name{termKey(n), t.ID}); k.key != "" && !slices.Contains(names[max(0, len(names)-500):], k) {
					names = append(names, k)
				}
			}
		}
	}
	for chunk := range slices.Chunk(names, 500) {
		var q strings.Builder
		q.WriteString(`INSERT INTO vocabulary_names(vocabulary_id,key,term_id) VALUES `)
		args := make([]any, 0, 3*len(chunk))
		for i, n := range chunk {
			placeholders(&q, i, 3)
			args = append(args, vocabulary, n.key, n.term)
		}
		q.WriteString(` ON CONFLICT DO NOTHING`)
		if _, err := s.tx.exec(ctx, q.String(), args...); err != nil {
			return err
		}
	}
	return nil
}

// DeleteTerms removes terms, and what was merged into them.
func (s VocabulariesTx) DeleteTerms(ctx context.Context, vocabulary string, ids []string) error {
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 2)
		args = append([]any{vocabulary}, args...)
		for _, q := range []string{`DELETE FROM vocabulary_merges WHERE vocabulary_id=$1 AND into_id IN `,
			`DELETE FROM vocabulary_terms WHERE vocabulary_id=$1 AND merged_into IN `,
			`DELETE FROM vocabulary_terms WHERE vocabulary_id=$1 AND id IN `} {
			if _, err := s.tx.exec(ctx, q+in, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// Place returns a position below a parent: before a sibling, or behind all if before is "".
func (s VocabulariesTx) Place(ctx context.Context, vocabulary, parent, before string) (int64, error) {
	if before == "" {
		return one(ctx, s.db, value[int64], `SELECT COALESCE(max(position),0)+$3 FROM vocabulary_terms
			WHERE vocabulary_id=$1 AND parent_id=$2`, vocabulary, parent, gap)
	}
	for range 2 {
		high, err := one(ctx, s.db, value[int64], `SELECT position FROM vocabulary_terms WHERE vocabulary_id=$1
			AND parent_id=$2 AND id=$3 AND merged_into=''`, vocabulary, parent, before)
		if err != nil {
			return oneOr(high, err, "term", before)
		}
		low, err := one(ctx, s.db, value[int64], `SELECT COALESCE(max(position),0) FROM vocabulary_terms
			WHERE vocabulary_id=$1 AND parent_id=$2 AND position<$3`, vocabulary, parent, high)
		if err != nil {
			return 0, err
		}
		if high-low > 1 {
			return low + (high-low)/2, nil
		}
		if _, err := s.tx.exec(ctx, `UPDATE vocabulary_terms SET position=q.n*$3 FROM (SELECT id AS o,
			row_number() OVER (ORDER BY position, id) AS n FROM vocabulary_terms WHERE vocabulary_id=$1
			AND parent_id=$2) q WHERE vocabulary_id=$1 AND q.o=vocabulary_terms.id`, vocabulary, parent,
			gap); err != nil {
			return 0, err
		}
	}
	return 0, notFound("term", before)
}

// Height returns how many levels a term and what is below it have.
func (s VocabulariesTx) Height(ctx context.Context, vocabulary, id string) (int, error) {
	return one(ctx, s.db, value[int], `WITH RECURSIVE x(id,n) AS (SELECT id,1 FROM vocabulary_terms
		WHERE vocabulary_id=$1 AND id=$2 UNION SELECT t.id,x.n+1 FROM x JOIN vocabulary_terms t
		ON t.vocabulary_id=$1 AND t.parent_id=x.id AND t.merged_into='' WHERE x.n<=$3) SELECT COALESCE(max(n),0) FROM x`, vocabulary, id,
		dam.MaxTermDepth)
}

// Repoint puts what is below a term, and what was merged into it, with another one, behind what is there.
func (s VocabulariesTx) Repoint(ctx context.Context, vocabulary, from, to string) error {
	last, err := s.Place(ctx, vocabulary, to, "")
	if err != nil {
		return err
	}
	if _, err := s.tx.exec(ctx, `UPDATE vocabulary_terms SET parent_id=$3, position=position+$4, revision=revision+1
		WHERE vocabulary_id=$1 AND parent_id=$2 AND merged_into=''`, vocabulary, from, to, last); err != nil {
		return err
	}
	_, err = s.tx.exec(ctx, `UPDATE vocabulary_terms SET merged_into=$3 WHERE vocabulary_id=$1 AND merged_into=$2`,
		vocabulary, from, to)
	return err
}

// MergeRow is a merge with how far the job is.
type MergeRow struct {
	dam.TermMerge
	Library, Vocabulary string
	// Last is the number of the last asset that the job has been to.
	Last uint32
}

const mergeColumns = `m.term_id,m.into_id,m.last_number,m.total,m.done,m.created_at,m.created_by,m.ended_at,
	m.vocabulary_id,v.library FROM vocabulary_merges m JOIN vocabularies v ON v.id=m.vocabulary_id `

func scanMerge(r row) (m MergeRow, err error) {
	var created int64
	var ended *int64
	err = r.Scan(&m.Term, &m.Into, &m.Last, &m.Total, &m.Done, &created, &m.CreatedBy, &ended, &m.Vocabulary,
		&m.Library)
	m.CreatedAt, m.EndedAt = instant(created), instantPtr(ended)
	return
}

// Merges returns the newest merges of a vocabulary.
func (s Vocabularies) Merges(ctx context.Context, vocabulary string, limit int) ([]MergeRow, error) {
	return all(ctx, s.db, scanMerge, `SELECT `+mergeColumns+`WHERE m.vocabulary_id=$1
		ORDER BY m.created_at DESC, m.term_id LIMIT $2`, vocabulary, limit)
}

// LockMerge returns the merge of a term and holds it.
func (s VocabulariesTx) LockMerge(ctx context.Context, vocabulary, term string) (MergeRow, error) {
	lock := ""
	if s.tx.pg {
		lock = ` FOR UPDATE OF m`
	}
	m, err := one(ctx, s.db, scanMerge, `SELECT `+mergeColumns+`WHERE m.vocabulary_id=$1 AND m.term_id=$2`+lock,
		vocabulary, term)
	return oneOr(m, err, "merge", term)
}

// PutMerge stores a new merge, or how far one is.
func (s VocabulariesTx) PutMerge(ctx context.Context, m *MergeRow) error {
	if m.CreatedBy == "" {
		m.CreatedAt, m.CreatedBy = s.tx.now, s.tx.actor.ID
	}
	_, err := s.tx.exec(ctx, `INSERT INTO vocabulary_merges(vocabulary_id,term_id,into_id,last_number,total,done,
		created_at,created_by,ended_at) VALUES($1,$2,$3,$4,$5,$6,$7,$8,$9) ON CONFLICT(vocabulary_id,term_id)
		DO UPDATE SET into_id=excluded.into_id, last_number=excluded.last_number, total=excluded.total,
		done=excluded.done, ended_at=excluded.ended_at`, m.Vocabulary, m.Term, m.Into, int64(m.Last), m.Total, m.Done,
		micros(m.CreatedAt), m.CreatedBy, microsPtr(m.EndedAt))
	return err
}
