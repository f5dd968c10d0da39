package bleve

import (
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/fr"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"
	"github.com/blevesearch/snowballstem"
	"github.com/blevesearch/snowballstem/english"

	"vitrine/search"
)

// The fields of the index. Each text of an asset is an array position of fieldAll, so that phrases do not match across
// texts.
const (
	fieldAll     = "t"  // folded words of every text, with positions for phrases
	fieldTitle   = "ti" // of titles
	fieldFile    = "fi" // of the file name
	fieldFrench  = "fr" // French stems
	fieldEnglish = "en"
	fieldTyped   = "ac" // beginnings of the words of suggestible texts

	// What the products say that show the asset has fields of its own: a query may leave it out.
	fieldProduct        = "pt"
	fieldProductFrench  = "pf"
	fieldProductEnglish = "pe"
)

// stems are the fields of stems by language, of the asset's texts and of its products'.
var stems = [...]struct{ code, field, product string }{
	{"fr", fieldFrench, fieldProductFrench}, {"en", fieldEnglish, fieldProductEnglish},
}

func fieldName(f search.TextField) string {
	switch f {
	case search.TextTitle:
		return fieldTitle
	case search.TextFile:
		return fieldFile
	case search.TextProduct:
		return fieldProduct
	}
	return fieldAll
}

// fieldNames are the fields that words of a text field are looked for in.
func fieldNames(f search.TextField) []string {
	if f == search.TextAll {
		return []string{fieldAll, fieldProduct}
	}
	return []string{fieldName(f)}
}

const (
	words = index.IndexField | index.IncludeTermVectors
	terms = index.IndexField | index.SkipFreqNorm
)

// part is one text, split into words once for all its fields.
type part struct {
	text   string
	once   sync.Once
	tokens []search.Token
}

func (p *part) split() []search.Token {
	p.once.Do(func() { p.tokens = search.Tokenize(p.text) })
	return p.tokens
}

// The analysers below ignore the bytes they are given and read the part instead. They run in Bleve's own workers.
type (
	foldedWords struct{ *part }
	stemmed     struct {
		*part
		lang string
	}
	beginnings struct{ *part }
)

func stream(n int) (analysis.TokenStream, []analysis.Token) {
	return make(analysis.TokenStream, 0, n), make([]analysis.Token, n)
}

func (a foldedWords) Analyze([]byte) analysis.TokenStream {
	tokens := a.split()
	out, slab := stream(len(tokens))
	for i, t := range tokens {
		// Phrases need positions only, no byte offsets.
		slab[i] = analysis.Token{Term: []byte(t.Term), Position: t.Place + 1}
		out = append(out, &slab[i])
	}
	return out
}

func (a stemmed) Analyze([]byte) analysis.TokenStream {
	tokens := a.split()
	out, slab := stream(len(tokens))
	for i, t := range tokens {
		if t.Compound {
			continue
		}
		if s := Stem(a.lang, t.Term); s != "" {
			slab[i] = analysis.Token{Term: []byte(s), Position: t.Place + 1}
			out = append(out, &slab[i])
		}
	}
	return out
}

// Beginnings of 2 to 6 letters are indexed. Longer ones would be a third of the index, most of them for numbers that
// occur once.
const (
	minBeginning = 2
	maxBeginning = 6
)

func (a beginnings) Analyze([]byte) analysis.TokenStream {
	var out analysis.TokenStream
	for _, t := range a.split() {
		n := 0
		for i := range t.Term + " " { // every byte offset where a character ends
			if n >= minBeginning && n <= maxBeginning {
				out = append(out, &analysis.Token{Term: []byte(t.Term[:i]), Position: t.Place + 1})
			}
			n++
		}
	}
	return out
}

// Stem implements search.TextEngine.
func (Engine) Stem(lang, word string) string { return Stem(lang, word) }

// singular has the plurals that no stemming rule reduces, folded as words are.
var singular = map[string]map[string]string{
	"en": {"children": "child", "men": "man", "women": "woman", "people": "person", "feet": "foot", "teeth": "tooth",
		"geese": "goose", "mice": "mouse", "lice": "louse", "knives": "knife", "wives": "wife",
		"lives": "life", "leaves": "leaf", "loaves": "loaf", "shelves": "shelf", "halves": "half", "wolves": "wolf",
		"calves": "calf", "scarves": "scarf", "hooves": "hoof", "thieves": "thief", "elves": "elf"},
	"fr": {"yeux": "oeil", "cieux": "ciel", "aieux": "aieul", "travaux": "travail", "vitraux": "vitrail",
		"coraux": "corail", "baux": "bail", "soupiraux": "soupirail", "messieurs": "monsieur",
		"mesdames": "madame", "mesdemoiselles": "mademoiselle"},
}

// Stem reduces a folded word to its stem in "fr" or "en"; "" if the word has none because it has digits, is very short
// or is a stop word.
func Stem(lang, word string) string {
	if len(word) < 3 || strings.ContainsAny(word, "0123456789") {
		return ""
	}
	if one := singular[lang][word]; one != "" {
		word = one
	}
	switch lang {
	case "fr":
		t := analysis.TokenStream{{Term: []byte(word)}}
		return string(fr.NewFrenchLightStemmerFilter().Filter(t)[0].Term)
	case "en":
		env := snowballstem.NewEnv(word)
		english.Stem(env)
		return env.Current()
	}
	return ""
}

func newDocument(d *search.TextDoc) *document.Document {
	doc := document.NewDocument(docID(d.Number))
	for i := range d.Parts {
		in := &d.Parts[i]
		if in.Text == "" {
			continue
		}
		p := &part{text: in.Text}
		value := []byte(in.Text)
		add := func(field string, options index.FieldIndexingOptions, a analysis.Analyzer) {
			doc.AddField(document.NewTextFieldCustom(field, []uint64{uint64(i)}, value, options, a))
		}
		product := in.Field == search.TextProduct
		if !product {
			add(fieldAll, words, foldedWords{p})
		}
		if in.Field != search.TextAll {
			add(fieldName(in.Field), words, foldedWords{p})
		}
		for _, of := range stems {
			switch {
			case in.Field == search.TextFile || in.Lang != "" && in.Lang != of.code:
			case product:
				add(of.product, terms, stemmed{p, of.code})
			default:
				add(of.field, terms, stemmed{p, of.code})
			}
		}
		if in.Suggest {
			add(fieldTyped, terms, beginnings{p})
		}
	}
	return doc
}
