package search

import (
	"fmt"
	"math"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/search/columns"
)

// FieldKind says how the values of a field are written and compared.
type FieldKind uint8

const (
	KindText     FieldKind = iota // words of a text
	KindKeyword                   // equal, folded
	KindPath                      // as keyword; a value also stands for everything below it: nature → nature/forest
	KindName                      // as keyword; any run of its words matches: martin → Julie Martin
	KindNumber                    // integer
	KindBytes                     // integer with a unit: 5MB
	KindInstant                   // day, month or year in the library's zone
	KindWall                      // day, month or year by the camera's clock
	KindDay                       // calendar day without a zone
	KindPresence                  // names of other fields
	KindPlace                     // latitude, longitude, distance
	KindID                        // identifier
	KindDecimal                   // number kept in thousandths
	KindArea                      // south, west, north, east
	KindLicense                   // where now is in the window of rights
	KindColor                     // name, or #rrggbb
	KindSimilar                   // identifier, and a least score
)

// Field is one entry of the schema: what can be asked for, and where it is kept.
// Everything else (parser, columns, facets, documentation) follows from the table.
type Field struct {
	Name    string
	Aliases []string
	Kind    FieldKind
	Doc     string // one line for the documentation
	French  string // the same in French, for the portal; may say what each of Values means
	Example string
	// Values lists what a closed field allows; a mistake is answered with it.
	Values []string
	Facet  bool

	// Label and FrenchLabel name the field in the portal. Panel is its section in the panel of facets, nil if it has
	// none.
	Label, FrenchLabel string
	Panel              *Panel
	// Usual lists what is asked for most of a field with many values; the portal completes it while people type.
	Usual []string

	// library is set for a library's own field, choices (folded) when its values are closed, and vocabulary when they
	// are ids of its terms.
	library    string
	choices    []string
	vocabulary string

	// What else is to be known to read a value (see parser.keyword): how the stored value is spelt, given what people
	// write, folded; whether values are ids that Env.Resolve finds by name; a value that matches whatever is asked for;
	// and what to do instead of writing a value that is none of Values.
	spelling func(string) string
	byName   bool
	always   string
	instead  func(values, key string) reasons.Remedy
	// yields is set where a library's own field of the same name is meant instead: it may be older than this one.
	yields bool
	// terms is set where values may be ids of terms, so that what has a * behind it is resolved, too.
	terms bool
	// absent is the field whose values must be missing, of the operator that asks for that.
	absent *Field
	// explained: Doc and French name each of Values already.
	explained bool

	text     TextField
	col      int // place among the columns of its family
	keywords func(*dam.Asset) []columns.Value
	number   func(*dam.Asset) int64
}

// TermsOf stands before the id of a vocabulary in what Env.Resolve is asked for the ids of terms by.
const TermsOf = "vocabulary "

// resolvedBy is the field by whose names Env.Resolve finds the ids of a value: people are those that added assets.
func (f *Field) resolvedBy() string {
	if f.vocabulary != "" {
		return TermsOf + f.vocabulary
	}
	if f.library != "" {
		return "uploader"
	}
	return f.Name
}

// Panel is a section of the portal's panel of facets.
type Panel struct {
	Rank  int // sections stand in its order; text fields and a library's own fields share one (see panelTexts)
	Shape PanelShape
	Needs dam.Permission // of whom it is shown to; "" is everybody
}

// PanelShape says how a section of the panel looks.
type PanelShape string

const (
	PanelList     PanelShape = "list"     // values, the most frequent first
	PanelTree     PanelShape = "tree"     // values that hang on each other: tags
	PanelMonths   PanelShape = "months"   // a histogram of months
	PanelSwatches PanelShape = "swatches" // colours
	PanelMap      PanelShape = "map"
)

// panelTexts is where the text fields stand in the panel.
const panelTexts = 7

func (f *Field) labelled(english, french string) *Field {
	f.Label, f.FrenchLabel = english, french
	return f
}

func (f *Field) inPanel(rank int, shape PanelShape) *Field {
	f.Panel = &Panel{Rank: rank, Shape: shape}
	return f
}

// Finds is what the field finds, in English and in French, as the documentation and the portal list it.
func (f *Field) Finds() (english, french string) {
	english, french = f.Doc, f.French
	if len(f.Values) > 0 && !f.explained {
		list := strings.Join(f.Values, ", ")
		english += ": " + list
		if !strings.Contains(french, f.Values[0]) {
			french += " : " + list
		}
	}
	if f.Facet {
		return english + " · facet", french + " · filtre"
	}
	return english, french
}

// Columns that no query names directly.
const (
	stringID = iota
	stringTitle
	stringColumns
)

// schema is the table of fields. Adding a line is all it takes to search, filter
// and count by something new.
type schema struct {
	fields   []*Field
	byName   map[string]*Field
	keywords []*Field
	numbers  []*Field

	// The libraries' own fields: as they are defined now, as queries see them, and every
	// column that was ever made for one (see with).
	defs    map[string][]dam.CustomField
	custom  map[string][]*Field
	columns map[customColumn]*Field
	// unworded are those whose words are not in the text index.
	unworded []string
	// whole is the schema that this one is of, without the fields that somebody doesn't see; nil if it has them all.
	whole *schema

	synonyms map[string]*synonyms // by library

	library, bin, is, live, has, status, kind, collection, uploader *Field
	lat, lon, created, updated, taken, territory                    *Field
	from, until, near, channel                                      *Field
	color, similar, hash, palette, shares                           *Field
}

func newSchema() *schema {
	s := &schema{byName: map[string]*Field{}}
	word := func(name, example, doc, french string, t TextField) *Field {
		return s.add(&Field{Name: name, Kind: KindText, Example: example, Doc: doc, French: french, text: t})
	}
	word("title", "title:robe", "Words of the title, in any language",
		"Mots du titre, dans toutes les langues", TextTitle).labelled("Title", "Titre")
	word("file", "file:2041", "Words of the file name",
		"Mots du nom de fichier", TextFile).labelled("File", "Fichier")

	s.kind = s.keyword("type", KindKeyword, "type:image,video", "Family of the file",
		"Famille du fichier", func(a *dam.Asset) []columns.Value { return one(string(a.Kind)) })
	s.kind.labelled("Type", "Type").inPanel(2, PanelList)
	s.kind.Values, s.kind.Facet, s.kind.Aliases = []string{"image", "video", "audio", "document", "other"}, true,
		[]string{"kind"}
	s.kind.instead = func(values, key string) reasons.Remedy { return reasons.RemedyUseOneOfOrFormat(values, key) }
	format := s.keyword("format", KindKeyword, "format:jpeg,png", "File format: the second half of the media type",
		"Format du fichier : la seconde moitié du type de média", formats)
	format.labelled("Format", "Format").inPanel(9, PanelList)
	format.Facet, format.spelling = true, formatName
	s.status = s.keyword("status", KindKeyword, "status:in_review", "Review state of the newest version",
		"État de validation de la dernière version : draft (brouillon), in_review (en revue), approved "+
			"(approuvé), rejected (rejeté), archived (archivé)", func(a *dam.Asset) []columns.Value {
			return one(string(a.Latest.Status))
		})
	s.status.labelled("Status", "Statut").inPanel(1, PanelList)
	s.status.Values, s.status.Facet = []string{"draft", "in_review", "approved", "rejected", "archived"}, true
	s.status.spelling = func(key string) string {
		if key == "review" {
			return string(dam.InReview)
		}
		return key
	}
	s.is = s.keyword("is", KindKeyword, "is:live", "live: the public sees a version today; published: it has been "+
		"approved once; placed: it has a place on the map; stale: what it is made from has a newer version",
		"live : le public voit une version aujourd’hui ; published : approuvé au moins une fois ; placed : situé "+
			"sur la carte ; stale : ce dont il est tiré a une version plus récente", states)
	s.is.labelled("State", "État")
	s.is.Values, s.is.explained = []string{"live", "published", "placed", stale}, true
	s.live = s.keyword("live", KindKeyword, "live:no", "yes: the public sees a version of it today",
		"yes : le public en voit une version aujourd’hui ; no : aucune", func(a *dam.Asset) []columns.Value {
			if undated(a) {
				return one("yes")
			}
			return one("no")
		})
	s.live.labelled("Public", "Public")
	s.live.Values = []string{"yes", "no"}
	f := s.keyword("orientation", KindKeyword, "orientation:portrait", "Shape of the picture",
		"Forme de l’image : landscape (paysage), portrait, square (carré)", orientations)
	f.labelled("Orientation", "Orientation").inPanel(6, PanelList)
	f.Values, f.Facet = []string{"landscape", "portrait", "square"}, true
	s.keyword("tag", KindPath, `tag:summer tag:"red dress" tag:nature`, "A tag, or a branch of tags",
		"Un mot-clé, ou une branche de mots-clés", tags).
		labelled("Tags", "Mots-clés").inPanel(3, PanelTree).Facet = true
	s.keyword("sku", KindKeyword, "sku:DRS-1042-BLU sku:DRS-*", "A linked product",
		"Un produit lié", func(a *dam.Asset) []columns.Value { return many(a.SKUs) }).
		labelled("Products (SKU)", "Produits (SKU)").inPanel(8, PanelList).Facet = true
	s.productFields()
	s.collection = s.keyword("collection", KindKeyword, `collection:"Summer 2024" collection:Clients/*`,
		"A collection, by name, path or id; with /* behind it, everything below it too",
		"Une collection, par nom, chemin ou identifiant ; suivie de /*, avec tout ce qu’elle contient",
		func(a *dam.Asset) []columns.Value { return many(a.Collections) })
	s.collection.labelled("Collection", "Collection").inPanel(4, PanelList)
	s.collection.Facet, s.collection.byName = true, true
	s.channel = s.keyword("channel", KindKeyword, `channel:"Web shop"`, "Published on a channel now, by name or id",
		"Publié en ce moment sur un canal, par nom ou identifiant",
		func(a *dam.Asset) []columns.Value { return many(a.Channels) })
	s.channel.labelled("Channel", "Canal").inPanel(10, PanelList).Panel.Needs = dam.MayPublish
	s.channel.Facet, s.channel.byName = true, true
	for _, t := range dam.TextFields() {
		if t.Doc != "" {
			s.keyword(t.Name, KindName, t.Example, t.Doc, t.DocFrench,
				func(a *dam.Asset) []columns.Value { return one(*t.Of(a)) }).
				labelled(t.English, t.French).inPanel(panelTexts, PanelList).Facet = true
		}
	}
	s.uploader = s.keyword("uploader", KindKeyword, "uploader:u_…", "Who added it, by name or id",
		"Qui l’a ajouté, par nom ou identifiant", func(a *dam.Asset) []columns.Value { return one(a.CreatedBy) })
	s.uploader.labelled("Added by", "Ajouté par").byName = true
	s.keyword("renditions", KindKeyword, "renditions:failed", "How far the renditions of the newest version are",
		"Où en sont les déclinaisons de la dernière version",
		func(a *dam.Asset) []columns.Value { return one(string(a.Latest.Renditions)) }).
		labelled("Renditions", "Déclinaisons").Values =
		[]string{"pending", "ready", "failed", "none"}
	s.territory = s.keyword("territory", KindKeyword, "territory:FR",
		"Countries the rights cover; no country named means all",
		"Pays couverts par les droits ; aucun pays nommé : tous", territories)
	s.territory.labelled("Territories", "Territoires").always = everywhere
	s.has = s.keyword("has", KindPresence, "has:alt", "The field is filled in",
		"Le champ est rempli", presence)
	s.has.labelled("With", "Avec").spelling = presenceName
	s.has.Usual = []string{"alt", "caption", "place", "focal", "sku", "rights", "rating"}
	s.has.Values = []string{"title", "description", "alt", "caption", "tags"}
	for _, t := range dam.TextFields() {
		s.has.Values = append(s.has.Values, t.Name)
	}
	s.has.Values = append(s.has.Values, "taken", "place", "focal", "sku", "rights", "collection", "rating")

	num := s.number
	num("width", KindNumber, "width:>2000", "Pixels",
		"Pixels", func(a *dam.Asset) int64 { return positive(int64(a.Latest.Width)) }).
		labelled("Width", "Largeur")
	num("height", KindNumber, "height:1080", "Pixels",
		"Pixels", func(a *dam.Asset) int64 { return positive(int64(a.Latest.Height)) }).
		labelled("Height", "Hauteur")
	num("size", KindBytes, "size:<5MB", "Bytes of the file; kB, MB, GB are powers of 1000, KiB, MiB, GiB of 1024",
		"Octets du fichier ; kB, MB, GB sont des puissances de 1000, KiB, MiB, GiB de 1024",
		func(a *dam.Asset) int64 { return a.Latest.Size }).labelled("Size", "Taille")
	num("rating", KindNumber, "rating:>=4", "Stars, 1 to 5",
		"Étoiles, de 1 à 5", func(a *dam.Asset) int64 { return positive(int64(a.Rating)) }).
		labelled("Rating", "Note")
	num("version", KindNumber, "version:>1", "Number of the newest version",
		"Numéro de la dernière version", func(a *dam.Asset) int64 { return int64(a.Latest.N) }).
		labelled("Version", "Version")
	s.taken = num("taken", KindWall, "taken:2024-01..2024-03", "When it was taken, by the camera's clock",
		"Prise de vue, à l’heure de l’appareil", takenAt).
		labelled("Taken", "Prise de vue").inPanel(11, PanelMonths)
	s.created = num("uploaded", KindInstant, "uploaded:today", "When it was added",
		"Date d’ajout", func(a *dam.Asset) int64 { return instant(a.CreatedAt) }).
		labelled("Added", "Ajouté").inPanel(12, PanelMonths)
	s.created.Aliases, s.created.Usual = []string{"created"}, []string{"today", "yesterday", "7d", "30d"}
	s.updated = num("updated", KindInstant, "updated:7d", "When it was last changed",
		"Dernière modification", func(a *dam.Asset) int64 { return instant(a.UpdatedAt) }).
		labelled("Changed", "Modifié")
	s.updated.Usual = []string{"today", "7d"}
	s.from = num("from", KindDay, "from:>=2024-06", "First day of the rights",
		"Premier jour des droits", func(a *dam.Asset) int64 { return begins(a.Effective().From) }).
		labelled("First day", "Premier jour")
	s.until = num("expires", KindDay, "expires:<2025", "Last day of the rights",
		"Dernier jour des droits", func(a *dam.Asset) int64 { return lasts(a.Effective().Until) }).
		labelled("Last day", "Dernier jour")
	s.until.Usual = []string{"30d", "90d"}

	s.add(&Field{Name: "missing", Kind: KindPresence, Values: s.has.Values, Example: "missing:alt",
		Doc: "The field is empty", French: "Le champ est vide", col: s.has.col, spelling: presenceName, absent: s.has,
		explained: true, Label: "Without", FrenchLabel: "Sans",
		Usual: []string{"title", "alt", "caption", "tags", "taken", "place", "sku", "rights", "collection"}})
	s.add(&Field{Name: "license", Kind: KindLicense, Values: []string{"valid", "expired", "future"},
		Example: "license:expired", Doc: "Whether the rights cover this minute",
		French: "Si les droits couvrent l’instant présent : valid (valables), expired (expirés), future (à venir)"}).
		labelled("Licence", "Licence")
	s.near = s.add(&Field{Name: "near", Kind: KindPlace, Example: "near:48.85,2.35,10km",
		Doc:    "Taken within a distance of a place (latitude, longitude, distance)",
		French: "Pris à une distance d’un lieu (latitude, longitude, distance)"}).labelled("Place", "Lieu")
	s.add(&Field{Name: "area", Kind: KindArea, Example: "area:48.1,2.0,49.2,3.1",
		Doc:    "Taken inside a box on the map (south, west, north, east)",
		French: "Pris dans un rectangle de la carte (sud, ouest, nord, est)"}).
		labelled("Place", "Lieu").inPanel(13, PanelMap)
	s.visualFields()
	s.add(&Field{Name: "id", Kind: KindID, Example: "id:a_…", Doc: "One asset", French: "Un seul média",
		Label: "Asset", FrenchLabel: "Média"})

	// Not part of the language: the library and the bin are borders, set by the caller.
	s.library = s.keyword("", KindKeyword, "", "", "",
		func(a *dam.Asset) []columns.Value { return []columns.Value{{Key: a.Library}} })
	s.bin = s.keyword("", KindKeyword, "", "", "", func(a *dam.Asset) []columns.Value {
		if a.DeletedAt != nil {
			return []columns.Value{{Key: "bin"}}
		}
		return nil
	})
	s.lat = num("", KindNumber, "", "", "", func(a *dam.Asset) int64 {
		return microdegrees(a.Place, func(g *dam.Geo) float64 { return g.Lat })
	})
	s.lon = num("", KindNumber, "", "", "", func(a *dam.Asset) int64 {
		return microdegrees(a.Place, func(g *dam.Geo) float64 { return g.Lon })
	})

	for _, f := range s.fields {
		s.byName[f.Name] = f
		for _, a := range f.Aliases {
			s.byName[a] = f
		}
	}
	return s
}

func (s *schema) add(f *Field) *Field {
	if f.Name != "" {
		s.fields = append(s.fields, f)
	}
	return f
}

func (s *schema) keyword(name string, kind FieldKind, example, doc, french string,
	get func(*dam.Asset) []columns.Value) *Field {
	f := &Field{Name: name, Kind: kind, Example: example, Doc: doc, French: french, keywords: get, col: len(s.keywords)}
	s.keywords = append(s.keywords, f)
	return s.add(f)
}

func (s *schema) number(name string, kind FieldKind, example, doc, french string, get func(*dam.Asset) int64) *Field {
	f := &Field{Name: name, Kind: kind, Example: example, Doc: doc, French: french, number: get, col: len(s.numbers)}
	s.numbers = append(s.numbers, f)
	return s.add(f)
}

func (s *schema) shape() columns.Shape {
	return columns.Shape{Keywords: len(s.keywords), Numbers: len(s.numbers), Strings: stringColumns}
}

// row is an asset as the columns keep it.
func (s *schema) row(a *dam.Asset, locale string) columns.Row {
	r := columns.Row{Number: a.Number, Keywords: make([][]columns.Value, len(s.keywords)),
		Numbers: make([]int64, len(s.numbers)), Strings: make([]string, stringColumns)}
	for i, f := range s.keywords {
		r.Keywords[i] = f.keywords(a)
	}
	for i, f := range s.numbers {
		r.Numbers[i] = f.number(a)
	}
	r.Strings[stringID] = a.ID
	r.Strings[stringTitle] = titleKey(a, locale)
	return r
}

// titleKey is what titles sort by: folded, numbers by what they count, and short, since the rest hardly ever decides.
func titleKey(a *dam.Asset, locale string) string {
	t := naturalKey(Fold(strings.TrimSpace(a.Title.Get(locale, ""))))
	if len(t) > 64 {
		t = strings.ToValidUTF8(t[:64], "")
	}
	return t
}

// naturalKey writes the count of its digits before each number, so that 2 comes before 10. Zeros in front don't count.
func naturalKey(s string) string {
	if !strings.ContainsAny(s, "0123456789") {
		return s
	}
	b := make([]byte, 0, len(s)+8)
	for i := 0; i < len(s); {
		end := i
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		if end == i {
			b = append(b, s[i])
			i++
			continue
		}
		number := strings.TrimLeft(s[i:end], "0")
		if b = append(b, byte('0'+min(len(number), 9))); len(number) >= 9 {
			b = fmt.Appendf(b, "%02d", min(len(number), 99))
		}
		b = append(b, number...)
		i = end
	}
	return string(b)
}

func one(s string) []columns.Value {
	if s = strings.TrimSpace(s); s == "" {
		return nil
	}
	return []columns.Value{{Key: Fold(s), Label: s}}
}

func many(list []string) []columns.Value {
	var out []columns.Value
	for _, s := range list {
		out = append(out, one(s)...)
	}
	return out
}

// tags adds the branches a tag hangs on: nature/forest is also nature.
func tags(a *dam.Asset) []columns.Value {
	out := many(a.Tags)
	for _, v := range out {
		for {
			key, label := strings.LastIndexByte(v.Key, '/'), strings.LastIndexByte(v.Label, '/')
			if key <= 0 || label <= 0 {
				break
			}
			v = columns.Value{Key: v.Key[:key], Label: v.Label[:label]}
			out = append(out, v)
		}
	}
	return out
}

func formats(a *dam.Asset) []columns.Value {
	_, sub, _ := strings.Cut(a.Latest.MediaType, "/")
	sub, _, _ = strings.Cut(sub, ";")
	sub, _, _ = strings.Cut(sub, "+")
	return one(strings.TrimPrefix(sub, "x-"))
}

// undated reports whether the public sees a version, as far as that does not depend on the day: a query adds the days
// of the rights when it is asked (see parser.public).
func undated(a *dam.Asset) bool {
	return dam.VisibilityAt(a.PublicFacts(time.UTC).Undated(), time.Time{}, dam.UnknownAudience).Public()
}

// stale is the state of what is made from an older version of another asset.
const stale = "stale"

func states(a *dam.Asset) []columns.Value {
	var out []columns.Value
	if undated(a) {
		out = append(out, one("live")...)
	}
	if a.Published {
		out = append(out, one("published")...)
	}
	if a.Place != nil {
		out = append(out, one("placed")...)
	}
	if a.Stale {
		out = append(out, one(stale)...)
	}
	return out
}

func orientations(a *dam.Asset) []columns.Value {
	switch w, h := a.Latest.Width, a.Latest.Height; {
	case w <= 0 || h <= 0:
		return nil
	case w > h:
		return one("landscape")
	case w < h:
		return one("portrait")
	}
	return one("square")
}

// everywhere stands for rights that name no country.
const everywhere = "*"

func territories(a *dam.Asset) []columns.Value {
	list := a.Effective().Territories
	if len(list) == 0 {
		return one(everywhere)
	}
	return many(list)
}

func presence(a *dam.Asset) []columns.Value {
	var out []string
	for _, t := range dam.TextFields() {
		if *t.Of(a) != "" {
			out = append(out, t.Name)
		}
	}
	for _, f := range []struct {
		name string
		ok   bool
	}{
		{"title", filled(a.Title)}, {"description", filled(a.Description)}, {"alt", filled(a.Alt)},
		{"caption", filled(a.Caption)},
		{"tags", len(a.Tags) > 0}, {"taken", takenAt(a) != columns.Missing},
		{"place", a.Place != nil}, {"focal", a.Focal != nil}, {"sku", len(a.SKUs) > 0},
		{"rights", a.Rights.From != "" || a.Rights.Until != "" || len(a.Rights.Territories) > 0 || a.Limits != nil},
		{"collection", len(a.Collections) > 0}, {"rating", a.Rating > 0},
	} {
		if f.ok {
			out = append(out, f.name)
		}
	}
	for key := range a.Custom {
		out = append(out, key)
	}
	return many(out)
}

func filled(t dam.Text) bool { return strings.TrimSpace(t.Get("", "")) != "" }

func positive(n int64) int64 {
	if n <= 0 {
		return columns.Missing
	}
	return n
}

func instant(t time.Time) int64 {
	if t.IsZero() {
		return columns.Missing
	}
	return t.UnixMilli()
}

// takenAt is the wall clock read as if it were UTC, so that a date in a query
// means the date the camera showed.
func takenAt(a *dam.Asset) int64 {
	if a.Captured == nil {
		return columns.Missing
	}
	t, err := time.Parse(dam.WallLayout, a.Captured.Wall)
	if err != nil {
		return columns.Missing
	}
	return t.UnixMilli()
}

// begins and lasts return the first and the last millisecond of the wall clock in a window of rights. A day keeps to
// itself so, and so does a minute on it.
func begins(m dam.Moment) int64 {
	t, ok := m.Begins()
	if !ok {
		return columns.Missing
	}
	return t.UnixMilli()
}

func lasts(m dam.Moment) int64 {
	t, ok := m.Ends()
	if !ok {
		return columns.Missing
	}
	return t.UnixMilli() - 1
}

func day(d dam.Date) int64 {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return columns.Missing
	}
	return t.UnixMilli()
}

func microdegrees(g *dam.Geo, part func(*dam.Geo) float64) int64 {
	if g == nil {
		return columns.Missing
	}
	return int64(math.Round(part(g) * 1e6))
}
