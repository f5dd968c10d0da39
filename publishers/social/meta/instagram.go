package meta

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

const (
	instagramCaption = 2200
	instagramAlt     = 1000
	instagramMedia   = 8 << 20
	// readingTime is how long Instagram may take to process a picture before another container is made. A container
	// lives for a day.
	readingTime   = 10 * time.Minute
	containerLife = 23 * time.Hour
)

// How many hashtags and mentions a caption may have. Meta's reference said 30 and 20 until Instagram allowed no more
// than five hashtags in a post (announced on 2025-12-19); since then third parties document five and three
// (https://www.ayrshare.com/docs/apis/post/social-networks/instagram, 2026-11-30). No call of the API tells, so the
// settings of a channel can raise both up to what the reference says
// (https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media).
const (
	instagramTags  = 5
	instagramNames = 3

	instagramSettings = `
  "hashtags": {"type": "integer", "title": "Hashtags in a caption", "description": "At most; 5 when left out, which is what Instagram allows since December 2025", "minimum": 0, "maximum": 30,
   "x-fr": {"title": "Hashtags par légende", "description": "Au plus ; 5 si le champ est vide, ce qu’Instagram autorise depuis décembre 2025"}},
  "mentions": {"type": "integer", "title": "Mentions in a caption", "description": "At most; 3 when left out", "minimum": 0, "maximum": 20,
   "x-fr": {"title": "Mentions par légende", "description": "Au plus ; 3 si le champ est vide"}},`
)

// bounds returns how many hashtags and mentions a caption of the channel may have.
func bounds(config json.RawMessage) (tags, names int) {
	tags, names = instagramTags, instagramNames
	c, err := settings(config)
	if err == nil && c.Hashtags != nil {
		tags = *c.Hashtags
	}
	if err == nil && c.Mentions != nil {
		names = *c.Mentions
	}
	return tags, names
}

// Instagram returns the kind of channel that posts to a professional account that is linked to a page. client makes the
// requests. Meta fetches the picture from the server's public URL.
func Instagram(h Hosts, client *http.Client) publishers.Kind {
	g := &graph{h, client}
	return publishers.Kind{Name: "instagram", Title: "Instagram", Schema: schema(instagramSettings), API: api(),
		Destination: place, Place: pageSetting, Publisher: &instagram{g}, OAuth: g.oauth("instagram_basic",
			"instagram_content_publish",
			"instagram_manage_comments")}
}

type instagram struct{ *graph }

// container is the state after Prepare: a post that can be published once.
type container struct {
	User string    `json:"user"`
	ID   string    `json:"id"`
	Of   string    `json:"of"` // digest of picture, caption and alternative text
	Made time.Time `json:"made"`
	// Left is how many posts the account may still make after this one.
	Left int `json:"left"`
}

// user returns the Instagram account of the page.
func (i *instagram) user(ctx context.Context, a publishers.Account) (id, name string, err error) {
	p, err := i.page(ctx, a)
	if err == nil && p.Instagram == nil {
		err = publishers.Disconnected(reasons.NoInstagramAccount(p.Name), nil)
	}
	if err != nil {
		return "", "", err
	}
	return p.Instagram.ID, p.Instagram.Username, nil
}

// quota returns how many posts the account may make in which span, and how many it has made.
func (i *instagram) quota(ctx context.Context, a publishers.Account, user string) (used, total int, span time.Duration,
	err error) {
	var v struct {
		Data []struct {
			Used   int `json:"quota_usage"`
			Config struct {
				Total   int `json:"quota_total"`
				Seconds int `json:"quota_duration"`
			} `json:"config"`
		} `json:"data"`
	}
	if err := i.call(ctx, a, url.Values{"fields": {"config,quota_usage"}}, publishers.Call{Method: http.MethodGet,
		URL: "/" + url.PathEscape(user) + "/content_publishing_limit", Out: &v}); err != nil {
		return 0, 0, 0, err
	}
	if len(v.Data) == 0 || v.Data[0].Config.Total <= 0 {
		return 0, 0, 0, errors.New("Instagram does not tell its limit")
	}
	d := v.Data[0]
	return d.Used, d.Config.Total, time.Duration(d.Config.Seconds) * time.Second, nil
}

// Describe implements publishers.Publisher.
func (i *instagram) Describe(ctx context.Context, a publishers.Account) (publishers.Capabilities, error) {
	a, err := i.asPage(ctx, a)
	if err != nil {
		return publishers.Capabilities{}, err
	}
	user, _, err := i.user(ctx, a)
	if err != nil {
		return publishers.Capabilities{}, err
	}
	_, total, span, err := i.quota(ctx, a, user)
	if err != nil {
		return publishers.Capabilities{}, err
	}
	tags, names := bounds(a.Config)
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG},
		MaxBytes: instagramMedia, MinAspect: 0.8, MaxAspect: 1.91},
		CaptionUnit: "runes", CaptionMax: instagramCaption, AltMax: instagramAlt, Pull: true,
		Idempotency: publishers.ByHandle, VisibleAfter: classify, Parallel: 1,
		Rates: []dam.Rate{{Max: total, Minutes: max(int(span/time.Minute), 1)}},
		LimitReasons: map[string]reasons.Reason{"caption": reasons.LimitCharactersTags(instagramCaption, tags, names),
			"media": reasons.LimitPictureFetched("JPEG", instagramMedia>>20, "4:5", "1.91:1", "Meta"),
			"alt":   reasons.LimitCharacters(instagramAlt), "posts": reasons.LimitPosts(total, int(span/time.Hour)),
			"recall": reasons.LimitRecallByHand("Instagram")}}, nil
}

// Verify implements publishers.Publisher.
func (i *instagram) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	id, name, err := i.user(ctx, a)
	return dam.ChannelIdentity{ID: id, Name: "@" + name, URL: "https://www.instagram.com/" + name}, err
}

// Refresh implements publishers.Publisher. A page's token doesn't expire; one that was revoked is obtained anew through
// the person's.
func (i *instagram) Refresh(ctx context.Context, a publishers.Account) (map[string]string, error) {
	return i.renew(ctx, a, reasons.InstagramRefusesToken())
}

var (
	hashtag = regexp.MustCompile(`#[\p{L}\p{N}_]+`)
	mention = regexp.MustCompile(`(?:^|[^\w@])@[\w.]+`)
)

// Validate implements publishers.Publisher.
func (i *instagram) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	text := in.Content.Text
	if n := len([]rune(text)); n > instagramCaption {
		note(&out, "caption", reasons.CaptionTooLong(n, instagramCaption))
	}
	tags, names := bounds(in.Account.Config)
	if n := len(hashtag.FindAllString(text, -1)); n > tags {
		note(&out, "caption", reasons.TooManyHashtags(n, tags))
	}
	if n := len(mention.FindAllString(text, -1)); n > names {
		note(&out, "caption", reasons.TooManyMentions(n, names))
	}
	if n := len([]rune(alt(in))); n > instagramAlt {
		note(&out, "alt", reasons.AlternativeTextTooLong(n, instagramAlt))
	}
	if len(in.Content.Media) > 0 && in.Link != nil && in.Link(in.Content.Media[0]) == "" {
		note(&out, "channel", reasons.MetaWithoutPublicUrl())
	}
	return out
}

// Prepare implements publishers.Publisher. It creates a container, and returns Retry until Meta has fetched and
// processed the picture.
func (i *instagram) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s container
	if state != nil && json.Unmarshal(state, &s) != nil {
		s = container{}
	}
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoPictureToPost())
	}
	address := in.Link(in.Content.Media[0])
	sum := sha256.Sum256([]byte(strings.Join([]string{address, in.Content.Text, alt(in)}, "\x00")))
	of := hex.EncodeToString(sum[:])
	if s.ID == "" || s.Of != of || time.Since(s.Made) > containerLife {
		user, _, err := i.user(ctx, in.Account)
		if err != nil {
			return state, err
		}
		used, total, _, err := i.quota(ctx, in.Account, user)
		if err != nil {
			return state, err
		}
		if used >= total {
			return state, publishers.Throttled(time.Now().Add(time.Hour), fmt.Errorf("%d of %d posts are used up",
				used, total))
		}
		var made struct{ ID string }
		if err := i.call(ctx, in.Account, url.Values{"image_url": {address}, "caption": {in.Content.Text},
			"alt_text": {alt(in)}}, publishers.Call{Method: http.MethodPost, URL: "/" + url.PathEscape(user) + "/media",
			Out: &made}); err != nil {
			return state, err
		}
		if made.ID == "" {
			return state, errors.New("the container was given no id")
		}
		s = container{User: user, ID: made.ID, Of: of, Made: time.Now(), Left: total - used - 1}
	}
	code, why, err := i.read(ctx, in.Account, s.ID)
	kept, jsonErr := json.Marshal(s)
	if jsonErr != nil {
		return state, jsonErr
	}
	again := func(why string) (publishers.State, error) { // with another container
		return publishers.State(`{}`), publishers.Retry(0, errors.New("the container is of no use: "+why))
	}
	switch {
	case errors.Is(err, errNotFound):
		return again("forgotten")
	case err != nil:
		return kept, err
	case code == "FINISHED" || code == "PUBLISHED": // if published, Commit sees it and doesn't publish again
		return kept, nil
	case code == "EXPIRED":
		return again(code)
	case code == "ERROR" && fetchProblem.MatchString(why):
		return again(why)
	case code == "ERROR":
		e := publishers.Permanent("media", reasons.InstagramPictureUnusable(why))
		return publishers.State(`{}`), e
	case time.Since(s.Made) > readingTime:
		return again("it was not read in time")
	}
	return kept, publishers.Retry(5*time.Second, errors.New("the picture is still being read"))
}

// read polls a container's state a few times until it is no longer being processed: most pictures take a second or two.
func (i *instagram) read(ctx context.Context, a publishers.Account, id string) (code, why string, err error) {
	for _, pause := range [...]time.Duration{200 * time.Millisecond, 500 * time.Millisecond, time.Second, 0} {
		if code, why, err = i.status(ctx, a, id); err != nil || code != "IN_PROGRESS" || pause == 0 {
			break
		}
		select {
		case <-ctx.Done():
			return "", "", ctx.Err()
		case <-time.After(pause):
		}
	}
	return code, why, err
}

// fetchProblem matches the temporary errors: time-out, expired, server error, fetch failed.
var fetchProblem = regexp.MustCompile(`22070(03|20|01|32|53|52)\b`)

func (i *instagram) status(ctx context.Context, a publishers.Account, id string) (code, why string, err error) {
	var v struct {
		Code   string `json:"status_code"`
		Status string `json:"status"`
	}
	err = i.call(ctx, a, url.Values{"fields": {"status_code,status"}}, publishers.Call{Method: http.MethodGet,
		URL: "/" + url.PathEscape(id), Out: &v})
	return v.Code, v.Status, err
}

// Commit implements publishers.Publisher.
func (i *instagram) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s container
	if err := json.Unmarshal(state, &s); err != nil || s.ID == "" {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	// It is not documented what a second call for the same container does, so it is never made.
	code, _, err := i.status(ctx, in.Account, s.ID)
	var named *publishers.Error
	switch {
	case errors.As(err, &named):
		return publishers.Receipt{}, err
	case err != nil:
		return publishers.Receipt{}, publishers.Retry(0, err)
	case code == "PUBLISHED":
		return publishers.Receipt{}, publishers.Unknown(errors.New("an earlier call has published it"))
	case code != "FINISHED":
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the container is "+code))
	}
	var made struct{ ID string }
	if err := i.call(ctx, in.Account, url.Values{"creation_id": {s.ID}}, publishers.Call{Method: http.MethodPost,
		URL: "/" + url.PathEscape(s.User) + "/media_publish", Commit: true, Out: &made}); err != nil {
		return publishers.Receipt{}, err
	}
	if made.ID == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	r := publishers.Receipt{Remote: made.ID, Quota: &publishers.Quota{Left: s.Left, Until: time.Now().Add(time.Hour)}}
	// The link is requested once; without it the post is published all the same.
	if found, err := i.Status(ctx, in, dam.Receipt{Remote: made.ID}); err == nil {
		r.URL = found.Receipt.URL
	}
	return r, nil
}

// Status implements publishers.Publisher.
func (i *instagram) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	var found struct{ ID, Permalink string }
	err := i.call(ctx, in.Account, url.Values{"fields": {"id,permalink"}}, publishers.Call{Method: http.MethodGet,
		URL: "/" + url.PathEscape(r.Remote), Out: &found})
	if errors.Is(err, errNotFound) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: publishers.Receipt{Remote: found.ID,
		URL: found.Permalink}}, err
}

// Lookup implements publishers.Publisher. The container says whether it was published; the post is then the newest one
// with its caption.
func (i *instagram) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var s container
	if err := json.Unmarshal(state, &s); err != nil || s.ID == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.ContainerIdUnknown()}, nil
	}
	code, _, err := i.status(ctx, in.Account, s.ID)
	switch {
	case errors.Is(err, errNotFound):
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.ContainerForgotten()}, nil
	case err != nil:
		return publishers.Outcome{}, err
	case code == "FINISHED" || code == "EXPIRED" || code == "ERROR":
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	case code != "PUBLISHED":
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.ContainerIs(code)}, nil
	}
	var list struct {
		Data []struct{ ID, Caption, Permalink string } `json:"data"`
	}
	query := url.Values{"fields": {"id,caption,permalink"}, "limit": {"50"},
		"since": {strconv.FormatInt(in.CommittedAt.Add(-classify).Unix(), 10)}}
	if err := i.call(ctx, in.Account, query, publishers.Call{Method: http.MethodGet, URL: "/" + url.PathEscape(s.User) +
		"/media", Out: &list}); err != nil {
		return publishers.Outcome{}, err
	}
	for _, m := range list.Data {
		if strings.TrimSpace(m.Caption) == strings.TrimSpace(in.Content.Text) {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: publishers.Receipt{Remote: m.ID,
				URL: m.Permalink}}, nil
		}
	}
	// It was published, and somebody has changed the caption since.
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: publishers.Receipt{Remote: s.ID}}, nil
}

// Recall implements publishers.Publisher. The API has no call to delete posts.
func (i *instagram) Recall(_ context.Context, _ publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	return reasons.Reason{}, publishers.Permanent("", reasons.InstagramCannotDelete(r.URL))
}

// Comment implements publishers.Commenter.
func (i *instagram) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	return i.comment(ctx, in, r)
}

// Targets implements publishers.TargetLister: the pages that an Instagram account is linked to.
func (i *instagram) Targets(ctx context.Context, a publishers.Account) ([]publishers.Target, error) {
	return i.targets(ctx, a, func(p account) (reasons.Reason, bool) {
		if p.Instagram == nil {
			return reasons.Reason{}, false
		}
		return reasons.Said("@"+p.Instagram.Username, ""), true
	})
}
