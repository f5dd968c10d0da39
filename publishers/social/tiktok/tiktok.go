// Package tiktok publishes to TikTok: videos, which are uploaded, and photos, which TikTok fetches from the server's
// public URL.
package tiktok

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "tiktok"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["client_id", "client_secret"],
 "properties": {
  "client_id": {"type": "string", "title": "Client key", "description": "Of your own app at developers.tiktok.com; it has to own the domain of the public URL", "minLength": 1,
   "x-fr": {"title": "Clé client", "description": "De votre propre application sur developers.tiktok.com ; le domaine de l’URL publique doit lui appartenir"}},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true,
   "x-fr": {"title": "Secret client"}},
  "privacy": {"type": "string", "title": "Who sees the posts", "description": "Of every post that says nothing else; when left out, each post has to say it. Apps that TikTok has not audited can post for the account itself only", "enum": ["PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"],
   "x-values": {"PUBLIC_TO_EVERYONE": "Everyone", "FOLLOWER_OF_CREATOR": "Followers", "MUTUAL_FOLLOW_FRIENDS": "Friends", "SELF_ONLY": "Only the account"},
   "x-fr": {"title": "Qui voit les publications", "description": "Pour chaque publication qui ne dit rien d’autre ; sans choix ici, chaque publication doit le dire. Les applications que TikTok n’a pas vérifiées ne peuvent publier que pour le compte lui-même", "values": {"PUBLIC_TO_EVERYONE": "Tout le monde", "FOLLOWER_OF_CREATOR": "Abonnés", "MUTUAL_FOLLOW_FRIENDS": "Amis", "SELF_ONLY": "Le compte seul"}}},
  "pkce": {"type": "string", "title": "Code challenge at the login", "description": "none for a web app, which is the default; hex for a desktop app, as TikTok documents it; S256 as in RFC 7636", "enum": ["none", "S256", "hex"],
   "x-values": {"none": "None", "S256": "S256", "hex": "hex"},
   "x-fr": {"title": "Défi de code à la connexion", "description": "Aucun pour une application web, la valeur par défaut ; hex pour une application de bureau, selon la documentation de TikTok ; S256 selon la RFC 7636", "values": {"none": "Aucun", "S256": "S256", "hex": "hex"}}},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the app", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès", "description": "Laissez-le vide et connectez le compte dans le navigateur, ou saisissez un jeton de l’application"}},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true,
   "x-fr": {"title": "Jeton d’actualisation"}}
 }
}`

const (
	captionMax      = 4000 // UTF-16 units
	videoCaptionMax = 2200 // UTF-16 units
	titleMax        = 90   // UTF-16 units
	mediaMax        = 20 << 20
	videoMax        = 4_000_000_000
	minSeconds      = 3
	maxSeconds      = 600 // for accounts for which TikTok states no limit
	minSide         = 360 // pixels of a video
	maxSide         = 4096
	answerLimit     = 1 << 20
	// classify is how long TikTok may take to make a post from a video before a person is asked.
	classify = 5 * time.Minute
)

// Hosts are TikTok's base URLs: API for requests and tokens, Login for the browser.
type Hosts struct{ API, Login string }

// Live returns the base URLs of TikTok itself.
func Live() Hosts { return Hosts{API: "https://open.tiktokapis.com", Login: "https://www.tiktok.com"} }

// Kind returns the kind of channel. client makes the requests.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "TikTok", Schema: json.RawMessage(schema),
		Publisher: &publisher{h, client},
		API: publishers.API{Version: "v2", Domain: "tiktokapis.com",
			Source:  "https://developers.tiktok.com/doc/content-posting-api-get-started",
			Checked: publishers.Day(2026, time.November, 30)},
		OAuth: &publishers.OAuth{Scopes: []string{"user.info.basic", "video.publish"}, ScopeSeparator: ",",
			ClientParam: "client_key", OwnRefresh: true, Client: client,
			PKCE:         func(a publishers.Account) bool { return pkce(a) != "none" },
			HexChallenge: func(a publishers.Account) bool { return pkce(a) == "hex" },
			Endpoint: func(json.RawMessage) (string, string, error) {
				return h.Login + "/v2/auth/authorize/", h.API + "/v2/oauth/token/", nil
			}}}
}

type publisher struct {
	hosts  Hosts
	client *http.Client
}

type config struct {
	ClientID string `json:"client_id"`
	Privacy  string `json:"privacy"` // "" leaves it to each post: TikTok wants a person to choose
	PKCE     string `json:"pkce"`
}

// pkce returns the form of the code challenge. TikTok documents none for web apps, and the hexadecimal form for desktop
// apps: https://developers.tiktok.com/doc/login-kit-web and …/login-kit-desktop (read in November 2026).
func pkce(a publishers.Account) string {
	c, _ := settings(a) // the settings were validated when they were entered
	return cmp.Or(c.PKCE, "none")
}

func settings(a publishers.Account) (c config, err error) {
	if json.Unmarshal(a.Config, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	return c, nil
}

// call makes one request and decodes the answer's data into out.
func (p *publisher) call(ctx context.Context, a publishers.Account, path string, body any, commit bool, out any) error {
	var v struct {
		Data  json.RawMessage `json:"data"`
		Error struct{ Code, Message string }
	}
	c := publishers.Call{Method: http.MethodPost, URL: p.hosts.API + path, Token: a.Secrets[publishers.AccessToken],
		Header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}}, JSON: body, Out: &v, Commit: commit}
	c.Refused = func(res *http.Response, raw []byte, commit bool) error {
		_ = json.Unmarshal(raw, &v) // an answer that is not JSON is classified by its status
		return refused(res, v.Error.Code, v.Error.Message, commit)
	}
	res, err := c.Do(ctx, p.client)
	if err != nil {
		return err
	}
	if v.Error.Code != "" && v.Error.Code != "ok" { // errors may have status 200
		return refused(res.Response, v.Error.Code, v.Error.Message, commit)
	}
	return json.Unmarshal(v.Data, out)
}

// refused classifies an answer first by TikTok's error name.
func refused(res *http.Response, code, message string, commit bool) error {
	cause := fmt.Errorf("%s: %s: %s", res.Status, code, message)
	var e *publishers.Error
	switch {
	case code == "access_token_invalid":
		e = publishers.AuthExpired(nil)
	case code == "scope_not_authorized" || code == "scope_permission_missed" ||
		code == "spam_risk_user_banned_from_posting":
		e = publishers.Disconnected(reasons.TiktokRefusesAccount(message), nil)
	case code == "rate_limit_exceeded":
		e = publishers.Throttled(publishers.RetryAfter(res.Header, time.Now()), nil)
	case strings.HasPrefix(code, "spam_risk") || code == "reached_active_user_cap": // the day's posts are used up
		e = publishers.Throttled(time.Now().Add(time.Hour), nil)
	case code == "url_ownership_unverified":
		e = publishers.Permanent("channel", reasons.TiktokDomainNotOwned())
	case code == "privacy_level_option_mismatch":
		e = publishers.Permanent("options.privacy", reasons.TiktokPrivacyMismatch())
	case code == "unaudited_client_can_only_post_to_private_accounts":
		e = publishers.Permanent("config.privacy", reasons.TiktokAppNotPublic())
	case code != "" && code != "internal_error" && res.StatusCode < 500: // TikTok's own may come with status 200
		e = publishers.Permanent("", reasons.TiktokRefuses(message))
	default:
		e = publishers.Answered(res, commit)
	}
	e.Err = cause
	return e
}

// Describe implements publishers.Publisher. A photo can't be looked up: its Lookup is never Absent, so the ledger never
// sends a photo again by itself.
func (p *publisher) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	c, err := settings(a)
	if err != nil {
		return publishers.Capabilities{}, err
	}
	me, err := p.creator(ctx, a)
	if err != nil {
		return publishers.Capabilities{}, err
	}
	choices, err := json.Marshal(append([]string{}, me.Privacy...))
	if err != nil {
		return publishers.Capabilities{}, err
	}
	needed := ""
	if c.Privacy == "" {
		needed = `, "required": ["privacy"]`
	}
	return publishers.Capabilities{
		Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.WebP, dam.MP4},
			MaxBytes: mediaMax, MaxVideoBytes: videoMax,
			MinSeconds: minSeconds, MaxSeconds: me.Seconds, MaxWidth: maxSide, MaxHeight: maxSide},
		CaptionUnit: "runes", CaptionMax: captionMax, Pull: true, Idempotency: publishers.ByHandle,
		VisibleAfter: classify, Parallel: 1, Rates: []dam.Rate{{Max: 6, Minutes: 1}},
		Options: fmt.Appendf(nil, options, needed, choices),
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitCaptionVideoPhoto(2200, 4000),
			"privacy": reasons.LimitTiktokPrivacy(), "consent": reasons.LimitTiktokConsent(),
			"title": reasons.LimitTitlePhoto(90), "recall": reasons.LimitRecallByHand("TikTok"),
			"media": reasons.LimitVideoOrPhoto(3, me.Seconds, 4, 20, "TikTok")}}, nil
}

// creator is what the account may post, and what it has switched off for all of its posts.
type creator struct {
	User       string   `json:"creator_username"`
	Privacy    []string `json:"privacy_level_options"`
	Seconds    float64  `json:"max_video_post_duration_sec"`
	NoComments bool     `json:"comment_disabled"`
	NoDuets    bool     `json:"duet_disabled"`
	NoStitches bool     `json:"stitch_disabled"`
}

// page returns the URL of the account.
func page(user string) string { return "https://www.tiktok.com/@" + url.PathEscape(user) }

// creator asks what the account may post, as TikTok requires before each post.
func (p *publisher) creator(ctx context.Context, a publishers.Account) (me creator, err error) {
	err = p.call(ctx, a, "/v2/post/publish/creator_info/query/", struct{}{}, false, &me)
	if me.Seconds <= 0 {
		me.Seconds = maxSeconds
	}
	return me, err
}

// creatorFor is creator for one post: what the account offers may have changed since a person chose.
func (p *publisher) creatorFor(ctx context.Context, in publishers.Intent) (me creator, err error) {
	level, err := privacy(in)
	if err != nil {
		return me, err
	}
	if me, err = p.creator(ctx, in.Account); err == nil && !slices.Contains(me.Privacy, level) {
		err = publishers.Permanent("options.privacy", reasons.TiktokPrivacyWithdrawn(level,
			strings.Join(me.Privacy, ", ")))
	}
	return me, err
}

// Verify implements publishers.Publisher. It checks that the account may post, and to whom.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	c, err := settings(a)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	me, err := p.creator(ctx, a)
	if err == nil && c.Privacy != "" && !slices.Contains(me.Privacy, c.Privacy) {
		err = publishers.Permanent("privacy", reasons.TiktokPrivacyNotAllowed(c.Privacy,
			strings.Join(me.Privacy, ", ")))
	}
	return dam.ChannelIdentity{ID: me.User, Name: "@" + me.User, URL: page(me.User)}, err
}

// Refresh implements publishers.Publisher. TikTok has its own name for the client id.
func (p *publisher) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	c, err := settings(a)
	if err != nil || a.Secrets[publishers.RefreshToken] == "" {
		return nil, publishers.Disconnected(reasons.TiktokAccessExpired(), err)
	}
	form := url.Values{"client_key": {c.ClientID}, "client_secret": {a.Secrets["client_secret"]},
		"grant_type": {"refresh_token"}, "refresh_token": {a.Secrets[publishers.RefreshToken]}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.hosts.API+"/v2/oauth/token/",
		strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := p.client.Do(req)
	if err != nil {
		return nil, err
	}
	var t struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		Seconds int    `json:"expires_in"`
		Error   string `json:"error"`
	}
	err = json.NewDecoder(io.LimitReader(res.Body, answerLimit)).Decode(&t)
	err = errors.Join(err, res.Body.Close())
	switch {
	case res.StatusCode == http.StatusTooManyRequests || res.StatusCode >= 500:
		return nil, publishers.Answered(res, false)
	case t.Error != "" || res.StatusCode >= 400: // errors may have status 200
		return nil, publishers.Disconnected(reasons.TiktokAccessNotRenewed(), errors.New(t.Error))
	case err != nil || t.Access == "":
		return nil, errors.Join(errors.New("TikTok's answer has no token"), err)
	}
	return map[string]string{publishers.AccessToken: t.Access, publishers.RefreshToken: t.Refresh,
		publishers.ExpiresAt: time.Now().Add(time.Duration(t.Seconds) * time.Second).UTC().Format(time.RFC3339)}, nil
}

// Prepare implements publishers.Publisher. TikTok fetches photos after the post was made, so there is nothing to upload
// for them.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	switch {
	case len(in.Content.Media) == 0:
		return state, publishers.Permanent("presets", reasons.NothingToPost())
	case isVideo(in):
		return p.prepareFilm(ctx, in, state)
	}
	me, err := p.creatorFor(ctx, in)
	if err != nil {
		return publishers.State(`{}`), err
	}
	return json.Marshal(photo{NoComments: me.NoComments})
}

// photo is the state after Prepare of a photo.
type photo struct {
	NoComments bool `json:"no_comments,omitempty"` // the account has switched comments off
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	if isVideo(in) {
		return p.commitFilm(ctx, in, state)
	}
	info, err := about(in)
	if err != nil {
		return publishers.Receipt{}, err
	}
	var prepared photo
	_ = json.Unmarshal(state, &prepared) // a state of an older version has nothing in it
	creator{NoComments: prepared.NoComments}.apply(info)
	var made struct {
		ID string `json:"publish_id"`
	}
	if err := p.call(ctx, in.Account, "/v2/post/publish/content/init/", map[string]any{"media_type": "PHOTO",
		"post_mode": "DIRECT_POST", "post_info": info,
		"source_info": map[string]any{"source": "PULL_FROM_URL", "photo_cover_index": 0,
			"photo_images": []string{in.Link(in.Content.Media[0])}},
	}, true, &made); err != nil {
		return publishers.Receipt{}, err
	}
	if made.ID == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	if s, err := p.ended(ctx, in.Account, made.ID); err == nil && s.Status == failed {
		return publishers.Receipt{}, s.refused()
	}
	return publishers.Receipt{Remote: made.ID, PostStatus: postStatus(in)}, nil
}

// The states of a post that is not finished, besides PROCESSING_DOWNLOAD for a photo.
const (
	uploading = "PROCESSING_UPLOAD" // of a video, until the post is made from it
	complete  = "PUBLISH_COMPLETE"
	failed    = "FAILED"
)

type progress struct {
	Status   string        `json:"status"`
	Reason   string        `json:"fail_reason"`
	Uploaded int64         `json:"uploaded_bytes"`
	Posts    []json.Number `json:"publicaly_available_post_id"` //nolint:misspell // TikTok's spelling; only of what everyone sees
}

func (p *publisher) progress(ctx context.Context, a publishers.Account, id string) (s progress, err error) {
	err = p.call(ctx, a, "/v2/post/publish/status/fetch/", map[string]string{"publish_id": id}, false, &s)
	return s, err
}

// ended polls a few times for the result of a post: most are made, or refused, within seconds.
func (p *publisher) ended(ctx context.Context, a publishers.Account, id string) (s progress, err error) {
	for _, pause := range [...]time.Duration{100 * time.Millisecond, time.Second, 2 * time.Second, 0} {
		if s, err = p.progress(ctx, a, id); err != nil || s.Status == complete || s.Status == failed || pause == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return s, ctx.Err()
		case <-time.After(pause):
		}
	}
	return s, err
}

// remedies say what to do about a file that TikTok can't use.
var remedies = map[string]reasons.Remedy{
	"file_format_check_failed":  reasons.RemedyChooseAnotherPresetAndRetry(),
	"duration_check_failed":     reasons.RemedyChooseShorterPreset(),
	"frame_rate_check_failed":   reasons.RemedyChooseFrameRatePreset(),
	"picture_size_check_failed": reasons.RemedyChooseTiktokSize(),
	"photo_pull_failed":         reasons.RemedySeePublicUrlReachable(),
}

// refused returns why a post was not made.
func (s progress) refused() *publishers.Error {
	cause := errors.New("TikTok could not make the post: " + s.Reason)
	switch {
	case s.Reason == "internal":
		return publishers.Retry(time.Minute, cause)
	case s.Reason == "auth_removed" || s.Reason == "spam_risk_user_banned_from_posting":
		return publishers.Disconnected(reasons.TiktokRefusesAccountReason(s.Reason), cause)
	case strings.HasPrefix(s.Reason, "spam_risk_too_many"):
		return publishers.Throttled(time.Now().Add(time.Hour), cause)
	}
	next, known := remedies[s.Reason]
	if !known {
		next = reasons.RemedySeeTiktokRules()
	}
	return publishers.Permanent("media", reasons.TiktokCannotUse(s.Reason).With(next))
}

// Status implements publishers.Publisher. TikTok says whether the post was made, not whether somebody has deleted it
// since.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	s, err := p.progress(ctx, in.Account, r.Remote)
	switch {
	case err != nil:
		return publishers.Outcome{}, err
	case s.Status == failed:
		return publishers.Outcome{Verdict: publishers.Absent, Note: reasons.Said(s.Reason, "")}, nil
	}
	return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.TiktokSays(s.Status)}, nil
}

// Lookup implements publishers.Publisher. A photo can be looked up only by the id in the answer.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	if isVideo(in) {
		return p.lookUpFilm(ctx, in, state)
	}
	return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.TiktokNoSearch()}, nil
}

// Recall implements publishers.Publisher. The API has no call to delete posts.
func (p *publisher) Recall(_ context.Context, _ publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	return reasons.Reason{}, publishers.Permanent("", reasons.TiktokCannotDelete())
}
