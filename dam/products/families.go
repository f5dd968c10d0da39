package products

import (
	"context"
	"encoding/json"
	"strconv"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Families returns a library's families by key.
func (s *Service) Families(ctx context.Context, library string) ([]dam.Family, error) {
	return s.Catalog.Products().Families(ctx, library)
}

// Family returns one family.
func (s *Service) Family(ctx context.Context, library, key string) (dam.Family, error) {
	return s.Catalog.Products().Family(ctx, library, key)
}

// FamilyFields are what a family is described by.
type FamilyFields struct {
	Labels     dam.Text              `json:"labels,omitempty" doc:"What people see, by locale"`
	Attributes []dam.FamilyAttribute `json:"attributes,omitempty" nullable:"false" maxItems:"200" doc:"In the order in which they are shown"`
	Slots      []string              `json:"slots,omitempty" nullable:"false" maxItems:"50" eachLength:"40" doc:"Slots that its products are to have"`
}

// CreateFamily adds a family.
func (s *Service) CreateFamily(ctx context.Context, library, key string, in FamilyFields) (dam.Family, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Family, error) {
		f := dam.Family{Library: library, Key: key}
		if err := dam.CheckFamilyKey(key); err != nil {
			return f, err
		}
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return f, err
		}
		list, err := tx.Products().Families(ctx, library)
		if err != nil {
			return f, err
		}
		if len(list) >= dam.MaxFamilies {
			return f, &dam.Error{Code: dam.Conflict, Reason: reasons.TooManyFamilies(dam.MaxFamilies)}
		}
		for _, other := range list {
			if other.Key == key {
				return f, &dam.Error{Code: dam.Conflict, Field: "key", Reason: reasons.FamilyExists(key)}
			}
		}
		return f, putFamily(ctx, tx, &f, in, "added")
	})
}

// ChangeFamily replaces what a family is described by; ifMatch is the revision seen, 0 for any. No product changes by
// it: those that aren't as the family has them are told as such.
func (s *Service) ChangeFamily(ctx context.Context, library, key string, ifMatch int64, in FamilyFields) (dam.Family,
	error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Family, error) {
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return dam.Family{}, err
		}
		f, err := lockFamily(ctx, tx, library, key, ifMatch)
		if err != nil {
			return f, err
		}
		return f, putFamily(ctx, tx, &f, in, "changed")
	})
}

func lockFamily(ctx context.Context, tx *catalog.Tx, library, key string, ifMatch int64) (dam.Family, error) {
	f, err := tx.Products().LockFamily(ctx, library, key)
	if err == nil && ifMatch != 0 && ifMatch != f.Revision {
		err = &dam.Error{Code: dam.Stale, Field: "If-Match",
			Reason: reasons.FamilyChangedMeanwhile(f.Revision, ifMatch)}
	}
	return f, err
}

// putFamily checks and stores a family. The library's definitions are locked.
func putFamily(ctx context.Context, tx *catalog.Tx, f *dam.Family, in FamilyFields, change string) error {
	lib, err := tx.Libraries().Library(ctx, f.Library)
	if err != nil {
		return err
	}
	labels := func(t dam.Text) dam.Text {
		out := dam.Text{}
		for l, s := range t.Localise(lib.Locale) {
			if s = canon.Name(s); s != "" {
				out[dam.Locale(l)] = s
			}
		}
		return out
	}
	f.Labels, f.Attributes, f.Slots = labels(in.Labels), []dam.FamilyAttribute{}, []string{}
	for _, a := range in.Attributes {
		a.Key, a.Unit, a.Labels = canon.Name(a.Key), canon.Name(a.Unit), labels(a.Labels)
		f.Attributes = append(f.Attributes, a)
	}
	f.Slots = append(f.Slots, distinct(in.Slots)...)
	if err := f.Validate(); err != nil {
		return err
	}
	for i, a := range f.Attributes {
		if a.Vocabulary == "" {
			continue
		}
		_, err := tx.Libraries().Vocabularies().Vocabulary(ctx, f.Library, a.Vocabulary)
		if dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput("attributes["+strconv.Itoa(i)+"].vocabulary",
				reasons.NotFound("vocabulary", a.Vocabulary))
		}
		if err != nil {
			return err
		}
	}
	emitFamily(tx, f, change)
	return tx.Products().PutFamily(ctx, f)
}

// DeleteFamily removes a family that no product names.
func (s *Service) DeleteFamily(ctx context.Context, library, key string, ifMatch int64) error {
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		f, err := lockFamily(ctx, tx, library, key, ifMatch)
		if err != nil {
			return err
		}
		if f.Products > 0 {
			return &dam.Error{Code: dam.Conflict, Field: "products", Reason: reasons.FamilyInUse(f.Products)}
		}
		emitFamily(tx, &f, "deleted")
		return tx.Products().DeleteFamily(ctx, library, key)
	})
}

func emitFamily(tx *catalog.Tx, f *dam.Family, change string) {
	raw, err := json.Marshal(map[string]string{"change": change})
	if err != nil {
		panic(err) // plain values of ours
	}
	tx.Emit(dam.Event{Type: dam.FamilyChanged, Library: f.Library, Subject: f.Key, Data: raw})
}
