// Package tiktok publishes to TikTok: videos, which are uploaded, and photos, which TikTok fetches from the server's
// public URL.
package tiktok

import (
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
	"unicode/utf16"

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
  "client_id": {"type": "string", "title": "Client key", "description": "Of your own app at developers.tiktok.com; it has to own the domain of the public URL", "minLength": 1},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true},
  "privacy": {"type": "string", "title": "Who sees the posts", "description": "Apps that TikTok has not audited can post for the account itself only", "enum": ["PUBLIC_TO_EVERYONE", "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the app", "writeOnly": true},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true}
 }
}`

// options is the schema of the options of a single post.
const options = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "properties": {
  "no_comments": {"type": "boolean", "title": "No comments"},
  "no_duets": {"type": "boolean", "title": "No duets (video)"},
  "no_stitches": {"type": "boolean", "title": "No stitches (video)"},
  "ai_generated": {"type": "boolean", "title": "Made by AI (video)"},
  "promotes": {"type": "string", "title": "Promotes", "description": "TikTok labels what promotes the account's own business, or another's that pays for it", "enum": ["own_business", "paid_partnership"]}
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
	Privacy  string `json:"privacy"`
}

func settings(a publishers.Account) (c config, err error) {
	if json.Unmarshal(a.Config, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	if c.Privacy == "" {
		c.Privacy = "PUBLIC_TO_EVERYONE"
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
	case code == "unaudited_client_can_only_post_to_private_accounts" || code == "privacy_level_option_mismatch":
		e = publishers.Permanent("config.privacy", reasons.TiktokAppNotPublic())
	case code != "" && res.StatusCode < 500:
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
	me, err := p.creator(ctx, a)
	if err != nil {
		return publishers.Capabilities{}, err
	}
	return publishers.Capabilities{
		Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.WebP, dam.MP4},
			MaxBytes: mediaMax, MaxVideoBytes: videoMax,
			MinSeconds: minSeconds, MaxSeconds: me.Seconds, MaxWidth: maxSide, MaxHeight: maxSide},
		CaptionUnit: "runes", CaptionMax: captionMax, Pull: true, Idempotency: publishers.ByHandle,
		VisibleAfter: classify, Parallel: 1, Rates: []dam.Rate{{Max: 6, Minutes: 1}}, Options: json.RawMessage(options),
		Limits: map[string]string{"caption": "2200 characters with a video, 4000 with a photo",
			"title": "of a photo: the asset's, cut at 90 characters", "recall": "by hand: TikTok has no call for it",
			"media": fmt.Sprintf("one MP4 of 3 to %g s and at most 4 GB, or one JPEG or WebP of at most 20 MB, which "+
				"TikTok fetches from the public URL", me.Seconds)}}, nil
}

// creator is what the account may post.
type creator struct {
	User    string   `json:"creator_username"`
	Privacy []string `json:"privacy_level_options"`
	Seconds float64  `json:"max_video_post_duration_sec"`
}

// page returns the URL of the account.
func page(user string) string { return "https://www.tiktok.com/@" + url.PathEscape(user) }

// creator asks what the account may post, as TikTok requires before each post.
func (p *publisher) creator(ctx context.Context, a publishers.Account) (me creator, err error) {
	c, err := settings(a)
	if err != nil {
		return me, err
	}
	if err := p.call(ctx, a, "/v2/post/publish/creator_info/query/", struct{}{}, false, &me); err != nil {
		return me, err
	}
	if !slices.Contains(me.Privacy, c.Privacy) {
		return me, publishers.Permanent("privacy", reasons.TiktokPrivacyNotAllowed(c.Privacy,
			strings.Join(me.Privacy, ", ")))
	}
	if me.Seconds <= 0 {
		me.Seconds = maxSeconds
	}
	return me, nil
}

// Verify implements publishers.Publisher. It checks that the account may post, and to whom.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	me, err := p.creator(ctx, a)
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

// Count implements publishers.Counter. TikTok counts UTF-16 units.
func (p *publisher) Count(text string) int { return len(utf16.Encode([]rune(text))) }

// said holds the options of one post.
type said struct {
	NoComments bool   `json:"no_comments"`
	NoDuets    bool   `json:"no_duets"`
	NoStitches bool   `json:"no_stitches"`
	AI         bool   `json:"ai_generated"`
	Promotes   string `json:"promotes"`
}

// paid is the option for a post that somebody else pays for.
const paid = "paid_partnership"

// about returns what a post says and who may do what with it, in TikTok's format.
func about(in publishers.Intent) (map[string]any, error) {
	c, err := settings(in.Account)
	if err != nil {
		return nil, err
	}
	var o said
	if in.Content.Options != nil && json.Unmarshal(in.Content.Options, &o) != nil {
		return nil, publishers.Permanent("options", reasons.OptionsUnreadable())
	}
	info := map[string]any{"privacy_level": c.Privacy, "disable_comment": o.NoComments,
		"brand_content_toggle": o.Promotes == paid, "brand_organic_toggle": o.Promotes == "own_business"}
	if isVideo(in) {
		info["title"], info["disable_duet"], info["disable_stitch"], info["is_aigc"] = in.Content.Text, o.NoDuets,
			o.NoStitches, o.AI
		return info, nil
	}
	title := in.Content.Title.Get(in.Language, in.Locale)
	for over := 1; over > 0; { // the limit is one of UTF-16
		characters := []rune(title)
		if over = len(utf16.Encode(characters)) - titleMax; over > 0 {
			title = dam.Cut(title, len(characters)-(over+1)/2)
		}
	}
	info["title"], info["description"] = title, in.Content.Text
	return info, nil
}

// isVideo reports whether the post is a video.
func isVideo(in publishers.Intent) bool {
	return len(in.Content.Media) > 0 && in.Content.Media[0].Format.IsVideo()
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	most, why := captionMax, reasons.TiktokPhotoCaptionTooLong
	if isVideo(in) {
		most, why = videoCaptionMax, reasons.TiktokFilmCaptionTooLong
	}
	if n := p.Count(in.Content.Text); n > most {
		no("caption", why(n, most))
	}
	if info, err := about(in); err == nil && info["brand_content_toggle"] == true &&
		info["privacy_level"] == "SELF_ONLY" {
		no("options.promotes", reasons.TiktokPrivatePartnership())
	}
	switch {
	case len(in.Content.Media) == 0:
	case isVideo(in):
		if m := in.Content.Media[0]; min(m.Width, m.Height) < minSide {
			no("presets", reasons.TiktokFilmTooSmall(m.Preset, m.Width, m.Height, minSide))
		}
	case in.Link(in.Content.Media[0]) == "":
		no("channel", reasons.TiktokWithoutPublicUrl())
	}
	return out
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
	_, err := p.creator(ctx, in.Account)
	return publishers.State(`{}`), err
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
	return publishers.Receipt{Remote: made.ID}, nil
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
