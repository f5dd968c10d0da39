// Package signage publishes to the screens that this server feeds itself: a channel is a group of screens, a
// publication an entry of the group's playlist.
//
// Entries are identified by their publication, so sending twice changes nothing, and an older revision never replaces a
// newer one.
package signage

import (
	"context"
	"encoding/json"
	"errors"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// Name is the name of the kind.
const Name = "signage"

const schema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false, "required": ["zone"],
 "properties": {
  "zone": {"type": "string", "title": "Time zone", "description": "Where the screens hang, for dates and day-parts: Europe/Paris", "minLength": 1,
   "x-fr": {"title": "Fuseau horaire", "description": "Là où se trouvent les écrans, pour les dates et les plages horaires : Europe/Paris"}},
  "seconds": {"type": "integer", "title": "Seconds", "description": "How long a picture is shown; 10 when left out", "minimum": 1, "maximum": 86400,
   "x-fr": {"title": "Secondes", "description": "Durée d’affichage d’une image ; 10 si le champ est vide"}},
  "orientation": {"type": "string", "title": "Orientation", "description": "How the screens hang; landscape when left out", "enum": ["landscape", "portrait", "portrait-flipped"],
   "x-values": {"landscape": "Landscape", "portrait": "Portrait", "portrait-flipped": "Portrait, the other way up"},
   "x-fr": {"title": "Orientation", "description": "Position des écrans ; paysage si rien n’est choisi", "values": {"landscape": "Paysage", "portrait": "Portrait", "portrait-flipped": "Portrait inversé"}}},
  "fit": {"type": "string", "title": "Fit", "description": "contain shows the whole picture, cover fills the screen; contain when left out", "enum": ["contain", "cover"],
   "x-values": {"contain": "The whole picture (contain)", "cover": "Fill the screen (cover)"},
   "x-fr": {"title": "Ajustement", "description": "L’image entière si rien n’est choisi", "values": {"contain": "Image entière", "cover": "Remplir l’écran"}}},
  "offline_hours": {"type": "integer", "title": "Hours without a connection", "description": "How long a screen goes on without hearing anything; 168 when left out", "minimum": 1, "maximum": 2160,
   "x-fr": {"title": "Heures sans connexion", "description": "Combien de temps un écran continue sans nouvelles du serveur ; 168 si le champ est vide"}}
 }
}`

// options is the schema of the options of a publication; dam.Showing decodes them.
const options = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "properties": {
  "from": {"type": "string", "format": "date", "title": "First day", "description": "By the date at the screens",
   "x-fr": {"title": "Premier jour", "description": "Selon la date là où sont les écrans"}},
  "until": {"type": "string", "format": "date", "title": "Last day", "description": "That day included",
   "x-fr": {"title": "Dernier jour", "description": "Ce jour compris"}},
  "day_parts": {"type": "string", "title": "Day-parts", "description": "mon-fri 08:00-12:00; sat,sun 10:00-18:00. Left out it is always shown",
   "x-fr": {"title": "Plages horaires", "description": "mon-fri 08:00-12:00; sat,sun 10:00-18:00 (jours en anglais). Toujours si le champ est vide"}},
  "order": {"type": "number", "title": "Place", "description": "The lower comes first. Left out it comes last",
   "x-fr": {"title": "Place", "description": "Le plus petit passe en premier ; en dernier si le champ est vide"}},
  "seconds": {"type": "integer", "title": "Seconds", "description": "How long it is shown; the group's when left out", "minimum": 1, "maximum": 86400,
   "x-fr": {"title": "Secondes", "description": "Durée d’affichage ; celle du groupe si le champ est vide"}}
 }
}`

// Playlist stores the entries of the groups, by the id of their channel.
type Playlist interface {
	// Check checks a channel's settings.
	Check(config json.RawMessage) error
	// Put stores an entry, unless a newer revision is stored, and returns what is stored then. The error is Conflict if
	// the publication is being recalled.
	Put(ctx context.Context, channel string, e dam.SignageEntry) (dam.SignageEntry, error)
	Entry(ctx context.Context, channel, publication string) (dam.SignageEntry, bool, error)
	Remove(ctx context.Context, channel, publication string) (bool, error)
}

// Kind returns the kind of channel. With a nil playlist it can only be described.
func Kind(p Playlist) publishers.Kind {
	return publishers.Kind{Name: Name, Title: "Digital signage", Schema: json.RawMessage(schema),
		Publisher: &publisher{p}, Internal: true, Tested: "the player in Chromium"}
}

type publisher struct{ list Playlist }

// Describe implements publishers.Publisher.
func (p *publisher) Describe(context.Context, publishers.Account) (publishers.Capabilities, error) {
	return publishers.Capabilities{
		// Formats that the browser of every screen supports.
		Media:       publishers.MediaRules{Single: true, Formats: []dam.Format{dam.JPEG, dam.PNG, dam.WebP, dam.MP4}},
		Idempotency: publishers.Durable, Update: true, Recall: true, Parallel: 4, Options: json.RawMessage(options),
		LimitReasons: map[string]reasons.Reason{"media": reasons.LimitPictureOrFilm()}}, nil
}

// Verify implements publishers.Publisher.
func (p *publisher) Verify(_ context.Context, a publishers.Account) (dam.ChannelIdentity, error) {
	if err := p.list.Check(a.Config); err != nil {
		return dam.ChannelIdentity{}, err
	}
	var c struct {
		Zone string `json:"zone"`
	}
	err := json.Unmarshal(a.Config, &c)
	return dam.ChannelIdentity{ID: a.Channel, Name: c.Zone}, err
}

// Refresh implements publishers.Publisher: there are no credentials.
func (p *publisher) Refresh(context.Context, publishers.Account) (map[string]string, error) {
	return nil, publishers.Disconnected(reasons.PlaylistNotWritable(), nil)
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) []dam.Problem {
	_, err := showing(in.Content.Options)
	var e *dam.Error
	if !errors.As(err, &e) {
		return nil
	}
	return []dam.Problem{*dam.NewProblem(string(publishers.ClassPermanent), e.Field, e.Reason)}
}

func showing(raw json.RawMessage) (s dam.Showing, err error) {
	if raw != nil && json.Unmarshal(raw, &s) != nil {
		return s, dam.InvalidInput("options", reasons.OptionsUnreadable())
	}
	return s, s.Validate()
}

// Prepare implements publishers.Publisher. The files are already on the server.
func (p *publisher) Prepare(context.Context, publishers.Intent, publishers.State) (publishers.State, error) {
	return publishers.State(`{}`), nil
}

// Commit implements publishers.Publisher.
func (p *publisher) Commit(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Receipt, error) {
	s, err := showing(in.Content.Options)
	if err != nil {
		return publishers.Receipt{}, publishers.Permanent("options", reasons.OptionsUnreadable())
	}
	if len(in.Content.Media) != 1 {
		return publishers.Receipt{}, publishers.Permanent("media", reasons.EntryOnePicture())
	}
	c, m := in.Content, in.Content.Media[0]
	kept, err := p.list.Put(ctx, in.Account.Channel, dam.SignageEntry{Publication: in.ID, Revision: in.Revision,
		Digest: in.Digest, Asset: c.Asset, Version: c.Version, Original: c.SHA256,
		Title: c.Title.Get(in.Language, in.Locale), Alt: c.Alt.Get(in.Language, in.Locale), Rights: c.Rights,
		Showing: s,
		Planned: in.CreatedAt,
		File: dam.SignageMedia{SHA256: m.SHA256, Size: m.Size, MediaType: m.MediaType, Format: m.Format, Hash: m.Hash,
			Preset: m.Preset, Width: m.Width, Height: m.Height}})
	if dam.CodeOf(err) == dam.Conflict {
		return publishers.Receipt{}, &publishers.Error{Class: publishers.ClassPermanent,
			Reason: reasons.TakenBackMeanwhile(), Err: err}
	}
	return receipt(kept), err
}

func receipt(e dam.SignageEntry) publishers.Receipt {
	return publishers.Receipt{Remote: e.Publication, Data: json.RawMessage(`{"digest":"` + e.Digest + `"}`)}
}

// Status implements publishers.Publisher.
func (p *publisher) Status(ctx context.Context, in publishers.Intent, _ dam.Receipt) (publishers.Outcome, error) {
	return p.find(ctx, in, func(dam.SignageEntry) bool { return true })
}

// Lookup implements publishers.Publisher. The entry has the revision.
func (p *publisher) Lookup(ctx context.Context, in publishers.Intent, _ publishers.State) (publishers.Outcome, error) {
	return p.find(ctx, in, func(e dam.SignageEntry) bool { return e.Digest == in.Digest || e.Revision > in.Revision })
}

func (p *publisher) find(ctx context.Context, in publishers.Intent, is func(dam.SignageEntry) bool) (publishers.Outcome,
	error) {
	e, found, err := p.list.Entry(ctx, in.Account.Channel, in.ID)
	if err != nil || !found || !is(e) {
		return publishers.Outcome{Verdict: publishers.Absent}, err
	}
	return publishers.Outcome{Verdict: publishers.Delivered, Receipt: receipt(e)}, nil
}

// Recall implements publishers.Publisher. Connected screens drop the entry at once, others when they get the new feed,
// at the latest when their feed expires.
func (p *publisher) Recall(ctx context.Context, in publishers.Intent, _ *dam.Receipt) (reasons.Reason, error) {
	was, err := p.list.Remove(ctx, in.Account.Channel, in.ID)
	switch {
	case err != nil:
		return reasons.Reason{}, err
	case !was:
		return reasons.LeftPlaylist(), nil
	}
	return reasons.RemovedFromPlaylist(), nil
}
