package assets

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vitrine/dam"
	"vitrine/dam/canon"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Fields returns a library's custom metadata fields in their order.
func (s *Service) Fields(ctx context.Context, library string) ([]dam.CustomField, error) {
	return s.Catalog.Libraries().ShownFields(ctx, library)
}

// SetFields replaces the list of a library's custom fields. What assets hold under a
// key that is taken away stays with them, unseen by search, until the key comes back.
// Errors: dam.Invalid; dam.Conflict when a field would change its type.
func (s *Service) SetFields(ctx context.Context, library string, list []dam.CustomField) ([]dam.CustomField, error) {
	return s.editFields(ctx, library, func([]dam.CustomField) ([]dam.CustomField, error) { return list, nil })
}

// AddField adds one field, or replaces the one with its key.
func (s *Service) AddField(ctx context.Context, library string, f dam.CustomField) error {
	_, err := s.editFields(ctx, library, func(list []dam.CustomField) ([]dam.CustomField, error) {
		if i := indexOf(list, f.Key); i >= 0 {
			list[i] = f
			return list, nil
		}
		return append(list, f), nil
	})
	return err
}

// RemoveField takes a field away. Errors: dam.NotFound.
func (s *Service) RemoveField(ctx context.Context, library, key string) error {
	_, err := s.editFields(ctx, library, func(list []dam.CustomField) ([]dam.CustomField, error) {
		i := indexOf(list, key)
		if i < 0 {
			return nil, &dam.Error{Code: dam.NotFound, Reason: reasons.NoFieldWithKey(key)}
		}
		return slices.Delete(list, i, i+1), nil
	})
	return err
}

func indexOf(list []dam.CustomField, key string) int {
	return slices.IndexFunc(list, func(f dam.CustomField) bool { return f.Key == key })
}

func (s *Service) editFields(ctx context.Context, library string, edit func([]dam.CustomField) ([]dam.CustomField,
	error)) ([]dam.CustomField, error) {
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) ([]dam.CustomField, error) {
		if err := tx.Libraries().LockFields(ctx, library); err != nil {
			return nil, err
		}
		before, err := tx.Libraries().CustomFields(ctx, library)
		if err != nil {
			return nil, err
		}
		after, err := edit(slices.Clone(before))
		if err != nil {
			return nil, err
		}
		for i := range after {
			if after[i], err = canonicalField(after[i], fmt.Sprintf("items[%d]", i)); err != nil {
				return nil, err
			}
		}
		if err := s.checkFields(before, after); err != nil {
			return nil, err
		}
		if err := checkVocabularies(ctx, tx, library, after); err != nil {
			return nil, err
		}
		if err := checkRoles(ctx, tx, library, after); err != nil {
			return nil, err
		}
		var keys []string
		for _, f := range after {
			keys = append(keys, f.Key)
		}
		raw, err := json.Marshal(map[string][]string{"fields": keys})
		if err != nil {
			return nil, err
		}
		tx.Emit(dam.Event{Type: dam.FieldsChanged, Library: library, Subject: library, Data: raw})
		return after, tx.Libraries().SetCustomFields(ctx, library, after)
	})
}

// canonicalField puts what a field's values and label are known by into canonical form.
func canonicalField(f dam.CustomField, at string) (dam.CustomField, error) {
	if err := dam.CheckLocales(at+".label", maps.Keys(f.Label)); err != nil {
		return f, err
	}
	label := make(dam.Text, len(f.Label))
	for l, s := range f.Label {
		label[dam.Locale(l)] = s
	}
	if f.Label != nil {
		f.Label = label
	}
	for _, t := range []*dam.Text{&f.Help, &f.Group} {
		if *t != nil {
			*t = dam.Text{}.Merge(*t)
		}
	}
	f.Unit, f.Pattern = strings.TrimSpace(f.Unit), strings.TrimSpace(f.Pattern)
	if f.Type == dam.FieldChoice {
		f.Default = canonicalChoice(f.Default)
	}
	f.Choices = slices.Clone(f.Choices)
	for i, c := range f.Choices {
		f.Choices[i] = canon.Name(c)
	}
	return f, nil
}

func (s *Service) checkFields(before, after []dam.CustomField) error {
	if len(after) > dam.MaxFields {
		return dam.InvalidInput("items", reasons.TooManyCustomFields(dam.MaxFields))
	}
	for i, f := range after {
		at := fmt.Sprintf("items[%d]", i)
		if err := dam.CheckBounds(at, f); err != nil {
			return err
		}
		if err := f.Validate(at); err != nil {
			return err
		}
		if indexOf(after[:i], f.Key) >= 0 {
			return dam.InvalidInput(at+".key", reasons.FieldKeyTwice(f.Key))
		}
		if slices.Contains(s.Reserved, f.Key) && indexOf(before, f.Key) < 0 {
			return dam.InvalidInput(at+".key", reasons.FieldKeyReserved(f.Key))
		}
		if j := indexOf(before, f.Key); j >= 0 && (before[j].Type != f.Type || before[j].Multi != f.Multi) {
			return &dam.Error{Code: dam.Conflict, Field: at + ".type", Reason: reasons.FieldTypeFixed(f.Key)}
		} else if j >= 0 && before[j].Vocabulary != f.Vocabulary {
			return &dam.Error{Code: dam.Conflict, Field: at + ".vocabulary",
				Reason: reasons.FieldVocabularyFixed(f.Key)}
		}
	}
	return nil
}

// checkVocabularies refuses fields whose vocabulary the library doesn't have.
func checkVocabularies(ctx context.Context, tx *catalog.Tx, library string, list []dam.CustomField) error {
	for i, f := range list {
		if f.Vocabulary == "" {
			continue
		}
		_, err := tx.Libraries().Vocabularies().Vocabulary(ctx, library, f.Vocabulary)
		if dam.CodeOf(err) == dam.NotFound {
			return dam.InvalidInput(fmt.Sprintf("items[%d].vocabulary", i), reasons.NoVocabularyOfField(f.Vocabulary))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// checkRoles refuses fields that roles see or edit which the library doesn't have.
func checkRoles(ctx context.Context, tx *catalog.Tx, library string, list []dam.CustomField) error {
	if len(dam.FieldRules(list)) == 0 {
		return nil
	}
	own, err := tx.People().Roles(ctx, library)
	if err != nil {
		return err
	}
	for i, f := range list {
		for member, roles := range map[string][]dam.Role{"seen_by": f.SeenBy, "edited_by": f.EditedBy} {
			for n, r := range roles {
				if !r.Valid() && !slices.ContainsFunc(own, func(o dam.CustomRole) bool { return o.Name == r }) {
					return dam.InvalidInput(fmt.Sprintf("items[%d].%s[%d]", i, member, n),
						reasons.NoRoleOfField(string(r)))
				}
			}
		}
	}
	return nil
}

// canonicalChoice puts a choice, or a list of them, into the form in which fields have them.
func canonicalChoice(v any) any {
	switch v := v.(type) {
	case string:
		return canon.Name(v)
	case []any:
		out := make([]any, len(v))
		for i, x := range v {
			out[i] = canonicalChoice(x)
		}
		return out
	}
	return v
}
