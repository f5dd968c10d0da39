package e2e

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // renditions
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "golang.org/x/image/webp" // renditions

	"vitrine/dam"
	"vitrine/test/upgrade"
)

// reprocessing waits until the newest one is in a state, and returns it.
func (x *server) reprocessing(state dam.ReprocessingState) (r dam.Reprocessing) {
	x.Helper()
	x.until("a reprocessing is "+string(state), func() bool {
		var list struct{ Items []dam.Reprocessing }
		x.do(http.StatusOK, "GET", "/api/reprocessing", nil, &list)
		return len(list.Items) > 0 && list.Items[0].State == state &&
			x.do(http.StatusOK, "GET", "/api/reprocessing/"+list.Items[0].ID, nil, &r).err == nil
	})
	return r
}

// shows compares the middle of an asset's thumb with a colour.
func (x *server) shows(path string, want color.RGBA) {
	x.Helper()
	a := x.do(http.StatusOK, "GET", path, nil, nil)
	m, _, err := image.Decode(bytes.NewReader(a.body))
	if err != nil {
		x.Errorf("%s: %v", path, err)
		return
	}
	b := m.Bounds()
	r, g, bl, _ := m.At(b.Dx()/2, b.Dy()/2).RGBA()
	for i, d := range []int{int(r>>8) - int(want.R), int(g>>8) - int(want.G), int(bl>>8) - int(want.B)} {
		if d < -12 || d > 12 {
			x.Errorf("%s shows %d %d %d, want %v (channel %d)", path, r>>8, g>>8, bl>>8, want, i)
			return
		}
	}
}

// What an older build refused, could not show or showed wrongly is found after the upgrade, and nothing changes before
// somebody says so. Then it is put right, also across a SIGKILL: addresses show the right pictures, what was right
// stays as it was, no channel is sent anything by itself. Another time there is nothing left to do.
func TestReprocessing(t *testing.T) {
	dir := t.TempDir()
	unpack(t, filepath.Join("..", "upgrade", "testdata", "formats.tar.gz"), dir)
	x := start(t, setup{dir: dir, env: []string{"VITRINE_SECRET_KEY=" + upgrade.Key,
		"VITRINE_PUBLIC_URL=" + upgrade.PublicURL, "VITRINE_NODE=upgrade"}})
	x.do(http.StatusOK, "POST", "/api/system/hold/release", map[string]string{"epoch": x.hold().Hold.Epoch}, nil)
	found := x.reprocessing(dam.ReprocessingReady)
	groups := map[string]int{}
	for _, g := range found.Groups {
		groups[string(g.Action)+" "+g.MediaType] = g.Count
		if g.Reason == "" || len(g.Reasons) == 0 || len(g.Examples) != g.Count {
			t.Errorf("a group says too little: %+v", g)
		}
	}
	if want := map[string]int{"rerender image/tiff": 1, "rerender image/vnd.adobe.photoshop": 1,
		"render image/x-tga": 1,
		"take_in image/bmp":  1, "upload_again image/png": 1}; fmt.Sprint(groups) != fmt.Sprint(want) ||
		found.Total != 4 ||
		found.Publications != 1 {
		t.Fatalf("found %v, %d in all, %d publications; want %v", groups, found.Total, found.Publications, want)
	}

	ids, before := map[string]string{}, map[string]string{} // by file name: the asset, and its thumbs' addresses
	renditions := func(asset string) string {
		var list struct {
			Items []struct{ Hash, Preset, Format string }
		}
		x.do(http.StatusOK, "GET", "/api/assets/"+asset+"/renditions", nil, &list)
		return fmt.Sprint(list.Items)
	}
	var assets struct{ Items []dam.Asset }
	x.do(http.StatusOK, "GET", "/api/assets?limit=50", nil, &assets)
	for _, a := range assets.Items {
		ids[a.Latest.FileName], before[a.Latest.FileName] = a.ID, renditions(a.ID)
	}
	lab := ids["lab.tif"]
	var was struct {
		Items []struct{ Hash, Preset, Format string }
	}
	x.do(http.StatusOK, "GET", "/api/assets/"+lab+"/renditions", nil, &was)
	exact := ""
	for _, r := range was.Items {
		if r.Preset == "thumb" && r.Format == "jpeg" {
			exact = "/r/" + lab + "/" + r.Hash + "/thumb.jpg"
		}
	}
	live := x.do(http.StatusOK, "GET", "/r/"+lab+"/thumb", nil, nil)
	posted, err := filepath.Glob(filepath.Join(dir, "*", "site", lab, "manifest.json"))
	if err != nil || len(posted) == 0 || exact == "" {
		t.Fatalf("nothing of %s is on the channel, or has an address: %v %q", lab, err, exact)
	}
	sent := func() string {
		raw, err := os.ReadFile(posted[0])
		if err != nil {
			t.Fatal(err)
		}
		return string(raw)
	}
	wrong := sent()

	x.do(http.StatusAccepted, "POST", "/api/reprocessing/"+found.ID+"/confirm", struct{}{}, nil)
	x.kill()
	x.run()
	if r := x.reprocessing(dam.ReprocessingDone); r.Done != 4 || r.Failed != 0 || r.Publications != 1 {
		t.Fatalf("%+v", r)
	}
	x.workDone()

	orange := color.RGBA{0xe0, 0x80, 0x20, 255}
	x.shows("/r/"+lab+"/thumb", orange)
	inks := x.do(http.StatusOK, "GET", "/api/assets/"+ids["inks.psd"]+"/download", nil, nil)
	twin := x.ready(x.upload("inks.psd", inks.body, "on_duplicate", "keep").ID)
	x.workDone()
	if now, today := renditions(ids["inks.psd"]), renditions(twin.ID); now != today || now == before["inks.psd"] {
		t.Errorf("inks.psd has %s, as an upload of today has %s", now, today)
	}
	x.shows("/r/"+ids["old.tga"]+"/thumb", color.RGBA{0xc0, 0x20, 0x60, 255})
	for _, name := range []string{"plain.tif", "photo.jpg"} {
		if now := renditions(ids[name]); now != before[name] {
			t.Errorf("%s was right, and is made again: %s, was %s", name, now, before[name])
		}
	}
	now := x.do(http.StatusOK, "GET", "/r/"+lab+"/thumb", nil, nil)
	if now.Header.Get("ETag") == live.Header.Get("ETag") || bytes.Equal(now.body, live.body) {
		t.Error("caches can't tell the right picture from the wrong one")
	}
	if old := x.do(http.StatusFound, "GET", exact, nil, nil); !strings.Contains(old.Header.Get("Location"), "/thumb.") {
		t.Errorf("the wrong picture's own address leads to %q", old.Header.Get("Location"))
	}
	x.do(http.StatusOK, "GET", "/api/assets?limit=50", nil, &assets)
	taken := ""
	for _, a := range assets.Items {
		if a.Latest.FileName == "bits.bmp" {
			taken = a.ID
		}
	}
	if taken == "" {
		t.Fatal("the quarantined file is no asset")
	}
	x.shows("/api/assets/"+taken+"/preview/thumb", color.RGBA{0xff, 0xa5, 0, 255})
	var held struct{ Items []dam.Quarantined }
	if x.do(http.StatusOK, "GET", "/api/quarantine", nil, &held); len(held.Items) != 1 {
		t.Errorf("%d files are in quarantine, want the one whose bytes were not kept", len(held.Items))
	}

	var work struct{ Items []dam.Publication }
	x.do(http.StatusOK, "GET", "/api/reprocessing/"+found.ID+"/publications", nil, &work)
	if len(work.Items) != 1 || work.Items[0].State != dam.PubDelivered || sent() != wrong {
		t.Fatalf("the channel was sent something by itself, or its publication is not listed: %+v", work.Items)
	}
	x.do(http.StatusOK, "PATCH", "/api/publications/"+work.Items[0].ID, struct{}{}, nil, "Content-Type",
		"application/merge-patch+json")
	x.until("a person has the new picture sent", func() bool { return sent() != wrong })
	x.until("its publication is no work any more", func() bool {
		x.do(http.StatusOK, "GET", "/api/reprocessing/"+found.ID+"/publications", nil, &work)
		return len(work.Items) == 0
	})

	x.do(http.StatusAccepted, "POST", "/api/reprocessing", struct{}{}, nil)
	if again := x.reprocessing(dam.ReprocessingDone); again.ID == found.ID || again.Total != 0 {
		t.Errorf("the second time there is something left: %+v", again)
	}
}
