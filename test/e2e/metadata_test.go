package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What the camera and the photographer wrote into the file fills the asset and is
// found; the original comes back bit for bit.
func TestEmbeddedMetadata(t *testing.T) {
	x := start(t, setup{})
	file := filepath.Join(t.TempDir(), "DSC_0042.jpg")
	if err := os.WriteFile(file, photo(t, 60, 600, 400), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("exiftool", "-q", "-overwrite_original",
		"-XMP-dc:Title=Fauteuil d'été", "-XMP-dc:Description=Photographié à la Bastille", "-IPTC:Keywords=rotin",
		"-XMP-dc:Subject=rotin", "-XMP-dc:Subject=jardin",
		"-EXIF:Artist=Ada Martin", "-XMP-dc:Creator=Ada Martin", "-EXIF:Copyright=© Maison",
		"-EXIF:DateTimeOriginal=2024:05:01 10:30:00", "-EXIF:OffsetTimeOriginal=+02:00",
		"-GPSLatitude=48.853", "-GPSLatitudeRef=N", "-GPSLongitude=2.369", "-GPSLongitudeRef=E", "-EXIF:Orientation#=6",
		"-XMP:Rating=4", file).CombinedOutput()
	if err != nil {
		t.Fatalf("exiftool (Debian's libimage-exiftool-perl): %v\n%s", err, out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := x.upload("DSC_0042.jpg", data)
	if a.Title["en"] != "Fauteuil d'été" || a.Creator != "Ada Martin" || a.Copyright != "© Maison" || a.Rating != 4 ||
		len(a.Tags) != 2 ||
		a.Captured == nil || a.Captured.Wall != "2024-05-01T10:30:00" || a.Captured.Offset != "+02:00" ||
		a.Place == nil || a.Place.Lat < 48.8 || a.Place.Lat > 48.9 {
		t.Errorf("mapped: %+v", a)
	}
	if a.Latest.Width != 400 || a.Latest.Height != 600 {
		t.Errorf("%d×%d, want the upright size of orientation 6", a.Latest.Width, a.Latest.Height)
	}
	head := x.do(http.StatusOK, "PATCH", "/api/assets/"+a.ID, map[string]any{"skus": []string{"CHR-42"}},
		nil).Header.Get("X-Vitrine-Seq")
	for _, q := range []string{"ete", "fauteuils", "tag:jardin", "creator:ada", "taken:2024-05", "near:48.85,2.37,5km",
		"sku:CHR-42", "0042", "rating:>3"} {
		if p := x.search("wait=" + head + "&q=" + url.QueryEscape(q)); p.Total != 1 {
			t.Errorf("%s finds %d", q, p.Total)
		}
	}
	got := x.try("GET", "/api/assets/"+a.ID+"/download", nil)
	sum := sha256.Sum256(got.body)
	if got.err != nil || hex.EncodeToString(sum[:]) != a.Latest.SHA256 || len(got.body) != len(data) {
		t.Errorf("the original came back altered: %v, %d of %d bytes", got.err, len(got.body), len(data))
	}
}

// A video says when and where it was taken.
func TestEmbeddedMetadataOfVideos(t *testing.T) {
	x := start(t, setup{})
	file := filepath.Join(t.TempDir(), "clip.mp4")
	for _, args := range [][]string{
		{"ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "testsrc=s=64x48:r=10", "-frames:v", "3", file},
		{"exiftool", "-q", "-overwrite_original", "-Keys:CreationDate=2024:03:31 03:30:00+02:00",
			"-Keys:GPSCoordinates=48.8577, 2.295", "-ItemList:Title=Le quai", "-ItemList:Artist=Ada Martin", file},
	} {
		if out, err := exec.CommandContext(t.Context(), args[0], args[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a := x.upload("clip.mp4", data)
	if a.Title["en"] != "Le quai" || a.Creator != "Ada Martin" || a.Captured == nil ||
		a.Captured.Wall != "2024-03-31T03:30:00" || a.Captured.Offset != "+02:00" || a.Place == nil ||
		a.Place.Lat < 48.85 || a.Place.Lat > 48.86 {
		t.Errorf("mapped: %+v %+v %+v", a, a.Captured, a.Place)
	}
	head := x.do(http.StatusOK, "PATCH", "/api/assets/"+a.ID, map[string]any{"skus": []string{"CHR-42"}},
		nil).Header.Get("X-Vitrine-Seq")
	for _, q := range []string{"taken:2024-03", "near:48.85,2.3,5km", "creator:ada", "quai"} {
		if p := x.search("wait=" + head + "&q=" + url.QueryEscape(q)); p.Total != 1 {
			t.Errorf("%s finds %d", q, p.Total)
		}
	}
}
