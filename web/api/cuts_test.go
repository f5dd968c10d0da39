package api_test

import (
	"fmt"
	"net/url"
	"slices"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/catalog/catalogtest"
	"vitrine/dam/people"
	"vitrine/dam/rendition"
)

// A crop that cuts a protected zone is said to be withheld before anybody approves it, the product history says from
// when to when nothing was shown, and what was approved before that counted is listed until it is approved again.
func TestCutZonesAreSaid(t *testing.T) {
	cat := catalogtest.SQLite(t)
	f := start(t, cat)
	a, b, hidden := f.photograph(dam.Editor, 1), f.photograph(dam.Editor, 2), f.photograph(dam.Editor, 3)
	for _, x := range []dam.Asset{a, b, hidden} {
		f.ready(x.ID)
	}
	withheld := func(id string) (presets []string) {
		t.Helper()
		list := into[struct {
			Items []struct {
				Preset   string
				Cuts     []dam.ProtectedZone
				Withheld bool
			}
		}](f, f.want(200, f.do(dam.Viewer, "GET", "/api/assets/"+id+"/renditions", "")))
		for _, r := range list.Items {
			if r.Withheld && len(r.Cuts) > 0 && !slices.Contains(presets, r.Preset) {
				presets = append(presets, r.Preset)
			}
		}
		return presets
	}
	const everything = `{"zones":[{"kind":"logo","x":0,"y":0,"w":1,"h":1}]}`
	crops := []string{"og", "square"}
	for _, x := range []dam.Asset{a, b, hidden} {
		f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+x.ID, everything))
	}
	if got := withheld(a.ID); !slices.Equal(got, crops) {
		t.Errorf("before the approval %v are said to be withheld, want %v", got, crops)
	}
	f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/approve", ""))
	saw := func(at time.Time) (state string, pictures int) {
		t.Helper()
		q := url.Values{"url": {"/r/" + a.ID + "/square"}, "at": {at.Format(time.RFC3339Nano)}}
		s := into[seen](f, f.want(200, f.do(dam.Viewer, "GET", "/api/lookup?"+q.Encode(), "")))
		return s.Items[0].State, len(s.Items[0].Renditions)
	}
	cut := now()
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, `{"zones":null}`))
	f.ready(a.ID)
	shown := now()
	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+a.ID, everything))
	f.ready(a.ID)
	again := now()
	for _, c := range []struct {
		at    time.Time
		state string
	}{{cut, "hidden"}, {shown, "shown"}, {again, "hidden"}} {
		if state, n := saw(c.at); state != c.state || (n > 0) != (state == "shown") {
			t.Errorf("the history says %s with %d pictures, want %s", state, n, c.state)
		}
	}
	if s := into[seen](f,
		f.want(200, f.do(dam.Viewer, "GET", "/api/lookup?url=/r/"+a.ID+"/thumb", ""))); s.Items[0].State != "shown" {
		t.Errorf("a preset that shows all: %+v", s.Items)
	}
	// The history follows presets, too.
	p := dam.Preset{Name: "square", Width: 300, Height: 200, Fit: dam.FitContain,
		Formats: []dam.PresetFormat{{Format: dam.JPEG, Quality: 80}}}
	f.finished(f.putPreset(200, p).Run)
	if state, _ := saw(now()); state != "shown" {
		t.Errorf("once the preset crops no more the history says %s", state)
	}
	p.Width, p.Fit = 200, dam.FitCover
	f.finished(f.putPreset(200, p).Run)
	if state, _ := saw(now()); state != "hidden" {
		t.Errorf("once the preset crops again the history says %s", state)
	}

	cuts := func() (ids []string) {
		t.Helper()
		for after := ""; ; {
			page := into[rendition.Cuts](f,
				f.want(200, f.do(dam.Editor, "GET", "/api/renditions/cuts?limit=1&after="+after, "")))
			for _, x := range page.Items {
				ids = append(ids, x.Asset.ID)
				if len(x.Crops) != 2 || x.Crops[0].Preset != "square" || len(x.Crops[0].Cuts) != 1 ||
					x.Crops[1].Preset != "og" {
					t.Errorf("listed with %+v", x.Crops)
				}
			}
			if after = page.Next; after == "" {
				return ids
			}
		}
	}
	if got := cuts(); len(got) != 0 {
		t.Errorf("%v are listed, though their URLs show nothing", got)
	}
	for _, x := range []dam.Asset{a, b, hidden} {
		if x.ID != a.ID {
			f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+x.ID+"/approve", ""))
		}
		if err := cat.Write(f.Context(), func(tx *catalog.Tx) error { // as an upgrade leaves them
			v, err := tx.Versions().Version(f.Context(), x.Latest.ID)
			v.CropExempt = true
			if err == nil {
				err = tx.Versions().UpdateVersion(f.Context(), v)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	if got := cuts(); !slices.Equal(got, []string{a.ID, b.ID, hidden.ID}) || len(withheld(a.ID)) != 0 {
		t.Errorf("listed are %v, withheld %v", got, withheld(a.ID))
	}
	c := into[dam.Collection](f, f.want(201, f.do(dam.Editor, "POST", "/api/collections", `{"name":"Mine"}`)))
	f.want(200, f.do(dam.Editor, "PUT", "/api/collections/"+c.ID+"/assets", fmt.Sprintf(`{"assets":[%q]}`, a.ID)))
	_, secret, err := f.people.CreateToken(f.Context(), dam.DefaultLibrary,
		people.NewToken{Name: "limited", Role: dam.Editor, Collections: []string{c.ID}})
	if err != nil {
		t.Fatal(err)
	}
	page := into[rendition.Cuts](f,
		f.want(200, f.do("", "GET", "/api/renditions/cuts", "", "Authorization", "Bearer "+secret)))
	if len(page.Items) != 1 || page.Items[0].Asset.ID != a.ID {
		t.Errorf("somebody limited to a collection sees %+v", page.Items)
	}
	f.want(422, f.do(dam.Editor, "GET", "/api/renditions/cuts?after=x", ""))

	f.want(200, f.do(dam.Editor, "PATCH", "/api/assets/"+b.ID, `{"zones":null}`))
	f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+hidden.ID+"/archive", ""))
	f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/reject", `{"comment":"cuts the logo"}`))
	f.want(200, f.do(dam.Publisher, "POST", "/api/assets/"+a.ID+"/approve", ""))
	if got := cuts(); len(got) != 0 || !slices.Equal(withheld(a.ID), crops) {
		t.Errorf("listed are %v, withheld of what was approved again %v", got, withheld(a.ID))
	}
}
