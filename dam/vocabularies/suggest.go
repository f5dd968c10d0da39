package vocabularies

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"vitrine/dam"
)

const (
	suggestTerms  = 8 // of the field that is named
	suggestPer    = 3 // of each field when none is
	suggestFields = 5
	longestWord   = 100
)

// Suggest completes what was typed with terms of the fields that the actor sees, by the beginning of a word of any
// label or synonym: "material:oa" with those of that field, "material:" with its topmost ones, and bare words with a
// few of each field. What fields have the same vocabulary are asked once.
func (s *Service) Suggest(ctx context.Context, library, typed string, each func(field string, t dam.Term)) error {
	fields, err := s.Catalog.Libraries().ShownFields(ctx, library)
	if err != nil {
		return err
	}
	in := s.Catalog.Libraries().Vocabularies()
	typed = strings.TrimSpace(typed)
	key, word, named := strings.Cut(typed, ":")
	word = strings.TrimLeft(word, `"`)
	if utf8.RuneCountInString(typed) > longestWord {
		return nil
	}
	if named {
		i := slices.IndexFunc(fields, func(f dam.CustomField) bool { return f.Key == key && f.Vocabulary != "" })
		if i < 0 {
			return nil
		}
		list, err := in.In(ctx, fields[i].Vocabulary, "", "", suggestTerms)
		if word != "" {
			list, err = in.Beginning(ctx, fields[i].Vocabulary, word, "", suggestTerms)
		}
		for _, t := range list {
			each(key, t)
		}
		return err
	}
	if utf8.RuneCountInString(typed) < 2 {
		return nil
	}
	var asked []string
	for _, f := range fields {
		if f.Vocabulary == "" || slices.Contains(asked, f.Vocabulary) || len(asked) == suggestFields {
			continue
		}
		asked = append(asked, f.Vocabulary)
		list, err := in.Beginning(ctx, f.Vocabulary, typed, "", suggestPer)
		if err != nil {
			return err
		}
		for _, t := range list {
			each(f.Key, t)
		}
	}
	return nil
}
