// Package tiktok is the channel to TikTok: photo posts, which TikTok fetches from our
// public URL. Videos wait for renditions of videos.
package tiktok

import (
	"bytes"
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
	"vitrine/publishers"
)

// Name is the kind's name.
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

const (
	captionMax  = 4000 // UTF-16 units
	titleMax    = 90   // UTF-16 units
	mediaMax    = 20 << 20
	answerLimit = 1 << 20
	settle      = time.Minute
)

// Hosts are where TikTok answers: API the calls and the tokens, Login the browser.
type Hosts struct{ API, Login string }

// Live are TikTok's own.
func Live() Hosts { return Hosts{API: "https://open.tiktokapis.com", Login: "https://www.tiktok.com"} }

// Kind returns the kind of channel; client carries the calls.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "TikTok", Experimental: true, Schema: json.RawMessage(schema), Publisher: &publisher{h, client},
		OAuth: &publishers.OAuth{Scopes: []string{"user.info.basic", "video.publish"}, ScopeSeparator: ",", ClientParam: "client_key", OwnRefresh: true, Client: client,
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
		return c, publishers.Permanent("config", "the settings can't be read", "enter them again")
	}
	if c.Privacy == "" {
		c.Privacy = "PUBLIC_TO_EVERYONE"
	}
	return c, nil
}

// call makes one call; out is the data of the answer.
func (p *publisher) call(ctx context.Context, a publishers.Account, path string, body any, commit bool, out any) error {
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.hosts.API+path, bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json; charset=UTF-8")
	req.Header.Set("Authorization", "Bearer "+a.Secrets[publishers.AccessToken])
	res, err := p.client.Do(req)
	if err != nil {
		return err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, answerLimit))
	err = errors.Join(err, res.Body.Close())
	var v struct {
		Data  json.RawMessage `json:"data"`
		Error struct{ Code, Message string }
	}
	if err == nil {
		err = json.Unmarshal(answer, &v)
	}
	if res.StatusCode >= 300 || v.Error.Code != "" && v.Error.Code != "ok" {
		return refused(res, v.Error.Code, v.Error.Message, commit)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(v.Data, out)
}

// refused classifies an answer by TikTok's name for the error first.
func refused(res *http.Response, code, message string, commit bool) error {
	cause := fmt.Errorf("%s: %s: %s", res.Status, code, message)
	var e *publishers.Error
	switch {
	case code == "access_token_invalid":
		e = publishers.AuthExpired(nil)
	case code == "scope_not_authorized" || code == "scope_permission_missed" || code == "spam_risk_user_banned_from_posting":
		e = publishers.Disconnected("TikTok refuses the account: "+message, nil)
	case code == "rate_limit_exceeded":
		e = publishers.Throttled(publishers.RetryAfter(res.Header, time.Now()), nil)
	case strings.HasPrefix(code, "spam_risk") || code == "reached_active_user_cap": // the day's posts are used up
		e = publishers.Throttled(time.Now().Add(time.Hour), nil)
	case code == "url_ownership_unverified":
		e = publishers.Permanent("channel", "TikTok fetches only from domains that the app owns", "verify the domain of the public URL in the app's settings at TikTok, then retry")
	case code == "unaudited_client_can_only_post_to_private_accounts" || code == "privacy_level_option_mismatch":
		e = publishers.Permanent("config.privacy", "TikTok does not let this app post for everyone", "choose another privacy in the channel's settings, or have the app audited")
	case code != "" && res.StatusCode < 500:
		e = publishers.Permanent("", "TikTok refuses this: "+message, "change it, then retry")
	default:
		e = publishers.Answered(res, commit)
	}
	e.Err = cause
	return e
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.WebP}, MaxBytes: mediaMax},
		CaptionUnit: "runes", CaptionMax: captionMax, Pull: true, Idempotency: publishers.NoIdempotency, Settle: settle, Parallel: 1, Rates: []dam.Rate{{Max: 6, Minutes: 1}},
		Limits: map[string]string{"caption": "4000 characters", "media": "one JPEG or WebP of at most 20 MB, which TikTok fetches from the public URL", "title": "the asset's, cut at 90 characters", "recall": "by hand: TikTok has no call for it"}}, nil
}

// Verify implements publishers.Publisher: the account may post, and for whom.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	c, err := settings(a)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	var me struct {
		User    string   `json:"creator_username"`
		Privacy []string `json:"privacy_level_options"`
	}
	if err := p.call(ctx, a, "/v2/post/publish/creator_info/query/", struct{}{}, false, &me); err != nil {
		return dam.ChannelIdentity{}, err
	}
	if !slices.Contains(me.Privacy, c.Privacy) {
		return dam.ChannelIdentity{}, publishers.Permanent("privacy", "the account can't post as "+c.Privacy, "choose one of "+strings.Join(me.Privacy, ", "))
	}
	return dam.ChannelIdentity{ID: me.User, Name: "@" + me.User, URL: "https://www.tiktok.com/@" + url.PathEscape(me.User)}, nil
}

// Refresh implements publishers.Publisher: TikTok's name for the client id is its own.
func (p *publisher) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	c, err := settings(a)
	if err != nil || a.Secrets[publishers.RefreshToken] == "" {
		return nil, publishers.Disconnected("the access to TikTok has expired", err)
	}
	form := url.Values{"client_key": {c.ClientID}, "client_secret": {a.Secrets["client_secret"]}, "grant_type": {"refresh_token"}, "refresh_token": {a.Secrets[publishers.RefreshToken]}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.hosts.API+"/v2/oauth/token/", strings.NewReader(form.Encode()))
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
	case t.Error != "" || res.StatusCode >= 400: // an error comes as 200, too
		return nil, publishers.Disconnected("TikTok does not renew the access", errors.New(t.Error))
	case err != nil || t.Access == "":
		return nil, errors.Join(errors.New("TikTok's answer has no token"), err)
	}
	return map[string]string{publishers.AccessToken: t.Access, publishers.RefreshToken: t.Refresh, publishers.ExpiresAt: time.Now().Add(time.Duration(t.Seconds) * time.Second).UTC().Format(time.RFC3339)}, nil
}

// Count implements publishers.Counter: TikTok counts UTF-16 units.
func (p *publisher) Count(text string) int { return len(utf16.Encode([]rune(text))) }

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field, message, remedy string) {
		out = append(out, dam.Problem{Class: string(publishers.ClassPermanent), Field: field, Message: message, Remedy: remedy})
	}
	if n := p.Count(in.Content.Text); n > captionMax {
		no("caption", fmt.Sprintf("caption %d of %d characters", n, captionMax), "shorten it")
	}
	if len(in.Content.Media) > 0 && in.Link(in.Content.Media[0]) == "" {
		no("channel", "TikTok fetches the picture from this server, which does not know its public URL", "set VITRINE_PUBLIC_URL")
	}
	return out
}

// Prepare implements publishers.Publisher: TikTok fetches the picture after the
// post was made, so that there is nothing to upload. What the account may do is asked
// before each post, as TikTok demands.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", "there is no picture to post", "choose a preset")
	}
	_, err := p.Verify(ctx, in.Account)
	return publishers.State(`{}`), err
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Receipt, error) {
	c, err := settings(in.Account)
	if err != nil {
		return publishers.Receipt{}, err
	}
	title := utf16.Encode([]rune(in.Content.Title.Get(in.Locale, in.Locale)))
	var made struct {
		ID string `json:"publish_id"`
	}
	if err := p.call(ctx, in.Account, "/v2/post/publish/content/init/", map[string]any{
		"media_type": "PHOTO", "post_mode": "DIRECT_POST",
		"post_info":   map[string]any{"title": string(utf16.Decode(title[:min(len(title), titleMax)])), "description": in.Content.Text, "privacy_level": c.Privacy},
		"source_info": map[string]any{"source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": []string{in.Link(in.Content.Media[0])}},
	}, true, &made); err != nil {
		return publishers.Receipt{}, err
	}
	if made.ID == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	// A picture that can't be fetched shows within seconds, mostly.
	for _, pause := range [...]time.Duration{100 * time.Millisecond, time.Second, 2 * time.Second} {
		s, err := p.progress(ctx, in.Account, made.ID)
		if err == nil && s.Status == "FAILED" {
			return publishers.Receipt{}, publishers.Permanent("media", "TikTok could not make the post: "+s.Reason, "see TikTok's rules, then retry")
		}
		if err != nil || s.Status == "PUBLISH_COMPLETE" {
			break
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return publishers.Receipt{Remote: made.ID}, nil
}

type progress struct {
	Status string `json:"status"`
	Reason string `json:"fail_reason"`
}

func (p *publisher) progress(ctx context.Context, a publishers.Account, id string) (s progress, err error) {
	err = p.call(ctx, a, "/v2/post/publish/status/fetch/", map[string]string{"publish_id": id}, false, &s)
	return s, err
}

// Status implements publishers.Publisher: it knows whether the post was made, not
// whether somebody has deleted it since.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	s, err := p.progress(ctx, in.Account, r.Remote)
	switch {
	case err != nil:
		return publishers.Outcome{}, err
	case s.Status == "FAILED":
		return publishers.Outcome{Verdict: publishers.Absent, Note: s.Reason}, nil
	}
	return publishers.Outcome{Verdict: publishers.Undecided, Note: "TikTok says " + s.Status}, nil
}

// Lookup implements publishers.Publisher: without the id of the answer there is nothing to ask for.
func (p *publisher) Lookup(context.Context, publishers.Intent, publishers.State) (publishers.Outcome, error) {
	return publishers.Outcome{Verdict: publishers.Undecided, Note: "TikTok has no call that finds a photo post"}, nil
}

// Recall implements publishers.Publisher: there is no call for it.
func (p *publisher) Recall(_ context.Context, _ publishers.Intent, r *dam.Receipt) (string, error) {
	if r == nil {
		return "nothing was posted", nil
	}
	return "", publishers.Permanent("", "TikTok has no call that deletes a post", "delete it in the app, then confirm that it is gone")
}
