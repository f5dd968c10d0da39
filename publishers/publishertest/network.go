package publishertest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Network is a strict remote in memory, with a channel to it: it refuses what a
// real one refuses, counts every post it ever accepted, and can't be made to forget one.
type Network struct {
	Mode publishers.Idempotency
	// CanUpdate, CanRecall and CanLookup say what the remote offers.
	CanUpdate, CanRecall, CanLookup bool
	// Repeat is set when every publication of an asset is a post of its own.
	Repeat       bool
	VisibleAfter time.Duration
	// Rates are the limits it states; Quota is what it says is left, nil for nothing.
	Rates []dam.Rate
	Quota func() *publishers.Quota
	// Files is how many files a post has, in the place of one.
	Files dam.FileCount
	// Place is set when a post has a link of its own.
	Place bool

	mu       sync.Mutex
	uploads  map[string]int64 // media handle → bytes
	posts    []*Post
	token    string
	revoked  bool
	throttle func() error
	comments []*comment
}

// comment is one under a post; it stays when the post goes.
type comment struct {
	id, post, text string
	gone           bool
}

// Post is one post on the network.
type Post struct {
	ID, Publication, Asset, Digest, Text string
	Revision                             int64
	Live                                 bool
	// Unlisted posts are there, and the network's search does not find them.
	Unlisted bool
	Link     string
	// Files are asset and alternative text of each file, of a post of several.
	Files []string
}

// NewNetwork returns an empty network.
func NewNetwork(mode publishers.Idempotency) *Network {
	return &Network{Mode: mode, CanRecall: true, CanLookup: true, uploads: map[string]int64{}, token: "good"}
}

const captionMax = 300

// Kind returns the channel to the network.
func (n *Network) Kind() publishers.Kind {
	return publishers.Kind{Name: "network", Title: "Network", Publisher: n, Files: n.Files,
		Schema: json.RawMessage(
			`{"type":"object","required":["token"],"properties":{"token":{"type":"string","writeOnly":true},"refresh":{"type":"string","writeOnly":true}}}`)}
}

// Config is the settings of an account on the network.
func (n *Network) Config() json.RawMessage {
	return json.RawMessage(`{"token":"good","refresh":"more"}`)
}

// Posts counts the posts the network ever accepted for an asset, taken back or not.
func (n *Network) Posts(asset string) int { return n.count(asset, false) }

// LivePosts counts those that are still there.
func (n *Network) LivePosts(asset string) int { return n.count(asset, true) }

func (n *Network) count(asset string, live bool) (c int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.posts {
		if p.Asset == asset && (p.Live || !live) {
			c++
		}
	}
	return c
}

// Last returns the newest post of an asset.
func (n *Network) Last(asset string) (out Post) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.posts {
		if p.Asset == asset {
			out = *p
		}
	}
	return out
}

// Expire makes the present token invalid; a refresh gives a new one.
func (n *Network) Expire() { n.mu.Lock(); n.token = "better"; n.mu.Unlock() }

// Revoke makes the account refuse everything.
func (n *Network) Revoke() { n.mu.Lock(); n.revoked = true; n.mu.Unlock() }

// Throttle makes calls fail with what f returns, until it returns nil.
func (n *Network) Throttle(f func() error) { n.mu.Lock(); n.throttle = f; n.mu.Unlock() }

// Unlist hides a publication's posts from the network's search.
func (n *Network) Unlist(publication string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.posts {
		p.Unlisted = p.Unlisted || p.Publication == publication
	}
}

// Vanish removes an asset's posts without anybody having asked.
func (n *Network) Vanish(asset string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, p := range n.posts {
		if p.Asset == asset {
			p.Live = false
		}
	}
}

// enter checks the caller; the lock is held.
func (n *Network) enter(ctx context.Context, a publishers.Account) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if n.revoked {
		return publishers.Disconnected(reasons.Said("the account is suspended", ""), nil)
	}
	if a.Secrets["token"] != n.token {
		return publishers.AuthExpired(nil)
	}
	if n.throttle != nil {
		return n.throttle()
	}
	return nil
}

// Describe implements publishers.Publisher.
func (n *Network) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{Media: publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG}},
		CaptionUnit: "runes", CaptionMax: captionMax, Idempotency: n.Mode, VisibleAfter: n.VisibleAfter,
		Update: n.CanUpdate, Repeat: n.Repeat, Recall: n.CanRecall, Parallel: 4, Rates: n.Rates, Link: n.Place}, nil
}

// Verify implements publishers.Publisher.
func (n *Network) Verify(ctx context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return dam.ChannelIdentity{ID: "1", Name: "brand"}, n.enter(ctx, a)
}

// Refresh implements publishers.Publisher: the answer's refresh token is empty, as some remotes do.
func (n *Network) Refresh(_ context.Context, a publishers.Account) (map[string]string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.revoked || a.Secrets["refresh"] != "more" {
		return nil, publishers.Disconnected(reasons.Said("the refresh token is not valid", ""), nil)
	}
	return map[string]string{"token": n.token, "refresh": ""}, nil
}

// Validate implements publishers.Publisher.
func (n *Network) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	if c := len([]rune(in.Content.Text)); c > captionMax {
		return []dam.Problem{*dam.NewProblem("permanent", "caption", reasons.CaptionTooLong(c, captionMax))}
	}
	return nil
}

// Prepare implements publishers.Publisher.
func (n *Network) Prepare(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.State, error) {
	var s struct {
		Media, Digest, Key string
		More               []string
	}
	if state != nil {
		if err := json.Unmarshal(state, &s); err != nil {
			return nil, err
		}
	}
	if s.Digest == in.Digest {
		return state, nil
	}
	s.More = nil
	for i, m := range in.Content.Media {
		media, err := n.upload(ctx, in, m)
		if err != nil {
			return state, err
		}
		if i == 0 {
			s.Media = media
		} else {
			s.More = append(s.More, media)
		}
	}
	s.Digest, s.Key = in.Digest, in.ID
	return json.Marshal(s)
}

func (n *Network) upload(ctx context.Context, in publishers.Intent, m publishers.Media) (string, error) {
	r, err := in.Open(ctx, m)
	if err != nil {
		return "", err
	}
	b, err := io.ReadAll(r)
	if err == nil {
		err = r.Close()
	}
	if err != nil {
		return "", err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.enter(ctx, in.Account); err != nil {
		return "", err
	}
	media := fmt.Sprintf("m%d", len(n.uploads)+1)
	n.uploads[media] = int64(len(b))
	return media, nil
}

// Commit implements publishers.Publisher.
func (n *Network) Commit(ctx context.Context, in publishers.Intent, state publishers.State) (publishers.Receipt,
	error) {
	var s struct {
		Media, Key string
		More       []string
	}
	if err := json.Unmarshal(state, &s); err != nil {
		return publishers.Receipt{}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.enter(ctx, in.Account); err != nil {
		return publishers.Receipt{}, err
	}
	if n.uploads[s.Media] == 0 || len(s.More) != len(in.Content.Media)-1 ||
		slices.ContainsFunc(s.More, func(m string) bool { return n.uploads[m] == 0 }) {
		return publishers.Receipt{},
			publishers.Permanent("media", reasons.Said("there is no such media", "upload it again"))
	}
	if len([]rune(in.Content.Text)) > captionMax || in.Content.Text == "refuse me" {
		return publishers.Receipt{}, publishers.Permanent("caption", reasons.Said("the network refuses this text",
			"write another one"))
	}
	if n.Mode == publishers.Durable || n.Mode == publishers.ByHandle {
		for _, p := range n.posts {
			if p.Live && p.Publication == in.ID {
				if n.CanUpdate && in.Revision > p.Revision {
					p.Digest, p.Text, p.Revision = in.Digest, in.Content.Text, in.Revision
				}
				return receipt(p), nil
			}
		}
	}
	p := &Post{ID: fmt.Sprintf("post%d", len(n.posts)+1), Publication: in.ID, Asset: in.Content.Asset,
		Digest: in.Digest, Text: in.Content.Text, Revision: in.Revision, Live: true, Link: in.Content.Link}
	for _, m := range in.Content.Media {
		if m.Asset != "" {
			p.Files = append(p.Files, m.Asset+" "+in.AltOf(m))
		}
	}
	n.posts = append(n.posts, p)
	r := receipt(p)
	if n.Quota != nil {
		r.Quota = n.Quota()
	}
	return r, nil
}

// Comment implements publishers.Commenter.
func (n *Network) Comment(ctx context.Context, in publishers.Intent, r dam.Receipt) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.enter(ctx, in.Account); err != nil {
		return "", err
	}
	if in.Content.FirstComment == "refuse me" {
		return "", publishers.Permanent("first_comment", reasons.Said("the network refuses this comment",
			"write another one"))
	}
	c := &comment{id: fmt.Sprintf("comment%d", len(n.comments)+1), post: r.Remote, text: in.Content.FirstComment}
	n.comments = append(n.comments, c)
	return c.id, nil
}

// RecallComment implements publishers.CommentRecaller.
func (n *Network) RecallComment(ctx context.Context, in publishers.Intent, r dam.Receipt) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.enter(ctx, in.Account); err != nil {
		return err
	}
	for _, c := range n.comments {
		if c.id == r.Comment.Remote || r.Comment.Remote == "" && c.post == r.Remote && c.text == r.Comment.Text {
			c.gone = true
		}
	}
	return nil
}

// Comments are those under a post.
func (n *Network) Comments(post string) []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []string
	for _, c := range n.comments {
		if c.post == post && !c.gone {
			out = append(out, c.text)
		}
	}
	return out
}

// commentsWith counts the comments that have a word.
func (n *Network) commentsWith(word string) (count int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.comments {
		if !c.gone && strings.Contains(c.text, word) {
			count++
		}
	}
	return count
}

func receipt(p *Post) publishers.Receipt {
	return publishers.Receipt{Remote: p.ID, URL: "https://network.example.com/" + p.ID}
}

// Status implements publishers.Publisher.
func (n *Network) Status(ctx context.Context, in publishers.Intent, r dam.Receipt) (publishers.Outcome, error) {
	return n.find(ctx, in, func(p *Post) bool { return p.ID == r.Remote })
}

// Lookup implements publishers.Publisher.
func (n *Network) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	if !n.CanLookup {
		return publishers.Outcome{Verdict: publishers.Undecided, Note: reasons.Said("the network has no search", "")},
			nil
	}
	return n.find(ctx, in, func(p *Post) bool {
		return p.Publication == in.ID && p.Revision >= in.Revision && !p.Unlisted
	})
}

func (n *Network) find(ctx context.Context, in publishers.Intent, is func(*Post) bool) (publishers.Outcome, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.enter(ctx, in.Account); err != nil {
		return publishers.Outcome{}, err
	}
	for _, p := range n.posts {
		if p.Live && is(p) {
			return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(p)}, nil
		}
	}
	return publishers.Outcome{Verdict: publishers.Absent}, nil
}

// Recall implements publishers.Publisher.
func (n *Network) Recall(ctx context.Context, in publishers.Intent, r *dam.Receipt) (reasons.Reason, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.enter(ctx, in.Account); err != nil {
		return reasons.Reason{}, err
	}
	for _, p := range n.posts {
		if p.Live && (r != nil && p.ID == r.Remote || p.Publication == in.ID && n.Mode == publishers.Durable) {
			p.Live = false
			return reasons.DeletedRemote(p.ID), nil
		}
	}
	return reasons.Said("not found", ""), nil
}

// Harness is the network as the suite wants it.
func (n *Network) Harness() Harness {
	return Harness{Kind: n.Kind(), Config: n.Config(), Posts: n.Posts, Live: n.LivePosts, Comments: n.commentsWith,
		Fault: func(f Fault) (func(), bool) {
			switch f {
			case Expired:
				n.Expire()
				return func() {}, true
			case Revoked:
				n.Revoke()
				return func() { n.mu.Lock(); n.revoked = false; n.mu.Unlock() }, true
			case ThrottledPlain:
				n.Throttle(func() error { return publishers.Throttled(time.Time{}, nil) })
				return func() { n.Throttle(nil) }, true
			}
			return nil, false
		}}
}

// Total counts every post ever accepted.
func (n *Network) Total() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.posts)
}

// All returns every post ever accepted, oldest first.
func (n *Network) All() []Post {
	n.mu.Lock()
	defer n.mu.Unlock()
	out := make([]Post, len(n.posts))
	for i, p := range n.posts {
		out[i] = *p
	}
	return out
}
