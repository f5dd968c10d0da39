package bleve_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"vitrine/dam"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/search"
	"vitrine/search/bleve"
	"vitrine/search/searchbench"
	"vitrine/search/searchtest"
)

var benchAssets = flag.Int("assets", 100_000, "assets in the benchmarks")

// rival is a database with the same assets, and how many of them it indexed per second.
type rival struct {
	db   *sql.DB
	rate float64
}

func body(a *dam.Asset) string {
	return strings.Join(append([]string{a.Description["fr"], a.Description["en"], a.Creator, a.SKUs[0],
		a.Latest.FileName}, a.Tags...), " ")
}

// newSQLite returns SQLite with FTS5.
func newSQLite(b *testing.B, assets []dam.Asset) rival {
	db, err := sql.Open("sqlite", filepath.Join(b.TempDir(), "fts.db")+
		"?_pragma=journal_mode(wal)&_pragma=synchronous(normal)&_pragma=cache_size(-65536)")
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	for _, s := range []string{
		`create table a(id integer primary key, status text, format text, kind text, creator text, created int, width int)`,
		`create table tag(id int, tag text)`,
		`create virtual table f using fts5(title, body, tokenize="unicode61 remove_diacritics 2", content='')`,
		`create virtual table p using fts5(title, prefix='2 3 4', tokenize="unicode61 remove_diacritics 2", content='')`,
	} {
		_, err := db.Exec(s)
		must(b, err)
	}
	at := time.Now()
	for part := range slices.Chunk(assets, 1000) {
		tx, err := db.Begin()
		must(b, err)
		for _, a := range part {
			exec := func(q string, args ...any) { _, err := tx.Exec(q, args...); must(b, err) }
			exec(`insert into a values(?,?,?,?,?,?,?)`, a.Number, a.Latest.Status, a.Latest.MediaType, a.Kind,
				a.Creator, a.CreatedAt.Unix(), a.Latest.Width)
			for _, t := range a.Tags {
				exec(`insert into tag values(?,?)`, a.Number, t)
			}
			exec(`insert into f(rowid,title,body) values(?,?,?)`, a.Number, a.Title["fr"], body(&a))
			exec(`insert into p(rowid,title) values(?,?)`, a.Number, a.Title["fr"]+" "+strings.Join(a.Tags, " "))
		}
		must(b, tx.Commit())
	}
	rate := float64(len(assets)) / time.Since(at).Seconds()
	for _, s := range []string{`create index a1 on a(status, kind, created)`, `create index a2 on a(created)`,
		`create index t1 on tag(tag)`, `create index t2 on tag(id)`, `analyze`} {
		_, err := db.Exec(s)
		must(b, err)
	}
	return rival{db, rate}
}

// newPostgres returns PostgreSQL with a tsvector and its GIN index.
func newPostgres(b *testing.B, assets []dam.Asset) rival {
	ctx, url := dam.AsSystem(context.Background(), "a test's own steps"), catalogtest.DurableURL(b)
	conn, err := pgx.Connect(ctx, url)
	must(b, err)
	defer func() { must(b, conn.Close(ctx)) }()
	exec := func(q string) { _, err := conn.Exec(ctx, q); must(b, err) }
	exec(
		`create table raw(id int, status text, format text, kind text, creator text, created bigint, width int, title text, body text)`)
	exec(`create table tag(id int, tag text)`)
	at := time.Now()
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"raw"}, []string{"id", "status", "format", "kind", "creator", "created",
		"width", "title", "body"},
		pgx.CopyFromSlice(len(assets), func(i int) ([]any, error) {
			a := &assets[i]
			return []any{a.Number, string(a.Latest.Status), a.Latest.MediaType, string(a.Kind), a.Creator,
				a.CreatedAt.Unix(), a.Latest.Width, a.Title["fr"], body(a)}, nil
		}))
	must(b, err)
	var tags [][]any
	for _, a := range assets {
		for _, t := range a.Tags {
			tags = append(tags, []any{a.Number, t})
		}
	}
	_, err = conn.CopyFrom(ctx, pgx.Identifier{"tag"}, []string{"id", "tag"}, pgx.CopyFromRows(tags))
	must(b, err)
	exec(
		`create table a as select id, status, format, kind, creator, created, width, setweight(to_tsvector('simple', title), 'A') || to_tsvector('simple', body) as words from raw`)
	exec(`create index on a using gin(words)`)
	rate := float64(len(assets)) / time.Since(at).Seconds()
	for _, q := range []string{`drop table raw`, `alter table a add primary key (id)`,
		`create index on a(status, kind, created)`, `create index on a(created)`, `create index on tag(tag)`,
		`create index on tag(id)`, `vacuum analyze`} {
		exec(q)
	}
	db, err := sql.Open("pgx", url)
	must(b, err)
	b.Cleanup(func() { _ = db.Close() })
	return rival{db, rate}
}

func (r rival) rows(b *testing.B, q string, args ...any) {
	rows, err := r.db.Query(q, args...)
	must(b, err)
	for rows.Next() {
	}
	must(b, rows.Err())
	must(b, rows.Close())
}

func must(tb testing.TB, err error) {
	if err != nil {
		tb.Helper()
		tb.Fatal(err)
	}
}

// measure reports the median and the 99th percentile, besides the mean.
func measure(b *testing.B, f func(i int)) {
	var all []time.Duration
	for i := 0; b.Loop(); i++ {
		at := time.Now()
		f(i)
		all = append(all, time.Since(at))
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

// BenchmarkSearch compares the index with SQLite FTS5 and PostgreSQL:
//
//	go test ./search/bleve -run xxx -bench Search -benchtime 300x [-assets 1000000]
func BenchmarkSearch(b *testing.B) {
	g := searchbench.New(42)
	assets := make([]dam.Asset, *benchAssets)
	cat := searchtest.NewCatalog()
	for i := range assets {
		assets[i] = g.Asset(uint32(i + 1))
		cat.Put(assets[i])
	}
	dir := b.TempDir()
	open := func() *search.Index {
		x, err := search.Open(dam.AsSystem(context.Background(), "a test's own steps"),
			search.Options{Source: cat, Engine: bleve.Engine{}, Dir: dir, Log: slog.New(slog.DiscardHandler)})
		must(b, err)
		return x
	}
	at := time.Now()
	x := open()
	for x.Rebuilding() {
		time.Sleep(5 * time.Millisecond)
	}
	rate := float64(len(assets)) / time.Since(at).Seconds()
	must(b, x.Close())
	x = nil // so that its columns don't count as already allocated
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // objects with finalizers are freed by the second run
	runtime.ReadMemStats(&before)
	at = time.Now()
	x = open()
	for !x.Ready() {
		time.Sleep(time.Millisecond)
	}
	started := time.Since(at)
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&after)
	var disk int64
	must(b, filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			if info, err := d.Info(); err == nil {
				disk += info.Size()
			}
		}
		return err
	}))
	b.Cleanup(func() { _ = x.Close() })
	b.Run("Figures/vitrine", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(rate, "assets/s")
		b.ReportMetric(started.Seconds()*1000, "start-ms")
		b.ReportMetric((float64(after.HeapAlloc)-float64(before.HeapAlloc))/float64(len(assets)), "memory-B/asset")
		b.ReportMetric(float64(disk)/float64(len(assets)), "disk-B/asset")
	})
	// The other databases are filled at their first use, so that a run can measure the index alone.
	sqlite := sync.OnceValue(func() rival { return newSQLite(b, assets) })
	postgres := sync.OnceValue(func() rival { return newPostgres(b, assets) })
	for name, r := range map[string]func() rival{"sqlite": sqlite, "postgres": postgres} {
		b.Run("Figures/"+name, func(b *testing.B) {
			rate := r().rate
			for b.Loop() {
			}
			b.ReportMetric(rate, "assets/s")
		})
	}

	words := make([]string, 2000)
	for i := range words {
		words[i] = g.Word()
	}
	word := func(i int) string { return words[i%len(words)] }
	typo := func(i int) string { // two letters swapped
		w := []rune(word(i))
		w[1], w[2] = w[2], w[1]
		return string(w)
	}
	prefix := func(i int) string { return string([]rune(word(i))[:2+i%3]) }
	ask := func(b *testing.B, r search.Request) {
		r.Library = dam.DefaultLibrary
		_, err := x.Query(dam.AsSystem(context.Background(), "a test's own steps"), r)
		must(b, err)
	}
	const text = `select rowid from f where f match ? order by rank limit 50`
	facets :=
		[]string{`select tag, count(*) n from a join tag using(id) where status='approved' group by 1 order by n desc limit 20`}
	for _, col := range []string{"kind", "format", "creator"} {
		facets = append(facets,
			`select `+col+`, count(*) n from a where status='approved' group by 1 order by n desc limit 20`)
	}
	const filter = `select id from a where status=? and kind=? and width>2000 order by created desc limit 50 offset ?`
	const pgText = `select id from a, plainto_tsquery('simple', $1) q where words @@ q order by ts_rank(words, q) desc limit 50`
	pgQueries := map[string]func(b *testing.B, i int){
		"Term": func(b *testing.B, i int) { postgres().rows(b, pgText, word(i)) },
		"And":  func(b *testing.B, i int) { postgres().rows(b, pgText, word(i)+" "+word(i+7)) },
		"Facets4": func(b *testing.B, _ int) {
			for _, q := range facets {
				postgres().rows(b, q)
			}
		},
	}
	for _, c := range []struct {
		name      string
		ours, sql func(b *testing.B, i int)
	}{
		{"Term", func(b *testing.B, i int) { ask(b, search.Request{Q: word(i)}) },
			func(b *testing.B, i int) { sqlite().rows(b, text, quoted(word(i))) }},
		{"And", func(b *testing.B, i int) { ask(b, search.Request{Q: word(i) + " " + word(i+7)}) },
			func(b *testing.B, i int) { sqlite().rows(b, text, quoted(word(i))+" AND "+quoted(word(i+7))) }},
		{"FuzzyAnd", func(b *testing.B, i int) { ask(b, search.Request{Q: typo(i) + " " + word(i+7)}) },
			func(b *testing.B, i int) { sqlite().rows(b, text, quoted(word(i))+" AND "+quoted(word(i+7))) }},
		{"Autocomplete", func(b *testing.B, i int) {
			_, err := x.Suggest(dam.AsSystem(context.Background(), "a test's own steps"), dam.DefaultLibrary, prefix(i))
			must(b, err)
		},
			func(b *testing.B, i int) {
				sqlite().rows(b, `select rowid from p where p match ? order by rank limit 10`, quoted(prefix(i))+"*")
			}},
		{"FilterSortPage", func(b *testing.B, _ int) {
			ask(b, search.Request{Q: "status:approved type:image width:>2000", Sort: "-created"})
		}, func(b *testing.B, _ int) { sqlite().rows(b, filter, "approved", "image", 0) }},
		{"DeepPage", func(b *testing.B, _ int) {
			ask(b, search.Request{Q: "status:approved type:image width:>2000", Sort: "-created",
				Offset: len(assets) / 5})
		}, func(b *testing.B, _ int) { sqlite().rows(b, filter, "approved", "image", len(assets)/5) }},
		{"TextFilterSort", func(b *testing.B, i int) {
			ask(b, search.Request{Q: word(i) + " status:approved type:image width:>2000", Sort: "-created"})
		}, func(b *testing.B, i int) {
			sqlite().rows(b,
				`select a.id from f join a on a.id=f.rowid where f match ? and status='approved' and kind='image' and width>2000 order by created desc limit 50`, quoted(word(i)))
		}},
		{"Facets4", func(b *testing.B, _ int) {
			ask(b, search.Request{Q: "status:approved", Facets: []string{"type", "format", "creator", "tag"}})
		}, func(b *testing.B, _ int) {
			for _, q := range facets {
				sqlite().rows(b, q)
			}
		}},
	} {
		b.Run(c.name+"/vitrine", func(b *testing.B) { measure(b, func(i int) { c.ours(b, i) }) })
		b.Run(c.name+"/sqlite", func(b *testing.B) { sqlite(); measure(b, func(i int) { c.sql(b, i) }) })
		if pg := pgQueries[c.name]; pg != nil {
			b.Run(c.name+"/postgres", func(b *testing.B) { postgres(); measure(b, func(i int) { pg(b, i) }) })
		}
	}
	visible := func(b *testing.B) {
		measure(b, func(i int) {
			a := assets[(i*7919)%len(assets)]
			a.Rating = i % 6
			a.Caption = dam.Text{"en": fmt.Sprint("edit ", i)}
			ask(b, search.Request{Q: "robe", WaitSeq: cat.Put(a)})
		})
	}
	b.Run("EditVisible/alone", visible)
	b.Run("EditVisible/two_readers", func(b *testing.B) {
		ctx, cancel := context.WithCancel(dam.AsSystem(context.Background(), "a test's own steps"))
		done := make(chan struct{})
		for k := range 2 {
			go func() {
				for i := k; ctx.Err() == nil; i++ {
					_, _ = x.Query(ctx, search.Request{Library: dam.DefaultLibrary, Q: word(i) + " status:approved"})
				}
				done <- struct{}{}
			}()
		}
		visible(b)
		cancel()
		<-done
		<-done
	})
}

func quoted(s string) string { return `"` + s + `"` }

// BenchmarkApply indexes assets in batches of 1000; the relevant result is assets/s.
func BenchmarkApply(b *testing.B) {
	g := searchbench.New(42)
	cat := searchtest.NewCatalog()
	const n = 4000
	for i := range n {
		cat.Put(g.Asset(uint32(i + 1)))
	}
	at, total := time.Duration(0), 0
	for b.Loop() {
		dir := b.TempDir()
		start := time.Now()
		x, err := search.Open(dam.AsSystem(context.Background(), "a test's own steps"),
			search.Options{Source: cat, Engine: bleve.Engine{}, Dir: dir, Log: slog.New(slog.DiscardHandler)})
		must(b, err)
		for x.Rebuilding() {
			time.Sleep(time.Millisecond)
		}
		at += time.Since(start)
		total += n
		must(b, x.Close())
	}
	b.ReportMetric(float64(total)/at.Seconds(), "assets/s")
}
