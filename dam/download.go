package dam

import (
	"slices"
	"strings"
	"time"

	"vitrine/dam/reasons"
)

// DownloadOriginal stands for the original where a download names presets, and DownloadPicture for a picture of the
// download's own size.
const (
	DownloadOriginal = "original"
	DownloadPicture  = "picture"
)

// DownloadRequest says what a download is to hold.
type DownloadRequest struct {
	Filter BulkFilter `json:"filter" doc:"The assets: a search, a collection, or ids"`
	Except []string   `json:"except,omitempty" maxItems:"10000" eachLength:"64" doc:"Ids of assets to leave out although the filter finds them"`
	// Presets names presets, or their variants; DownloadOriginal is the original.
	Presets []string        `json:"presets,omitempty" maxItems:"20" eachLength:"60" doc:"What is taken of each asset: original, or the names of presets; original when left out and no picture is asked for"`
	Picture *PictureRequest `json:"picture,omitempty" doc:"Take a picture of this size as well, made for this download; needs download_originals, because it bypasses what presets say"`
	Format  Format          `json:"format,omitempty" maxLength:"10" doc:"Which format of the presets; the most widely read one when left out"`
	// Approved takes the approved version of each asset instead of the newest one.
	Approved bool   `json:"approved,omitempty" doc:"Take approved versions only, not newer ones"`
	Template string `json:"template,omitempty" maxLength:"300" doc:"Names of the files, such as {sku}_{slot}_{filename}; / makes folders"`
	Name     string `json:"name,omitempty" maxLength:"100" doc:"Name of the archive"`
	Accept   int64  `json:"accept,omitempty" minimum:"0" doc:"Revision of the library's terms that you accept, see /api/downloads/terms"`
	Reason   string `json:"reason,omitempty" maxLength:"500" doc:"What it is for; some libraries ask for it"`
}

// PictureRequest is a picture of a download's own size.
type PictureRequest struct {
	Width      int    `json:"width,omitempty" minimum:"0" maximum:"16384" doc:"Pixels; 0 is unbounded"`
	Height     int    `json:"height,omitempty" minimum:"0" maximum:"16384" doc:"Pixels; 0 is unbounded"`
	Fit        Fit    `json:"fit,omitempty" enum:"contain,cover" doc:"contain by default"`
	Format     Format `json:"format,omitempty" maxLength:"10" doc:"jpeg by default"`
	Quality    int    `json:"quality,omitempty" minimum:"0" maximum:"100" doc:"1–100; 0 is what suits the format"`
	Background string `json:"background,omitempty" maxLength:"7" doc:"#rrggbb behind transparent pixels where the format has no alpha"`
}

// Preset returns the preset that makes the picture.
func (p PictureRequest) Preset() Preset {
	if p.Fit == "" {
		p.Fit = FitContain
	}
	if p.Format == "" {
		p.Format = JPEG
	}
	if info, ok := p.Format.Info(); ok && p.Quality == 0 {
		p.Quality = info.Quality
	}
	return Preset{Name: DownloadPicture, Width: p.Width, Height: p.Height, Fit: p.Fit, Background: p.Background,
		Formats: []PresetFormat{{Format: p.Format, Quality: p.Quality}}}
}

// Kinds returns what is taken of each asset: DownloadOriginal, names of presets, DownloadPicture.
func (r DownloadRequest) Kinds() []string {
	kinds := slices.Clone(r.Presets)
	if r.Picture != nil {
		kinds = append(kinds, DownloadPicture)
	}
	if len(kinds) == 0 {
		return []string{DownloadOriginal}
	}
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// DownloadState says how far a download is.
type DownloadState string

const (
	DownloadPlanning  DownloadState = "planning" // its files are being listed
	DownloadReady     DownloadState = "ready"    // its link answers
	DownloadCancelled DownloadState = "cancelled"
	DownloadFailed    DownloadState = "failed"  // could not be planned: see Note
	DownloadExpired   DownloadState = "expired" // its link is over
)

// DownloadOmission is a reason for which files of a download are left out.
type DownloadOmission struct {
	Reason  reasons.Reason `json:"reason"`
	Message string         `json:"message"`
	Count   int            `json:"count"`
	Assets  []string       `json:"assets" nullable:"false" doc:"The first of them, by id"`
}

// Download is an archive that somebody takes out of a library. It is made while it is sent, and stored nowhere.
type Download struct {
	ID      string          `json:"id,omitempty" doc:"Absent in a dry run"`
	Library string          `json:"library"`
	State   DownloadState   `json:"state" enum:"planning,ready,cancelled,failed,expired"`
	Request DownloadRequest `json:"request"`

	Total     int                `json:"total" doc:"Assets"`
	Files     int                `json:"files" doc:"Files of the archive, without its manifest; so far, while it is being planned"`
	Bytes     int64              `json:"bytes" doc:"Bytes of the files that are stored already"`
	ToMake    int                `json:"to_make" doc:"Pictures that are made while the archive is sent"`
	Estimated int64              `json:"estimated_bytes" doc:"About how many bytes those will have"`
	LeftOut   []DownloadOmission `json:"left_out" nullable:"false" doc:"What is not in it, and why"`

	Note        string           `json:"note,omitempty" doc:"Why it failed"`
	NoteReasons []reasons.Reason `json:"note_reasons,omitempty" doc:"What note says, as codes"`
	Terms       int64            `json:"terms,omitempty" doc:"Revision of the terms that were accepted"`

	SentFiles int        `json:"sent_files" doc:"How far it was sent, the last time"`
	SentBytes int64      `json:"sent_bytes" doc:"How far it was sent, the last time"`
	Fetched   int        `json:"fetched" doc:"How often it was sent whole"`
	FetchedAt *time.Time `json:"fetched_at,omitempty"`
	// Round is a part of the archive's ETag: another one after a file could not be read.
	Round int64 `json:"-"`

	Link      string     `json:"link,omitempty" doc:"Where the archive is, until it expires; whoever has the address can fetch it"`
	CreatedAt time.Time  `json:"created_at"`
	CreatedBy string     `json:"created_by"`
	EndedAt   *time.Time `json:"ended_at,omitempty"`
	ExpiresAt time.Time  `json:"expires_at"`
}

// FileName is the name of the archive.
func (d *Download) FileName() string {
	name := strings.TrimSuffix(FileName(d.Request.Name), ".zip")
	if d.Request.Name == "" {
		name = "vitrine-" + d.Library + "-" + d.CreatedAt.Format(time.DateOnly)
	}
	return name + ".zip"
}

// Omit counts a file that is left out.
func (d *Download) Omit(asset string, why reasons.Reason) {
	const examples = 5
	i := slices.IndexFunc(d.LeftOut, func(o DownloadOmission) bool {
		return reasons.Equal([]reasons.Reason{o.Reason}, []reasons.Reason{why})
	})
	if i < 0 {
		i = len(d.LeftOut)
		d.LeftOut = append(d.LeftOut, DownloadOmission{Reason: why, Message: why.Text(), Assets: []string{}})
	}
	o := &d.LeftOut[i]
	if o.Count++; len(o.Assets) < examples && asset != "" {
		o.Assets = append(o.Assets, asset)
	}
}

// DownloadFile is one file of a download, or one that was left out.
type DownloadFile struct {
	Name    string `json:"name,omitempty"` // in the archive; "" if it is left out from the beginning
	Asset   string `json:"asset"`
	Version string `json:"version,omitempty"`
	SHA256  string `json:"sha256,omitempty"` // of the version's original
	Preset  string `json:"preset"`
	Format  Format `json:"format,omitempty"`
	Key     string `json:"key,omitempty"` // of the stored object; "" if it is made when it is sent
	Size    int64  `json:"size"`          // bytes; an estimate if it is made when it is sent, until it was
	At      int64  `json:"at,omitempty"`  // Unix seconds

	// What the manifest says of the asset.
	Title       string   `json:"title,omitempty"`
	Creator     string   `json:"creator,omitempty"`
	Copyright   string   `json:"copyright,omitempty"`
	From        Moment   `json:"from,omitempty"`
	Until       Moment   `json:"until,omitempty"`
	Territories []string `json:"territories,omitempty"`

	// What became of it when it was last sent.
	Sent DownloadOutcome `json:"sent,omitempty"`
	CRC  uint32          `json:"crc,omitempty"`
	// Planned is the size of a file of which Size bytes were sent, because the rest could not be read.
	Planned int64           `json:"planned,omitempty"`
	Why     *reasons.Reason `json:"why,omitempty"`
}

// DownloadOutcome is what became of a file when its archive was sent.
type DownloadOutcome string

const (
	FileSent    DownloadOutcome = "sent"
	FileCut     DownloadOutcome = "incomplete" // it could not be read to its end
	FileLeftOut DownloadOutcome = "left out"
)

// DownloadTerms are what a library wants agreed to before anything is downloaded.
type DownloadTerms struct {
	Text           string     `json:"text" maxLength:"20000" doc:"The licence text to accept; empty for none"`
	ReasonRequired bool       `json:"reason_required" doc:"A reason has to be given for each download"`
	Revision       int64      `json:"revision" doc:"Counts changes; its quoted decimal is the ETag. 0: there have never been any"`
	Accepted       *time.Time `json:"accepted,omitempty" doc:"When you accepted this text"`
}
