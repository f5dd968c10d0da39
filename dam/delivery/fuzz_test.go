package delivery_test

import (
	"math"
	"testing"

	"vitrine/dam"
	"vitrine/dam/delivery"
)

// Signed operations are rejected or describe a picture within bounds, and parsing is deterministic.
func FuzzOperations(f *testing.F) {
	v := dam.NewID(dam.VersionPrefix)
	for _, s := range []string{v + ",w_800,h_600,fit_cover,fp_0.3x0.7,q_80", v + ",bg_ffffff", v + ",exp_1767225600",
		v + ",w_0", v + ",w_16384,w_1", v + ",fp_NaNxInf", v + ",fp_1e-400x0x0", v + ",,", "w_1", v + ",q_101",
		v + ",h_+5", v + ",bg_FFFFFF"} {
		for _, ext := range []string{"jpg", "webp", "png", "gif"} {
			f.Add(s, ext)
		}
	}
	f.Fuzz(func(t *testing.T, operations, ext string) {
		got, err := delivery.ParseOperations(operations, ext)
		if err != nil {
			if dam.CodeOf(err) != dam.Invalid {
				t.Errorf("%q is refused with %v", operations, err)
			}
			return
		}
		if got.Width < 0 || got.Width > 16384 || got.Height < 0 || got.Height > 16384 || got.Quality < 1 ||
			got.Quality > 100 || !dam.IsID(dam.VersionPrefix, got.Version) {
			t.Errorf("%q means %+v", operations, got)
		}
		if p := got.Focal; p != nil && (math.IsNaN(p.X) || math.IsNaN(p.Y) || p.X < 0 || p.X > 1 || p.Y < 0 ||
			p.Y > 1) {
			t.Errorf("%q keeps the point %v", operations, *p)
		}
	})
}
