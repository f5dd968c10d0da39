package dam

import (
	"maps"
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Vocabulary is a tree of terms, which values of fields of the type tree are taken from.
type Vocabulary struct {
	ID       string `json:"id"`
	Library  string `json:"library"`
	Revision int64  `json:"revision"`
	Name     string `json:"name"`
	Terms    int    `json:"terms" doc:"How many terms it has"`
	// Fields are filled in for who reads it.
	Fields    []string  `json:"fields" nullable:"false" doc:"Keys of the fields whose values are terms of it"`
	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

// Term is an entry of a vocabulary. Assets hold its id, so that its words can change without them.
type Term struct {
	ID       string              `json:"id"`
	Revision int64               `json:"revision"`
	Parent   string              `json:"parent,omitempty" doc:"Id of the term above it; absent at the top"`
	Labels   Text                `json:"labels" doc:"What people see, by locale"`
	Synonyms map[string][]string `json:"synonyms,omitempty" doc:"What it is found by beside its labels, by locale"`
	Archived bool                `json:"archived,omitempty" doc:"Assets keep it; none is given it any more"`
	Merged   string              `json:"merged_into,omitempty" doc:"Id of the term that it has become; its own id still means that one"`
	Path     []TermRef           `json:"path" nullable:"false" doc:"The terms above it, from the top"`
	Children int                 `json:"children" doc:"How many terms are directly below it"`

	Position int64 `json:"-"`
}

// TermRef names a term above another one.
type TermRef struct {
	ID     string `json:"id"`
	Labels Text   `json:"labels"`
}

// TermChange gives an asset one term in place of another in the fields named.
type TermChange struct {
	Fields   []string
	From, To string
}

// TermUse counts what a change of terms would touch.
type TermUse struct {
	Terms    int      `json:"terms" doc:"Terms below it"`
	Assets   int      `json:"assets" doc:"Assets that hold it or, of a deletion, one below it; those in the bin, too"`
	Products int      `json:"products" doc:"Products that have it or one below it as brand, category or attribute"`
	Examples []string `json:"examples" nullable:"false" doc:"Ids of the first of these assets"`
}

// TermMerge is the merging of one term into another, which a job does to the assets.
type TermMerge struct {
	Term      string     `json:"term"`
	Into      string     `json:"into"`
	Total     int        `json:"total" doc:"Assets that held the term when the merge began"`
	Done      int        `json:"done" doc:"Assets that hold the other one now"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	DryRun    bool       `json:"dry_run,omitempty" doc:"Nothing was changed"`
}

// Bounds of vocabularies.
const (
	MaxVocabularies = 100     // of a library
	MaxTerms        = 100_000 // of a vocabulary
	MaxTermDepth    = 20      // levels
	maxTermID       = 64
	maxTermLabel    = 200
	maxTermLocales  = 50
	maxSynonyms     = 100 // of a term in a locale
)

// PathSeparator stands between the labels of a term and those above it where they are written as one text.
const PathSeparator = " > "

// IsTermID reports whether s can be the id of a term: lower-case letters, digits, and . _ : - between them.
func IsTermID(s string) bool {
	if s == "" || len(s) > maxTermID {
		return false
	}
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("._:-", r)) {
			return false
		}
	}
	return true
}

// Validate checks a term whose texts are in canonical form. at names it in errors, with a dot behind it, or is "".
func (t *Term) Validate(at string) error {
	if !IsTermID(t.ID) {
		return InvalidInput(at+"id", reasons.TermIdForm(maxTermID))
	}
	if len(t.Labels) == 0 {
		return InvalidInput(at+"labels", reasons.TermWithoutLabel())
	}
	if len(t.Labels) > maxTermLocales || len(t.Synonyms) > maxTermLocales {
		return InvalidInput(at+"labels", reasons.TermTooManyLocales(maxTermLocales))
	}
	for l, s := range t.Labels {
		if err := termWord(at+"labels", l, s); err != nil {
			return err
		}
	}
	for _, l := range slices.Sorted(maps.Keys(t.Synonyms)) {
		if len(t.Synonyms[l]) > maxSynonyms {
			return InvalidInput(at+"synonyms", reasons.TermTooManySynonyms(maxSynonyms))
		}
		for _, s := range t.Synonyms[l] {
			if err := termWord(at+"synonyms", l, s); err != nil {
				return err
			}
		}
	}
	return nil
}

func termWord(at, locale, s string) error {
	if s == "" || longer(s, maxTermLabel) || len(locale) > 35 {
		return InvalidInput(at, reasons.TermLabelForm(maxTermLabel))
	}
	return nil
}

// Names are everything that a term is called, in any locale.
func (t *Term) Names() []string {
	out := slices.Collect(maps.Values(t.Labels))
	for _, list := range t.Synonyms {
		out = append(out, list...)
	}
	return out
}

// Label is what a term is called in a locale, with what is above it: Furniture > Chairs.
func (t *Term) Label(locale, fallback string) string {
	parts := make([]string, 0, len(t.Path)+1)
	for _, p := range t.Path {
		parts = append(parts, p.Labels.Get(locale, fallback))
	}
	return strings.Join(append(parts, t.Labels.Get(locale, fallback)), PathSeparator)
}

// Labelled is what a term is called, with what is above it, by every locale that it has a label in.
func (t *Term) Labelled() Text {
	out := Text{}
	for locale := range t.Labels {
		out[locale] = t.Label(locale, locale)
	}
	return out
}
