package api_test

import (
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/publishers/planning"
	"vitrine/web/api"
)

// Everybody sees that the server holds; publishers what a release will touch; administrators release, what they have
// seen and once.
func TestHoldRoutes(t *testing.T) {
	catalogtest.Each(t, func(t *testing.T, c *catalog.Catalog) {
		f := start(t, c, func(cfg *api.Config) { cfg.Publications = planning.New(planning.Options{Catalog: c}) })
		type view struct {
			Hold  *dam.Hold
			Epoch dam.Epoch
			Held  *struct{ Channels []any }
		}
		read := func(role dam.Role) view {
			t.Helper()
			return into[view](f, f.want(200, f.do(role, "GET", "/api/system/hold", "")))
		}
		if v := read(dam.Admin); v.Hold != nil || v.Held != nil || v.Epoch.Reason != dam.EpochFirst {
			t.Errorf("nothing is held: %+v", v)
		}
		if _, err := c.BeginEpoch(catalogtest.Context(t), catalog.EpochStart{Reason: dam.EpochRestored}); err != nil {
			t.Fatal(err)
		}
		if v := read(dam.Viewer); v.Hold == nil || v.Hold.Reason != dam.EpochRestored || v.Held != nil {
			t.Errorf("a viewer sees %+v", v)
		}
		v := read(dam.Publisher)
		if v.Hold == nil || v.Held == nil || v.Epoch.ID != v.Hold.Epoch {
			t.Fatalf("a publisher sees %+v", v)
		}
		body := `{"epoch":"` + v.Hold.Epoch + `"}`
		f.want(403, f.do(dam.Publisher, "POST", "/api/system/hold/release", body))
		f.want(409, f.do(dam.Admin, "POST", "/api/system/hold/release", `{"epoch":"ep_other"}`))
		if v := into[view](f, f.want(200, f.do(dam.Admin, "POST", "/api/system/hold/release", body))); v.Hold != nil {
			t.Errorf("after the release: %+v", v)
		}
		f.want(409, f.do(dam.Admin, "POST", "/api/system/hold/release", body))
		if log := f.want(200, f.do(dam.Viewer, "GET", "/api/events?limit=1000",
			"")); !strings.Contains(string(log.body), `"hold.released"`) || !strings.Contains(string(log.body),
			`"log.epoch_began"`) {
			t.Error("the log doesn't tell of it")
		}
	})
}
