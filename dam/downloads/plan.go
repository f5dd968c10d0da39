package downloads

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/catalog"
	"vitrine/dam/reasons"
)

// Finder hands over what a filter finds (see savedsearch.Service.Each).
type Finder interface {
	Each(ctx context.Context, library string, s dam.Selection, begin func(total int, seq int64) error,
		block func(ids []string) error) error
}

// Pictures makes renditions (see rendition.Service).
type Pictures interface {
	// Demand asks for a rendition that is made on demand; false when there is none to be made.
	Demand(ctx context.Context, version, preset string) (bool, error)
	// Picture makes one picture of a version, which is stored nowhere. The preset has one format and no densities.
	Picture(ctx context.Context, a dam.Asset, v dam.Version, p dam.Preset) ([]byte, error)
	// Pixels is the size of that picture.
	Pixels(v dam.Version, p dam.Preset) (width, height int)
}

// Names in an archive that are Vitrine's own.
const (
	manifestName = "manifest.csv"
	licenceName  = "licence.txt"
)

// PartSize is how many files are listed, checked and recorded at once: every part of a list but the last has as many.
const PartSize = 500

// plan lists the files of a download.
type plan struct {
	*Service
	d        *dam.Download
	dry      bool // nothing is asked for
	kinds    []kind
	template template
	names    *names
	locale   string
	seq      int64 // what the log has when somebody asks counts
	n        int   // files named so far, for {n}
	put      func(part []dam.DownloadFile) error
	part     []dam.DownloadFile // not yet put
}

// kind is what is taken of an asset: the original, a preset's rendition, or a picture made for the download.
type kind struct {
	name   string
	preset dam.Preset // zero for the original
}

// newPlan refuses a request that no asset could answer.
func (s *Service) newPlan(ctx context.Context, d *dam.Download) (*plan, error) {
	r := d.Request
	p := &plan{Service: s, d: d, names: newNames(manifestName, licenceName)}
	presets, err := s.Catalog.Presets().List(ctx, d.Library)
	if err != nil {
		return nil, err
	}
	for _, name := range r.Kinds() {
		k := kind{name: name}
		switch {
		case name == dam.DownloadPicture && r.Picture != nil:
			k.preset = r.Picture.Preset()
			if err := k.preset.Validate(); err != nil {
				return nil, within("picture", err)
			}
			if k.preset.IsVideo() {
				return nil, dam.InvalidInput("picture.format", reasons.UnknownPresetFormat(k.preset.Formats[0].Format,
					"jpeg, webp, png, avif"))
			}
		case name != dam.DownloadOriginal:
			var ok bool
			if k.preset, ok = dam.Variant(presets, name); !ok {
				return nil, dam.InvalidInput("presets", reasons.NoPresetKnown(name))
			}
			k.preset.Formats = []dam.PresetFormat{readable(k.preset.Formats, r.Format)}
		}
		p.kinds = append(p.kinds, k)
	}
	if p.template, err = parseTemplate(r.Template, len(p.kinds)); err != nil {
		return nil, err
	}
	if p.seq, err = s.Catalog.Log().Head(ctx); err != nil {
		return nil, err
	}
	l, err := s.Catalog.Libraries().Library(ctx, d.Library)
	p.locale = l.Locale
	return p, err
}

// within names the member of the request in an error about a preset.
func within(member string, err error) error {
	if e, ok := err.(*dam.Error); ok { //nolint:errorlint // Validate returns it as it is
		named := *e
		if named.Field = member; e.Field != "" {
			named.Field += "." + strings.TrimPrefix(e.Field, "formats[0].")
		}
		return &named
	}
	return err
}

// readable picks the format that was asked for, if the preset has it, or the one that most programs read.
func readable(list []dam.PresetFormat, asked dam.Format) dam.PresetFormat {
	for _, f := range []dam.Format{asked, dam.JPEG, dam.PNG, dam.MP4, dam.WebP} {
		if i := slices.IndexFunc(list, func(x dam.PresetFormat) bool { return x.Format == f }); i >= 0 {
			return list[i]
		}
	}
	return list[0]
}

// run lists the files of everything that the filter finds, and hands them to put in parts.
func (p *plan) run(ctx context.Context, put func(part []dam.DownloadFile) error) error {
	p.put = put
	f := p.d.Request.Filter
	except := make(map[string]bool, len(p.d.Request.Except))
	for _, id := range p.d.Request.Except {
		except[id] = true
	}
	missing := map[string]bool{}
	for _, id := range f.Assets {
		missing[id] = !except[id]
	}
	// Twice the same id is one asset.
	slices.Sort(f.Assets)
	f.Assets = slices.Compact(f.Assets)
	begin := func(total int, _ int64) error { return p.fits(total - len(except)) }
	wanted := dam.Selection{Filter: f, Sort: "created", Seq: p.seq}
	err := p.Find.Each(ctx, p.d.Library, wanted, begin, func(ids []string) error {
		for chunk := range slices.Chunk(ids, PartSize) {
			if err := p.assets(ctx, slices.DeleteFunc(slices.Clone(chunk), func(id string) bool {
				return except[id]
			}), missing); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, id := range f.Assets {
		if missing[id] {
			if err := p.omit(dam.DownloadFile{Asset: id}, reasons.DownloadAssetUnknown()); err != nil {
				return err
			}
		}
	}
	if len(p.part) == 0 {
		return nil
	}
	return p.put(p.part)
}

// fits refuses more files than one download may hold.
func (p *plan) fits(assets int) error {
	if n := assets * len(p.kinds); n > p.MaxFiles {
		return &dam.Error{Code: dam.TooLarge, Field: "filter", Reason: reasons.DownloadTooManyFiles(n, p.MaxFiles)}
	}
	return nil
}

// assets lists the files of some assets.
func (p *plan) assets(ctx context.Context, ids []string, missing map[string]bool) error {
	list, err := p.Catalog.Assets().List(ctx, ids)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(catalog.Visible(ctx, list), func(a dam.Asset) bool { return a.Library != p.d.Library })
	versions := make([]dam.Version, len(list))
	var wanted []string
	for i := range list {
		missing[list[i].ID] = false
		if versions[i], err = p.version(ctx, &list[i]); err != nil {
			return err
		}
		if versions[i].ID != "" {
			wanted = append(wanted, versions[i].ID)
		}
	}
	made := map[string][]dam.Rendition{}
	if len(wanted) > 0 && slices.ContainsFunc(p.kinds, func(k kind) bool { return k.name != dam.DownloadOriginal }) {
		if made, err = p.Catalog.Renditions().RenditionsOf(ctx, wanted); err != nil {
			return err
		}
	}
	slots := map[string]catalog.SlotRow{}
	if p.template.uses("sku") || p.template.uses("slot") {
		rows, err := p.Catalog.Products().SlotsOf(ctx, ids)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if _, ok := slots[r.Asset]; !ok {
				slots[r.Asset] = r
			}
		}
	}
	for i := range list {
		a, v := &list[i], &versions[i]
		p.d.Total++
		for _, k := range p.kinds {
			if err := p.file(ctx, a, v, k, made[v.ID], slots[a.ID]); err != nil {
				return err
			}
		}
	}
	return nil
}

// version is the version of an asset that is taken; the zero one if there is none.
func (p *plan) version(ctx context.Context, a *dam.Asset) (dam.Version, error) {
	switch {
	case !p.d.Request.Approved && dam.ActorOf(ctx).SeesUnapproved(a) || a.Live == a.Latest.ID:
		return a.Latest, nil
	case a.Live == "":
		return dam.Version{}, nil
	}
	return p.Catalog.Versions().Version(ctx, a.Live)
}

// file lists one file of an asset, or says why it is left out.
func (p *plan) file(ctx context.Context, a *dam.Asset, v *dam.Version, k kind, made []dam.Rendition,
	slot catalog.SlotRow) error {
	rights := a.Effective()
	f := dam.DownloadFile{Asset: a.ID, Version: v.ID, SHA256: v.SHA256, Preset: k.name, At: v.CreatedAt.Unix(),
		Title: a.Title.Get(p.locale, p.locale), Creator: a.Creator, Copyright: a.Copyright, From: rights.From,
		Until: rights.Until, Territories: rights.Territories}
	width, height, ext := v.Width, v.Height, extension(v.FileName)
	if d := dam.ActorOf(ctx).Decide(needs(k.name), a.Library, a, time.Now()); !d.Allowed {
		return p.omit(f, d.Reason)
	}
	switch {
	case a.DeletedAt != nil && !p.d.Request.Filter.Bin:
		return p.omit(f, reasons.DownloadInBin())
	case v.ID == "":
		return p.omit(f, reasons.DownloadNotApproved())
	case k.name == dam.DownloadOriginal:
		f.Key, f.Size = dam.OriginalKey(v.SHA256), v.Size
	default:
		f.Format = k.preset.Formats[0].Format
		ext = "." + f.Format.Ext()
		if r, ok := rendition(made, k.name, f.Format); ok {
			f.Key, f.Size = dam.RenditionKey(v.SHA256, r.Hash, r.Format), r.Size
			width, height = r.Width, r.Height
			break
		}
		if why, err := p.makeable(ctx, v, k); err != nil || !why.IsZero() {
			if err != nil {
				return err
			}
			return p.omit(f, why)
		}
		width, height = p.Pictures.Pixels(*v, k.preset)
		f.Size = guess(f.Format, width, height)
	}
	p.n++
	sku, at := slot.SKU, ""
	if slot.Asset != "" {
		at = slot.Slot.Slot + strconv.Itoa(slot.N)
	} else if len(a.SKUs) > 0 {
		sku = a.SKUs[0]
	}
	day := v.CreatedAt.UTC().Format(time.DateOnly)
	if a.Captured != nil && len(a.Captured.Wall) >= len(day) {
		day = a.Captured.Wall[:len(day)]
	}
	f.Name = p.names.unique(p.template.name(map[string]string{
		"filename": strings.TrimSuffix(v.FileName, path.Ext(v.FileName)), "title": f.Title, "sku": sku, "slot": at,
		"n": strconv.Itoa(p.n), "preset": k.name, "format": string(f.Format), "width": strconv.Itoa(width),
		"height": strconv.Itoa(height), "date": day, "year": day[:4], "id": a.ID, "version": strconv.Itoa(v.N)}, ext))
	if p.d.Files++; p.d.Files > p.MaxFiles {
		return &dam.Error{Code: dam.TooLarge, Field: "filter", Reason: reasons.DownloadTooManyFiles(p.d.Files,
			p.MaxFiles)}
	}
	if f.Key != "" {
		p.d.Bytes += f.Size
	} else {
		p.d.ToMake++
		p.d.Estimated += f.Size
	}
	return p.add(f)
}

// makeable says why a rendition that is not there can't be made now; the zero Reason if it can.
func (p *plan) makeable(ctx context.Context, v *dam.Version, k kind) (reasons.Reason, error) {
	switch {
	case v.Renditions == dam.RenditionsNone, v.Renditions == dam.RenditionsFailed, !k.preset.Suits(v),
		v.Refused(k.name):
		return reasons.DownloadWithoutRendition(k.name), nil
	case !k.preset.IsVideo():
		return reasons.Reason{}, nil
	}
	// A video takes minutes: it is asked for, and there the next time.
	asked := true
	if !p.dry {
		var err error
		if asked, err = p.Pictures.Demand(ctx, v.ID, k.name); err != nil {
			return reasons.Reason{}, err
		}
	}
	if !asked {
		return reasons.DownloadWithoutRendition(k.name), nil
	}
	return reasons.DownloadVideoInMaking(k.name), nil
}

func rendition(list []dam.Rendition, preset string, format dam.Format) (dam.Rendition, bool) {
	i := slices.IndexFunc(list, func(r dam.Rendition) bool { return r.Preset == preset && r.Format == format })
	if i < 0 {
		return dam.Rendition{}, false
	}
	return list[i], true
}

// guess is about how many bytes a picture has that is not made yet.
func guess(f dam.Format, width, height int) int64 {
	bits := map[dam.Format]int64{dam.JPEG: 16, dam.WebP: 11, dam.AVIF: 8, dam.PNG: 100}[f] // for ten pixels
	return max(1000, int64(width)*int64(height)*bits/80)
}

// extension is that of a file's name, if it is one.
func extension(name string) string {
	ext := path.Ext(name)
	if len(ext) < 2 || len(ext) > 11 || strings.Trim(strings.ToLower(ext[1:]),
		"abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return ""
	}
	return ext
}

// omit lists a file that is left out.
func (p *plan) omit(f dam.DownloadFile, why reasons.Reason) error {
	p.d.Omit(f.Asset, why)
	f.Sent, f.Why = dam.FileLeftOut, &why
	return p.add(f)
}

func (p *plan) add(f dam.DownloadFile) error {
	if p.part = append(p.part, f); len(p.part) < PartSize {
		return nil
	}
	err := p.put(p.part)
	p.part = nil
	return err
}
