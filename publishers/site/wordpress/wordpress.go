// Package wordpress publishes posts to a WordPress site over its REST API, with an application password.
//
// WordPress has no idempotency key: a repeated POST makes a second post. So Prepare makes a draft, which is not public,
// under a slug that is derived from the publication and looked up first. Commit publishes that draft: however often it
// is called, there is one post. The post's text ends with a mark that identifies what was published; a lost answer is
// looked up by it.
package wordpress

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
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

// Name is the name of the kind.
const Name = "wordpress"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["url", "user", "password"],
 "properties": {
  "url": {"type": "string", "x-destination": true, "title": "Site", "description": "https://blog.example.com", "minLength": 1},
  "user": {"type": "string", "title": "User", "description": "An author or editor of the site", "minLength": 1},
  "password": {"type": "string", "title": "Application password", "description": "From Users → Profile → Application Passwords", "writeOnly": true},
  "category": {"type": "integer", "title": "Category", "description": "Id of the category of new posts"}
 }
}`

// classify is longer than any PHP server lets a request run.
const classify = 2 * time.Minute

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "WordPress", Schema: json.RawMessage(schema),
		Publisher: &publisher{client}, Destination: func(raw json.RawMessage) string {
			var c config
			if json.Unmarshal(raw, &c) != nil {
				return ""
			}
			return strings.TrimRight(c.URL, "/")
		}}
}

type publisher struct{ client *http.Client }

type config struct {
	URL      string `json:"url"`
	User     string `json:"user"`
	Category int    `json:"category"`
}

func settings(a publishers.Account) (c config, err error) {
	if err := json.Unmarshal(a.Config, &c); err != nil {
		return c, publishers.Permanent("config", reasons.SettingsUnreadable())
	}
	u, err := url.Parse(c.URL)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" {
		return c, dam.InvalidInput("config.url", reasons.WordpressUrlForm())
	}
	return c, nil
}

// progress is the state after Prepare.
type progress struct {
	Post  int `json:"post"`
	Media int `json:"media"`
}

// post is a post as the API returns it for editing.
type post struct {
	ID      int    `json:"id"`
	Status  string `json:"status"`
	Link    string `json:"link"`
	Content struct {
		Raw string `json:"raw"`
	} `json:"content"`
}

type attachment struct {
	ID int `json:"id"`
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.WebP}},
		Idempotency: publishers.ByHandle, VisibleAfter: classify, Update: true, Recall: true, PublicStaging: true,
		Parallel: 2, Link: true,
		Limits: map[string]string{
			"media": "one picture, JPEG, PNG or WebP; the size is the site's upload_max_filesize",
		}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	return p.identify(ctx, a, "author", "publish_posts", "upload_files")
}

// identify returns the identity of the account. role is the role, for messages, that has all the capabilities can.
func (p *publisher) identify(ctx context.Context, a publishers.Account, role string,
	can ...string) (dam.ChannelIdentity, error) {
	c, err := settings(a)
	if err != nil {
		return dam.ChannelIdentity{}, err
	}
	var me struct {
		ID           int             `json:"id"`
		Name         string          `json:"name"`
		Capabilities map[string]bool `json:"capabilities"`
	}
	if err := p.get(ctx, a, "users/me", url.Values{"context": {"edit"}}, &me); err != nil {
		return dam.ChannelIdentity{}, err
	}
	for _, may := range can {
		if !me.Capabilities[may] {
			return dam.ChannelIdentity{},
				publishers.Disconnected(reasons.WordpressRoleTooLow(me.Name, may, role), nil)
		}
	}
	site := strings.TrimRight(c.URL, "/")
	return dam.ChannelIdentity{ID: site + "#" + strconv.Itoa(me.ID),
		Name: me.Name + " at " + strings.TrimPrefix(strings.TrimPrefix(site, "https://"), "http://"), URL: site}, nil
}

// Refresh implements publishers.Publisher. A person has to make a new application password.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.WordpressRefusesPassword(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(context.Context, publishers.Intent) []dam.Problem { return nil }

// slug returns the slug of the publication's post. WordPress doesn't change it, since it has only letters, digits and
// hyphens.
func slug(publication string) string {
	return "vitrine-" + strings.ReplaceAll(strings.ToLower(publication), "_", "-")
}

// find returns the publication's post in any state; nil if there is none.
func (p *publisher) find(ctx context.Context, in publishers.Intent) (*post, error) {
	var list []post
	if err := p.get(ctx, in.Account, "posts", url.Values{"slug": {slug(in.ID)}, "status": {"any"}, "context": {"edit"},
		"order": {"asc"}}, &list); err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0], nil
}

// Prepare uploads the picture and makes the draft. It reuses a draft or picture that exists.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.State, error) {
	touched := publishers.State(`{}`)
	found, err := p.find(ctx, in)
	if err != nil {
		return nil, err
	}
	if found == nil {
		found = &post{}
		if err := p.send(ctx, in.Account, "posts", map[string]any{"slug": slug(in.ID), "status": "draft",
			"title": in.Content.Title.Get(in.Language, in.Locale)}, found); err != nil {
			return touched, err
		}
	}
	m := in.Content.Media[0]
	name := slug(in.ID) + "-" + m.SHA256[:16]
	var have []attachment
	if err := p.get(ctx, in.Account, "media", url.Values{"slug": {name}}, &have); err != nil {
		return touched, err
	}
	if len(have) == 0 {
		have = make([]attachment, 1)
		if err := p.upload(ctx, in, m, name, found.ID, &have[0]); err != nil {
			return touched, err
		}
	}
	// This can be repeated, and is not visible before the post shows the picture.
	alt := in.Content.Alt.Get(in.Language, in.Locale)
	if err := p.send(ctx, in.Account, "media/"+strconv.Itoa(have[0].ID),
		map[string]any{"alt_text": alt, "title": in.Content.Title.Get(in.Language, in.Locale),
			"caption": html.EscapeString(in.Content.Copyright)}, nil); err != nil {
		return touched, err
	}
	return json.Marshal(progress{Post: found.ID, Media: have[0].ID})
}

// Commit implements publishers.Publisher. It changes the draft, or the post of an older revision, to this revision.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var at progress
	if err := json.Unmarshal(state, &at); err != nil || at.Post == 0 {
		return publishers.Receipt{}, publishers.Retry(0, errors.New("the draft is not known"))
	}
	c, err := settings(in.Account)
	if err != nil {
		return publishers.Receipt{}, err
	}
	// A node that was delayed must not overwrite a newer revision with an older one.
	if there, err := p.find(ctx, in); err == nil && there != nil {
		if revision, _ := there.shows(); revision > in.Revision {
			return receipt(*there), nil
		}
	}
	body := map[string]any{"status": "publish", "title": cmp.Or(in.Content.Title.Get(in.Language, in.Locale),
		in.Content.Asset), "content": text(in), "featured_media": at.Media}
	if c.Category > 0 {
		body["categories"] = []int{c.Category}
	}
	var done post
	if err := p.commit(ctx, in.Account, "posts/"+strconv.Itoa(at.Post), body, &done); err != nil {
		return publishers.Receipt{}, err
	}
	// Pictures of older revisions are harmless: what can't be deleted now, the next commit or recall deletes.
	if list, err := p.attached(ctx, in, done.ID); err == nil {
		for _, a := range list {
			if a.ID != at.Media {
				_, _ = p.remove(ctx, in.Account, "media", a.ID)
			}
		}
	}
	return receipt(done), nil
}

func receipt(p post) publishers.Receipt {
	return publishers.Receipt{Remote: strconv.Itoa(p.ID), URL: p.Link}
}

// text returns the post's body: paragraphs, the link, and the mark that identifies what it shows.
func text(in publishers.Intent) string {
	var b strings.Builder
	for _, part := range strings.Split(cmp.Or(in.Content.Text, in.Content.Description.Get(in.Language, in.Locale)),
		"\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			fmt.Fprintf(&b, "<p>%s</p>\n", strings.ReplaceAll(html.EscapeString(part), "\n", "<br>"))
		}
	}
	if in.Content.Link != "" {
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>\n", html.EscapeString(in.Content.Link),
			html.EscapeString(in.Content.Link))
	}
	return b.String() + mark(in)
}

func mark(in publishers.Intent) string {
	return fmt.Sprintf("<!-- vitrine %s %d %s -->", in.Content.Asset, in.Revision, in.Digest)
}

var marked = regexp.MustCompile(`<!-- vitrine \S+ (\d+) (\S+) -->`)

// shows returns the revision and digest that a public post shows; zero for a draft.
func (x *post) shows() (revision int64, digest string) {
	m := marked.FindStringSubmatch(x.Content.Raw)
	if x.Status != "publish" || m == nil {
		return 0, ""
	}
	revision, _ = strconv.ParseInt(m[1], 10, 64) // digits
	return revision, m[2]
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, _ dam.Receipt) (publishers.Outcome, error) {
	found, err := p.find(ctx, in)
	if err != nil {
		return publishers.Outcome{}, err
	}
	if found == nil || found.Status != "publish" {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(*found)}, nil
}

// Lookup implements publishers.Publisher. The mark has the revision that the post shows.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	found, err := p.find(ctx, in)
	if err != nil {
		return publishers.Outcome{}, err
	}
	if found != nil {
		if revision, digest := found.shows(); revision > in.Revision || digest == in.Digest {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(*found)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall deletes the post first, so that nothing shows a missing picture, then its pictures.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	found, err := p.find(ctx, in)
	if err != nil {
		return reasons.Reason{}, err
	}
	id := 0
	if found != nil {
		id = found.ID
	} else if r != nil {
		id, _ = strconv.Atoi(r.Remote) // a post whose slug a person changed; the remote id must be a number
	}
	if id == 0 {
		return reasons.NoPostThere(), nil
	}
	pictures, err := p.attached(ctx, in, id)
	if err != nil {
		return reasons.Reason{}, err
	}
	answer, err := p.remove(ctx, in.Account, "posts", id)
	if err != nil {
		return reasons.Reason{}, err
	}
	for _, a := range pictures {
		if _, err := p.remove(ctx, in.Account, "media", a.ID); err != nil {
			return reasons.Reason{}, err
		}
	}
	return answer, nil
}

// attached lists the pictures that belong to a post.
func (p *publisher) attached(ctx context.Context, in publishers.Intent, post int) (list []attachment, err error) {
	err = p.get(ctx, in.Account, "media", url.Values{"parent": {strconv.Itoa(post)}, "per_page": {"100"}}, &list)
	return list, err
}
