// Package publishers is the contract between the ledger and the channels that
// approved assets go to. A kind of channel imports this package only; its rooms are
// accounts (channels and their credentials), planning (what goes where and when)
// and ledger (sending and taking back). docs/publishing.md draws the state machine.
//
// The one promise everything here serves: a publication is never sent twice by
// accident. The irreversible call (Commit) has a durable record before it is made;
// whoever finds that record without a receipt asks the remote (Lookup) and never
// calls again on a guess.
package publishers

import (
	"context"
	"encoding/json"
	"io"
	"time"
	"unicode/utf8"

	"github.com/rivo/uniseg"

	"vitrine/dam"
)

// Publisher is a kind of channel. It keeps no state of its own: one value serves
// every channel of the kind, from several goroutines. Calls get a context with a
// deadline; it is cancelled when the node loses its lease, and a cancelled Commit
// is taken as Unknown.
//
// Errors are made by Retry, Throttled, AuthExpired, Disconnected, Permanent and
// Unknown, classified by the remote's own error name first and its status second.
// Any other error is a Retry in every call but Commit, and Unknown in Commit.
type Publisher interface {
	// Describe says what the channel can do. It is called when a channel is added,
	// changed or tested, and its answer is kept.
	Describe(ctx context.Context, a Account) (Capabilities, error)

	// Verify proves that the account works without leaving anything visible.
	Verify(ctx context.Context, a Account) (dam.ChannelIdentity, error)

	// Refresh returns fresh secrets for an account whose credential expired. Empty
	// values leave the stored ones as they are. It is called by one node at a time.
	// A channel without expiring credentials answers Disconnected.
	Refresh(ctx context.Context, a Account) (map[string]string, error)

	// Validate reports what the remote would refuse. It uses no network.
	Validate(ctx context.Context, in Intent) []dam.Problem

	// Prepare does all that can be repeated: uploads, containers. It gets what an
	// earlier Prepare returned, nil the first time, and returns what Commit needs;
	// a state returned with an error is kept for the next attempt, and so is one given
	// to Intent.Keep, even if the node dies.
	Prepare(ctx context.Context, in Intent, state State) (State, error)

	// Commit is the one irreversible call. Retry, Throttled, AuthExpired,
	// Disconnected and Permanent promise that the remote did not accept it.
	Commit(ctx context.Context, in Intent, state State) (Receipt, error)

	// Status tells whether something delivered is still there.
	Status(ctx context.Context, in Intent, r dam.Receipt) (Outcome, error)

	// Lookup tells what became of a Commit whose answer was lost.
	Lookup(ctx context.Context, in Intent, state State) (Outcome, error)

	// Recall takes back what Commit delivered, and what Prepare left where others
	// can see it. Receipt is nil when nothing was delivered. Not found is success.
	// The intent names asset, publication and account only. It returns what the
	// remote answered, as proof.
	Recall(ctx context.Context, in Intent, r *dam.Receipt) (answer string, err error)
}

// Commenter is a Publisher that can put a comment under a post it made. The ledger
// calls it once after a delivery, and never again, whatever it answers.
type Commenter interface {
	// Comment returns the comment's id at the remote. Text is in in.Content.FirstComment.
	Comment(ctx context.Context, in Intent, r dam.Receipt) (remote string, err error)
}

// State is a channel's own notes between Prepare and Commit, as JSON.
type State = json.RawMessage

// Account is where and as whom to publish.
type Account struct {
	// Channel is the channel's id, "" while it is being added.
	Channel string
	// Config is the channel's settings, without secrets.
	Config json.RawMessage
	// Secrets are the opened credentials by name.
	Secrets map[string]string
}

// Intent is one publication, with everything a channel needs to carry it out.
type Intent struct {
	ID string // of the publication; the same over all revisions
	// Revision counts what was to be sent; a channel that updates in place must not
	// let an older revision overwrite a newer one it can see.
	Revision int64
	// Digest names Content: equal digests mean equal content.
	Digest  string
	Account Account
	// CreatedAt is frozen with the publication, for remotes that want a date in the content.
	CreatedAt time.Time
	// CommittedAt is when the last Commit was announced; zero before.
	CommittedAt time.Time
	Content     Content
	// Limits is what the remote said it takes when the channel was last verified.
	Limits Capabilities
	// Locale is the library's default locale, for channels that take one language.
	Locale string
	// Open gives the bytes of one of Content.Media.
	Open func(ctx context.Context, m Media) (io.ReadCloser, error)
	// Link returns the public URL of exactly these bytes, "" when the server has no public URL.
	Link func(m Media) string
	// Keep makes a state durable in the middle of Prepare, for uploads that are to outlive
	// the node. It is set in Prepare only.
	Keep func(ctx context.Context, state State) error
}

// Content is what is published: the metadata of the asset and the files.
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
	// Slots are the places of products that the asset fills now.
	Slots     []SlotPosition `json:"slots,omitempty"`
	Creator   string         `json:"creator,omitempty"`
	Copyright string         `json:"copyright,omitempty"`
	Captured  *dam.Capture   `json:"captured,omitempty"`
	Focal     *dam.Point     `json:"focal,omitempty"`
	Rights    dam.Rights     `json:"rights"`
	// Text is what the person who planned the publication wrote, "" for rules.
	Text string `json:"text,omitempty"`
	// Link is where the post leads, tags included, for channels that declare a place for
	// it; for the others it is part of Text.
	Link string `json:"link,omitempty"`
	// FirstComment is what Commenter.Comment puts under the post.
	FirstComment string `json:"first_comment,omitempty"`
	// Options are what was said about this one publication, after Capabilities.Options.
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
}

// Receipt is the remote's answer to a Commit.
type Receipt struct {
	Remote string
	URL    string
	Data   json.RawMessage
	// Quota is what the remote says is left of its limit; nil when it does not say.
	Quota *Quota
}

// Quota is how many publications an account may still send until an instant.
type Quota struct {
	Left  int
	Until time.Time
}

// Verdict is what a look at the remote found.
type Verdict string

const (
	Delivered Verdict = "delivered"
	Absent    Verdict = "absent"
	// Undecided: the remote can't tell, or is still working on it.
	Undecided Verdict = "undecided"
)

// Outcome is the answer to Lookup and Status. Receipt is set when delivered.
type Outcome struct {
	Verdict Verdict
	Receipt Receipt
	Note    string
}

// Idempotency says what a second Commit of the same intent does.
type Idempotency string

const (
	// Durable: it makes no second post, however late (deterministic names, a key the remote keeps).
	Durable Idempotency = "durable"
	// Windowed: the remote keeps the key for a while. A node can't prove that it is
	// still in time when its call arrives, so the ledger treats it as NoIdempotency.
	Windowed Idempotency = "window"
	// ByHandle: as Durable as long as the state of Prepare is the same.
	ByHandle Idempotency = "handle"
	// NoIdempotency: it posts twice. The ledger never does it.
	NoIdempotency Idempotency = "none"
)

// Capabilities describes a channel; it is stored as JSON with it.
type Capabilities struct {
	// Media is what the remote takes.
	Media MediaRules `json:"media"`
	// CaptionUnit is runes, graphemes, bytes, weighted or "" when there is no caption.
	CaptionUnit string `json:"caption_unit,omitempty"`
	CaptionMax  int    `json:"caption_max,omitempty"`
	AltMax      int    `json:"alt_max,omitempty" doc:"Runes; 0 is no limit"`
	// Pull is set when the remote fetches the files from our public URLs.
	Pull        bool        `json:"pull,omitempty"`
	Idempotency Idempotency `json:"idempotency"`
	// VisibleAfter is how long after a Commit an Absent from Lookup may still be wrong.
	VisibleAfter time.Duration `json:"settle,omitempty" doc:"Nanoseconds"`
	// Update: sending a newer revision replaces what is there.
	Update bool `json:"update,omitempty"`
	// Recall: what was delivered can be taken back by the program.
	Recall bool `json:"recall,omitempty"`
	// PublicStaging: Prepare leaves files where others can see them; Recall removes those too.
	PublicStaging bool `json:"residue,omitempty"`
	// Parallel is how many publications may be under way at once, 1 when 0.
	Parallel int `json:"parallel,omitempty"`
	// Link: there is a place for a link of its own; without it the link ends the caption.
	Link bool `json:"link,omitempty"`
	// Options is the JSON Schema of what can be said about a single publication, one flat
	// object; nil when there is nothing to say.
	Options json.RawMessage `json:"options,omitempty"`
	// Rates are the remote's limits for an account; the ledger keeps within them.
	Rates []dam.Rate `json:"rates,omitempty"`
	// Limits is the same in words, for people.
	Limits map[string]string `json:"limits,omitempty"`
}

// MediaRules choose files among the renditions. The zero value takes all.
type MediaRules struct {
	// Single picks the largest fitting rendition instead of sending all; a video before any picture.
	Single    bool         `json:"single,omitempty"`
	Formats   []dam.Format `json:"formats,omitempty"`
	MaxBytes  int64        `json:"max_bytes,omitempty"`
	MaxWidth  int          `json:"max_width,omitempty" doc:"Pixels"`
	MaxHeight int          `json:"max_height,omitempty" doc:"Pixels"`
	MinAspect float64      `json:"min_aspect,omitempty" doc:"Width ÷ height"`
	MaxAspect float64      `json:"max_aspect,omitempty" doc:"Width ÷ height"`
	// Of video only. MaxFilmBytes is its ceiling where pictures have another; MaxBytes when 0.
	MinSeconds    float64 `json:"min_seconds,omitempty"`
	MaxSeconds    float64 `json:"max_seconds,omitempty"`
	MaxVideoBytes int64   `json:"max_film_bytes,omitempty"`
}

// Kind is a kind of channel the program was built with.
type Kind struct {
	Name, Title  string
	Experimental bool
	// Schema is the JSON Schema of the config; members marked writeOnly are secrets.
	Schema json.RawMessage
	// Destination names where a config points to. It can't change while something is out
	// there; nil when the question does not arise.
	Destination func(config json.RawMessage) string
	Publisher   Publisher
	// OAuth says how a person connects an account in the browser; nil when credentials
	// are entered. Such a channel is added before it is connected.
	OAuth *OAuth
}

// ByName indexes kinds by their names.
func ByName(kinds []Kind) map[string]Kind {
	m := make(map[string]Kind, len(kinds))
	for _, k := range kinds {
		m[k.Name] = k
	}
	return m
}

// DefaultLease is how long a silent node keeps its work.
const DefaultLease = 4 * time.Second

// Counter is a Publisher whose remote counts the characters of a caption in its own way.
type Counter interface {
	Count(text string) int
}

// Count is the length of a text in one of the units of Capabilities.CaptionUnit; what
// it does not know counts as runes.
func Count(text, unit string) int {
	switch unit {
	case "bytes":
		return len(text)
	case "graphemes":
		return uniseg.GraphemeClusterCount(text)
	}
	return utf8.RuneCountInString(text)
}
