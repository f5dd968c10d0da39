package publishertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"testing"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
)

// Intent is a publication of one JPEG, for tests of a channel without the ledger.
func Intent(t testing.TB, config json.RawMessage, secrets map[string]string) publishers.Intent {
	b := picture(t, dam.JPEG)
	sum := sha256.Sum256(b)
	sha := hex.EncodeToString(sum[:])
	m := publishers.Media{Preset: Preset, Format: dam.JPEG, MediaType: dam.JPEG.MediaType(), Hash: sha[:16], SHA256: sha, Size: int64(len(b)), Width: 640, Height: 480}
	return publishers.Intent{ID: dam.NewID(dam.PublicationPrefix), Revision: 1, Digest: "0123456789abcdef", CreatedAt: time.Now(), Locale: "en",
		Account: publishers.Account{Channel: dam.NewID(dam.ChannelPrefix), Config: config, Secrets: secrets},
		Content: publishers.Content{Asset: dam.NewID(dam.AssetPrefix), Title: dam.Text{"en": "Red shoe"}, Media: []publishers.Media{m}},
		Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(b)), nil
		},
		Link: func(publishers.Media) string { return "" }, Keep: func(context.Context, publishers.State) error { return nil }}
}
