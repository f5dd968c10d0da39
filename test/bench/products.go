package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"vitrine/dam/catalog"
)

// importRows is the size of the products file, in rows.
const importRows = 100_000

// productsImport sends a file of 100,000 new products to a server of its own by HTTP, and asks as customers and the
// call centre do while it is read.
func productsImport(ctx context.Context, b *bench) (rows []row, err error) {
	s, err := startServer(ctx, b.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.stock(ctx, b.dir); err != nil {
		return nil, err
	}
	page, lookup := s.base+"/p/CHR-1/hero/medium", s.base+"/api/lookup?sku=CHR-1"
	quiet, err := s.peak()
	if err != nil {
		return nil, err
	}
	// The same questions with nothing to do but answer them.
	still, stopped := context.WithTimeout(ctx, 3*time.Second)
	calm := s.ask(still, page, lookup)
	stopped()

	began := time.Now()
	busy, end := context.WithCancel(ctx)
	answers := make(chan map[string][]time.Duration, 1)
	go func() { answers <- s.ask(busy, page, lookup) }()
	gap, err := s.importProducts(ctx)
	took := time.Since(began)
	end()
	loaded := <-answers
	if err != nil {
		return nil, err
	}
	peak, err := s.peak()
	if err != nil {
		return nil, err
	}
	p99 := func(list []time.Duration) float64 {
		if len(list) == 0 {
			return 0
		}
		slices.Sort(list)
		return list[len(list)*99/100].Seconds() * 1000
	}
	fmt.Printf(
		"  %d rows in %s; %.0f MB at the peak, %.0f before; p99 of /p/ %.1f ms (%.1f calm) over %d, "+
			"of lookup %.1f ms (%.1f calm) over %d\n", importRows, took.Round(time.Millisecond), peak, quiet,
		p99(loaded[page]), p99(calm[page]), len(loaded[page]), p99(loaded[lookup]), p99(calm[lookup]),
		len(loaded[lookup]))
	if len(loaded[page]) < 20 || len(loaded[lookup]) < 20 {
		return nil, errors.New("too few answers while the import ran")
	}
	return []row{
		{Name: "products.import", Value: importRows / took.Seconds(), Unit: "rows/s", Target: 5000, Op: ">="},
		{Name: "products.import_peak", Value: peak, Unit: "MB", Target: 300, Op: "<="},
		{Name: "products.import_progress_gap", Value: gap.Seconds() * 1000, Unit: "ms", Target: 1000, Op: "<="},
		{Name: "products.import_page_p99", Value: p99(loaded[page]), Unit: "ms", Target: 50, Op: "<="},
		{Name: "products.import_lookup_p99", Value: p99(loaded[lookup]), Unit: "ms", Target: 100, Op: "<="},
	}, nil
}

// stock puts a product with an approved picture into the server.
func (s *server) stock(ctx context.Context, dir string) error {
	list, picture := filepath.Join(dir, "one.csv"), filepath.Join(dir, "CHR-1_hero_1.jpg")
	if err := errors.Join(os.WriteFile(list, []byte("sku,name_en\nCHR-1,Blue chair\n"), 0o600),
		writePhotograph(picture, 1200, 900, 7)); err != nil {
		return err
	}
	for _, args := range [][]string{{"products", "import", list}, {"import", "--approve", picture}} {
		if _, err := s.run(ctx, args...); err != nil {
			return err
		}
	}
	return s.until(ctx, s.base+"/p/CHR-1/hero/medium")
}

// ask asks for each address again and again until ctx ends, 50 times a second, and returns how long each answer took.
func (s *server) ask(ctx context.Context, urls ...string) map[string][]time.Duration {
	took := map[string][]time.Duration{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, url := range urls {
		all.Go(func() {
			for tick := time.NewTicker(20 * time.Millisecond); ; {
				began := time.Now()
				status, err := s.call(ctx, http.MethodGet, url, "", nil, nil)
				if ctx.Err() != nil {
					tick.Stop()
					return
				}
				d := time.Since(began)
				if err != nil || status != http.StatusOK {
					d = time.Minute // no answer is the worst one
				}
				mu.Lock()
				took[url] = append(took[url], d)
				mu.Unlock()
				select {
				case <-ctx.Done():
				case <-tick.C:
				}
			}
		})
	}
	all.Wait()
	return took
}

// importProducts sends the file and follows the job; gap is the longest time in which nobody saw it get further.
func (s *server) importProducts(ctx context.Context) (gap time.Duration, err error) {
	var file bytes.Buffer
	file.WriteString("sku,name_en,name_fr,stock,price,currency,colour,material,season\n")
	for i := range importRows {
		fmt.Fprintf(&file, "ART-%06d,\"Chair, model %d\",\"Chaise, modèle %d\",%d,%d.90,EUR,%s,oak,2026\n", i, i, i,
			i%300, 10+i%500, [...]string{"blue", "red", "green"}[i%3])
	}
	var job catalog.Import
	if status, err := s.call(ctx, http.MethodPost, s.base+"/api/products/import", "text/csv", &file,
		&job); err != nil || status != http.StatusAccepted {
		return 0, fmt.Errorf("the import was answered with %d: %w", status, err)
	}
	for seen, last := int64(0), time.Now(); job.Finished == nil; time.Sleep(50 * time.Millisecond) {
		if _, err := s.call(ctx, http.MethodGet, s.base+"/api/products/imports/"+job.ID, "", nil, &job); err != nil {
			return 0, err
		}
		if gap = max(gap, time.Since(last)); job.Rows > seen {
			seen, last = job.Rows, time.Now()
		}
	}
	if job.State != "done" || job.Created != importRows || job.Failed != 0 {
		return 0, fmt.Errorf("the import ended as %+v", job)
	}
	return gap, nil
}
