package dam

import (
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// Kind is the family of an asset, by its content.
type Kind string

const (
	KindImage    Kind = "image"
	KindVideo    Kind = "video"
	KindAudio    Kind = "audio"
	KindDocument Kind = "document"
	KindOther    Kind = "other"
)

// Point is a focal point: fractions (0..1) of the upright picture's width and height.
type Point struct {
	X float64 `json:"x" minimum:"0" maximum:"1"`
	Y float64 `json:"y" minimum:"0" maximum:"1"`
}

func (p Point) valid() bool { return within(p.X, 0, 1) && within(p.Y, 0, 1) }

// Geo is a place: WGS 84 degrees.
type Geo struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90"`
	Lon float64 `json:"lon" minimum:"-180" maximum:"180"`
}

// Asset is a picture, video or document: its descriptive metadata, its rights and its versions, which hold the bytes.
type Asset struct {
	ID      string `json:"id"`
	Library string `json:"library"`
	// Number is the dense number of the asset inside the installation: the
	// document id of the text index and the row of the columns.
	Number uint32 `json:"number"`
	// Revision counts edits; its quoted decimal is the asset's ETag.
	Revision int64 `json:"revision"`

	Kind        Kind     `json:"kind"`
	Title       Text     `json:"title"`
	Description Text     `json:"description,omitempty"`
	Alt         Text     `json:"alt,omitempty"`
	Caption     Text     `json:"caption,omitempty"`
	Tags        []string `json:"tags"`
	Creator     string   `json:"creator,omitempty"`
	Copyright   string   `json:"copyright,omitempty"`
	Rating      int      `json:"rating,omitempty" minimum:"0" maximum:"5"`
	Captured    *Capture `json:"captured,omitempty"`
	Place       *Geo     `json:"place,omitempty"`
	Focal       *Point   `json:"focal,omitempty"`
	// Focals are focal points for single presets, by the preset's name.
	Focals map[string]Point `json:"focals,omitempty"`
	// Zones are the protected zones. A rendition whose crop would cut one is not published.
	Zones  []ProtectedZone `json:"zones,omitempty"`
	Rights Rights          `json:"rights"`
	// Limits is what the asset's licences and consents allow together, nil without any.
	Limits      *Limits  `json:"limits,omitempty" doc:"What the licences and consents of the asset allow together, beside its own rights; absent without any"`
	SKUs        []string `json:"skus"`
	Collections []string `json:"collections" doc:"Ids of the collections the asset is in"`
	// Custom holds the library's own fields (CustomField): key → string, number, boolean or list of strings.
	Custom map[string]any `json:"custom,omitempty" doc:"Values of the library's own fields, see /api/fields"`
	// Channels lists the channels that the asset is published on now.
	Channels []string `json:"channels,omitempty" doc:"Ids of the channels the asset is published on"`
	// Products is set for the search index only.
	Products *AssetProducts `json:"-"`

	// Stale is true for an asset that is made from another one of which there is a newer version (see Relation). Those
	// who see what is approved only are not told.
	Stale bool `json:"stale,omitempty" doc:"Whether what it is made from has a newer version than the one that it was made from"`

	// Latest is the newest version: its state is the asset's status.
	Latest Version `json:"latest"`
	// Live is the id of the version the public sees, "" when there is none.
	Live string `json:"live,omitempty"`
	// LiveSince is when that version was last approved.
	LiveSince *time.Time `json:"live_since,omitempty" doc:"When the version that live names was approved"`
	// Recall is the last recall, nil if there was none or the asset has been reinstated.
	Recall *Recall `json:"recall,omitempty" doc:"The last recall from everywhere; it holds until a later approval or until the asset is reinstated"`
	// Public is what the public may see of the asset. It is set in responses to readers only.
	Public *PublicState `json:"public,omitempty" doc:"What the public may see of it at the time of the answer"`
	// Published is true once any version has been approved. Once such an asset is not public any more, its URLs answer
	// 410 and not 404.
	Published bool `json:"published"`

	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	UpdatedAt time.Time  `json:"updated_at"`
	DeletedAt *time.Time `json:"deleted_at,omitempty" doc:"Set while the asset is in the bin"`
}

// TextField is a built-in asset field that holds one line of text. Its entry defines its database column, merge patch,
// search operator, export column and portal form field; only the members of Asset and of assets.Fields are written by
// hand.
type TextField struct {
	Name string // the name in JSON, of the database column and in exports
	Of   func(*Asset) *string
	// Example and Doc describe the field as a search operator (which matches any consecutive words of the value) and as
	// a facet; if both are "" it is neither.
	Example, Doc, DocFrench string
	// Suggest turns on suggestions of its values while a person types.
	Suggest bool
	// English and French are its labels.
	English, French string
}

var textFields = []TextField{
	{Name: "creator", Of: func(a *Asset) *string {
		return &a.Creator
	}, Example: "creator:martin", Doc: "Who made it, as credited",
		DocFrench: "L’auteur, tel que crédité", Suggest: true, English: "Creator", French: "Auteur"},
	{Name: "copyright", Of: func(a *Asset) *string { return &a.Copyright }, English: "Copyright", French: "Copyright"},
}

// TextFields lists the built-in fields of one line of text, in the order in which people see them.
func TextFields() []TextField { return textFields }

// PublicFacts returns the facts that decide whether the public may see the asset. The days of the rights are read in
// the library's zone.
func (a *Asset) PublicFacts(zone *time.Location) PublicFacts {
	f := PublicFacts{Binned: a.DeletedAt != nil, Published: a.Published, Live: a.Live != "", ApprovedAt: a.LiveSince}
	if a.Recall != nil {
		f.RecalledAt = &a.Recall.At
	}
	return f.Limited(a.Rights, a.Limits, zone)
}

// Version is one file of an asset, named by its SHA-256. Review state belongs to it.
type Version struct {
	ID        string `json:"id"`
	Asset     string `json:"asset"`
	N         int    `json:"n" doc:"1 for the first version"`
	SHA256    string `json:"sha256"`
	Size      int64  `json:"size" doc:"Bytes"`
	FileName  string `json:"file_name"`
	MediaType string `json:"media_type" doc:"By content, never by name"`
	Width     int    `json:"width,omitempty" doc:"Pixels, upright"`
	Height    int    `json:"height,omitempty" doc:"Pixels, upright"`
	Frames    int    `json:"frames,omitempty"`
	// Pages is set for documents; Duration, Codec and FrameRate for video and sound.
	Pages     int     `json:"pages,omitempty" doc:"Of a document"`
	Duration  float64 `json:"duration,omitempty" doc:"Seconds, of video and sound"`
	Codec     string  `json:"codec,omitempty" doc:"Of a video's picture or of sound: h264, vp9, aac"`
	FrameRate float64 `json:"frame_rate,omitempty" doc:"Frames a second of a video, on average"`

	// Recipe is the revision of the rendition pipeline that the version's pictures are made and named by: the first
	// that renders files of its kind as they should be. 0 is 1.
	Recipe int `json:"-"`

	Status State `json:"status"`
	// Comment is the reviewer's comment on a rejection.
	Comment    string     `json:"comment,omitempty"`
	DecidedBy  string     `json:"decided_by,omitempty"`
	DecidedAt  *time.Time `json:"decided_at,omitempty"`
	ApprovedAt *time.Time `json:"approved_at,omitempty" doc:"Last approval; kept when the version is archived"`

	// CropExempt marks a version that was approved before public URLs withheld crops that cut a protected zone. Its
	// crops stay public for as long as that approval stands.
	CropExempt bool `json:"crop_exempt,omitempty" doc:"Public URLs show its crops that cut a protected zone, too: it was approved before that counted; a rejection or a later approval ends it"`

	// Renditions is pending until a rendition of every preset is made, then ready. If it is failed, RenditionReasons
	// says why; it is none for media types without renditions.
	Renditions       RenditionState   `json:"renditions"`
	RenditionNote    string           `json:"rendition_note,omitempty"`
	RenditionReasons []reasons.Reason `json:"rendition_reasons,omitempty" doc:"What rendition_note says, as codes"`
	// MetadataReasons says what of the file's metadata could not be read.
	MetadataNote    string           `json:"metadata_note,omitempty" doc:"Why the file's own metadata is incomplete here"`
	MetadataRemedy  string           `json:"metadata_remedy,omitempty" doc:"What to do about it"`
	MetadataReasons []reasons.Reason `json:"metadata_reasons,omitempty" doc:"What metadata_note says, as codes"`
	// Sidecar is the XMP file that came with this one, nil for none.
	Sidecar *Sidecar `json:"sidecar,omitempty" doc:"The XMP file that came with this one"`
	// Analysis is nil until the picture has been analyzed, and for files without a picture.
	Analysis *Analysis `json:"analysis,omitempty"`

	CreatedAt time.Time `json:"created_at"`
	CreatedBy string    `json:"created_by"`
}

// HasVideo reports whether the file is a video that has a picture stream.
func (v *Version) HasVideo() bool {
	return strings.HasPrefix(v.MediaType, "video/") && v.Codec != "" && v.Width > 0 && v.Renditions != RenditionsNone
}

// Animated reports whether the file is an animation whose frames renditions can keep.
func (v *Version) Animated() bool {
	return v.Frames > 1 && Animates(v.MediaType) && v.Renditions != RenditionsNone
}

// Animates reports whether files of the media type may be animations whose frames renditions can keep.
func Animates(mediaType string) bool { return mediaType == "image/gif" || mediaType == "image/webp" }

// RenditionState says how far the renditions of a version are.
type RenditionState string

const (
	RenditionsPending RenditionState = "pending"
	RenditionsReady   RenditionState = "ready"
	RenditionsFailed  RenditionState = "failed"
	RenditionsNone    RenditionState = "none"
)

// OriginalKey is the object key of an original.
func OriginalKey(sha256 string) string {
	return "originals/" + sha256[:2] + "/" + sha256[2:4] + "/" + sha256
}

// Quarantined is a file that was rejected at upload, kept for 30 days with the reason.
type Quarantined struct {
	ID        string           `json:"id"`
	Library   string           `json:"library"`
	FileName  string           `json:"file_name"`
	Size      int64            `json:"size" doc:"Bytes"`
	MediaType string           `json:"media_type"`
	SHA256    string           `json:"sha256"`
	Reason    string           `json:"reason"`
	Reasons   []reasons.Reason `json:"reasons,omitempty" doc:"What reason says, as codes"`
	At        time.Time        `json:"at"`
	By        string           `json:"by"`
}
