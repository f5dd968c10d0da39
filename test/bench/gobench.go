package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

// metrics are the figures of Go benchmarks: name → unit → value.
type metrics map[string]map[string]float64

// goBench runs the benchmarks of a package that match a pattern; extra are
// further arguments of its test binary.
func goBench(ctx context.Context, pkg, pattern, times string, extra ...string) (metrics, error) {
	args := append([]string{"test", "-run", "^$", "-bench", pattern, "-benchtime", times, "-timeout", "30m", pkg},
		extra...)
	out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return parseGoBench(out), nil
}

// parseGoBench reads lines such as "BenchmarkApprove/sqlite-2  100  1234 ns/op  5.6 ms-webhook-p99".
func parseGoBench(out []byte) metrics {
	m := metrics{}
	for lines := bufio.NewScanner(bytes.NewReader(out)); lines.Scan(); {
		f := strings.Fields(lines.Text())
		if len(f) < 4 || !strings.HasPrefix(f[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(f[0], "Benchmark")
		if i := strings.LastIndexByte(name, '-'); i > 0 {
			name = name[:i]
		}
		m[name] = map[string]float64{}
		for i := 2; i+1 < len(f); i += 2 {
			if v, err := strconv.ParseFloat(f[i], 64); err == nil {
				m[name][f[i+1]] = v
			}
		}
	}
	return m
}

// publishApprove measures how long after an approval its webhook and its manifest are there.
func publishApprove(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./publishers/site/bucket", "^BenchmarkApprove$", "100x")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, db := range []string{"sqlite", "postgres"} {
		for what, target := range map[string]float64{"webhook": 1000, "bucket": 2000} {
			v, ok := m["Approve/"+db]["ms-"+what+"-p99"]
			if !ok {
				return nil, fmt.Errorf("no figure for %s on %s in %v", what, db, m)
			}
			rows = append(rows, row{Name: "publish.approve_" + what + "_p99_" + db, Value: v, Unit: "ms",
				Target: target, Op: "<="})
		}
	}
	return rows, nil
}

// publishStart measures how late publications start, and how many are delivered per second.
func publishStart(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./publishers/ledger", "^BenchmarkStart$", "1x")
	if err != nil {
		return nil, err
	}
	d, err := goBench(ctx, "./publishers/ledger", "^BenchmarkDeliveries$", "400x")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, db := range []string{"sqlite", "postgres"} {
		start, deliveries := m["Start/"+db], d["Deliveries/"+db]
		if start["ms-start-p99"] == 0 || deliveries["deliveries/s"] == 0 {
			return nil, fmt.Errorf("no figures for %s in %v, %v", db, m, d)
		}
		rows = append(rows, row{Name: "publish.start_1000_p99_" + db, Value: start["ms-start-p99"], Unit: "ms",
			Target: 1000, Op: "<="},
			row{Name: "publish.start_1000_called_p99_" + db, Value: start["ms-called-p99"],
				Unit: "ms until the channel is called", Target: 6000, Op: "<="},
			row{Name: "publish.start_ahead_" + db, Value: start["ms-ahead"], Unit: "ms", Target: 1000, Op: "<="},
			row{Name: "publish.start_deliveries_" + db, Value: deliveries["deliveries/s"], Unit: "deliveries/s",
				Target: 167, Op: ">="})
	}
	return rows, nil
}

// publishCrowd measures ten thousand publications due at one moment: until the last is leased and delivered, and
// how many of them were out of order or doubled.
func publishCrowd(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./publishers/ledger", "^BenchmarkMinute$", "1x")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, db := range []string{"sqlite", "postgres"} {
		f := m["Minute/"+db]
		if f["s-leased"] == 0 {
			return nil, fmt.Errorf("no figures for %s in %v", db, m)
		}
		rows = append(rows, row{Name: "publish.crowd_leased_" + db, Value: f["s-leased"], Unit: "s", Target: 60,
			Op: "<="},
			row{Name: "publish.crowd_delivered_" + db, Value: f["s-delivered"], Unit: "s", Target: 60, Op: "<="},
			row{Name: "publish.crowd_wrong_" + db, Value: f["wrong"], Unit: "out of order or doubled", Target: 0,
				Op: "<="})
	}
	return rows, nil
}

// publishDeath measures what a node that is killed delays.
func publishDeath(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./publishers/plugin", "^BenchmarkDeath$", "1x")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, db := range []string{"sqlite", "postgres"} {
		f := m["Death/"+db]
		if f["s-late-most"] == 0 {
			return nil, fmt.Errorf("no figures for %s in %v", db, m)
		}
		rows = append(rows, row{Name: "publish.death_delay_" + db, Value: f["s-late-most"],
			Unit: "s, the latest of 300", Target: 5, Op: "<="},
			row{Name: "publish.death_doubled_" + db, Value: f["doubled"], Unit: "posts", Target: 0, Op: "<="})
	}
	return rows, nil
}

// publishPast measures what a million publications of the past cost those of today.
func publishPast(ctx context.Context, _ *bench) ([]row, error) {
	m, err := goBench(ctx, "./publishers/ledger", "^BenchmarkPast$", "1x")
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, db := range []string{"sqlite", "postgres"} {
		v := m["Past/"+db]["times"]
		if v == 0 {
			return nil, fmt.Errorf("no figures for %s in %v", db, m)
		}
		rows = append(rows, row{Name: "publish.past_1m_" + db, Value: v, Unit: "× the time beside none", Target: 1.2,
			Op: "<="})
	}
	return rows, nil
}
