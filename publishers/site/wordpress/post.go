package wordpress

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/publishers"
)

const optionsSchema = `{
 "$schema": "https://json-schema.org/draft/2020-12/schema",
 "type": "object", "additionalProperties": false,
 "properties": {
  "title": {"type": "string", "title": "Title", "description": "The asset's title when empty", "maxLength": 300,
   "x-fr": {"title": "Titre", "description": "Le titre du média si le champ est vide"}},
  "slug": {"type": "string", "title": "Slug", "description": "End of the post's address; made from the title when empty", "maxLength": 200,
   "x-fr": {"title": "Slug", "description": "Fin de l’adresse de l’article ; tirée du titre si le champ est vide"}},
  "excerpt": {"type": "string", "title": "Excerpt", "description": "Shown in lists of posts", "maxLength": 5000,
   "x-fr": {"title": "Extrait", "description": "Affiché dans les listes d’articles"}},
  "tags": {"type": "string", "title": "Tags", "description": "Names with commas between them; what the site lacks is made there", "maxLength": 2000,
   "x-fr": {"title": "Étiquettes", "description": "Noms séparés par des virgules ; celles qui manquent au site y sont créées"}},
  "categories": {"type": "string", "title": "Categories", "description": "Names with commas between them; only an editor can make new ones", "maxLength": 2000,
   "x-fr": {"title": "Catégories", "description": "Noms séparés par des virgules ; seul un éditeur peut en créer"}},
  "picture": {"type": "string", "enum": ["featured", "inline"], "title": "Picture", "description": "The featured image, or inside the text; featured when empty",
   "x-values": {"featured": "Featured image", "inline": "Inside the text"},
   "x-fr": {"title": "Image", "description": "L’image mise en avant si rien n’est choisi", "values": {"featured": "Image mise en avant", "inline": "Dans le texte"}}},
  "status": {"type": "string", "enum": ["publish", "draft", "pending", "private", "scheduled"], "title": "Status", "description": "publish when empty; draft and pending leave it to the site's editors",
   "x-values": {"publish": "Published", "draft": "Draft", "pending": "Pending review", "private": "Private", "scheduled": "Scheduled"},
   "x-fr": {"title": "État", "description": "Publié si rien n’est choisi ; un brouillon ou un article en attente de relecture est laissé aux éditeurs du site", "values": {"publish": "Publié", "draft": "Brouillon", "pending": "En attente de relecture", "private": "Privé", "scheduled": "Planifié"}}},
  "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?$", "title": "Date", "description": "When the site publishes a scheduled post, by its own clock: 2026-12-20T09:00",
   "x-fr": {"title": "Date", "description": "Quand le site publie un article planifié, à son heure : 2026-12-20T09:00"}}
 }
}`

// options are what can be said about a single publication.
type options struct {
	Title      string `json:"title"`
	Slug       string `json:"slug"`
	Excerpt    string `json:"excerpt"`
	Tags       string `json:"tags"`
	Categories string `json:"categories"`
	Picture    string `json:"picture"`
	Status     string `json:"status"`
	Date       string `json:"date"`
}

func optionsOf(in publishers.Intent) (o options, err error) {
	if len(in.Content.Options) == 0 {
		return o, nil
	}
	if err := json.Unmarshal(in.Content.Options, &o); err != nil {
		return o, publishers.Permanent("options", reasons.OptionsUnreadable())
	}
	return o, nil
}

const (
	scheduled = "scheduled"
	inline    = "inline"
)

func (o options) status() string { return cmp.Or(o.Status, "publish") }

// date returns the date as WordPress reads it, with seconds.
func (o options) date() string {
	if len(o.Date) == len("2006-01-02T15:04") {
		return o.Date + ":00"
	}
	return o.Date
}

// unpublished reports whether a status leaves it to the site's editors to publish the post.
func unpublished(status string) bool { return status == "draft" || status == "pending" }

func (o options) check(rights dam.Rights) error {
	if (o.Status == scheduled) != (o.Date != "") {
		return publishers.Permanent("options.date", reasons.PostDateAndStatus())
	}
	if until := string(rights.Until); until != "" && len(o.Date) >= len(until) && o.Date[:len(until)] > until {
		return publishers.Permanent("options.date", reasons.PostDateAfterRights(until))
	}
	return nil
}

// names reads names with commas between them, each once.
func names(list string) (out []string) {
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" && !seen[strings.ToLower(name)] {
			seen[strings.ToLower(name)] = true
			out = append(out, name)
		}
	}
	return out
}

// title returns the post's title as plain text: what the publication or the asset says, the first line of the text, or
// the asset's id.
func title(in publishers.Intent, o options) string {
	line, _, _ := strings.Cut(strings.TrimSpace(in.Content.Text), "\n")
	return cmp.Or(strings.TrimSpace(o.Title), strings.TrimSpace(in.Content.Title.Get(in.Language, in.Locale)),
		shortened(line, 80), in.Content.Asset)
}

// shortened cuts a text at a word's end to at most limit runes.
func shortened(s string, limit int) string {
	r := []rune(strings.TrimSpace(s))
	if len(r) <= limit {
		return string(r)
	}
	cut := string(r[:limit])
	if at := strings.LastIndexFunc(cut, unicode.IsSpace); at > 0 {
		cut = cut[:at]
	}
	return strings.TrimSpace(cut)
}

// body returns the request that makes the draft, or the post of an older revision, show this revision. there is what
// the site has; what an update doesn't name stays as the site's editors have made it.
func body(in publishers.Intent, c config, o options, at progress, there *post) map[string]any {
	first := there == nil || there.mark().revision == 0
	x := map[string]any{"title": literal(title(in, o)), "content": text(in, o, at), "featured_media": at.Media}
	if o.Picture == inline {
		x["featured_media"] = 0
	}
	if o.Excerpt != "" {
		x["excerpt"] = literal(o.Excerpt)
	}
	if len(at.Tags) > 0 {
		x["tags"] = at.Tags
	}
	if len(at.Categories) > 0 {
		x["categories"] = at.Categories
	} else if c.Category > 0 && first {
		x["categories"] = []int{c.Category}
	}
	// Links to a post that is out keep working: its slug stays unless another one is asked for. WordPress makes the
	// slug from the text in its own way, and makes it unique.
	if o.Slug != "" || first {
		x["slug"] = cmp.Or(o.Slug, shortened(title(in, o), 60))
	}
	switch {
	case first && o.Status == scheduled:
		x["status"], x["date"] = "future", o.date()
	case first:
		x["status"] = o.status()
	case o.Status == scheduled && there.Status == "future":
		x["date"] = o.date()
	case o.Status == scheduled || unpublished(o.Status): // what became of it since is the site's decision
	default:
		x["status"] = o.status()
	}
	return x
}

// markup has what WordPress would read as more than text besides HTML: shortcodes, and addresses of their own line or
// paragraph, which it replaces by an embed (do_shortcode and WP_Embed::autoembed in WordPress 6.1, read in November
// 2026). Entities are left alone by both, and by what the site's users without the right unfiltered_html send.
var markup = strings.NewReplacer("[", "&#91;", "]", "&#93;", "://", "&#58;//")

// literal returns text as HTML that the site shows as it is. Block comments and tags are text, too.
func literal(s string) string { return markup.Replace(html.EscapeString(s)) }

// attribute is literal for an attribute, where an address stays one.
func attribute(s string) string {
	return strings.NewReplacer("[", "&#91;", "]", "&#93;").Replace(html.EscapeString(s))
}

// text returns the post's body: the picture if it is part of it, paragraphs, the link, and the mark.
func text(in publishers.Intent, o options, at progress) string {
	var b strings.Builder
	if o.Picture == inline {
		fmt.Fprintf(&b, "<figure class=\"wp-block-image size-full\"><img class=\"wp-image-%d\" src=\"%s\" alt=\"%s\">",
			at.Media, attribute(at.Source), attribute(in.Content.Alt.Get(in.Language, in.Locale)))
		if in.Content.Copyright != "" {
			fmt.Fprintf(&b, "<figcaption>%s</figcaption>", literal(in.Content.Copyright))
		}
		b.WriteString("</figure>\n")
	}
	for _, part := range strings.Split(cmp.Or(in.Content.Text, in.Content.Description.Get(in.Language, in.Locale)),
		"\n\n") {
		if part = strings.TrimSpace(part); part != "" {
			fmt.Fprintf(&b, "<p>%s</p>\n", strings.ReplaceAll(literal(part), "\n", "<br>"))
		}
	}
	if in.Content.Link != "" {
		fmt.Fprintf(&b, "<p><a href=\"%s\">%s</a></p>\n", attribute(in.Content.Link), literal(in.Content.Link))
	}
	return b.String() + fmt.Sprintf("<!-- vitrine %s %d %s %s -->", in.Content.Asset, in.Revision, in.Digest, in.ID)
}

// prepared is the mark of a draft and of an uploaded picture.
func prepared(in publishers.Intent) string {
	return fmt.Sprintf("<!-- vitrine %s prepared %s -->", in.Content.Asset, in.ID)
}

// mark says what a post shows.
type mark struct {
	revision    int64 // 0 for a draft
	digest      string
	publication string // "" in posts of older releases, whose slug is the handle
}

var marked = regexp.MustCompile(`<!-- vitrine \S+ (?:prepared|(\d+) (\S+?))(?: (p_\S+))? -->`)

func (x *post) mark() (m mark) {
	f := marked.FindStringSubmatch(x.Content.Raw)
	if f == nil {
		return m
	}
	m.revision, _ = strconv.ParseInt(f[1], 10, 64) // digits, or nothing
	m.digest, m.publication = f[2], f[3]
	return m
}

// fileName returns the name of an uploaded picture, from the first of some words that make one: the letters and digits
// of any script, Latin ones without accents, joined by hyphens.
func fileName(m publishers.Media, words ...string) string {
	for _, w := range words {
		if stem := fileStem(w); stem != "" {
			return stem + "." + m.Format.Ext()
		}
	}
	return m.Preset + "-" + m.SHA256[:16] + "." + m.Format.Ext()
}

// stemLimit is in bytes: file systems take 255, and WordPress adds the sizes of its copies.
const stemLimit = 80

var ligatures = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th",
	"ı", "i")

func fileStem(words string) string {
	var b strings.Builder
	hyphen := false
	for _, r := range norm.NFKC.String(latin(ligatures.Replace(strings.ToLower(words)))) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			hyphen = b.Len() > 0
			continue
		}
		if b.Len()+len(string(r))+1 > stemLimit {
			break
		}
		if hyphen {
			b.WriteByte('-')
			hyphen = false
		}
		b.WriteRune(r)
	}
	return b.String()
}

// latin takes the accents off Latin letters. Other scripts keep their marks, which are part of the letter there.
func latin(s string) string {
	var b strings.Builder
	plain := false
	for _, r := range norm.NFKD.String(s) {
		if unicode.Is(unicode.Mn, r) && plain {
			continue
		}
		plain = unicode.Is(unicode.Latin, r)
		b.WriteRune(r)
	}
	return b.String()
}
