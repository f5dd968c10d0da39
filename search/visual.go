package search

import (
	"slices"
	"strconv"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/similarity/visual"
	"vitrine/search/columns"
)

// Search by the colours of pictures and by similarity.

// ColorNear matches pictures with a dominant colour close to a given one.
type ColorNear struct {
	Hex    string
	Within float64 // OKLab distance
}

// Similar matches pictures that are similar to an asset's, except that asset.
type Similar struct {
	ID  string
	Min float64 // minimum score, 0 to 1
}

func (*ColorNear) node() {}
func (*Similar) node()   {}

const (
	// colorWithin is the maximum distance of a colour that is found by #rrggbb.
	colorWithin = 0.1
	// DefaultSimilar is the minimum score of similar: if none is given.
	DefaultSimilar = 0.8
	// facetShare is the minimum share of a colour for a picture to be found by its name.
	facetShare = 0.04
)

// visualFields adds the fields of pictures to the schema.
func (s *schema) visualFields() {
	s.color = s.keyword("color", KindColor, "color:red color:#aabbcc", "A dominant colour, by name or as #rrggbb",
		"Une couleur dominante, par nom ou en #rrggbb", colorNames)
	s.color.labelled("Colour", "Couleur").inPanel(5, PanelSwatches)
	s.color.Aliases, s.color.Facet = []string{"colour"}, true
	for _, c := range visual.Names() {
		s.color.Values = append(s.color.Values, c.Name)
	}
	s.similar = s.add(&Field{Name: "similar", Kind: KindSimilar, Example: "similar:a_…,0.9",
		Doc: "Pictures that look like an asset's, best first; a least score from 0 to 1 may follow, 0.8 without",
		French: "Images qui ressemblent à celle d’un média, les plus proches d’abord ; suivi au besoin d’un " +
			"score minimal de 0 à 1, 0,8 sinon"}).labelled("Similar to", "Semblable à")
	word := func(get func(visual.Signature) uint64) *Field {
		return s.number("", KindNumber, "", "", "", func(a *dam.Asset) int64 {
			if sig, ok := visual.SignatureOf(a.Latest.Analysis); ok {
				return int64(get(sig))
			}
			return columns.Missing
		})
	}
	s.hash = word(func(s visual.Signature) uint64 { return s.Hash })
	s.palette = word(func(s visual.Signature) uint64 { return s.Palette })
	s.shares = word(func(s visual.Signature) uint64 { return s.Shares })
}

func colorNames(a *dam.Asset) []columns.Value {
	var out []columns.Value
	if a.Latest.Analysis == nil {
		return nil
	}
	for _, c := range a.Latest.Analysis.Colors {
		if c.Share >= facetShare {
			out = append(out, one(c.Name)...)
		}
	}
	return out
}

// colorName translates synonyms of the named colours.
func colorName(s string) string {
	for name, words := range map[string][]string{
		"black": {"noir"}, "grey": {"gray", "gris"}, "white": {"blanc"}, "brown": {"brun", "marron"}, "red": {"rouge"},
		"yellow": {"jaune"},
		"green":  {"vert"}, "teal": {"turquoise", "cyan"}, "blue": {"bleu"}, "purple": {"violet", "mauve"},
		"pink": {"rose", "magenta"},
	} {
		if slices.Contains(words, Fold(s)) {
			return name
		}
	}
	return s
}

// colorValue parses a colour name or #rrggbb.
func (p *parser) colorValue(f *Field, v value) (Node, []Keyword, error) {
	if !strings.HasPrefix(v.s, "#") {
		v.s = colorName(v.s)
		k, err := p.keyword(f, v)
		return nil, k, err
	}
	if _, ok := visual.NewColorNear(v.s, 0); !ok {
		return nil, nil, p.fail(v.at, len(v.s), reasons.QueryNotAColor())
	}
	return &ColorNear{Hex: strings.ToLower(v.s), Within: colorWithin}, nil, nil
}

// similarTo parses id or id,score.
func (p *parser) similarTo(v value) (Node, error) {
	id, least, given := strings.Cut(v.s, ",")
	if !dam.IsID(dam.AssetPrefix, id) {
		return nil, p.fail(v.at, len(v.s), reasons.QueryNotAnAsset())
	}
	n := &Similar{ID: id, Min: DefaultSimilar}
	if given {
		var err error
		if n.Min, err = strconv.ParseFloat(least, 64); err != nil || !(n.Min >= 0 && n.Min <= 1) {
			return nil, p.fail(v.at+len(id)+1, len(least), reasons.QueryNotAScore(least, id))
		}
	}
	return n, nil
}

func (s *schema) signature(v *columns.View, row uint32) (visual.Signature, bool) {
	hash := v.Number(s.hash.col, row)
	if hash == columns.Missing {
		return visual.Signature{}, false
	}
	return visual.Signature{Hash: uint64(hash), Palette: uint64(v.Number(s.palette.col, row)),
		Shares: uint64(v.Number(s.shares.col, row))}, true
}

func (e *evaluation) colorNear(n *ColorNear, within *columns.Set) (*columns.Set, error) {
	tint, _ := visual.NewColorNear(n.Hex, n.Within) // the parser has validated it
	return e.view.Select(e.ctx, within, func(row uint32) bool {
		sig, ok := e.schema.signature(e.view, row)
		return ok && tint.In(sig)
	})
}

// similarTo compares every picture with the asset's. An asset that the actor may not see here is similar to none.
func (e *evaluation) similarTo(n *Similar, within *columns.Set) (*columns.Set, error) {
	v, s := e.view, e.schema
	found, err := e.byID(n.ID, e.visible)
	if err != nil {
		return nil, err
	}
	if found.IsEmpty() {
		return columns.NewSet(), nil
	}
	self := found.Minimum()
	sig, ok := s.signature(v, self)
	if !ok {
		return columns.NewSet(), nil
	}
	if e.scored && e.scores == nil {
		e.scores = make([]float32, v.Bound())
	}
	ref, far := sig.Reference(), visual.MaxDistance(n.Min)
	return v.Select(e.ctx, within, func(row uint32) bool {
		other, ok := s.signature(v, row)
		if !ok || row == self || ref.Distance(other) > far {
			return false
		}
		score := ref.Score(other)
		if score < n.Min {
			return false
		}
		if e.scored {
			e.scores[row] += float32(score)
		}
		return true
	})
}

// hasSimilar reports whether the tree requires similarity.
func hasSimilar(n Node) bool {
	switch n := n.(type) {
	case *Similar:
		return true
	case And:
		return slices.ContainsFunc(n, hasSimilar)
	case Or:
		return slices.ContainsFunc(n, hasSimilar)
	}
	return false
}

// namesAsset reports whether any part of the tree refers to another asset.
func namesAsset(n Node) bool {
	switch n := n.(type) {
	case *Similar:
		return true
	case And:
		return slices.ContainsFunc(n, namesAsset)
	case Or:
		return slices.ContainsFunc(n, namesAsset)
	case Not:
		return namesAsset(n.Node)
	case *Members:
		return namesAsset(n.Node)
	}
	return false
}

// swatches sets the swatch of each named colour.
func swatches(list []FacetCount) {
	for _, c := range visual.Names() {
		for i := range list {
			if list[i].Value == c.Name {
				list[i].Swatch = c.Hex
			}
		}
	}
}
