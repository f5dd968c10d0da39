package search

import (
	"fmt"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Node is a parsed query: And, Or, Not, Words, Match, Members, Numbers, Range, Near, Area, ColorNear or Similar. Its
// dates are absolute, so evaluating it twice gives the same answer.
type Node interface{ node() }

// And matches what all its children match; an empty one matches everything.
type And []Node

// Or matches what any of its children matches.
type Or []Node

// Not matches what its child does not match.
type Not struct{ Node Node }

// Words matches text. A single term matches a word with that folded form or, outside a field and without digits, with
// the same stem; several terms match as a phrase.
type Words struct {
	Field TextField
	Terms []string
	// Prefix means that the last (and only) term is the beginning of a word or compound.
	Prefix bool
	// Quoted means that the query has the words in quotation marks, so stems are not used.
	Quoted bool
	// Fuzzy tolerates one edit (insert, delete, replace, swap neighbours).
	Fuzzy bool
	// Synonym means that the library's synonyms added it. Nobody typed it, so it is not checked for misspelling.
	Synonym bool
	// Pos and Len are the bytes of the query that it came from.
	Pos, Len int
}

// Match matches assets that have one of the values in a keyword field.
type Match struct {
	Field  *Field
	Values []Keyword
}

// Keyword is a requested value, folded.
type Keyword struct {
	Key    string
	Prefix bool
}

// Range matches a number between Lo and Hi, both inclusive.
type Range struct {
	Field  *Field
	Lo, Hi int64
}

// Near matches places within a distance.
type Near struct {
	Lat, Lon float64 // degrees
	Metres   float64
}

// Area matches places inside a box, edges included; with West > East it crosses the antimeridian.
type Area struct{ South, West, North, East float64 } // degrees

func (And) node()    {}
func (Or) node()     {}
func (Not) node()    {}
func (*Words) node() {}
func (*Match) node() {}
func (*Range) node() {}
func (*Near) node()  {}
func (*Area) node()  {}

// SyntaxError is a syntax error in a query. It unwraps to a dam.Error with code Invalid and field "q".
type SyntaxError struct {
	// Pos and Len locate the error, in characters (Unicode code points).
	Pos, Len int
	Reason   reasons.Reason
}

func (e *SyntaxError) Error() string {
	s := fmt.Sprintf("at character %d: %s", e.Pos+1, e.Reason.Text())
	if advice := e.Reason.Advice(); advice != "" {
		s += " (" + advice + ")"
	}
	return s
}

// Unwrap returns the error as it is shown to people.
func (e *SyntaxError) Unwrap() error { return dam.InvalidInput("q", e.Reason) }
