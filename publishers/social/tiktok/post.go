package tiktok

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"unicode/utf16"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

// options is the schema of the options of a single post, without the choices of privacy, which are the account's.
const options = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false%s,
 "properties": {
  "privacy": {"type": "string", "title": "Who sees the post", "enum": %s,
   "x-values": {"PUBLIC_TO_EVERYONE": "Everyone", "FOLLOWER_OF_CREATOR": "Followers", "MUTUAL_FOLLOW_FRIENDS": "Friends", "SELF_ONLY": "Only the account"},
   "x-fr": {"title": "Qui voit la publication", "values": {"PUBLIC_TO_EVERYONE": "Tout le monde", "FOLLOWER_OF_CREATOR": "Abonnés", "MUTUAL_FOLLOW_FRIENDS": "Amis", "SELF_ONLY": "Le compte seul"}}},
  "no_comments": {"type": "boolean", "title": "No comments",
   "x-fr": {"title": "Sans commentaires"}},
  "no_duets": {"type": "boolean", "title": "No duets (video)",
   "x-fr": {"title": "Sans duos (vidéo)"}},
  "no_stitches": {"type": "boolean", "title": "No stitches (video)",
   "x-fr": {"title": "Sans collages (vidéo)"}},
  "ai_generated": {"type": "boolean", "title": "Made by AI (video)",
   "x-fr": {"title": "Générée par IA (vidéo)"}},
  "promotes": {"type": "string", "title": "Promotes", "description": "TikTok labels what promotes the account's own business, or another's that pays for it", "enum": ["own_business", "paid_partnership"],
   "x-values": {"own_business": "The account's own business", "paid_partnership": "Another's, which pays for it"},
   "x-fr": {"title": "Fait la promotion de", "description": "TikTok signale ce qui promeut l’activité du compte, ou celle d’une autre marque qui paie pour cela", "values": {"own_business": "L’activité du compte", "paid_partnership": "Une autre marque (partenariat rémunéré)"}}}
 }
}`

// Count implements publishers.Counter. TikTok counts UTF-16 units.
func (p *publisher) Count(text string, _ publishers.Capabilities) int {
	return len(utf16.Encode([]rune(text)))
}

// said holds the options of one post.
type said struct {
	Privacy    string `json:"privacy"`
	NoComments bool   `json:"no_comments"`
	NoDuets    bool   `json:"no_duets"`
	NoStitches bool   `json:"no_stitches"`
	AI         bool   `json:"ai_generated"`
	Promotes   string `json:"promotes"`
}

// paid is the option for a post that somebody else pays for.
const paid = "paid_partnership"

func chosen(in publishers.Intent) (o said, err error) {
	if in.Content.Options != nil && json.Unmarshal(in.Content.Options, &o) != nil {
		return o, publishers.Permanent("options", reasons.OptionsUnreadable())
	}
	return o, nil
}

// privacy returns who sees a post: what a person chose for it, or for all posts of the channel.
func privacy(in publishers.Intent) (string, error) {
	c, err := settings(in.Account)
	if err != nil {
		return "", err
	}
	o, err := chosen(in)
	if err != nil {
		return "", err
	}
	if o.Privacy == "" && c.Privacy == "" {
		return "", publishers.Permanent("options.privacy", reasons.TiktokPrivacyUnsaid())
	}
	return cmp.Or(o.Privacy, c.Privacy), nil
}

// postStatus says who sees a post, where not everybody does.
func postStatus(in publishers.Intent) dam.PostStatus {
	switch level, _ := privacy(in); level { // it was read for the upload
	case "SELF_ONLY":
		return dam.PostPrivate
	case "FOLLOWER_OF_CREATOR", "MUTUAL_FOLLOW_FRIENDS":
		return dam.PostLimited
	}
	return ""
}

// about returns what a post says and who may do what with it, in TikTok's format.
func about(in publishers.Intent) (map[string]any, error) {
	level, err := privacy(in)
	if err != nil {
		return nil, err
	}
	o, err := chosen(in)
	if err != nil {
		return nil, err
	}
	info := map[string]any{"privacy_level": level, "disable_comment": o.NoComments,
		"brand_content_toggle": o.Promotes == paid, "brand_organic_toggle": o.Promotes == "own_business"}
	if isVideo(in) {
		info["title"], info["disable_duet"], info["disable_stitch"], info["is_aigc"] = in.Content.Text, o.NoDuets,
			o.NoStitches, o.AI
		return info, nil
	}
	title := in.Content.Title.Get(in.Language, in.Locale)
	for over := 1; over > 0; { // the limit is one of UTF-16
		characters := []rune(title)
		if over = len(utf16.Encode(characters)) - titleMax; over > 0 {
			title = dam.Cut(title, len(characters)-(over+1)/2)
		}
	}
	info["title"], info["description"] = title, in.Content.Text
	return info, nil
}

// apply switches off in a post what the account has switched off for all of its posts.
func (c creator) apply(info map[string]any) {
	for name, off := range map[string]bool{"disable_comment": c.NoComments, "disable_duet": c.NoDuets,
		"disable_stitch": c.NoStitches} {
		if off {
			info[name] = true
		}
	}
}

// isVideo reports whether the post is a video.
func isVideo(in publishers.Intent) bool {
	return len(in.Content.Media) > 0 && in.Content.Media[0].Format.IsVideo()
}

// Validate implements publishers.Publisher.
func (p *publisher) Validate(_ context.Context, in publishers.Intent) (out []dam.Problem) {
	no := func(field string, why reasons.Reason) {
		out = append(out, *dam.NewProblem(string(publishers.ClassPermanent), field, why))
	}
	most, why := captionMax, reasons.TiktokPhotoCaptionTooLong
	if isVideo(in) {
		most, why = videoCaptionMax, reasons.TiktokFilmCaptionTooLong
	}
	if n := p.Count(in.Content.Text, in.Limits); n > most {
		no("caption", why(n, most))
	}
	info, err := about(in)
	var refused *publishers.Error
	switch {
	case errors.As(err, &refused):
		no(refused.Field, refused.Reason)
	case info["brand_content_toggle"] == true && info["privacy_level"] == "SELF_ONLY":
		no("options.promotes", reasons.TiktokPrivatePartnership())
	}
	switch {
	case len(in.Content.Media) == 0:
	case isVideo(in):
		if m := in.Content.Media[0]; min(m.Width, m.Height) < minSide {
			no("presets", reasons.TiktokFilmTooSmall(m.Preset, m.Width, m.Height, minSide))
		}
	case in.Link(in.Content.Media[0]) == "":
		no("channel", reasons.TiktokWithoutPublicUrl())
	}
	return out
}
