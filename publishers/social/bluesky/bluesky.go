// Package bluesky publishes to Bluesky, or any other PDS of the AT Protocol.
//
// A post is a record under a key that is derived from the publication, written with putRecord: repeating it, however
// late, makes no second post.
package bluesky

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rivo/uniseg"
	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "bluesky"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["service", "handle", "password"],
 "properties": {
  "service": {"type": "string", "x-destination": true, "title": "Service", "description": "https://bsky.social, or the account's own PDS", "minLength": 1,
   "x-fr": {"title": "Service", "description": "https://bsky.social, ou le PDS du compte"}},
  "handle": {"type": "string", "title": "Handle", "description": "brand.bsky.social, without @", "minLength": 1,
   "x-fr": {"title": "Pseudo", "description": "marque.bsky.social, sans @"}},
  "password": {"type": "string", "title": "App password", "description": "From Settings → App passwords; never the account's own password", "writeOnly": true,
   "x-fr": {"title": "Mot de passe d’application", "description": "Dans Paramètres → Mots de passe d’application ; jamais le mot de passe du compte"}}
 }
}`

// options are those of a single publication.
const options = `{
 "type": "object", "additionalProperties": false,
 "properties": {
  "card": {"type": "boolean", "title": "Show the link as a card, with the picture in it",
   "x-fr": {"title": "Montrer le lien sous forme de carte, avec l’image"}}
 }
}`

// The limits of the lexicons app.bsky.feed.post, app.bsky.embed.images and app.bsky.embed.external
// (github.com/bluesky-social/atproto, lexicons/app/bsky, 2026-08-20).
const (
	captionMax  = 300  // graphemes
	captionSize = 3000 // bytes
	blobMax     = 2_000_000
	blobMaxOld  = 1_000_000 // of servers before version 0.4.218 (packages/pds/CHANGELOG.md)
	thumbMax    = 1_000_000 // of the picture of a card
	altMax      = 2000      // characters; Bluesky's own app, the lexicon has no limit
	collection  = "app.bsky.feed.post"
	// mostPictures is the lexicon's (app.bsky.embed.images).
	mostPictures = 4
)

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Bluesky",
		API: publishers.API{Source: "https://github.com/bluesky-social/atproto/tree/main/lexicons/app/bsky",
			Checked: publishers.Day(2026, time.November, 30)},
		Schema: json.RawMessage(schema), Publisher: &publisher{client},
		Tested: "Bluesky PDS", Files: dam.FileCount{Pictures: mostPictures},
		Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return c.Service + "\x00" + c.Handle
		}}
}

type publisher struct{ client *http.Client }

type config struct {
	Service string `json:"service"`
	Handle  string `json:"handle"`
}

// session is stored with the channel's secrets.
type session struct {
	DID     string `json:"did"`
	Handle  string `json:"handle"`
	Access  string `json:"accessJwt"`
	Refresh string `json:"refreshJwt"`
}

// blob is a picture that was uploaded.
type blob struct {
	Blob   json.RawMessage `json:"blob,omitempty"`
	SHA256 string          `json:"sha256"`
}

// progress is the state after Prepare. CreatedAt is set there, so that a repeated Commit writes the same record.
type progress struct {
	blob
	// More are the further pictures.
	More      []blob    `json:"more,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	// DIDs are those of the accounts that the text mentions, by handle; "" for handles that nobody has.
	DIDs map[string]string `json:"dids,omitempty"`
}

// call makes an XRPC call. Its URL is the name of the method, with its query. token is the bearer token, "" for none.
func (p *publisher) call(ctx context.Context, a publishers.Account, token string, c publishers.Call) error {
	var set config
	if err := json.Unmarshal(a.Config, &set); err != nil {
		return publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(set.Service)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return dam.InvalidInput("config.service", reasons.BlueskyUrlForm())
	}
	c.Token, c.URL, c.Refused = token, strings.TrimRight(set.Service, "/")+"/xrpc/"+c.URL, refused
	_, err = c.Do(ctx, p.client)
	return err
}

// errNoRecord means that there is no such record.
var errNoRecord = errors.New("no such record")

// refused classifies an answer by the protocol's error name, which says more than the status: a bad token is a 400.
func refused(res *http.Response, raw []byte, commit bool) error {
	var named struct{ Error string }
	_ = json.Unmarshal(raw, &named) // an answer that is not JSON is classified by its status
	cause := &publishers.Answer{Status: res.StatusCode, Name: named.Error}
	switch named.Error {
	case "ExpiredToken", "InvalidToken", "AuthMissing":
		return publishers.AuthExpired(cause)
	case "AuthenticationRequired", "AccountTakedown", "AccountDeactivated", "AccountSuspended",
		"AuthFactorTokenRequired":
		return publishers.Disconnected(reasons.BlueskyRefusesAccount(cause.Error()), cause)
	case "RecordNotFound":
		return errNoRecord
	case "RateLimitExceeded":
		return publishers.Throttled(publishers.RetryAfter(res.Header, time.Now()), cause)
	case "InvalidRequest", "HandleNotFound", "BlobTooLarge", "InvalidMimeType", "InvalidRecord":
		if res.StatusCode < 500 {
			e := publishers.Permanent("", reasons.BlueskyRefuses(cause.Error()))
			e.Err = cause
			return e
		}
	}
	e := publishers.Answered(res, commit)
	e.Err = cause
	return e
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	most := p.pictureLimit(ctx, a)
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.WebP}, MaxBytes: int64(most)},
		CaptionUnit: "graphemes", CaptionMax: captionMax, AltMax: altMax, Idempotency: publishers.Durable, Recall: true,
		Parallel: 2, Options: json.RawMessage(options),
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitGraphemesBytes(300, 3000),
			"media": reasons.LimitPictureAndCard("JPEG, PNG, WebP", most/1_000_000, blobMaxOld/1_000_000),
			"alt":   reasons.LimitCharacters(2000)}}, nil
}

// pictureLimit returns how large a picture the account's server takes: an older one less, and one that doesn't say how
// old it is may be an older one.
func (p *publisher) pictureLimit(ctx context.Context, a publishers.Account) int {
	version, err := p.RemoteVersion(ctx, a)
	if err != nil {
		return blobMaxOld
	}
	var major, minor, patch int
	if n, _ := fmt.Sscanf(strings.TrimPrefix(version, remoteName), "%d.%d.%d", &major, &minor, &patch); n == 3 &&
		major == 0 && (minor < 4 || minor == 4 && patch < 218) {
		return blobMaxOld
	}
	return blobMax
}

const remoteName = "pds "

// RemoteVersion implements publishers.Versioned.
func (p *publisher) RemoteVersion(ctx context.Context, a publishers.Account) (string, error) {
	var health struct{ Version string }
	err := p.call(ctx, a, "", publishers.Call{Method: http.MethodGet, URL: "_health", Out: &health})
	if err == nil && health.Version == "" {
		err = errors.New("the server does not tell its version")
	}
	return remoteName + health.Version, err
}

func (p *publisher) login(ctx context.Context, a publishers.Account) (s session, err error) {
	var c config
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return s, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	err = p.call(ctx, a, "", publishers.Call{Method: http.MethodPost, URL: "com.atproto.server.createSession", Out: &s,
		JSON: map[string]string{"identifier": strings.TrimPrefix(c.Handle, "@"), "password": a.Secrets["password"]}})
	return s, err
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	s, err := p.login(ctx, a)
	return dam.ChannelIdentity{ID: s.DID, Name: "@" + s.Handle, URL: "https://bsky.app/profile/" + s.Handle}, err
}

// Refresh implements publishers.Publisher. It uses the refresh token, or logs in again.
func (p *publisher) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	var s session
	err := errors.New("no session yet")
	if token := a.Secrets["refresh_jwt"]; token != "" {
		err = p.call(ctx, a, token, publishers.Call{Method: http.MethodPost, URL: "com.atproto.server.refreshSession",
			Out: &s})
	}
	if err != nil {
		if s, err = p.login(ctx, a); err != nil {
			return nil, err
		}
	}
	return map[string]string{"access_jwt": s.Access, "refresh_jwt": s.Refresh, "did": s.DID}, nil
}

// signedIn returns the session's token and DID. AuthExpired makes the ledger refresh them.
func signedIn(a publishers.Account) (token, did string, err error) {
	token, did = a.Secrets["access_jwt"], a.Secrets["did"]
	if token == "" || did == "" {
		return "", "", publishers.AuthExpired(errors.New("no session yet"))
	}
	return token, did, nil
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if n := uniseg.GraphemeClusterCount(in.Content.Text); n > captionMax {
		no("caption", reasons.CaptionTooManyGraphemes(n, captionMax))
	} else if n := len(in.Content.Text); n > captionSize {
		no("caption", reasons.CaptionTooManyBytes(n, captionSize))
	}
	for _, m := range in.Content.Media {
		if n := len([]rune(in.AltOf(m))); n > altMax {
			no("alt", reasons.AlternativeTextTooLong(n, altMax))
		}
	}
	if !asCard(in) {
		return out
	}
	if len(in.Content.Media) > 1 {
		no("options.card", reasons.CardOfOnePicture())
	}
	if cardLink(facetsOf(in.Content.Text)) == "" {
		no("options.card", reasons.CardWithoutLink())
	}
	for _, m := range in.Content.Media {
		if m.Size > thumbMax {
			no("presets", reasons.FileOverBytes(m.Preset, m.Size, thumbMax))
		}
	}
	return out
}

// Prepare implements publishers.Publisher. It uploads the pictures, and looks up whom the text mentions.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s progress
	if state != nil {
		if err := json.Unmarshal(state, &s); err != nil {
			s = progress{}
		}
	}
	if s.CreatedAt.IsZero() {
		s.CreatedAt = time.Now().UTC().Truncate(time.Millisecond)
	}
	token, _, err := signedIn(in.Account)
	if err != nil {
		return state, err
	}
	further := max(len(in.Content.Media)-1, 0)
	s.More = append(s.More, make([]blob, further)...)[:further]
	for i, m := range in.Content.Media {
		one := &s.blob
		if i > 0 {
			one = &s.More[i-1]
		}
		if m.SHA256 == one.SHA256 {
			continue
		}
		if err := p.upload(ctx, in, token, m, one); err != nil {
			return state, err
		}
		if i == further || in.Keep == nil {
			continue
		}
		kept, err := json.Marshal(s)
		if err != nil {
			return state, err
		}
		if err := in.Keep(ctx, kept); err != nil {
			return state, err
		}
		state = kept
	}
	s.DIDs, err = p.mentioned(ctx, in.Account, token, in.Content.Text)
	kept, jsonErr := json.Marshal(s)
	return kept, errors.Join(err, jsonErr)
}

func (p *publisher) upload(ctx context.Context, in publishers.Intent, token string, m publishers.Media,
	to *blob) error {
	r, err := in.Open(ctx, m)
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.LimitReader(r, blobMax+1))
	if err = errors.Join(err, r.Close()); err != nil {
		return err
	}
	var answer struct {
		Blob json.RawMessage `json:"blob"`
	}
	if err := p.call(ctx, in.Account, token, publishers.Call{Method: http.MethodPost,
		URL: "com.atproto.repo.uploadBlob", Header: http.Header{"Content-Type": {m.MediaType}},
		Body: bytes.NewReader(b), Out: &answer}); err != nil {
		return err
	}
	to.Blob, to.SHA256 = answer.Blob, m.SHA256
	return nil
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	token, did, err := signedIn(in.Account)
	if err != nil {
		return publishers.Receipt{}, err
	}
	key := recordKey(in)
	if err := p.put(ctx, in.Account, token, did, key, record(in, s)); err != nil {
		return publishers.Receipt{}, err
	}
	return receipt(did, key), nil
}

func (p *publisher) put(ctx context.Context, a publishers.Account, token, did, key string, r post) error {
	return p.call(ctx, a, token, publishers.Call{Method: http.MethodPost, URL: "com.atproto.repo.putRecord",
		Commit: true,
		JSON:   map[string]any{"repo": did, "collection": collection, "rkey": key, "validate": true, "record": r}})
}

// Comment implements publishers.Commenter. A comment is a post that replies, under a key of its own that is also
// derived from the publication.
func (p *publisher) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	token, did, err := signedIn(in.Account)
	if err != nil {
		return "", err
	}
	to := reference{URI: r.Remote}
	query := url.Values{"repo": {did}, "collection": {collection}, "rkey": {recordKey(in)}}
	if err := p.call(ctx, in.Account, token, publishers.Call{Method: http.MethodGet,
		URL: "com.atproto.repo.getRecord?" + query.Encode(), Out: &to}); err != nil {
		return "", err
	}
	own := commented(in)
	own.Content.Text = in.Content.FirstComment
	own.Content.Options, own.Content.Media = nil, nil
	dids, err := p.mentioned(ctx, in.Account, token, own.Content.Text)
	if err != nil {
		return "", err
	}
	comment := record(own, progress{CreatedAt: time.Now().UTC(), DIDs: dids})
	comment.Reply = &reply{Root: to, Parent: to}
	key := recordKey(own)
	return receipt(did, key).Remote, p.put(ctx, in.Account, token, did, key, comment)
}

// commented is the intent that the comment's key is derived from.
func commented(in publishers.Intent) publishers.Intent {
	in.ID += "/comment"
	return in
}

// RecallComment implements publishers.CommentRecaller: a reply is a record of its own, under a key that is known even
// if the answer to it was lost.
func (p *publisher) RecallComment(ctx context.Context, in publishers.Intent, _ dam.Receipt) error {
	_, err := p.Recall(ctx, commented(in), nil)
	return err
}

func receipt(did, key string) publishers.Receipt {
	return publishers.Receipt{Remote: "at://" + did + "/" + collection + "/" + key, URL: "https://bsky.app/profile/" +
		did + "/post/" + key}
}

const sortable = "234567abcdefghijklmnopqrstuvwxyz"

// recordKey returns a TID: 53 bits of microseconds and 10 bits of clock, as 13 sortable characters. The second is the
// publication's; the microseconds and the clock are derived from its id, so that publications created in the same
// instant get different keys.
func recordKey(in publishers.Intent) string {
	sum := sha256.Sum256([]byte(in.ID))
	micros := uint64(in.CreatedAt.Unix())*1_000_000 + binary.BigEndian.Uint64(sum[:8])%1_000_000
	v := micros<<10 | uint64(binary.BigEndian.Uint16(sum[8:10]))&0x3ff
	var b [13]byte
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = sortable[v&31]
		v >>= 5
	}
	return string(b[:])
}

// Lookup implements publishers.Publisher.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	token, did, err := signedIn(in.Account)
	if err != nil {
		return publishers.Outcome{}, err
	}
	key := recordKey(in)
	query := url.Values{"repo": {did}, "collection": {collection}, "rkey": {key}}
	err = p.call(ctx, in.Account, token, publishers.Call{Method: http.MethodGet, URL: "com.atproto.repo.getRecord?" +
		query.Encode()})
	if errors.Is(err, errNoRecord) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	if err != nil {
		return publishers.Outcome{}, err
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(did, key)}, nil
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, _ dam.Receipt) (publishers.Outcome, error) {
	return p.Lookup(ctx, in, nil)
}

// Recall implements publishers.Publisher. Deleting a record that doesn't exist succeeds.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, _ *dam.Receipt) (reasons.Reason, error) {
	token, did, err := signedIn(in.Account)
	if err != nil {
		return reasons.Reason{}, err
	}
	key := recordKey(in)
	body, err := json.Marshal(map[string]string{"repo": did, "collection": collection, "rkey": key})
	if err != nil {
		return reasons.Reason{}, err
	}
	if err := p.call(ctx, in.Account, token, publishers.Call{Method: http.MethodPost,
		URL: "com.atproto.repo.deleteRecord", Header: http.Header{"Content-Type": {"application/json"}},
		Body: bytes.NewReader(body)}); err != nil && !errors.Is(err, errNoRecord) {
		return reasons.Reason{}, err
	}
	return reasons.DeletedRemote(receipt(did, key).Remote), nil
}
