// Package reasons is the catalogue of outcomes: why something was refused, failed or left alone, as a code with
// parameters, and what to do about it, as another. Programs decide by the code; the sentence is made from it where
// a person reads it, in English here and in the reader's language in the portal.
//
// reasons.json is the one list. The constructors of this package, and the portal's texts, are generated from it:
//
//	go generate ./dam/reasons
package reasons

//go:generate go run ./generate

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// Params are the values of a sentence's placeholders: texts, numbers, truths, and reasons within the reason.
type Params map[string]any

// Reason says why, as a code of the catalogue with the values that its sentence names. The zero Reason says nothing.
// its names are apart from those of what embeds it: a class of error has a Code, a sentence is a Remedy
type Reason struct {
	ReasonCode string `json:"reason,omitempty" doc:"Why, as a stable code"`
	Params     Params `json:"params,omitempty" doc:"The values that the sentence of this code names"`
	// RemedyCode is that of what to do next; "" when there is nothing. Its sentence takes the same Params.
	RemedyCode string `json:"remedy_code,omitempty" doc:"What to do next, as a code"`
}

// Remedy is what to do next where the code of the reason alone does not settle it.
type Remedy struct {
	Code   string
	Params Params
}

// With gives the reason another remedy, whose values join its own.
func (r Reason) With(next Remedy) Reason {
	all := make(Params, len(r.Params)+len(next.Params))
	for k, v := range r.Params {
		all[k] = v
	}
	for k, v := range next.Params {
		all[k] = v
	}
	if len(all) == 0 {
		all = nil
	}
	r.Params, r.RemedyCode = all, next.Code
	return r
}

// And says both, one after the other. What says nothing adds nothing.
func (r Reason) And(next Reason) Reason {
	switch {
	case r.IsZero():
		return next
	case next.IsZero():
		return r
	}
	return Several([]Reason{r, next})
}

// Equal reports whether both say the same, values included.
func Equal(a, b []Reason) bool { return Encode(a...) == Encode(b...) }

// IsZero reports whether there is no reason.
func (r Reason) IsZero() bool { return r.ReasonCode == "" }

// Is reports whether both have the same code, whatever their values.
func (r Reason) Is(code string) bool { return r.ReasonCode == code }

// Text is the sentence in English, without a capital or a stop; "" for the zero Reason. A code that this version's
// catalogue does not have reads as itself.
func (r Reason) Text() string {
	if r.ReasonCode == "" {
		return ""
	}
	if e, ok := texts().Reasons[r.ReasonCode]; ok {
		return fill(e.English, r.Params)
	}
	return r.ReasonCode
}

// Advice is what to do next in English; "" when there is nothing to do.
func (r Reason) Advice() string {
	if e, ok := texts().Remedies[r.RemedyCode]; ok {
		return fill(e.English, r.Params)
	}
	return ""
}

// String is Text.
func (r Reason) String() string { return r.Text() }

// Catalogue is what reasons.json holds.
type Catalogue struct {
	Reasons  map[string]Entry `json:"reasons"`
	Remedies map[string]Entry `json:"remedies"`
	// Terms are the words for values that are codes themselves, by type and value: the roles, the states, …
	Terms map[string]map[string]Term `json:"terms"`
}

// Term is the word for a value, as it stands within a sentence.
type Term struct {
	English string `json:"en"`
	French  string `json:"fr"`
}

// Written lists the forms of a placeholder that say how a value is written. Times, dates, durations and numbers are
// those of Go, RFC 3339 and JSON: English keeps them, the portal writes them as its reader's language does.
var Written = []string{"q", "sentence", "list", "time", "date", "duration", "number"}

// Entry is one sentence in the languages of the portal. Values stand in braces: {name} as it is, {name:q} in
// quotation marks, {name:sentence} with a capital and a stop, {name:list} reasons with semicolons between them;
// {name.remedy} is the remedy of a reason within; {name:role} is a value of one of the Terms, {name:time} one of the
// forms that Written lists. {{name}} is the word in braces itself.
type Entry struct {
	English string `json:"en"`
	French  string `json:"fr"`
	Remedy  string `json:"remedy,omitempty"` // of a reason: the remedy that it has wherever it is given
	Apart   bool   `json:"apart,omitempty"`  // of a remedy: it is chosen where the reason is given, by With
}

//go:embed reasons.json
var file []byte

var texts = sync.OnceValue(func() Catalogue {
	var c Catalogue
	if err := json.Unmarshal(file, &c); err != nil {
		panic("reasons.json: " + err.Error()) // a test reads the same bytes
	}
	return c
})

// All returns the catalogue.
func All() Catalogue { return texts() }
