package search

import (
	"fmt"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Node is a parsed query: And, Or, Not, Words, Match, Range, Near, Area, ColorNear or Similar. It carries no
// dates relative to now, so evaluating it twice gives the same answer.
type Node interface{ node() }

// And matches what every child matches; empty, it matches everything.
type And []Node

// Or matches what any child matches.
type Or []Node

// Not matches what its child does not.
type Not struct{ Node Node }

// Words matches a text. One term matches a word with that folded form or, outside
// a field and without digits, the same stem; several match as a phrase.
type Words struct {
	Field TextField
	Terms []string
	// Prefix: the last (and only) term is the beginning of a word or compound.
	Prefix bool
	// Quoted: the user asked for these very words, so stems do not count.
	Quoted bool
	// Fuzzy: one edit (insert, delete, replace, swap neighbours) is forgiven.
	Fuzzy bool
	// Synonym: the library's synonyms added it; nobody typed it, so it is never misspelt.
	Synonym bool
	// Pos and Len are the bytes of the query it came from.
	Pos, Len int
}

// Match matches assets that hold one of the values in a keyword field.
type Match struct {
	Field  *Field
	Values []Keyword
}

// Keyword is a value asked for, folded.
type Keyword struct {
	Key    string
	Prefix bool
}

// Range matches a number between Lo and Hi, both inclusive.
type Range struct {
	Field  *Field
	Lo, Hi int64
}

// Near matches places within a distance on the ground.
type Near struct {
	Lat, Lon float64 // degrees
	Metres   float64
}

// Area matches places inside a box, its edges included; West > East reaches over the antimeridian.
type Area struct{ South, West, North, East float64 } // degrees

func (And) node()    {}
func (Or) node()     {}
func (Not) node()    {}
func (*Words) node() {}
func (*Match) node() {}
func (*Range) node() {}
func (*Near) node()  {}
func (*Area) node()  {}

// SyntaxError explains a mistake in a query. It is a dam.Error with code Invalid
// and field "q".
type SyntaxError struct {
	// Pos and Len mark the mistake, in characters (Unicode code points).
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

// Unwrap gives the form in which the error reaches people.
func (e *SyntaxError) Unwrap() error { return dam.InvalidInput("q", e.Reason) }
