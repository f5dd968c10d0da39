package bleve_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/search"
	"vitrine/search/bleve"
	"vitrine/search/searchbench"
	"vitrine/search/searchtest"
)

// built returns an index of what a catalogue has.
func built(ctx context.Context, b *testing.B, cat *searchtest.Catalog) *search.Index {
	b.Helper()
	x, err := search.Open(ctx, search.Options{Source: cat, Engine: bleve.Engine{}, Dir: b.TempDir(),
		Log: slog.New(slog.DiscardHandler)})
	must(b, err)
	b.Cleanup(func() { _ = x.Close() })
	for x.Rebuilding() {
		time.Sleep(5 * time.Millisecond)
	}
	return x
}

// BenchmarkPermissionCost asks the same queries as somebody with 200 grants on collections, who doesn't see what is not
// approved in half of them, and without any limit, in turn. Every twentieth is preceded by an edit, after which what
// the grants show is put together again.
//
//	go test ./search/bleve -run xxx -bench PermissionCost -benchtime 2000x [-assets 1000000]
func BenchmarkPermissionCost(b *testing.B) {
	g := searchbench.New(42)
	cat := searchtest.NewCatalog()
	assets := make([]dam.Asset, *benchAssets)
	for i := range assets {
		assets[i] = g.Asset(uint32(i + 1))
		assets[i].Collections = []string{fmt.Sprintf("c_%03d", i%400), fmt.Sprintf("c_%03d", i*7%400)}
		cat.Put(assets[i])
	}
	all := dam.AsSystem(context.Background(), "a test's own steps")
	x := built(all, b, cat)
	grants := make([]dam.Grant, 200)
	for i := range grants {
		role := []dam.Role{dam.Viewer, dam.Editor}[i%2]
		grants[i] = dam.Grant{Role: role, May: dam.SetOf(role.Permissions()...),
			Collections: []string{fmt.Sprintf("c_%03d", i*2)}}
	}
	limited := dam.WithActor(context.Background(), dam.Principal{ID: "u_agency",
		Access: map[string]dam.Access{dam.DefaultLibrary: {Grants: grants}}})
	queries := []func(i int) search.Request{
		func(int) search.Request { return search.Request{} },
		func(int) search.Request { return search.Request{Q: g.Word()} },
		func(int) search.Request { return search.Request{Q: "status:approved " + g.Word(), Sort: "-created"} },
		func(int) search.Request {
			return search.Request{Q: "status:approved", Facets: []string{"type", "format", "creator", "tag"}}
		},
	}
	var took [2][]time.Duration
	var totals [2]int
	for i := 0; b.Loop(); i++ {
		r := queries[i%len(queries)](i)
		r.Library = dam.DefaultLibrary
		if i%20 == 0 {
			a := assets[(i*7919)%len(assets)]
			a.Rating = i % 6
			r.WaitSeq = cat.Put(a)
			_, err := x.Query(all, r) // the wait for the index isn't what is compared
			must(b, err)
		}
		for k := range 2 {
			who := (i/len(queries) + k) % 2 // each is first as often
			at := time.Now()
			found, err := x.Query([]context.Context{all, limited}[who], r)
			took[who] = append(took[who], time.Since(at))
			must(b, err)
			totals[who] += found.Total
		}
	}
	if totals[1] == 0 || totals[1] >= totals[0] {
		b.Fatalf("with grants %d were found, without a limit %d", totals[1], totals[0])
	}
	sum := func(list []time.Duration) (all time.Duration) {
		for _, d := range list {
			all += d
		}
		return all
	}
	for k, name := range []string{"all", "grants"} {
		slices.Sort(took[k])
		b.ReportMetric(float64(took[k][len(took[k])/2].Microseconds())/1000, name+"-p50-ms")
	}
	b.ReportMetric(float64(sum(took[1]))/float64(sum(took[0])), "ratio")
}
