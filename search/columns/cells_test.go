package columns

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Packed cells read as what was packed, at every width.
func TestCells(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, most := range []int64{1, 253, 254, 255, 256, math.MaxUint16 - 2, math.MaxUint16 - 1, math.MaxUint16,
		math.MaxUint32 - 2, math.MaxUint32 - 1, math.MaxUint32, math.MaxInt64} {
		for _, least := range []int64{0, -1, 1 << 40, Missing + 1} {
			spread := min(most, math.MaxInt64-max(least, 0))
			v := []int64{least, least + spread, Missing}
			for range 100 {
				v = append(v, least+r.Int64N(spread))
			}
			c := pack(v)
			for i, want := range v {
				if got := c.at(uint32(i)); got != want {
					t.Fatalf("spread %d from %d: cell %d is %d, want %d", most, least, i, got, want)
				}
			}
		}
	}
	if c := pack([]int64{Missing, Missing}); c.at(1) != Missing {
		t.Error("nothing is packed as something")
	}
	if c := pack([]int64{math.MaxInt64, Missing + 1, Missing}); c.at(0) != math.MaxInt64 || c.at(1) != Missing+1 ||
		c.at(2) != Missing {
		t.Error("the widest spread")
	}
}

// Values keep their first label, even if an abandoned edit added others in between.
func TestValues(t *testing.T) {
	put := func(v *View, n uint32, keys ...string) *Edit {
		e := v.Edit()
		var list []Value
		for _, k := range keys {
			list = append(list, Value{Key: strings.ToLower(k), Label: k})
		}
		e.Put(Row{Number: n, Keywords: [][]Value{list}})
		return e
	}
	v := put(New(Shape{Keywords: 1}), 1, "Red", "blue").View()
	for i := range 100 {
		put(v, 2, fmt.Sprint("Given up ", i)) // abandoned
	}
	for i := range uint32(100) {
		v = put(v, 10+i, fmt.Sprint("Kept ", i), "RED").View()
	}
	var labels []string
	for _, c := range v.Counts(0, v.All(), 3, nil) {
		labels = append(labels, fmt.Sprint(c.Label, c.N))
	}
	if want := []string{"Red101", "blue1", "Kept 01"}; !slices.Equal(labels, want) {
		t.Errorf("%v, want %v", labels, want)
	}
	for i := range uint32(100) {
		if !v.Equal(0, fmt.Sprint("kept ", i)).Contains(10+i) || !v.Equal(0, fmt.Sprint("given up ", i)).IsEmpty() {
			t.Errorf("value %d", i)
		}
	}
}
