package main

import (
	"context"
	"fmt"
)

// searchFigure is a figure of BenchmarkSearch and the row it becomes.
type searchFigure struct {
	name, unit string // of the benchmark
	row, shown string
	target     float64
	op         string
}

func searchRows(m metrics, figures []searchFigure) ([]row, error) {
	var rows []row
	for _, f := range figures {
		v, ok := m[f.name][f.unit]
		if !ok {
			return nil, fmt.Errorf("no %s of %s in %v", f.unit, f.name, m)
		}
		rows = append(rows, row{Name: f.row, Value: v, Unit: f.shown, Target: f.target, Op: f.op})
	}
	return rows, nil
}

// searchQueries compares queries on 100,000 generated assets with SQLite FTS5 and PostgreSQL in the same run.
func searchQueries(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./search/bleve", "^BenchmarkSearch$", "200x", "-assets", "100000")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range []struct {
		name, figure string
		fts5, p99    float64 // times faster than FTS5; milliseconds
		postgres     float64 // times faster than PostgreSQL; 0 is not compared
	}{
		{"Term", "term", 3, 20, 1}, {"And", "and", 3, 20, 1}, {"FuzzyAnd", "fuzzy_and", 1, 20, 0},
		{"Autocomplete", "autocomplete", 5, 10, 0},
		{"FilterSortPage", "filter_sort_page", 1 / 1.5, 20, 0}, {"DeepPage", "deep_page", 1 / 1.5, 20, 0},
		{"TextFilterSort", "text_filter_sort", 1, 20, 0},
		{"Facets4", "facets4", 8, 15, 8},
	} {
		ours := m["Search/"+c.name+"/vitrine"]["p50-ms"]
		compare := func(rival, figure, unit string, target float64) error {
			theirs := m["Search/"+c.name+"/"+rival]["p50-ms"]
			if ours == 0 || theirs == 0 {
				return fmt.Errorf("no figure for %s beside %s in %v", c.name, rival, m)
			}
			rows = append(rows, row{Name: "search." + figure, Value: theirs / ours, Unit: unit, Target: target,
				Op: ">="})
			return nil
		}
		if err := compare("sqlite", c.figure, "× FTS5's speed", c.fts5); err != nil {
			return nil, err
		}
		if c.postgres > 0 {
			if err := compare("postgres", c.figure+"_postgres", "× PostgreSQL's speed", c.postgres); err != nil {
				return nil, err
			}
		}
		p99, err := searchRows(m, []searchFigure{{"Search/" + c.name + "/vitrine", "p99-ms",
			"search." + c.figure + "_p99", "ms", c.p99, "<="}})
		if err != nil {
			return nil, err
		}
		rows = append(rows, p99...)
	}
	more, err := searchRows(m, []searchFigure{
		{"Search/EditVisible/alone", "p50-ms", "search.edit_visible_p50", "ms", 20, "<="},
		{"Search/EditVisible/two_readers", "p50-ms", "search.edit_visible_readers_p50", "ms", 20, "<="},
		{"Search/EditVisible/two_readers", "p99-ms", "search.edit_visible_readers_p99", "ms", 150, "<="},
		{"Search/Figures/vitrine", "memory-B/asset", "search.memory_per_asset", "B", 200, "<="},
		{"Search/Figures/vitrine", "disk-B/asset", "search.disk_per_asset", "B", 2048, "<="},
		{"Search/Figures/vitrine", "assets/s", "search.indexing", "assets/s", 1450, ">="},
	})
	return append(rows, more...), err
}

// searchMillion measures the index alone on 1,000,000 generated assets.
func searchMillion(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./search/bleve", "^BenchmarkSearch$/^(Figures|Term|And|FilterSortPage|Facets4)$/^vitrine$",
		"200x", "-assets", "1000000")
	if err != nil {
		return nil, err
	}
	return searchRows(m, []searchFigure{
		{"Search/Facets4/vitrine", "p50-ms", "search_1m.facets4", "ms", 50, "<="},
		{"Search/Term/vitrine", "p99-ms", "search_1m.term_p99", "ms", 20, "<="},
		{"Search/And/vitrine", "p99-ms", "search_1m.and_p99", "ms", 20, "<="},
		{"Search/FilterSortPage/vitrine", "p99-ms", "search_1m.filter_sort_page_p99", "ms", 20, "<="},
		{"Search/Figures/vitrine", "memory-B/asset", "search_1m.memory_per_asset", "B", 200, "<="},
		{"Search/Figures/vitrine", "disk-B/asset", "search_1m.disk_per_asset", "B", 2048, "<="},
		{"Search/Figures/vitrine", "start-ms", "search_1m.start", "ms", 5000, "<="},
		{"Search/Figures/vitrine", "assets/s", "search_1m.indexing", "assets/s", 1450, ">="},
	})
}

// permissionCost compares searches of somebody with 200 grants with those of somebody without a limit, in the same run.
func permissionCost(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./search/bleve", "^BenchmarkPermissionCost$", "2000x", "-assets", "100000")
	if err != nil {
		return nil, err
	}
	v, ok := m["PermissionCost"]["ratio"]
	if !ok {
		return nil, fmt.Errorf("no ratio in %v", m)
	}
	return []row{{Name: "permission.cost", Value: v, Unit: "× an unlimited search", Target: 1.3, Op: "<="}}, nil
}

// collectionFollow measures how long a smart collection of 100,000 assets takes to follow an edit of one.
func collectionFollow(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./search/bleve", "^BenchmarkCollectionFollow$", "1000x", "-assets", "100000")
	if err != nil {
		return nil, err
	}
	return searchRows(m, []searchFigure{
		{"CollectionFollow", "p50-ms", "collection.follow_p50", "ms", 20, "<="},
		{"CollectionFollow", "p99-ms", "collection.follow_p99", "ms", 100, "<="},
	})
}

// collectionTree measures a page of a tree of 100,000 collections, twenty levels deep, on both databases.
func collectionTree(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./dam/collections", "^BenchmarkTree$", "20x")
	if err != nil {
		return nil, err
	}
	return searchRows(m, []searchFigure{
		{"Tree/sqlite", "again-ms", "collection.tree", "ms", 100, "<="},
		{"Tree/sqlite", "changed-ms", "collection.tree_changed", "ms after a change in it", 1000, "<="},
		{"Tree/postgres", "again-ms", "collection.tree_postgres", "ms", 100, "<="},
		{"Tree/postgres", "changed-ms", "collection.tree_postgres_changed", "ms after a change in it", 1000, "<="},
	})
}

// upgrade brings a catalogue with 1,000,000 assets up to date, on both databases. The search index is built beside the
// old one afterwards, while the server answers.
func upgrade(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./dam/catalog", "^BenchmarkUpgrade$", "1x", "-assets", "1000000")
	if err != nil {
		return nil, err
	}
	return searchRows(m, []searchFigure{
		{"Upgrade/sqlite", "s", "upgrade_1m.sqlite", "s", 600, "<="},
		{"Upgrade/postgres", "s", "upgrade_1m.postgres", "s", 600, "<="},
	})
}
