package dam

import (
	"encoding/json"
	"slices"
	"time"

	"vitrine/dam/reasons"
)

// Channel is a place that assets are published to: a bucket, a site, a screen, an account.
type Channel struct {
	ID       string `json:"id"`
	Library  string `json:"library"`
	Revision int64  `json:"revision" doc:"Counts edits; its quoted decimal is the ETag"`
	Name     string `json:"name" minLength:"1" maxLength:"200"`
	Kind     string `json:"kind" doc:"One of /api/channels/kinds"`
	// Config holds the settings of the channel's kind without its secrets; Secrets names the secrets that are set.
	Config  json.RawMessage `json:"config"`
	Secrets []string        `json:"secrets"`
	Rule    Rule            `json:"rule"`
	// Territories are those that the channel reaches, ISO 3166-1 alpha-2. An empty list means everywhere, which an
	// asset licensed for some territories does not allow.
	Territories []string `json:"territories,omitempty"`
	Schedule    Schedule `json:"schedule"`

	Health        Health                    `json:"health"`
	HealthNote    string                    `json:"health_note,omitempty" doc:"Why, and what to do"`
	HealthReasons []reasons.Reason          `json:"health_reasons,omitempty" doc:"What health_note says, as codes"`
	Notice        string                    `json:"notice,omitempty" doc:"What will need somebody's attention, and what to do"`
	NoticeReasons []reasons.Reason          `json:"notice_reasons,omitempty" doc:"What notice says, as codes"`
	HeldUntil     *time.Time                `json:"held_until,omitempty" doc:"The remote asked to wait until then"`
	Identity      *ChannelIdentity          `json:"identity,omitempty" doc:"Who the remote says we are"`
	Limits        map[string]string         `json:"limits,omitempty" doc:"What the channel takes, in words"`
	LimitReasons  map[string]reasons.Reason `json:"limit_reasons,omitempty" doc:"What limits says, as codes"`

	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Rule is what a channel publishes automatically: every approved asset that matches the query, in the presets. A
// disabled rule publishes nothing; that is the default.
type Rule struct {
	Query   string   `json:"query" doc:"As in the search box; empty matches everything"`
	Presets []string `json:"presets"`
	Enabled bool     `json:"enabled"`
	// Author is who saved the rule last. It publishes what they may publish, while they may; a rule of a release that
	// noted nobody goes on by itself until it is saved.
	Author string `json:"author,omitempty" maxLength:"64" doc:"Id of who saved the rule last: it publishes what they may publish, while they may. Set when the rule is saved"`
	// ByName is false for a rule of a release that found no collection by its name: what it publishes must not
	// change by an upgrade. Saving the rule sets it.
	ByName bool `json:"by_name,omitempty" doc:"Whether collection: finds collections by their names; set when the rule is saved. A rule of an earlier release finds them by id only"`
	// Grown is false for a rule of a release whose words found no picture by what its products say, and which took the
	// names of people, channels and terms for ids.
	Grown bool `json:"grown,omitempty" doc:"Whether the query means all that it means in the search box: words find pictures by what their products say, names stand for people, channels and terms. Set when the rule is saved; a rule of an earlier release means what it did"`
}

// Differs reports whether another rule may match other assets or send other files.
func (r Rule) Differs(other Rule) bool {
	return r.Query != other.Query || r.Enabled != other.Enabled || r.Author != other.Author ||
		r.ByName != other.ByName || r.Grown != other.Grown || !slices.Equal(r.Presets, other.Presets)
}

// Health says whether a channel can be published to.
type Health string

const (
	Healthy   Health = "healthy"
	Degraded  Health = "degraded"  // the last attempts failed and are being retried
	Reconnect Health = "reconnect" // the account refuses the server: nothing is sent until a person reconnects it
	Paused    Health = "paused"    // paused by a person; recalls still run
)

// ChannelIdentity is the account or place at the remote.
type ChannelIdentity struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// ChannelKind describes a kind of channel.
type ChannelKind struct {
	Kind    string          `json:"kind"`
	Title   string          `json:"title"`
	Connect bool            `json:"connect" doc:"An account is connected in the browser, after the channel has been added"`
	Place   string          `json:"place,omitempty" doc:"The setting that is chosen among the channel's targets before it can publish"`
	API     *ChannelAPI     `json:"api" doc:"null where there is no remote, or its interface has no version"`
	Ends    *time.Time      `json:"ends" doc:"When the remote stops serving this version of its interface; null if no end is announced"`
	Files   FileCount       `json:"files" doc:"How many files a post takes"`
	Tried   *Tried          `json:"tried" doc:"The newest proof on a real service, on this installation; null when never: what tests and simulators say does not count"`
	Schema  json.RawMessage `json:"schema" doc:"JSON Schema of config; writeOnly members are secrets"`
}

// FileCount is how many files one post of a kind of channel takes: pictures, or videos.
type FileCount struct {
	Pictures int `json:"pictures"`
	Videos   int `json:"videos" doc:"Without pictures beside them"`
}

// ChannelAPI is the version of a remote's interface that a kind speaks.
type ChannelAPI struct {
	Version string `json:"version"`
	Source  string `json:"source" doc:"The remote's page about its versions"`
	Checked Date   `json:"checked" doc:"When that page was last read"`
}

// ChannelTarget is a place that a connected account may publish to: a page, an organization, a board, a playlist.
type ChannelTarget struct {
	Setting       string           `json:"setting" doc:"The setting of the channel that it is a value for"`
	Value         string           `json:"value"`
	Title         string           `json:"title"`
	URL           string           `json:"url,omitempty"`
	Detail        string           `json:"detail,omitempty" doc:"Tells places of the same title apart"`
	DetailReasons []reasons.Reason `json:"detail_reasons,omitempty" doc:"What detail says, as codes"`
	Chosen        bool             `json:"chosen" doc:"The channel publishes there now"`
}

// PublicationState is the state of a publication in the ledger.
//
//	planned ─► leased ─► preparing ─► committing ─► delivered ─► recalling ─► recalled
//	   ▲          │          │          │    │           │            └─► manual
//	   └──────────┴── retry ─┴──────────┘    ▼           └─► planned (a newer revision)
//	                                      unknown ─► delivered | planned | unconfirmed
//
// docs/publishing.md has the full diagram.
type PublicationState string

const (
	PubPlanned    PublicationState = "planned"    // has a due time
	PubLeased     PublicationState = "leased"     // a node holds a lease on it
	PubPreparing  PublicationState = "preparing"  // uploading; can be repeated
	PubCommitting PublicationState = "committing" // recorded before the call that can't be taken back
	PubUnknown    PublicationState = "unknown"    // the call got no answer; being looked up
	PubDelivered  PublicationState = "delivered"  // there is a receipt
	PubFailed     PublicationState = "failed"     // refused; see Problem
	// the outcome can't be found out: a person checks and confirms; also for what was due in a restored catalogue
	PubUnconfirmed PublicationState = "unconfirmed"
	PubRecalling   PublicationState = "recalling" // being taken back
	PubRecalled    PublicationState = "recalled"  // taken back
	PubManual      PublicationState = "manual"    // a person has to take it back at the remote
	PubCancelled   PublicationState = "cancelled" // cancelled before it was sent
)

// publicationSteps is the state machine: the states that may follow each state.
var publicationSteps = map[PublicationState][]PublicationState{
	PubPlanned:     {PubLeased, PubUnconfirmed, PubRecalling, PubCancelled, PubFailed},
	PubLeased:      {PubPreparing, PubPlanned, PubUnconfirmed, PubRecalling, PubCancelled, PubFailed},
	PubPreparing:   {PubLeased, PubCommitting, PubPlanned, PubUnconfirmed, PubRecalling, PubCancelled, PubFailed},
	PubCommitting:  {PubDelivered, PubUnknown, PubPlanned, PubFailed, PubRecalling, PubCancelled},
	PubUnknown:     {PubDelivered, PubPlanned, PubUnconfirmed, PubFailed, PubRecalling, PubCancelled},
	PubDelivered:   {PubPlanned, PubRecalling},
	PubFailed:      {PubPlanned, PubRecalling, PubCancelled},
	PubUnconfirmed: {PubDelivered, PubPlanned, PubCancelled, PubRecalling},
	PubRecalling:   {PubRecalled, PubManual},
	PubManual:      {PubRecalled, PubRecalling},
}

// May reports whether the state machine allows going from s to next.
func (s PublicationState) May(next PublicationState) bool {
	return slices.Contains(publicationSteps[s], next)
}

// Closed reports whether nothing more can happen to a publication in this state.
func (s PublicationState) Closed() bool { return s == PubRecalled || s == PubCancelled }

// BeingSent reports whether a commit may be under way; edits have to wait until it is over.
func (s PublicationState) BeingSent() bool {
	return s == PubCommitting || s == PubUnknown
}

// Valid reports whether the state exists.
func (s PublicationState) Valid() bool {
	_, ok := publicationSteps[s]
	return ok || s.Closed()
}

// PostFile is one of the files of a publication, in their order.
type PostFile struct {
	Asset  string `json:"asset" maxLength:"64"`
	Preset string `json:"preset,omitempty" maxLength:"100" doc:"What fits the channel best when left out"`
	Alt    string `json:"alt,omitempty" maxLength:"10000" doc:"In the place of the asset's alt text"`
}

// MaxPostFiles is how many files a publication may have, whatever its channel takes.
const MaxPostFiles = 20

// Publication is one post on one channel, of one asset or of several, and what became of it.
type Publication struct {
	ID       string `json:"id"`
	Library  string `json:"library"`
	Channel  string `json:"channel" doc:"Id of the channel"`
	Asset    string `json:"asset" doc:"That of the first file"`
	Revision int64  `json:"revision" doc:"Counts changes of what is to be sent"`
	// Files are all of its files in order, at least one.
	Files []PostFile `json:"files"`
	// Sent is the revision that was sent last, 0 before the first.
	Sent  int64            `json:"sent"`
	State PublicationState `json:"state"`
	// Origin is rule if a channel's rule planned it, hand if a person or a program did.
	Origin  string   `json:"origin" enum:"rule,hand"`
	Presets []string `json:"presets"`
	Caption string   `json:"caption,omitempty"`
	Post
	Campaign string    `json:"campaign,omitempty" doc:"Id of the campaign"`
	Series   string    `json:"series,omitempty" doc:"Id of the series that planned it"`
	Held     bool      `json:"held,omitempty" doc:"Its campaign is held"`
	At       time.Time `json:"at" doc:"When it is due"`
	Zone     string    `json:"zone,omitempty" doc:"IANA zone it was planned in"`
	// Ends is when it is taken down.
	Ends *time.Time `json:"ends,omitempty" doc:"When it is taken down; never when left out"`
	// Locale is what Post.Language says, and Approval whether the post itself may go out.
	Locale   string `json:"locale,omitempty" doc:"The language of the post's texts, as in language"`
	Approval string `json:"approval" enum:"draft,approved" doc:"Of the post itself: what is planned is approved"`
	// Version is the version being sent, or the one sent last.
	Version    string   `json:"version,omitempty"`
	ApprovedBy string   `json:"approved_by,omitempty"`
	Attempts   int      `json:"attempts"`
	Problem    *Problem `json:"problem,omitempty"`
	Receipt    *Receipt `json:"receipt,omitempty"`
	// Withdrawn is set once a person or the end of the rights takes it back; Reason says why.
	Withdrawn bool             `json:"withdrawn,omitempty"`
	Reason    string           `json:"reason,omitempty"`
	Reasons   []reasons.Reason `json:"reasons,omitempty" doc:"What reason says, as codes"`
	NextAt    *time.Time       `json:"next_at,omitempty" doc:"When the ledger looks at it again"`
	// Steps is the ledger, oldest first. It is set only where a single publication is read.
	Steps     []PublicationStep `json:"steps,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	CreatedBy string            `json:"created_by"`
	UpdatedAt time.Time         `json:"updated_at"`
}

// Several reports whether the publication has more than one file.
func (p *Publication) Several() bool { return len(p.Files) > 1 }

// Because records why the publication is withdrawn, or was refused.
func (p *Publication) Because(why reasons.Reason) { p.Reason, p.Reasons = reasons.Note(why) }

// Cause returns the reason that Because recorded; the zero Reason if there is none.
func (p *Publication) Cause() reasons.Reason {
	if len(p.Reasons) == 0 {
		return reasons.Reason{}
	}
	return p.Reasons[0]
}

// Problem says why a publication does not proceed, and what to do.
type Problem struct {
	Class   string `json:"class" doc:"retry, throttled, auth_expired, disconnected, unpaid, permanent, unknown, rights, late, restored or reinstated"`
	Field   string `json:"field,omitempty"`
	Message string `json:"message"`
	Remedy  string `json:"remedy,omitempty"`
	reasons.Reason
}

// NewProblem makes a problem of a reason; class is one of the classes listed above.
func NewProblem(class, field string, why reasons.Reason) *Problem {
	p := &Problem{Class: class, Field: field, Reason: why}
	reasons.Complete(&p.Reason, &p.Message, &p.Remedy)
	return p
}

// UnmarshalJSON reads a stored problem, including one of an older release, which stored the sentences only.
func (p *Problem) UnmarshalJSON(b []byte) error {
	type plain Problem
	if err := json.Unmarshal(b, (*plain)(p)); err != nil {
		return err
	}
	reasons.Complete(&p.Reason, &p.Message, &p.Remedy)
	return nil
}

// Receipt is the proof of a delivery: what the remote answered, and the exact bytes and text that were sent.
type Receipt struct {
	Remote  string          `json:"remote" doc:"Id at the remote"`
	URL     string          `json:"url,omitempty"`
	At      time.Time       `json:"at"`
	Version string          `json:"version"`
	Media   []SentMedia     `json:"media"`
	Caption string          `json:"caption,omitempty"`
	Data    json.RawMessage `json:"data,omitempty" doc:"The channel's own notes"`
	// PostStatus is who could see it when it was sent; "" means everybody, or that the remote doesn't say.
	PostStatus PostStatus `json:"post_status,omitempty" enum:"draft,scheduled,private,limited" doc:"Who could see it when it was sent, where not everybody"`
	// Comment is the first comment, if the post was to have one.
	Comment *SentComment `json:"comment,omitempty"`
	// Gone is the proof of a recall.
	Gone *Removal `json:"gone,omitempty"`
}

// PostStatus says who can see a post at the remote, where not everybody can.
type PostStatus string

const (
	// PostDraft means that somebody at the remote still has to publish it.
	PostDraft PostStatus = "draft"
	// PostScheduled means that the remote publishes it at a time of its own.
	PostScheduled PostStatus = "scheduled"
	// PostPrivate means that only the account itself sees it.
	PostPrivate PostStatus = "private"
	// PostLimited means that followers, or those who have the link, see it.
	PostLimited PostStatus = "limited"
)

// SentMedia identifies the bytes of one file that was sent.
type SentMedia struct {
	Preset string `json:"preset"`
	Format Format `json:"format"`
	SHA256 string `json:"sha256"`
	Size   int64  `json:"size" doc:"Bytes"`
	// Asset is whose file it is, where the publication has several files.
	Asset string `json:"asset,omitempty" doc:"Where the publication has several files"`
}

// SentComment is the first comment of a post. It is sent once. If it has neither Remote nor Problem, it is unknown
// whether it is there.
type SentComment struct {
	At      time.Time `json:"at"`
	Text    string    `json:"text"`
	Remote  string    `json:"remote,omitempty" doc:"Id at the remote"`
	Problem string    `json:"problem,omitempty" doc:"Why it is not there"`
	// ProblemReasons has Problem as codes.
	ProblemReasons []reasons.Reason `json:"problem_reasons,omitempty" doc:"What problem says, as codes"`
}

// UnmarshalJSON reads a stored comment, including one of an older release, which stored the sentence only.
func (c *SentComment) UnmarshalJSON(b []byte) error {
	type plain SentComment
	err := json.Unmarshal(b, (*plain)(c))
	c.Problem, c.ProblemReasons = reasons.Reworded(c.Problem, c.ProblemReasons)
	return err
}

// Fail records why the comment was not posted.
func (c *SentComment) Fail(why reasons.Reason) { c.Problem, c.ProblemReasons = reasons.Note(why) }

// Removal is the proof of a recall.
type Removal struct {
	At     time.Time `json:"at"`
	Answer string    `json:"answer" doc:"What the remote said"`
	By     string    `json:"by" doc:"Who confirmed it: the system, or a person"`
	// AnswerReasons has Answer as codes.
	AnswerReasons []reasons.Reason `json:"answer_reasons,omitempty" doc:"What answer says, as codes"`
}

// NewRemoval returns the proof of a recall at an instant.
func NewRemoval(at time.Time, answer reasons.Reason, by string) *Removal {
	r := &Removal{At: at, By: by}
	r.Answer, r.AnswerReasons = reasons.Note(answer)
	return r
}

// UnmarshalJSON reads a stored proof, including one of an older release, which stored the sentence only.
func (r *Removal) UnmarshalJSON(b []byte) error {
	type plain Removal
	err := json.Unmarshal(b, (*plain)(r))
	r.Answer, r.AnswerReasons = reasons.Reworded(r.Answer, r.AnswerReasons)
	return err
}

// PublicationStep is one line of a publication's ledger.
type PublicationStep struct {
	At       time.Time        `json:"at"`
	State    PublicationState `json:"state"`
	Revision int64            `json:"revision"`
	Note     string           `json:"note,omitempty"`
	// NoteReasons has Note as codes.
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
	By          string           `json:"by"`
}

// PublicationFilter selects publications; empty members match all.
type PublicationFilter struct {
	Asset    string
	Channel  string
	State    PublicationState
	Campaign string
	Series   string
	// From and Until bound the due time: From ≤ at < Until.
	From, Until time.Time
	// After is the id of the last publication on the previous page; the list is newest first.
	After string
	Limit int
}
