package rights

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
)

type steps []catalog.Inheritance

func (s steps) Heirs(_ context.Context, assets []string) (out []catalog.Inheritance, _ error) {
	for _, x := range s {
		if slices.Contains(assets, x.Source) {
			out = append(out, x)
		}
	}
	return out, nil
}

func (s steps) Sources(_ context.Context, assets []string) (out []catalog.Inheritance, _ error) {
	for _, x := range s {
		if slices.Contains(assets, x.Heir) {
			out = append(out, x)
		}
	}
	return out, nil
}

// What an asset derives from has no more heirs by many small steps than by one; a circle is no further one.
func TestRoomAbove(t *testing.T) {
	list := steps{{Heir: "top", Source: "pair"}, {Heir: "pair", Source: "top"}}
	for i := range 50 {
		id := fmt.Sprint("m", i)
		list = append(list, catalog.Inheritance{Heir: id, Source: "top"})
		for j := range MaxHeirs/50 - 1 {
			list = append(list, catalog.Inheritance{Heir: fmt.Sprint(id, "_", j), Source: id})
		}
	}
	list = list[:len(list)-1] // for the pair
	if err := roomAbove(t.Context(), list, []string{"m1"}); err != nil {
		t.Error(err)
	}
	list = append(list, catalog.Inheritance{Heir: "one more", Source: "m1"})
	if err := roomAbove(t.Context(), list, []string{"one more", "m1"}); dam.CodeOf(err) != dam.Conflict {
		t.Errorf("too many: %v", err)
	}
}
