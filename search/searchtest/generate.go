package searchtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/search"
)

// Words with what makes search hard: accents, ligatures, plurals, elision, both languages.
var vocabulary = strings.Fields(
	`robe robes été hiver forêt forêts œuvre œuvres bleu bleue bleus cheval chevaux écologique écologie
	chaussure chaussures running shoe shoes dress dresses photograph photographer photographers summer winter red blue
	sœur cœur naïve naïf leather leathers élégant élégante plage beach beaches montagne mountain straße coat coats manteau manteaux
	the of and le la de des campaign campagne hero banner 2024 1042 x1 日本`)

var (
	clock     = time.Date(2024, 7, 15, 10, 0, 0, 0, time.UTC)
	libraries = []string{dam.DefaultLibrary, "outlet"}
	tagList   = []string{"Été", "nature", "nature/forest", "nature/forest/oak", "red dress", "naturel", "promo", "Noël"}
	creators  = []string{"Julie Martin", "Martin Dupré", "Ève O'Neill", "Jean-Luc Martinez", ""}
	states    = []dam.State{dam.Draft, dam.InReview, dam.Approved, dam.Rejected, dam.Archived}
	kinds     = []dam.Kind{dam.KindImage, dam.KindImage, dam.KindVideo, dam.KindDocument}
	types     = map[dam.Kind][]string{dam.KindImage: {"image/jpeg", "image/png", "image/svg+xml"},
		dam.KindVideo: {"video/mp4"}, dam.KindDocument: {"application/pdf"}}
	territory = []string{"FR", "BE", "CA"}
)

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func some[T any](r *rand.Rand, list []T, most int) []T {
	out := []T{}
	for range r.IntN(most + 1) {
		out = append(out, pick(r, list))
	}
	return out
}

func sentence(r *rand.Rand, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(pick(r, []string{" ", " ", " ", ", ", "-", " / "}))
		}
		if r.IntN(8) == 0 {
			b.WriteString(pick(r, []string{"l'", "d’", "qu'", "L'"}))
		}
		w := pick(r, vocabulary)
		switch r.IntN(6) {
		case 0:
			w = strings.ToUpper(w)
		case 1:
			w += pick(r, []string{"'s", ".", "!", ""})
		}
		b.WriteString(w)
	}
	return b.String()
}

func texts(r *rand.Rand, n int) dam.Text {
	t := dam.Text{}
	for _, l := range []string{"fr", "en", "fr-CA", "de"} {
		if r.IntN(3) == 0 {
			t[l] = sentence(r, 1+r.IntN(n))
		}
	}
	return t
}

// Asset makes a random asset with the given number; the same r gives the same one.
func Asset(r *rand.Rand, number uint32) dam.Asset {
	a := dam.Asset{
		ID: fmt.Sprintf("a_%026d", number), Number: number, Library: pick(r, libraries), Kind: pick(r, kinds),
		Revision: 1,
		Title:    texts(r, 5), Description: texts(r, 12), Alt: texts(r, 6), Caption: texts(r, 6),
		Tags: some(r, tagList, 3), Creator: pick(r, creators), Rating: r.IntN(6),
		SKUs: []string{}, Collections: some(r, []string{"c_one", "c_two", "c_three"}, 2),
		CreatedAt: clock.Add(-time.Duration(r.IntN(60*24)) * time.Hour), CreatedBy: pick(r, []string{"u_ann", "u_bob"}),
	}
	a.UpdatedAt = a.CreatedAt.Add(time.Duration(r.IntN(100)) * time.Hour)
	for range r.IntN(3) {
		a.SKUs = append(a.SKUs, fmt.Sprintf("%s-%d-%s", pick(r, []string{"DRS", "SHO"}), 1040+r.IntN(6),
			pick(r, []string{"BLU", "RED"})))
	}
	if r.IntN(2) == 0 {
		a.Captured = &dam.Capture{Wall: clock.Add(-time.Duration(r.IntN(400*24)) * time.Hour).Format(dam.WallLayout)}
	}
	if r.IntN(3) == 0 {
		a.Place = &dam.Geo{Lat: 48 + r.Float64(), Lon: 2 + r.Float64()}
	}
	if r.IntN(3) == 0 {
		a.Rights.Until = limit(r, clock.AddDate(0, 0, r.IntN(60)-30))
		a.Rights.Territories = some(r, territory, 2)
	}
	if r.IntN(10) == 0 {
		at := clock
		a.DeletedAt = &at
	}
	a.Channels = some(r, []string{"ch_web", "ch_shop"}, 1)
	if r.IntN(4) == 0 {
		a.Rights.From = limit(r, clock.AddDate(0, 0, r.IntN(40)-30))
	}
	if a.Published = r.IntN(3) == 0; a.Published && r.IntN(2) == 0 {
		since := clock.Add(-time.Duration(r.IntN(48)) * time.Hour)
		a.Live, a.LiveSince = "v_1", &since
		if r.IntN(3) == 0 {
			a.Recall = &dam.Recall{At: clock.Add(-24 * time.Hour)}
		}
	}
	a.Latest = dam.Version{ID: "v_1", N: 1 + r.IntN(3), Status: pick(r, states), MediaType: pick(r, types[a.Kind]),
		Size: int64(r.IntN(8_000_000)),
		FileName: fmt.Sprintf("IMG_%04d-%s.%s", r.IntN(3000), pick(r, vocabulary),
			pick(r, []string{"jpg", "JPG", "png"})), Renditions: dam.RenditionsReady}
	if a.Kind == dam.KindImage {
		a.Latest.Width, a.Latest.Height = 500*(1+r.IntN(8)), 500*(1+r.IntN(8))
		a.Latest.Analysis = look(r)
	}
	if words := rand.New(rand.NewPCG(uint64(number), uint64(a.CreatedAt.UnixNano()))); words.IntN(3) == 0 {
		a.Products = said(words)
	}
	return a
}

// said makes what products say about an asset.
func said(r *rand.Rand) *dam.AssetProducts {
	p := &dam.AssetProducts{Brands: some(r, creators, 2), Families: some(r, []string{"chairs", "dresses"}, 1),
		Categories: some(r, []string{"Furniture > Chairs", "Furniture", "Robes > Été", "cat_1"}, 2)}
	for locale, s := range texts(r, 5) {
		p.Words = append(p.Words, dam.ProductWord{Locale: locale, Text: s, Suggest: r.IntN(2) == 0})
	}
	p.Words = append(p.Words, dam.ProductWord{Text: fmt.Sprintf("GT-%d", 1040+r.IntN(6))})
	return p
}

// Lines makes random synonyms.
func Lines(r *rand.Rand) []string {
	var out []string
	side := func() string {
		terms := make([]string, 1+r.IntN(3))
		for i := range terms {
			terms[i] = strings.Join(append([]string{pick(r, vocabulary)}, some(r, vocabulary, 1)...),
				pick(r, []string{" ", "-"}))
		}
		return strings.Join(terms, ", ")
	}
	for range 1 + r.IntN(12) {
		line := side() + pick(r, []string{", ", " => "}) + side()
		if search.CheckSynonyms([]string{line}) == nil {
			out = append(out, line)
		}
	}
	return out
}

// Query makes a random query; all of them are well formed.
func Query(r *rand.Rand, assets []dam.Asset) string { return query(r, assets, 3) }

func query(r *rand.Rand, assets []dam.Asset, depth int) string {
	if depth > 0 {
		sub := func() string { return query(r, assets, depth-1) }
		switch r.IntN(9) {
		case 0, 1, 2:
			return sub() + " " + sub()
		case 3:
			return "(" + sub() + " OR " + sub() + ")"
		case 4:
			return "-(" + sub() + ")"
		case 5:
			return sub() + " AND NOT (" + sub() + ")"
		}
	}
	a := pick(r, assets)
	word := func() string { return pick(r, vocabulary) }
	switch r.IntN(40) {
	case 0:
		return `"` + strings.ReplaceAll(sentence(r, 2), `"`, "") + `"`
	case 1:
		for _, t := range a.Description {
			words := strings.Fields(t)
			i := r.IntN(len(words))
			return `"` + strings.Join(words[i:min(i+2, len(words))], " ") + ` "`
		}
		return word()
	case 2:
		w := []rune(word())
		return string(w[:1+r.IntN(len(w))]) + "*"
	case 3:
		return "title:" + word()
	case 4:
		return "file:" + pick(r, []string{"2041", "jpg", "img_0*", "hero", "IMG"})
	case 5:
		return "type:" + pick(r, []string{"image", "video,document", "Image"})
	case 6:
		return "format:" + pick(r, []string{"jpg", "image/png", "svg", "mp4,pdf"})
	case 7:
		return "status:" + pick(r, []string{"draft", "in-review", "approved,archived", "review"})
	case 8:
		return pick(r, []string{"is:live", "is:published", "is:placed", "live:yes", "live:no", "is:live,placed"})
	case 9:
		return "orientation:" + pick(r, []string{"landscape", "portrait", "square"})
	case 10, 11:
		return "tag:" + pick(r, []string{"ete", "nature", "nature/forest", `"Red Dress"`, "nat*", "noel", "nothing"})
	case 12:
		return "sku:" + pick(r, []string{"drs-1042-blu", "DRS-104*", "sho*", "1042"})
	case 13:
		return "collection:c_one"
	case 14:
		return "creator:" + pick(r, []string{"martin", "Dupre", `"julie martin"`, "jean-luc", "jul*", "o'neill"})
	case 15:
		return "uploader:u_ann"
	case 16:
		return "territory:" + pick(r, []string{"fr", "CA"})
	case 17:
		return pick(r, []string{"missing", "has"}) + ":" + pick(r, []string{"alt", "title", "tags", "sku", "taken",
			"rights", "alt,caption"})
	case 18:
		return "width:" + pick(r, []string{">2000", "1000..2500", "<=1500", "2000"})
	case 19:
		return "size:" + pick(r, []string{"<5MB", ">1.5MiB", "100kB..2MB"})
	case 20:
		return "rating:" + pick(r, []string{">=4", "3", "..2"})
	case 21:
		return "taken:" + pick(r, []string{"2024-01..2024-03", "2023", ">2024-06", "<=2023-12-24"})
	case 22:
		return "uploaded:" + pick(r, []string{"today", "7d", "yesterday", "2024-06"})
	case 23:
		return "expires:" + pick(r, []string{"30d", "<2024-07-15", ">=2024-07"})
	case 24:
		return fmt.Sprintf("near:%.3f,%.3f,%dkm", 48+r.Float64(), 2+r.Float64(), 1+r.IntN(40))
	case 25:
		return "id:" + a.ID
	case 27:
		return "license:" + pick(r, []string{"valid", "expired", "future", "valid,future"})
	case 28:
		return "channel:" + pick(r, []string{"ch_web", "ch_shop", "ch_*"})
	case 29:
		return fmt.Sprintf("area:%.3f,%.3f,%.3f,%.3f", 48+r.Float64()/2, 2+r.Float64(), 48.5+r.Float64()/2,
			2+r.Float64())
	case 26:
		return pick(r, append([]string{"IMG_2041-hero.jpg", "martin"}, a.SKUs...))
	case 30:
		return "color:" + pick(r, []string{"red", "Grey,white", "bleu", "#d5222a", "#fff,blue", "#4a4"})
	case 37:
		return "brand:" + pick(r, []string{`"julie martin"`, "jul*", "nothing", "dupre"})
	case 38:
		return "category:" + pick(r, []string{"furniture", `"furniture>CHAIRS"`, "robes", "cat_1", "furn*", "chairs"})
	case 39:
		return pick(r, []string{"family:chairs", "family:dresses", "gt-1042", "GT-104*", "1042"})
	case 31, 32, 33:
		return "similar:" + a.ID + pick(r, []string{"", ",0.9", ",0.5", ",0", ",1"})
	}
	return word()
}

// limit is a limit of rights: a day, or a minute on it.
func limit(r *rand.Rand, at time.Time) dam.Moment {
	if r.IntN(3) == 0 {
		// The clock's own minute is among them.
		return dam.Moment(at.Add(time.Duration(r.IntN(24)-10) * time.Hour).Format(dam.MinuteLayout))
	}
	return dam.Moment(at.Format(time.DateOnly))
}
