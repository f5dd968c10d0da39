package publishertest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
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

// Several returns an intent with n pictures in the place of one, each with its own alternative text: picture 1 and so
// on.
func Several(t testing.TB, in publishers.Intent, n int) publishers.Intent {
	t.Helper()
	files := map[string][]byte{}
	m := in.Content.Media[0]
	in.Content.Media = nil
	for i := range n {
		b := append(picture(t, dam.JPEG), fmt.Sprintf("%s picture %d", in.ID, i+1)...)
		sum := sha256.Sum256(b)
		m.SHA256, m.Size, m.Asset = hex.EncodeToString(sum[:]), int64(len(b)), dam.NewID(dam.AssetPrefix)
		m.Alt = dam.Text{"en": fmt.Sprintf("picture %d", i+1)}
		files[m.SHA256] = b
		in.Content.Media = append(in.Content.Media, m)
	}
	in.Open = func(_ context.Context, m publishers.Media) (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(files[m.SHA256])), nil
	}
	return in
}

// PrepareInPieces prepares an intent of several files as nodes do that each die after one more file was kept, and fails
// the test if a file is opened twice.
func PrepareInPieces(t testing.TB, p publishers.Publisher, in publishers.Intent) publishers.State {
	t.Helper()
	opened := map[string]int{}
	open := in.Open
	in.Open = func(ctx context.Context, m publishers.Media) (io.ReadCloser, error) {
		opened[m.SHA256]++
		return open(ctx, m)
	}
	died := errors.New("the node is dead")
	var kept publishers.State
	for range 20 * len(in.Content.Media) {
		in.Keep = func(_ context.Context, s publishers.State) error {
			kept = s
			return died
		}
		state, err := p.Prepare(t.Context(), in, kept)
		switch e := (&publishers.Error{}); {
		case err == nil:
			for sha, n := range opened {
				if n != 1 {
					t.Errorf("a file was opened %d times: %s", n, sha)
				}
			}
			return state
		case errors.Is(err, died):
		case errors.As(err, &e) && e.Class == publishers.ClassRetry && e.After > 0: // the remote is at work
			kept = state
			time.Sleep(200 * time.Millisecond)
		default:
			t.Fatal(err)
		}
	}
	t.Fatal("it is never prepared")
	return nil
}
