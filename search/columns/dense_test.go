package columns

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Ranges and pages of dense and sparse sets, with numbers in and out of order, equal those of a plain loop, before and
// after edits.
func TestNumbersInChunks(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	for round := range 150 {
		n := uint32(1 + r.IntN(9000))
		near, missing := 1+r.IntN(4000), r.IntN(4)
		number := func(row uint32) int64 {
			if missing > 0 && r.IntN(12) < missing {
				return Missing
			}
			return int64(row)/3*int64(round%2) + int64(r.IntN(near)) - 500
		}
		v, keys := New(Shape{Numbers: 1}), map[uint32]int64{}
		for step := range 3 {
			e := v.Edit()
			for row := range n {
				if step == 0 && r.IntN(10) > 0 || r.IntN(400) == 0 {
					keys[row] = number(row)
					e.Put(Row{Number: row, Numbers: []int64{keys[row]}})
				}
			}
			v = e.View()
			set := NewSet()
			one := []int{1, 1, 2, 90}[r.IntN(4)]
			for row := range keys {
				if r.IntN(one) == 0 {
					set.Add(row)
				}
			}
			rows := set.ToArray()
			lo := int64(r.IntN(near)) - 600
			hi := lo + int64(r.IntN(near)) - 10
			if r.IntN(8) == 0 {
				lo, hi = Missing, math.MaxInt64
			}
			var want []uint32
			for _, row := range rows {
				if x := keys[row]; x != Missing && x >= lo && x <= hi {
					want = append(want, row)
				}
			}
			if got := v.Range(0, lo, hi, set).ToArray(); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Fatalf("range %d..%d: got %v, want %v", lo, hi, got, want)
			}
			for _, desc := range []bool{false, true} {
				key := v.NumberKey(0, desc)
				want := slices.Clone(rows)
				slices.SortFunc(want, func(a, b uint32) int {
					c := cmp.Or(cmp.Compare(key(a), key(b)), cmp.Compare(a, b))
					if desc {
						return -c
					}
					return c
				})
				limit := 1 + r.IntN(100)
				check := func(after *Entry[int64], skip int, rest []uint32) {
					t.Helper()
					var got []uint32
					for _, e := range v.TopNumbers(0, set, desc, after, skip, limit) {
						got = append(got, e.Number)
					}
					rest = rest[min(skip, len(rest)):]
					if rest = rest[:min(limit, len(rest))]; fmt.Sprint(got) != fmt.Sprint(rest) {
						t.Fatalf("desc %v skip %d limit %d: got %v, want %v", desc, skip, limit, got, rest)
					}
				}
				check(nil, 0, want)
				check(nil, r.IntN(int(n)), want)
				if len(want) > 0 {
					i := r.IntN(len(want))
					check(&Entry[int64]{key(want[i]), want[i]}, r.IntN(2)*r.IntN(int(n)), want[i+1:])
				}
			}
		}
	}
}
