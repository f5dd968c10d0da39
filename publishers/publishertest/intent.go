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
	return intent(picture(t, dam.JPEG), publishers.Media{Format: dam.JPEG, Width: 640, Height: 480}, config, secrets)
}

// VideoIntent is a publication of one MP4 of that length and of at least that many bytes.
func VideoIntent(config json.RawMessage, secrets map[string]string, seconds float64, size int) publishers.Intent {
	return intent(clip(seconds, "a film", size), publishers.Media{Format: dam.MP4, Width: 1080, Height: 1920,
		Duration: seconds}, config, secrets)
}

func intent(b []byte, m publishers.Media, config json.RawMessage, secrets map[string]string) publishers.Intent {
	sum := sha256.Sum256(b)
	m.SHA256 = hex.EncodeToString(sum[:])
	m.Preset, m.MediaType, m.Hash, m.Size = Preset, m.Format.MediaType(), m.SHA256[:16], int64(len(b))
	return publishers.Intent{ID: dam.NewID(dam.PublicationPrefix), Revision: 1, Digest: "0123456789abcdef",
		CreatedAt: time.Now(), Locale: "en", Language: "en",
		Account: publishers.Account{Channel: dam.NewID(dam.ChannelPrefix), Config: config, Secrets: secrets},
		Content: publishers.Content{Asset: dam.NewID(dam.AssetPrefix), Title: dam.Text{"en": "Red shoe"},
			Media: []publishers.Media{m}},
		Open: func(context.Context, publishers.Media) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(b)), nil
		},
		Link: func(publishers.Media) string {
			return ""
		}, Keep: func(context.Context, publishers.State) error { return nil }}
}
