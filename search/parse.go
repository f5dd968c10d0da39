package search

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"vitrine/dam/reasons"
)

// Env is what the meaning of a query depends on besides its text.
type Env struct {
	Now time.Time
	// AnyDay makes is:live and live: ignore the days of the rights.
	AnyDay bool
	// Zone is the library's zone, in which dates are days. nil is UTC.
	Zone *time.Location
	// Resolve turns a name into ids, for fields that store ids (channel, uploader). If it is nil or returns no ids,
	// the value is used as it is.
	Resolve func(field, value string) []string
	// Collections finds the collections that a value of collection: means; known is false if there is none. If it is
	// nil, values are ids.
	Collections func(written string) (list []Collection, known bool, err error)
	// Library is the library whose custom fields the query may use.
	Library string
	// Own makes words outside a field mean the texts of assets only, and not what products say.
	Own bool
}

// text is where words outside a field are looked for.
func (e Env) text() TextField {
	if e.Own {
		return TextOwn
	}
	return TextAll
}

const maxQuery = 4096 // bytes

// parser is a hand-written recursive descent over the bytes of q:
//
//	or    = and { "OR" and }
//	and   = unary { [ "AND" ] unary }
//	unary = { "-" | "NOT" } ( "(" or ")" | phrase | field ":" value | word )
type parser struct {
	schema *schema
	env    Env
	q      string
	i      int
	depth  int
	// byHand makes collection: count only what people put into collections.
	byHand bool
}

func (s *schema) parse(q string, env Env) (Node, error) {
	if env.Zone == nil {
		env.Zone = time.UTC
	}
	p := &parser{schema: s, env: env, q: q}
	return p.all()
}

// all reads the whole query.
func (p *parser) all() (Node, error) {
	q := p.q
	if len(q) > maxQuery {
		return nil, p.fail(0, len(q), reasons.QueryTooLong(maxQuery))
	}
	if !utf8.ValidString(q) {
		return nil, p.fail(0, len(q), reasons.QueryNotUtf8())
	}
	p.space()
	if p.i == len(q) {
		return And(nil), nil
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.i < len(q) {
		return nil, p.fail(p.i, 1, reasons.QueryParenthesisNotOpened())
	}
	if n == nil {
		return nil, p.fail(0, len(q), reasons.QueryWithoutWord())
	}
	return n, nil
}

// fail returns a syntax error at a byte position, counted in characters.
func (p *parser) fail(at, length int, why reasons.Reason) error {
	at = min(at, len(p.q))
	end := min(at+length, len(p.q))
	return &SyntaxError{Pos: utf8.RuneCountInString(p.q[:at]), Len: max(1, utf8.RuneCountInString(p.q[at:end])),
		Reason: why}
}

func (p *parser) space() {
	for p.i < len(p.q) {
		r, w := utf8.DecodeRuneInString(p.q[p.i:])
		if !unicode.IsSpace(r) {
			return
		}
		p.i += w
	}
}

// operator consumes op if it comes next as a bare upper-case word.
func (p *parser) operator(word string) bool {
	rest := p.q[p.i:]
	if !strings.HasPrefix(rest, word) {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest[len(word):])
	if len(rest) > len(word) && !unicode.IsSpace(r) && r != '(' && r != ')' && r != '"' {
		return false
	}
	p.i += len(word)
	p.space()
	return true
}

func (p *parser) or() (Node, error) {
	var list Or
	for {
		n, err := p.and()
		if err != nil {
			return nil, err
		}
		if n != nil {
			list = append(list, n)
		}
		at := p.i
		if !p.operator("OR") {
			break
		}
		if p.i == len(p.q) || p.q[p.i] == ')' {
			return nil, p.fail(at, 2, reasons.QueryOrNeedsRight())
		}
	}
	switch len(list) {
	case 0:
		return nil, nil
	case 1:
		return list[0], nil
	}
	return list, nil
}

// and returns nil if there was nothing but punctuation.
func (p *parser) and() (Node, error) {
	start := p.i
	var list And
	seen := false
	for {
		p.space()
		if p.i == len(p.q) || p.q[p.i] == ')' {
			break
		}
		at := p.i
		if p.operator("OR") {
			if !seen {
				return nil, p.fail(at, 2, reasons.QueryOrNeedsLeft())
			}
			p.i = at
			break
		}
		if p.operator("AND") {
			if !seen {
				return nil, p.fail(at, 3, reasons.QueryAndNeedsLeft())
			}
			continue
		}
		n, err := p.unary()
		if err != nil {
			return nil, err
		}
		seen = true
		if n != nil {
			list = append(list, n)
		}
	}
	if !seen && start < len(p.q) && p.depth > 0 {
		return nil, p.fail(start, 1, reasons.QueryEmptyParentheses())
	}
	list = dropStopWords(list)
	switch len(list) {
	case 0:
		return nil, nil
	case 1:
		return list[0], nil
	}
	return list, nil
}

// dropStopWords drops "de", "the" and the like if other words remain.
func dropStopWords(list And) And {
	plain := func(n Node) (w *Words, stop bool) {
		w, ok := n.(*Words)
		if !ok || w.Prefix || w.Quoted || !w.Field.everything() || len(w.Terms) != 1 {
			return w, false
		}
		return w, stopWord(w.Terms[0])
	}
	keep := false
	for _, n := range list {
		if w, stop := plain(n); w != nil && !stop {
			keep = true
		}
	}
	if !keep {
		return list
	}
	var out And
	for _, n := range list {
		if _, stop := plain(n); !stop {
			out = append(out, n)
		}
	}
	return out
}

func (p *parser) unary() (Node, error) {
	at := p.i
	negated := false
	for p.i < len(p.q) {
		if p.q[p.i] == '-' && p.i+1 < len(p.q) && !unicode.IsSpace(rune(p.q[p.i+1])) && p.q[p.i+1] != ')' {
			p.i++
			negated = !negated
		} else if p.operator("NOT") {
			if p.i == len(p.q) || p.q[p.i] == ')' {
				return nil, p.fail(at, 3, reasons.QueryNotNeedsRight())
			}
			negated = !negated
		} else {
			break
		}
	}
	n, err := p.primary()
	if err != nil || n == nil {
		return nil, err
	}
	if negated {
		return Not{n}, nil
	}
	return n, nil
}

func (p *parser) primary() (Node, error) {
	at := p.i
	switch p.q[p.i] {
	case '(':
		if p.depth++; p.depth > 50 {
			return nil, p.fail(at, 1, reasons.QueryTooDeep())
		}
		p.i++
		n, err := p.or()
		if err != nil {
			return nil, err
		}
		if p.i == len(p.q) {
			return nil, p.fail(at, 1, reasons.QueryParenthesisNotClosed())
		}
		p.i++
		p.depth--
		return n, nil
	case '"':
		s, err := p.quoted()
		if err != nil {
			return nil, err
		}
		return phrase(p.env.text(), s, at), nil
	}
	if f, nameLen, err := p.field(); err != nil {
		return nil, err
	} else if f != nil {
		p.i += nameLen + 1
		return p.fieldValue(f, at)
	}
	s := p.bare("")
	return p.words(p.env.text(), s, at)
}

// quoted reads "…"; a doubled quotation mark inside stands for one.
func (p *parser) quoted() (string, error) {
	at := p.i
	var b strings.Builder
	for p.i++; p.i < len(p.q); p.i++ {
		if p.q[p.i] == '"' {
			if p.i++; p.i == len(p.q) || p.q[p.i] != '"' || b.Len() == 0 {
				return b.String(), nil
			}
		}
		b.WriteByte(p.q[p.i])
	}
	return "", p.fail(at, 1, reasons.QueryQuoteNotClosed())
}

// bare reads up to a space, a parenthesis, a quotation mark or one of stops.
func (p *parser) bare(stops string) string {
	start := p.i
	for p.i < len(p.q) {
		r, w := utf8.DecodeRuneInString(p.q[p.i:])
		if unicode.IsSpace(r) || r == '(' || r == ')' || r == '"' || strings.ContainsRune(stops, r) {
			break
		}
		p.i += w
	}
	return p.q[start:p.i]
}

// field recognizes "name:" before a value. Text such as "12:30", "https://…" or "note: red" is not a field.
func (p *parser) field() (*Field, int, error) {
	rest := p.q[p.i:]
	colon := strings.IndexByte(rest, ':')
	if colon <= 0 {
		return nil, 0, nil
	}
	name := rest[:colon]
	if f := p.schema.lookup(p.env.Library, Fold(name)); f != nil {
		return f, colon, nil
	}
	for _, r := range name {
		if !unicode.IsLetter(r) && r != '_' {
			return nil, 0, nil
		}
	}
	next, _ := utf8.DecodeRuneInString(rest[colon+1:])
	if colon+1 == len(rest) || unicode.IsSpace(next) || next == '/' || next == ')' {
		return nil, 0, nil
	}
	advice := reasons.RemedyQuoteAsText(name + ":" + p.peekValue(colon+1))
	if best := nearest(Fold(name), p.schema.names(p.env.Library)); best != "" {
		advice = reasons.RemedyDidYouMeanField(best)
	}
	return nil, 0, p.fail(p.i, len(name), reasons.QueryUnknownField(name).With(advice))
}

func (p *parser) peekValue(offset int) string {
	q := *p
	q.i += offset
	return q.bare("")
}

func (s *schema) names(library string) []string {
	var out []string
	for _, f := range s.all(library) {
		out = append(append(out, f.Name), f.Aliases...)
	}
	return out
}

// phrase returns the words of s as a phrase; nil if it has none.
func phrase(field TextField, s string, at int) Node {
	terms := plainTerms(s)
	if len(terms) == 0 {
		return nil
	}
	return &Words{Field: field, Terms: terms, Quoted: true, Pos: at}
}

// plainTerms returns the words of s without compounds.
func plainTerms(s string) []string {
	var terms []string
	for _, t := range Tokenize(s) {
		if !t.Compound {
			terms = append(terms, t.Term)
		}
	}
	return terms
}

// words parses a run of characters without spaces: a word, a compound, or a prefix.
func (p *parser) words(field TextField, s string, at int) (Node, error) {
	base, prefix := strings.CutSuffix(s, "*")
	if strings.Contains(base, "*") && len(plainTerms(base)) > 0 {
		return nil, p.fail(at+strings.Index(base, "*"), 1, reasons.QueryStarInsideWord())
	}
	if !prefix {
		terms := plainTerms(s)
		if len(terms) == 0 {
			return nil, nil
		}
		return &Words{Field: field, Terms: terms, Pos: at, Len: len(s)}, nil
	}
	// A prefix of a compound is looked up in its joined form.
	tokens := Tokenize(base)
	if len(tokens) == 0 {
		return nil, nil
	}
	last := tokens[len(tokens)-1]
	var list And
	if last.Compound {
		list = append(list, &Words{Field: field, Terms: []string{last.Term}, Prefix: true, Pos: at})
		for _, t := range tokens {
			if !t.Compound && t.Start < last.Start {
				list = append(list, &Words{Field: field, Terms: []string{t.Term}, Pos: at})
			}
		}
	} else {
		for _, t := range tokens[:len(tokens)-1] {
			if !t.Compound {
				list = append(list, &Words{Field: field, Terms: []string{t.Term}, Pos: at})
			}
		}
		list = append(list, &Words{Field: field, Terms: []string{last.Term}, Prefix: true, Pos: at})
	}
	if len(list) == 1 {
		return list[0], nil
	}
	return list, nil
}

// Parse parses a query. An empty query is And(nil), which matches everything. The error is a *SyntaxError.
func Parse(q string, env Env) (Node, error) { return newSchema().parse(q, env) }

// Fields lists the fields of queries, in the order of the documentation.
func Fields() []*Field { return newSchema().fields }
