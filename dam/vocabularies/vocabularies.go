// Package vocabularies edits vocabularies: trees of terms that values of fields are taken from. Assets hold the ids of
// terms, so that a term's words change without them; see docs/vocabularies.md.
package vocabularies

import (
	"context"
	"encoding/json"
	"slices"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/jobs"
	"vitrine/dam/reasons"
)

// Catalog is what this package reads and changes of the catalogue.
type Catalog interface {
	catalog.Writer
	Assets() catalog.Assets
	Libraries() catalog.Libraries
	People() catalog.People
	Products() catalog.Products
}

// Jobs enqueues.
type Jobs interface {
	Enqueue(ctx context.Context, tx *catalog.Tx, args jobs.Args, o jobs.Options) error
}

// Assets gives assets other values, as a part of a transaction.
type Assets interface {
	ReplaceTermIn(ctx context.Context, tx *catalog.Tx, library, id string, c dam.TermChange) (bool, error)
}

// Service changes vocabularies. Every method works inside one library.
type Service struct {
	Catalog Catalog
	Assets  Assets
	Jobs    Jobs
}

// List returns a library's vocabularies by name, with the fields that use them.
func (s *Service) List(ctx context.Context, library string) ([]dam.Vocabulary, error) {
	list, err := s.Catalog.Libraries().Vocabularies().List(ctx, library)
	if err != nil {
		return nil, err
	}
	fields, err := s.Catalog.Libraries().ShownFields(ctx, library)
	for i := range list {
		list[i].Fields = using(fields, list[i].ID)
	}
	return list, err
}

// using returns the keys of the fields whose values are terms of a vocabulary.
func using(fields []dam.CustomField, vocabulary string) []string {
	out := []string{}
	for _, f := range fields {
		if f.Vocabulary == vocabulary {
			out = append(out, f.Key)
		}
	}
	return out
}

// Get returns a vocabulary of the library.
func (s *Service) Get(ctx context.Context, library, id string) (dam.Vocabulary, error) {
	v, err := s.Catalog.Libraries().Vocabularies().Vocabulary(ctx, library, id)
	if err != nil {
		return v, err
	}
	fields, err := s.Catalog.Libraries().ShownFields(ctx, library)
	v.Fields = using(fields, id)
	return v, err
}

// Create makes a vocabulary without terms.
func (s *Service) Create(ctx context.Context, library, name string) (dam.Vocabulary, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Vocabulary, error) {
		v := dam.Vocabulary{ID: dam.NewID(dam.VocabularyPrefix), Library: library, Name: canon.Name(name),
			Fields: []string{}}
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return v, err
		}
		list, err := tx.Libraries().Vocabularies().List(ctx, library)
		if err != nil {
			return v, err
		}
		if len(list) >= dam.MaxVocabularies {
			return v, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyVocabularies(dam.MaxVocabularies)}
		}
		return v, put(ctx, tx, &v, "created")
	})
}

// Rename gives a vocabulary another name; ifMatch is the revision the caller has seen, 0 for any.
func (s *Service) Rename(ctx context.Context, library, id string, ifMatch int64, name string) (dam.Vocabulary, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Vocabulary, error) {
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return dam.Vocabulary{}, err
		}
		v, err := tx.Libraries().Vocabularies().LockVocabulary(ctx, library, id)
		if err != nil {
			return v, err
		}
		if err := match(v.Revision, ifMatch); err != nil {
			return v, err
		}
		fields, err := tx.Libraries().CustomFields(ctx, library)
		if err != nil {
			return v, err
		}
		v.Name, v.Fields = canon.Name(name), using(fields, id)
		return v, put(ctx, tx, &v, "renamed")
	})
}

// put checks a vocabulary's name and stores it. The library's row is locked.
func put(ctx context.Context, tx *catalog.Tx, v *dam.Vocabulary, change string) error {
	if n := len([]rune(v.Name)); n == 0 || n > 200 {
		return dam.InvalidInput("name", reasons.TermLabelForm(200))
	}
	taken, err := tx.Libraries().Vocabularies().NameTaken(ctx, v)
	if err != nil {
		return err
	}
	if taken {
		return &dam.Error{Code: dam.Conflict, Field: "name", Reason: reasons.VocabularyNameTaken(v.Name)}
	}
	emit(tx, v.Library, v.ID, change)
	return tx.Libraries().Vocabularies().PutVocabulary(ctx, v)
}

// Delete removes a vocabulary that no field uses.
func (s *Service) Delete(ctx context.Context, library, id string, ifMatch int64) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return err
		}
		v, err := tx.Libraries().Vocabularies().LockVocabulary(ctx, library, id)
		if err != nil {
			return err
		}
		if err := match(v.Revision, ifMatch); err != nil {
			return err
		}
		fields, err := tx.Libraries().CustomFields(ctx, library)
		if err != nil {
			return err
		}
		if keys := using(fields, id); len(keys) > 0 {
			return &dam.Error{Code: dam.Conflict, Field: "fields", Reason: reasons.VocabularyInUse(joined(keys))}
		}
		if err := unusedByProducts(ctx, tx, library, id); err != nil {
			return err
		}
		emit(tx, library, id, "deleted")
		return tx.Libraries().Vocabularies().DeleteVocabulary(ctx, id)
	})
}

func match(revision, ifMatch int64) error {
	if ifMatch != 0 && ifMatch != revision {
		return &dam.Error{Code: dam.Stale, Field: "If-Match", Reason: reasons.VocabularyChangedMeanwhile()}
	}
	return nil
}

// emitted is how many terms an event names.
const emitted = 100

// emit tells the log what became of a vocabulary or, with terms, of these.
func emit(tx *catalog.Tx, library, vocabulary, change string, terms ...string) {
	data := map[string]any{"change": change}
	if len(terms) > 0 {
		data["terms"] = terms[:min(len(terms), emitted)]
	}
	raw, err := json.Marshal(data)
	if err != nil {
		panic(err) // plain values of ours
	}
	tx.Emit(dam.Event{Type: dam.VocabularyChanged, Library: library, Subject: vocabulary, Data: raw})
}

// Labels returns what the terms of fields are called, by field and by id, for those ids that are terms. Brands,
// categories and families of products are fields, too, where the library has none of its own by these names.
func (s *Service) Labels(ctx context.Context, library string, ids map[string][]string) (map[string]map[string]dam.Text,
	error) {
	lib, err := s.Catalog.Libraries().Library(ctx, library)
	if err != nil {
		return nil, err
	}
	fields, err := s.Catalog.Libraries().ShownFields(ctx, library)
	if err != nil {
		return nil, err
	}
	const family = "family"
	from := map[string]string{"brand": lib.ProductTerms.Brand, "category": lib.ProductTerms.Category, family: family}
	for _, f := range fields {
		from[f.Key] = f.Vocabulary
	}
	out := map[string]map[string]dam.Text{}
	for key, vocabulary := range from {
		if vocabulary == "" || len(ids[key]) == 0 {
			continue
		}
		labels := map[string]dam.Text{}
		if key == family && vocabulary == family {
			list, err := s.Catalog.Products().AllFamilies(ctx, library)
			if err != nil {
				return nil, err
			}
			for _, f := range list {
				if len(f.Labels) > 0 {
					labels[f.Key] = f.Labels
				}
			}
			out[key] = labels
			continue
		}
		list, err := s.Catalog.Libraries().Vocabularies().Terms(ctx, vocabulary, ids[key])
		if err != nil {
			return nil, err
		}
		for _, t := range list {
			labels[t.ID] = t.Labels
		}
		out[key] = labels
	}
	return out, nil
}

func joined(list []string) string {
	out := ""
	for i, s := range slices.Sorted(slices.Values(list)) {
		if i > 0 {
			out += ", "
		}
		out += s
	}
	return out
}
