package delivery

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Keys sign ad-hoc URLs: the first key signs, and all are accepted. To rotate, insert a new key first, and remove the
// old one once no page contains its URLs.
type Keys [][]byte

// signatureSize is how many bytes of an HMAC-SHA256 are kept: 128 bits can't be guessed.
const signatureSize = 16

// MinKey is the minimum length of a signing key in bytes.
const MinKey = 16

// Sign returns the signature of operations on an asset in a format.
func (k Keys) Sign(operations, asset, ext string) string {
	return base64.RawURLEncoding.EncodeToString(mac(k[0], operations, asset, ext))
}

func mac(key []byte, operations, asset, ext string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("/t/" + operations + "/" + asset + "." + ext)) // a hash never fails to write
	return h.Sum(nil)[:signatureSize]
}

// verify reports whether one of the keys made the signature.
func (k Keys) verify(ref Ref) bool {
	got, err := base64.RawURLEncoding.Strict().DecodeString(ref.Signature)
	if err != nil || len(got) != signatureSize {
		return false
	}
	ok := false
	for _, key := range k {
		ok = hmac.Equal(got, mac(key, ref.Operations, ref.Asset, ref.Ext)) || ok
	}
	return ok
}

// SignPath signs an ad-hoc path without a signature, /t/{operations}/{asset}.{ext}, and returns the path to publish. It
// returns an error for a path that the server would not serve.
func (k Keys) SignPath(path string) (string, error) {
	rest, ok := strings.CutPrefix(path, "/t/")
	ref, parsed := parseAdHoc("-/" + rest)
	if !ok || !parsed {
		return "", dam.InvalidInput("path", reasons.NotASignedPath())
	}
	if len(k) == 0 {
		return "", &dam.Error{Code: dam.Conflict, Reason: reasons.NoSigningKey()}
	}
	if _, err := ParseOperations(ref.Operations, ref.Ext); err != nil {
		return "", err
	}
	return "/t/" + k.Sign(ref.Operations, ref.Asset, ref.Ext) + "/" + rest, nil
}

// Transform is the parsed content of an ad-hoc URL.
type Transform struct {
	Version    string     `json:"-"`
	Expires    time.Time  `json:"-"` // zero is never
	Width      int        `json:"width"`
	Height     int        `json:"height"`
	Fit        dam.Fit    `json:"fit"`
	Focal      *dam.Point `json:"focal,omitempty"`
	Background string     `json:"background,omitempty"` // #rrggbb, "" is white
	Format     dam.Format `json:"format"`
	Quality    int        `json:"quality"`
}

// adHocFormats are the formats of ad-hoc URLs.
var adHocFormats = slices.DeleteFunc(slices.Clone(dam.Formats()), func(f dam.FormatInfo) bool { return !f.AdHoc })

// ParseOperations reads the operations of an ad-hoc URL, separated by commas:
//
//	v_…             the version, by its id; required, so that the bytes never change
//	w_800 h_600     the box in pixels; one side may be left out
//	fit_cover       fill the box and crop; fit_contain, the default, keeps the whole picture
//	fp_0.3x0.7      the point a crop keeps, as fractions from the left and the top; else the centre
//	q_80            quality 1–100; 80 when left out
//	bg_ffffff       the colour behind transparent pixels where the format has no alpha
//	exp_1767225600  the second (Unix time) from which the URL is gone
//
// The format is the extension: jpg, webp or png. Errors are dam.Invalid.
func ParseOperations(operations, ext string) (Transform, error) {
	t := Transform{Fit: dam.FitContain, Quality: 80}
	extension := func(f dam.FormatInfo) string { return f.Ext }
	at := slices.IndexFunc(adHocFormats, func(f dam.FormatInfo) bool { return f.Ext == ext })
	if at < 0 {
		return t, dam.InvalidInput("ext", reasons.ExtensionNotMade(ext, dam.FormatList(adHocFormats, extension)))
	}
	t.Format = adHocFormats[at].Format
	seen := map[string]bool{}
	for op := range strings.SplitSeq(operations, ",") {
		name, value, _ := strings.Cut(op, "_")
		bad := dam.InvalidInput("operations", reasons.OperationUnreadable(op))
		if seen[name] {
			return t, dam.InvalidInput("operations", reasons.OperationTwice(name))
		}
		seen[name] = true
		if !t.set(name, value, op) {
			return t, bad
		}
	}
	if t.Version == "" {
		return t, dam.InvalidInput("operations", reasons.VersionMissing())
	}
	return t, t.preset().Validate()
}

// set applies an operation and reports whether it is valid.
func (t *Transform) set(name, value, op string) bool {
	number := func(lo, hi int64) (int64, bool) {
		n, err := strconv.ParseInt(value, 10, 64)
		return n, err == nil && lo <= n && n <= hi
	}
	var n int64
	var ok bool
	switch name {
	case "v":
		t.Version, ok = op, isID(dam.VersionPrefix, op)
	case "w":
		n, ok = number(1, 16384)
		t.Width = int(n)
	case "h":
		n, ok = number(1, 16384)
		t.Height = int(n)
	case "q":
		n, ok = number(1, 100)
		t.Quality = int(n)
	case "fit":
		t.Fit = dam.Fit(value)
		ok = t.Fit == dam.FitCover || t.Fit == dam.FitContain
	case "fp":
		x, y, _ := strings.Cut(value, "x")
		px, errX := strconv.ParseFloat(x, 64)
		py, errY := strconv.ParseFloat(y, 64)
		t.Focal = &dam.Point{X: px, Y: py}
		ok = cmp.Or(errX, errY) == nil && px >= 0 && px <= 1 && py >= 0 && py <= 1
	case "bg":
		t.Background = "#" + value
		_, err := strconv.ParseUint(value, 16, 32)
		ok = err == nil && len(value) == 6 && strings.ToLower(value) == value
	case "exp":
		n, ok = number(1, 1<<40)
		t.Expires = time.Unix(n, 0)
	}
	return ok
}
