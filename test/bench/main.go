// Bench measures what the README promises and writes docs/benchmarks.json and
// docs/benchmarks.md. With names as arguments it runs the benchmarks whose names
// begin with them, and leaves the other rows as they are.
//
//	go run ./test/bench            all
//	go run ./test/bench ingest.    those of one part
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	vitrine "vitrine/cmd/vitrine/server"
	"vitrine/dam"
	"vitrine/dam/rendition/sandbox"
)

// benchmark measures one thing against a yardstick of its own. To add one, write
// its run function in a file of its own and a line in benchmarks.
type benchmark struct {
	// name begins with ingest., storage., rendition., delivery., download., search., search_1m., publish. or products.
	name string
	// run returns one row, or several whose names go on from the benchmark's ("search.text", "search.text_p99").
	run func(ctx context.Context, b *bench) ([]row, error)
}

// benchmarks is every benchmark, in the order of the table.
func benchmarks() []benchmark {
	return []benchmark{
		{"ingest.storage_put", storagePut},
		{"ingest.large", ingestLarge},
		{"storage.verified", storageVerified},
		{"rendition.set", renditionSets},
		{"rendition.mixed_200", renditionMixed},
		{"rendition.photographs", renditionPhotographs},
		{"rendition.walls", renditionWalls},
		{"delivery.hot", deliveryHot},
		{"delivery.purge", deliveryPurge},
		{"download.archive", downloadArchive},
		{"publish.approve", publishApprove},
		{"publish.busy", publishBusy},
		{"publish.start", publishStart},
		{"publish.crowd", publishCrowd},
		{"publish.death", publishDeath},
		{"publish.past", publishPast},
		{"search.", searchQueries},
		{million, searchMillion},
		{upgradeMillion, upgrade},
		{"permission.cost", permissionCost},
		{"collection.follow", collectionFollow},
		{"collection.tree", collectionTree},
		{"products.import", productsImport},
	}
}

// bench is what a run may use.
type bench struct {
	// dir is an empty folder on the disk of the working copy, removed afterwards.
	dir string
}

// row is a measured value and what it was expected to be.
type row struct {
	Name   string
	Value  float64
	Unit   string // ms, MB/s, ratio, …
	Target float64
	Op     string // how Value relates to Target when the promise holds: <= or >=
}

func main() {
	docs := flag.String("docs", "docs", "folder of benchmarks.json and benchmarks.md")
	role := flag.String("subject", "", "be one subject of a rendition benchmark, of the file that follows")
	rounds := flag.Int("rounds", 5, "how often the subject does its work")
	worker := flag.String("worker", "", "be a worker of the benchmark of walls, sealed or plain")
	sandbox.Launch()
	if asked, err := vitrine.AsWorker(os.Args); asked {
		if err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	if *worker != "" {
		if err := wallWorker(*worker == "sealed"); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	if *role != "" {
		if err := runSubject(*role, flag.Arg(0), *rounds); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
		return
	}
	ctx, stop := signal.NotifyContext(dam.AsSystem(context.Background(),
		"benchmarks of parts act in place of the server"), os.Interrupt)
	defer stop()
	if err := measure(ctx, flag.Args(), *docs); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func measure(ctx context.Context, prefixes []string, docs string) error {
	var errs []error
	ran := 0
	for _, b := range benchmarks() {
		if !wanted(b.name, prefixes) {
			continue
		}
		ran++
		began := time.Now()
		rows, err := isolated(ctx, b)
		if err != nil {
			// The others are still worth measuring.
			errs = append(errs, fmt.Errorf("%s: %w", b.name, err))
			continue
		}
		if err := record(docs, b.name, rows, time.Now()); err != nil {
			return err
		}
		for _, r := range rows {
			fmt.Printf("%-34s %10.4g %-6s (%s %g) %s\n", r.Name, r.Value, r.Unit, r.Op, r.Target,
				map[bool]string{true: "holds", false: "MISSED"}[r.holds()])
		}
		fmt.Printf("  took %s\n", time.Since(began).Round(time.Millisecond))
	}
	if ran == 0 {
		return fmt.Errorf("no benchmark begins with %s", strings.Join(prefixes, " or "))
	}
	return errors.Join(errs...)
}

// What has a million assets is only measured when it is named: it takes some 4 GB of memory and a quarter of an hour.
const (
	million        = "search_1m."
	upgradeMillion = "upgrade_1m."
)

func wanted(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return len(prefixes) == 0 && name != million && name != upgradeMillion
}

func isolated(ctx context.Context, b benchmark) (rows []row, err error) {
	if err := os.MkdirAll("bin", 0o750); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("bin", "bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	return b.run(ctx, &bench{dir: dir})
}
