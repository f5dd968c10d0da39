package delivery_test

import (
	"strconv"
	"strings"
	"testing"

	"vitrine/dam"
	"vitrine/dam/delivery"
)

const (
	assetID = "a_01jd5q8zk3m9n2p4r6s8t0v1wx"
	hash    = "0123456789abcdef01234567"
)

func TestParse(t *testing.T) {
	for path, want := range map[string]delivery.Ref{
		"/r/" + assetID + "/thumb": {Kind: delivery.Live, Asset: assetID, Preset: "thumb"},
		"/r/" + assetID + "/product-hero2": {Kind: delivery.Live, Asset: assetID,
			Preset: "product-hero2"},
		"/r/" + assetID + "/" + hash + "/thumb.webp": {Kind: delivery.Exact, Asset: assetID, Hash: hash,
			Preset: "thumb", Ext: "webp"},
		"/t/c2ln/v_1,w_200/" + assetID + ".jpg": {Kind: delivery.AdHoc, Asset: assetID, Ext: "jpg",
			Signature: "c2ln", Operations: "v_1,w_200"},
		"":                                      {},
		"/":                                     {},
		"r/" + assetID + "/thumb":               {},
		"/r/" + assetID:                         {},
		"/r/" + assetID + "/":                   {},
		"/r/" + assetID + "/thumb/":             {},
		"/r/" + assetID + "/Thumb":              {},
		"/r/" + assetID + "/thumb.webp":         {},
		"/r/" + assetID + "/../thumb":           {},
		"/r/" + assetID + "/" + hash + "/thumb": {},
		"/r/" + assetID + "/" + hash + "/thumb.webp/x":         {},
		"/r/" + assetID + "/" + hash + "/thumb.tar.gz":         {},
		"/r/" + assetID + "/" + strings.ToUpper(hash) + "/t.x": {},
		"/r/" + assetID[:27] + "/thumb":                        {},
		"/r/v" + assetID[1:] + "/thumb":                        {},
		"/r/" + assetID[:27] + "u/thumb":                       {}, // not in the alphabet
		"/t//v_1/" + assetID + ".jpg":                          {},
		"/t/sig//" + assetID + ".jpg":                          {},
		"/x/" + assetID + "/thumb":                             {},
		"/r/" + assetID + "/" + strings.Repeat("a", 600):       {},
	} {
		got, err := delivery.Parse(path)
		if got != want || (want.Kind == 0) != (dam.CodeOf(err) == dam.NotFound) {
			t.Errorf("Parse(%q) = %+v, %v; want %+v", path, got, err, want)
		}
	}
}

// Parse accepts exactly one spelling of each meaning: no two paths mean the same.
func FuzzParse(f *testing.F) {
	f.Add("/r/" + assetID + "/thumb")
	f.Add("/r/" + assetID + "/" + hash + "/thumb.webp")
	f.Add("/t/c2ln/v_1,w_200/" + assetID + ".jpg")
	f.Add("/r//")
	f.Add("/p/CHR-1.json")
	f.Add("/p/CHR-1/hero/thumb")
	f.Add("/p/~other/CHR-1/hero/2/thumb@2x")
	f.Fuzz(func(t *testing.T, path string) {
		ref, err := delivery.Parse(path)
		if err != nil {
			if (ref != delivery.Ref{}) {
				t.Errorf("an error and %+v", ref)
			}
			return
		}
		product := "/p/"
		if ref.Library != "" {
			product += "~" + ref.Library + "/"
		}
		position := ""
		if ref.N > 0 {
			position = strconv.Itoa(ref.N) + "/"
		}
		again := map[delivery.Kind]string{
			delivery.Live:    "/r/" + ref.Asset + "/" + ref.Preset,
			delivery.Exact:   "/r/" + ref.Asset + "/" + ref.Hash + "/" + ref.Preset + "." + ref.Ext,
			delivery.AdHoc:   "/t/" + ref.Signature + "/" + ref.Operations + "/" + ref.Asset + "." + ref.Ext,
			delivery.Slot:    product + ref.SKU + "/" + ref.Slot + "/" + position + ref.Preset,
			delivery.Product: product + ref.SKU + ".json",
		}[ref.Kind]
		if again != path {
			t.Errorf("%q is read as %q", path, again)
		}
		if ref.SKU == "" && !dam.IsID(dam.AssetPrefix, ref.Asset) {
			t.Errorf("%q is no asset's id", ref.Asset)
		}
	})
}

func TestURLs(t *testing.T) {
	u := delivery.NewURLs("https://media.example.com/")
	r := func(preset string, w, h int, f dam.Format) dam.Rendition {
		return dam.Rendition{Preset: preset, Width: w, Height: h, Format: f, Hash: hash}
	}
	list := []dam.Rendition{
		r("large", 2048, 1365, dam.JPEG), r("large", 2048, 1365, dam.WebP), r("small", 640, 427, dam.WebP),
		r("small", 640, 427, dam.JPEG),
		r("medium", 1280, 853, dam.WebP), r("square", 1080, 1080, dam.WebP), r("og", 1200, 630, dam.WebP),
	}
	base := "https://media.example.com/r/" + assetID + "/"
	if got, want := u.Exact(assetID, list[0]), base+hash+"/large.jpg"; got != want {
		t.Errorf("exact URL %q, want %q", got, want)
	}
	if ref, err := delivery.Parse(strings.TrimPrefix(u.Exact(assetID, list[1]),
		"https://media.example.com")); err != nil || ref.Ext != "webp" {
		t.Errorf("the exact URL is not read back: %+v, %v", ref, err)
	}
	want := base + "small 640w, " + base + "medium 1280w, " + base + "large 2048w"
	if got := u.SrcSet(assetID, list); got != want {
		t.Errorf("srcset\n%s\nwant\n%s", got, want)
	}
	picture := u.Picture(assetID, list, "", `a "red" shoe`)
	for _, part := range []string{`src="` + base + `medium"`, `srcset="` + want + `"`, `width="1280" height="853"`,
		`alt="a &#34;red&#34; shoe"`, `sizes="100vw"`} {
		if !strings.Contains(picture, part) {
			t.Errorf("no %s in %s", part, picture)
		}
	}
	if got := u.Picture(assetID, nil, "", ""); got != "" {
		t.Errorf("a picture of nothing: %s", got)
	}
	if got := delivery.NewURLs("").Live(assetID, "thumb"); got != "/r/"+assetID+"/thumb" {
		t.Errorf("without a base: %s", got)
	}
}
