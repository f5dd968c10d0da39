// Package searchbench makes large catalogues that look like real ones: word
// frequencies follow Zipf's law, texts are French and English, tags repeat. The same
// seed gives the same catalogue, so figures can be compared.
package searchbench

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
)

// Generator makes assets. It is not safe for concurrent use.
type Generator struct {
	words  []string
	weight []float64 // cumulative
	r      *rand.Rand
}

const vocabularySize = 20000

// New returns a generator with its vocabulary.
func New(seed uint64) *Generator {
	g := &Generator{r: rand.New(rand.NewPCG(seed, 1))}
	syllables := strings.Fields("ba ce di fo gu la me ni po ru sa te vi cho bré clé tré fê cô pla gra pro ster " +
		"ling port lum ment que tion vel mar")
	endings := []string{"", "", "s", "es", "er", "ing", "ed", "té", "ique", "age", "eur", "ly"}
	seen := map[string]bool{}
	total := 0.0
	for len(g.words) < vocabularySize {
		var w string
		for range 2 + g.r.IntN(3) {
			w += syllables[g.r.IntN(len(syllables))]
		}
		w += endings[g.r.IntN(len(endings))]
		if seen[w] {
			continue
		}
		seen[w] = true
		g.words = append(g.words, w)
		total += 1 / float64(len(g.words)+2)
		g.weight = append(g.weight, total)
	}
	return g
}

// Word returns a word, frequent ones more often.
func (g *Generator) Word() string {
	i, _ := slices.BinarySearch(g.weight, g.r.Float64()*g.weight[len(g.weight)-1])
	return g.words[min(i, len(g.words)-1)]
}

func (g *Generator) sentence(n int, little []string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		if i%3 == 2 && little != nil {
			b.WriteString(little[g.r.IntN(len(little))])
		} else {
			b.WriteString(g.Word())
		}
	}
	return b.String()
}

// start is the creation time of the first asset; each next one is a minute younger.
var start = time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)

func pick[T any](g *Generator, list ...T) T { return list[g.r.IntN(len(list))] }

// Asset makes the asset with a number. Calls in order give the same catalogue.
func (g *Generator) Asset(number uint32) dam.Asset {
	created := start.Add(time.Duration(number) * time.Minute)
	kind, media := dam.KindImage, pick(g, "image/jpeg", "image/jpeg", "image/jpeg", "image/png", "image/tiff",
		"image/webp")
	if g.r.IntN(5) == 0 {
		kind, media = dam.KindVideo, "video/mp4"
	}
	a := dam.Asset{
		ID: fmt.Sprintf("a_%026d", number), Library: dam.DefaultLibrary, Number: number, Revision: 1, Kind: kind,
		Title: dam.Text{"fr": g.sentence(5, nil)},
		Description: dam.Text{"fr": g.sentence(20, []string{"le", "la", "de", "des", "à", "dans", "pour", "et"}),
			"en": g.sentence(20, []string{"the", "a", "of", "and", "in", "with", "for"})},
		Creator:     fmt.Sprintf("%s %s", pick(g, "Julie", "Ann", "Omar", "Lin", "Marc"), g.words[g.r.IntN(300)]),
		SKUs:        []string{fmt.Sprintf("SKU-%03d-%07d", g.r.IntN(900), number)},
		Collections: []string{fmt.Sprintf("c_%05d", g.r.IntN(2000))},
		Rating:      g.r.IntN(6), CreatedAt: created, UpdatedAt: created, CreatedBy: "u_bench",
		Captured: &dam.Capture{Wall: created.Add(-time.Duration(g.r.IntN(1e6)) * time.Minute).Format(dam.WallLayout)},
		Latest: dam.Version{ID: "v_1", N: 1, Status: pick(g, dam.Approved, dam.Approved, dam.Approved, dam.Draft,
			dam.InReview, dam.Archived, dam.Rejected),
			MediaType: media, FileName: fmt.Sprintf("%s_%s_%04d.jpg", g.Word(), g.Word(), g.r.IntN(10000)),
			Width: 400 + g.r.IntN(8000), Height: 400 + g.r.IntN(8000), Size: int64(g.r.ExpFloat64() * 8e6)},
	}
	for range 5 + g.r.IntN(6) {
		if w := g.Word(); !slices.Contains(a.Tags, w) {
			a.Tags = append(a.Tags, w)
		}
	}
	if g.r.IntN(2) == 0 {
		a.Place = &dam.Geo{Lat: 42 + g.r.Float64()*9, Lon: -5 + g.r.Float64()*13}
	}
	return a
}
