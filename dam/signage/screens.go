package signage

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// silentAfter is how long a screen may be silent; it reports every half minute.
const silentAfter = 3 * time.Minute

// previewLife is how long a look at a group's player is open.
const previewLife = 30 * time.Minute

// Viewer is who reads a feed: a screen, or a person who has a look at it.
type Viewer struct {
	// Screen is empty for a person.
	Screen string
	key    string // the public key the screen was given
}

func refused() error {
	return &dam.Error{Code: dam.Unauthorized, Reason: reasons.ScreenNotPaired()}
}

// stranger says of a screen that does not exist that it is not let in.
func stranger(err error) error {
	if dam.CodeOf(err) == dam.NotFound {
		return refused()
	}
	return err
}

// Authenticate tells who a token belongs to; Unauthorized when to nobody.
func (s *Service) Authenticate(ctx context.Context, channel, token string) (Viewer, error) {
	id, secret, _ := strings.Cut(token, ".")
	if id == "preview" {
		expires, mac, _ := strings.Cut(secret, ".")
		at, err := strconv.ParseInt(expires, 10, 64)
		want, ok := s.previewMAC(channel, expires)
		if err != nil || !ok || subtle.ConstantTimeCompare([]byte(mac), []byte(want)) != 1 || s.Clock().Unix() >= at {
			return Viewer{}, refused()
		}
		key, err := s.publicKey(0)
		return Viewer{key: key}, err
	}
	row, err := s.Catalog.Screens().Screen(ctx, channel, id)
	err = stranger(err)
	if err == nil && subtle.ConstantTimeCompare([]byte(row.Secret), []byte(hashed(secret))) != 1 {
		err = refused()
	}
	return Viewer{Screen: row.ID, key: row.FeedKey}, err
}

func hashed(secret string) string {
	h := sha256.Sum256([]byte("vitrine screen " + secret))
	return hex.EncodeToString(h[:])
}

func (s *Service) previewMAC(channel, expires string) (string, bool) {
	k, ok := s.Keys(0, "signage preview")
	m := hmac.New(sha256.New, k)
	_, _ = m.Write([]byte(channel + "." + expires)) // never fails
	return base64.RawURLEncoding.EncodeToString(m.Sum(nil)), ok
}

// signer is the i-th key that feeds are signed with: ECDSA on P-256, the one scheme
// that every browser with Web Cryptography can check.
func (s *Service) signer(i int) (*ecdsa.PrivateKey, bool) {
	for n := range 8 { // a derived key is no valid scalar once in 2³²
		raw, ok := s.Keys(i, fmt.Sprintf("signage feeds %d", n))
		if !ok {
			return nil, false
		}
		if k, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw); err == nil {
			return k, true
		}
	}
	return nil, false
}

func (s *Service) publicKey(i int) (string, error) {
	k, ok := s.signer(i)
	if !ok {
		return "", &dam.Error{Code: dam.Unavailable, Reason: reasons.NoFeedKey()}
	}
	raw, err := k.PublicKey.Bytes()
	return base64.RawURLEncoding.EncodeToString(raw), err
}

// Sign signs a feed for a viewer, with the key it was given: r and s, 32 bytes each,
// in base64url. A screen whose key is no longer among the server's is to be paired again.
func (s *Service) Sign(v Viewer, body []byte) (string, error) {
	for i := 0; ; i++ {
		public, err := s.publicKey(i)
		if err != nil {
			return "", refused()
		}
		if public != v.key {
			continue
		}
		k, _ := s.signer(i)
		digest := sha256.Sum256(body)
		a, b, err := ecdsa.Sign(rand.Reader, k, digest[:])
		if err != nil {
			return "", err
		}
		var sig [64]byte
		a.FillBytes(sig[:32])
		b.FillBytes(sig[32:])
		return base64.RawURLEncoding.EncodeToString(sig[:]), nil
	}
}

// Report records what a screen says of itself.
func (s *Service) Report(ctx context.Context, channel string, v Viewer, r dam.ScreenReport) error {
	if v.Screen == "" {
		return nil // a person who has a look
	}
	if len(r.Entry) > 64 || len(r.File) > 64 || len(r.Feed) > 64 || len(r.Problem) > 500 {
		return &dam.Error{Code: dam.Invalid, Reason: reasons.ReportTooLong()}
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		return tx.Screens().SetScreenReport(ctx, channel, v.Screen, r)
	})
}

// Screens lists the screens of a group, and how they are.
func (s *Service) Screens(ctx context.Context, library, channel string) ([]dam.Screen, error) {
	_, entries, err := s.playlist(ctx, library, channel)
	if err != nil {
		return nil, err
	}
	feed, err := s.Feed(ctx, channel)
	if err != nil {
		return nil, err
	}
	rows, err := s.Catalog.Screens().List(ctx, channel)
	out := make([]dam.Screen, len(rows))
	for i, row := range rows {
		x := row.Screen
		switch {
		case x.Report == nil:
			x.State = "waiting"
		case s.Clock().Sub(*x.LastSeen) > silentAfter:
			x.State = "silent"
		case x.Report.Feed != feed.Feed.Version:
			x.State = "behind"
		case x.Report.Entry == "":
			x.State = "idle"
		default:
			x.State = "showing"
		}
		if x.Report != nil {
			if skew := x.Report.Clock.Sub(*x.LastSeen).Round(time.Second); skew.Abs() >= time.Minute {
				x.SkewSeconds = int(skew.Seconds())
			}
			for _, e := range entries {
				if e.Publication == x.Report.Entry {
					x.Title = e.Title
				}
			}
		}
		out[i] = x
	}
	return out, err
}

// AddScreen adds a screen to a group. The answer holds the address to open on it, once.
func (s *Service) AddScreen(ctx context.Context, library, channel, name string) (dam.Screen, error) {
	name = strings.TrimSpace(name)
	if name == "" || len(name) > 200 {
		return dam.Screen{}, dam.InvalidInput("name", reasons.ScreenNameLength())
	}
	ch, _, err := s.playlist(ctx, library, channel)
	if err != nil {
		return dam.Screen{}, err
	}
	key, err := s.publicKey(0)
	if err != nil {
		return dam.Screen{}, err
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) (dam.Screen, error) {
		raw := make([]byte, 32)
		_, _ = rand.Read(raw) // never fails
		secret := base64.RawURLEncoding.EncodeToString(raw)
		row := catalog.ScreenRow{Screen: dam.Screen{ID: dam.NewID(dam.ScreenPrefix), Channel: channel, Name: name},
			Secret: hashed(secret), FeedKey: key}
		if err := tx.Screens().InsertScreen(ctx, &row); err != nil {
			return dam.Screen{}, err
		}
		describe(tx, ch, row.ID, "added")
		row.URL, row.State = s.player(channel, row.ID+"."+secret, key), "waiting"
		return row.Screen, nil
	})
}

// RemoveScreen takes a screen out of its group: it shows nothing any more.
func (s *Service) RemoveScreen(ctx context.Context, library, channel, id string) error {
	ch, _, err := s.playlist(ctx, library, channel)
	if err != nil {
		return err
	}
	return s.Catalog.Write(ctx, func(tx *catalog.Tx) error {
		found, err := tx.Screens().DeleteScreen(ctx, channel, id)
		if err == nil && !found {
			err = &dam.Error{Code: dam.NotFound, Reason: reasons.NoScreen(id)}
		}
		if err == nil {
			describe(tx, ch, id, "removed")
		}
		return err
	})
}

// describe writes a change of a group's screens into the log; the screens hear of it, too.
func describe(tx *catalog.Tx, ch catalog.ChannelRow, screen, what string) {
	data, err := json.Marshal(map[string]string{"kind": ch.Kind, "health": string(ch.Health), "screen": screen,
		"what": what})
	if err != nil {
		data = nil // strings always marshal
	}
	tx.Emit(dam.Event{Library: ch.Library, Type: dam.ChannelUpdated, Subject: ch.ID, Data: data})
}

// player is the address of a group's player; what opens it stays in the fragment, which browsers send to nobody.
func (s *Service) player(channel, token, key string) string {
	return strings.TrimRight(s.PublicURL, "/") + "/signage/" + channel + "/#screen=" + token + "&key=" + key
}

// Preview returns an address at which a person sees what the screens see, for a while.
func (s *Service) Preview(ctx context.Context, library, channel string) (string, error) {
	if _, _, err := s.playlist(ctx, library, channel); err != nil {
		return "", err
	}
	expires := strconv.FormatInt(s.Clock().Add(previewLife).Unix(), 10)
	mac, _ := s.previewMAC(channel, expires)
	key, err := s.publicKey(0)
	return s.player(channel, "preview."+expires+"."+mac, key), err
}
