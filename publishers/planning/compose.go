package planning

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/language"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
	"vitrine/publishers"
	"vitrine/publishers/accounts"
)

// write puts a publication's words into the content, as the channel takes them.
func write(c *publishers.Content, ch catalog.ChannelRow, p *dam.Publication, locale string) {
	caps := Capabilities(ch)
	link := tagged(p.Link, p.UTM, ch.Kind)
	c.Text = p.Caption
	switch {
	case link == "":
	case caps.Link:
		c.Link = link
	case c.Text == "":
		c.Text = link
	default:
		c.Text += "\n\n" + link
	}
	c.FirstComment, c.Language = p.FirstComment, p.Language
	if p.Alt != "" {
		c.Alt = dam.Text{cmp.Or(p.Language, locale): p.Alt}
	}
	c.Options = p.Options
}

// tagged adds the tags to a link's query; what the link says itself stays.
func tagged(link string, u *dam.UTM, kind string) string {
	if link == "" || u == nil {
		return link
	}
	at, err := url.Parse(link)
	if err != nil {
		return link
	}
	q := at.Query()
	for name, v := range map[string]string{"source": u.Source, "medium": u.Medium, "campaign": u.Campaign,
		"term": u.Term, "content": u.Content} {
		if name == "source" && v == "" {
			v = kind
		}
		if v != "" && !q.Has("utm_"+name) {
			q.Set("utm_"+name, v)
		}
	}
	at.RawQuery = q.Encode()
	return at.String()
}

// checkPost refuses words that no channel, or not this one, can carry.
func (s *Service) checkPost(ch catalog.ChannelRow, p *dam.Publication) *dam.Problem {
	if p.Link != "" {
		u, err := url.Parse(p.Link)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			return dam.NewProblem(string(publishers.ClassPermanent), "link", reasons.NotAPageLink())
		}
	}
	if p.UTM != nil && p.Link == "" {
		return dam.NewProblem(string(publishers.ClassPermanent), "utm", reasons.NoLinkToTag())
	}
	if p.Language != "" {
		tag, err := language.Parse(p.Language)
		if err != nil {
			return dam.NewProblem(string(publishers.ClassPermanent), "language", reasons.NotALanguageTag())
		}
		p.Language = tag.String()
	}
	caps := Capabilities(ch)
	if p.Alt != "" && caps.AltMax > 0 && len([]rune(p.Alt)) > caps.AltMax {
		return dam.NewProblem(string(publishers.ClassPermanent), "alt",
			reasons.AltTooLong(len([]rune(p.Alt)), caps.AltMax))
	}
	var refused *dam.Error
	if p.Options, refused = publishers.CheckOptions(ch.Name, Capabilities(ch).Options, p.Options); refused != nil {
		return dam.NewProblem(string(publishers.ClassPermanent), refused.Field, refused.Reason)
	}
	if p.FirstComment != "" {
		if !publishers.CanComment(s.kinds[ch.Kind].Publisher, caps) {
			return dam.NewProblem(string(publishers.ClassPermanent), "first_comment",
				reasons.ChannelWithoutComments(ch.Name))
		}
	}
	return nil
}

// PublishTarget is one channel of a publication on several, with what differs there.
type PublishTarget struct {
	Channel string    `json:"channel"`
	Presets *[]string `json:"presets,omitempty"`
	At      *string   `json:"at,omitempty"`
	Zone    *string   `json:"zone,omitempty"`
	Caption *string   `json:"caption,omitempty"`
	// FirstComment, Link, UTM and Alt as in the common part; an empty text leaves it out here.
	FirstComment *string  `json:"first_comment,omitempty"`
	Link         *string  `json:"link,omitempty"`
	UTM          *dam.UTM `json:"utm,omitempty"`
	Alt          *string  `json:"alt,omitempty"`
	Language     *string  `json:"language,omitempty"`
	// Options take the place of the common ones.
	Options json.RawMessage `json:"options,omitempty"`
	Update  string          `json:"update,omitempty" doc:"As in the common part; for this channel only"`
}

// PublishInput plans publications by hand: of one asset, on one channel or several.
type PublishInput struct {
	Asset string `json:"asset,omitempty" doc:"When it is one file; only a draft can do without any"`
	// Files are several, in order; a channel that takes fewer refuses them.
	Files   []dam.PostFile `json:"files,omitempty" maxItems:"20" doc:"Several files in their order, in the place of asset; GET /api/channels/kinds says how many a channel takes"`
	Channel string         `json:"channel,omitempty" doc:"Id of the channel, when it is one"`
	// Channels are several, each with its variants; all are planned, or none.
	Channels []PublishTarget `json:"channels,omitempty" maxItems:"50"`
	Presets  []string        `json:"presets,omitempty" doc:"Those of the channel's rule when left out, and without a rule what fits the channel best"`
	// At is when: RFC 3339, or a wall-clock time YYYY-MM-DDTHH:MM[:SS] in Zone; now when empty.
	At      string `json:"at,omitempty" doc:"next-slot takes the first free slot of each channel's queue"`
	Zone    string `json:"zone,omitempty" doc:"IANA zone; the library's when left out"`
	Caption string `json:"caption,omitempty"`
	// Ends is when it is taken down, written as At.
	Ends   string `json:"ends,omitempty" maxLength:"64" doc:"When it is taken down: RFC 3339, or a wall-clock time in zone; never when left out. Only where a channel can take posts back"`
	Locale string `json:"locale,omitempty" maxLength:"35" doc:"The same as language"`
	dam.Post
	Campaign string `json:"campaign,omitempty" doc:"Id of a campaign, or the name of one, which is made when there is none"`
	// Update names a post of this asset on this channel that is changed instead of making another one.
	Update string `json:"update,omitempty" maxLength:"2000" doc:"Change the post that this asset has there: its publication's id, its id or URL at the remote, or latest. Only with channel, or in one of channels"`
	// Draft keeps it for later instead of planning it.
	Draft bool `json:"draft,omitempty" doc:"Keep it as a draft: nothing is planned, and nothing is checked yet"`
	// Repeat is kept with a draft of a series, which is planned by CreateSeries.
	Repeat *dam.Recurrence `json:"repeat,omitempty" doc:"Of a draft: that it is to be a series. POST /api/series plans one"`
	// FromDraft is the draft that this was: planned, it is a draft no longer.
	FromDraft string `json:"from_draft,omitempty" maxLength:"64" doc:"Id of the draft that this was: it ends in the same transaction"`
	// DraftRevision is the draft's revision that the caller saw, 0 for any.
	DraftRevision int64 `json:"draft_revision,omitempty" doc:"The revision of from_draft that was read: another one is refused, since somebody has changed it"`
}

// normalize makes asset and files say the same: one file is said by the members that a publication of one asset has.
func (in *PublishInput) normalize() error {
	if in.Locale != "" {
		if in.Language != "" && in.Language != in.Locale {
			return dam.InvalidInput("locale", reasons.LocaleOrLanguage())
		}
		in.Language = in.Locale
	}
	if len(in.Files) == 0 {
		return nil
	}
	if in.Asset != "" && in.Asset != in.Files[0].Asset {
		return dam.InvalidInput("files", reasons.AssetOrFiles())
	}
	seen := map[dam.PostFile]bool{}
	for i, f := range in.Files {
		f.Alt = ""
		if f.Asset == "" || seen[f] {
			return dam.InvalidInput(fmt.Sprintf("files[%d]", i), reasons.FileTwice())
		}
		seen[f] = true
	}
	first := in.Files[0]
	in.Asset = first.Asset
	if len(in.Files) > 1 {
		if len(in.Presets) > 0 {
			return dam.InvalidInput("presets", reasons.PresetsOfFiles())
		}
		if in.Alt != "" {
			return dam.InvalidInput("alt", reasons.AltOfFiles())
		}
		return nil
	}
	in.Files, in.Alt = nil, cmp.Or(first.Alt, in.Alt)
	if first.Preset != "" {
		in.Presets = []string{first.Preset}
	}
	return nil
}

// readFiles reads the snapshots of the files of what is to be published, which have to be there; who publishes needs
// the permission on each.
func (in *PublishInput) readFiles(ctx context.Context, tx *catalog.Tx, library string) (Snapshot, error) {
	files := in.files()
	if len(files) == 0 {
		return Snapshot{}, dam.InvalidInput("asset", reasons.NoAsset(""))
	}
	sc, err := readTogether(ctx, tx, library, files, in.Asset)
	if err != nil {
		return sc, err
	}
	for i, id := range files {
		one, field := sc.all[id], "asset"
		if i > 0 {
			field = fmt.Sprintf("files[%d].asset", i)
		}
		if one.gone {
			return sc, dam.InvalidInput(field, reasons.NoAsset(id))
		}
		if err := tx.Actor().NeedOn(&one.Asset, dam.MayPublish); err != nil {
			return sc, err
		}
	}
	return sc, nil
}

// targets are the single publications of an input, and the name of each in errors.
func (in PublishInput) targets() (out []PublishInput, fields []string, err error) {
	if in.Channel != "" && len(in.Channels) > 0 || in.Channel == "" && len(in.Channels) == 0 {
		return nil, nil, dam.InvalidInput("channels", reasons.ChannelOrChannels())
	}
	if in.Channel != "" {
		return []PublishInput{in}, []string{""}, nil
	}
	if in.Update != "" {
		return nil, nil, dam.InvalidInput("update", reasons.UpdatePerChannel())
	}
	seen := map[string]bool{}
	for i, t := range in.Channels {
		field := fmt.Sprintf("channels[%d].", i)
		if seen[t.Channel] {
			return nil, nil, dam.InvalidInput(field+"channel", reasons.ChannelTwice())
		}
		seen[t.Channel] = true
		one := in
		one.Channels, one.Channel, one.Update = nil, t.Channel, t.Update
		if t.Presets != nil {
			one.Presets = *t.Presets
		}
		for to, v := range map[*string]*string{&one.At: t.At, &one.Zone: t.Zone, &one.Caption: t.Caption,
			&one.FirstComment: t.FirstComment, &one.Link: t.Link, &one.Alt: t.Alt, &one.Language: t.Language} {
			if v != nil {
				*to = *v
			}
		}
		if t.UTM != nil {
			one.UTM = t.UTM
		}
		if t.Options != nil {
			one.Options = t.Options
		}
		if one.Link == "" {
			one.UTM = nil // the tags were for the common link
		}
		out, fields = append(out, one), append(fields, field)
	}
	return out, fields, nil
}

// Publish plans one publication by hand: see PublishAll.
func (s *Service) Publish(ctx context.Context, library string, in PublishInput) (dam.Publication, error) {
	list, err := s.PublishAll(ctx, library, in)
	if err != nil {
		return dam.Publication{}, err
	}
	return list[0], nil
}

// PublishAll plans publications by hand, all of them or none. What the rights, the
// review or the channel's limits forbid is refused here, with the remedy. On a channel
// that updates in place, an asset has one publication, and planning again changes it, unless the channel makes a post
// of each (Capabilities.Repeat): there only the post that Update names is changed.
func (s *Service) PublishAll(ctx context.Context, library string, in PublishInput) ([]dam.Publication, error) {
	if err := in.normalize(); err != nil {
		return nil, err
	}
	list, fields, err := in.targets()
	if err != nil {
		return nil, err
	}
	if in.Repeat != nil {
		return nil, dam.InvalidInput("repeat", reasons.RepeatIsASeries())
	}
	return catalog.Do(ctx, s.Catalog, func(tx *catalog.Tx) ([]dam.Publication, error) {
		draft, err := openDraft(ctx, tx, library, in.FromDraft, in.DraftRevision)
		if err != nil {
			return nil, err
		}
		sc, err := in.readFiles(ctx, tx, library)
		if err != nil {
			return nil, err
		}
		out, became := make([]dam.Publication, 0, len(list)), []string{}
		for i, one := range list {
			p, err := s.publishOne(ctx, tx, &sc, one, "")
			if err != nil {
				return nil, at(fields[i], err)
			}
			out, became = append(out, p.Publication), append(became, p.ID)
		}
		if draft != nil {
			draft.Post = in // its history says what was planned
		}
		return out, endDraft(ctx, tx, draft, became...)
	})
}

// at says in an error's field which of several channels it is about.
func at(prefix string, err error) error {
	var e *dam.Error
	if prefix == "" || !errors.As(err, &e) || strings.HasPrefix(e.Field, "asset") ||
		strings.HasPrefix(e.Field, "rights") {
		return err
	}
	named := *e
	named.Field = prefix + e.Field
	return &named
}

// publishOne plans one publication; series is the id of the series that wants it.
func (s *Service) publishOne(ctx context.Context, tx *catalog.Tx, sc *Snapshot, in PublishInput,
	series string) (catalog.LedgerRow, error) {
	library := sc.Library.ID
	ch, err := accounts.Present(tx.Channels().Channel(ctx, library, in.Channel))
	if dam.CodeOf(err) == dam.NotFound {
		err = dam.InvalidInput("channel", reasons.NoChannel(in.Channel))
	}
	if err != nil {
		return catalog.LedgerRow{}, err
	}
	campaign, held, err := s.campaign(ctx, tx, library, in.Campaign)
	if err != nil {
		return catalog.LedgerRow{}, err
	}
	p := catalog.LedgerRow{Publication: dam.Publication{ID: dam.NewID(dam.PublicationPrefix), Library: library,
		Channel: ch.ID, Asset: in.Asset, Files: in.Files, Revision: 1, State: dam.PubPlanned, Series: series}}
	sc, err = sc.Of(ctx, tx, &p.Publication)
	if err != nil {
		return p, err
	}
	existing, err := tx.Publications().LockPublicationsOf(ctx, in.Asset)
	if err != nil {
		return p, err
	}
	earlier, err := changes(ch, in.Update, existing)
	if err != nil {
		return p, err
	}
	replace := earlier != nil
	if replace && len(in.Files) > 0 {
		return p, dam.InvalidInput("files", reasons.FilesStay())
	}
	if replace {
		if err := editable(*earlier); err != nil {
			return p, err
		}
		p = *earlier
		p.Withdrawn, p.ByHand, p.Reason, p.Reasons = false, false, "", nil
	}
	p.Origin, p.Caption, p.Post, p.Campaign, p.Held = "hand", in.Caption, in.Post, campaign, held
	if len(in.Presets) > 0 {
		p.Presets = in.Presets
	} else if len(p.Presets) == 0 {
		p.Presets = ch.Rule.Presets // of several files, for those that name none
	}
	if in.At == nextSlot {
		p.At, p.Zone, err = s.takeSlot(ctx, tx, sc.Library, ch.ID)
	} else {
		p.At, p.Zone, err = s.due(in.At, in.Zone, sc.Library.Zone)
	}
	if err != nil {
		return p, err
	}
	due := p.At
	p.NextAt = &due
	if p.Ends, err = s.ends(in.Ends, ch, &p); err != nil {
		return p, err
	}
	sc = sc.ending(p.Ends)
	if err := s.checkIntent(ctx, tx, sc, ch, &p); err != nil {
		return p, err
	}
	if replace {
		p.Revision++
		s.watchEnd(sc, ch, &p)
		return p, s.Replan(ctx, tx, &p, due, reasons.PlannedAgainByHand())
	}
	why := reasons.PlannedByHand()
	if series != "" {
		why = reasons.PlannedBySeries()
	}
	if err := tx.Publications().InsertPublication(ctx, &p, why); err != nil {
		return p, err
	}
	emit(tx, &p)
	return p, nil
}

// ends reads when a publication is taken down; "" is never.
func (s *Service) ends(at string, ch catalog.ChannelRow, p *catalog.LedgerRow) (*time.Time, error) {
	if at == "" {
		return nil, nil
	}
	t, _, err := s.due(at, p.Zone, p.Zone)
	if err != nil {
		var e *dam.Error
		if errors.As(err, &e) {
			err = dam.InvalidInput("ends", e.Reason)
		}
		return nil, err
	}
	if !t.After(p.At) {
		return nil, dam.InvalidInput("ends", reasons.EndsBeforeItBegins())
	}
	if !Capabilities(ch).Recall {
		return nil, dam.InvalidInput("ends", reasons.ChannelKeepsPosts(ch.Name))
	}
	return &t, nil
}

// PublishCheck is what planning would say about one channel, for people who are composing.
type PublishCheck struct {
	Channel string `json:"channel"`
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	// Problems are all that stand in the way, each with its remedy; none means it can be planned.
	Problems []dam.Problem `json:"problems" nullable:"false"`
	// Warnings don't stand in the way.
	Warnings []dam.Problem `json:"warnings" nullable:"false"`
	At       time.Time     `json:"at" doc:"When it would be due"`
	Zone     string        `json:"zone"`
	// Media are the renditions that would be sent; Ready is false while they are being made.
	Media   []publishers.Media `json:"media" nullable:"false"`
	Ready   bool               `json:"ready"`
	Text    string             `json:"text" doc:"As it would be sent, link included"`
	Link    string             `json:"link,omitempty"`
	Alt     string             `json:"alt,omitempty"`
	Caption CaptionCount       `json:"caption"`
	// Limits are the channel's, as it stated them when it was last tested.
	Limits publishers.Capabilities `json:"limits"`
	// FirstComment: the channel can put a comment under its posts.
	FirstComment bool       `json:"first_comment"`
	Health       dam.Health `json:"health"`
	// Earlier are the posts that the asset has there, newest first, where another publication makes another post.
	Earlier []EarlierPost `json:"earlier,omitempty" doc:"Posts of the asset there, newest first, where another publication makes another post; update changes one"`
}

// CaptionCount is how much of the caption's room is used.
type CaptionCount struct {
	Used int    `json:"used"`
	Max  int    `json:"max" doc:"0 is no limit"`
	Unit string `json:"unit" doc:"runes, graphemes, bytes, weighted, or empty where there is no caption"`
}

// CheckPublish tells, per channel, what Publish would do and refuse. It changes nothing.
func (s *Service) CheckPublish(ctx context.Context, library string, in PublishInput) ([]PublishCheck, error) {
	if err := in.normalize(); err != nil {
		return nil, err
	}
	list, _, err := in.targets()
	if err != nil {
		return nil, err
	}
	out := make([]PublishCheck, 0, len(list))
	done := errors.New("nothing is written")
	err = s.Catalog.Write(catalog.WithoutIdempotencyKey(ctx), func(tx *catalog.Tx) error {
		out = out[:0]
		sc, err := in.readFiles(ctx, tx, library)
		if err != nil {
			return err
		}
		for _, one := range list {
			c, err := s.checkOne(ctx, tx, &sc, one)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return done
	})
	if errors.Is(err, done) {
		err = nil
	}
	return out, err
}

func (s *Service) checkOne(ctx context.Context, tx *catalog.Tx, sc *Snapshot, in PublishInput) (PublishCheck, error) {
	out := PublishCheck{Channel: in.Channel, Problems: []dam.Problem{}, Warnings: []dam.Problem{},
		Media: []publishers.Media{}}
	ch, err := accounts.Present(tx.Channels().Channel(ctx, sc.Library.ID, in.Channel))
	if dam.CodeOf(err) == dam.NotFound {
		out.Problems = append(out.Problems, *dam.NewProblem(string(publishers.ClassPermanent), "channel",
			reasons.NoChannel(in.Channel)))
		return out, nil
	}
	if err != nil {
		return out, err
	}
	caps := Capabilities(ch)
	out.Name, out.Kind, out.Health, out.Limits = ch.Name, ch.Kind, accounts.Shown(ch).Health, caps
	out.FirstComment = publishers.CanComment(s.kinds[ch.Kind].Publisher, caps)
	p := catalog.LedgerRow{Publication: dam.Publication{Library: sc.Library.ID, Channel: ch.ID, Asset: sc.Asset.ID,
		Files: in.Files, Revision: 1, Presets: in.Presets, Caption: in.Caption, Post: in.Post}}
	if sc, err = sc.Of(ctx, tx, &p.Publication); err != nil {
		return out, err
	}
	if len(p.Presets) == 0 {
		p.Presets = ch.Rule.Presets
	}
	if in.At == nextSlot {
		p.At, p.Zone, err = s.takeSlot(ctx, tx, sc.Library, ch.ID)
	} else {
		p.At, p.Zone, err = s.due(in.At, in.Zone, sc.Library.Zone)
	}
	var refused *dam.Error
	if errors.As(err, &refused) {
		out.Problems = append(out.Problems, *dam.NewProblem(string(publishers.ClassPermanent), refused.Field,
			refused.Reason))
		p.At = s.now()
	} else if err != nil {
		return out, err
	}
	out.At, out.Zone = p.At, p.Zone
	if p.Ends, err = s.ends(in.Ends, ch, &p); errors.As(err, &refused) {
		out.Problems = append(out.Problems, *dam.NewProblem(string(publishers.ClassPermanent), refused.Field,
			refused.Reason))
	} else if err != nil {
		return out, err
	}
	sc = sc.ending(p.Ends)
	problems, c, ready, err := s.problems(ctx, tx, sc, ch, &p)
	if err != nil {
		return out, err
	}
	out.Problems = append(out.Problems, problems...)
	out.Ready, out.Text, out.Link = ready, c.Text, c.Link
	if c.Media != nil {
		out.Media = c.Media
	}
	out.Alt = c.Alt.Get(cmp.Or(c.Language, sc.Library.Locale), sc.Library.Locale)
	out.Caption = CaptionCount{Used: s.count(ch, c.Text), Max: caps.CaptionMax, Unit: caps.CaptionUnit}
	warn := func(field string, why reasons.Reason) {
		out.Warnings = append(out.Warnings, *dam.NewProblem(string(publishers.ClassRetry), field, why))
	}
	if out.Alt == "" && len(c.Media) > 0 && !p.Several() {
		warn("alt", reasons.AltMissing())
	}
	for i, m := range c.Media {
		if p.Several() && m.Alt.Get(cmp.Or(c.Language, sc.Library.Locale), sc.Library.Locale) == "" {
			warn(fmt.Sprintf("files[%d].alt", i), reasons.AltMissing())
		}
	}
	if err := s.checkEarlier(ctx, tx, ch, in, &out, warn); err != nil {
		return out, err
	}
	if k, ok := s.kinds[ch.Kind].Publisher.(publishers.Adviser); ok {
		out.Warnings = append(out.Warnings, k.Advise(c)...)
	}
	if p.FirstComment != "" && caps.CommentsNeed != "" {
		warn("first_comment", reasons.CommentScopeMissing(ch.Name, caps.CommentsNeed))
	}
	switch out.Health {
	case dam.Reconnect:
		warn("channel", reasons.ChannelNotConnectedYet(ch.HealthReasons))
	case dam.Paused:
		warn("channel", reasons.ChannelPaused())
	}
	f, err := s.forecast(ctx, tx.Conn, ch, p.At)
	if err == nil && f.Full != nil {
		warn("at", reasons.ChannelRateFull(f.Full.Max, f.Full.Minutes, f.At))
	}
	others, err2 := tx.Publications().PlannedBetween(ctx, ch.ID, p.At.Add(-5*time.Minute), p.At.Add(5*time.Minute))
	if err2 == nil && len(others) > 0 {
		warn("at", reasons.ChannelBusyThen(len(others)))
	}
	return out, errors.Join(err, err2)
}

// count is the length of a caption as the channel reckons it.
func (s *Service) count(ch catalog.ChannelRow, text string) int {
	if c, ok := s.kinds[ch.Kind].Publisher.(publishers.Counter); ok {
		return c.Count(text, Capabilities(ch))
	}
	return publishers.Count(text, Capabilities(ch).CaptionUnit)
}
