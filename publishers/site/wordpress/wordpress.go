// Package wordpress publishes posts to a WordPress site over its REST API, with an application password.
//
// WordPress has no idempotency key: a repeated POST makes a second post. So Prepare makes a draft, which is not public,
// under a slug that is derived from the publication and looked up first. Commit publishes that draft, under a slug that
// comes from its title: however often it is called, there is one post. The post's text ends with a mark that says what
// was published; a lost answer is looked up by the draft's id and by that mark.
package wordpress

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
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
  "url": {"type": "string", "x-destination": true, "title": "Site", "description": "https://blog.example.com", "minLength": 1,
   "x-fr": {"title": "Site", "description": "https://blog.example.com"}},
  "user": {"type": "string", "title": "User", "description": "An author or editor of the site", "minLength": 1,
   "x-fr": {"title": "Utilisateur", "description": "Un auteur ou un éditeur du site"}},
  "password": {"type": "string", "title": "Application password", "description": "From Users → Profile → Application Passwords", "writeOnly": true,
   "x-fr": {"title": "Mot de passe d’application", "description": "Dans Utilisateurs → Profil → Mots de passe d’application"}},
  "category": {"type": "integer", "title": "Category", "description": "Id of the category of new posts that name none",
   "x-fr": {"title": "Catégorie", "description": "Identifiant de la catégorie des nouveaux articles qui n’en nomment aucune"}}
 }
}`

// classify is longer than any PHP server lets a request run.
const classify = 2 * time.Minute

// Kind returns the kind of channel. client makes the requests and decides which addresses are allowed.
func Kind(client *http.Client) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "WordPress", Schema: json.RawMessage(schema),
		API: publishers.API{Version: "wp/v2", Source: "https://developer.wordpress.org/rest-api/reference/",
			Checked: publishers.Day(2026, time.November, 30)},
		Publisher: &publisher{client}, Tested: "WordPress 6.1", Destination: func(raw json.RawMessage) string {
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
	Post       int    `json:"post"`
	Media      int    `json:"media"`
	Source     string `json:"source,omitempty"` // URL of the picture
	Tags       []int  `json:"tags,omitempty"`
	Categories []int  `json:"categories,omitempty"`
}

// post is a post as the API returns it for editing.
type post struct {
	ID      int    `json:"id"`
	Slug    string `json:"slug"`
	Status  string `json:"status"`
	Link    string `json:"link"`
	Content struct {
		Raw string `json:"raw"`
	} `json:"content"`
}

type attachment struct {
	ID     int    `json:"id"`
	Slug   string `json:"slug"`
	Source string `json:"source_url"`
}

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG,
		dam.WebP}},
		Idempotency: publishers.ByHandle, VisibleAfter: classify, Update: true, Repeat: true, Recall: true,
		PublicStaging: true, Parallel: 2, Link: true, Options: json.RawMessage(optionsSchema),
		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitPictureOfSite()}}, nil
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
func (p *publisher) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	o, err := optionsOf(in)
	if err == nil {
		err = o.check(in.Content.Rights)
	}
	if e := (*publishers.Error)(nil); errors.As(err, &e) {
		return []dam.Problem{*e.Problem()}
	}
	return nil
}

// handle returns the slug that a publication's draft has until it is published, and that the slugs of its pictures
// begin with. WordPress doesn't change it, since it has only letters, digits and hyphens.
func handle(publication string) string {
	return "vitrine-" + strings.ReplaceAll(strings.ToLower(publication), "_", "-")
}

// known returns the id of the post that a receipt names, 0 for none.
func known(r *dam.Receipt) (id int) {
	if r != nil {
		id, _ = strconv.Atoi(r.Remote) // not a number: a person confirmed the delivery without it
	}
	return id
}

// find returns the publication's post, unless it is in the bin; nil if there is none. It looks under id, where the post
// was last known to be (0 for nowhere), for the draft, and for a post with the publication's mark.
func (p *publisher) find(ctx context.Context, in publishers.Intent, id int) (*post, error) {
	if id > 0 {
		var x post
		err := p.get(ctx, in.Account, "posts/"+strconv.Itoa(id), url.Values{"context": {"edit"}}, &x)
		if !missing(err) {
			if err != nil {
				return nil, err
			}
			if mine, err := p.owns(ctx, in, x); err != nil || mine {
				return &x, err
			}
		}
	}
	for _, q := range []url.Values{{"slug": {handle(in.ID)}}, {"search": {in.ID}, "per_page": {"100"}}} {
		q.Set("status", "any")
		q.Set("context", "edit")
		q.Set("order", "asc")
		var list []post
		if err := p.get(ctx, in.Account, "posts", q, &list); err != nil {
			return nil, err
		}
		for _, x := range list {
			if x.Slug == handle(in.ID) || x.mark().publication == in.ID {
				return &x, nil
			}
		}
	}
	return nil, nil
}

// owns reports whether a post with a known id is the publication's: ids mean something else after a site has moved. An
// editor of the site may have changed the slug and removed the mark; the post's picture is the publication's still.
func (p *publisher) owns(ctx context.Context, in publishers.Intent, x post) (bool, error) {
	if x.Status == "trash" {
		return false, nil
	}
	if x.Slug == handle(in.ID) || x.mark().publication == in.ID {
		return true, nil
	}
	list, err := p.files(ctx, in, url.Values{"parent": {strconv.Itoa(x.ID)}})
	return len(list) > 0, err
}

// foreign returns an error if the site has a post with an id that is not recognised as the publication's: whether it
// is, a person has to see.
func (p *publisher) foreign(ctx context.Context, in publishers.Intent, id int) error {
	var x post
	err := p.get(ctx, in.Account, "posts/"+strconv.Itoa(id), url.Values{"context": {"edit"}}, &x)
	if missing(err) || err == nil && x.Status == "trash" {
		return nil
	}
	if err != nil {
		return err
	}
	return publishers.Permanent("", reasons.PostNotRecognised(x.Link))
}

func missing(err error) bool {
	var e *apiError
	return errors.As(err, &e) && (e.status == http.StatusNotFound || e.status == http.StatusGone)
}

// Prepare finds or makes the tags and categories, uploads the picture and makes the draft. It reuses a draft or picture
// that exists.
func (p *publisher) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State,
	error) {
	touched := publishers.State(`{}`)
	var at progress
	_ = json.Unmarshal(state, &at) // none the first time
	o, err := optionsOf(in)
	if err != nil {
		return state, err
	}
	if at.Tags, err = p.terms(ctx, in.Account, tags, names(o.Tags)); err != nil {
		return state, err
	}
	if at.Categories, err = p.terms(ctx, in.Account, categories, names(o.Categories)); err != nil {
		return state, err
	}
	found, err := p.find(ctx, in, cmp.Or(at.Post, known(in.Receipt)))
	if err != nil {
		return state, err
	}
	if found == nil {
		found = &post{}
		if err := p.send(ctx, in.Account, "posts", map[string]any{"slug": handle(in.ID), "status": "draft",
			"title": literal(title(in, o)), "content": prepared(in)}, found); err != nil {
			return touched, err
		}
	}
	picture, err := p.picture(ctx, in, found.ID, title(in, o))
	if err != nil {
		return touched, err
	}
	at.Post, at.Media, at.Source = found.ID, picture.ID, picture.Source
	return json.Marshal(at)
}

// picture returns the publication's picture at the site, which it uploads unless it is there.
func (p *publisher) picture(ctx context.Context, in publishers.Intent, post int, title string) (attachment, error) {
	m := in.Content.Media[0]
	slug := handle(in.ID) + "-" + m.SHA256[:16]
	var have []attachment
	if err := p.get(ctx, in.Account, "media", url.Values{"slug": {slug}}, &have); err != nil {
		return attachment{}, err
	}
	if len(have) == 0 {
		have = make([]attachment, 1)
		about := url.Values{"slug": {slug}, "post": {strconv.Itoa(post)}, "description": {prepared(in)}}
		if err := p.upload(ctx, in, m, fileName(m, title, in.Content.Alt.Get(in.Language, in.Locale)), about,
			&have[0]); err != nil {
			return attachment{}, err
		}
	}
	// This can be repeated, and is not visible before the post shows the picture.
	return have[0], p.send(ctx, in.Account, "media/"+strconv.Itoa(have[0].ID),
		map[string]any{"alt_text": in.Content.Alt.Get(in.Language, in.Locale), "title": literal(title),
			"caption": literal(in.Content.Copyright), "description": prepared(in)}, nil)
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
	o, err := optionsOf(in)
	if err != nil {
		return publishers.Receipt{}, err
	}
	there, err := p.find(ctx, in, at.Post)
	if err != nil {
		return publishers.Receipt{}, publishers.Unaccepted(err)
	}
	// A node that was delayed must not overwrite a newer revision with an older one.
	if there != nil && there.mark().revision > in.Revision {
		return receipt(*there, o), nil
	}
	var done post
	if err := p.commit(ctx, in.Account, "posts/"+strconv.Itoa(at.Post), body(in, c, o, at, there), &done); err != nil {
		return publishers.Receipt{}, err
	}
	// Pictures of older revisions are harmless: what can't be deleted now, the next commit or recall deletes.
	if list, err := p.uploaded(ctx, in, done.ID); err == nil {
		for _, a := range list {
			if a.ID != at.Media {
				_, _ = p.remove(ctx, in.Account, "media", a.ID)
			}
		}
	}
	return receipt(done, o), nil
}

// sent is Receipt.Data.
type sent struct {
	Status string `json:"status"`
}

func receipt(p post, o options) publishers.Receipt {
	data, _ := json.Marshal(sent{o.status()}) // marshalling a text never fails
	return publishers.Receipt{Remote: strconv.Itoa(p.ID), URL: p.Link, Data: data, PostStatus: postStatus(p.Status)}
}

// postStatus says who sees a post in a status of WordPress.
func postStatus(status string) dam.PostStatus {
	switch status {
	case "draft", "pending":
		return dam.PostDraft
	case "future":
		return dam.PostScheduled
	case "private":
		return dam.PostPrivate
	}
	return ""
}

// Status implements publishers.Publisher. A post that was sent as a draft is there whatever the site's editors made of
// it; one that was published and is a draft now is not.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	found, err := p.find(ctx, in, known(&r))
	if err != nil {
		return publishers.Outcome{}, err
	}
	var was sent
	_ = json.Unmarshal(r.Data, &was) // receipts of older releases have none: those posts were published
	if found == nil || !slices.Contains([]string{"publish", "private", "future"}, found.Status) &&
		!unpublished(was.Status) {
		return publishers.Outcome{Verdict: publishers.Absent}, nil
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(*found, options{Status: was.Status})}, nil
}

// Lookup implements publishers.Publisher. The mark has the revision that the post shows.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Outcome,
	error) {
	var at progress
	_ = json.Unmarshal(state, &at) // without it the post is found by its mark
	found, err := p.find(ctx, in, at.Post)
	if err != nil {
		return publishers.Outcome{}, err
	}
	if found != nil {
		if m := found.mark(); m.revision > in.Revision || m.revision > 0 && m.digest == in.Digest {
			o, _ := optionsOf(in) // they were read before the commit
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(*found, o)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall deletes the post first, so that nothing shows a missing picture, then the pictures that were uploaded for it.
// What the site's editors added to the post stays in the site's library.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	found, err := p.find(ctx, in, known(r))
	if err != nil {
		return reasons.Reason{}, err
	}
	id := known(r)
	if found != nil {
		id = found.ID
	}
	pictures, err := p.uploaded(ctx, in, id)
	if err != nil {
		return reasons.Reason{}, err
	}
	answer := reasons.NoPostThere()
	if found != nil {
		answer, err = p.remove(ctx, in.Account, "posts", id)
	} else if id > 0 {
		err = p.foreign(ctx, in, id)
	}
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

// uploaded lists the pictures that were uploaded for the publication, whose post is known by its id, if it is.
func (p *publisher) uploaded(ctx context.Context, in publishers.Intent, post int) ([]attachment, error) {
	list, err := p.files(ctx, in, url.Values{"search": {in.ID}})
	if err != nil || post == 0 {
		return list, err
	}
	// Older releases put no mark into the description.
	more, err := p.files(ctx, in, url.Values{"parent": {strconv.Itoa(post)}})
	for _, a := range more {
		if !slices.Contains(list, a) {
			list = append(list, a)
		}
	}
	return list, err
}

// files lists the publication's pictures among those that a query finds.
func (p *publisher) files(ctx context.Context, in publishers.Intent, q url.Values) (list []attachment, err error) {
	q.Set("per_page", "100")
	err = p.get(ctx, in.Account, "media", q, &list)
	return slices.DeleteFunc(list, func(a attachment) bool {
		return !strings.HasPrefix(a.Slug, handle(in.ID)+"-")
	}), err
}
