// Package publishers defines the contract between the ledger and the channels that approved assets are published to. A
// kind of channel imports this package only. Its subpackages are accounts (channels and their credentials), planning
// (what is published where and when) and ledger (sending and recalling). docs/publishing.md draws the state machine.
//
// Everything here serves one guarantee: a publication is never sent twice by accident. The irreversible call (Commit)
// has a durable record before it is made. Whoever finds that record without a receipt asks the remote (Lookup), and
// never repeats the call on a guess.
package publishers

import (
	"context"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"vitrine/dam"
	"vitrine/dam/reasons"
)

// Publisher is a kind of channel. It has no state of its own: one value serves every channel of the kind, from several
// goroutines. Calls get a context with a deadline, which is cancelled if the node loses its lease; a cancelled Commit
// counts as Unknown.
//
// Errors are made with Retry, Throttled, AuthExpired, Disconnected, Unpaid, Permanent and Unknown, classified first by
// the remote's own error name and then by its status. Any other error is a Retry in every call but Commit, and Unknown
// in Commit.
type Publisher interface {
	// Describe returns what the channel can do. It is called when a channel is added, changed or tested, and the result
	// is stored.
	Describe(ctx context.Context, a Account) (Capabilities, error)

	// Verify proves that the account works, without leaving anything visible.
	Verify(ctx context.Context, a Account) (dam.ChannelIdentity, error)

	// Refresh returns new secrets for an account whose credential has expired. Empty values leave the stored ones
	// unchanged. Only one node calls it at a time. A channel whose credentials don't expire returns Disconnected.
	Refresh(ctx context.Context, a Account) (map[string]string, error)

	// Validate reports what the remote would refuse. It doesn't use the network.
	Validate(ctx context.Context, in Intent) []dam.Problem

	// Prepare does everything that can be repeated: uploads, containers. It gets what an earlier Prepare returned, nil
	// the first time, and returns what Commit needs. A state that is returned with an error is kept for the next
	// attempt, and so is one passed to Intent.Keep, even if the node dies.
	Prepare(ctx context.Context, in Intent, state State) (State, error)

	// Commit is the one irreversible call. Retry, Throttled, AuthExpired, Disconnected, Unpaid and Permanent guarantee
	// that the remote did not accept it.
	Commit(ctx context.Context, in Intent, state State) (Receipt, error)

	// Status reports whether something delivered is still there.
	Status(ctx context.Context, in Intent, r dam.Receipt) (Outcome, error)

	// Lookup finds out what became of a Commit whose answer was lost.
	Lookup(ctx context.Context, in Intent, state State) (Outcome, error)

	// Recall removes what Commit delivered, and what Prepare left where others can see it. r is nil if nothing was
	// delivered. It succeeds if there is nothing to remove. The intent has the asset, the publication and the account
	// only. It returns the remote's answer, as proof.
	Recall(ctx context.Context, in Intent, r *dam.Receipt) (answer reasons.Reason, err error)
}

// Commenter is a Publisher that can comment on a post it made. The ledger calls it once after a delivery, and never
// again, whatever the result.
type Commenter interface {
	// Comment posts in.Content.FirstComment and returns the comment's id at the remote.
	Comment(ctx context.Context, in Intent, r dam.Receipt) (remote string, err error)
}

// CommentRecaller is a Commenter that removes its comment itself, because the remote keeps it when the post is deleted.
type CommentRecaller interface {
	Commenter
	// RecallComment removes r.Comment, before Recall removes the post. If its Remote is "", the answer to Comment was
	// lost, and the comment is looked for among the account's by its text. It succeeds if there is nothing to remove;
	// Permanent means that it can't be looked for, and doesn't keep Recall back.
	RecallComment(ctx context.Context, in Intent, r dam.Receipt) error
}

// CanComment reports whether a channel can put a comment under its posts. A Commenter with the method CommentsDiffer
// serves remotes of which not every one can: Capabilities.Comments says it of each.
func CanComment(p Publisher, c Capabilities) bool {
	_, can := p.(Commenter)
	_, differ := p.(interface{ CommentsDiffer() })
	return can && (c.Comments || !differ)
}

// State is what a channel keeps between Prepare and Commit, as JSON.
type State = json.RawMessage

// Account is where to publish, and with which credentials.
type Account struct {
	// Channel is the channel's id, "" while it is being added.
	Channel string
	// Config has the channel's settings, without secrets.
	Config json.RawMessage
	// Secrets are the decrypted credentials by name.
	Secrets map[string]string
}

// Intent is one publication with everything that a channel needs to send it.
type Intent struct {
	ID string // of the publication; the same for all revisions
	// Revision numbers the changes of what is to be sent. A channel that updates in place must not let an older
	// revision overwrite a newer one that it can see.
	Revision int64
	// Digest identifies Content: equal digests mean equal content.
	Digest  string
	Account Account
	// CreatedAt is when the publication was created, and never changes, for remotes that want a date in the content.
	CreatedAt time.Time
	// CommittedAt is when the last Commit was recorded; zero before the first.
	CommittedAt time.Time
	// Receipt is that of the last delivery, which this revision updates; nil before the first.
	Receipt *dam.Receipt
	Content Content
	// Limits is what the remote accepted when the channel was last verified.
	Limits Capabilities
	// Locale is the library's default locale, in which a text is shown that isn't there in Language.
	Locale string
	// Language is the language of the post, a BCP 47 tag: what the post says, or else Locale.
	Language string
	// Open returns the bytes of one of Content.Media.
	Open func(ctx context.Context, m Media) (io.ReadCloser, error)
	// Link returns the public URL of exactly these bytes, "" if the server has no public URL.
	Link func(m Media) string
	// Keep stores a state durably during Prepare, for uploads that must survive the node. It is set in Prepare only.
	Keep func(ctx context.Context, state State) error
}

// Content is what is published: the asset's metadata and the files.
type Content struct {
	Asset       string   `json:"asset"`
	Version     string   `json:"version"`
	SHA256      string   `json:"sha256" doc:"Of the approved original"`
	Title       dam.Text `json:"title,omitempty"`
	Description dam.Text `json:"description,omitempty"`
	Alt         dam.Text `json:"alt,omitempty"`
	AssetText   dam.Text `json:"caption,omitempty"`
	Tags        []string `json:"tags"`
	SKUs        []string `json:"skus"`
	// Slots are the product slots that the asset is in now.
	Slots     []SlotPosition `json:"slots,omitempty"`
	Creator   string         `json:"creator,omitempty"`
	Copyright string         `json:"copyright,omitempty"`
	Captured  *dam.Capture   `json:"captured,omitempty"`
	Focal     *dam.Point     `json:"focal,omitempty"`
	Rights    dam.Rights     `json:"rights"`
	// Language is what the post says of its language; "" if it says nothing: see Intent.Language.
	Language string `json:"language,omitempty" doc:"BCP 47 tag"`
	// Text is what the person who planned the publication wrote; "" for rules.
	Text string `json:"text,omitempty"`
	// Link is the post's link, including its tags, for channels that declare a place for it; for the others it is part
	// of Text.
	Link string `json:"link,omitempty"`
	// FirstComment is the text that Commenter.Comment posts under the post.
	FirstComment string `json:"first_comment,omitempty"`
	// Options are the options of this one publication, described by Capabilities.Options.
	Options json.RawMessage `json:"options,omitempty"`
	Media   []Media         `json:"media"`
}

// SlotPosition is a slot of a product.
type SlotPosition struct {
	SKU  string `json:"sku"`
	Slot string `json:"slot" doc:"hero, back, …; the library's own words"`
	N    int    `json:"n" doc:"Position in the slot, from 1"`
}

// Media is one file to publish.
type Media struct {
	Preset    string     `json:"preset"`
	Format    dam.Format `json:"format"`
	MediaType string     `json:"media_type"`
	Hash      string     `json:"hash" doc:"Names the rendition, as in /r/{asset}/{hash}/{preset}.{ext}"`
	SHA256    string     `json:"sha256"`
	Size      int64      `json:"size"`
	Width     int        `json:"width"`
	Height    int        `json:"height"`
	Duration  float64    `json:"duration,omitempty" doc:"Seconds, of video"`
	// These are set where a publication has several files: whose rendition it is, of which original, and its
	// alternative text. Otherwise Content has them.
	Asset    string   `json:"asset,omitempty" doc:"Where the publication has several files"`
	Version  string   `json:"version,omitempty" doc:"Where the publication has several files"`
	Original string   `json:"original,omitempty" doc:"SHA-256 of the original, where the publication has several files"`
	Alt      dam.Text `json:"alt,omitempty" doc:"Where the publication has several files"`
}

// AltOf returns the alternative text of one of in.Content.Media.
func (in Intent) AltOf(m Media) string {
	if m.Asset != "" {
		return m.Alt.Get(in.Language, in.Locale)
	}
	return in.Content.Alt.Get(in.Language, in.Locale)
}

// Receipt is the remote's answer to a Commit.
type Receipt struct {
	Remote string
	URL    string
	Data   json.RawMessage
	// PostStatus is who sees it, where not everybody does.
	PostStatus dam.PostStatus
	// Quota is what the remote says is left of its limit; nil if it doesn't say.
	Quota *Quota
}

// Quota is how many publications an account may still send until an instant.
type Quota struct {
	Left  int
	Until time.Time
}

// Verdict is the result of asking the remote.
type Verdict string

const (
	Delivered Verdict = "delivered"
	Absent    Verdict = "absent"
	// Undecided means that the remote can't tell, or is still working on it.
	Undecided Verdict = "undecided"
)

// Outcome is the result of Lookup and Status. Receipt is set if delivered.
type Outcome struct {
	Verdict Verdict
	Receipt Receipt
	// Note says why it is undecided, or absent without having been looked for: what is sent again changes nothing
	// there.
	Note reasons.Reason
}

// Idempotency says what a second Commit of the same intent does.
type Idempotency string

const (
	// Durable means that it makes no second post, however late it comes (deterministic names, or a key that the remote
	// keeps).
	Durable Idempotency = "durable"
	// Windowed means that the remote keeps the key for a limited time. A node can't prove that its call arrives in
	// time, so the ledger treats it as NoIdempotency.
	Windowed Idempotency = "window"
	// ByHandle is Durable as long as the state of Prepare is the same.
	ByHandle Idempotency = "handle"
	// NoIdempotency means that it posts twice. The ledger never makes such a second Commit.
	NoIdempotency Idempotency = "none"
)

// Capabilities describes a channel; it is stored as JSON with it.
type Capabilities struct {
	// Media are the files that the remote accepts.
	Media MediaRules `json:"media"`
	// CaptionUnit is runes, graphemes, bytes, weighted or "" if there is no caption.
	CaptionUnit string `json:"caption_unit,omitempty"`
	CaptionMax  int    `json:"caption_max,omitempty"`
	// LinkLength is what every link counts; 0 means the channel's own rule.
	LinkLength int `json:"link_length,omitempty" doc:"Characters that every link counts, whatever its length"`
	AltMax     int `json:"alt_max,omitempty" doc:"Runes; 0 is no limit"`
	// Pull means that the remote fetches the files from the server's public URLs.
	Pull        bool        `json:"pull,omitempty"`
	Idempotency Idempotency `json:"idempotency"`
	// VisibleAfter is how long after a Commit an Absent from Lookup may still be wrong.
	VisibleAfter time.Duration `json:"settle,omitempty" doc:"Nanoseconds"`
	// Update means that sending a newer revision replaces what is there.
	Update bool `json:"update,omitempty"`
	// Repeat means that another publication of the same asset is a post of its own. Without it, a channel that updates
	// has one place per asset, and planning again changes what is there.
	Repeat bool `json:"repeat,omitempty"`
	// Recall means that the server can recall what was delivered.
	Recall bool `json:"recall,omitempty"`
	// PublicStaging means that Prepare leaves files where others can see them; Recall removes those too.
	PublicStaging bool `json:"residue,omitempty"`
	// Parallel is how many publications may be sent at once; 0 means 1.
	Parallel int `json:"parallel,omitempty"`
	// Comments means, for a kind whose remotes differ, that this one can put a comment under its posts; see CanComment.
	Comments bool `json:"comments,omitempty"`
	// CommentsNeed is the scope that a Commenter needs for a first comment and that the access lacks: a post goes out
	// without its comment then. It is "" if nothing is known to be missing.
	CommentsNeed string `json:"comments_need,omitempty" doc:"A scope that first comments need and the access lacks; \"\" if nothing is known to be missing"`
	// Link means that a post has a separate place for a link; otherwise the link is appended to the caption.
	Link bool `json:"link,omitempty"`
	// Options is the JSON Schema of the options of a single publication, one flat object; nil if there are none.
	Options json.RawMessage `json:"options,omitempty"`
	// Rates are the remote's limits for an account; the ledger keeps within them.
	Rates []dam.Rate `json:"rates,omitempty"`
	// LimitReasons has the same for people, in every language. Limits is its English, which the server makes, or what a
	// plug-in says.
	LimitReasons map[string]reasons.Reason `json:"limit_reasons,omitempty" doc:"What limits says, as codes"`
	Limits       map[string]string         `json:"limits,omitempty"`
}

// Worded returns the capabilities with LimitReasons in English, too.
func (c Capabilities) Worded() Capabilities {
	if len(c.LimitReasons) > 0 {
		c.Limits = make(map[string]string, len(c.LimitReasons))
	}
	for name, r := range c.LimitReasons {
		c.Limits[name] = r.Text()
	}
	return c
}

// MediaRules select files among the renditions. The zero value selects all.
type MediaRules struct {
	// Single selects the largest rendition that fits instead of all of them, and a video before any picture.
	Single    bool         `json:"single,omitempty"`
	Formats   []dam.Format `json:"formats,omitempty"`
	MaxBytes  int64        `json:"max_bytes,omitempty"`
	MaxWidth  int          `json:"max_width,omitempty" doc:"Pixels"`
	MaxHeight int          `json:"max_height,omitempty" doc:"Pixels"`
	MinAspect float64      `json:"min_aspect,omitempty" doc:"Width ÷ height"`
	MaxAspect float64      `json:"max_aspect,omitempty" doc:"Width ÷ height"`
	// These apply to video only. MaxVideoBytes is the limit for video if it differs from that for pictures; if it is 0,
	// MaxBytes applies.
	MinSeconds    float64 `json:"min_seconds,omitempty"`
	MaxSeconds    float64 `json:"max_seconds,omitempty"`
	MaxVideoBytes int64   `json:"max_film_bytes,omitempty"`
}

// API says which version of the remote's interface a kind speaks. The zero value is a kind without a remote that others
// run.
type API struct {
	// Version is as the remote names it: "v24.0", "202603", "2026-10".
	Version string
	// Ends is when the remote stops serving the version; zero if it has announced no end.
	Ends time.Time
	// Source is the URL of the remote's page that says so, and Checked the day on which it was read.
	Source  string
	Checked time.Time
	// Domain is the domain of the vendor's own service, "" for what anybody may run.
	Domain string
}

// Day returns the start of a day in UTC, for the dates of an API.
func Day(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// TargetLister is a Publisher whose accounts have several places to publish to: pages, boards, playlists.
type TargetLister interface {
	// Targets lists the places that the account may publish to, from all pages of the remote's answers. It needs an
	// account that is connected, and is called for one whose place is not chosen yet. Errors are those of Verify; one
	// about a right that the account lacks is Permanent or Disconnected, and names the right.
	Targets(ctx context.Context, a Account) ([]Target, error)
}

// Versioned is a Publisher whose remote tells which software it is.
type Versioned interface {
	// RemoteVersion returns the name and version of the remote's software, as it says them.
	RemoteVersion(ctx context.Context, a Account) (string, error)
}

// Target is a place that an account may publish to.
type Target struct {
	// Setting is the name of the setting that it is a value for, such as "page"; Value is that value.
	Setting, Value string
	// Title is what the remote calls it; URL, if not empty, is where people see it.
	Title, URL string
	// Detail tells targets of the same title apart; it says nothing if there is nothing to add.
	Detail reasons.Reason
}

// Kind is a kind of channel that the program has.
type Kind struct {
	Name, Title string
	// API is the version of the remote's interface.
	API API
	// Schema is the JSON Schema of the config; members marked writeOnly are secrets.
	Schema json.RawMessage
	// Destination returns the place that a config points to, which can't change while something is published there; nil
	// if this doesn't apply.
	Destination func(config json.RawMessage) string
	// Overwrites means that two channels with the same Destination would overwrite and recall each other's files.
	Overwrites bool
	Publisher  Publisher
	// OAuth describes how a person connects an account in the browser; nil if credentials are entered. Such a channel
	// is added before it is connected.
	OAuth *OAuth
	// Tested names the real servers that the kind's tests run against; "" if they know a simulator only.
	Tested string
	// Internal means that there is no remote: the server itself shows what is published.
	Internal bool
	// Products means that a picture goes on the products whose SKUs the asset has.
	Products bool
	// Files is how many files a post takes, in the place of one picture or one video. A kind with more gets each with
	// its own alternative text (see Intent.AltOf), and posts all of them, in order, with one Commit. Its channels have
	// Media.Single, which chooses among the renditions of each file, and no Update.
	Files dam.FileCount
	// Place is the name of a setting that is chosen among Targets, "" if there is none without which nothing can be
	// published. It isn't required by the schema: a channel without it is added and connected, and waits until the
	// place is chosen. Verify and Describe are not called before.
	Place string
}

// Described returns a kind as people see it.
func (k Kind) Described() dam.ChannelKind {
	out := dam.ChannelKind{Kind: k.Name, Title: k.Title, Connect: k.OAuth != nil, Place: k.Place, Schema: k.Schema,
		Files: k.files()}
	if k.API.Version != "" {
		out.API = &dam.ChannelAPI{Version: k.API.Version, Source: k.API.Source,
			Checked: dam.Date(k.API.Checked.Format(time.DateOnly))}
	}
	if !k.API.Ends.IsZero() {
		out.Ends = &k.API.Ends
	}
	return out
}

func (k Kind) files() dam.FileCount {
	return dam.FileCount{Pictures: max(k.Files.Pictures, 1), Videos: max(k.Files.Videos, 1)}
}

// CheckFiles tells why a channel of the kind can't take the files of a publication; nil if it can, or has one.
func (k Kind) CheckFiles(c Content) *dam.Problem {
	if len(c.Media) < 2 || c.Media[0].Asset == "" {
		return nil
	}
	videos := 0
	for _, m := range c.Media {
		if m.Format.IsVideo() {
			videos++
		}
	}
	most := k.files()
	switch {
	case videos > 0 && videos < len(c.Media):
		return dam.NewProblem(string(ClassPermanent), "files", reasons.VideoBesidePictures())
	case videos > most.Videos, videos == 0 && len(c.Media) > most.Pictures:
		return k.TooMany(len(c.Media))
	}
	return nil
}

// TooMany says that a channel of the kind does not take so many files; nil if it does.
func (k Kind) TooMany(files int) *dam.Problem {
	if most := k.files(); files > max(most.Pictures, most.Videos) {
		return dam.NewProblem(string(ClassPermanent), "files", reasons.TooManyFiles(k.Title, most.Pictures, files))
	}
	return nil
}

// ByName indexes kinds by their names.
func ByName(kinds []Kind) map[string]Kind {
	m := make(map[string]Kind, len(kinds))
	for _, k := range kinds {
		m[k.Name] = k
	}
	return m
}

// DefaultLease is how long an unresponsive node keeps its work.
const DefaultLease = 4 * time.Second

// Counter is a Publisher whose remote has its own way of counting the characters of a caption. limits are what the
// remote said when the channel was last verified.
type Counter interface {
	Count(text string, limits Capabilities) int
}

// Adviser is a Publisher that has something to say about a post before it is planned, such as what it costs.
type Adviser interface {
	// Advise returns what people should know; it stands in no way. It doesn't use the network.
	Advise(c Content) []dam.Problem
}

// Count returns the length of a text in one of the units of Capabilities.CaptionUnit; it counts runes for an unknown
// unit.
func Count(text, unit string) int {
	switch unit {
	case "bytes":
		return len(text)
	case "graphemes":
		return uniseg.GraphemeClusterCount(text)
	}
	return utf8.RuneCountInString(text)
}
