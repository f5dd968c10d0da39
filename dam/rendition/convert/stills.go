package convert

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"vitrine/dam"
	"vitrine/dam/reasons"
	"vitrine/dam/rendition"
	"vitrine/dam/rendition/sandbox"
)

func probePDF(ctx context.Context, d *sandbox.Desk, info *rendition.Info) error {
	out, err := d.Run(ctx, sandbox.Command{Program: "pdfinfo", Args: []string{"-box", d.Original()},
		Limits: sandbox.Limits{Output: 1 << 20}})
	if err != nil {
		return locked(err)
	}
	var w, h float64
	var media, crop string
	for line := range strings.Lines(string(out)) {
		name, value, _ := strings.Cut(line, ":")
		fields := strings.Fields(value)
		switch {
		case name == "Pages" && len(fields) > 0:
			info.Pages, _ = strconv.Atoi(fields[0])
		case name == "Page size" && len(fields) > 2: // "595 x 842 pts (A4)"
			w, _ = strconv.ParseFloat(fields[0], 64)
			h, _ = strconv.ParseFloat(fields[2], 64)
		case name == "MediaBox":
			media = strings.Join(fields, " ")
		case name == "CropBox":
			crop = strings.Join(fields, " ")
		case name == "Page rot" && len(fields) > 0 && (fields[0] == "90" || fields[0] == "270"):
			w, h = h, w
		}
	}
	if info.Pages < 1 || w <= 0 || h <= 0 {
		return nothing(errors.New("pdfinfo names no page"))
	}
	if media != crop {
		info.Revision, info.Changed = 2, reasons.ShownWithoutCropBox()
	}
	scale := longSide / max(w, h)
	info.Width, info.Height = max(1, int(w*scale+.5)), max(1, int(h*scale+.5))
	return nil
}

// locked words the commonest reason why a PDF can't be read.
func locked(err error) error {
	var e *dam.Error
	if errors.As(err, &e) && e.Err != nil && strings.Contains(e.Err.Error(), "Incorrect password") {
		return &dam.Error{Code: dam.Unsupported, Reason: reasons.PdfLocked(), Err: e.Err}
	}
	return err
}

func pagePicture(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	return page(ctx, d, d.Original(), w)
}

// page draws one page. TIFF without compression costs no time; the file lives for a second.
func page(ctx context.Context, d *sandbox.Desk, file string, w want) (string, error) {
	n := strconv.Itoa(w.page)
	_, err := d.Run(ctx, sandbox.Command{Program: "pdftoppm", Limits: sandbox.Limits{Time: 40 * time.Second},
		Args: []string{"-cropbox", "-f", n, "-l", n, "-singlefile", "-scale-to", strconv.Itoa(w.side), "-tiff",
			"-tiffcompression",
			"none", file, d.Path("page")}})
	return "page.tif", locked(err)
}

// drawing rasterises an SVG. Scripts don't run, and what it refers to outside itself is not there.
func drawing(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
	side := strconv.Itoa(w.side)
	_, err := d.Run(ctx, sandbox.Command{Program: "rsvg-convert", Limits: sandbox.Limits{Time: 20 * time.Second},
		Args: []string{"--keep-aspect-ratio", "--width", side, "--height", side, "--format", "png", "--output",
			d.Path("drawing.png"), d.Original()}})
	return "drawing.png", err
}

// previews are where makers put the picture that their cameras show, the largest first.
var previews = [...]string{"JpgFromRaw", "PreviewImage", "OtherImage", "ThumbnailImage"}

// embeddedPreview takes the camera's own picture out of a raw file, upright.
func embeddedPreview(ctx context.Context, d *sandbox.Desk, _ want) (string, error) {
	const name = "preview.jpg"
	for _, tag := range previews {
		b, err := d.Run(ctx, exiftool(sandbox.Limits{Output: 128 << 20}, "-b", "-"+tag, d.Original()))
		if err != nil {
			return "", err
		}
		if !bytes.HasPrefix(b, []byte{0xff, 0xd8, 0xff}) {
			continue
		}
		if err := put(d, name, b); err != nil {
			return "", err
		}
		// Most previews lie as the sensor did and don't say so. One that can't be written into is shown as it is.
		_, _ = d.Run(ctx, exiftool(sandbox.Limits{}, "-q", "-overwrite_original", "-if", "not $Orientation",
			"-TagsFromFile", d.Original(), "-Orientation", d.Path(name)))
		return name, ctx.Err()
	}
	if d.Allows("dcraw_emu") == nil {
		return developed(ctx, d)
	}
	return "", &dam.Error{Code: dam.Unsupported, Reason: reasons.RawWithoutPreview()}
}

// office prints a document with LibreOffice and shows its first page.
func office() maker {
	return maker{programs: []string{"soffice", "pdftoppm"}, note: reasons.ShownAsPrinted(),
		// printing takes longer than an upload should
		probe: func(context.Context, *sandbox.Desk, *rendition.Info) error { return nil },
		picture: func(ctx context.Context, d *sandbox.Desk, w want) (string, error) {
			_, err := d.Run(ctx, sandbox.Command{Program: "soffice", Limits: sandbox.Limits{Time: time.Minute,
				Memory: 8 << 30},
				Args: []string{"--headless", "--norestore", "--nolockcheck", "-env:UserInstallation=file://" +
					d.Scratch("profile"), "--convert-to", "pdf", "--outdir", d.Path(""), d.Original()}})
			if err != nil {
				return "", err
			}
			return page(ctx, d, d.Path(strings.TrimSuffix(filepath.Base(d.Original()), filepath.Ext(d.Original()))+
				".pdf"), w)
		}}
}
