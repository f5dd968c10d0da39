package linkedin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// progress is the state after Prepare.
type progress struct {
	Author string `json:"author"`
	Image  string `json:"image"`
	SHA256 string `json:"sha256"`
}

// Prepare implements publishers.Publisher. It uploads the picture, and returns Retry until LinkedIn has processed it.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	var s progress
	if state != nil && json.Unmarshal(state, &s) != nil {
		s = progress{}
	}
	if len(in.Content.Media) == 0 {
		return state, publishers.Permanent("presets", reasons.NoPictureToPost())
	}
	if m := in.Content.Media[0]; s.Image == "" || s.SHA256 != m.SHA256 {
		me, err := p.Verify(ctx, in.Account)
		if err != nil {
			return state, err
		}
		id, err := p.upload(ctx, in, me.ID, m)
		if err != nil {
			return state, err
		}
		s = progress{Author: me.ID, Image: id, SHA256: m.SHA256}
	}
	kept, err := json.Marshal(s)
	if err != nil {
		return state, err
	}
	var image struct{ Status string }
	_, err = p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
		URL: "/rest/images/" + url.QueryEscape(s.Image), Out: &image})
	switch {
	case errors.Is(err, errNoReading): // if the picture isn't ready, Commit is told so, and waits
		return kept, nil
	case errors.Is(err, errNotFound):
		return publishers.State(`{}`), publishers.Retry(0, errors.New("LinkedIn has forgotten the picture"))
	case err != nil:
		return kept, err
	case image.Status == "PROCESSING_FAILED":
		return publishers.State(`{}`), publishers.Permanent("media", reasons.LinkedinPictureUnreadable())
	case image.Status != "AVAILABLE":
		return kept, publishers.Retry(unreadyPause, errors.New("the picture is "+image.Status))
	}
	return kept, nil
}

func (p *publisher) upload(ctx context.Context, in publishers.Intent, owner string, m publishers.Media) (string,
	error) {
	var made struct {
		Value struct {
			URL   string `json:"uploadUrl"`
			Image string `json:"image"`
		} `json:"value"`
	}
	if _, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost,
		URL:  "/rest/images?action=initializeUpload",
		JSON: map[string]any{"initializeUploadRequest": map[string]string{"owner": owner}}, Out: &made}); err != nil {
		return "", err
	}
	if made.Value.URL == "" || made.Value.Image == "" {
		return "", errors.New("the upload was given no id")
	}
	if !p.ours(made.Value.URL) { // the token is sent there
		address, _, _ := strings.Cut(made.Value.URL, "?") // the query is a credential
		return "", fmt.Errorf("LinkedIn wants the picture at another host: %s", address)
	}
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // read only
	_, err = p.do(ctx, in.Account, publishers.Call{Method: http.MethodPut, URL: made.Value.URL,
		Header: http.Header{"Content-Type": {m.MediaType}}, Body: r, Size: m.Size})
	return made.Value.Image, err
}

// ours reports whether an address is LinkedIn's.
func (p *publisher) ours(address string) bool {
	u, err := url.Parse(address)
	api, apiErr := url.Parse(p.hosts.API)
	if err != nil || apiErr != nil || u.Scheme != api.Scheme {
		return false
	}
	return u.Host == api.Host || strings.HasSuffix(u.Host, ".linkedin.com")
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, publishers.Retry(0, err)
	}
	h, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodPost, URL: "/rest/posts", JSON: map[string]any{
		"author": s.Author, "commentary": little(in.Content.Text), "visibility": "PUBLIC",
		"lifecycleState": "PUBLISHED", "isReshareDisabledByAuthor": false,
		"distribution": map[string]any{"feedDistribution": "MAIN_FEED", "targetEntities": []string{},
			"thirdPartyDistributionChannels": []string{}},
		"content": map[string]any{"media": map[string]string{"id": s.Image, "altText": alt(in)}},
	}, Commit: true})
	if err != nil {
		return publishers.Receipt{}, err
	}
	id := h.Get("X-Restli-Id")
	if id == "" {
		return publishers.Receipt{}, publishers.Unknown(errors.New("the post was given no id"))
	}
	return receipt(id), nil
}

func receipt(id string) publishers.Receipt {
	return publishers.Receipt{Remote: id, URL: "https://www.linkedin.com/feed/update/" + id}
}

type post struct {
	ID      string `json:"id"`
	Content struct {
		Media struct {
			ID string `json:"id"`
		} `json:"media"`
	} `json:"content"`
}

// posts returns the author's newest posts.
func (p *publisher) posts(ctx context.Context, a publishers.Account, author string) ([]post, error) {
	var list struct{ Elements []post }
	_, err := p.call(ctx, a, publishers.Call{Method: finder, URL: "/rest/posts?q=author&author=" +
		url.QueryEscape(author) + "&count=50&sortBy=CREATED", Out: &list})
	return list.Elements, err
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodGet,
		URL: "/rest/posts/" + url.QueryEscape(r.Remote)})
	switch {
	case errors.Is(err, errNotFound):
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	case errors.Is(err, errNoReading):
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.Said(err, "")}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(r.Remote)}, err
}

// Lookup implements publishers.Publisher. The post is the one that shows the uploaded picture. Apps of members may
// rarely read posts; apps of organizations may.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var s progress
	if err := json.Unmarshal(state, &s); err != nil || s.Image == "" {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.PictureIdUnknown()}, nil
	}
	list, err := p.posts(ctx, in.Account, s.Author)
	if errors.Is(err, errNoReading) {
		return publishers.Outcome{Verdict: publishers.Undecided,
			Note: reasons.LinkedinWithoutReading()}, nil
	}
	for _, x := range list {
		if x.Content.Media.ID == s.Image {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(x.ID)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, err
}

// Recall implements publishers.Publisher. Deleting a post that doesn't exist succeeds.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	if r == nil {
		return reasons.NothingWasPosted(), nil
	}
	_, err := p.call(ctx, in.Account, publishers.Call{Method: http.MethodDelete,
		URL: "/rest/posts/" + url.QueryEscape(r.Remote)})
	if errors.Is(err, errNotFound) {
		return reasons.GoneAlready(), nil
	}
	return reasons.DeletedRemote(r.Remote), err
}
