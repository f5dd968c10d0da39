package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
)

// Vocabularies reads vocabularies and their terms.
type Vocabularies struct{ db Conn }

// Vocabularies reads vocabularies and their terms.
func (s Libraries) Vocabularies() Vocabularies { return Vocabularies(s) }

const vocabularyColumns = `v.id,v.library,v.revision,v.name,v.created_at,v.created_by,
	(SELECT count(*) FROM vocabulary_terms t WHERE t.vocabulary_id=v.id AND t.merged_into='')`

func scanVocabulary(r row) (v dam.Vocabulary, err error) {
	var created int64
	err = r.Scan(&v.ID, &v.Library, &v.Revision, &v.Name, &created, &v.CreatedBy, &v.Terms)
	v.CreatedAt, v.Fields = instant(created), []string{}
	return
}

// List returns a library's vocabularies by name.
func (s Vocabularies) List(ctx context.Context, library string) ([]dam.Vocabulary, error) {
	return all(ctx, s.db, scanVocabulary,
		`SELECT `+vocabularyColumns+` FROM vocabularies v WHERE v.library=$1 ORDER BY v.key`, library)
}

// Vocabulary returns a vocabulary of a library.
func (s Vocabularies) Vocabulary(ctx context.Context, library, id string) (dam.Vocabulary, error) {
	v, err := one(ctx, s.db, scanVocabulary,
		`SELECT `+vocabularyColumns+` FROM vocabularies v WHERE v.library=$1 AND v.id=$2`, library, id)
	return oneOr(v, err, "vocabulary", id)
}

const termColumns = `t.id,t.revision,t.parent_id,t.position,t.labels,t.synonyms,t.archived,t.merged_into,
	(SELECT count(*) FROM vocabulary_terms c WHERE c.vocabulary_id=t.vocabulary_id AND c.parent_id=t.id
	AND c.merged_into='')`

func scanTerm(r row) (t dam.Term, err error) {
	err = r.Scan(&t.ID, &t.Revision, &t.Parent, &t.Position, asJSON{&t.Labels}, asJSON{&t.Synonyms}, &t.Archived,
		&t.Merged, &t.Children)
	t.Path = []dam.TermRef{}
	return
}

// termKey is what names of terms are compared by.
func termKey(name string) string { return strings.Join(strings.Fields(canon.Fold(name)), " ") }

// Terms returns those of the terms that there are, in the order of the ids; merged ones as they are.
func (s Vocabularies) Terms(ctx context.Context, vocabulary string, ids []string) ([]dam.Term, error) {
	found, err := s.byID(ctx, vocabulary, ids)
	if err != nil {
		return nil, err
	}
	out := []dam.Term{}
	for _, id := range ids {
		if t, ok := found[id]; ok {
			out = append(out, t)
			delete(found, id)
		}
	}
	return out, s.paths(ctx, vocabulary, out)
}

func (s Vocabularies) byID(ctx context.Context, vocabulary string, ids []string) (map[string]dam.Term, error) {
	out := map[string]dam.Term{}
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 2)
		list, err := all(ctx, s.db, scanTerm, `SELECT `+termColumns+` FROM vocabulary_terms t WHERE t.vocabulary_id=$1
			AND t.id IN `+in, append([]any{vocabulary}, args...)...)
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			out[t.ID] = t
		}
	}
	return out, nil
}

// paths fills in what terms are below of.
func (s Vocabularies) paths(ctx context.Context, vocabulary string, list []dam.Term) error {
	known := map[string]dam.Term{}
	wanted := func() (ids []string) {
		for _, t := range list {
			at := t.Parent
			for at != "" {
				p, ok := known[at]
				if !ok {
					ids = append(ids, at)
					break
				}
				at = p.Parent
			}
		}
		slices.Sort(ids)
		return slices.Compact(ids)
	}
	for range dam.MaxTermDepth {
		ids := wanted()
		if len(ids) == 0 {
			break
		}
		found, err := s.byID(ctx, vocabulary, ids)
		if err != nil {
			return err
		}
		for _, id := range ids {
			known[id] = found[id] // one that isn't there ends the path
		}
	}
	for i := range list {
		for at := list[i].Parent; at != "" && len(list[i].Path) < dam.MaxTermDepth; at = known[at].Parent {
			list[i].Path = append(list[i].Path, dam.TermRef{ID: at, Labels: known[at].Labels})
		}
		slices.Reverse(list[i].Path)
	}
	return nil
}

// In returns up to limit terms directly below a parent, "" being the top, in their order, behind the term after.
func (s Vocabularies) In(ctx context.Context, vocabulary, parent, after string, limit int) ([]dam.Term, error) {
	if after != "" {
		found, err := s.byID(ctx, vocabulary, []string{after})
		if err != nil || found[after].ID == "" {
			return nil, errors.Join(err, notFound("term", after))
		}
	}
	list, err := all(ctx, s.db, scanTerm, `SELECT `+termColumns+` FROM vocabulary_terms t
		LEFT JOIN vocabulary_terms a ON a.vocabulary_id=t.vocabulary_id AND a.id=$3
		WHERE t.vocabulary_id=$1 AND t.parent_id=$2 AND t.merged_into=''
		AND (a.id IS NULL OR t.position>a.position OR t.position=a.position AND t.id>a.id)
		ORDER BY t.position, t.id LIMIT $4`, vocabulary, parent, after, limit)
	if err != nil {
		return nil, err
	}
	return list, s.paths(ctx, vocabulary, list)
}

// Beginning returns up to limit terms of which a word of a label or synonym begins with the text, by id, behind the
// term after.
func (s Vocabularies) Beginning(ctx context.Context, vocabulary, text, after string, limit int) ([]dam.Term, error) {
	ids, err := s.beginning(ctx, vocabulary, text, after, limit)
	if err != nil {
		return nil, err
	}
	return s.Terms(ctx, vocabulary, ids)
}

func (s Vocabularies) beginning(ctx context.Context, vocabulary, text, after string, limit int) ([]string, error) {
	key := strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(termKey(text))
	return all(ctx, s.db, value[string], `SELECT t.id FROM vocabulary_terms t WHERE t.vocabulary_id=$1
		AND t.merged_into='' AND t.id>$4 AND (t.id=$5 OR EXISTS (SELECT 1 FROM vocabulary_names n
		WHERE n.vocabulary_id=t.vocabulary_id AND n.term_id=t.id
		AND (n.key LIKE $2 ESCAPE '\' OR n.key LIKE $3 ESCAPE '\'))) ORDER BY t.id LIMIT $6`, vocabulary, key+"%",
		"% "+key+"%", after, termKey(text), limit)
}

// Named returns the terms that somebody means by an id, a label or synonym in any locale, or the end of a path of
// labels: one where that is unique. Of a merged term it is the one that it has become.
func (s Vocabularies) Named(ctx context.Context, vocabulary, written string) ([]dam.Term, error) {
	id := strings.ToLower(strings.TrimSpace(written))
	ids, err := all(ctx, s.db, value[string], `SELECT CASE WHEN merged_into<>'' THEN merged_into ELSE id END
		FROM vocabulary_terms WHERE vocabulary_id=$1 AND id=$2`, vocabulary, id)
	if err == nil && len(ids) == 0 {
		ids, err = s.called(ctx, vocabulary, written)
	}
	if err != nil {
		return nil, err
	}
	if len(ids) > 0 {
		return s.Terms(ctx, vocabulary, ids)
	}
	steps := strings.Split(written, strings.TrimSpace(dam.PathSeparator))
	if len(steps) == 1 {
		return nil, nil
	}
	if ids, err = s.called(ctx, vocabulary, steps[len(steps)-1]); err != nil {
		return nil, err
	}
	list, err := s.Terms(ctx, vocabulary, ids)
	above := steps[:len(steps)-1]
	list = slices.DeleteFunc(list, func(t dam.Term) bool { return !endsIn(t.Path, above) })
	for _, t := range list { // one whose whole path that is is meant before one further down
		if len(t.Path) == len(above) {
			return []dam.Term{t}, err
		}
	}
	return list, err
}

// called returns the ids of the terms with a label or synonym.
func (s Vocabularies) called(ctx context.Context, vocabulary, name string) ([]string, error) {
	return all(ctx, s.db, value[string], `SELECT term_id FROM vocabulary_names WHERE vocabulary_id=$1 AND key=$2
		ORDER BY term_id`, vocabulary, termKey(name))
}

func endsIn(path []dam.TermRef, steps []string) bool {
	if len(path) < len(steps) {
		return false
	}
	path = path[len(path)-len(steps):]
	for i, step := range steps {
		same := false
		for _, label := range path[i].Labels {
			same = same || termKey(label) == termKey(step)
		}
		if !same {
			return false
		}
	}
	return true
}

// Below returns the ids of terms, of everything below them, and of what was merged into those: assets may hold these
// until a job has been to them.
func (s Vocabularies) Below(ctx context.Context, vocabulary string, ids []string) ([]string, error) {
	var out []string
	for chunk := range slices.Chunk(ids, 500) {
		in, args := inList(chunk, 2)
		list, err := all(ctx, s.db, value[string], `WITH RECURSIVE x(id) AS (
			SELECT id FROM vocabulary_terms WHERE vocabulary_id=$1 AND id IN `+in+`
			UNION SELECT t.id FROM x JOIN vocabulary_terms t ON t.vocabulary_id=$1 AND t.parent_id=x.id
			AND t.merged_into='')
			SELECT id FROM x UNION SELECT t.id FROM x JOIN vocabulary_terms t ON t.vocabulary_id=$1
			AND t.merged_into=x.id`, append([]any{vocabulary}, args...)...)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// Resolve returns the ids that a query means by a written term, with everything below; with a * behind it, by the
// beginning of a label or synonym.
func (s Vocabularies) Resolve(ctx context.Context, library, vocabulary, written string) ([]string, error) {
	if _, err := s.Vocabulary(ctx, library, vocabulary); err != nil {
		return nil, err
	}
	var list []dam.Term
	var err error
	var ids []string
	if text, begins := strings.CutSuffix(written, "*"); begins {
		ids, err = s.beginning(ctx, vocabulary, text, "", dam.MaxTerms)
	} else {
		list, err = s.Named(ctx, vocabulary, written)
	}
	for _, t := range list {
		ids = append(ids, t.ID)
	}
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return s.Below(ctx, vocabulary, ids)
}

// Whole returns every term of a vocabulary, siblings in their order, without paths.
func (s Vocabularies) Whole(ctx context.Context, vocabulary string) ([]dam.Term, error) {
	return all(ctx, s.db, scanTerm, `SELECT t.id,t.revision,t.parent_id,t.position,t.labels,t.synonyms,t.archived,
		t.merged_into,0 FROM vocabulary_terms t WHERE t.vocabulary_id=$1 ORDER BY t.parent_id, t.position, t.id`,
		vocabulary)
}

// TermUser is an asset that holds a term.
type TermUser struct {
	Asset  string
	Number uint32
}

// usersRead is how many assets are read at once.
const usersRead = 1000

// TermHolders says which assets are looked for: those that hold one of the terms in one of the fields or, with Except,
// in any but these, also under the keys of fields that were removed.
type TermHolders struct {
	Library       string
	Fields, Terms []string
	Except        bool
	After         uint32 // numbers up to this one are left out
}

func (q *TermHolders) have(values map[string]json.RawMessage, terms map[string]bool) bool {
	for key, raw := range values {
		if slices.Contains(q.Fields, key) != q.Except && holds(raw, terms) {
			return true
		}
	}
	return false
}

// Users calls each for the assets that hold terms, ordered by number, until it returns false.
func (s Vocabularies) Users(ctx context.Context, q TermHolders, each func(TermUser) bool) error {
	if len(q.Fields) == 0 && !q.Except || len(q.Terms) == 0 {
		return nil
	}
	set := make(map[string]bool, len(q.Terms))
	for _, t := range q.Terms {
		set[t] = true
	}
	where, args := "", []any{q.Library, int64(q.After), usersRead}
	if !q.Except {
		for _, k := range q.Fields {
			args = append(args, `%"`+k+`":%`)
			where += " OR a.custom LIKE $" + strconv.Itoa(len(args))
		}
		where = " AND (" + strings.TrimPrefix(where, " OR ") + ")"
	}
	if len(q.Terms) == 1 {
		args = append(args, `%"`+q.Terms[0]+`"%`)
		where += " AND a.custom LIKE $" + strconv.Itoa(len(args))
	}
	type holder struct {
		TermUser
		custom map[string]json.RawMessage
	}
	for {
		list, err := all(ctx, s.db, func(r row) (h holder, err error) {
			err = r.Scan(&h.Asset, &h.Number, asJSON{&h.custom})
			return
		}, `SELECT a.id, a.number, a.custom FROM assets a WHERE a.library=$1 AND a.number>$2 AND a.custom<>'{}'`+where+
			` ORDER BY a.number LIMIT $3`, args...)
		if err != nil {
			return err
		}
		for _, h := range list {
			args[1] = int64(h.Number)
			if q.have(h.custom, set) && !each(h.TermUser) {
				return nil
			}
		}
		if len(list) < usersRead {
			return nil
		}
	}
}

// holds reports whether a value has one of the terms.
func holds(raw json.RawMessage, terms map[string]bool) bool {
	if len(raw) == 0 {
		return false
	}
	var list []string
	if json.Unmarshal(raw, &list) != nil {
		var id string
		return json.Unmarshal(raw, &id) == nil && terms[id]
	}
	return slices.ContainsFunc(list, func(id string) bool { return terms[id] })
}
