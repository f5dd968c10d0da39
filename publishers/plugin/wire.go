package plugin

import (
	"encoding/json"
	"time"

	"vitrine/dam"
	"vitrine/publishers"
)

// intent is the publication as it is sent.
type intent struct {
	ID          string          `json:"id" doc:"Of the publication; the same for all its revisions and all repeats"`
	Revision    int64           `json:"revision" doc:"Counts changes of what is to be sent; an older one must not overwrite a newer one"`
	Digest      string          `json:"digest" doc:"Identifies content: equal digests mean equal content"`
	CreatedAt   time.Time       `json:"created_at" doc:"When the publication was created; never changes"`
	CommittedAt *time.Time      `json:"committed_at,omitempty" doc:"When the last commit was recorded; absent before the first"`
	Locale      string          `json:"locale" doc:"The library's default locale: the key of the texts to use where one language is wanted"`
	Settings    json.RawMessage `json:"settings,omitempty" doc:"The channel's settings, as beside intent"`
	Content     content         `json:"content" doc:"What is published"`
	// Links has the media's URLs by SHA-256, as services written before media had them expect.
	Links map[string]string `json:"links,omitempty" doc:"The same as content.media[].url, by SHA-256"`
}

// content is publishers.Content with addresses of the files.
type content struct {
	publishers.Content
	Media []media `json:"media" doc:"The files: one if describe answers media.single, else all that fit"`
}

type media struct {
	publishers.Media
	URL string `json:"url,omitempty" doc:"Where anybody can fetch exactly these bytes, if the server has a public URL; the only way for files above 64 MiB"`
}

func pack(in publishers.Intent) *intent {
	var c config
	_ = json.Unmarshal(in.Account.Config, &c) // settings reported it before
	out := &intent{ID: in.ID, Revision: in.Revision, Digest: in.Digest, CreatedAt: in.CreatedAt, Locale: in.Locale,
		Settings: c.Settings, Content: content{in.Content, []media{}}, Links: map[string]string{}}
	if !in.CommittedAt.IsZero() {
		out.CommittedAt = &in.CommittedAt
	}
	for _, list := range []*[]string{&out.Content.Tags, &out.Content.SKUs} {
		if *list == nil {
			*list = []string{} // lists are never null
		}
	}
	for _, m := range in.Content.Media {
		url := in.Link(m)
		if url != "" {
			out.Links[m.SHA256] = url
		}
		out.Content.Media = append(out.Content.Media, media{m, url})
	}
	return out
}

// call is the body of every step.
type call struct {
	Intent      *intent         `json:"intent,omitempty" doc:"The publication; in every step but describe, verify and refresh"`
	Settings    json.RawMessage `json:"settings,omitempty" doc:"The channel's settings, as they were entered"`
	Credentials string          `json:"credentials,omitempty" doc:"The channel's credentials, as they were entered or refresh answered them last"`
	State       json.RawMessage `json:"state,omitempty" doc:"What prepare answered last; absent the first time"`
	Receipt     *dam.Receipt    `json:"receipt,omitempty" doc:"What was delivered last: what prepare and commit update, and recall takes back, comment included"`
}

// described is the answer to describe.
type described struct {
	publishers.Capabilities
	VisibleAfterSeconds int `json:"settle_seconds,omitempty" doc:"How long after a commit an absent from lookup may still be wrong"`
}

// prepared is the answer to prepare.
type prepared struct {
	State json.RawMessage `json:"state,omitempty" doc:"Kept, and sent with the next prepare, commit and lookup"`
	Need  []string        `json:"need,omitempty" doc:"SHA-256 of the media to be PUT to media/{sha256}; then prepare is asked again, at most four times"`
}

// answer is that of commit, lookup and status.
type answer struct {
	Verdict publishers.Verdict `json:"verdict,omitempty" doc:"Of lookup and status"`
	Remote  string             `json:"remote,omitempty" doc:"Id of the post at the remote"`
	URL     string             `json:"url,omitempty" doc:"Where people see the post"`
	Data    json.RawMessage    `json:"data,omitempty" doc:"Notes of the service's own; they come back as receipt.data"`
	Note    string             `json:"note,omitempty" doc:"Why it is undecided, for people"`
}

func (x answer) receipt() publishers.Receipt {
	return publishers.Receipt{Remote: x.Remote, URL: x.URL, Data: x.Data}
}

// commented is the answer to comment.
type commented struct {
	Remote string `json:"remote" doc:"Id of the comment at the remote; recall gets it as receipt.comment.remote"`
}

// recalled is the answer to recall.
type recalled struct {
	Answer string `json:"answer,omitempty" doc:"What the remote said, kept as the proof of the recall"`
}

// refreshed is the answer to refresh.
type refreshed struct {
	Credentials string `json:"credentials,omitempty" doc:"Stored sealed in the place of those that were sent; those stay if it is empty"`
}

// fault is the answer of a step that failed, with a status from 400 on.
type fault struct {
	Error      publishers.Class `json:"error" doc:"What the failure means; docs/publishing.md has the table"`
	Message    string           `json:"message,omitempty" doc:"For people"`
	Field      string           `json:"field,omitempty" doc:"What was refused: caption, media, …"`
	Remedy     string           `json:"remedy,omitempty" doc:"What to do next, for people"`
	RetryAfter int              `json:"retry_after,omitempty" doc:"Seconds"`
}
