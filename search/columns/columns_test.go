package columns

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

var shape = Shape{Keywords: 2, Numbers: 1, Strings: 1}

func randomRow(r *rand.Rand, n uint32) Row {
	key := func(most int) Value { s := fmt.Sprint("v", r.IntN(most)); return Value{Key: s, Label: s} }
	row := Row{Number: n, Keywords: [][]Value{{key(4)}, nil}, Numbers: []int64{int64(r.IntN(50)) - 10},
		Strings: []string{fmt.Sprint("s", r.IntN(40))}}
	for range r.IntN(4) {
		row.Keywords[1] = append(row.Keywords[1], key(200))
	}
	if r.IntN(5) == 0 {
		row.Numbers[0] = Missing
		row.Strings[0] = ""
	}
	return row
}

func agree(t *testing.T, v *View, rows map[uint32]Row) {
	t.Helper()
	if int(v.All().GetCardinality()) != len(rows) {
		t.Fatalf("%d rows, want %d", v.All().GetCardinality(), len(rows))
	}
	counts := [2]map[string]int{{}, {}}
	for n, row := range rows {
		if v.Number(0, n) != row.Numbers[0] || v.String(0, n) != row.Strings[0] {
			t.Fatalf("row %d: %d %q, want %+v", n, v.Number(0, n), v.String(0, n), row)
		}
		for col := range row.Keywords {
			keys := map[string]bool{}
			for _, k := range row.Keywords[col] {
				keys[k.Key] = true
			}
			for k := range keys {
				counts[col][k]++
				if !v.Equal(col, k).Contains(n) {
					t.Fatalf("row %d is not under %s", n, k)
				}
			}
		}
	}
	for col := range counts {
		got := map[string]int{}
		for _, c := range v.Counts(col, v.All(), 0, nil) {
			got[c.Key] = c.N
			if int(v.Equal(col, c.Key).GetCardinality()) != c.N {
				t.Fatalf("%s: counted %d, listed %d", c.Key, c.N, v.Equal(col, c.Key).GetCardinality())
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(counts[col]) {
			t.Fatalf("column %d: %v, want %v", col, got, counts[col])
		}
	}
}

// Views don't change while later edits are made.
func TestViewsDoNotChange(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	v := New(shape)
	rows := map[uint32]Row{}
	type moment struct {
		view *View
		rows map[uint32]Row
	}
	var past []moment
	for range 40 {
		e := v.Edit()
		for range r.IntN(400) {
			n := uint32(1 + r.IntN(3000))
			if r.IntN(4) == 0 {
				e.Remove(n)
				delete(rows, n)
			} else {
				rows[n] = randomRow(r, n)
				e.Put(rows[n])
			}
		}
		v = e.View()
		copied := map[uint32]Row{}
		for k, row := range rows {
			copied[k] = row
		}
		past = append(past, moment{v, copied})
	}
	for _, m := range past {
		agree(t, m.view, m.rows)
	}
}

func TestFile(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	rows := map[uint32]Row{}
	e := New(shape).Edit()
	for range 1500 {
		n := uint32(1 + r.IntN(5000))
		rows[n] = randomRow(r, n)
		e.Put(rows[n])
	}
	for n := range rows {
		if n%7 == 0 {
			e.Remove(n)
			delete(rows, n)
		}
	}
	var b bytes.Buffer
	if err := e.View().Save(&b, "tag", 42); err != nil {
		t.Fatal(err)
	}
	file := b.Bytes()
	v, seq, err := Load(file, shape, "tag")
	if err != nil || seq != 42 {
		t.Fatal(seq, err)
	}
	agree(t, v, rows)
	more := v.Edit() // what was loaded can be edited
	rows[9000] = randomRow(r, 9000)
	more.Put(rows[9000])
	agree(t, more.View(), rows)

	if _, _, err := Load(file, shape, "other"); !errors.Is(err, ErrFile) {
		t.Error("another tag was accepted:", err)
	}
	for range 200 { // all damage is detected
		bad := slices.Clone(file)
		if r.IntN(2) == 0 {
			bad = bad[:r.IntN(len(bad))]
		} else {
			bad[r.IntN(len(bad))] ^= 1 << r.IntN(8)
		}
		if _, _, err := Load(bad, shape, "tag"); !errors.Is(err, ErrFile) {
			t.Fatal("damage was accepted:", err)
		}
	}
	var empty bytes.Buffer
	if err := New(shape).Save(&empty, "tag", 0); err != nil {
		t.Fatal(err)
	}
	if v, _, err := Load(empty.Bytes(), shape, "tag"); err != nil || !v.All().IsEmpty() {
		t.Error(err)
	}
}

func TestTop(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 300 {
		n := 1 + r.IntN(3000)
		keys := make([]int64, n)
		set := NewSet()
		for i := range keys {
			keys[i] = int64(r.IntN(1 + r.IntN(500)))
			if r.IntN(3) > 0 {
				set.Add(uint32(i))
			}
		}
		desc := r.IntN(2) == 0
		want := set.ToArray()
		slices.SortFunc(want, func(a, b uint32) int {
			c := cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b))
			if desc {
				return -c
			}
			return c
		})
		key := func(n uint32) int64 { return keys[n] }
		skip, limit := r.IntN(n), 1+r.IntN(100)
		check := func(after *Entry[int64], rest []uint32) {
			t.Helper()
			var got []uint32
			for _, e := range Top(set, key, desc, after, skip, limit) {
				got = append(got, e.Number)
			}
			var page []uint32
			if skip < len(rest) {
				page = rest[skip:min(skip+limit, len(rest))]
			}
			if !slices.Equal(got, page) {
				t.Fatalf("skip %d limit %d: got %v, want %v", skip, limit, got, page)
			}
		}
		check(nil, want)
		if len(want) > 0 {
			i := r.IntN(len(want))
			check(&Entry[int64]{keys[want[i]], want[i]}, want[i+1:])
		}
	}
}

// A scan of a column ends with its context, and not with the last row.
func TestSelectStops(t *testing.T) {
	rows := NewSet()
	rows.AddRange(0, 1_000_000)
	ctx, stop := context.WithCancel(t.Context())
	looked := 0
	set, err := New(shape).Select(ctx, rows, func(uint32) bool {
		looked++
		stop()
		return true
	})
	if !errors.Is(err, context.Canceled) || set != nil || looked > 4096 {
		t.Errorf("%d rows looked at, %v", looked, err)
	}
	if set, err = New(shape).Select(t.Context(), rows, func(n uint32) bool { return n%1000 == 0 }); err != nil ||
		set.GetCardinality() != 1000 {
		t.Errorf("%v, %v", set, err)
	}
}
