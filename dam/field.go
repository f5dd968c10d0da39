package dam

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"vitrine/dam/reasons"
)

// FieldType is the type of a custom metadata field's values.
type FieldType string

// The types, with their values as JSON has them.
const (
	FieldText      FieldType = "text"           // one line
	FieldLongText  FieldType = "long_text"      // several lines
	FieldLocalized FieldType = "localized_text" // object: locale → text of several lines
	FieldNumber    FieldType = "number"         // up to three decimals
	FieldDate      FieldType = "date"           // calendar day, YYYY-MM-DD
	FieldDateTime  FieldType = "date_time"      // instant, RFC 3339 in UTC, to the second
	FieldChoice    FieldType = "choice"
	FieldBoolean   FieldType = "boolean"
	FieldPerson    FieldType = "person"  // id of a person with an account
	FieldAsset     FieldType = "asset"   // id of an asset of the library
	FieldProduct   FieldType = "product" // SKU of a product of the library
	FieldURL       FieldType = "url"     // http or https
	FieldTree      FieldType = "tree"    // id of a term of the field's vocabulary
)

// fieldTypes lists every type, in the order in which people are offered them; multi are those that can hold a list.
var (
	fieldTypes = []FieldType{FieldText, FieldLongText, FieldLocalized, FieldNumber, FieldDate, FieldDateTime,
		FieldChoice, FieldTree, FieldBoolean, FieldPerson, FieldAsset, FieldProduct, FieldURL}
	multiTypes = []FieldType{FieldText, FieldChoice, FieldTree, FieldPerson, FieldAsset, FieldProduct, FieldURL}
)

// FieldTypes lists every type, in the order in which people are offered them.
func FieldTypes() []FieldType { return slices.Clone(fieldTypes) }

// Refers reports whether values name something else of the library: a term, a person, an asset, a product.
func (t FieldType) Refers() bool {
	return t == FieldTree || t == FieldPerson || t == FieldAsset || t == FieldProduct
}

// FieldStage is the step of an asset's life from which a field must be filled in.
type FieldStage string

// The stages. What is required to save is required to submit and to publish, too.
const (
	RequiredToSave    FieldStage = "save"    // no edit may leave it empty
	RequiredToSubmit  FieldStage = "submit"  // for review
	RequiredToPublish FieldStage = "publish" // to approve, which is what makes a version public
)

var fieldStages = []FieldStage{RequiredToSave, RequiredToSubmit, RequiredToPublish}

// CustomField is a metadata field that a library has added to its assets. It can be searched, sorted by and counted
// like the built-in ones.
type CustomField struct {
	Key     string    `json:"key" minLength:"1" maxLength:"40" doc:"Lower-case letters, digits and _, a letter first"`
	Label   Text      `json:"label,omitempty" doc:"What people see, by locale; the key without one"`
	Type    FieldType `json:"type" enum:"text,long_text,localized_text,number,date,date_time,choice,tree,boolean,person,asset,product,url"`
	Multi   bool      `json:"multi,omitempty" doc:"Holds a list; for text, choice, tree, person, asset, product and url"`
	Choices []string  `json:"choices,omitempty" nullable:"false" maxItems:"500" doc:"What a choice is made from"`
	// Vocabulary has the terms of a tree.
	Vocabulary string `json:"vocabulary,omitempty" maxLength:"64" doc:"Of a tree: id of the vocabulary whose terms its values are"`

	Help  Text `json:"help,omitempty" doc:"What people read below it, by locale"`
	Group Text `json:"group,omitempty" doc:"Heading of the fields that follow each other with the same one, by locale"`
	// Default is a value as an asset holds it, but for a list of one.
	Default any        `json:"default,omitempty" doc:"Given to assets when they are added, unless their file fills the field"`
	Pattern string     `json:"pattern,omitempty" maxLength:"500" doc:"Regular expression (RE2) that the whole of each text or URL must match; for text and url"`
	Unit    string     `json:"unit,omitempty" maxLength:"20" doc:"Of a number: cm, kg, EUR"`
	Require FieldStage `json:"required,omitempty" enum:"save,submit,publish" doc:"From when on it must be filled in"`

	SeenBy   []Role `json:"seen_by,omitempty" nullable:"false" maxItems:"20" eachLength:"40" doc:"Only who has one of these roles, ready-made or the library's own, sees it; none named: all"`
	EditedBy []Role `json:"edited_by,omitempty" nullable:"false" maxItems:"20" eachLength:"40" doc:"Only who has one of these roles edits it, of those who see it; none named: all"`

	Kinds       []Kind   `json:"kinds,omitempty" nullable:"false" maxItems:"5" doc:"Only assets of these kinds have it; none named: all"`
	Collections []string `json:"collections,omitempty" nullable:"false" maxItems:"100" eachLength:"64" doc:"Only assets in one of these collections have it, by id; none named: all"`
}

// MaxFields is the maximum number of custom fields of a library.
const MaxFields = 100

// Validate checks a definition; prefix names it in errors ("items[2]").
func (f CustomField) Validate(prefix string) error {
	bad := func(member string, why reasons.Reason) error { return InvalidInput(prefix+"."+member, why) }
	for i, r := range f.Key {
		if (r < 'a' || r > 'z') && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return bad("key", reasons.FieldKeyForm(f.Key))
		}
	}
	switch {
	case f.Key == "" || len(f.Key) > 40:
		return bad("key", reasons.FieldKeyLength())
	case !slices.Contains(fieldTypes, f.Type):
		return bad("type", reasons.UnknownFieldType(string(f.Type), list(fieldTypes)))
	case f.Multi && !slices.Contains(multiTypes, f.Type):
		return bad("multi", reasons.FieldNotMulti(list(multiTypes)))
	case f.Type == FieldChoice && len(f.Choices) == 0:
		return bad("choices", reasons.FieldWithoutChoices())
	case f.Type != FieldChoice && len(f.Choices) > 0:
		return bad("choices", reasons.FieldChoicesUnexpected())
	case (f.Type == FieldTree) != (f.Vocabulary != ""):
		return bad("vocabulary", reasons.FieldVocabularyOfTree())
	case f.Unit != "" && f.Type != FieldNumber:
		return bad("unit", reasons.FieldMemberOfTypes("unit", string(FieldNumber)))
	case f.Pattern != "" && f.Type != FieldText && f.Type != FieldURL:
		return bad("pattern", reasons.FieldMemberOfTypes("pattern", list([]FieldType{FieldText, FieldURL})))
	case f.Require != "" && !slices.Contains(fieldStages, f.Require):
		return bad("required", reasons.UnknownFieldStage(string(f.Require), list(fieldStages)))
	}
	for i, c := range f.Choices {
		if strings.TrimSpace(c) != c || c == "" || len([]rune(c)) > 200 || slices.Contains(f.Choices[:i], c) {
			return bad(fmt.Sprintf("choices[%d]", i), reasons.FieldChoiceForm())
		}
	}
	for i, k := range f.Kinds {
		if !slices.Contains(kinds, k) {
			return bad(fmt.Sprintf("kinds[%d]", i), reasons.UnknownKind(string(k), list(kinds)))
		}
	}
	for _, t := range []Text{f.Label, f.Help, f.Group} {
		if err := shortText(prefix, t); err != nil {
			return err
		}
	}
	if _, err := f.pattern(); err != nil {
		return bad("pattern", reasons.FieldPatternUnreadable(err.Error()))
	}
	if f.Default != nil {
		if f.Type.Refers() {
			return bad("default", reasons.FieldDefaultRefers())
		}
		if _, err := f.Clean(prefix+".default", f.Default, FieldContext{}); err != nil {
			return err
		}
	}
	return nil
}

var kinds = []Kind{KindImage, KindVideo, KindAudio, KindDocument, KindOther}

// maxLabel is the longest label, help or heading of a field, in characters.
const maxLabel = 1000

func shortText(at string, t Text) error {
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if longer(t[l], maxLabel) {
			return InvalidInput(at, reasons.FieldLabelTooLong(maxLabel))
		}
	}
	return nil
}

func list[T ~string](names []T) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = string(n)
	}
	return strings.Join(out, ", ")
}

// maxProgram bounds a pattern's program, and with it what matching costs: RE2 takes time in proportion to the program
// times the text.
const maxProgram = 1000

// pattern compiles the pattern for a whole value; nil if there is none.
func (f CustomField) pattern() (*regexp.Regexp, error) {
	if f.Pattern == "" {
		return nil, nil
	}
	whole := `^(?:` + f.Pattern + `)$`
	tree, err := syntax.Parse(whole, syntax.Perl)
	if err != nil {
		return nil, err
	}
	if p, err := syntax.Compile(tree.Simplify()); err != nil || len(p.Inst) > maxProgram {
		return nil, fmt.Errorf("it repeats too much: more than %d steps", maxProgram)
	}
	return regexp.Compile(whole)
}

// Applies reports whether an asset has the field at all: its kind and its collections decide.
func (f CustomField) Applies(a *Asset) bool {
	return (len(f.Kinds) == 0 || slices.Contains(f.Kinds, a.Kind)) && (len(f.Collections) == 0 ||
		slices.ContainsFunc(f.Collections, func(c string) bool { return slices.Contains(a.Collections, c) }))
}

// MissingFields returns the fields that an asset must have filled in at a stage, and hasn't.
func MissingFields(defs []CustomField, a *Asset, at FieldStage) []CustomField {
	var out []CustomField
	for _, f := range defs {
		stage := slices.Index(fieldStages, f.Require)
		if stage < 0 || stage > slices.Index(fieldStages, at) || !f.Applies(a) {
			continue
		}
		if v, there := a.Custom[f.Key]; !there || v == nil {
			out = append(out, f)
		}
	}
	return out
}

// RequireFields refuses a step of an asset whose required fields are not filled in; it names the first, and none of the
// hidden ones.
func RequireFields(defs []CustomField, a *Asset, at FieldStage, hidden ...string) error {
	missing := MissingFields(defs, a, at)
	if len(missing) == 0 {
		return nil
	}
	var keys []string
	for _, f := range missing {
		if !slices.Contains(hidden, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	if len(keys) == 0 {
		return InvalidInput("custom", reasons.FieldRequiredUnseen())
	}
	return InvalidInput("custom."+keys[0], map[FieldStage]func(any) reasons.Reason{
		RequiredToSave: reasons.FieldRequiredToSave, RequiredToSubmit: reasons.FieldRequiredToSubmit,
		RequiredToPublish: reasons.FieldRequiredToPublish}[at](strings.Join(keys, ", ")))
}

// FillDefaults gives a new asset the defaults of the fields that it has and that nothing has filled.
func FillDefaults(defs []CustomField, a *Asset, c FieldContext) {
	for _, f := range defs {
		if f.Default == nil || a.Custom[f.Key] != nil || !f.Applies(a) {
			continue
		}
		v, err := f.Clean("", f.Default, c)
		if err != nil || v == nil {
			continue // it was checked when the field was defined
		}
		if a.Custom == nil {
			a.Custom = map[string]any{}
		}
		a.Custom[f.Key] = v
	}
}

// webAddress reports whether s is an address that a browser opens.
func webAddress(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" &&
		!strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == 0x7f })
}
