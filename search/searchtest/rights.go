package searchtest

import (
	"slices"
	"time"

	"vitrine/search"
)

// rightsOfNow holds what license: finds against the windows themselves.
func (w *world) rightsOfNow() {
	w.t.Helper()
	found := map[string]int{}
	for _, library := range libraries {
		want := map[string][]string{}
		for _, a := range w.cat.All() {
			if a.Library != library || a.DeletedAt != nil {
				continue
			}
			start, end := a.Rights.Window(time.UTC)
			expired, future := !end.IsZero() && !clock.Before(end), clock.Before(start)
			for state, is := range map[string]bool{"expired": expired, "future": future, "valid": !expired && !future} {
				if is {
					want[state] = append(want[state], a.ID)
				}
			}
		}
		for _, state := range []string{"valid", "expired", "future"} {
			got, err := w.x.Query(w.ctx(), search.Request{Library: library, Q: "license:" + state, Limit: 1000})
			if err != nil {
				w.t.Fatal(err)
			}
			slices.Sort(want[state])
			slices.Sort(got.IDs)
			if !slices.Equal(got.IDs, want[state]) {
				w.t.Errorf("license:%s finds %d in %s, want %d", state, len(got.IDs), library, len(want[state]))
			}
			found[state] += len(got.IDs)
		}
	}
	if len(found) != 3 || found["expired"]*found["future"]*found["valid"] == 0 {
		w.t.Errorf("found %v: the comparison says nothing", found)
	}
}
