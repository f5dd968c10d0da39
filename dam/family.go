package dam

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Family is a kind of product: which attributes and which slots one of it has.
type Family struct {
	Key        string            `json:"key"`
	Library    string            `json:"library"`
	Revision   int64             `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	Labels     Text              `json:"labels" doc:"What people see, by locale; the key without one"`
	Attributes []FamilyAttribute `json:"attributes" nullable:"false" doc:"In the order in which they are shown"`
	Slots      []string          `json:"slots" nullable:"false" doc:"Slots that its products are to have"`
	Products   int               `json:"products" doc:"How many products name it; their variants have it from them"`
	CreatedAt  time.Time         `json:"created_at"`
	CreatedBy  string            `json:"created_by"`
	UpdatedAt  time.Time         `json:"updated_at"`
}

// FamilyAttribute is an attribute that the products of a family have.
type FamilyAttribute struct {
	Key        string    `json:"key" minLength:"1" maxLength:"100" doc:"Name of the attribute, as products have it"`
	Labels     Text      `json:"labels,omitempty" doc:"What people see, by locale; the key without one"`
	Type       FieldType `json:"type" enum:"text,number,boolean,date,tree"`
	Unit       string    `json:"unit,omitempty" maxLength:"20" doc:"Of a number: cm, kg, EUR"`
	Vocabulary string    `json:"vocabulary,omitempty" maxLength:"64" doc:"Of a tree: id of the vocabulary whose terms its values are"`
	Required   bool      `json:"required,omitempty" doc:"A product without it is told as such; nothing is refused"`
}

// Inherited is what a variant has from its parent, because it has none itself.
type Inherited struct {
	Family     string            `json:"family,omitempty"`
	Brand      string            `json:"brand,omitempty"`
	Category   string            `json:"category,omitempty"`
	Launch     Date              `json:"launch,omitempty"`
	End        Date              `json:"end,omitempty"`
	Attributes map[string]string `json:"attributes" doc:"Those that it has no value of"`
	Slots      []Slot            `json:"slots" nullable:"false" doc:"Of the slots in which it has no asset at all"`
}

// ProductGaps say where a product isn't as its family has it. Attributes of its parent count.
type ProductGaps struct {
	Missing []string `json:"missing,omitempty" nullable:"false" doc:"Required attributes without a value"`
	Unknown []string `json:"unknown,omitempty" nullable:"false" doc:"Attributes that the family doesn't have"`
	Wrong   []string `json:"wrong,omitempty" nullable:"false" doc:"Attributes whose value is not of the family's type"`
	Slots   []string `json:"slots,omitempty" nullable:"false" doc:"Slots of the family without an asset"`
}

// ProductTerms name the vocabularies that brands and categories of a library's products are taken from; "" is free
// text.
type ProductTerms struct {
	Brand    string `json:"brand,omitempty" maxLength:"64" doc:"Id of the vocabulary that brands are taken from; none: any text"`
	Category string `json:"category,omitempty" maxLength:"64" doc:"Id of the vocabulary that categories are taken from; none: any text"`
}

const (
	// MaxFamilies is the maximum number of families of a library.
	MaxFamilies         = 1000
	maxFamilyAttributes = 200
	maxFamilySlots      = 50
	// MaxCategory is the longest brand or category, in characters.
	MaxCategory = 500
)

// attributeTypes are the types of a family's attributes.
var attributeTypes = []FieldType{FieldText, FieldNumber, FieldBoolean, FieldDate, FieldTree}

// CheckFamilyKey refuses what can't be the key of a family: lower-case letters, digits and hyphens, a letter first.
func CheckFamilyKey(key string) error {
	if !slotName.MatchString(key) {
		return InvalidInput("key", reasons.FamilyKeyForm(Cut(key, 40)))
	}
	return nil
}

// Validate checks a family whose texts are in canonical form.
func (f *Family) Validate() error {
	if err := CheckFamilyKey(f.Key); err != nil {
		return err
	}
	if err := familyLabels("labels", f.Labels); err != nil {
		return err
	}
	if len(f.Attributes) > maxFamilyAttributes {
		return InvalidInput("attributes", reasons.TooManyListEntries(maxFamilyAttributes))
	}
	seen := map[string]bool{}
	for i, a := range f.Attributes {
		at := fmt.Sprintf("attributes[%d]", i)
		if err := a.validate(at); err != nil {
			return err
		}
		if seen[a.Key] {
			return InvalidInput(at+".key", reasons.NameTwice(a.Key, a.Key))
		}
		seen[a.Key] = true
	}
	if len(f.Slots) > maxFamilySlots {
		return InvalidInput("slots", reasons.TooManyListEntries(maxFamilySlots))
	}
	for _, s := range f.Slots {
		if err := CheckSlot(s, 1); err != nil {
			return err
		}
	}
	return nil
}

func familyLabels(at string, t Text) error {
	if len(t) > MaxLocales {
		return InvalidInput(at, reasons.TooManyNameLanguages(MaxLocales))
	}
	for _, l := range slices.Sorted(maps.Keys(t)) {
		if err := CheckLocale(at, l); err != nil {
			return err
		}
		if err := CheckLine(at+"."+l, t[l]); err != nil {
			return err
		}
	}
	return shortText(at, t)
}

func (a FamilyAttribute) validate(at string) error {
	if a.Key == "" || longer(a.Key, 100) {
		return InvalidInput(at+".key", reasons.AttributeNameLength())
	}
	if err := CheckLine(at+".key", a.Key); err != nil {
		return err
	}
	if err := CheckLine(at+".unit", a.Unit); err != nil {
		return err
	}
	switch {
	case !slices.Contains(attributeTypes, a.Type):
		return InvalidInput(at+".type", reasons.UnknownFieldType(string(a.Type), list(attributeTypes)))
	case (a.Type == FieldTree) != (a.Vocabulary != ""):
		return InvalidInput(at+".vocabulary", reasons.FieldVocabularyOfTree())
	case a.Unit != "" && a.Type != FieldNumber, longer(a.Unit, 20):
		return InvalidInput(at+".unit", reasons.FieldMemberOfTypes("unit", string(FieldNumber)))
	}
	return familyLabels(at+".labels", a.Labels)
}

// Attribute returns the family's attribute with a key.
func (f *Family) Attribute(key string) (FamilyAttribute, bool) {
	at := slices.IndexFunc(f.Attributes, func(a FamilyAttribute) bool { return a.Key == key })
	if at < 0 {
		return FamilyAttribute{}, false
	}
	return f.Attributes[at], true
}

// Clean checks the value of an attribute and returns it as it is stored: a number without its unit, true or false, a
// day as YYYY-MM-DD. term finds the id of a term by what somebody wrote; nil takes ids as they are.
func (a FamilyAttribute) Clean(value string, term func(vocabulary, written string) (string, error)) (string, error) {
	at := "attributes." + a.Key
	value = strings.TrimSpace(value)
	switch a.Type {
	case FieldNumber:
		s := strings.TrimSpace(strings.TrimSuffix(value, a.Unit))
		n, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return "", InvalidInput(at, reasons.NotAFieldNumber())
		}
		if _, err := (CustomField{Type: FieldNumber}).Clean(at, n, FieldContext{}); err != nil {
			return "", err
		}
		return strconv.FormatFloat(n, 'f', -1, 64), nil
	case FieldBoolean:
		switch strings.ToLower(value) {
		case "true", "yes", "1":
			return "true", nil
		case "false", "no", "0":
			return "false", nil
		}
		return "", InvalidInput(at, reasons.NotAFieldBoolean())
	case FieldDate:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return "", InvalidInput(at, reasons.NotAFieldDate())
		}
		return value, nil
	case FieldTree:
		if term != nil {
			return term(a.Vocabulary, value)
		}
		if !IsTermID(value) {
			return "", InvalidInput(at, reasons.TermIdForm(maxTermID))
		}
	}
	return value, nil
}

// Inherit fills in what the product has from its parent: what it has none of itself. taken are the names of its own
// slots, those too that the reader doesn't see.
func (p *Product) Inherit(parent *Product, taken []string) {
	in := &Inherited{Attributes: map[string]string{}, Slots: []Slot{}}
	from := func(at *string, own, theirs string) {
		if own == "" {
			*at = theirs
		}
	}
	from(&in.Family, p.Family, parent.Family)
	from(&in.Brand, p.Brand, parent.Brand)
	from(&in.Category, p.Category, parent.Category)
	from((*string)(&in.Launch), string(p.Launch), string(parent.Launch))
	from((*string)(&in.End), string(p.End), string(parent.End))
	for key, value := range parent.Attributes {
		if _, own := p.Attributes[key]; !own {
			in.Attributes[key] = value
		}
	}
	for _, s := range parent.Slots {
		if !slices.Contains(taken, s.Slot) {
			in.Slots = append(in.Slots, s)
		}
	}
	p.Inherited = in
}

// Effective returns the product with what it has from its parent as if it were its own.
func (p Product) Effective() Product {
	in := p.Inherited
	if in == nil {
		return p
	}
	or := func(own, theirs string) string {
		if own != "" {
			return own
		}
		return theirs
	}
	p.Family, p.Brand, p.Category = or(p.Family, in.Family), or(p.Brand, in.Brand), or(p.Category, in.Category)
	p.Launch, p.End = Date(or(string(p.Launch), string(in.Launch))), Date(or(string(p.End), string(in.End)))
	all := maps.Clone(in.Attributes)
	maps.Copy(all, p.Attributes)
	p.Attributes, p.Slots = all, slices.Concat(p.Slots, in.Slots)
	return p
}

// GapsOf says where a product isn't as its family has it; nil where it is.
func (f *Family) GapsOf(p Product) *ProductGaps {
	p = p.Effective()
	var g ProductGaps
	for _, a := range f.Attributes {
		value, there := p.Attributes[a.Key]
		if !there && a.Required {
			g.Missing = append(g.Missing, a.Key)
		}
		if there {
			if _, err := a.Clean(value, nil); err != nil {
				g.Wrong = append(g.Wrong, a.Key)
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		if _, known := f.Attribute(key); !known {
			g.Unknown = append(g.Unknown, key)
		}
	}
	for _, name := range f.Slots {
		if !slices.ContainsFunc(p.Slots, func(s Slot) bool { return s.Slot == name }) {
			g.Slots = append(g.Slots, name)
		}
	}
	if len(g.Missing)+len(g.Unknown)+len(g.Wrong)+len(g.Slots) == 0 {
		return nil
	}
	return &g
}

// CheckSale refuses days of sale that are none, or that end before they begin.
func (p *Product) CheckSale() error {
	for _, x := range []struct {
		field string
		day   Date
	}{{"launch", p.Launch}, {"end", p.End}} {
		if _, err := time.Parse(time.DateOnly, string(x.day)); x.day != "" && err != nil {
			return InvalidInput(x.field, reasons.NotAFieldDate())
		}
	}
	if p.Launch != "" && p.End != "" && p.End < p.Launch {
		return InvalidInput("end", reasons.SaleEndsBeforeLaunch())
	}
	return nil
}
