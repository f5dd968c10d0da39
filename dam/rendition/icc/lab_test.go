package icc

import "testing"

// A picture of ordinary colours is read by its signs as stored, whichever way its format says.
func TestLabSigns(t *testing.T) {
	colors := [][3]float64{{48, 69, 52}, {70, -64, 64}, {28, 54, -94}, {87, -10, 81}, {50, 0, 0}, {80, 3, -6},
		{60, -20, 30}}
	var right, wrong LabSigns
	for _, c := range colors {
		right.Add(c[0], c[1], c[2])
		wrong.Add(c[0], SwapSign(c[1]), SwapSign(c[2]))
		if SwapSign(SwapSign(c[1])) != c[1] {
			t.Errorf("%v is another color after two swaps", c)
		}
	}
	if right.Swapped() || !wrong.Swapped() {
		t.Errorf("read as stored: %+v; the other way: %+v", right, wrong)
	}
	// Colours beyond any screen are no reason to swap when the other reading has none either.
	var vivid LabSigns
	for range 100 {
		vivid.Add(95, 60, -60)
	}
	if vivid.Swapped() {
		t.Errorf("vivid colours: %+v", vivid)
	}
}
