// Package youtube publishes videos to a channel on YouTube, with resumable uploads.
package youtube

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "youtube"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["client_id", "client_secret"],
 "properties": {
  "client_id": {"type": "string", "title": "Client id", "description": "Of an OAuth client of your own at console.cloud.google.com, with the YouTube Data API v3 enabled", "minLength": 1,
   "x-fr": {"title": "Identifiant client", "description": "D’un client OAuth à vous sur console.cloud.google.com, avec l’API YouTube Data v3 activée"}},
  "client_secret": {"type": "string", "title": "Client secret", "writeOnly": true,
   "x-fr": {"title": "Secret client"}},
  "privacy": {"type": "string", "title": "Who sees the videos", "description": "Google keeps videos of projects that it has not audited private, whatever is said here", "enum": ["public", "unlisted", "private"],
   "x-values": {"public": "Public", "unlisted": "Unlisted", "private": "Private"},
   "x-fr": {"title": "Qui voit les vidéos", "description": "Google garde privées les vidéos des projets qu’il n’a pas vérifiés, quel que soit ce choix", "values": {"public": "Publique", "unlisted": "Non répertoriée", "private": "Privée"}}},
  "category": {"type": "string", "title": "Category", "description": "A number; 22, People & Blogs, when empty",
   "x-fr": {"title": "Catégorie", "description": "Un numéro ; 22 (People & Blogs) si le champ est vide"}},
  "access_token": {"type": "string", "title": "Access token", "description": "Leave it empty and connect the account in the browser, or enter a token of the client", "writeOnly": true,
   "x-fr": {"title": "Jeton d’accès", "description": "Laissez-le vide et connectez le compte dans le navigateur, ou saisissez un jeton du client"}},
  "refresh_token": {"type": "string", "title": "Refresh token", "writeOnly": true,
   "x-fr": {"title": "Jeton d’actualisation"}}
 }
}`

// options is the schema of the options of a single publication.
const options = `{
 "type": "object", "additionalProperties": false,
 "properties": {
  "title": {"type": "string", "title": "Title, the asset's when empty",
   "x-fr": {"title": "Titre ; celui du média si le champ est vide"}},
  "privacy": {"type": "string", "title": "Who sees the video", "enum": ["public", "unlisted", "private"],
   "x-values": {"public": "Public", "unlisted": "Unlisted", "private": "Private"},
   "x-fr": {"title": "Qui voit la vidéo", "values": {"public": "Publique", "unlisted": "Non répertoriée", "private": "Privée"}}},
  "made_for_kids": {"type": "boolean", "title": "Made for kids",
   "x-fr": {"title": "Conçue pour les enfants"}}
 }
}`

const (
	titleMax       = 100  // runes
	descriptionMax = 5000 // bytes
	tagsMax        = 500  // runes, all tags with their separators
	mediaMax       = 64 << 30
	secondsMax     = 12 * 60 * 60
	classify       = time.Minute
	// block divides the size of every part of an upload except the last.
	block = 256 << 10
	part  = 32 * block
)

// Hosts are Google's base URLs: API for requests, Token for the tokens, Login for the browser.
type Hosts struct{ API, Token, Login string }

// Live returns the base URLs of Google itself.
func Live() Hosts {
	return Hosts{API: "https://www.googleapis.com", Token: "https://oauth2.googleapis.com",
		Login: "https://accounts.google.com"}
}

// Kind returns the kind of channel. client makes the requests.
//
// The last bytes of an upload make the video: until then there is only an upload session, which nobody sees. Prepare
// opens the session and sends all parts but the last, which Commit sends. A session makes one video, so a repeated call
// can't make a second one. The session also says whether it has made the video, which is how a lost answer is looked
// up.
func Kind(h Hosts, client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "YouTube", Schema: json.RawMessage(schema),
		Publisher: &publisher{h, client},
		API: publishers.API{Version: "v3", Domain: "googleapis.com",
			Source:  "https://developers.google.com/youtube/v3/revision_history",
			Checked: publishers.Day(2026, time.November, 30)},
		OAuth: &publishers.OAuth{Scopes: []string{"https://www.googleapis.com/auth/youtube.upload",
			"https://www.googleapis.com/auth/youtube"}, Client: client,
			// Without these parameters Google returns a refresh token the first time only.
			Params: map[string]string{"access_type": "offline", "prompt": "consent"},
			Endpoint: func(json.RawMessage) (string, string, error) {
				return h.Login + "/o/oauth2/v2/auth", h.Token + "/token", nil
			}}}
}

type publisher struct {
	hosts  Hosts
	client *http.Client
}

type config struct {
	Privacy  string `json:"privacy"`
	Category string `json:"category"`
}

func settings(a publishers.Account) (c config, err error) {
	if json.Unmarshal(a.Config, &c) != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	c.Privacy, c.Category = cmp.Or(c.Privacy, "public"), cmp.Or(c.Category, "22")
	return c, nil
}

// answer is a complete answer: the body of head has been read and closed.
type answer struct {
	head *http.Response
	body []byte
}

// send makes one request.
func (p *publisher) send(ctx context.Context, a publishers.Account, c publishers.Call) (answer, error) {
	var got answer
	c.Token, c.Out = a.Secrets[publishers.AccessToken], &got.body
	c.Refused = func(_ *http.Response, body []byte, _ bool) error {
		got.body = body // what a status means depends on the call
		return nil
	}
	res, err := c.Do(ctx, p.client)
	got.head = res.Response
	return got, err
}

// call is send for a request without a body. The answer is decoded into out, unless out is nil.
func (p *publisher) call(ctx context.Context, a publishers.Account, method, path string, query url.Values,
	out any) error {
	res, err := p.send(ctx, a, publishers.Call{Method: method, URL: p.hosts.API + path + "?" + query.Encode()})
	if err != nil {
		return err
	}
	if res.head.StatusCode >= 300 {
		return refused(res, false)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(res.body, out)
}

// errGone means that YouTube does not have it.
var errGone = errors.New("it is not there")

// refused classifies an answer first by Google's error name.
func refused(got answer, commit bool) error {
	res := got.head
	var v struct {
		Error struct {
			Message string
			Errors  []struct{ Reason string }
		}
	}
	reason := ""
	if json.Unmarshal(got.body, &v) == nil && len(v.Error.Errors) > 0 {
		reason = v.Error.Errors[0].Reason
	}
	cause := fmt.Errorf("%s: %s: %s", res.Status, reason, v.Error.Message)
	permanent := func(field string, why reasons.Reason) error {
		e := publishers.Permanent(field, why)
		e.Err = cause
		return e
	}
	switch reason {
	case "authError", "required":
		return publishers.AuthExpired(cause)
	case "youtubeSignupRequired":
		return publishers.Disconnected(reasons.NoYoutubeChannel(), cause)
	case "authenticatedUserAccountSuspended", "authenticatedUserAccountClosed", "accountDelegationForbidden",
		"channelSuspended", "channelClosed", "insufficientPermissions", "accessNotConfigured":
		return publishers.Disconnected(reasons.YoutubeRefusesAccount(v.Error.Message), cause)
	// Of the project: 100 videos.insert a day, and 10,000 units for the other calls, until midnight Pacific time.
	case "quotaExceeded", "dailyLimitExceeded":
		return publishers.Throttled(midnight(time.Now()), cause)
	case "uploadLimitExceeded", "uploadRateLimitExceeded": // of the channel, in 24 hours
		return publishers.Throttled(time.Now().Add(24*time.Hour), cause)
	case "rateLimitExceeded", "userRateLimitExceeded":
		return publishers.Throttled(publishers.RetryAfter(res.Header, time.Now()), cause)
	case "invalidTitle":
		return permanent("title", reasons.YoutubeRefusesTitle())
	case "invalidDescription":
		return permanent("caption", reasons.YoutubeRefusesDescription())
	case "invalidTags":
		return permanent("tags", reasons.YoutubeRefusesTags())
	case "invalidCategoryId":
		return permanent("config.category", reasons.YoutubeCategoryUnknown())
	case "videoNotFound":
		return errGone
	}
	if reason != "" && res.StatusCode < 500 && res.StatusCode != http.StatusUnauthorized &&
		res.StatusCode != http.StatusTooManyRequests {
		return permanent("", reasons.YoutubeRefuses(v.Error.Message))
	}
	e := publishers.Answered(res, commit)
	e.Err = cause
	return e
}

// midnight returns the next midnight in Pacific time, when Google's quotas are reset. Without zone data it returns the
// latest possible instant.
func midnight(now time.Time) time.Time {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		zone = time.FixedZone("PST", -8*60*60)
	}
	y, m, d := now.In(zone).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, zone)
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.MP4},
		MaxBytes: mediaMax, MaxSeconds: secondsMax},
		CaptionUnit: "bytes", CaptionMax: descriptionMax, Idempotency: publishers.ByHandle, VisibleAfter: classify,
		Recall: true, Parallel: 2, Options: json.RawMessage(options),
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitBytesPlain(descriptionMax),
			"media": reasons.LimitVideo("MP4"), "title": reasons.LimitTitleOwn(titleMax),
			"shorts": reasons.LimitYoutubeShorts(),
			// https://developers.google.com/youtube/v3/determine_quota_cost (read in November 2026): a bucket of its
			// own.
			"quota": reasons.LimitYoutubeQuota(100)}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	var out struct {
		Items []struct {
			ID      string
			Snippet struct{ Title string }
		}
	}
	if err := p.call(ctx, a, http.MethodGet, "/youtube/v3/channels", url.Values{"part": {"snippet"}, "mine": {"true"}},
		&out); err != nil {
		return dam.ChannelIdentity{}, err
	}
	if len(out.Items) == 0 {
		return dam.ChannelIdentity{}, publishers.Disconnected(reasons.NoYoutubeChannel(), nil)
	}
	return dam.ChannelIdentity{ID: out.Items[0].ID, Name: out.Items[0].Snippet.Title,
		URL: "https://www.youtube.com/channel/" + out.Items[0].ID}, nil
}

// Refresh implements publishers.Publisher. The refresh token grant renews the tokens.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.YoutubeAccessExpired(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	if n := len(in.Content.Text); n > descriptionMax {
		no("caption", reasons.CaptionTooManyBytes(n, descriptionMax))
	}
	if strings.ContainsAny(in.Content.Text, "<>") {
		no("caption", reasons.YoutubeAngleInDescription())
	}
	if title := said(in).Title; utf8.RuneCountInString(title) > titleMax {
		no("options.title", reasons.TitleTooLong(utf8.RuneCountInString(title), titleMax))
	} else if strings.ContainsAny(title, "<>") {
		no("options.title", reasons.YoutubeAngleInTitle())
	}
	return out
}

type choices struct {
	Title       string `json:"title"`
	Privacy     string `json:"privacy"`
	MadeForKids bool   `json:"made_for_kids"`
}

func said(in publishers.Intent) (c choices) {
	_ = json.Unmarshal(in.Content.Options, &c) // validated when they were entered; there may be none
	return c
}

// Lookup queries the session without sending anything.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var u upload
	if err := json.Unmarshal(state, &u); err != nil || u.Session == "" {
		return publishers.Outcome{Verdict: publishers.Absent}, nil // nothing was ever prepared
	}
	at, err := p.put(ctx, in.Account, u, chunk{})
	switch {
	case err != nil:
		return publishers.Outcome{}, err
	case at.video != "":
		return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(in, at.video)}, nil
	case at.bytes == u.Size:
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.YoutubeVideoInMaking()}, nil
	case at.lost: // and with it, the id of what it made
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.YoutubeUploadUnknown()}, nil
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	var out struct{ Items []video }
	if err := p.call(ctx, in.Account, http.MethodGet, "/youtube/v3/videos",
		url.Values{"part": {"status"}, "id": {r.Remote}}, &out); err != nil {
		return publishers.Outcome{}, err
	}
	if len(out.Items) == 0 {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	if s := out.Items[0].Status; s.Upload == "failed" || s.Upload == "rejected" || s.Upload == "deleted" {
		return publishers.Outcome{Verdict: publishers.Absent,
			Note: reasons.Said("YouTube: "+s.Upload+" "+cmp.Or(s.Failure, s.Rejection), "")}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(in, r.Remote)}, nil
}

// Recall implements publishers.Publisher.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	err := p.call(ctx, in.Account, http.MethodDelete, "/youtube/v3/videos", url.Values{"id": {r.Remote}}, nil)
	switch {
	case errors.Is(err, errGone):
		return reasons.Said("videos.delete "+r.Remote+": videoNotFound", ""), nil
	case err != nil:
		return reasons.Reason{}, err
	}
	return reasons.Said("videos.delete "+r.Remote+": 204 No Content", ""), nil
}
