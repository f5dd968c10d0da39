package delivery_test

import (
	"strings"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/dam/delivery"
)

const versionID = "v_01jd5q8zk3m9n2p4r6s8t0v1wx"

func TestParseOperations(t *testing.T) {
	got, err := delivery.ParseOperations(versionID+",w_800,h_600,fit_cover,fp_0.25x0.75,q_70,bg_ff00aa,exp_1767225600",
		"webp")
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != versionID || got.Width != 800 || got.Height != 600 || got.Fit != dam.FitCover ||
		*got.Focal != (dam.Point{X: .25, Y: .75}) ||
		got.Quality != 70 || got.Background != "#ff00aa" || got.Format != dam.WebP ||
		!got.Expires.Equal(time.Unix(1767225600, 0)) {
		t.Errorf("%+v", got)
	}
	if got, err := delivery.ParseOperations("w_10,"+versionID, "jpg"); err != nil || got.Fit != dam.FitContain ||
		got.Quality != 80 || got.Height != 0 || got.Format != dam.JPEG {
		t.Errorf("defaults: %+v, %v", got, err)
	}
	for _, bad := range []string{
		"", "w_800", versionID, versionID + ",w_0", versionID + ",w_-1", versionID + ",w_16385", versionID + ",w_8e2",
		versionID + ",w_800,w_700", versionID + ",w",
		versionID + ",w_10,q_0", versionID + ",w_10,q_101", versionID + ",w_10,fit_squash",
		versionID + ",w_10,fit_cover", versionID + ",w_10,fp_1", versionID + ",w_10,fp_1x2",
		versionID + ",w_10,fp_NaNx0", versionID + ",w_10,bg_red", versionID + ",w_10,bg_+ffff0",
		versionID + ",w_10,exp_0", versionID + ",w_10,spin_1", versionID + ",w_10,", "v_1,w_10",
	} {
		if _, err := delivery.ParseOperations(bad, "jpg"); dam.CodeOf(err) != dam.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if _, err := delivery.ParseOperations(versionID+",w_10", "gif"); dam.CodeOf(err) != dam.Invalid {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestSignPath(t *testing.T) {
	keys := delivery.Keys{[]byte("0123456789abcdef")}
	path := "/t/" + versionID + ",w_10/" + assetID + ".jpg"
	signed, err := keys.SignPath(path)
	if err != nil {
		t.Fatal(err)
	}
	ref, err := delivery.Parse(signed)
	if err != nil || ref.Kind != delivery.AdHoc || len(ref.Signature) != 22 ||
		strings.Replace(signed, ref.Signature+"/", "", 1) != path {
		t.Errorf("%s, %+v, %v", signed, ref, err)
	}
	for _, bad := range []string{"", "/r/" + assetID + "/thumb", "/t/" + versionID + ",w_10",
		"/t/w_10/" + assetID + ".jpg", signed} {
		if got, err := keys.SignPath(bad); err == nil {
			t.Errorf("%q is signed as %q", bad, got)
		}
	}
	if _, err := (delivery.Keys{}).SignPath(path); err == nil {
		t.Error("signed without a key")
	}
}
